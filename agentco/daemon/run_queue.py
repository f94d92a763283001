"""Which runs the daemon drives, and when one that stopped without an end is tried again."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from agentco.desk.company_status import ActiveRun

MAX_RETRY_MIN = 15
"""The longest pause between two tries, in minutes."""


class RunQueue:
    """What is known of unfinished work from one look at the state to the next."""

    def __init__(self) -> None:
        self.ours = set[str]()
        """Roots that are driven here: those of the first look, and what began or waited since."""
        self.driven_before = set[str]()
        """Roots of the first look; a process of an earlier daemon may drive them still."""
        self.tries = dict[str, int]()
        self.try_at = dict[str, datetime]()
        self.last_look: dict[str, ActiveRun] | None = None

    def take_up(self, runs: Iterable[ActiveRun]) -> None:
        """Take note of how the work stands now."""
        first_look = self.last_look is None
        for run in runs:
            if first_look:
                self.driven_before.add(run.root)
            if first_look or run.status == "waiting":
                self.ours.add(run.root)
            if run.status != "interrupted" or run.held:
                self.tries.pop(run.root, None)
                self.try_at.pop(run.root, None)

    def is_due(self, run: ActiveRun, now: datetime) -> bool:
        """Whether a run is to be driven now: it is ours, can go on, and its pause is over."""
        is_free = run.status == "interrupted" and not run.held and not run.is_left
        if not is_free or run.root not in self.ours:
            return False
        if run.ready:
            self.try_at[run.root] = max(self.try_at.get(run.root, run.ready), run.ready)
        return now >= self.try_at.get(run.root, now)

    def count_try(self, root: str, now: datetime) -> None:
        """Take note that a run is driven now, and when it would be tried again."""
        self.driven_before.discard(root)
        tries = self.tries.get(root, 0) + 1
        self.tries[root] = tries
        # The second try at once: a halt that was lifted within a second was never seen here.
        pause_min = min(2 ** (tries - 2), MAX_RETRY_MIN) if tries > 1 else 0
        self.try_at[root] = now + timedelta(minutes=pause_min)

    def anything_due(self, now: datetime) -> bool:
        """Whether a pause is over."""
        return any(moment <= now for moment in self.try_at.values())

    def is_driven_elsewhere(self, runs: Iterable[ActiveRun]) -> bool:
        """Whether a process of an earlier daemon drives still: of its end nobody tells."""
        return any(
            run.status == "running" and run.root in self.driven_before for run in runs
        )

    def retry_all(self) -> None:
        """Forget every pause."""
        self.try_at.clear()

    def changed(self, runs: Iterable[ActiveRun]) -> Iterator[ActiveRun]:
        """The work whose status changed since the last look, but for what we just drive."""
        before = self.last_look or {}
        for run in runs:
            just_driven = run.status == "interrupted" and run.root in self.tries
            unchanged = run.run in before and before[run.run].status == run.status
            if not just_driven and not unchanged:
                yield run

    def finish_look(self, runs: Iterable[ActiveRun]) -> list[ActiveRun]:
        """End a look; return the pieces of work that are over since the last one."""
        before = self.last_look or {}
        self.last_look = {run.run: run for run in runs}
        over = [run for name, run in before.items() if name not in self.last_look]
        self.ours.difference_update(run.root for run in over)
        return over
