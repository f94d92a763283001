"""Runs, their effects and their texts, in memory."""

from collections.abc import Iterable

from msgspec.structs import replace

from agentco.adapters.state.memory_tables import (
    MemoryTables,
    StoredBody,
    StoredRun,
    is_part_of,
)
from agentco.adapters.state.stored_forms import decode_run, encode_run
from agentco.ports.stored_values import StartedRun
from agentco.runs.effects import EffectRecord, EffectState
from agentco.runs.run import Run, RunPhase
from agentco.runs.run_summary import RunSummary

FOREVER = "9"
"""Later than every time: of what has not ended, and of what never expires."""
FOUND_AT_MOST = 3


class MemoryRuns:
    """What is asked and changed of runs, effects and texts."""

    tables: MemoryTables

    # runs

    def insert_run(
        self, run: Run, *, asked: str, base: str, cap: int | None, driver: str | None
    ) -> None:
        """Add a run whose request is in the bodies `asked` and `base`."""
        if run.id in self.tables.runs:
            raise ValueError(f"there is a run {run.id!r}")
        head = decode_run(encode_run(run))
        self.tables.runs[run.id] = StoredRun(
            head=head, asked=asked, base=base, cap=cap, driver=driver
        )

    def save_run(self, run: Run, at: str) -> None:
        """Replace the head of a run; one that is over ended `at`."""
        if stored := self.tables.runs.get(run.id):
            ended = at if run.is_over else None
            head = decode_run(encode_run(run))
            self.tables.runs[run.id] = replace(stored, head=head, ended=ended)

    def find_head(self, name: str) -> Run | None:
        """Return the head of a run."""
        stored = self.tables.runs.get(name)
        return stored.head if stored else None

    def runs_of_root(self, root: str) -> list[Run]:
        """Return a root and its children in the order in which they started."""
        heads = [stored.head for stored in self.tables.runs.values()]
        return [run for run in heads if run.root == root]

    def blocked_runs(self, since: str) -> list[Run]:
        """Return the runs that were blocked since then, the oldest first."""
        blocked = [
            stored
            for stored in self.tables.runs.values()
            if stored.head.phase is RunPhase.BLOCKED and (stored.ended or "") >= since
        ]
        blocked.sort(key=lambda stored: stored.ended or "")
        return [stored.head for stored in blocked]

    def asked_body(self, run: str) -> str | None:
        """Return the hash of what a run was asked."""
        stored = self.tables.runs.get(run)
        return stored.asked if stored else None

    def find_root_state(
        self, name: str
    ) -> tuple[int | None, str | None, str | None] | None:
        """Return cap, driver and cancellation of a root."""
        stored = self.tables.runs.get(name)
        return (stored.cap, stored.driver, stored.cancel) if stored else None

    def update_root(self, root: str, **columns: object) -> None:
        """Change `driver`, `cancel` or `cap` of a root."""
        if stored := self.tables.runs.get(root):
            self.tables.runs[root] = replace(stored, **columns)

    def list_runs(
        self, now: str, *, limit: int = 20, everything: bool = False, since: str = ""
    ) -> list[RunSummary]:
        """Return the root runs that started last, the latest first."""
        runs = [
            stored
            for stored in reversed(self.tables.runs.values())
            if (stored.ended or FOREVER) >= since
            and (everything or stored.head.parent is None)
        ]
        runs.sort(key=lambda stored: stored.head.started, reverse=True)
        chosen = runs if limit < 0 else runs[:limit]
        return [self._summary(stored, now) for stored in chosen]

    def find_runs(self, name: str, now: str) -> list[RunSummary]:
        """Return the run with this id and roots whose id begins with it, at most three."""
        ids = sorted(
            run
            for run, stored in self.tables.runs.items()
            if run == name or (stored.head.parent is None and run.startswith(name))
        )
        chosen = [self.tables.runs[run] for run in ids[:FOUND_AT_MOST]]
        return [self._summary(stored, now) for stored in chosen]

    def runs_started_since(
        self, since: str, *, but_driver: str = ""
    ) -> list[StartedRun]:
        """Return what started since then, but not what that driver drives."""
        runs = [
            stored.head
            for stored in self.tables.runs.values()
            if stored.head.started >= since and stored.driver != but_driver
        ]
        runs.sort(key=lambda run: run.started)
        return [
            StartedRun(title=run.title, phase=run.phase, started=run.started)
            for run in runs
        ]

    def _summary(self, stored: StoredRun, now: str) -> RunSummary:
        run = stored.head
        entries = [one for one in self.tables.ledger if is_part_of(one.run, run.id)]
        rows = [
            one for one in self.tables.effects.values() if is_part_of(one.run, run.id)
        ]
        doubts = [row for row in rows if row.state is EffectState.IN_DOUBT]
        parked = [
            row
            for row in rows
            if row.state is EffectState.PARKED and row.ruling != "proposal"
        ]
        undecided = [row for row in parked if (row.expires or FOREVER) >= now]
        undecided += [row for row in doubts if not row.model]
        root = self.tables.runs.get(run.root)
        return RunSummary(
            id=run.id,
            parent=run.parent,
            root=run.root,
            agent=run.agent,
            prompt=run.prompt,
            title=run.title,
            phase=run.phase,
            started=run.started,
            ended=stored.ended,
            driver=root.driver if root else None,
            usd=sum(entry.usd for entry in entries),
            calls=sum(entry.calls for entry in entries),
            in_doubt=len(doubts),
            waiting=len(undecided),
        )

    # effects

    def save_effect(self, row: EffectRecord) -> None:
        """Add an effect, or replace it."""
        self.tables.effects[row.run, row.number] = row

    def find_effect(self, run: str, number: int) -> EffectRecord | None:
        """Return one effect."""
        return self.tables.effects.get((run, number))

    def effects_of_run(self, run: str) -> list[EffectRecord]:
        """Return the effects of one run in order."""
        rows = [row for row in self.tables.effects.values() if row.run == run]
        return sorted(rows, key=lambda row: row.number)

    def load_effects(self, root: str, *states: EffectState) -> list[EffectRecord]:
        """Return the effects of a root and its children in these states (none: all)."""
        wanted = states or tuple(EffectState)
        return [row for row in self.open_effects(*wanted) if row.root == root]

    def open_effects(self, *states: EffectState) -> list[EffectRecord]:
        """Return the effects of all runs in these states, oldest first."""
        rows = [row for row in self.tables.effects.values() if row.state in states]
        return sorted(rows, key=lambda row: (row.at, row.run, row.number))

    # texts

    def put_body(self, name: str, data: bytes, at: str) -> None:
        """Add a body; one that is known already is kept from now on."""
        self.tables.bodies[name] = StoredBody(data, at)

    def find_body(self, name: str) -> bytes | None:
        """Return a body, None if it was pruned."""
        body = self.tables.bodies.get(name)
        return body.data if body else None

    def prunable_bodies(self, before: str) -> list[str]:
        """Return the bodies that only runs use which were over before then."""
        kept = {
            name: stored
            for name, stored in self.tables.runs.items()
            if (stored.ended or FOREVER) >= before
        }
        used = {row.result for row in self.tables.effects.values() if row.run in kept}
        used |= {stored.asked for stored in kept.values()}
        used |= {stored.base for stored in kept.values()}
        return [
            name
            for name, body in self.tables.bodies.items()
            if body.at < before and name not in used
        ]

    def delete_bodies(self, names: Iterable[str]) -> None:
        """Delete bodies."""
        for name in names:
            self.tables.bodies.pop(name, None)
