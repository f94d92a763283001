"""`agentco show models`: who would answer now for each tier and at what price, and why the others would not."""

import os
from collections.abc import Iterator, Sequence
from datetime import datetime
from textwrap import fill

from msgspec import Struct

from agentco.company.offers import Offer, Rates, offers
from agentco.company.records import Tier
from agentco.company.settings import FILE, Limit, Settings
from agentco.edges.cli import here, screen
from agentco.edges.cli.state import looked
from agentco.edges.models.models import Models
from agentco.edges.models.prices import Known
from agentco.edges.ports import Edges
from agentco.edges.stores.state.transaction import Transaction
from agentco.governance.budget import dollars
from agentco.runtime.ask_model import why_not

USED = """
SELECT model, sum(calls), sum(usd) FROM (
  SELECT model, calls, usd FROM ledger WHERE day = :day
  UNION ALL SELECT model, 1, reserved FROM effects WHERE day = :day AND state = 'sent')
GROUP BY model
"""


class Past(Struct, frozen=True, kw_only=True):
    """What a model did: its calls of the day with their micro-dollars, open ones included, and its last failures."""

    calls: int = 0
    usd: int = 0
    failures: int = 0
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
        rates, limit = self.offer.rates, self.limit
        priced = {f"{name}_usd": None if rates is None else usd(getattr(rates, name)) for name in PRICES}
        long = rates and rates.long
        return {
            "tier": self.who,
            "model": self.offer.name,
            "first": self.first,
            "able": not self.why,
            "why": self.why or None,
            **priced,
            "long_from": rates.long_from if rates and long else None,
            "long": {f"{name}_usd": usd(getattr(long, name)) for name in PRICES} if long else None,
            "context": self.offer.context,
            "calls_today": self.past.calls,
            "today_usd": self.past.usd / 1e6,
            "calls_per_day": limit.calls_per_day,
            "per_day_usd": usd(limit.usd_per_day),
        }

    @property
    def lines(self) -> list[str]:
        """The same in words."""
        stands = "answers now" if self.first else f"no: {self.why}" if self.why else "is next"
        return [f"{self.offer.name}  {stands}", f"{price(self.offer.rates)}; reads {self.offer.context:,}; {self.day}"]

    @property
    def day(self) -> str:
        """What it did today beside what it may."""
        calls, most = self.limit.calls_per_day, self.limit.usd_per_day
        told = f"{self.past.calls:,}{'' if calls is None else f' of {calls:,}'} asked, {dollars(self.past.usd)}"
        return f"{told}{'' if most is None else f' of {dollars(most)}'} today"


PRICES = ("input", "output", "cached", "written")


def usd(micro: int | None) -> float | None:
    """Dollars, where there is an amount."""
    return None if micro is None else micro / 1e6


def price(rates: Rates | None) -> str:
    """A price in words, for a million tokens."""
    if rates is None:
        return "price unknown"
    if rates == Rates(input=0, output=0):
        return "free"
    words = zip(("in", "out", "cached", "written"), (usd(getattr(rates, name)) for name in PRICES), strict=True)
    told = [f"${paid:.2f} {word}" if paid == round(paid, 2) else f"${paid:g} {word}" for word, paid in words if paid]
    return ", ".join(told) + (f" (above {rates.long_from:,} tokens {price(rates.long)})" if rates.long else "")


def named(edges: Edges, settings: Settings) -> list[tuple[str, Offer]]:
    """Every model that a tier or an agent names, in the order in which it would be asked."""
    agents = [(agent.id, Tier.MEDIUM, agent.own.model) for agent in edges.company.load().agents if agent.own.model]
    wanted = [*((tier, tier, "") for tier in Tier), *agents]
    return [(who, offer) for who, tier, pin in wanted for offer in offers(settings, Known(), tier=tier, pin=pin)]


def ways(edges: Edges) -> Iterator[Way]:
    """How every named model stands now; nobody is asked and no connection is made."""
    settings = edges.company.settings().usable()
    models, now, day = Models(edges.company.root, os.environ), here.now(), here.today().isoformat()
    pasts, served = looked(lambda t: past(t, day), dict[str, Past]()), set[str]()
    for who, offer in named(edges, settings):
        before, limit = pasts.get(offer.name, Past()), settings.limits.get(offer.name, Limit())
        why = why_not(offer, models) or passed_over(before, limit, now)
        yield Way(who=who, offer=offer, limit=limit, past=before, why=why, first=not why and who not in served)
        served |= set() if why else {who}


def past(t: Transaction, day: str) -> dict[str, Past]:
    """What every model did today, and how its last calls failed."""
    used = {model: {"calls": calls, "usd": usd} for model, calls, usd in t.db.execute(USED, {"day": day})}
    ill = {
        model: {"failures": failures, "until": until, "why": why}
        for model, failures, until, why in t.rows("SELECT model, failures, until, why FROM health")
    }
    return {model: Past(**used.get(model, {}), **ill.get(model, {})) for model in used.keys() | ill.keys()}


def passed_over(before: Past, limit: Limit, now: datetime) -> str:
    """Why a model that can be asked is not asked now."""
    if before.until and datetime.fromisoformat(before.until) > now:
        return f"skipped until {before.until} after {before.failures} failures: {before.why}"
    if limit.calls_per_day is not None and before.calls >= limit.calls_per_day:
        return f"its {limit.calls_per_day:,} calls of the day are used up"
    if limit.usd_per_day is not None and before.usd >= limit.usd_per_day:
        return f"its {dollars(limit.usd_per_day)} of the day are used up"
    return ""


def draw(found: Sequence[Way], every: Sequence[Way]) -> None:
    """Some models below their tiers, and the tiers that have none."""
    empty = [tier for tier in ("light", "medium", "heavy") if tier not in {way.who for way in every}]
    for i, way in enumerate(found):
        if i == 0 or found[i - 1].who != way.who:
            screen.say(way.who, screen.Look.BOLD)
        look = screen.Look.GOOD if way.first else screen.Look.SOON if way.why else screen.Look.PLAIN
        for line, shade in zip(way.lines, (look, screen.Look.DIM), strict=True):
            indent = "  " if shade is look else "    "
            screen.say(fill(line, screen.width(), initial_indent=indent, subsequent_indent="    "), shade)
    for tier in empty:
        screen.say(f"{tier}\n  no model: write models: {{{tier}: [provider/model]}} in {FILE}")
