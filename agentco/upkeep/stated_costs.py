"""Models whose answers say that they cost something else than is booked for them."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import timedelta

from agentco.company.model_offers import ModelOffer, TokenRates
from agentco.desk.open_company import OpenCompany
from agentco.kernel.errors import AgentcoError
from agentco.kernel.money import MICROS_PER_CENT, MICROS_PER_USD, format_dollars
from agentco.ports.machine import MachinePort
from agentco.ports.stored_values import CostTotal
from agentco.upkeep.model_choices import named_models

DAYS_LOOKED_AT = 7
CLOSE_PERCENT = 5
"""Below it a router's rounding, or a discount on a few calls, is no reason for another price."""
PRICED = ("input", "output", "cached", "written")
"""What a founder may price."""


def check_stated_costs(
    company: OpenCompany, machine: MachinePort
) -> Iterator[tuple[str, Mapping[str, object]]]:
    """What doctor says of each model whose answers cost other than booked in the last days.

    Keys of doctor.yml, each with the values that its words name.
    """
    del machine
    since = (company.today() - timedelta(days=DAYS_LOOKED_AT - 1)).isoformat()
    rows: tuple[CostTotal, ...] = ()
    with suppress(AgentcoError):  # of a state that fails, its own section tells
        rows = company.read_state(
            lambda tx: tuple(tx.sum_costs("model", since=since)), ()
        )
    offers = {offer.name: offer for _, offer in named_models(company, company.settings)}
    for row in rows:
        percent = percent_more(row)
        if not percent:
            continue
        stated = row.stated_usd or 0
        values = {
            "model": row.key,
            "days": DAYS_LOOKED_AT,
            "stated": format_dollars(stated),
            "booked": format_dollars(row.stated_booked_usd),
            "percent": f"{abs(percent)} % {'more' if percent > 0 else 'less'}",
            "prices": _prices_to_set(row, offers.get(row.key)),
        }
        yield "prices.differ", values


def percent_more(row: CostTotal) -> int:
    """By how many percent of what is booked answers say more; 0 where that is close."""
    stated, booked = row.stated_usd, row.stated_booked_usd
    if stated is None or abs(stated - booked) < MICROS_PER_CENT:
        return 0
    percent = round((stated - booked) * 100 / max(booked, 1))
    return percent if abs(percent) > CLOSE_PERCENT else 0


def _prices_to_set(row: CostTotal, offer: ModelOffer | None) -> str:
    """The entry for `prices` with which about as much would have been booked as answers say."""
    entry = "{input: …, output: …}"
    rates = offer.rates if offer else None
    if rates and row.stated_usd and row.stated_booked_usd:
        share = row.stated_usd / row.stated_booked_usd
        entry = f"{{{', '.join(_scaled(rates, share))}}}"
    return f'{{"{row.key}": {entry}}}'


def _scaled(rates: TokenRates, share: float) -> Iterator[str]:
    """Each price that is known, times `share`, in dollars for a million tokens."""
    for name in PRICED:
        price: int | None = getattr(rates, name)
        if price is not None:
            dollars = float(f"{price * share / MICROS_PER_USD:.3g}")
            yield f"{name}: {dollars:.6f}".rstrip("0").rstrip(".")
