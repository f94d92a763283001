"""The heads of all runs."""

from agentco.adapters.state.stored_forms import decode_run, encode_run
from agentco.adapters.state.tables.statements import Row, Statements, json_array
from agentco.ports.stored_values import StartedRun
from agentco.runs.run import Run
from agentco.runs.run_summary import RunSummary


class RunTable(Statements):
    """One row for each run; its head is JSON, what is searched for stands beside it."""

    def insert_run(
        self, run: Run, *, asked: str, base: str, cap: int | None, driver: str | None
    ) -> None:
        """Add a run whose request is in the bodies `asked` and `base`."""
        self.change(
            "insert_run",
            id=run.id,
            root=run.root,
            parent=run.parent,
            agent=run.agent,
            prompt=run.prompt,
            title=run.title,
            phase=run.phase,
            started=run.started,
            cap=cap,
            driver=driver,
            asked=asked,
            base=base,
            head=encode_run(run),
        )

    def save_run(self, run: Run, at: str) -> None:
        """Replace the head of a run; one that is over ended `at`."""
        ended = at if run.is_over else None
        head = encode_run(run)
        self.change("save_run", id=run.id, phase=run.phase, head=head, ended=ended)

    def find_head(self, name: str) -> Run | None:
        """Return the head of a run."""
        row = self.select_first("find_head", id=name)
        return decode_run(row[0]) if row else None

    def runs_of_root(self, root: str) -> list[Run]:
        """Return a root and its children in the order in which they started."""
        rows = self.select("heads_of_root", root=root)
        return [decode_run(head) for (head,) in rows]

    def blocked_runs(self, since: str) -> list[Run]:
        """Return the runs that were blocked since then, the oldest first."""
        rows = self.select("blocked_heads", since=since)
        return [decode_run(head) for (head,) in rows]

    def reviewed_runs(self, since: str) -> list[Run]:
        """Return the runs started since then that called for reviews, the latest first."""
        rows = self.select("reviewed_heads", since=since)
        return [decode_run(head) for (head,) in rows]

    def asked_body(self, run: str) -> str | None:
        """Return the hash of what a run was asked."""
        row = self.select_first("asked_body", id=run)
        return row[0] if row else None

    def find_root_state(
        self, name: str
    ) -> tuple[int | None, str | None, str | None] | None:
        """Return cap, driver and cancellation of a root."""
        row = self.select_first("find_root_state", id=name)
        if row is None:
            return None
        cap, driver, cancel = row
        return cap, driver, cancel

    def update_root(self, root: str, **columns: object) -> None:
        """Change `driver`, `cancel` or `cap` of a root."""
        for column, value in columns.items():
            self.change(f"set_root_{column}", root=root, value=value)

    def list_runs(
        self, now: str, *, limit: int = 20, everything: bool = False, since: str = ""
    ) -> list[RunSummary]:
        """Return the root runs that started last, the latest first."""
        rows = self.select("list_runs", limit=limit, everything=everything, since=since)
        return self._summarize_runs(rows, now)

    def find_runs(self, name: str, now: str) -> list[RunSummary]:
        """Return the run with this id and roots whose id begins with it, at most three."""
        rows = self.select("find_runs", name=name)
        return self._summarize_runs(rows, now)

    def _summarize_runs(self, rows: list[Row], now: str) -> list[RunSummary]:
        ids = json_array(run for (run,) in rows)
        return self.select_as(RunSummary, "summarize_runs", ids=ids, now=now)

    def runs_started_since(
        self, since: str, *, but_driver: str = ""
    ) -> list[StartedRun]:
        """Return what started since then, but not what that driver drives."""
        return self.select_as(
            StartedRun, "runs_started_since", since=since, but_driver=but_driver
        )

    def forget_runs(self, before: str) -> int:
        """Delete work that was over before then, unless a slot names it; returns how many roots."""
        rows = self.select("forgettable_roots", before=before)
        roots = json_array(root for (root,) in rows)
        for statement in ("forget_effects", "forget_run_sums", "forget_runs"):
            self.change(statement, roots=roots)
        return len(rows)
