"""Delegated work that only the founder can move: whoever delegated it need not wait as well."""

from collections.abc import Iterable, Sequence

from agentco.engine.office import Transaction
from agentco.engine.settle import Done
from agentco.runs.effects import (
    AskFounder,
    AskModel,
    Delegate,
    OweReview,
    Row,
    State,
    UseTool,
)
from agentco.runs.events import Delegated
from agentco.runs.run import Run


def waiting_only(t: Transaction, root: str) -> list[Done]:
    """What every run hears whose open effects are all work that waits for the founder alone."""
    if not t.effects(root, State.STARTED):
        return []
    runs, rows = t.runs(root), {(row.run, row.number): row for row in t.effects(root)}
    found = list[Done]()
    for run in runs:
        out = [rows[run.id, number] for number in run.waits_for]
        children = [child_of(row, runs) for row in out]
        items = [founders(child, runs, rows) for child in children]
        if all(items):
            found += [delegated(*one) for one in zip(out, children, items, strict=True)]
    return found


def child_of(row: Row, runs: Iterable[Run]) -> Run | None:
    """The run that was delegated by an effect and goes on."""
    started = row.state is State.STARTED and isinstance(row.wanted, Delegate)
    return next(
        (run for run in runs if started and run.parent == row.id and not run.over), None
    )


def founders(
    run: Run | None, runs: Sequence[Run], rows: dict[tuple[str, int], Row]
) -> Sequence[Row]:
    """What the founder must decide before a run goes on; nothing when something else can still be done."""
    found = list[Row]()
    for row in (rows[run.id, number] for number in run.waits_for) if run else ():
        child = (
            next((one for one in runs if one.parent == row.id), None)
            if row.state is State.STARTED
            else None
        )
        doubt = row.state is State.IN_DOUBT and not isinstance(row.wanted, AskModel)
        some = (
            founders(child, runs, rows)
            if child
            else (row,)
            if doubt or row.state is State.PARKED
            else ()
        )
        if not some:
            return ()
        found += some
    return found


def delegated(row: Row, child: Run | None, items: Sequence[Row]) -> Done:
    """What whoever delegated it hears."""
    said, agent = "; ".join(map(asked, items)), child.agent if child else row.agent
    text = f"it waits for the founder: {said}. It goes on by itself once that is decided; go on without it."
    return Done(
        row=row,
        event=Delegated(effect=row.number, agent=agent, status="waiting", text=text),
    )


def asked(row: Row) -> str:
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
