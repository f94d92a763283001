"""Which models the settings offer for a tier, where they answer, and what they cost."""

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from agentco.company.addresses import is_loopback
from agentco.company.providers import (
    PROVIDERS,
    Quirks,
    known_provider,
    own_name,
    quirks_of,
)
from agentco.company.records import Reasoning, Tier
from agentco.company.settings import (
    SETTINGS_FILE,
    ModelLimit,
    ModelOptions,
    Price,
    Provider,
    Settings,
)
from agentco.kernel.errors import did_you_mean

DEFAULT_CONTEXT = 128_000
"""Tokens that a model is taken to read when nothing says how many."""
DEFAULT_OUTPUT = 8_000
"""Tokens of the longest answer of an offer that belongs to no tier."""


class WireFormat(StrEnum):
    """How a model is spoken to."""

    OPENAI = "openai"
    ANTHROPIC = "anthropic"
    LITELLM = "litellm"
    SCRIPTED = "scripted"
    CLAUDE_CODE = "claude-code"
    COPILOT = "copilot"

    @property
    def is_plan(self) -> bool:
        """Whether it is asked through the program of a plan."""
        return self in {WireFormat.CLAUDE_CODE, WireFormat.COPILOT}


class TokenRates(Struct, frozen=True, kw_only=True):
    """Micro-dollars for a million tokens; a kind of token without a price costs the usual one.

    `cached` is for tokens read from the provider's cache, `written` for those written to it,
    `media` for audio and images in an answer. Once a prompt has more than `long_from` tokens, the
    whole call costs as `long` says.
    """

    input: int
    output: int
    cached: int | None = None
    written: int | None = None
    media: int | None = None
    long_from: int = 0
    long: "TokenRates | None" = None

    def for_prompt(self, prompt_tokens: int) -> "TokenRates":
        """The rates of a call with a prompt of that many tokens."""
        if self.long and prompt_tokens > self.long_from:
            return self.long.for_prompt(prompt_tokens)
        return self

    @property
    def dearest_input(self) -> int:
        """The most that a token of the prompt can cost, as prompts are sent here."""
        return max(self.input, self.cached or 0, self.written or 0)


class ShippedModel(Struct, frozen=True, kw_only=True):
    """What is known about a model without asking: its price, and the tokens it reads and writes.

    Without `output` nobody knows how many it writes.
    """

    rates: TokenRates
    context: int
    output: int | None = None


class ModelOffer(Struct, frozen=True, kw_only=True):
    """One model that may be asked, `provider/model`; without `rates` its price is unknown.

    `context` is the most tokens that it takes at these rates; with `asks_context` its own server
    says how many. `max_output` is the longest answer that is asked of it, thoughts included,
    `most_output` the longest that it writes, where that is known;
    `reasoning` how much it is to think, None as its provider has it. `longest_call` the seconds
    that the founder gives a call, `local` says that it costs nothing unless priced, `unable` why it
    cannot be spoken to at all. A `brief` one is told in brief what it has to know.
    """

    name: str
    provider: str
    model: str
    wire: WireFormat
    api_base: str = ""
    api_key_env: str | None = None
    rates: TokenRates | None = None
    context: int = DEFAULT_CONTEXT
    asks_context: bool = False
    max_output: int = DEFAULT_OUTPUT
    most_output: int | None = None
    reasoning: Reasoning | None = None
    longest_call: int | None = None
    local: bool = False
    brief: bool = False
    unable: str = ""
    program: str = ""
    leave: int | None = None

    @property
    def quirks(self) -> Quirks:
        """What is odd about its provider, also where the founder describes that by its address."""
        return quirks_of(self.provider, self.api_base)


_CLAUDE_ALIASES = {
    "fable": "claude-fable-5-1",
    "haiku": "claude-haiku-5-5",
    "opus": "claude-opus-5-5",
    "sonnet": "claude-sonnet-5-5",
}
"""The models that Claude Code's short names stand for."""
_SERVER_HINT = "an OpenAI-compatible server: kind: openai and its api_base"


def offers_for_tier(
    settings: Settings,
    shipped: Mapping[str, ShippedModel],
    *,
    tier: Tier,
    pin: str = "",
    max_output: int = 0,
    reasoning: Reasoning | None = None,
) -> tuple[ModelOffer, ...]:
    """The models of a tier in the founder's order, or only the one pinned as `provider/model`.

    `max_output` and `reasoning` are what the agent's own file says.
    """
    names: tuple[str, ...] = (pin,) if pin else getattr(settings.models, tier)
    own = ModelOptions(max_output=max_output or None, reasoning=reasoning)
    return tuple(
        _build_offer(name, settings, shipped, tier, own)
        for name in dict.fromkeys(names)
    )


