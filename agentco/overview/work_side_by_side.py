"""Several pieces of work at once, as one: a line for each author, and what it costs in all."""

from collections.abc import Iterable, Iterator, Sequence

from agentco.kernel.words import count_of
from agentco.overview.work_progress import (
    WAITING,
    Colleague,
    ProgressReader,
    WorkProgress,
)
from agentco.ports.store import Transaction
from agentco.runs.run import RunPhase

IN_REVIEW = "in review"


class TeamReader:
    """Reads how several roots stand, at least one; each event is told once.

    `lead` is who handed the work out, and `budget` the cap of a run without one of its own, in
    micro-dollars.
    """

    def __init__(self, roots: Iterable[str], lead: str, budget: int) -> None:
        self._lead = lead
        self._readers = {root: ProgressReader(root, budget) for root in roots}

    def read(self, tx: Transaction) -> WorkProgress:
        """Return how all of it stands now."""
        parts = [
            (tx.load_run(root).title, reader.read(tx))
            for root, reader in self._readers.items()
        ]
        return unite_progress(parts, self._lead)


def unite_progress(
    parts: Sequence[tuple[str, WorkProgress]], lead: str
) -> WorkProgress:
    """Titled pieces of work as one that `lead` waits for; their drafts are not shown."""
    all_parts = tuple(part for _, part in parts)
    over = sum(part.phase is not RunPhase.WORKING for part in all_parts)
    is_over = over == len(all_parts)
    events = (event for part in all_parts for event in part.events)
    return WorkProgress(
        run=all_parts[0].run,
        agent=lead,
        phase=all_parts[0].phase if is_over else RunPhase.WORKING,
        started=min(part.started for part in all_parts),
        usd=sum(part.usd for part in all_parts),
        cap=sum(part.cap for part in all_parts),
        draft=1,
        drafts=0,
        doing="" if is_over else WAITING,
        call=None,
        uses=(),
        text="",
        written_by=0,
        colleagues=tuple(_people(parts)),
        events=tuple(sorted(events, key=lambda event: event.at)),
        heading=f"{over} of {count_of(len(all_parts), 'task')} finished",
    )


def _people(parts: Sequence[tuple[str, WorkProgress]]) -> Iterator[Colleague]:
    """Each author with their task, and below them whoever works for them."""
    for title, part in parts:
        doing = IN_REVIEW if part.doing == WAITING else part.doing
        state = doing or str(part.phase)
        yield Colleague(agent=part.agent, state=state, about=title, call=part.call)
        yield from part.colleagues
