"""One call of a model: reserved before it is made, and made again only when it was not paid."""

from collections.abc import Callable

from msgspec import Struct
from msgspec.structs import replace

from agentco.company.offers import Offer, Rates, offers
from agentco.company.records import Tier
from agentco.errors import CallFailed, Trouble
from agentco.governance.budget import LEAST_TOKENS, Fit, Fitting, cost, estimated, fitting
from agentco.governance.permissions import Ruling
from agentco.governance.redact import redacted
from agentco.governance.rule import Context, rule
from agentco.runtime.office import ModelPort, Office, Transaction
from agentco.runtime.settle import Done, audit_line, orphaned
from agentco.supervision.loop import circle
from agentco.work.actions import KINDS, spec, spoken
from agentco.work.effects import AskModel, Row, State
from agentco.work.events import Answered, Entry, Failed, Limit, Refused
from agentco.work.run import Run
from agentco.work.steps import callable_in, offered
from agentco.work.talk import Answer, Message, Request
from agentco.work.transcript import conversation, numbered

MAX_TOKENS = {Tier.LIGHT: 1500, Tier.MEDIUM: 4000, Tier.HEAVY: 8000, Tier.LOCAL: 4000}
TRIES = 3
LONGEST_PAUSE_S = 60.0
WAIT_S = 0.05
OVERHEAD = 4096
MOST_BYTES = 16
"""No tokenizer makes a token of more bytes than this, over a whole text."""
FREE = Rates(input=0, output=0)


class Call(Struct, frozen=True, kw_only=True):
    """One effect put to one model; `size` is the bytes of what is said."""

    row: Row
    run: Run
    offer: Offer
    size: int


async def ask_model(row: Row, context: Callable[[Run], Context], office: Office) -> Done | None:
    """The answer of the first model that gives one; None when it may not be asked now."""
    run, request, size = await office.read(prepared, row)
    if isinstance(request, Done):
        return request
    failure = CallFailed("no model can be asked", hint="agentco doctor", trouble=Trouble.UNREACHABLE)
    large: Done | None = None
    for offer in usable(run, office):
        came = await asked(Call(row=row, run=run, offer=offer, size=size), request, context(run), office)
        if isinstance(came, Done) and isinstance(came.event, Refused) and came.event.limit is Limit.SIZE:
            large = came  # another model may take it
            continue
        if not isinstance(came, CallFailed):
            return came
        failure = came
        if failure.trouble is Trouble.LOST:
            break
    event = Failed(effect=row.number, trouble=failure.trouble, reason=failure.what)
    return large or Done(row=row, event=event)


async def asked(call: Call, request: Request, context: Context, office: Office) -> Done | CallFailed | None:
    """What one model says. Only a busy one is asked again, each time on a new reservation."""
    for attempt in range(1, TRIES + 1):
        fitted = await reserve(call, context, office)
        if not isinstance(fitted, Fitting):
            return fitted
        try:
            request = replace(request, max_tokens=fitted.max_tokens)
            answer = await office.models.ask(call.offer, request, lambda said: office.hear(call.run.id, said))
        except CallFailed as failure:
            if failure.trouble is Trouble.LOST:
                return failure
            await office.write(release, call, failure.what, office.stamp())
            if failure.trouble is not Trouble.BUSY or attempt == TRIES:
                return failure
            await office.clock.pause(patience(failure, attempt, office.clock.chance()))
        else:
            return answered(call, fitted, answer, office)
    return None


def prepared(t: Transaction, row: Row) -> tuple[Run, Request | Done, int]:
    """The run, what will be said, and its size in bytes; or what comes of a call that is not made."""
    run, asked, effect = t.run(row.run), t.asked(row.run), row.wanted
    if asked is None or not isinstance(effect, AskModel):
        return run, refused(row, Limit.SIZE, "what it was asked is no longer kept"), 0
    story = t.story(run.id)
    if why := circle(story):
        return run, refused(row, Limit.LOOP, why), 0
    messages = conversation(run.id, asked, story, last=effect.last)
    tools = tuple(spec(name) for name in offered(run, effect) if name in KINDS)
    request = Request(messages=messages, tools=tools, max_tokens=0, stable=asked.stable)
    return run, request, sum(map(weight, messages)) + sum(len(t.description) + len(t.parameters) for t in tools)


def weight(message: Message) -> int:
    """The bytes of a message with its calls."""
    return len(message.text.encode()) + sum(len(c.name) + len(c.arguments.encode()) for c in message.calls)


def usable(run: Run, office: Office) -> tuple[Offer, ...]:
    """The models that can be asked, in the founder's order."""
    found = offers(office.settings, office.prices, tier=run.tier, pin=run.model)
    return tuple(offer for offer in found if not why_not(offer, office.models))


def why_not(offer: Offer, models: ModelPort) -> str:
    """Why a model cannot be asked; empty when it can."""
    if offer.unable:
        return offer.unable
    if offer.rates is None:
        return f'no price is known for {offer.name}: write prices: {{"{offer.name}": {{input: …, output: …}}}}'
    return models.missing(offer) or ""


