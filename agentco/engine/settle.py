"""Steps of a run inside one transaction: what came of an effect, what it cost, what comes next."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from agentco.engine.office import Transaction
from agentco.engine.ports import Proposal
from agentco.kernel.errors import Trouble, WrongUsage
from agentco.rules.audit import FIRST, Line
from agentco.runs.actions import Entity, Memory, MemoryAct
from agentco.runs.advance import advance
from agentco.runs.child_runs import outcome
from agentco.runs.effects import AskModel, OweReview, Row, State
from agentco.runs.events import (
    Asked,
    Cancelled,
    Decided,
    Entry,
    Failed,
    Happened,
    ToolReturned,
    Waived,
)
from agentco.runs.run import Job, Phase, Run

DAYS_TO_DECIDE = 7
LONGEST = 1900


class Done(Struct, frozen=True, kw_only=True):
    """What came of an effect; `doubtful` when nobody knows. `size` is the bytes of its prompt."""

    row: Row
    event: Happened
    entry: Entry | None = None
    size: int = 0
    doubtful: bool = False
    proposals: tuple[Proposal, ...] = ()


def begun(
    t: Transaction,
    run: Run,
    asked: Asked,
    *,
    at: str,
    cap: int | None,
    driver: str | None,
) -> None:
    """A run is there, and wants its first effect."""
    t.create(run, asked, at=at, cap=cap, driver=driver)
    body = t.put(msgspec.json.encode(asked.files), at)
    t.note(line(at, "asked", run=run.id, agent=run.agent, result=body))
    went_on(t, run.id, asked, at)


def settled(t: Transaction, done: Done, at: str) -> None:
    """Store the result, pay for it, put it into the audit, and go on: together or not at all."""
    row = t.effect(done.row.run, done.row.number)
    if row.state not in {State.SENT, State.TODO, State.PARKED, State.STARTED}:
        return
    state = State.IN_DOUBT if done.doubtful or lost(done.event) else State.DONE
    result = t.put(msgspec.json.encode(done.event), at)
    held = row.reserved if state is State.IN_DOUBT else 0
    t.keep(replace(row, state=state, result=result, reserved=held))
    entry = done.entry or (
        doubt(t, row, at) if state is State.IN_DOUBT and held else None
    )
    if entry:
        t.pay(replace(entry, day=row.day))
        if done.size and entry.input:
            t.count(entry.model, done.size, entry.input)
    for i, proposal in enumerate(done.proposals, 1):
        t.propose(
            f"{row.id}p{i}",
            row,
            proposal.what,
            proposal.action,
            at=at,
            expires=expiry(at),
        )
    what = str(type(done.event).__struct_config__.tag)
    t.note(
        audit_line(
            row,
            at,
            what,
            result=result,
            usd=entry.usd if entry else 0,
            why=why_of(done.event),
        )
    )
    if not done.doubtful:
        went_on(t, row.run, done.event, at)


def went_on(t: Transaction, name: str, event: Happened, at: str) -> None:
    """Advance a run; one that is over tells whoever started it."""
    run, wanted = advance(t.run(name), event)
    t.save(run, at)
    t.add(run, wanted, at)
    if not run.over:
        return
    t.note(line(at, str(run.phase), run=run.id, agent=run.agent, why=run.reason))
    if run.parent:
        parent, _, number = run.parent.rpartition(".")
        row, last = t.effect(parent, int(number)), answer_event(t, run)
        text = str(getattr(last, "text", ""))
        made = (
            (proposal(run, text, at),)
            if run.job is Job.IMPROVE and run.phase is Phase.DONE
            else ()
        )
        settled(
            t,
            Done(row=row, event=outcome(run, row.wanted, last, text), proposals=made),
            at,
        )


def proposal(run: Run, text: str, at: str) -> Proposal:
    """What the improver answered, as a lesson that the founder may accept."""
    told = {
        "Agent": run.chain[-2],
        "Category": "process",
        "Summary": run.title[:200],
        "Detail": text[:LONGEST],
    }
    said = (
        *(f"{key}: {' '.join(value.split())}" for key, value in told.items()),
        "Status: open",
    )
    lesson = Entity(
        name=f"lesson:{at[:10]}:{run.id}", entity_type="lesson", observations=said
    )
    return Proposal(
        what=text,
        action=Memory(operation=MemoryAct.CREATE_ENTITIES, entities=(lesson,)),
    )


def answer_of(t: Transaction, run: Run) -> str:
    """The deliverable of a run, or as much as there is of one."""
    return str(getattr(answer_event(t, run), "text", ""))


def answer_event(t: Transaction, run: Run) -> Happened | None:
    """What brought the deliverable."""
    return next(
        (told.event for told in t.story(run.id) if told.effect.number == run.answer),
        None,
    )


def recovered(t: Transaction, root: str, *, driver: str, at: str) -> None:
    """Take over a root whose process is gone: what was lost is in doubt and asked again, the rest redone."""
    t.set_run(root, driver=driver)
    for row in t.effects(
        root, State.HELD, State.SENT, State.IN_DOUBT, State.PARKED, State.SETTLED
    ):
        if row.state is State.HELD or (
            row.state is State.SENT and not isinstance(row.wanted, AskModel)
        ):
            t.keep(replace(row, state=State.TODO))
        elif row.state is State.PARKED and row.expires and row.expires < at:
            late = Decided(effect=row.number, text="nobody answered in time", ok=False)
            settled(t, Done(row=row, event=late), at)
        elif (
            isinstance(row.wanted, AskModel) and row.number in t.run(row.run).waits_for
        ):
            gone = Failed(
                effect=row.number,
                trouble=Trouble.LOST,
                reason="its process ended",
                recovered=True,
            )
            if row.state is State.SENT:
                settled(t, Done(row=row, event=gone), at)
            else:
                went_on(t, row.run, gone, at)


def orphaned(t: Transaction, rows: Iterable[Row], at: str) -> None:
    """Calls whose process is gone: in doubt, their reservations spent; their runs wait to be resumed."""
    for row in rows:
        now = t.effect(row.run, row.number)
        if now.state is State.SENT and isinstance(now.wanted, AskModel):
            t.keep(replace(now, state=State.IN_DOUBT))
            t.pay(doubt(t, now, at))
            t.note(audit_line(now, at, "in doubt", usd=now.reserved))


def waits(t: Transaction, row: Row, at: str) -> bool:
    """Whether an effect still waits for the founder: each is decided once, and not after its time."""
    now = t.effect(row.run, row.number)
    return (
        now.state is State.PARKED
        and (now.expires or at) >= at
        and not t.run(row.run).over
    )


def decided(t: Transaction, row: Row, event: Decided, at: str) -> None:
    """The founder answered, or said no."""
    if waits(t, row, at):
        settled(t, Done(row=row, event=event), at)


def allowed(t: Transaction, row: Row, at: str) -> None:
    """The founder said yes: whoever drives next does it."""
    if not waits(t, row, at):
        return
    t.keep(replace(row, state=State.TODO, ruling="approved", expires=None))
    t.note(audit_line(row, at, "approved"))


def cancelled(
    t: Transaction, name: str, reason: str, at: str, phase: Phase = Phase.CANCELLED
) -> None:
    """End a run and its children, in such a phase. What is under way is in doubt."""
    root = name.partition(".")[0]
    orphaned(
        t,
        (
            row
            for row in t.effects(root, State.SENT)
            if f"{row.run}.".startswith(f"{name}.")
        ),
        at,
    )
    for row in t.effects(
        root, State.TODO, State.HELD, State.PARKED, State.SENT, State.STARTED
    ):
        if f"{row.run}.".startswith(f"{name}."):
            t.keep(replace(row, state=State.SETTLED))
    for run in t.runs(root):
        if f"{run.id}.".startswith(f"{name}."):
            dropped(t, run, reason, at, phase)


def dropped(
    t: Transaction, run: Run, reason: str, at: str, phase: Phase = Phase.CANCELLED
) -> None:
    """End one run that is at work or blocked; what it had started goes on."""
    if run.undecided:
        t.save(replace(advance(run, Cancelled(reason=reason))[0], phase=phase), at)
        t.note(line(at, str(phase), run=run.id, agent=run.agent, why=reason))


def waived(t: Transaction, name: str, trigger: str, why: str, at: str) -> None:
    """The founder lets go what a trigger holds: of a run that is blocked, or that waits for a review."""
    run = t.run(name)
    rows = [row for row in t.effects(run.root, State.PARKED) if row.run == name]
    owed = {
        row.wanted.trigger: row for row in rows if isinstance(row.wanted, OweReview)
    }
    held = (*owed, *(run.holds if run.phase is Phase.BLOCKED else ()))
    found = next((one for one in held if one.casefold() == trigger.casefold()), None)
    if found is None:
        hint = (
            f"what holds it: {', '.join(held)}"
            if held
            else "agentco inbox lists what does"
        )
        raise WrongUsage(f"{trigger!r} holds nothing back in run {name}", hint=hint)
    if t.stored(f"{name}.{run.answer}") is None:
        raise WrongUsage(
            f"the draft of run {name} is no longer kept", hint="ask for it again"
        )
    t.note(line(at, "waived", run=name, agent=run.agent, rule=found, why=why))
    if row := owed.get(found):
        settled(
            t,
            Done(row=row, event=Waived(effect=row.number, trigger=found, why=why)),
            at,
        )
    else:
        went_on(t, name, Waived(trigger=found, why=why), at)


def settled_by_founder(t: Transaction, row: Row, how: str, at: str) -> None:
    """What nobody could tell, the founder did: it was done, is done again, or is dropped."""
    if row.state is not State.IN_DOUBT:
        raise WrongUsage(
            f"{row.id} is not in doubt",
            hint="agentco runs show lists the effects that are",
        )
    if isinstance(row.wanted, AskModel):
        if how == "again":
            raise WrongUsage(
                "a call of a model is asked again by itself when its run goes on",
                hint="--done when it was billed, --drop when it was not",
            )
        t.keep(replace(row, state=State.SETTLED, reserved=0))
        if how == "drop":
            t.pay(doubt(t, row, at, sign=-1))
        t.note(audit_line(row, at, f"settled: {how}"))
        return
    if how == "again" and t.run(row.run).over:
        raise WrongUsage(f"the run of {row.id} is over", hint="--done or --drop")
    t.note(audit_line(row, at, f"settled: {how}"))
    if how == "again":
        t.keep(replace(row, state=State.TODO, image=None))
        return
    text = (
        "The founder says that it was done."
        if how == "done"
        else "The founder dropped it; it was not done."
    )
    t.keep(replace(row, state=State.SENT))
    settled(
        t,
        Done(
            row=row, event=ToolReturned(effect=row.number, text=text, ok=how == "done")
        ),
        at,
    )


def doubt(t: Transaction, row: Row, at: str, *, sign: int = 1) -> Entry:
    """The line of the ledger for a call that may have been paid; the founder may take it back."""
    return Entry(
        at=at,
        day=row.day,
        root=row.root,
        run=row.run,
        effect=row.number,
        agent=row.agent,
        prompt=t.run(row.root).prompt,
        model=row.model,
        calls=sign,
        usd=sign * row.reserved,
        in_doubt=sign,
    )


def why_of(event: Happened) -> str:
    """Why no other model answered a call, or none at all."""
    return (
        event.reason
        if isinstance(event, Failed)
        else "; ".join(getattr(event, "passed", ()))
    )


def lost(event: Happened) -> bool:
    """Whether a call may have been answered, and paid, out of our sight."""
    return isinstance(event, Failed) and event.trouble is Trouble.LOST


def line(at: str, what: str, **more: str | int) -> Line:
    """A line of the audit; its place in the chain is given when it is stored."""
    return Line(seq=0, prev=FIRST, at=at, what=what, **more)  # pyright: ignore[reportArgumentType]


def audit_line(row: Row, at: str, what: str, **more: str | int) -> Line:
    """A line about an effect."""
    return line(at, what, run=row.run, effect=row.number, agent=row.agent, **more)


def expiry(at: str) -> str:
    """Until when the founder can decide."""
    return (datetime.fromisoformat(at) + timedelta(days=DAYS_TO_DECIDE)).isoformat(
        timespec="seconds"
    )
