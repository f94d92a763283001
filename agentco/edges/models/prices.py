"""What models cost by the file that ships with agentco, beside this module."""

from decimal import Decimal
from functools import cache
from pathlib import Path

import msgspec
from msgspec import Struct

from agentco.company.amounts import MICRO
from agentco.company.offers import Rates, Shipped

FILE = Path(__file__).with_name("prices.json")


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


@cache
def shipped() -> dict[str, Shipped]:
    """Every model in the file, by its name `provider/model`."""
    read = msgspec.json.decode(FILE.read_bytes(), type=_Prices).models
    return {name: Shipped(rates=price.rates(), context=price.context) for name, price in read.items()}