async def reserve(call: Call, context: Context, office: Office) -> Fitting | Done | None:
    """Reserve the worst case of a call, once it fits; None when it may not be made now."""
    while True:
        fitted = await office.write(reserved, call, context, office)
        match fitted and fitted.fit:
            case None:
                return None
            case Fit.REFUSED:
                return refused(call.row, Limit.BUDGET, fitted.reason if fitted else "")
            case Fit.LARGE:
                return refused(call.row, Limit.SIZE, fitted.reason if fitted else "")
            case Fit.FITS:
                return fitted
            case Fit.WAITS:
                await forget_the_dead(office)
                await office.clock.pause(WAIT_S * (1 + office.clock.chance()))


def reserved(t: Transaction, call: Call, context: Context, office: Office) -> Fitting | None:
    """Rule on a call and mark it sent with its reservation, in one act."""
    row, run, at = call.row, call.run, office.stamp()
    ruled = rule(row.wanted, replace(context, halted=t.halted(run.chain)))
    if ruled.ruling is not Ruling.ALLOW:
        t.note(audit_line(row, at, "ruled", ruling=ruled.ruling, rule=ruled.rule, why=ruled.why))
        t.keep(replace(row, state=State.HELD))
        return None
    tokens = estimated(call.size, t.counted(call.offer.name))
    room = call.offer.context - tokens
    if room < LEAST_TOKENS:
        why = f"what was said has about {tokens:,} tokens, {call.offer.name} takes {call.offer.context:,}"
        return Fitting(fit=Fit.LARGE, reason=why)
    day = office.today()
    found = office.caps(run, t.root(run.root)[0], day)
    fitted = fitting(
        t.levels(found),
        office.settings.budget.call,
        call.offer.rates or FREE,
        prompt_tokens=tokens,
        max_tokens=min(MAX_TOKENS[run.tier], room),
    )
    if fitted.fit is Fit.FITS:
        marked = replace(row, state=State.SENT, model=call.offer.name, reserved=fitted.worst)
        t.keep(replace(marked, day=day.isoformat(), driver=office.drivers.mine))
        why = f"{call.offer.name}, reserved in full"
        t.note(audit_line(row, at, "ruled", ruling=ruled.ruling, rule=ruled.rule, why=why, usd=fitted.worst))
    return fitted


async def forget_the_dead(office: Office) -> None:
    """What processes that are gone had reserved is spent: nobody waits for them."""
    rows = await office.read(lambda t: t.open(State.SENT))
    alive = {name: office.drivers.alive(name) for name in {row.driver for row in rows}}
    if dead := [row for row in rows if not alive[row.driver]]:
        await office.write(orphaned, dead, office.stamp())


def release(t: Transaction, call: Call, why: str, at: str) -> None:
    """A call that was not paid: what it had reserved is free again."""
    t.keep(call.row)
    t.note(audit_line(call.row, at, "not answered", why=f"{call.offer.name}: {why}"))


def patience(failure: CallFailed, attempt: int, chance: float) -> float:
    """How many seconds to wait before the next try: as the provider says, else longer each time."""
    wanted = failure.retry_after if failure.retry_after is not None else 2.0**attempt
    return min(wanted, LONGEST_PAUSE_S) * (1 + chance / 2)


def answered(call: Call, fitted: Fitting, answer: Answer, office: Office) -> Done:
    """An answer with what it cost; without a count that can be believed it cost what was reserved."""
    row, offer = call.row, call.offer
    usage = answer.usage if believable(answer, call.size, fitted.max_tokens) else None
    calls = numbered(spoken(answer, callable_in(call.run)), row.number)
    entry = Entry(
        at=office.stamp(),
        day=office.today().isoformat(),
        root=row.root,
        run=row.run,
        effect=row.number,
        agent=row.agent,
        prompt=call.run.prompt,
        model=offer.name,
        usd=cost(offer.rates or FREE, usage) if usage else fitted.worst,
        input=usage.input if usage else None,
        output=usage.output if usage else None,
    )
    event = Answered(
        effect=row.number,
        model=offer.name,
        text=redacted(answer.text if answer.calls or not calls else "", office.secrets),
        calls=tuple(replace(c, arguments=redacted(c.arguments, office.secrets)) for c in calls),
        stop=answer.stop,
        usage=usage,
    )
    return Done(row=row, event=event, entry=entry, size=call.size)


def believable(answer: Answer, size: int, max_tokens: int) -> bool:
    """Whether a count can be true: some bytes a token, and no answer longer than allowed."""
    said = len(answer.text.encode()) + sum(len(call.arguments.encode()) for call in answer.calls)
    return answer.usage is not None and (
        size // MOST_BYTES <= answer.usage.input <= size + OVERHEAD
        and said // MOST_BYTES <= answer.usage.output <= max_tokens + OVERHEAD
    )


def refused(row: Row, limit: Limit, reason: str) -> Done:
    """A call that is not made."""
    return Done(row=row, event=Refused(effect=row.number, limit=limit, reason=reason))
