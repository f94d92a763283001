"""One call of a model: reserved before it is made, and made again only when it was not paid."""

from collections.abc import Callable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from agentco.company.model_offers import Offer
from agentco.company.records import Tier
from agentco.engine.office import Office, Transaction
from agentco.engine.route import (
    FREE,
    Turned,
    limits,
    named,
    rested,
    turned,
    ways,
    why_not,
)
from agentco.engine.settle import Done, audit_line, orphaned
from agentco.kernel.errors import CallFailed, Trouble
from agentco.rules.budget import LEAST_TOKENS, Fit, Fitting, cost, estimated, fitting
from agentco.rules.permissions import Ruling
from agentco.rules.redaction import redacted
from agentco.rules.rule import Context, rule
from agentco.runs.actions import KINDS, spec, spoken
from agentco.runs.effects import AskModel, Row, State
from agentco.runs.events import Answered, Entry, Failed, Limit, Refused
from agentco.runs.model_messages import Answer, Message, Request
from agentco.runs.run import Run
from agentco.runs.steps import callable_in, offered
from agentco.runs.transcript import conversation, numbered
from agentco.supervision.loop_detection import circle

MAX_TOKENS = {Tier.LIGHT: 1500, Tier.MEDIUM: 4000, Tier.HEAVY: 8000, Tier.LOCAL: 4000}
TRIES = 3
LONGEST_PAUSE_S = 60.0
WAIT_S = 0.05
OVERHEAD = 4096
MOST_BYTES = 16
"""No tokenizer makes a token of more bytes than this, over a whole text."""


class Call(Struct, frozen=True, kw_only=True):
    """One effect put to one model; `size` is the bytes of what is said, `passed` why others did not answer.

    `anyway` when it is put to one that is skipped, because all of its tier are.
    """

    row: Row
    run: Run
    offer: Offer
    size: int
    passed: tuple[str, ...] = ()
    anyway: bool = False


async def ask_model(
    row: Row, context: Callable[[Run], Context], office: Office
) -> Done | None:
    """The answer of the first model that gives one; None when it may not be asked now."""
    run, request, size = await office.read(prepared, row)
    if isinstance(request, Done):
        return request
    gone = list[Turned]()

    async def put(offer: Offer, *, anyway: bool = False) -> Done | Turned | None:
        passed = tuple(one.why for one in gone)
        call = Call(
            row=row, run=run, offer=offer, size=size, passed=passed, anyway=anyway
        )
        came = await asked(call, request, context(run), office)
        gone.extend([came] if isinstance(came, Turned) else [])
        return came

    for offer in ways(run, office):
        came = await put(offer)
        if not isinstance(came, Turned):
            return came
        if came.trouble is Trouble.LOST:
            break
    if (offer := rested(gone)) and not isinstance(
        came := await put(offer, anyway=True), Turned
    ):
        return came
    return nobody(row, gone)


def nobody(row: Row, gone: Sequence[Turned]) -> Done:
    """What a run hears when no model of its tier answered."""
    troubles = [one.trouble for one in gone if one.trouble]
    later = [one.until for one in gone if one.until and Trouble.LOST not in troubles]
    if not (troubles or later) and (large := [one.why for one in gone if one.large]):
        return refused(row, Limit.SIZE, large[-1])
    reason = "; ".join(one.why for one in gone) or "no model is configured for it"
    until = min(later).isoformat(timespec="seconds") if later else ""
    trouble = troubles[-1] if troubles else Trouble.UNREACHABLE
    return Done(
        row=row,
        event=Failed(effect=row.number, trouble=trouble, reason=reason, until=until),
    )


async def asked(
    call: Call, request: Request, context: Context, office: Office
) -> Done | Turned | None:
    """What one model says. Only a busy one is asked again, each time on a new reservation."""
    if why := why_not(call.offer, office.models):
        return Turned(offer=call.offer, why=named(call.offer, why))
    for attempt in range(1, TRIES + 1):
        fitted = await reserve(call, context, office)
        if isinstance(fitted, Turned) and attempt > 1:
            return replace(fitted, trouble=Trouble.BUSY)
        if not isinstance(fitted, Fitting):
            return fitted
        try:
            request = replace(request, max_tokens=fitted.max_tokens)
            answer = await office.models.ask(
                call.offer, request, lambda said: office.hear(call.run.id, said)
            )
        except CallFailed as failure:
            if not again(call, attempt, failure):
                return await office.write(unanswered, call, failure, office)
            await office.write(release, call, failure.what, office.stamp())
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
    request = Request(
        messages=messages,
        tools=tools,
        max_tokens=0,
        stable=asked.stable,
        must=effect.must,
    )
    return (
        run,
        request,
        sum(map(weight, messages))
        + sum(len(t.description) + len(t.parameters) for t in tools),
    )


