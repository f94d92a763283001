"""Which run somebody means, and the piece of work that it is part of."""

from collections.abc import Callable, Collection

from agentco.kernel.errors import WrongUsage
from agentco.kernel.run_ids import parent_of
from agentco.ports.store import Transaction
from agentco.runs.run import RunPhase
from agentco.runs.run_summary import RunSummary


def find_run(tx: Transaction, name: str, now: str) -> RunSummary:
    """Return the run with an id, or the only root whose id begins so. Raises WrongUsage."""
    summaries = tx.find_runs(name, now) if name else ()
    for summary in summaries:
        if summary.id == name:
            return summary
    if len(summaries) == 1:
        return summaries[0]
    what = f"{name!r} matches several runs" if summaries else f"no run {name!r}"
    raise WrongUsage(what, hint="agentco runs lists them")


def busy_run(
    tx: Transaction,
    prompt: str,
    scheduled: Collection[str | None],
    now: str,
    alive: Callable[[str | None], bool],
) -> str:
    """Say which run of a prompt still works or waits; empty if none does.

    One of the `scheduled` ones that was interrupted goes on, unless it is left to the founder.
    """
    for run in tx.list_runs(now, limit=-1, since=now):
        status = run.status(alive)
        goes_on = run.id in scheduled and not run.is_left
        is_open = run.prompt == prompt and run.phase is RunPhase.WORKING
        if is_open and (status != "interrupted" or goes_on):
            return f"its run {run.id} of {run.started} is {status}"
    return ""


def work_root_of(tx: Transaction, name: str) -> str:
    """Return the piece of work that a run is part of: its root, or what outlives its root."""
    run = tx.load_run(name)
    while run.parent:
        parent = tx.load_run(parent_of(run.parent))
        if parent.is_over:
            break
        run = parent
    return run.id
