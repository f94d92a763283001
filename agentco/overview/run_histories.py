"""What the state holds of a run and of all it started: the material of its story."""

from collections.abc import Callable

from agentco.kernel.run_ids import is_within
from agentco.overview.run_status import find_run
from agentco.overview.run_story import RunRecord
from agentco.ports.store import Transaction
from agentco.runs.run import Run
from agentco.runs.run_record import Waiver
from agentco.runs.run_summary import RunSummary


def run_histories(
    tx: Transaction, of: RunSummary, now: str, alive: Callable[[str | None], bool]
) -> dict[str, RunRecord]:
    """Return what is known of a run and of all it started, by id."""
    return {
        run.id: run_history(tx, run, now, alive)
        for run in tx.runs_of_root(of.root)
        if is_within(run.id, of.id)
    }


def run_history(
    tx: Transaction, run: Run, now: str, alive: Callable[[str | None], bool]
) -> RunRecord:
    """Return what is known of one run."""
    asked = tx.load_asked(run.id)
    status = str(run.phase)
    if not run.is_over:
        status = find_run(tx, run.id, now).status(alive)
    return RunRecord(
        run=run,
        status=status,
        task=asked.task if asked else "",
        entries=tuple(tx.load_story(run.id)),
        waived=tuple(list_waivers(tx, run)),
        usd=tx.cost_of_run(run.id),
    )


def list_waivers(tx: Transaction, run: Run) -> list[Waiver]:
    """Return what the founder waived of a run, with the reasons."""
    lines = tx.audit_of_effect(run.id, 0)
    waivers = [line for line in lines if line.what == "waived"]
    return [Waiver(trigger=line.rule, why=line.why) for line in waivers]
