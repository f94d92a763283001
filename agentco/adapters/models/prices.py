"""What models cost: by the file that ships with agentco, beside this module, else by LiteLLM's own table.

LiteLLM's table is read as data, and only for a model that nothing else prices. What is odd in it is unknown.
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

FILE = Path(__file__).with_name("prices.json")
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
        paid = {
            k: int(v * MICROS_PER_USD)
            for k in ("input", "output", "cached", "written")
            if (v := getattr(self, k)) is not None
        }
        return TokenRates(
            **paid, long_from=self.long_from, long=self.long and self.long.to_rates()
        )


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
    """Every model whose price is known, by its name `provider/model`; only the shipped ones are listed."""

    def __getitem__(self, name: str) -> ShippedModel:
        """The price of a model. Raises KeyError."""
        if found := shipped_prices().get(name) or litellm_price(name):
            return found
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(shipped_prices())

    def __len__(self) -> int:
        return len(shipped_prices())


@cache
def shipped_prices() -> dict[str, ShippedModel]:
    """Every model in the file, by its name `provider/model`."""
    read = msgspec.json.decode(FILE.read_bytes(), type=_PriceFile).models
    return {
        name: ShippedModel(rates=price.to_rates(), context=price.context)
        for name, price in read.items()
    }


@cache
def litellm_price(name: str) -> ShippedModel | None:
    """What LiteLLM's table says of a model under the name of its own provider."""
    provider, _, model = name.partition("/")
    for key in (name, model):
        if entry := _litellm_table().get(key):
            return parse_table_entry(bytes(entry), provider)
    return None


@cache
def _litellm_table() -> dict[str, msgspec.Raw]:
    try:
        package = find_spec("litellm")
        data = (
            Path(package.origin).with_name(LITELLM_TABLE).read_bytes()
            if package and package.origin
            else b"{}"
        )
        return msgspec.json.decode(data, type=dict[str, msgspec.Raw])
    except (OSError, ValueError):
        return {}


def parse_table_entry(data: bytes, provider: str) -> ShippedModel | None:
    """One entry of the table; None when it is another provider's, or a price in it cannot be.

    Nothing is no price: it is a preview's, or nobody knew one.
    """
    try:
        said = msgspec.json.decode(data, type=dict[str, Any])
        entry = msgspec.convert(said, _LiteLLMEntry)
        if entry.litellm_provider.partition("-")[0] not in {
            provider,
            f"{provider}_converse",
            f"{provider}_chat",
        }:
            return None
        rates = _rates_per_million(entry)
        if long := next(filter(None, map(_LONG_PRICE.fullmatch, said)), None):
            dearer = {
                key.removesuffix(long[1]): paid
                for key, paid in said.items()
                if key.endswith(long[1])
            }
            dear = _rates_per_million(msgspec.convert(said | dearer, _LiteLLMEntry))
            rates = replace(rates, long_from=int(long[2]) * 1000, long=dear)
    except (ValueError, RecursionError):
        return None
    return ShippedModel(rates=rates, context=entry.max_input_tokens or DEFAULT_CONTEXT)


def _rates_per_million(entry: _LiteLLMEntry) -> TokenRates:
    """Dollars for a token as micro-dollars for a million; a thought costs like a word, or more."""
    output = max(
        entry.output_cost_per_token, entry.output_cost_per_reasoning_token or 0
    )
    paid = (entry.input_cost_per_token, output, entry.cached or 0, entry.written or 0)
    read, said, cached, written = (-(-round(much * 1e15) // 1000) for much in paid)
    return TokenRates(
        input=read, output=said, cached=cached or None, written=written or None
    )
