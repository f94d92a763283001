"""Which model is asked: the first of its tier that is configured, healthy and within its day."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from msgspec import Struct

from agentco.company.model_offers import ModelOffer, TokenRates, offers_for_tier
from agentco.engine.office import Office
from agentco.kernel.errors import CallFailed, Trouble
from agentco.ports.outside import ModelPort
from agentco.ports.store import Transaction
from agentco.rules.budget import (
    MIN_ANSWER_TOKENS,
    CapLevel,
    daily_limit_reached,
    worst_case_cost,
)
from agentco.rules.model_health import MIN_PAUSE, record_failure, why_skipped
from agentco.runs.effects import AskModel, EffectRecord, EffectState
from agentco.runs.events import ModelFailed
from agentco.runs.run import Run

FREE_RATES = TokenRates(input=0, output=0)


class NoAnswer(Struct, frozen=True, kw_only=True):
    """Why a model did not answer: what became of the call, or why there was none.

    `until` is when it may be asked again, None if time mends nothing; `skipped` if it was
    only too early; `large` if the prompt is too large for it. `context` is how many tokens the
    model takes, where it refused the call for that.
    """

    offer: ModelOffer
    why: str
    trouble: Trouble | None = None
    until: datetime | None = None
    skipped: bool = False
    large: bool = False
    context: int = 0


def models_for_run(run: Run, office: Office) -> tuple[ModelOffer, ...]:
    """Return the models of a run's tier in the founder's order: never those of another."""
    return offers_for_tier(
        office.settings,
        office.prices,
        tier=run.tier,
        pin=run.model,
        max_output=run.max_output,
        reasoning=run.reasoning,
    )


def usable_models(run: Run, office: Office) -> list[ModelOffer]:
    """Return the models of a run's tier that can be asked at all."""
    offers = models_for_run(run, office)
    return [offer for offer in offers if not why_unusable(offer, office.models)]


def why_unusable(offer: ModelOffer, models: ModelPort) -> str:
    """Return why a model cannot be asked; empty if it can."""
    if offer.unable:
        return offer.unable
    if offer.rates is None:
        setting = f'{{"{offer.name}": {{input: …, output: …}}}}'
        return f"no price is known for {offer.name}: write prices: {setting}"
    return models.missing(offer) or ""


def name_the_model(offer: ModelOffer, why: str) -> str:
    """Return a reason that says which model it is about."""
    return why if offer.name in why else f"{offer.name}: {why}"


def check_model_limits(
    tx: Transaction, offer: ModelOffer, tokens: int, office: Office, *, anyway: bool
) -> NoAnswer | tuple[CapLevel, ...]:
    """Return the model's own caps for a prompt of so many tokens, or why it is not asked now.

    `anyway` asks also a model that is skipped.
    """
    health = tx.model_health(offer.name)
    skipped = health and not anyway and why_skipped(health, office.clock.now())
    if health and skipped:
        return NoAnswer(offer=offer, why=skipped, until=health.until, skipped=True)
    limit = office.settings.limits.get(offer.name)
    if not limit:
        return ()
    usage = tx.model_usage(offer.name, office.today().isoformat())
    rates = offer.rates or FREE_RATES
    least_cost = worst_case_cost(rates, tokens, MIN_ANSWER_TOKENS)
    if why := daily_limit_reached(limit, usage, least_cost, tokens):
        why = f"{offer.name}: {why}"
        return NoAnswer(offer=offer, why=why, until=next_midnight(office))
    if limit.usd_per_day is None:
        return ()
    level = CapLevel(
        scope=offer.name,
        name=f"the limit of {offer.name} today",
        cap=limit.usd_per_day,
        spent=usage.spent,
        reserved=usage.reserved,
    )
    return (level,)


def next_midnight(office: Office) -> datetime:
    """Return when the company's next day begins."""
    tomorrow = office.today() + timedelta(days=1)
    return datetime.combine(tomorrow, time(), office.settings.time_zone)


def first_skipped_model(failures: Sequence[NoAnswer]) -> ModelOffer | None:
    """Return the skipped model whose time ends first: one try beats none.

    Returns None if any model was asked.
    """
    if any(failure.trouble for failure in failures):
        return None
    times = dict[datetime, ModelOffer]()
    for failure in failures:
        if failure.skipped and failure.until:
            times.setdefault(failure.until, failure.offer)
    return times[min(times)] if times else None


def record_no_answer(
    tx: Transaction, offer: ModelOffer, failure: CallFailed, office: Office
) -> NoAnswer:
    """Note what a failed call says of a model's health; a refused request says nothing."""
    why = name_the_model(offer, failure.what)
    if failure.trouble is Trouble.REFUSED:
        return NoAnswer(
            offer=offer, why=why, trouble=failure.trouble, context=failure.context
        )
    now = office.clock.now()
    known = tx.model_health(offer.name)
    health = record_failure(known, offer.name, now, failure.what, failure.retry_after)
    tx.save_model_health(health)
    until = None
    if failure.trouble is not Trouble.LOST:
        until = max(health.until, now + MIN_PAUSE)
    return NoAnswer(offer=offer, why=why, trouble=failure.trouble, until=until)


def ready_at(tx: Transaction, root: str) -> datetime | None:
    """Return when a run that stopped for want of a model may go on.

    Returns None if it did not stop for that, or only the founder can mend it.
    """
    times = list[datetime]()
    for row in tx.load_effects(root, EffectState.HELD):
        failure = failure_before(tx, row)
        if failure and failure.until:
            times.append(datetime.fromisoformat(failure.until))
    return min(times, default=None)


def failure_before(tx: Transaction, row: EffectRecord) -> ModelFailed | None:
    """Return the failure for which a model call is held; None for another effect."""
    if not isinstance(row.wanted, AskModel):
        return None
    for entry in tx.load_story(row.run):
        is_last = entry.effect.number == row.number - 1
        if is_last and isinstance(entry.event, ModelFailed):
            return entry.event
    return None
