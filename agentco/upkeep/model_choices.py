"""Who would answer now for each tier and at what price, and why the others would not."""

from collections.abc import Iterable
from datetime import datetime, tzinfo

from msgspec import Struct
from msgspec.structs import replace

from agentco.company.model_offers import ModelOffer, offers_for_tier
from agentco.company.records import Tier
from agentco.company.settings import ModelLimit, Settings
from agentco.desk.lookups import unknown_name
from agentco.desk.open_company import OpenCompany
from agentco.engine.ask_model import why_unusable
from agentco.kernel.money import format_dollars
from agentco.ports.plans import PlanWindow
from agentco.ports.store import Transaction
from agentco.rules.read_context import LearnedContext
from agentco.runs.grants import tier_of

REQUIRED_TIERS = ("light", "medium", "heavy")


class ModelHistory(Struct, frozen=True):
    """The day's calls, tokens and micro-dollars of a model, open calls included.

    `until` and `why` say till when it is skipped after its last failures, `learned` how many
    tokens it was seen to take.
    """

    calls: int = 0
    usd: int = 0
    tokens: int = 0
    until: str = ""
    why: str = ""
    learned: LearnedContext | None = None


class ModelChoice(Struct, frozen=True, kw_only=True):
    """One model of a tier, or of an agent that names it; `windows` are those of its plan.

    `why` says why it would not be asked now; `first` is the one that would answer.
    """

    who: str
    offer: ModelOffer
    limit: ModelLimit
    past: ModelHistory
    why: str
    first: bool
    windows: tuple[PlanWindow, ...] = ()


class ModelChoices(Struct, frozen=True, kw_only=True):
    """The models that were asked about, and the tiers that have none at all."""

    choices: tuple[ModelChoice, ...]
    tiers_without: tuple[str, ...]


def list_models(company: OpenCompany, name: str | None = None) -> ModelChoices:
    """How every named model stands, or those of one tier, agent or name.

    Nobody is asked and no connection is made. Raises WrongUsage for an unknown name.
    """
    every = model_choices(company)
    chosen = [each for each in every if name in {None, each.who, each.offer.name}]
    if name and not chosen:
        known = [str(each.who) for each in every]
        known.extend(each.offer.name for each in every)
        raise unknown_name("tier, agent or model", name, list(dict.fromkeys(known)))
    named = {each.who for each in every}
    without = tuple(tier for tier in REQUIRED_TIERS if tier not in named)
    return ModelChoices(choices=tuple(chosen), tiers_without=without)


def named_models(
    company: OpenCompany, settings: Settings
) -> list[tuple[str, ModelOffer]]:
    """Every model that a tier or an agent names, in the order of being asked."""
    prices = company.prices()
    named: list[tuple[str, ModelOffer]] = []
    for tier in Tier:
        offers = offers_for_tier(settings, prices, tier=tier)
        named.extend((tier, offer) for offer in offers)
    for agent in company.files.load().agents:
        if agent.own.model:
            offers = offers_for_tier(
                settings,
                prices,
                tier=tier_of(agent),
                pin=agent.own.model,
                max_output=agent.own.max_output or 0,
                reasoning=agent.own.reasoning,
            )
            named.extend((agent.id, offer) for offer in offers)
    return named


def model_choices(company: OpenCompany) -> list[ModelChoice]:
    """How every named model stands now."""
    settings = company.settings
    named = named_models(company, settings)
    pasts = _histories(company, {offer.name for _, offer in named})
    models = company.models()
    now = company.now()
    answered: set[str] = set()
    choices: list[ModelChoice] = []
    for who, offer in named:
        past = pasts.get(offer.name, ModelHistory())
        limit = settings.limits.get(offer.name, ModelLimit())
        windows = tuple(models.plan_windows(offer))
        why = (
            why_unusable(offer, models)
            or skip_reason(past, limit, now)
            or why_resting(windows, limit, now, settings.time_zone)
        )
        choice = ModelChoice(
            who=who,
            offer=with_learned_context(offer, past.learned, now),
            limit=limit,
            past=past,
            why=why,
            first=not why and who not in answered,
            windows=windows,
        )
        choices.append(choice)
        if not why:
            answered.add(who)
    return choices


def with_learned_context(
    offer: ModelOffer, learned: LearnedContext | None, now: datetime
) -> ModelOffer:
    """An offer with the context that its counts have shown, where nobody says another."""
    if learned is None or offer.asks_context:
        return offer
    if learned.still_holds(offer.context, now):
        return replace(offer, context=learned.tokens)
    return offer


def model_history(tx: Transaction, model: str, day: str) -> ModelHistory:
    """What a model did on a day, and how its last calls failed."""
    usage = tx.model_usage(model, day)
    health = tx.model_health(model)
    history = ModelHistory(
        calls=usage.calls,
        usd=usage.spent + usage.reserved,
        tokens=usage.tokens,
        learned=tx.learned_context(model),
    )
    if health is None:
        return history
    return replace(
        history,
        until=health.until.isoformat(timespec="seconds"),
        why=f"{health.failures} failures: {health.why}",
    )


def skip_reason(past: ModelHistory, limit: ModelLimit, now: datetime) -> str:
    """Why a model that can be asked is not asked now; empty if it is."""
    if past.until and datetime.fromisoformat(past.until) > now:
        return f"skipped until {past.until} after {past.why}"
    if limit.calls_per_day is not None and past.calls >= limit.calls_per_day:
        return f"its {limit.calls_per_day:,} calls of the day are used up"
    if limit.tokens_per_day is not None and past.tokens >= limit.tokens_per_day:
        return f"its {limit.tokens_per_day:,} tokens of the day are used up"
    if limit.usd_per_day is not None and past.usd >= limit.usd_per_day:
        return f"its {format_dollars(limit.usd_per_day)} of the day are used up"
    return ""


def why_resting(
    windows: Iterable[PlanWindow], limit: ModelLimit, now: datetime, zone: tzinfo
) -> str:
    """Why a model of a plan is not asked until a window begins anew; empty if it is."""
    full = [window for window in windows if window.keeps_back(limit.leave)]
    if not full:
        return ""
    last = max(full, key=lambda window: window.resets)
    return last.why_resting(limit.leave, now.timestamp(), zone)


def _histories(company: OpenCompany, names: set[str]) -> dict[str, ModelHistory]:
    day = company.today().isoformat()
    return company.read_state(
        lambda tx: {name: model_history(tx, name, day) for name in names}, {}
    )
