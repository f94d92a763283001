"""What the founder asks of the state: which runs there are, what waits, what was spent."""

from collections.abc import Callable, Iterator, Sequence
from statistics import median
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from agentco.adapters.state.transaction import Transaction, decode_run
from agentco.day.facts import RestrictedFact, WaitingFact
from agentco.kernel.errors import WrongUsage
from agentco.kernel.words import shell_quote
from agentco.rules.audit import AuditLine
from agentco.runs.effects import (
    AskFounder,
    AskModel,
    CarryOutProposal,
    EffectRecord,
    EffectState,
    OweReview,
    UseTool,
)
from agentco.runs.run import Run, RunPhase
from agentco.runs.run_story import RunRecord, Waiver

BLOCKED_SQL = """
SELECT head FROM runs WHERE phase = 'blocked'
  AND ended >= strftime('%Y-%m-%dT%H:%M:%S+00:00', ?, '-30 days') ORDER BY ended
"""
GROUP_COLUMNS = {"agent": "agent", "model": "model", "prompt": "prompt", "day": "day"}
RUNS_SQL = """
SELECT id, parent, root, agent, prompt, title, phase, started, ended,
  (SELECT driver FROM runs AS top WHERE top.id = runs.root),
  (SELECT coalesce(sum(usd), 0) FROM ledger WHERE root = runs.root AND instr(run || '.', runs.id || '.') = 1),
  (SELECT coalesce(sum(calls), 0) FROM ledger WHERE root = runs.root AND instr(run || '.', runs.id || '.') = 1),
  (SELECT count(*) FROM effects WHERE root = runs.root AND instr(run || '.', runs.id || '.') = 1
    AND state = 'in-doubt'),
  (SELECT count(*) FROM effects WHERE root = runs.root AND instr(run || '.', runs.id || '.') = 1
    AND state IN ('parked', 'in-doubt') AND ruling <> 'proposal'
    AND iif(state = 'parked', coalesce(expires, '9') >= ?, model = ''))
FROM runs
"""


class RunSummary(Struct, frozen=True, kw_only=True):
    """One run with its children; `usd` is micro-dollars, `waiting` counts what waits for the founder."""

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

    def status(self, alive: Callable[[str | None], bool]) -> str:
        """The status of appendix C."""
        if self.phase is not RunPhase.WORKING:
            return str(self.phase)
        if alive(self.driver):
            return "running"
        return "waiting" if self.waiting else "interrupted"


class CostTotal(Struct, frozen=True, kw_only=True):
    """What one key came to; `usd` is micro-dollars."""

    key: str
    calls: int
    usd: int
    input_tokens: int
    output_tokens: int


def list_runs(
    tx: Transaction,
    now: str,
    *,
    limit: int = 20,
    everything: bool = False,
    since: str = "",
) -> list[RunSummary]:
    """The root runs that began last, the latest first; with their children when everything is asked for.

    Those that were over before `since` are left out; what expired before `now` waits no more.
    """
    where = (
        f"WHERE coalesce(ended, '9') >= ? {'' if everything else 'AND parent IS NULL'}"
    )
    found = tx.fetch_rows(
        f"{RUNS_SQL} {where} ORDER BY started DESC, rowid DESC LIMIT ?",
        now,
        since,
        limit,
    )
    return [parse_run_summary(row) for row in found]


def work_roots(found: Sequence[RunSummary]) -> list[RunSummary]:
    """Of all runs the roots, and what still goes on of those that are over."""
    open_ = {run.id for run in found if run.phase is RunPhase.WORKING}
    return [
        r
        for r in found
        if r.parent is None
        or (r.id in open_ and r.parent.rpartition(".")[0] not in open_)
    ]


def work_root_of(tx: Transaction, name: str) -> str:
    """The piece of work that a run is part of: its root, or what goes on although its root is over."""
    run = tx.load_run(name)
    while (
        run.parent and not (above := tx.load_run(run.parent.rpartition(".")[0])).is_over
    ):
        run = above
    return run.id


def find_run(tx: Transaction, name: str, now: str) -> RunSummary:
    """The run with an id, or the only one whose id begins so. Raises WrongUsage."""
    where = "WHERE iif(parent IS NULL, substr(id, 1, ?), id) = ? ORDER BY id LIMIT 3"
    found = tx.fetch_rows(f"{RUNS_SQL} {where}", now, len(name), name)
    exact = [row for row in found if row[0] == name] or (
        found if len(found) == 1 else []
    )
    if not exact or not name:
        raise WrongUsage(
            f"{name!r} is the beginning of several runs"
            if found and name
            else f"no run {name!r}",
            hint="agentco runs lists them",
        )
    return parse_run_summary(exact[0])


def parse_run_summary(row: Sequence[Any]) -> RunSummary:
    """A run from its columns."""
    return msgspec.convert(
        dict(zip(RunSummary.__struct_fields__, row, strict=True)), RunSummary
    )


def inbox_items(tx: Transaction, now: str) -> list[WaitingFact]:
    """Everything that waits for the founder, the oldest first."""
    rows = tx.open_effects(
        EffectState.PARKED, EffectState.IN_DOUBT, EffectState.TODO, EffectState.SENT
    )
    waiting = [row for row in rows if row.waits_for_founder(now)]
    return [*map(effect_item, waiting), *blocked_items(tx, now)]


def restricted_agents(tx: Transaction) -> list[RestrictedFact]:
    """The departments that may only read, the first one first."""
    rows = tx.fetch_rows(
        "SELECT agent, since, why FROM restricted ORDER BY since, agent"
    )
    return [
        RestrictedFact(agent=one, since=at, why=why, command=f"agentco resume {one}")
        for one, at, why in rows
    ]


