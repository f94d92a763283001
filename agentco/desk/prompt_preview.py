"""What a model would be told, part by part, with its tokens. Nobody is asked."""

from msgspec import Struct
from msgspec.structs import replace

from agentco.engine.office import Office
from agentco.engine.start import (
    PreparedPrompt,
    RunRequest,
    choose_model,
    prepare_prompt,
    prompt_for,
)
from agentco.file_formats.redaction import redact_secrets
from agentco.kernel.errors import AgentcoError
from agentco.kernel.money import format_dollars
from agentco.kernel.token_estimate import count_tokens
from agentco.rules.budget import prompt_tokens_to_reserve, worst_case_cost


class PromptPreview(Struct, frozen=True, kw_only=True):
    """A prompt that was not sent.

    `model` names the model that would be asked and its worst case, or says why there is
    none; `worst_case` is in micro-dollars.
    """

    agent: str
    prompt: PreparedPrompt
    model: str
    worst_case: int | None

    @property
    def tool_tokens(self) -> int:
        """The tokens of the tools' descriptions."""
        return _tool_tokens(self.prompt)

    @property
    def total_tokens(self) -> int:
        """All tokens of the prompt."""
        return prompt_tokens(self.prompt)

    @property
    def stable_tokens(self) -> int:
        """The tokens that are the same in every call of the agent."""
        stable = (part.token_count for part in self.prompt.parts if part.stable)
        return sum(stable) + self.tool_tokens


def preview_request(request: RunRequest, office: Office) -> PromptPreview:
    """Prepare a request as if it were to be sent.

    Raises CompanyBroken and WrongUsage for what cannot be asked.
    """
    prepared = prepare_prompt(request, office)
    redacted = (
        replace(part, text=redact_secrets(part.text, office.secrets))
        for part in prepared.parts
    )
    prepared = replace(prepared, parts=tuple(redacted))
    model, worst_case = model_and_worst_case(prepared, office)
    prepared = told_prompt(prepared, office)
    return PromptPreview(
        agent=request.agent.id, prompt=prepared, model=model, worst_case=worst_case
    )


def told_prompt(prepared: PreparedPrompt, office: Office) -> PreparedPrompt:
    """The prompt as the model that would be asked now is told it."""
    try:
        offer = choose_model(prepared, office)
    except AgentcoError:
        return prepared
    return prompt_for(prepared, offer)


def model_and_worst_case(
    prepared: PreparedPrompt, office: Office
) -> tuple[str, int | None]:
    """The model that would be asked now and the most a call costs (micro-dollars)."""
    try:
        offer = choose_model(prepared, office)
    except AgentcoError as error:
        return f"no model: {error.what}", None
    if offer.rates is None:
        return offer.name, None
    told = prompt_for(prepared, offer)
    tokens = prompt_tokens_to_reserve(prompt_tokens(told), None)
    most = worst_case_cost(offer.rates, tokens, offer.max_output)
    return f"{offer.name}, up to {format_dollars(most)} a call", most


def prompt_tokens(prepared: PreparedPrompt) -> int:
    """All tokens of a prompt, its tools included."""
    parts = sum(part.token_count for part in prepared.parts)
    return parts + _tool_tokens(prepared)


def _tool_tokens(prepared: PreparedPrompt) -> int:
    tools = (tool.name + tool.description + tool.parameters for tool in prepared.tools)
    return sum(map(count_tokens, tools))
