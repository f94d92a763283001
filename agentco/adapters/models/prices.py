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
        "cached": "cache_read_input_token_cost",
        "written": "cache_creation_input_token_cost",
    },
):
    """What the table says of a model, in US dollars for a token."""

    litellm_provider: str
    mode: Literal["chat", "responses"]
    input_cost_per_token: _PRICE
    output_cost_per_token: _PRICE
    output_cost_per_reasoning_token: _OPTIONAL_PRICE = None
    cached: _OPTIONAL_PRICE = None
    written: _OPTIONAL_PRICE = None
    max_input_tokens: Annotated[int, Meta(ge=1)] | None = None


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
        entry = msgspec.convert(fields, _LiteLLMEntry)
        rates = _rates_with_long_prompts(entry, fields)
    except (ValueError, RecursionError):
        return None
    own_name, _, _ = entry.litellm_provider.partition("-")
    if own_name not in {provider, f"{provider}_converse", f"{provider}_chat"}:
        return None
    return ShippedModel(rates=rates, context=entry.max_input_tokens or DEFAULT_CONTEXT)


def _rates_with_long_prompts(
    entry: _LiteLLMEntry, fields: dict[str, Any]
) -> TokenRates:
    """The rates of an entry, with those of prompts beyond a length, where it names such ones."""
    rates = _rates_per_million(entry)
    long_price = next(filter(None, map(_LONG_PRICE.fullmatch, fields)), None)
    if not long_price:
        return rates
    suffix, thousands = long_price.groups()
    dearer = {
        name.removesuffix(suffix): price
        for name, price in fields.items()
        if name.endswith(suffix)
    }
    long_entry = msgspec.convert({**fields, **dearer}, _LiteLLMEntry)
    return replace(
        rates, long_from=int(thousands) * 1000, long=_rates_per_million(long_entry)
    )


def _rates_per_million(entry: _LiteLLMEntry) -> TokenRates:
    """Dollars for a token as micro-dollars for a million; a thought costs like a word, or more."""
    thought = entry.output_cost_per_reasoning_token or 0
    return TokenRates(
        input=_micros_per_million(entry.input_cost_per_token),
        output=_micros_per_million(max(entry.output_cost_per_token, thought)),
        cached=_micros_per_million(entry.cached or 0) or None,
        written=_micros_per_million(entry.written or 0) or None,
    )


def _micros_per_million(usd_per_token: float) -> int:
    """Rounded up, after the noise that a float has beyond its thousandths."""
    thousandths = round(usd_per_token * 1e15)
    return -(-thousandths // 1000)
