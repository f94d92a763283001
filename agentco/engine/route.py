"""Which model is asked: the first of its tier that is configured, healthy and within its limits of the day."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from msgspec import Struct

from agentco.company.model_offers import ModelOffer, TokenRates, offers_for_tier
from agentco.engine.office import Office
from agentco.engine.ports import ModelPort
from agentco.engine.store import Transaction
from agentco.kernel.errors import CallFailed, Trouble
from agentco.rules.budget import (
    MIN_ANSWER_TOKENS,
    CapLevel,
    daily_limit_reached,
    worst_case_cost,
)
from agentco.rules.model_health import MIN_PAUSE, record_failure, why_skipped
from agentco.runs.effects import AskModel, EffectState
from agentco.runs.events import ModelFailed
from agentco.runs.run import Run

FREE_RATES = TokenRates(input=0, output=0)


class NoAnswer(Struct, frozen=True, kw_only=True):
    """Why a model did not answer: what became of the call, or why there was none.

    `until` is when it may be asked again, None when time mends nothing; `skipped` when it was only too early.
    """

    offer: ModelOffer
    why: str
    trouble: Trouble | None = None
    until: datetime | None = None
    skipped: bool = False
    large: bool = False


def models_for_run(run: Run, office: Office) -> tuple[ModelOffer, ...]:
    """The models of a run's tier in the founder's order: never those of another."""
    return offers_for_tier(office.settings, office.prices, tier=run.tier, pin=run.model)


def usable_models(run: Run, office: Office) -> tuple[ModelOffer, ...]:
    """Those that can be asked at all."""
    return tuple(
        offer
        for offer in models_for_run(run, office)
        if not why_unusable(offer, office.models)
    )


def why_unusable(offer: ModelOffer, models: ModelPort) -> str:
    """Why a model cannot be asked; empty when it can."""
    if offer.unable:
        return offer.unable
    if offer.rates is None:
        return f'no price is known for {offer.name}: write prices: {{"{offer.name}": {{input: …, output: …}}}}'
    return models.missing(offer) or ""


def name_the_model(offer: ModelOffer, why: str) -> str:
    """A reason that says which model it is about."""
    return why if offer.name in why else f"{offer.name}: {why}"


def check_model_limits(
    tx: Transaction, offer: ModelOffer, tokens: int, office: Office, *, anyway: bool
) -> NoAnswer | tuple[CapLevel, ...]:
    """What a call with so many tokens must fit beside the budgets, or why it is not made now.

    `anyway` asks also a model that is skipped.
    """
    now, today = office.clock.now(), office.today()
    ill = tx.model_health(offer.name)
    if ill and not anyway and (why := why_skipped(ill, now)):
        return NoAnswer(offer=offer, why=why, until=ill.until, skipped=True)
    if not (limit := office.settings.limits.get(offer.name)):
        return ()
    used = tx.model_usage(offer.name, today.isoformat())
    if why := daily_limit_reached(
        limit,
        used,
        worst_case_cost(offer.rates or FREE_RATES, tokens, MIN_ANSWER_TOKENS),
    ):
        midnight = datetime.combine(
            today + timedelta(days=1), time(), office.settings.time_zone
        )
        return NoAnswer(offer=offer, why=f"{offer.name}: {why}", until=midnight)
    if (cap := limit.usd_per_day) is None:
        return ()
    name = f"the limit of {offer.name} today"
    return (
        CapLevel(
            scope=offer.name,
            name=name,
            cap=cap,
            spent=used.spent,
            reserved=used.reserved,
        ),
    )


def first_skipped_model(gone: Sequence[NoAnswer]) -> ModelOffer | None:
    """Of those that were skipped the first whose time ends, where nobody at all was asked: one try beats none."""
    found = [(one.until, n) for n, one in enumerate(gone) if one.skipped and one.until]
    return (
        gone[min(found)[1]].offer
        if found and not any(one.trouble for one in gone)
        else None
    )


def record_no_answer(
    tx: Transaction, offer: ModelOffer, failure: CallFailed, office: Office
) -> NoAnswer:
    """A model did not answer: what that says of its health. A request that it refuses says nothing."""
    why, trouble, now = (
        name_the_model(offer, failure.what),
        failure.trouble,
        office.clock.now(),
    )
    if trouble is Trouble.REFUSED:
        return NoAnswer(offer=offer, why=why, trouble=trouble)
    health = record_failure(
        tx.model_health(offer.name), offer.name, now, failure.what, failure.retry_after
    )
    tx.save_model_health(health)
    until = None if trouble is Trouble.LOST else max(health.until, now + MIN_PAUSE)
    return NoAnswer(offer=offer, why=why, trouble=trouble, until=until)


def ready_at(tx: Transaction, root: str) -> datetime | None:
    """When a run that stopped for want of a model may go on; None when it did not, or only the founder can mend it."""
    found = list[datetime]()
    for row in tx.load_effects(root, EffectState.HELD):
        before = next(
            (
                told.event
                for told in tx.load_story(row.run)
                if told.effect.number == row.number - 1
            ),
            None,
        )
        if (
            isinstance(row.wanted, AskModel)
            and isinstance(before, ModelFailed)
            and before.until
        ):
            found.append(datetime.fromisoformat(before.until))
    return min(found, default=None)
