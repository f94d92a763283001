"""Delegated work that only the founder can move: whoever delegated it need not wait too."""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from agentco.engine.settle import EffectResult
from agentco.ports.store import Transaction
from agentco.runs import effects
from agentco.runs.effects import EffectRecord, EffectState
from agentco.runs.events import Delegated
from agentco.runs.run import Run


class RunTree(Struct, frozen=True, kw_only=True):
    """The runs of a root, and their effects by run and number."""

    runs: Sequence[Run]
    effects: Mapping[tuple[str, int], EffectRecord]

    def waited_for(self, run: Run) -> list[EffectRecord]:
        """The effects that a run waits for."""
        return [self.effects[run.id, number] for number in run.waits_for]

    def child_of(self, row: EffectRecord) -> Run | None:
        """The run that an effect started; None if it started none."""
        if row.state is not EffectState.STARTED:
            return None
        for run in self.runs:
            if run.parent == row.id:
                return run
        return None


def results_waiting_for_founder(tx: Transaction, root: str) -> list[EffectResult]:
    """Return what each run hears that waits only for work which waits for the founder."""
    if not tx.load_effects(root, EffectState.STARTED):
        return []
    rows = {(row.run, row.number): row for row in tx.load_effects(root)}
    tree = RunTree(runs=tx.runs_of_root(root), effects=rows)
    results = list[EffectResult]()
    for run in tree.runs:
        waiting = [waiting_result(row, tree) for row in tree.waited_for(run)]
        if all(waiting):
            results.extend(result for result in waiting if result)
    return results


def waiting_result(row: EffectRecord, tree: RunTree) -> EffectResult | None:
    """Return what a run hears of delegated work that waits for the founder alone."""
    child = tree.child_of(row)
    if (
        child is None
        or child.is_over
        or not isinstance(row.wanted, effects.DelegateWork)
    ):
        return None
    decisions = founder_decisions(child, tree)
    if not decisions:
        return None
    questions = "; ".join(founder_question(decision) for decision in decisions)
    waits = f"it waits for the founder: {questions}"
    text = f"{waits}. It goes on by itself once that is decided; go on without it."
    event = Delegated(effect=row.number, agent=child.agent, status="waiting", text=text)
    return EffectResult(row=row, event=event)


def founder_decisions(run: Run, tree: RunTree) -> list[EffectRecord]:
    """Return what the founder must decide before a run goes on.

    Returns nothing if something else can still be done.
    """
    decisions = list[EffectRecord]()
    for row in tree.waited_for(run):
        if child := tree.child_of(row):
            needed = founder_decisions(child, tree)
        elif only_founder_settles(row):
            needed = [row]
        else:
            return []
        if not needed:
            return []
        decisions.extend(needed)
    return decisions


def only_founder_settles(row: EffectRecord) -> bool:
    """Whether an effect is parked, or an act in doubt; a lost call is asked again by itself."""
    if row.state is EffectState.IN_DOUBT:
        return not isinstance(row.wanted, effects.AskModel)
    return row.state is EffectState.PARKED


def founder_question(row: EffectRecord) -> str:
    """Return what the founder is asked, in short."""
    match row.wanted:
        case effects.AskFounder(question=question):
            return question
        case effects.OweReview(trigger=trigger):
            return f"the review {trigger}"
        case effects.UseTool(call=call):
            return f"permission to use {call.name}"
        case _:
            return "a decision"