def halted_or_restricted(tx: Transaction) -> list[str]:
    """Every agent that is halted or restricted."""
    return [
        name
        for (name,) in tx.fetch_rows(
            "SELECT scope FROM halts UNION SELECT agent FROM restricted"
        )
    ]


def blocked_items(tx: Transaction, now: str) -> Iterator[WaitingFact]:
    """Work that was held back, of late: what the founder can still let go, or drop."""
    for (data,) in tx.fetch_rows(BLOCKED_SQL, now):
        run = decode_run(data)
        lets_go = (
            f'agentco waive {run.id} {shell_quote(held)} --why "…"'
            for held in run.waivable_holds
        )
        commands = (
            f"agentco runs show {run.id} --why",
            *lets_go,
            f"agentco runs cancel {run.id}",
        )
        what = f"{run.title}: {run.reason}"
        yield WaitingFact(
            id=run.id,
            kind="blocked",
            run=run.id,
            agent=run.agent,
            what=what,
            command="\n".join(commands),
        )


def effect_item(row: EffectRecord) -> WaitingFact:
    """An effect that waits, as the founder sees it."""
    kind, what = (
        "approval",
        f"{type(row.wanted).__struct_config__.tag} {row.model}".strip(),
    )
    match row.wanted:
        case AskFounder(question=question):
            kind, what = "question", question
        case OweReview(trigger=trigger, why=why):
            kind, what = "owed-review", f"nobody reviewed it ({trigger}): {why}"
            command = f'agentco waive {row.run} {shell_quote(trigger)} --why "…"'
            return replace(
                waiting_item(row.id, kind, row.run, row.agent, what, row.expires),
                command=command,
            )
        case CarryOutProposal(what=proposed):
            kind, what = "proposal", proposed
        case UseTool(call=call):
            what = f"{call.name} {call.arguments}"
        case AskModel() if row.state is EffectState.IN_DOUBT:
            what = f"a call of {row.model}, at most ${row.reserved / 1e6:.6f}: was it billed?"
        case _:
            pass
    kind = "in-doubt" if row.state is EffectState.IN_DOUBT else kind
    return waiting_item(row.id, kind, row.run, row.agent, what, row.expires)


def run_histories(
    tx: Transaction, of: RunSummary, now: str, alive: Callable[[str | None], bool]
) -> dict[str, RunRecord]:
    """What the state holds of a run and of all it started, by id."""
    return {
        run.id: RunRecord(
            run=run,
            status=str(run.phase)
            if run.is_over
            else find_run(tx, run.id, now).status(alive),
            task=asked.task if (asked := tx.load_asked(run.id)) else "",
            told=tuple(tx.load_story(run.id)),
            waived=tuple(list_waivers(tx, run)),
            usd=tx.fetch_rows(
                "SELECT coalesce(sum(usd), 0) FROM ledger WHERE (root, run) = (?, ?)",
                of.root,
                run.id,
            )[0][0],
        )
        for run in tx.runs_of_root(of.root)
        if f"{run.id}.".startswith(f"{of.id}.")
    }


def list_waivers(tx: Transaction, run: Run) -> Iterator[Waiver]:
    """What the founder waived of a run, with the reasons."""
    for (data,) in tx.fetch_rows(
        "SELECT line FROM audit WHERE (run, effect) = (?, 0) ORDER BY seq", run.id
    ):
        line = msgspec.json.decode(data, type=AuditLine)
        if line.what == "waived":
            yield Waiver(trigger=line.rule, why=line.why)


def waiting_item(
    name: str, kind: str, run: str, agent: str, what: str, expires: str | None
) -> WaitingFact:
    """Something that waits, with what the founder types to decide it."""
    decide = f"agentco approve {name}\nagentco deny {name}"
    commands = {
        "question": f'agentco answer {name} "…"',
        "in-doubt": f"agentco runs settle {run} {name.rpartition('.')[2]} --done   (or --drop; a tool's: or --again)",
    }
    return WaitingFact(
        id=name,
        kind=kind,
        run=run,
        agent=agent,
        what=what,
        expires=expires,
        command=commands.get(kind, decide),
    )


def sum_costs(tx: Transaction, by: str, *, since: str = "") -> list[CostTotal]:
    """The ledger summed by agent, model, prompt or day, the dearest first; days in their order."""
    order = "1" if by == "day" else "3 DESC, 1"
    found = tx.fetch_rows(
        f"SELECT {GROUP_COLUMNS[by]}, sum(calls), sum(usd), coalesce(sum(input), 0), coalesce(sum(output), 0)"  # noqa: S608  ours
        f" FROM ledger WHERE day >= ? GROUP BY 1 ORDER BY {order}",
        since,
    )
    return [
        CostTotal(**dict(zip(CostTotal.__struct_fields__, row, strict=True)))
        for row in found
    ]


def read_audit(tx: Transaction, run: str = "") -> Iterator[AuditLine]:
    """The lines of the audit, of one run and its children if one is named."""
    sql = (
        "SELECT line FROM audit WHERE ? IN ('', run) OR run LIKE ? || '.%' ORDER BY seq"
    )
    for (data,) in tx.fetch_rows(sql, run, run):
        yield msgspec.json.decode(data, type=AuditLine)


def usual_cost_usd(tx: Transaction, prompt: str) -> float | None:
    """What a run of a prompt usually costs: the median of the last twenty that are over; None before the first."""
    sql = """SELECT coalesce(usd, 0) / 1e6 FROM runs LEFT JOIN spent ON scope = 'run:' || id
      WHERE parent IS NULL AND prompt = ? AND ended IS NOT NULL ORDER BY started DESC LIMIT 20"""
    return (
        median(usd for (usd,) in found)
        if (found := tx.fetch_rows(sql, prompt))
        else None
    )
