"""Which model is asked: the first of its tier that is configured, healthy and within its limits of the day."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from msgspec import Struct

from agentco.company.model_offers import Offer, Rates, offers
from agentco.engine.office import ModelPort, Office, Transaction
from agentco.kernel.errors import CallFailed, Trouble
from agentco.rules.budget import LEAST_TOKENS, Level, used_up, worst_case
from agentco.rules.model_health import LEAST, failed, skipped
from agentco.runs.effects import AskModel, State
from agentco.runs.events import Failed
from agentco.runs.run import Run

FREE = Rates(input=0, output=0)


class Turned(Struct, frozen=True, kw_only=True):
    """Why a model did not answer: what became of the call, or why there was none.

    `until` is when it may be asked again, None when time mends nothing; `skipped` when it was only too early.
    """

    offer: Offer
    why: str
    trouble: Trouble | None = None
    until: datetime | None = None
    skipped: bool = False
    large: bool = False


def ways(run: Run, office: Office) -> tuple[Offer, ...]:
    """The models of a run's tier in the founder's order: never those of another."""
    return offers(office.settings, office.prices, tier=run.tier, pin=run.model)


def usable(run: Run, office: Office) -> tuple[Offer, ...]:
    """Those that can be asked at all."""
    return tuple(
        offer for offer in ways(run, office) if not why_not(offer, office.models)
    )


def why_not(offer: Offer, models: ModelPort) -> str:
    """Why a model cannot be asked; empty when it can."""
    if offer.unable:
        return offer.unable
    if offer.rates is None:
        return f'no price is known for {offer.name}: write prices: {{"{offer.name}": {{input: …, output: …}}}}'
    return models.missing(offer) or ""


def named(offer: Offer, why: str) -> str:
    """A reason that says which model it is about."""
    return why if offer.name in why else f"{offer.name}: {why}"


def limits(
    t: Transaction, offer: Offer, tokens: int, office: Office, *, anyway: bool
) -> Turned | tuple[Level, ...]:
    """What a call with so many tokens must fit beside the budgets, or why it is not made now.

    `anyway` asks also a model that is skipped.
    """
    now, today = office.clock.now(), office.today()
    ill = t.health(offer.name)
    if ill and not anyway and (why := skipped(ill, now)):
        return Turned(offer=offer, why=why, until=ill.until, skipped=True)
    if not (limit := office.settings.limits.get(offer.name)):
        return ()
    used = t.used(offer.name, today.isoformat())
    if why := used_up(
        limit, used, worst_case(offer.rates or FREE, tokens, LEAST_TOKENS)
    ):
        midnight = datetime.combine(
            today + timedelta(days=1), time(), office.settings.zone
        )
        return Turned(offer=offer, why=f"{offer.name}: {why}", until=midnight)
    if (cap := limit.usd_per_day) is None:
        return ()
    name = f"the limit of {offer.name} today"
    return (
        Level(
            scope=offer.name,
            name=name,
            cap=cap,
            spent=used.spent,
            reserved=used.reserved,
        ),
    )


def rested(gone: Sequence[Turned]) -> Offer | None:
    """Of those that were skipped the first whose time ends, where nobody at all was asked: one try beats none."""
    found = [(one.until, n) for n, one in enumerate(gone) if one.skipped and one.until]
    return (
        gone[min(found)[1]].offer
        if found and not any(one.trouble for one in gone)
        else None
    )


def turned(t: Transaction, offer: Offer, failure: CallFailed, office: Office) -> Turned:
    """A model did not answer: what that says of its health. A request that it refuses says nothing."""
    why, trouble, now = named(offer, failure.what), failure.trouble, office.clock.now()
    if trouble is Trouble.REFUSED:
        return Turned(offer=offer, why=why, trouble=trouble)
    health = failed(
        t.health(offer.name), offer.name, now, failure.what, failure.retry_after
    )
    t.ails(health)
    until = None if trouble is Trouble.LOST else max(health.until, now + LEAST)
    return Turned(offer=offer, why=why, trouble=trouble, until=until)


def ready_at(t: Transaction, root: str) -> datetime | None:
    """When a run that stopped for want of a model may go on; None when it did not, or only the founder can mend it."""
    found = list[datetime]()
    for row in t.effects(root, State.HELD):
        before = next(
            (
                told.event
                for told in t.story(row.run)
                if told.effect.number == row.number - 1
            ),
            None,
        )
        if (
            isinstance(row.wanted, AskModel)
            and isinstance(before, Failed)
            and before.until
        ):
            found.append(datetime.fromisoformat(before.until))
    return min(found, default=None)
