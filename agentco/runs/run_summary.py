"""How a run stands: one value, from which every list, status and document is made."""

from collections.abc import Callable, Sequence

from msgspec import Struct

from agentco.kernel.run_ids import parent_of
from agentco.runs.run import RunPhase

LEFT_TO_FOUNDER = "founder"
"""Who drives a root that the founder interrupted: nobody, until they say so."""


class RunSummary(Struct, frozen=True, kw_only=True):
    """One run with its children; `usd` is micro-dollars, `waiting` how many await the founder."""

    id: str
    parent: str | None
    root: str
    agent: str
    prompt: str
    title: str
    phase: RunPhase
    started: str
    ended: str | None
    driver: str | None
    usd: int
    calls: int
    in_doubt: int
    waiting: int

    @property
    def is_left(self) -> bool:
        """Whether the founder interrupted it."""
        return self.driver == LEFT_TO_FOUNDER

    def status(self, alive: Callable[[str | None], bool]) -> str:
        """Return the status of appendix C; `alive` says whether a driver still runs."""
        if self.phase is not RunPhase.WORKING:
            return str(self.phase)
        if alive(self.driver):
            return "running"
        return "waiting" if self.waiting else "interrupted"


def work_roots(summaries: Sequence[RunSummary]) -> list[RunSummary]:
    """Return the roots of all runs, and what still goes on of those that are over."""
    working = {run.id for run in summaries if run.phase is RunPhase.WORKING}

    def stands_alone(run: RunSummary) -> bool:
        if run.parent is None:
            return True
        return run.id in working and parent_of(run.parent) not in working

    return [run for run in summaries if stands_alone(run)]