def weight(message: Message) -> int:
    """The bytes of a message with its calls."""
    return len(message.text.encode()) + sum(
        len(c.name) + len(c.arguments.encode()) for c in message.calls
    )


async def reserve(
    call: Call, context: Context, office: Office
) -> Fitting | Turned | Done | None:
    """Reserve the worst case of a call, once it fits; None when it may not be made now."""
    while True:
        fitted = await office.write(reserved, call, context, office)
        if not isinstance(fitted, Fitting) or fitted.fit is Fit.FITS:
            return fitted
        if fitted.fit is Fit.REFUSED:
            return refused(call.row, Limit.BUDGET, fitted.reason)
        await forget_the_dead(office)
        await office.clock.pause(WAIT_S * (1 + office.clock.chance()))


def reserved(
    t: Transaction, call: Call, context: Context, office: Office
) -> Fitting | Turned | None:
    """Rule on a call and mark it sent with its reservation, in one act."""
    row, run, at = call.row, call.run, office.stamp()
    ruled = rule(row.wanted, replace(context, halted=t.halted(run.chain)))
    if ruled.ruling is not Ruling.ALLOW:
        t.note(
            audit_line(
                row, at, "ruled", ruling=ruled.ruling, rule=ruled.rule, why=ruled.why
            )
        )
        t.keep(replace(row, state=State.HELD))
        return None
    tokens = estimated(call.size, t.counted(call.offer.name))
    room = call.offer.context - tokens
    if room < LEAST_TOKENS:
        why = f"what was said has about {tokens:,} tokens, {call.offer.name} takes {call.offer.context:,}"
        return Turned(offer=call.offer, why=why, large=True)
    own = limits(t, call.offer, tokens, office, anyway=call.anyway)
    if isinstance(own, Turned):
        return own
    day = office.today()
    found = office.caps(run, t.root(run.root)[0], day)
    fitted = fitting(
        (*t.levels(found), *own),
        office.settings.budget.call,
        call.offer.rates or FREE,
        prompt_tokens=tokens,
        max_tokens=min(MAX_TOKENS[run.tier], room),
    )
    if fitted.fit is Fit.FITS:
        marked = replace(
            row, state=State.SENT, model=call.offer.name, reserved=fitted.worst
        )
        t.keep(replace(marked, day=day.isoformat(), driver=office.drivers.mine))
        why = f"{call.offer.name}, reserved in full"
        t.note(
            audit_line(
                row,
                at,
                "ruled",
                ruling=ruled.ruling,
                rule=ruled.rule,
                why=why,
                usd=fitted.worst,
            )
        )
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


def again(call: Call, attempt: int, failure: CallFailed) -> bool:
    """Whether a model is worth another try: it is only busy, and not for long."""
    tries, wish = 1 if call.anyway else TRIES, failure.retry_after or 0
    return (
        failure.trouble is Trouble.BUSY and attempt < tries and wish <= LONGEST_PAUSE_S
    )


def unanswered(
    t: Transaction, call: Call, failure: CallFailed, office: Office
) -> Turned:
    """A call brought nothing: it is released unless it may have been paid, and its model's health is noted."""
    if failure.trouble is not Trouble.LOST:
        release(t, call, failure.what, office.stamp())
    return turned(t, call.offer, failure, office)


def patience(failure: CallFailed, attempt: int, chance: float) -> float:
    """How many seconds to wait before the next try: as the provider says, else longer each time."""
    wanted = failure.retry_after if failure.retry_after is not None else 2.0**attempt
    return wanted * (1 + chance / 2)


def answered(call: Call, fitted: Fitting, answer: Answer, office: Office) -> Done:
    """An answer with what it cost; without a count that can be believed it cost what was reserved."""
    row, offer = call.row, call.offer
    usage = answer.usage if believable(answer, call.size, fitted.max_tokens) else None
    must = row.wanted.must if isinstance(row.wanted, AskModel) else ""
    calls = numbered(spoken(answer, callable_in(call.run), must), row.number)
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
        passed=call.passed,
        text=redacted(answer.text if answer.calls or not calls else "", office.secrets),
        calls=tuple(
            replace(c, arguments=redacted(c.arguments, office.secrets)) for c in calls
        ),
        stop=answer.stop,
        usage=usage,
    )
    return Done(row=row, event=event, entry=entry, size=call.size)


def believable(answer: Answer, size: int, max_tokens: int) -> bool:
    """Whether a count can be true: some bytes a token, and no answer longer than allowed."""
    said = len(answer.text.encode()) + sum(
        len(call.arguments.encode()) for call in answer.calls
    )
    return answer.usage is not None and (
        size // MOST_BYTES <= answer.usage.input <= size + OVERHEAD
        and said // MOST_BYTES <= answer.usage.output <= max_tokens + OVERHEAD
    )


def refused(row: Row, limit: Limit, reason: str) -> Done:
    """A call that is not made."""
    return Done(row=row, event=Refused(effect=row.number, limit=limit, reason=reason))
