"""Runs, their effects and their texts, in memory."""

from collections.abc import Iterable

from msgspec.structs import replace

from agentco.adapters.state.memory_tables import MemoryTables, StoredBody, StoredRun
from agentco.adapters.state.stored_forms import decode_run, encode_run
from agentco.kernel.run_ids import is_within
from agentco.ports.stored_values import StartedRun
from agentco.runs.effects import EffectRecord, EffectState
from agentco.runs.events import LedgerEntry
from agentco.runs.run import Run, RunPhase
from agentco.runs.run_summary import RunSummary

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
        stored = self.tables.runs.get(run.id)
        if stored is None:
            return
        ended = at if run.is_over else None
        head = decode_run(encode_run(run))
        self.tables.runs[run.id] = replace(stored, head=head, ended=ended)

    def find_head(self, name: str) -> Run | None:
        """Return the head of a run."""
        stored = self.tables.runs.get(name)
        return stored.head if stored else None

    def runs_of_root(self, root: str) -> list[Run]:
        """Return a root and its children in the order in which they started."""
        return [
            stored.head
            for stored in self.tables.runs.values()
            if stored.head.root == root
        ]

    def blocked_runs(self, since: str) -> list[Run]:
        """Return the runs that were blocked since then, the oldest first."""
        blocked: list[tuple[str, Run]] = []
        for stored in self.tables.runs.values():
            ended = stored.ended or ""
            if stored.head.phase is RunPhase.BLOCKED and ended >= since:
                blocked.append((ended, stored.head))
        blocked.sort(key=lambda pair: pair[0])
        return [head for _, head in blocked]

    def reviewed_runs(self, since: str) -> list[Run]:
        """Return the runs started since then that called for reviews, the latest first."""
        heads = [stored.head for stored in reversed(self.tables.runs.values())]
        reviewed = [run for run in heads if run.reviews and run.started >= since]
        return sorted(reviewed, key=lambda run: run.started, reverse=True)

    def asked_body(self, run: str) -> str | None:
        """Return the hash of what a run was asked."""
        stored = self.tables.runs.get(run)
        return stored.asked if stored else None

    def find_root_state(
        self, name: str
    ) -> tuple[int | None, str | None, str | None] | None:
        """Return cap, driver and cancellation of a root."""
        stored = self.tables.runs.get(name)
        if stored is None:
            return None
        return stored.cap, stored.driver, stored.cancel

    def update_root(self, root: str, **columns: object) -> None:
        """Change `driver`, `cancel` or `cap` of a root."""
        stored = self.tables.runs.get(root)
        if stored is not None:
            self.tables.runs[root] = replace(stored, **columns)

    def list_runs(
        self, now: str, *, limit: int = 20, everything: bool = False, since: str = ""
    ) -> list[RunSummary]:
        """Return the root runs that started last, the latest first."""
        runs: list[StoredRun] = []
        for stored in reversed(self.tables.runs.values()):
            is_listed = everything or stored.head.parent is None
            if is_listed and stored.end >= since:
                runs.append(stored)
        runs.sort(key=lambda stored: stored.head.started, reverse=True)
        chosen = runs if limit < 0 else runs[:limit]
        return [self._summary(stored, now) for stored in chosen]

    def find_runs(self, name: str, now: str) -> list[RunSummary]:
        """Return the run with this id and roots whose id begins with it, at most three."""
        ids: list[str] = []
        for run, stored in self.tables.runs.items():
            is_root = stored.head.parent is None
            if run == name or (is_root and run.startswith(name)):
                ids.append(run)
        ids.sort()
        chosen = [self.tables.runs[run] for run in ids[:FOUND_AT_MOST]]
        return [self._summary(stored, now) for stored in chosen]

    def runs_started_since(
        self, since: str, *, but_driver: str = ""
    ) -> list[StartedRun]:
        """Return what started since then, but not what that driver drives."""
        runs: list[StartedRun] = []
        for stored in self.tables.runs.values():
            run = stored.head
            if run.started >= since and stored.driver != but_driver:
                started = StartedRun(
                    title=run.title, phase=run.phase, started=run.started
                )
                runs.append(started)
        return sorted(runs, key=lambda run: run.started)

    def _payments_below(self, run: str) -> list[LedgerEntry]:
        return [entry for entry in self.tables.ledger if is_within(entry.run, run)]

    def _effects_below(self, run: str) -> list[EffectRecord]:
        rows = self.tables.effects.values()
        return [row for row in rows if is_within(row.run, run)]

    def _summary(self, stored: StoredRun, now: str) -> RunSummary:
        run = stored.head
        root = self.tables.runs.get(run.root)
        entries = self._payments_below(run.id)
        in_doubt = 0
        waiting = 0
        for row in self._effects_below(run.id):
            if row.state is EffectState.IN_DOUBT:
                in_doubt += 1
            if counts_as_waiting(row, now):
                waiting += 1
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
            in_doubt=in_doubt,
            waiting=waiting,
        )

    def forget_runs(self, before: str) -> int:
        """Delete work that was over before then, unless a slot names it; returns how many roots."""
        kept = {tick.run for tick in self.tables.slots.values()}
        kept.update(
            run.head.root for run in self.tables.runs.values() if run.end >= before
        )
        for row in self.tables.effects.values():
            if row.state not in {EffectState.DONE, EffectState.SETTLED}:
                kept.add(row.root)
        roots = {run.head.root for run in self.tables.runs.values()} - kept
        for name, stored in [*self.tables.runs.items()]:
            if stored.head.root in roots:
                del self.tables.runs[name]
        for key, row in [*self.tables.effects.items()]:
            if row.root in roots:
                del self.tables.effects[key]
        for root in roots:
            self.tables.spent.pop(f"run:{root}", None)
        return len(roots)

    # effects

    def save_effect(self, row: EffectRecord) -> None:
        """Add an effect, or replace it."""
        self.tables.effects[row.run, row.number] = row

    def find_effect(self, run: str, number: int) -> EffectRecord | None:
        """Return one effect."""
        return self.tables.effects.get((run, number))

    def effects_of_run(self, run: str) -> list[EffectRecord]:
        """Return the effects of one run in order."""
        effects = self.tables.effects.values()
        rows = [row for row in effects if row.run == run]
        return sorted(rows, key=lambda row: row.number)

    def load_effects(self, root: str, *states: EffectState) -> list[EffectRecord]:
        """Return the effects of a root and its children in these states (none: all)."""
        if not states:
            states = tuple(EffectState)
        return [row for row in self.open_effects(*states) if row.root == root]

    def open_effects(self, *states: EffectState) -> list[EffectRecord]:
        """Return the effects of all runs in these states, oldest first."""
        effects = self.tables.effects.values()
        rows = [row for row in effects if row.state in states]
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
        used = self._bodies_used_since(before)
        prunable: list[str] = []
        for name, body in self.tables.bodies.items():
            if body.at < before and name not in used:
                prunable.append(name)
        return prunable

    def _bodies_used_since(self, time: str) -> set[str | None]:
        used: set[str | None] = set()
        for stored in self.tables.runs.values():
            if stored.end >= time:
                used.update((stored.asked, stored.base))
        for row in self.tables.effects.values():
            stored = self.tables.runs.get(row.run)
            if stored is not None and stored.end >= time:
                used.add(row.result)
        return used

    def delete_bodies(self, names: Iterable[str]) -> None:
        """Delete bodies."""
        for name in names:
            self.tables.bodies.pop(name, None)


def counts_as_waiting(row: EffectRecord, now: str) -> bool:
    """Whether a summary counts an effect as one that the founder must decide."""
    if row.state is EffectState.IN_DOUBT:
        return not row.model
    if row.state is not EffectState.PARKED or row.ruling == "proposal":
        return False
    return row.expires is None or row.expires >= now
