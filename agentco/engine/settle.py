"""Steps of a run inside one transaction: what came of an effect, what it cost, what comes next."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from agentco.engine.ports import Proposal
from agentco.engine.store import Transaction
from agentco.kernel.errors import Trouble, WrongUsage
from agentco.rules.audit import GENESIS_HASH, AuditLine
from agentco.runs.actions import Entity, Memory, MemoryAct
from agentco.runs.advance import advance
from agentco.runs.child_runs import event_for_parent
from agentco.runs.effects import AskModel, EffectRecord, EffectState, OweReview
from agentco.runs.events import (
    AnyEvent,
    Cancelled,
    Decided,
    LedgerEntry,
    ModelFailed,
    TaskAsked,
    ToolReturned,
    Waived,
)
from agentco.runs.run import Run, RunJob, RunPhase

DAYS_TO_DECIDE = 7
MAX_DETAIL = 1900


class EffectResult(Struct, frozen=True, kw_only=True):
    """What came of an effect; `doubtful` when nobody knows. `size` is the bytes of its prompt."""

    row: EffectRecord
    event: AnyEvent
    entry: LedgerEntry | None = None
    size: int = 0
    doubtful: bool = False
    proposals: tuple[Proposal, ...] = ()


def begin_run(
    tx: Transaction,
    run: Run,
    asked: TaskAsked,
    *,
    at: str,
    cap: int | None,
    driver: str | None,
) -> None:
    """A run is there, and wants its first effect."""
    tx.create_run(run, asked, at=at, cap=cap, driver=driver)
    body = tx.save_body(msgspec.json.encode(asked.files), at)
    tx.append_audit(
        new_audit_line(at, "asked", run=run.id, agent=run.agent, result=body)
    )
    advance_run(tx, run.id, asked, at)


def settle_effect(tx: Transaction, done: EffectResult, at: str) -> None:
    """Store the result, pay for it, put it into the audit, and go on: together or not at all."""
    row = tx.load_effect(done.row.run, done.row.number)
    if row.state not in {
        EffectState.SENT,
        EffectState.TODO,
        EffectState.PARKED,
        EffectState.STARTED,
    }:
        return
    state = (
        EffectState.IN_DOUBT
        if done.doubtful or is_lost(done.event)
        else EffectState.DONE
    )
    result = tx.save_body(msgspec.json.encode(done.event), at)
    held = row.reserved if state is EffectState.IN_DOUBT else 0
    tx.save_effect(replace(row, state=state, result=result, reserved=held))
    entry = done.entry or (
        doubtful_entry(tx, row, at) if state is EffectState.IN_DOUBT and held else None
    )
    if entry:
        tx.record_payment(replace(entry, day=row.day))
        if done.size and entry.input:
            tx.save_token_count(entry.model, done.size, entry.input)
    for i, proposal in enumerate(done.proposals, 1):
        tx.add_proposal(
            f"{row.id}p{i}",
            row,
            proposal.what,
            proposal.action,
            at=at,
            expires=decision_deadline(at),
        )
    what = str(type(done.event).__struct_config__.tag)
    tx.append_audit(
        effect_audit_line(
            row,
            at,
            what,
            result=result,
            usd=entry.usd if entry else 0,
            why=failure_reason(done.event),
        )
    )
    if not done.doubtful:
        advance_run(tx, row.run, done.event, at)


def advance_run(tx: Transaction, name: str, event: AnyEvent, at: str) -> None:
    """Advance a run; one that is over tells whoever started it."""
    run, wanted = advance(tx.load_run(name), event)
    tx.save_run(run, at)
    tx.add_effects(run, wanted, at)
    if not run.is_over:
        return
    tx.append_audit(
        new_audit_line(at, str(run.phase), run=run.id, agent=run.agent, why=run.reason)
    )
    if run.parent:
        parent, _, number = run.parent.rpartition(".")
        row, last = tx.load_effect(parent, int(number)), answer_event(tx, run)
        text = str(getattr(last, "text", ""))
        made = (
            (lesson_proposal(run, text, at),)
            if run.job is RunJob.IMPROVE and run.phase is RunPhase.DONE
            else ()
        )
        settle_effect(
            tx,
            EffectResult(
                row=row,
                event=event_for_parent(run, row.wanted, last, text),
                proposals=made,
            ),
            at,
        )


def lesson_proposal(run: Run, text: str, at: str) -> Proposal:
    """What the improver answered, as a lesson that the founder may accept."""
    told = {
        "Agent": run.chain[-2],
        "Category": "process",
        "Summary": run.title[:200],
        "Detail": text[:MAX_DETAIL],
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


def answer_text(tx: Transaction, run: Run) -> str:
    """The deliverable of a run, or as much as there is of one."""
    return str(getattr(answer_event(tx, run), "text", ""))


def answer_event(tx: Transaction, run: Run) -> AnyEvent | None:
    """What brought the deliverable."""
    return next(
        (
            told.event
            for told in tx.load_story(run.id)
            if told.effect.number == run.answer
        ),
        None,
    )


def recover_run(tx: Transaction, root: str, *, driver: str, at: str) -> None:
    """Take over a root whose process is gone: what was lost is in doubt and asked again, the rest redone."""
    tx.update_root(root, driver=driver)
    for row in tx.load_effects(
        root,
        EffectState.HELD,
        EffectState.SENT,
        EffectState.IN_DOUBT,
        EffectState.PARKED,
        EffectState.SETTLED,
    ):
        if row.state is EffectState.HELD or (
            row.state is EffectState.SENT and not isinstance(row.wanted, AskModel)
        ):
            tx.save_effect(replace(row, state=EffectState.TODO))
        elif row.state is EffectState.PARKED and row.expires and row.expires < at:
            late = Decided(effect=row.number, text="nobody answered in time", ok=False)
            settle_effect(tx, EffectResult(row=row, event=late), at)
        elif (
            isinstance(row.wanted, AskModel)
            and row.number in tx.load_run(row.run).waits_for
        ):
            gone = ModelFailed(
                effect=row.number,
                trouble=Trouble.LOST,
                reason="its process ended",
                recovered=True,
            )
            if row.state is EffectState.SENT:
                settle_effect(tx, EffectResult(row=row, event=gone), at)
            else:
                advance_run(tx, row.run, gone, at)


def charge_orphaned_calls(
    tx: Transaction, rows: Iterable[EffectRecord], at: str
) -> None:
    """Calls whose process is gone: in doubt, their reservations spent; their runs wait to be resumed."""
    for row in rows:
        now = tx.load_effect(row.run, row.number)
        if now.state is EffectState.SENT and isinstance(now.wanted, AskModel):
            tx.save_effect(replace(now, state=EffectState.IN_DOUBT))
            tx.record_payment(doubtful_entry(tx, now, at))
            tx.append_audit(effect_audit_line(now, at, "in doubt", usd=now.reserved))


def waits_for_founder(tx: Transaction, row: EffectRecord, at: str) -> bool:
    """Whether an effect still waits for the founder: each is decided once, and not after its time."""
    now = tx.load_effect(row.run, row.number)
    return (
        now.state is EffectState.PARKED
        and (now.expires or at) >= at
        and not tx.load_run(row.run).is_over
    )


def record_decision(
    tx: Transaction, row: EffectRecord, event: Decided, at: str
) -> None:
    """The founder answered, or said no."""
    if waits_for_founder(tx, row, at):
        settle_effect(tx, EffectResult(row=row, event=event), at)


def approve_effect(tx: Transaction, row: EffectRecord, at: str) -> None:
    """The founder said yes: whoever drives next does it."""
    if not waits_for_founder(tx, row, at):
        return
    tx.save_effect(
        replace(row, state=EffectState.TODO, ruling="approved", expires=None)
    )
    tx.append_audit(effect_audit_line(row, at, "approved"))


def cancel_run(
    tx: Transaction,
    name: str,
    reason: str,
    at: str,
    phase: RunPhase = RunPhase.CANCELLED,
) -> None:
    """End a run and its children, in such a phase. What is under way is in doubt."""
    root = name.partition(".")[0]
    charge_orphaned_calls(
        tx,
        (
            row
            for row in tx.load_effects(root, EffectState.SENT)
            if f"{row.run}.".startswith(f"{name}.")
        ),
        at,
    )
    for row in tx.load_effects(
        root,
        EffectState.TODO,
        EffectState.HELD,
        EffectState.PARKED,
        EffectState.SENT,
        EffectState.STARTED,
    ):
        if f"{row.run}.".startswith(f"{name}."):
            tx.save_effect(replace(row, state=EffectState.SETTLED))
    for run in tx.runs_of_root(root):
        if f"{run.id}.".startswith(f"{name}."):
            drop_run(tx, run, reason, at, phase)


def drop_run(
    tx: Transaction,
    run: Run,
    reason: str,
    at: str,
    phase: RunPhase = RunPhase.CANCELLED,
) -> None:
    """End one run that is at work or blocked; what it had started goes on."""
    if run.can_be_ended:
        tx.save_run(replace(advance(run, Cancelled(reason=reason))[0], phase=phase), at)
        tx.append_audit(
            new_audit_line(at, str(phase), run=run.id, agent=run.agent, why=reason)
        )


def waive_trigger(tx: Transaction, name: str, trigger: str, why: str, at: str) -> None:
    """The founder lets go what a trigger holds: of a run that is blocked, or that waits for a review."""
    run = tx.load_run(name)
    rows = [
        row for row in tx.load_effects(run.root, EffectState.PARKED) if row.run == name
    ]
    owed = {
        row.wanted.trigger: row for row in rows if isinstance(row.wanted, OweReview)
    }
    held = (*owed, *(run.waivable_holds if run.phase is RunPhase.BLOCKED else ()))
    found = next((one for one in held if one.casefold() == trigger.casefold()), None)
    if found is None:
        hint = (
            f"what holds it: {', '.join(held)}"
            if held
            else "agentco inbox lists what does"
        )
        raise WrongUsage(f"{trigger!r} holds nothing back in run {name}", hint=hint)
    if tx.stored_text(f"{name}.{run.answer}") is None:
        raise WrongUsage(
            f"the draft of run {name} is no longer kept", hint="ask for it again"
        )
    tx.append_audit(
        new_audit_line(at, "waived", run=name, agent=run.agent, rule=found, why=why)
    )
    if row := owed.get(found):
        settle_effect(
            tx,
            EffectResult(
                row=row, event=Waived(effect=row.number, trigger=found, why=why)
            ),
            at,
        )
    else:
        advance_run(tx, name, Waived(trigger=found, why=why), at)


def settle_by_founder(tx: Transaction, row: EffectRecord, how: str, at: str) -> None:
    """What nobody could tell, the founder did: it was done, is done again, or is dropped."""
    if row.state is not EffectState.IN_DOUBT:
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
        tx.save_effect(replace(row, state=EffectState.SETTLED, reserved=0))
        if how == "drop":
            tx.record_payment(doubtful_entry(tx, row, at, sign=-1))
        tx.append_audit(effect_audit_line(row, at, f"settled: {how}"))
        return
    if how == "again" and tx.load_run(row.run).is_over:
        raise WrongUsage(f"the run of {row.id} is over", hint="--done or --drop")
    tx.append_audit(effect_audit_line(row, at, f"settled: {how}"))
    if how == "again":
        tx.save_effect(replace(row, state=EffectState.TODO, image=None))
        return
    text = (
        "The founder says that it was done."
        if how == "done"
        else "The founder dropped it; it was not done."
    )
    tx.save_effect(replace(row, state=EffectState.SENT))
    settle_effect(
        tx,
        EffectResult(
            row=row, event=ToolReturned(effect=row.number, text=text, ok=how == "done")
        ),
        at,
    )


def doubtful_entry(
    tx: Transaction, row: EffectRecord, at: str, *, sign: int = 1
) -> LedgerEntry:
    """The line of the ledger for a call that may have been paid; the founder may take it back."""
    return LedgerEntry(
        at=at,
        day=row.day,
        root=row.root,
        run=row.run,
        effect=row.number,
        agent=row.agent,
        prompt=tx.load_run(row.root).prompt,
        model=row.model,
        calls=sign,
        usd=sign * row.reserved,
        in_doubt=sign,
    )


def failure_reason(event: AnyEvent) -> str:
    """Why no other model answered a call, or none at all."""
    return (
        event.reason
        if isinstance(event, ModelFailed)
        else "; ".join(getattr(event, "passed", ()))
    )


def is_lost(event: AnyEvent) -> bool:
    """Whether a call may have been answered, and paid, out of our sight."""
    return isinstance(event, ModelFailed) and event.trouble is Trouble.LOST


def new_audit_line(at: str, what: str, **more: str | int) -> AuditLine:
    """A line of the audit; its place in the chain is given when it is stored."""
    return AuditLine(seq=0, prev=GENESIS_HASH, at=at, what=what, **more)  # pyright: ignore[reportArgumentType]


def effect_audit_line(
    row: EffectRecord, at: str, what: str, **more: str | int
) -> AuditLine:
    """A line about an effect."""
    return new_audit_line(
        at, what, run=row.run, effect=row.number, agent=row.agent, **more
    )


def decision_deadline(at: str) -> str:
    """Until when the founder can decide."""
    return (datetime.fromisoformat(at) + timedelta(days=DAYS_TO_DECIDE)).isoformat(
        timespec="seconds"
    )