def _build_offer(
    name: str,
    settings: Settings,
    prices: Mapping[str, ShippedModel],
    tier: Tier,
    own: ModelOptions,
) -> ModelOffer:
    """One model as the settings offer it; `own` is what an agent's file says."""
    provider_name, _, model = name.partition("/")
    if provider_name == WireFormat.SCRIPTED:
        provider = Provider()
        wire = WireFormat.SCRIPTED
    else:
        provider = _resolve_provider(provider_name, settings)
        wire = WireFormat(provider.kind or WireFormat.OPENAI)
    api_base = provider.api_base or ""
    is_listed_local = name in settings.models.local
    local = wire is WireFormat.SCRIPTED or is_listed_local or is_loopback(api_base)
    shipped = prices.get(_price_name(name, wire, model))
    limit = settings.limits.get(name, ModelLimit())
    price = settings.prices.get(name, Price())
    options = settings.model_options.get(name, ModelOptions())
    usual = getattr(settings.max_output, tier)
    wanted = own.max_output or options.max_output or usual
    most = options.max_output or (shipped and shipped.output)
    needs_address = wire in {WireFormat.OPENAI, WireFormat.ANTHROPIC} and not api_base
    rates = _resolve_rates(price, _known_rates(shipped, local=local))
    return ModelOffer(
        name=name,
        provider=provider_name,
        model=model,
        wire=wire,
        api_base=api_base,
        api_key_env=provider.api_key_env,
        rates=rates,
        context=options.context or (shipped.context if shipped else DEFAULT_CONTEXT),
        asks_context=local and bool(api_base) and not options.context,
        max_output=min(wanted, most or wanted),
        most_output=most,
        reasoning=own.reasoning or options.reasoning,
        longest_call=limit.longest_call,
        local=local,
        brief=_is_told_in_brief(options, api_base, rates),
        unable=_why_unable(name, needs_address=needs_address)
        or _why_contradictory(name, wire, provider, limit),
        program=provider.program or "",
        leave=limit.leave,
    )


def _is_told_in_brief(
    options: ModelOptions, api_base: str, rates: TokenRates | None
) -> bool:
    """Whether a model works on this machine: one with a price is only reached through it."""
    if options.prompt:
        return options.prompt == "brief"
    is_free = rates is not None and not (rates.input or rates.output)
    return is_free and is_loopback(api_base)


def _price_name(name: str, wire: WireFormat, model: str) -> str:
    """The name under which a model's list price stands: a plan's is that of the same model."""
    provider, _, _ = name.partition("/")
    match wire:
        case WireFormat.CLAUDE_CODE:
            return f"anthropic/{_CLAUDE_ALIASES.get(model, model)}"
        case WireFormat.COPILOT:
            return f"github_copilot/{model}"
        case _:
            return f"{own_name(provider)}/{model}"


def _resolve_provider(name: str, settings: Settings) -> Provider:
    """Where a provider answers; its usual key goes to its usual address, or as the founder says."""
    own = settings.providers.get(name, Provider())
    usual = known_provider(name)
    usual_key = None if own.api_base else usual.api_key_env
    return Provider(
        kind=own.kind or usual.kind,
        api_base=own.api_base or usual.address_for(own.kind or usual.kind),
        api_key_env=own.api_key_env or usual_key,
        program=own.program,
    )


def _known_rates(shipped: ShippedModel | None, *, local: bool) -> TokenRates | None:
    """The shipped rates of a model; without them what is local is free."""
    if shipped:
        return shipped.rates
    return TokenRates(input=0, output=0) if local else None


def _resolve_rates(price: Price, known: TokenRates | None) -> TokenRates | None:
    """The founder's price over the known rates; None if one of the two prices is unknown."""
    if price == Price():
        return known
    input_price = price.input
    output_price = price.output
    if known:
        input_price = known.input if input_price is None else input_price
        output_price = known.output if output_price is None else output_price
    if input_price is None or output_price is None:
        return None
    own = {
        name: value
        for name in ("output", "cached", "written")
        if (value := getattr(price, name)) is not None
    }
    if known is None or price.input is not None:
        return replace(TokenRates(input=input_price, output=output_price), **own)
    # without an input of the founder's, what is known about caches and long prompts still holds
    long = replace(known.long, **own) if known.long else None
    return replace(known, long=long, **own)


def _why_unable(name: str, *, needs_address: bool) -> str:
    provider, _, model = name.partition("/")
    if not model:
        return f"{name!r} does not name a model: write provider/model"
    if not needs_address:
        return ""
    otherwise = (
        f"describe it under providers in {SETTINGS_FILE} as {_SERVER_HINT}, "
        "or kind: litellm"
    )
    hint = did_you_mean(provider, PROVIDERS, otherwise)
    return f"unknown provider {provider!r}: {hint}"


def _why_contradictory(
    name: str, wire: WireFormat, provider: Provider, limit: ModelLimit
) -> str:
    """What the settings say of a model that means nothing for its kind of provider."""
    if wire.is_plan and (provider.api_base or provider.api_key_env):
        what = "has neither api_base nor api_key_env: its program is signed in by you"
        return f"{name} is of a plan, which {what}"
    plans = "kind: claude-code and kind: copilot"
    if provider.program and not wire.is_plan:
        return f"program: is for {plans}, {name} is of kind: {wire}"
    if limit.leave and not wire.is_plan:
        return f"leave: is a share of a plan, {name} is kind: {wire}"
    return ""
