"""Delegated work that only the founder can move: whoever delegated it need not wait as well."""

from collections.abc import Iterable, Sequence

from agentco.engine.settle import EffectResult
from agentco.engine.store import Transaction
from agentco.runs.effects import (
    AskFounder,
    AskModel,
    DelegateWork,
    EffectRecord,
    EffectState,
    OweReview,
    UseTool,
)
from agentco.runs.events import Delegated
from agentco.runs.run import Run


def results_waiting_for_founder(tx: Transaction, root: str) -> list[EffectResult]:
    """What every run hears whose open effects are all work that waits for the founder alone."""
    if not tx.load_effects(root, EffectState.STARTED):
        return []
    runs, rows = (
        tx.runs_of_root(root),
        {(row.run, row.number): row for row in tx.load_effects(root)},
    )
    found = list[EffectResult]()
    for run in runs:
        out = [rows[run.id, number] for number in run.waits_for]
        children = [delegated_run(row, runs) for row in out]
        items = [founder_decisions(child, runs, rows) for child in children]
        if all(items):
            found += [
                waiting_result(*one) for one in zip(out, children, items, strict=True)
            ]
    return found


def delegated_run(row: EffectRecord, runs: Iterable[Run]) -> Run | None:
    """The run that was delegated by an effect and goes on."""
    started = row.state is EffectState.STARTED and isinstance(row.wanted, DelegateWork)
    return next(
        (run for run in runs if started and run.parent == row.id and not run.is_over),
        None,
    )


def founder_decisions(
    run: Run | None, runs: Sequence[Run], rows: dict[tuple[str, int], EffectRecord]
) -> Sequence[EffectRecord]:
    """What the founder must decide before a run goes on; nothing when something else can still be done."""
    found = list[EffectRecord]()
    for row in (rows[run.id, number] for number in run.waits_for) if run else ():
        child = (
            next((one for one in runs if one.parent == row.id), None)
            if row.state is EffectState.STARTED
            else None
        )
        doubt = row.state is EffectState.IN_DOUBT and not isinstance(
            row.wanted, AskModel
        )
        some = (
            founder_decisions(child, runs, rows)
            if child
            else (row,)
            if doubt or row.state is EffectState.PARKED
            else ()
        )
        if not some:
            return ()
        found += some
    return found


def waiting_result(
    row: EffectRecord, child: Run | None, items: Sequence[EffectRecord]
) -> EffectResult:
    """What whoever delegated it hears."""
    said, agent = (
        "; ".join(map(founder_question, items)),
        child.agent if child else row.agent,
    )
    text = f"it waits for the founder: {said}. It goes on by itself once that is decided; go on without it."
    return EffectResult(
        row=row,
        event=Delegated(effect=row.number, agent=agent, status="waiting", text=text),
    )


def founder_question(row: EffectRecord) -> str:
    """What the founder is asked, in short."""
    match row.wanted:
        case AskFounder(question=what):
            return what
        case OweReview(trigger=what):
            return f"the review {what}"
        case UseTool(call=call):
            return f"leave to use {call.name}"
        case _:
            return "a decision"
