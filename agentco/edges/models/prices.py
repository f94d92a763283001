"""What models cost: by the file that ships with agentco, beside this module, else by LiteLLM's own table.

LiteLLM's table is read as data, and only for a model that nothing else prices. What is odd in it is unknown.
"""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace

from agentco.company.amounts import MICRO
from agentco.company.offers import CONTEXT, Rates, Shipped

FILE = Path(__file__).with_name("prices.json")
TABLE = "model_prices_and_context_window_backup.json"
_LONG = re.compile(r"(.+)_above_(\d+)k_tokens")
_MODES = frozenset({"chat", "responses"})
_PRICE = Annotated[float, Meta(gt=0, lt=1)]
_MAYBE = Annotated[float, Meta(ge=0, lt=1)] | None


class _Price(Struct):
    """US dollars for a million tokens, and how many tokens a model reads."""

    input: Decimal
    output: Decimal
    cached: Decimal | None = None
    written: Decimal | None = None
    long_from: int = 0
    long: "_Price | None" = None
    context: int = 0

    def rates(self) -> Rates:
        paid = {
            k: int(v * MICRO) for k in ("input", "output", "cached", "written") if (v := getattr(self, k)) is not None
        }
        return Rates(**paid, long_from=self.long_from, long=self.long and self.long.rates())


class _Prices(Struct):
    models: dict[str, _Price]


class _Costs(Struct, rename={"cached": "cache_read_input_token_cost", "written": "cache_creation_input_token_cost"}):
    """US dollars for a token."""

    input_cost_per_token: _PRICE
    output_cost_per_token: _PRICE
    output_cost_per_reasoning_token: _MAYBE = None
    cached: _MAYBE = None
    written: _MAYBE = None


class _Entry(Struct):
    litellm_provider: str
    mode: str
    max_input_tokens: Annotated[int, Meta(ge=1)] | None = None


class Known(Mapping[str, Shipped]):
    """Every model whose price is known, by its name `provider/model`; only the shipped ones are listed."""

    def __getitem__(self, name: str) -> Shipped:
        """The price of a model. Raises KeyError."""
        if found := shipped().get(name) or tabled(name):
            return found
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(shipped())

    def __len__(self) -> int:
        return len(shipped())


@cache
def shipped() -> dict[str, Shipped]:
    """Every model in the file, by its name `provider/model`."""
    read = msgspec.json.decode(FILE.read_bytes(), type=_Prices).models
    return {name: Shipped(rates=price.rates(), context=price.context) for name, price in read.items()}


@cache
def tabled(name: str) -> Shipped | None:
    """What LiteLLM's table says of a model under the name of its own provider."""
    provider, _, model = name.partition("/")
    for key in (name, model):
        if entry := _table().get(key):
            return priced(bytes(entry), provider)
    return None


@cache
def _table() -> dict[str, msgspec.Raw]:
    try:
        package = find_spec("litellm")
        data = Path(package.origin).with_name(TABLE).read_bytes() if package and package.origin else b"{}"
        return msgspec.json.decode(data, type=dict[str, msgspec.Raw])
    except (OSError, ValueError):
        return {}


def priced(entry: bytes, provider: str) -> Shipped | None:
    """One entry of the table; None when it is another provider's, or a price in it cannot be.

    Nothing is no price: it is a preview's, or nobody knew one.
    """
    try:
        said = msgspec.json.decode(entry, type=dict[str, Any])
        about = msgspec.convert(said, _Entry)
        if about.mode not in _MODES or about.litellm_provider.partition("-")[0] not in _spellings(provider):
            return None
        rates = _rates(said)
        if longs := [found for key in said if (found := _LONG.fullmatch(key)) and found[1] == "input_cost_per_token"]:
            thousands = longs[0][2]
            dearer = {f[1]: said[key] for key in said if (f := _LONG.fullmatch(key)) and f[2] == thousands}
            rates = replace(rates, long_from=int(thousands) * 1000, long=_rates(said | dearer))
    except (ValueError, RecursionError):
        return None
    return Shipped(rates=rates, context=about.max_input_tokens or CONTEXT)


def _spellings(provider: str) -> set[str]:
    return {provider, f"{provider}_converse", f"{provider}_chat"}


def _rates(said: dict[str, Any]) -> Rates:
    """Dollars for a token as micro-dollars for a million; a thought costs like a word, or more."""
    costs = msgspec.convert(said, _Costs)
    output = max(costs.output_cost_per_token, costs.output_cost_per_reasoning_token or 0)
    cached, written = _micro(costs.cached or 0) or None, _micro(costs.written or 0) or None
    return Rates(input=_micro(costs.input_cost_per_token), output=_micro(output), cached=cached, written=written)


def _micro(dollars: float) -> int:
    return -(-round(dollars * 1e15) // 1000)
