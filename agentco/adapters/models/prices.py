"""What models cost: by the file that ships with agentco, else by LiteLLM's own table.

LiteLLM's table is read as data, and only for a model that nothing else prices. An odd entry counts
as unknown.
"""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace

from agentco.company.model_offers import DEFAULT_CONTEXT, ShippedModel, TokenRates
from agentco.kernel.money import MICROS_PER_USD

PRICE_FILE = Path(__file__).with_name("prices.json")
LITELLM_TABLE = "model_prices_and_context_window_backup.json"
_LONG_PRICE = re.compile(r"input_cost_per_token(_above_(\d+)k_tokens)")
_PRICE = Annotated[float, Meta(gt=0, lt=1)]
_OPTIONAL_PRICE = Annotated[float, Meta(ge=0, lt=1)] | None


class _ShippedPrice(Struct):
    """US dollars for a million tokens, and how many tokens a model reads."""

    input: Decimal
    output: Decimal
    cached: Decimal | None = None
    written: Decimal | None = None
    long_from: int = 0
    long: "_ShippedPrice | None" = None
    context: int = 0

    def to_rates(self) -> TokenRates:
        return TokenRates(
            input=_micros(self.input),
            output=_micros(self.output),
            cached=None if self.cached is None else _micros(self.cached),
            written=None if self.written is None else _micros(self.written),
            long_from=self.long_from,
            long=self.long and self.long.to_rates(),
        )


def _micros(usd: Decimal) -> int:
    return int(usd * MICROS_PER_USD)


class _PriceFile(Struct):
    models: dict[str, _ShippedPrice]


class _LiteLLMEntry(
    Struct,
    rename={
        "thought": "output_cost_per_reasoning_token",
        "cached": "cache_read_input_token_cost",
        "written": "cache_creation_input_token_cost",
        "audio": "output_cost_per_audio_token",
        "image": "output_cost_per_image_token",
    },
):
    """What the table says of a model, in US dollars for a token."""

    litellm_provider: str
    mode: Literal["chat", "responses"]
    input_cost_per_token: _PRICE
    output_cost_per_token: _PRICE
    thought: _OPTIONAL_PRICE = None
    cached: _OPTIONAL_PRICE = None
    written: _OPTIONAL_PRICE = None
    audio: _OPTIONAL_PRICE = None
    image: _OPTIONAL_PRICE = None
    max_input_tokens: Annotated[int, Meta(ge=1)] | None = None
    max_output_tokens: Annotated[int, Meta(ge=1)] | None = None


class _PricedRange(Struct):
    """The tokens of a prompt, from and to, for which other prices hold."""

    range: tuple[Annotated[float, Meta(ge=0)], float]


class PriceTable(Mapping[str, ShippedModel]):
    """Models with a known price, by `provider/model`; only the shipped ones are listed."""

    def __getitem__(self, name: str) -> ShippedModel:
        """The price of a model. Raises KeyError."""
        model = shipped_prices().get(name) or litellm_price(name)
        if model is None:
            raise KeyError(name)
        return model

    def __iter__(self) -> Iterator[str]:
        return iter(shipped_prices())

    def __len__(self) -> int:
        return len(shipped_prices())


@cache
def shipped_prices() -> dict[str, ShippedModel]:
    """Every model in the file, by its name `provider/model`."""
    prices = msgspec.json.decode(PRICE_FILE.read_bytes(), type=_PriceFile).models
    return {
        name: ShippedModel(rates=price.to_rates(), context=price.context)
        for name, price in prices.items()
    }


@cache
def litellm_price(name: str) -> ShippedModel | None:
    """What LiteLLM's table says of a model under the name of its own provider."""
    provider, _, model = name.partition("/")
    table = _litellm_table()
    entry = table.get(name) or table.get(model)
    return parse_table_entry(bytes(entry), provider) if entry else None


@cache
def _litellm_table() -> dict[str, msgspec.Raw]:
    """The table by its names; nothing where it is not there. LiteLLM itself is not loaded."""
    package = find_spec("litellm")
    if not package or not package.origin:
        return {}
    try:
        data = Path(package.origin).with_name(LITELLM_TABLE).read_bytes()
        return msgspec.json.decode(data, type=dict[str, msgspec.Raw])
    except (OSError, ValueError):
        return {}


def parse_table_entry(data: bytes, provider: str) -> ShippedModel | None:
    """Read one entry of the table; None when it is another provider's, or a price in it cannot be.

    Nothing is no price: it is a preview's, or nobody knew one.
    """
    try:
        fields = msgspec.json.decode(data, type=dict[str, Any])
        tiers = [
            (start, msgspec.convert(priced, _LiteLLMEntry))
            for start, priced in _price_tiers(fields)
        ]
    except (ValueError, RecursionError):
        return None
    _, entry = tiers[0]
    own_name, _, _ = entry.litellm_provider.partition("-")
    if own_name not in {provider, f"{provider}_converse", f"{provider}_chat"}:
        return None
    context = entry.max_input_tokens or DEFAULT_CONTEXT
    return ShippedModel(
        rates=_rates_of_tiers(tiers), context=context, output=entry.max_output_tokens
    )


def _price_tiers(fields: dict[str, Any]) -> list[tuple[int, dict[str, Any]]]:
    """The fields of an entry by the length of prompt above which they hold, the shortest first.

    Prices of long prompts stand under names of their own, or in a list of ranges.
    """
    if "tiered_pricing" in fields:
        listed = msgspec.convert(fields["tiered_pricing"], list[dict[str, Any]])
        ranges = msgspec.convert(listed, list[_PricedRange])
        starts = [int(each.range[0]) for each in ranges]
        tiers = [
            (start, fields | priced)
            for start, priced in zip(starts, listed, strict=True)
        ]
        return sorted(tiers, key=lambda tier: tier[0]) or [(0, fields)]
    suffixes = {
        int(match[2]) * 1000: match[1]
        for match in map(_LONG_PRICE.fullmatch, fields)
        if match
    }
    tiers = [(0, fields)]
    for start, suffix in sorted(suffixes.items()):
        dearer = {
            name.removesuffix(suffix): price
            for name, price in fields.items()
            if name.endswith(suffix)
        }
        tiers.append((start, tiers[-1][1] | dearer))
    return tiers


def _rates_of_tiers(tiers: list[tuple[int, _LiteLLMEntry]]) -> TokenRates:
    """The rates of the shortest prompts, which lead to those of longer ones."""
    long_from, entry = tiers[-1]
    rates = _rates_per_million(entry)
    for start, shorter in reversed(tiers[:-1]):
        rates = replace(_rates_per_million(shorter), long_from=long_from, long=rates)
        long_from = start
    return rates


def _rates_per_million(entry: _LiteLLMEntry) -> TokenRates:
    """Dollars for a token as micro-dollars for a million; a thought costs like a word, or more."""
    output = max(entry.output_cost_per_token, entry.thought or 0)
    media = max(entry.audio or 0, entry.image or 0)
    return TokenRates(
        input=_micros_per_million(entry.input_cost_per_token),
        output=_micros_per_million(output),
        cached=_micros_per_million(entry.cached or 0) or None,
        written=_micros_per_million(entry.written or 0) or None,
        media=_micros_per_million(media) or None,
    )


def _micros_per_million(usd_per_token: float) -> int:
    """Rounded up, after the noise that a float has beyond its thousandths."""
    thousandths = round(usd_per_token * 1e15)
    return -(-thousandths // 1000)
