"""The providers that need no settings, as one table: `providers.json` beside this module.

A provider with a plain address is asked there; one of kind `litellm` only LiteLLM can speak to.
"""

from typing import Literal, TypeAlias

from msgspec import Struct

from agentco.company.addresses import is_loopback
from agentco.company.settings import SETTINGS_FILE, WireKind
from agentco.kernel import package_data

ReasoningStyle: TypeAlias = Literal["effort", "object", "switch", "budget", "template"]
"""How chat completions say how much to think: `reasoning_effort`, an object `reasoning` with it,
`thinking` on or off, `enable_thinking` with a budget, or words for the model's own template."""


class Quirks(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a provider does otherwise than others of its wire format.

    `answer_limit` is the field for the longest answer, `model_prefix` stands before the name of a
    model without a slash. Models whose names begin with one of `cache_marks` keep a prompt only
    when they are told to. With `silent_end` an answer that calls tools ends without a reason.
    `reasoning` is how it is told how much to think.
    """

    answer_limit: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    model_prefix: str = ""
    cache_marks: tuple[str, ...] = ()
    silent_end: bool = False
    reasoning: ReasoningStyle = "effort"


LEAST_ADVICE = 8192
USUAL_ADVICE = 16_384
"""Tokens: enough for a department's prompt, some files and an answer."""


class ContextSource(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a server says how many tokens a model reads: a path on it, and the field's name.

    `lists` is the field of its list of models, `load` the path by which it loads one, `preset` the
    one that shows with how much a model will be loaded, `unless_told` what it reads where it does
    not tell, `setting` what makes it read more.
    """

    path: str
    field: str
    lists: str = "data"
    load: str = ""
    preset: str = ""
    unless_told: int = 0
    setting: str = ""

    def how_to_read(self, model: str, tokens: int = USUAL_ADVICE) -> str:
        """What makes such a server read so many tokens."""
        return self.setting.format(model=model, tokens=tokens)


class KnownProvider(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A provider as the table knows it; `also` are other names that founders use for it.

    `kind` is the wire format at its address, `addresses` are those where it speaks others.
    `models` is where it lists its models, below its address.
    """

    kind: WireKind = "openai"
    api_base: str | None = None
    api_key_env: str | None = None
    addresses: dict[WireKind, str] = {}
    also: tuple[str, ...] = ()
    models: str = "/models"
    context: ContextSource | None = None
    quirks: Quirks = Quirks()

    def address_for(self, kind: WireKind) -> str | None:
        """Where it is spoken to in a wire format."""
        return self.api_base if kind == self.kind else self.addresses.get(kind)


PROVIDERS = package_data.load_table(__name__, dict[str, KnownProvider])
_BY_ADDRESS = {known.api_base: known for known in PROVIDERS.values() if known.api_base}
_OWN_NAMES = {also: name for name, known in PROVIDERS.items() for also in known.also}
API_KEY_VARIABLES = tuple(
    sorted({known.api_key_env for known in PROVIDERS.values() if known.api_key_env})
)
"""The variables that hold the keys of known providers."""


def own_name(provider: str) -> str:
    """A provider's name in the table, where prices are kept too; another name stays as it is."""
    return _OWN_NAMES.get(provider, provider)


def known_provider(name: str) -> KnownProvider:
    """What the table knows of a provider; nothing of one that is not in it."""
    return PROVIDERS.get(own_name(name)) or KnownProvider()


def quirks_of(name: str, api_base: str) -> Quirks:
    """The quirks of a provider, also of one that the founder describes by a known address."""
    known = PROVIDERS.get(own_name(name)) or _BY_ADDRESS.get(api_base)
    return known.quirks if known else Quirks()


def is_known(name: str) -> bool:
    """Whether the table knows a provider."""
    return own_name(name) in PROVIDERS


def is_known_server(name: str) -> bool:
    """Whether a provider is one of the servers that founders run themselves."""
    return is_loopback(known_provider(name).api_base or "")


def context_sources(name: str) -> tuple[ContextSource, ...]:
    """Where a server of the founder's may say how much its model reads.

    Of one that is none of the known servers, each of their places.
    """
    asked = [name] if is_known_server(name) else filter(is_known_server, PROVIDERS)
    sources = (known_provider(each).context for each in asked)
    return tuple(source for source in sources if source)


def how_to_read(provider: str, model: str, needed: int) -> str:
    """What makes the server of a model read at least so many tokens; Ollama's way is an example."""
    tokens = LEAST_ADVICE
    while tokens < needed:
        tokens *= 2
    source = known_provider(provider).context
    setting = "give it a longer context"
    if source and source.setting:
        setting = source.how_to_read(model, tokens)
    elif ollama := PROVIDERS["ollama"].context:
        example = ollama.how_to_read(model, tokens)
        setting = f"for Ollama {example}, or num_ctx in a Modelfile"
    option = f'model_options: {{"{provider}/{model}": {{context: {tokens}}}}}'
    return (
        f"have its server read more ({setting}), then write {option} in {SETTINGS_FILE}"
    )
