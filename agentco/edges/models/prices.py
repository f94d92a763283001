"""What models cost by the file that ships with agentco, beside this module."""

from decimal import Decimal
from functools import cache
from pathlib import Path

import msgspec
from msgspec import Struct

from agentco.company.amounts import MICRO
from agentco.company.offers import Rates, Shipped

FILE = Path(__file__).with_name("prices.json")


class _Prices(Struct):
    """For each model US dollars for a million tokens, and how many tokens it reads."""

    models: dict[str, dict[str, Decimal]]


@cache
def shipped() -> dict[str, Shipped]:
    """Every model in the file, by its name `provider/model`."""
    return {
        name: Shipped(
            context=int(said.pop("context")), rates=msgspec.convert({k: int(said[k] * MICRO) for k in said}, Rates)
        )
        for name, said in msgspec.json.decode(FILE.read_bytes(), type=_Prices).models.items()
    }
