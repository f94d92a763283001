"""Which models the settings offer for a tier, where they answer, and what they cost."""

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from agentco.company.addresses import is_loopback
from agentco.company.records import Tier
from agentco.company.settings import SETTINGS_FILE, Price, Provider, Settings
from agentco.kernel import package_data
from agentco.kernel.errors import did_you_mean

DEFAULT_CONTEXT = 128_000
"""Tokens that a model is taken to read when nothing says how many."""


class WireFormat(StrEnum):
    """How a model is spoken to."""

    OPENAI = "openai"
    ANTHROPIC = "anthropic"
    LITELLM = "litellm"
    SCRIPTED = "scripted"


class TokenRates(Struct, frozen=True, kw_only=True):
    """Micro-dollars for a million tokens; where a kind of token has no price it costs what any other does.

    `cached` is for tokens read from the provider's cache, `written` for those it wrote there. Once a prompt
    has more than `long_from` tokens, all of the call costs as `long` says.
    """

    input: int
    output: int
    cached: int | None = None
    written: int | None = None
    long_from: int = 0
    long: "TokenRates | None" = None

    def for_prompt(self, prompt_tokens: int) -> "TokenRates":
        """The rates of a call with a prompt of that many tokens."""
        return self.long if self.long and prompt_tokens > self.long_from else self

    @property
    def dearest_input(self) -> int:
        """The most that a token of the prompt can cost."""
        return max(self.input, self.written or 0)


class ShippedModel(Struct, frozen=True, kw_only=True):
    """What is known of a model without asking: its price and how many tokens it reads."""

    rates: TokenRates
    context: int


class ModelOffer(Struct, frozen=True, kw_only=True):
    """One model that may be asked. `name` is `provider/model`; without `rates` its price is unknown.

    `context` is the most tokens that may be sent at these rates, `local` says that it costs nothing unless
    priced, `unable` why it cannot be spoken to at all.
    """

    name: str
    provider: str
    model: str
    wire: WireFormat
    api_base: str = ""
    api_key_env: str | None = None
    rates: TokenRates | None = None
    context: int = DEFAULT_CONTEXT
    local: bool = False
    unable: str = ""


_KNOWN_PROVIDERS = package_data.load_table(__name__, dict[str, Provider])
API_KEY_VARIABLES = tuple(
    sorted(
        {
            provider.api_key_env
            for provider in _KNOWN_PROVIDERS.values()
            if provider.api_key_env
        }
    )
)
"""The variables that hold the keys of known providers."""
_SERVER_HINT = "an OpenAI-compatible server: kind: openai and its api_base"


def offers_for_tier(
    settings: Settings,
    shipped: Mapping[str, ShippedModel],
    *,
    tier: Tier,
    pin: str = "",
) -> tuple[ModelOffer, ...]:
    """The models of a tier in the founder's order, or only the one that is pinned as `provider/model`."""
    names: tuple[str, ...] = (pin,) if pin else getattr(settings.models, tier)
    return tuple(
        _build_offer(name, settings, shipped.get(name)) for name in dict.fromkeys(names)
    )


def _build_offer(
    name: str, settings: Settings, shipped: ShippedModel | None
) -> ModelOffer:
    provider, _, model = name.partition("/")
    own = settings.providers.get(provider, Provider())
    scripted = provider == WireFormat.SCRIPTED
    where = Provider() if scripted else _resolve_provider(provider, own)
    wire = (
        WireFormat.SCRIPTED if scripted else WireFormat(where.kind or WireFormat.OPENAI)
    )
    api_base = where.api_base or ""
    local = scripted or name in settings.models.local or is_loopback(api_base)
    rates = _resolve_rates(settings.prices.get(name, Price()), shipped, local=local)
    unable = _why_unable(
        name,
        needs_address=wire in {WireFormat.OPENAI, WireFormat.ANTHROPIC}
        and not api_base,
    )
    context = shipped.context if shipped else DEFAULT_CONTEXT
    offer = ModelOffer(
        name=name,
        provider=provider,
        model=model,
        wire=wire,
        context=context,
        local=local,
        unable=unable,
    )
    return replace(offer, api_base=api_base, api_key_env=where.api_key_env, rates=rates)


def _resolve_provider(provider: str, own: Provider) -> Provider:
    """Where a provider answers; its usual key goes to its usual address only, or where the founder says."""
    usual = _KNOWN_PROVIDERS.get(provider, Provider())
    key = own.api_key_env or (None if own.api_base else usual.api_key_env)
    return Provider(
        kind=own.kind or usual.kind,
        api_base=own.api_base or usual.api_base,
        api_key_env=key,
    )


def _resolve_rates(
    price: Price, shipped: ShippedModel | None, *, local: bool
) -> TokenRates | None:
    """The founder's price over the shipped one; what is local is free where neither says otherwise."""
    known = (
        shipped.rates if shipped else TokenRates(input=0, output=0) if local else None
    )
    if price == Price():
        return known
    paid_in = price.input if price.input is not None else known and known.input
    paid_out = price.output if price.output is not None else known and known.output
    if paid_in is None or paid_out is None:
        return None
    if known is None or price.input is not None:
        return TokenRates(input=paid_in, output=paid_out)
    return replace(
        known, output=paid_out, long=known.long and replace(known.long, output=paid_out)
    )


def _why_unable(name: str, *, needs_address: bool) -> str:
    provider, _, model = name.partition("/")
    if not model:
        return f"{name!r} names no model: write provider/model"
    if not needs_address:
        return ""
    meant = did_you_mean(
        provider,
        _KNOWN_PROVIDERS,
        f"describe it under providers in {SETTINGS_FILE} as {_SERVER_HINT}, or kind: litellm",
    )
    return f"no provider {provider!r} is known: {meant}"
