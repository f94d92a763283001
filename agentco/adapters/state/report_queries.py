"""What the founder asks of the state: which runs there are, what waits, what was spent."""

from collections.abc import Iterable
from datetime import datetime
from typing import TypeVar

import msgspec

from agentco.adapters.state.schedule_queries import ScheduleQueries
from agentco.adapters.state.stored_forms import decode_run
from agentco.engine.stored_values import (
    COST_KEYS,
    CostTotal,
    Halt,
    OpenProposal,
    Restriction,
    StartedRun,
)
from agentco.rules.audit import AuditLine
from agentco.runs.run import Run
from agentco.runs.run_summary import RunSummary

T = TypeVar("T", bound=msgspec.Struct)

RUNS_SQL = """
SELECT id, parent, root, agent, prompt, title, phase, started, ended,
  (SELECT driver FROM runs AS top WHERE top.id = runs.root) AS driver,
  (SELECT coalesce(sum(usd), 0) FROM ledger
    WHERE root = runs.root AND instr(run || '.', runs.id || '.') = 1) AS usd,
  (SELECT coalesce(sum(calls), 0) FROM ledger
    WHERE root = runs.root AND instr(run || '.', runs.id || '.') = 1) AS calls,
  (SELECT count(*) FROM effects
    WHERE root = runs.root AND instr(run || '.', runs.id || '.') = 1
    AND state = 'in-doubt') AS in_doubt,
  (SELECT count(*) FROM effects
    WHERE root = runs.root AND instr(run || '.', runs.id || '.') = 1
    AND state IN ('parked', 'in-doubt')
    AND iif(state = 'parked', coalesce(expires, '9') >= ?, model = '')) AS waiting
FROM runs
"""


