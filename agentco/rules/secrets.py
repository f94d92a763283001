"""Which values of the environment are secret: no text that is kept or sent holds them."""

from collections.abc import Mapping

from agentco.company.providers import API_KEY_VARIABLES
from agentco.company.settings import Settings

COMMON_SECRET_VARIABLES = (
    *API_KEY_VARIABLES,
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_BEARER_TOKEN_BEDROCK",
)
"""Variables whose values are secret even if no settings name them."""


def secret_values(
    settings: Settings, environment: Mapping[str, str]
) -> tuple[str, ...]:
    """The values of all variables that the settings name, and of the usual keys."""
    variables = [provider.api_key_env for provider in settings.providers.values()]
    variables.extend(COMMON_SECRET_VARIABLES)
    if settings.signals.sentry:
        variables.append(settings.signals.sentry.token_env)
    receivers = (name for name in settings.notify if name.startswith("env:"))
    variables.extend(name.removeprefix("env:") for name in receivers)
    values = (environment.get(variable) for variable in variables if variable)
    return tuple(value for value in values if value)
