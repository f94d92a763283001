"""`agentco show models`: who would answer now for each tier and at what price, and why the others would not."""

import os
from collections.abc import Iterator, Sequence
from datetime import datetime
from textwrap import fill

from msgspec import Struct
from msgspec.structs import replace

from agentco.adapters.models.clients import ModelClients
from agentco.adapters.models.prices import PriceTable
from agentco.cli import current_company, screen
from agentco.company.model_offers import ModelOffer, TokenRates, offers_for_tier
from agentco.company.records import Tier
from agentco.company.settings import SETTINGS_FILE, ModelLimit, Settings
from agentco.desk.open_company import OpenCompany
from agentco.engine.route import why_unusable
from agentco.engine.store import Transaction
from agentco.kernel.money import format_dollars

PRICE_WORDS = {"input": "in", "output": "out", "cached": "cached", "written": "written"}


class ModelHistory(Struct, frozen=True):
    """What a model did: its calls of the day with their micro-dollars, open ones included; how its last ones failed."""

    calls: int = 0
    usd: int = 0
    until: str = ""
    why: str = ""


class ModelChoice(Struct, frozen=True, kw_only=True):
    """One model of a tier, or of an agent that names it; `why` says why it would not be asked now."""

    who: str
    offer: ModelOffer
    limit: ModelLimit
    past: ModelHistory
    why: str
    first: bool

    @property
    def as_document(self) -> dict[str, object]:
        """The same as data; prices are dollars for a million tokens."""
        stands: dict[str, object] = {
            "tier": self.who,
            "model": self.offer.name,
            "first": self.first,
        }
        prices = {
            f"{name}_usd": to_dollars(getattr(self.offer.rates, name, None))
            for name in PRICE_WORDS
        }
        today = {"calls_today": self.past.calls, "today_usd": to_dollars(self.past.usd)}
        most = {
            "calls_per_day": self.limit.calls_per_day,
            "per_day_usd": to_dollars(self.limit.usd_per_day),
        }
        return (
            stands
            | {"why": self.why or None, **prices, "context": self.offer.context}
            | today
            | most
        )

    @property
    def text_lines(self) -> tuple[str, str]:
        """The same in words."""
        stands = (
            "answers now"
            if self.first
            else f"no: {self.why}"
            if self.why
            else "is next"
        )
        asked, paid = f"{self.past.calls:,}", format_dollars(self.past.usd)
        asked += (
            f" of {most:,}" if (most := self.limit.calls_per_day) is not None else ""
        )
        paid += (
            f" of {format_dollars(most)}"
            if (most := self.limit.usd_per_day) is not None
            else ""
        )
        reads = f"reads {self.offer.context:,}; {asked} asked, {paid} today"
        return (
            f"{self.offer.name}  {stands}",
            f"{format_price(self.offer.rates)}; {reads}",
        )


def to_dollars(micro: int | None) -> float | None:
    """Dollars, where there is an amount."""
    return None if micro is None else micro / 1e6


def format_price(rates: TokenRates | None) -> str:
    """A price in words, for a million tokens."""
    if rates is None:
        return "price unknown"
    paid = {
        word: to_dollars(getattr(rates, name)) for name, word in PRICE_WORDS.items()
    }
    told = [
        f"${much:.2f} {word}" if much == round(much, 2) else f"${much:g} {word}"
        for word, much in paid.items()
        if much
    ]
    long = (
        f" (above {rates.long_from:,} tokens {format_price(rates.long)})"
        if rates.long
        else ""
    )
    return (", ".join(told) or "free") + long


def named_models(
    edges: OpenCompany, settings: Settings
) -> list[tuple[str, ModelOffer]]:
    """Every model that a tier or an agent names, in the order in which it would be asked."""
    agents = [
        (agent.id, Tier.MEDIUM, agent.own.model)
        for agent in edges.files.load().agents
        if agent.own.model
    ]
    wanted = [*((tier, tier, "") for tier in Tier), *agents]
    return [
        (who, offer)
        for who, tier, pin in wanted
        for offer in offers_for_tier(settings, PriceTable(), tier=tier, pin=pin)
    ]


def model_choices(edges: OpenCompany) -> Iterator[ModelChoice]:
    """How every named model stands now; nobody is asked and no connection is made."""
    settings, served = edges.files.settings().require_valid(), set[str]()
    models, now, day = (
        ModelClients(edges.files.root, os.environ),
        current_company.now(),
        current_company.today().isoformat(),
    )

    offers = named_models(edges, settings)
    names = {offer.name for _, offer in offers}
    pasts = current_company.open_current().read_state(
        lambda tx: {name: model_history(tx, name, day) for name in names}, {}
    )
    for who, offer in offers:
        past, limit = (
            pasts.get(offer.name, ModelHistory()),
            settings.limits.get(offer.name, ModelLimit()),
        )
        why = why_unusable(offer, models) or skip_reason(past, limit, now)
        yield ModelChoice(
            who=who,
            offer=offer,
            limit=limit,
            past=past,
            why=why,
            first=not why and who not in served,
        )
        served |= set() if why else {who}


def model_history(tx: Transaction, model: str, day: str) -> ModelHistory:
    """What a model did on a day, and how its last calls failed."""
    usage, health = tx.model_usage(model, day), tx.model_health(model)
    history = ModelHistory(calls=usage.calls, usd=usage.spent + usage.reserved)
    if health is None:
        return history
    return replace(
        history,
        until=health.until.isoformat(timespec="seconds"),
        why=f"{health.failures} failures: {health.why}",
    )


def skip_reason(past: ModelHistory, limit: ModelLimit, now: datetime) -> str:
    """Why a model that can be asked is not asked now."""
    if past.until and datetime.fromisoformat(past.until) > now:
        return f"skipped until {past.until} after {past.why}"
    if limit.calls_per_day is not None and past.calls >= limit.calls_per_day:
        return f"its {limit.calls_per_day:,} calls of the day are used up"
    if limit.usd_per_day is not None and past.usd >= limit.usd_per_day:
        return f"its {format_dollars(limit.usd_per_day)} of the day are used up"
    return ""


def print_models(found: Sequence[ModelChoice], every: Sequence[ModelChoice]) -> None:
    """Some models below their tiers, and the tiers that have none."""
    for i, way in enumerate(found):
        if i == 0 or found[i - 1].who != way.who:
            screen.print_text(way.who, screen.Style.BOLD)
        look = (
            screen.Style.GOOD
            if way.first
            else screen.Style.SOON
            if way.why
            else screen.Style.PLAIN
        )
        for line, indent, shade in zip(
            way.text_lines, ("  ", "    "), (look, screen.Style.DIM), strict=True
        ):
            screen.print_text(
                fill(
                    line,
                    screen.terminal_width(),
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
        screen.print_text(
            f"{tier}\n  no model: write models: {{{tier}: [provider/model]}} in {SETTINGS_FILE}"
        )