class ReportQueries(ScheduleQueries):
    """What lists and documents are made of; nothing here commits."""

    def list_runs(
        self, now: str, *, limit: int = 20, everything: bool = False, since: str = ""
    ) -> list[RunSummary]:
        """Return the root runs that started last, the latest first, at most `limit` (-1: all)."""
        sql = f"""{RUNS_SQL} WHERE coalesce(ended, '9') >= ? AND (? OR parent IS NULL)
            ORDER BY started DESC, rowid DESC LIMIT ?"""
        return self._fetch_values(RunSummary, sql, now, since, everything, limit)

    def find_runs(self, name: str, now: str) -> list[RunSummary]:
        """Return the run with this id and roots whose id begins with it, at most three, by id."""
        sql = f"""{RUNS_SQL} WHERE iif(parent IS NULL, substr(id, 1, ?), id) = ?
            ORDER BY id LIMIT 3"""
        return self._fetch_values(RunSummary, sql, now, len(name), name)

    def blocked_runs(self, since: str) -> list[Run]:
        """Return the runs that were blocked since then, the oldest first."""
        sql = "SELECT head FROM runs WHERE phase = 'blocked' AND ended >= ? ORDER BY ended"
        return [decode_run(data) for (data,) in self.fetch_rows(sql, since)]

    def runs_started_since(
        self, since: str, *, but_driver: str = ""
    ) -> list[StartedRun]:
        """Return what started since then, but not what that driver drives."""
        sql = """SELECT title, phase, started FROM runs
            WHERE started >= ? AND driver IS NOT ?"""
        return self._fetch_values(StartedRun, sql, since, but_driver)

    def sum_costs(self, by: str, *, since: str = "") -> list[CostTotal]:
        """Return the ledger since a day, summed by one of COST_KEYS."""
        key = COST_KEYS[COST_KEYS.index(by)]
        order = "key" if by == "day" else "usd DESC, key"
        sql = f"""SELECT {key} AS key, sum(calls) AS calls, sum(usd) AS usd,
              coalesce(sum(input), 0) AS input_tokens,
              coalesce(sum(output), 0) AS output_tokens
            FROM ledger WHERE day >= ? GROUP BY 1 ORDER BY {order}"""  # noqa: S608  one of ours
        return self._fetch_values(CostTotal, sql, since)

    def cost_of_run(self, run: str) -> int:
        """Return what the calls of one run cost, without its children."""
        sql = "SELECT coalesce(sum(usd), 0) FROM ledger WHERE (root, run) = (?, ?)"
        return self.fetch_rows(sql, run.partition(".")[0], run)[0][0]

    def costs_of_prompt(self, prompt: str, limit: int) -> list[int]:
        """Return what the last root runs of a prompt cost that are over, the latest first."""
        sql = """SELECT coalesce(usd, 0) FROM runs LEFT JOIN spent ON scope = 'run:' || id
            WHERE parent IS NULL AND prompt = ? AND ended IS NOT NULL
            ORDER BY started DESC LIMIT ?"""
        return [usd for (usd,) in self.fetch_rows(sql, prompt, limit)]

    def costs_of_similar_runs(self, root: str, limit: int) -> list[int]:
        """Return what the last done root runs of the same agent and prompt cost."""
        sql = """SELECT spent.usd FROM runs JOIN runs AS this ON this.id = ?
              JOIN spent ON spent.scope = 'run:' || runs.id
            WHERE runs.parent IS NULL AND runs.phase = 'done'
              AND (runs.agent, runs.prompt) = (this.agent, this.prompt)
            ORDER BY runs.started DESC LIMIT ?"""
        return [usd for (usd,) in self.fetch_rows(sql, root, limit)]

    def audit_lines(self, run: str = "") -> list[AuditLine]:
        """Return the lines of all runs, or of one and its children, in order."""
        sql = """SELECT line FROM audit WHERE ? IN ('', run) OR run LIKE ? || '.%'
            ORDER BY seq"""
        return self._fetch_lines(sql, run, run)

    def audit_of_effect(self, run: str, effect: int) -> list[AuditLine]:
        """Return the lines of one effect in order; effect 0 are those of the run itself."""
        sql = "SELECT line FROM audit WHERE (run, effect) = (?, ?) ORDER BY seq"
        return self._fetch_lines(sql, run, effect)

    def audit_chain(self) -> list[tuple[bytes, str]]:
        """Return every line as it is stored, with its hash."""
        rows = self.fetch_rows("SELECT line, hash FROM audit ORDER BY seq")
        return [(line, name) for line, name in rows]

    def halts(self) -> list[Halt]:
        """Return every halt, by scope."""
        sql = "SELECT scope, since, by FROM halts ORDER BY scope"
        return self._fetch_values(Halt, sql)

    def restrictions(self) -> list[Restriction]:
        """Return every restriction, the oldest first."""
        sql = "SELECT agent, since, why FROM restricted ORDER BY since, agent"
        return self._fetch_values(Restriction, sql)

    def open_proposals(self, now: str) -> list[OpenProposal]:
        """Return what waits and has not expired, the oldest first."""
        sql = """SELECT id, run, agent, what, expires FROM proposals
            WHERE state IN ('open', 'approving') AND expires >= ? ORDER BY at, id"""
        return self._fetch_values(OpenProposal, sql, now)

    def told_notices(self) -> dict[str, datetime]:
        """Return when each key was last told."""
        rows = self.fetch_rows("SELECT key, at FROM notices")
        return {key: datetime.fromisoformat(at) for key, at in rows}

    def save_notices(self, keys: Iterable[str], at: str) -> None:
        """Remember that these were told."""
        sql = "INSERT OR REPLACE INTO notices VALUES (?, ?)"
        self.db.executemany(sql, [(key, at) for key in keys])

    def remove_notices(self, keys: Iterable[str]) -> None:
        """Forget that these were told."""
        sql = "DELETE FROM notices WHERE key = ?"
        self.db.executemany(sql, [(key,) for key in keys])

    def forget_notices(self, before: str) -> None:
        """Forget what was told before then."""
        self.db.execute("DELETE FROM notices WHERE at < ?", (before,))

    def find_damage(self) -> str:
        """Say what is wrong with the file; empty if nothing is."""
        [(answer,)] = self.fetch_rows("PRAGMA quick_check(1)")
        return "" if answer == "ok" else answer

    def change_mark(self) -> int:
        """Return a number that changes whenever another process has written."""
        [(version,)] = self.fetch_rows("PRAGMA data_version")
        return version

    def _fetch_values(self, kind: type[T], sql: str, *values: object) -> list[T]:
        """Return each row as a value whose fields the columns are named after."""
        cursor = self.db.execute(sql, values)
        names = [column[0] for column in cursor.description]
        return [
            msgspec.convert(dict(zip(names, row, strict=True)), kind) for row in cursor
        ]

    def _fetch_lines(self, sql: str, *values: object) -> list[AuditLine]:
        """Return audit lines from their stored form."""
        rows = self.fetch_rows(sql, *values)
        return [msgspec.json.decode(data, type=AuditLine) for (data,) in rows]
