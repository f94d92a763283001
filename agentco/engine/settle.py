"""Settle an effect in one transaction: its result, its cost, the audit, and what comes next."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from agentco.engine.call_money import charge_doubtful, ledger_entry
from agentco.engine.write_audit import audit_effect, audit_ruling, audit_run
from agentco.engine.written_files import record_written_file, saving_event
from agentco.improvement.lessons import lesson_from_answer
from agentco.kernel.errors import Trouble
from agentco.kernel.run_ids import number_of, parent_of
from agentco.ports.outside import Proposal
from agentco.ports.store import Transaction
from agentco.review.deliverable import split_answer
from agentco.rules.rule import RulingContext, rule
from agentco.runs.advance import advance
from agentco.runs.child_runs import event_for_parent
from agentco.runs.effects import (
    CarryOutProposal,
    EffectRecord,
    EffectState,
    SaveDeliverable,
)
from agentco.runs.events import Answered, AnyEvent, ModelFailed, TaskAsked
from agentco.runs.run import Run, RunJob, RunPhase

DAYS_TO_DECIDE = 7
UNSETTLED = frozenset(
    {EffectState.SENT, EffectState.TODO, EffectState.PARKED, EffectState.STARTED}
)
"""Where an effect can still be given its result."""


class EffectResult(Struct, frozen=True, kw_only=True):
    """What came of an effect; `doubtful` if nobody can tell whether it was done.

    `usd` is what a call cost, in micro-dollars, `stated` what its answer says it cost; `estimate`
    is the tokens that its prompt was taken for; `lines` are the fingerprints of what its author
    wrote.
    """

    row: EffectRecord
    event: AnyEvent
    usd: int | None = None
    stated: int | None = None
    estimate: int = 0
    doubtful: bool = False
    proposals: tuple[Proposal, ...] = ()
    lines: tuple[str, ...] = ()


def begin_run(
    tx: Transaction,
    run: Run,
    asked: TaskAsked,
    *,
    at: str,
    cap: int | None,
    driver: str | None,
) -> None:
    """Store a new run with its first effect; `cap` is in micro-dollars."""
    tx.create_run(run, asked, at=at, cap=cap, driver=driver)
    body = tx.save_body(msgspec.json.encode(asked.files), at)
    audit_run(tx, run, at, "asked", result=body)
    advance_run(tx, run.id, asked, at)


def settle_effect(tx: Transaction, done: EffectResult, at: str) -> None:
    """Store a result, charge it, audit it, and advance its run: all or nothing.

    Does nothing if the effect has its result already.
    """
    row = tx.load_effect(done.row.run, done.row.number)
    if row.state not in UNSETTLED:
        return
    if isinstance(row.wanted, SaveDeliverable):
        done = replace(done, event=saving_event(row.wanted, done.event))
    result = tx.save_body(msgspec.json.encode(done.event), at)
    if done.doubtful or is_lost(done.event):
        row = replace(row, state=EffectState.IN_DOUBT, result=result)
    else:
        row = replace(row, state=EffectState.DONE, result=result, reserved=0)
    tx.save_effect(row)
    record_written_file(tx, row, done.event, at)
    usd = charge_result(tx, row, done, at)
    tx.save_agent_lines(done.lines)
    park_proposals(tx, row, done.proposals, at)
    what = str(type(done.event).__struct_config__.tag)
    why = failure_reason(done.event)
    audit_effect(tx, row, at, what, result=result, usd=usd, why=why)
    if not done.doubtful:
        advance_run(tx, row.run, done.event, at)


def charge_result(
    tx: Transaction, row: EffectRecord, done: EffectResult, at: str
) -> int:
    """Charge an answer, or the reservation of a call in doubt. Returns micro-dollars.

    Without a count that can be believed, the ledger has none; one corrects later estimates.
    """
    if isinstance(done.event, Answered) and done.usd is not None:
        usage = done.event.usage
        counts = {"input": usage.input, "output": usage.output} if usage else {}
        entry = ledger_entry(tx, row, at, done.usd, **counts, stated=done.stated)
        tx.record_payment(entry)
        if usage and usage.input and done.estimate:
            tx.save_token_count(row.model, done.estimate, usage.input)
        return done.usd
    if row.state is EffectState.IN_DOUBT and row.reserved:
        charge_doubtful(tx, row, at)
        return row.reserved
    return 0


def park_proposals(
    tx: Transaction, row: EffectRecord, proposals: Sequence[Proposal], at: str
) -> None:
    """Make what an agent may only propose effects of its run that wait for the founder."""
    if not proposals:
        return
    run = tx.load_run(row.run)
    for number, proposal in enumerate(proposals, run.next):
        order = CarryOutProposal(
            number=number, what=proposal.what, action=proposal.action
        )
        ruling = rule(order, RulingContext())
        parked = EffectRecord(
            run=run.id,
            number=number,
            root=run.root,
            agent=run.agent,
            state=EffectState.PARKED,
            wanted=order,
            at=at,
            ruling=ruling.rule,
            expires=decision_deadline(at),
        )
        tx.save_effect(parked)
        audit_ruling(tx, parked, ruling, at)
    tx.save_run(replace(run, next=run.next + len(proposals)), at)


def advance_run(tx: Transaction, name: str, event: AnyEvent, at: str) -> None:
    """Advance a run by an event, and tell its parent once it is over."""
    before = tx.load_run(name)
    run, wanted = advance(before, event)
    if run == before:  # it does not wait for this: a proposal, or a late result
        return
    tx.save_run(run, at)
    tx.add_effects(run, wanted, at)
    if run.is_over:
        audit_run(tx, run, at, str(run.phase), why=run.reason)
        tell_parent(tx, run, at)


def tell_parent(tx: Transaction, run: Run, at: str) -> None:
    """Settle the effect that started a run which is now over."""
    if run.parent is None:
        return
    row = tx.load_effect(parent_of(run.parent), number_of(run.parent))
    answer = answer_event(tx, run)
    text = split_answer(event_text(answer)).for_colleagues
    proposals: tuple[Proposal, ...] = ()
    if run.job is RunJob.IMPROVE and run.phase is RunPhase.DONE:
        name = f"lesson:{at[:10]}:{run.id}"
        lesson = lesson_from_answer(run.chain[-2], run.title, text, name=name)
        proposals = (Proposal(what=text, action=lesson),)
    story = tx.load_story(run.id)
    answers = [one.event for one in story if isinstance(one.event, Answered)]
    event = event_for_parent(run, row.wanted, answers, text)
    settle_effect(tx, EffectResult(row=row, event=event, proposals=proposals), at)


def answer_text(tx: Transaction, run: Run) -> str:
    """Return the deliverable of a run, or as much as there is of one."""
    return event_text(answer_event(tx, run))


def answer_event(tx: Transaction, run: Run) -> AnyEvent | None:
    """Return the event that brought the deliverable; None if there is none yet."""
    for entry in tx.load_story(run.id):
        if entry.effect.number == run.answer:
            return entry.event
    return None


def event_text(event: AnyEvent | None) -> str:
    """Return the text that an event brought; empty if it brought none."""
    return str(getattr(event, "text", ""))


def failure_reason(event: AnyEvent) -> str:
    """Return why no model answered a call, or why those before the one that did did not."""
    if isinstance(event, ModelFailed):
        return event.reason
    return "; ".join(getattr(event, "passed", ()))


def is_lost(event: AnyEvent) -> bool:
    """Whether a call may have been answered, and paid, out of our sight."""
    return isinstance(event, ModelFailed) and event.trouble is Trouble.LOST


def decision_deadline(at: str) -> str:
    """Return until when the founder can decide what is parked at a time."""
    deadline = datetime.fromisoformat(at) + timedelta(days=DAYS_TO_DECIDE)
    return deadline.isoformat(timespec="seconds")
