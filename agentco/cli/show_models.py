"""`agentco show models`: who would answer now for each tier and at what price, and why the others would not."""

import os
from collections.abc import Iterator, Sequence
from datetime import datetime
from textwrap import fill

from msgspec import Struct

from agentco.adapters.models.models import Models
from agentco.adapters.models.prices import Known
from agentco.adapters.state.transaction import Transaction
from agentco.cli import screen
from agentco.cli.state import looked
from agentco.company.model_offers import Offer, Rates, offers
from agentco.company.records import Tier
from agentco.company.settings import FILE, Limit, Settings
from agentco.desk import current_company
from agentco.engine.ask_model import why_not
from agentco.rules.budget import dollars
from agentco.wiring import Edges

PRICES = {"input": "in", "output": "out", "cached": "cached", "written": "written"}
PAST = """
SELECT model, coalesce(sum(calls), 0), coalesce(sum(usd), 0), coalesce(max(until), ''), coalesce(max(why), '') FROM (
  SELECT model, calls, usd, NULL AS until, NULL AS why FROM ledger WHERE day = ?1
  UNION ALL SELECT model, 1, reserved, NULL, NULL FROM effects WHERE day = ?1 AND state = 'sent'
  UNION ALL SELECT model, 0, 0, until, failures || ' failures: ' || why FROM health)
GROUP BY model
"""


class Past(Struct, frozen=True):
    """What a model did: its calls of the day with their micro-dollars, open ones included; how its last ones failed."""

    calls: int = 0
    usd: int = 0
    until: str = ""
    why: str = ""


class Way(Struct, frozen=True, kw_only=True):
    """One model of a tier, or of an agent that names it; `why` says why it would not be asked now."""

    who: str
    offer: Offer
    limit: Limit
    past: Past
    why: str
    first: bool

    @property
    def document(self) -> dict[str, object]:
        """The same as data; prices are dollars for a million tokens."""
        stands: dict[str, object] = {
            "tier": self.who,
            "model": self.offer.name,
            "first": self.first,
        }
        prices = {
            f"{name}_usd": usd(getattr(self.offer.rates, name, None)) for name in PRICES
        }
        today = {"calls_today": self.past.calls, "today_usd": usd(self.past.usd)}
        most = {
            "calls_per_day": self.limit.calls_per_day,
            "per_day_usd": usd(self.limit.usd_per_day),
        }
        return (
            stands
            | {"why": self.why or None, **prices, "context": self.offer.context}
            | today
            | most
        )

    @property
    def lines(self) -> tuple[str, str]:
        """The same in words."""
        stands = (
            "answers now"
            if self.first
            else f"no: {self.why}"
            if self.why
            else "is next"
        )
        asked, paid = f"{self.past.calls:,}", dollars(self.past.usd)
        asked += (
            f" of {most:,}" if (most := self.limit.calls_per_day) is not None else ""
        )
        paid += (
            f" of {dollars(most)}"
            if (most := self.limit.usd_per_day) is not None
            else ""
        )
        reads = f"reads {self.offer.context:,}; {asked} asked, {paid} today"
        return f"{self.offer.name}  {stands}", f"{price(self.offer.rates)}; {reads}"


def usd(micro: int | None) -> float | None:
    """Dollars, where there is an amount."""
    return None if micro is None else micro / 1e6


def price(rates: Rates | None) -> str:
    """A price in words, for a million tokens."""
    if rates is None:
        return "price unknown"
    paid = {word: usd(getattr(rates, name)) for name, word in PRICES.items()}
    told = [
        f"${much:.2f} {word}" if much == round(much, 2) else f"${much:g} {word}"
        for word, much in paid.items()
        if much
    ]
    long = (
        f" (above {rates.long_from:,} tokens {price(rates.long)})" if rates.long else ""
    )
    return (", ".join(told) or "free") + long


def named(edges: Edges, settings: Settings) -> list[tuple[str, Offer]]:
    """Every model that a tier or an agent names, in the order in which it would be asked."""
    agents = [
        (agent.id, Tier.MEDIUM, agent.own.model)
        for agent in edges.company.load().agents
        if agent.own.model
    ]
    wanted = [*((tier, tier, "") for tier in Tier), *agents]
    return [
        (who, offer)
        for who, tier, pin in wanted
        for offer in offers(settings, Known(), tier=tier, pin=pin)
    ]


def ways(edges: Edges) -> Iterator[Way]:
    """How every named model stands now; nobody is asked and no connection is made."""
    settings, served = edges.company.settings().usable(), set[str]()
    models, now, day = (
        Models(edges.company.root, os.environ),
        current_company.now(),
        current_company.today().isoformat(),
    )

    def look(t: Transaction) -> dict[str, Past]:
        return {model: Past(*rest) for model, *rest in t.rows(PAST, day)}

    pasts = looked(look, {})
    for who, offer in named(edges, settings):
        past, limit = (
            pasts.get(offer.name, Past()),
            settings.limits.get(offer.name, Limit()),
        )
        why = why_not(offer, models) or passed_over(past, limit, now)
        yield Way(
            who=who,
            offer=offer,
            limit=limit,
            past=past,
            why=why,
            first=not why and who not in served,
        )
        served |= set() if why else {who}


def passed_over(past: Past, limit: Limit, now: datetime) -> str:
    """Why a model that can be asked is not asked now."""
    if past.until and datetime.fromisoformat(past.until) > now:
        return f"skipped until {past.until} after {past.why}"
    if limit.calls_per_day is not None and past.calls >= limit.calls_per_day:
        return f"its {limit.calls_per_day:,} calls of the day are used up"
    if limit.usd_per_day is not None and past.usd >= limit.usd_per_day:
        return f"its {dollars(limit.usd_per_day)} of the day are used up"
    return ""


def draw(found: Sequence[Way], every: Sequence[Way]) -> None:
    """Some models below their tiers, and the tiers that have none."""
    for i, way in enumerate(found):
        if i == 0 or found[i - 1].who != way.who:
            screen.say(way.who, screen.Look.BOLD)
        look = (
            screen.Look.GOOD
            if way.first
            else screen.Look.SOON
            if way.why
            else screen.Look.PLAIN
        )
        for line, indent, shade in zip(
            way.lines, ("  ", "    "), (look, screen.Look.DIM), strict=True
        ):
            screen.say(
                fill(
                    line,
                    screen.width(),
                    initial_indent=indent,
                    subsequent_indent="    ",
                ),
                shade,
            )
    for tier in (
        tier
        for tier in ("light", "medium", "heavy")
        if tier not in {way.who for way in every}
    ):
        screen.say(
            f"{tier}\n  no model: write models: {{{tier}: [provider/model]}} in {FILE}"
        )
