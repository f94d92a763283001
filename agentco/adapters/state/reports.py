"""What the founder asks of the state: which runs there are, what waits, what was spent."""

from collections.abc import Callable, Iterator, Sequence
from statistics import median
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from agentco.adapters.state.transaction import Transaction, run_of
from agentco.day.facts import RestrictedFact, WaitingFact
from agentco.kernel.errors import WrongUsage
from agentco.kernel.words import quoted
from agentco.rules.audit import Line
from agentco.runs.effects import AskFounder, AskModel, OweReview, Row, State, UseTool
from agentco.runs.run import Phase, Run
from agentco.runs.run_story import Known, Waiver

BLOCKED = """
SELECT head FROM runs WHERE phase = 'blocked'
  AND ended >= strftime('%Y-%m-%dT%H:%M:%S+00:00', ?, '-30 days') ORDER BY ended
"""
KEYS = {"agent": "agent", "model": "model", "prompt": "prompt", "day": "day"}
RUNS = """
SELECT id, parent, root, agent, prompt, title, phase, started, ended,
  (SELECT driver FROM runs AS top WHERE top.id = runs.root),
  (SELECT coalesce(sum(usd), 0) FROM ledger WHERE root = runs.root AND instr(run || '.', runs.id || '.') = 1),
  (SELECT coalesce(sum(calls), 0) FROM ledger WHERE root = runs.root AND instr(run || '.', runs.id || '.') = 1),
  (SELECT count(*) FROM effects WHERE root = runs.root AND instr(run || '.', runs.id || '.') = 1
    AND state = 'in-doubt'),
  (SELECT count(*) FROM effects WHERE root = runs.root AND instr(run || '.', runs.id || '.') = 1
    AND state IN ('parked', 'in-doubt') AND iif(state = 'parked', coalesce(expires, '9') >= ?, model = ''))
FROM runs
"""


class Summary(Struct, frozen=True, kw_only=True):
    """One run with its children; `usd` is micro-dollars, `waiting` counts what waits for the founder."""

    id: str
    parent: str | None
    root: str
    agent: str
    prompt: str
    title: str
    phase: Phase
    started: str
    ended: str | None
    driver: str | None
    usd: int
    calls: int
    in_doubt: int
    waiting: int

    def status(self, alive: Callable[[str | None], bool]) -> str:
        """The status of appendix C."""
        if self.phase is not Phase.WORKING:
            return str(self.phase)
        if alive(self.driver):
            return "running"
        return "waiting" if self.waiting else "interrupted"


class Spent(Struct, frozen=True, kw_only=True):
    """What one key came to; `usd` is micro-dollars."""

    key: str
    calls: int
    usd: int
    input_tokens: int
    output_tokens: int


def runs(
    t: Transaction,
    now: str,
    *,
    limit: int = 20,
    everything: bool = False,
    since: str = "",
) -> list[Summary]:
    """The root runs that began last, the latest first; with their children when everything is asked for.

    Those that were over before `since` are left out; what expired before `now` waits no more.
    """
    where = (
        f"WHERE coalesce(ended, '9') >= ? {'' if everything else 'AND parent IS NULL'}"
    )
    found = t.rows(
        f"{RUNS} {where} ORDER BY started DESC, rowid DESC LIMIT ?", now, since, limit
    )
    return [summary(row) for row in found]


def pieces(found: Sequence[Summary]) -> list[Summary]:
    """Of all runs the roots, and what still goes on of those that are over."""
    open_ = {run.id for run in found if run.phase is Phase.WORKING}
    return [
        r
        for r in found
        if r.parent is None
        or (r.id in open_ and r.parent.rpartition(".")[0] not in open_)
    ]


def piece_of(t: Transaction, name: str) -> str:
    """The piece of work that a run is part of: its root, or what goes on although its root is over."""
    run = t.run(name)
    while run.parent and not (above := t.run(run.parent.rpartition(".")[0])).over:
        run = above
    return run.id


def run_named(t: Transaction, name: str, now: str) -> Summary:
    """The run with an id, or the only one whose id begins so. Raises WrongUsage."""
    where = "WHERE iif(parent IS NULL, substr(id, 1, ?), id) = ? ORDER BY id LIMIT 3"
    found = t.rows(f"{RUNS} {where}", now, len(name), name)
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
    return summary(exact[0])


def summary(row: Sequence[Any]) -> Summary:
    """A run from its columns."""
    return msgspec.convert(
        dict(zip(Summary.__struct_fields__, row, strict=True)), Summary
    )


def inbox(t: Transaction, now: str) -> list[WaitingFact]:
    """Everything that waits for the founder, the oldest first."""
    items = [
        item(row)
        for row in t.open(State.PARKED, State.IN_DOUBT)
        if (row.expires or now) >= now
    ]
    columns = "id, 'proposal', run, agent, what, expires"
    open_ = f"SELECT {columns} FROM proposals WHERE state IN ('open', 'approving') AND expires >= ?"  # noqa: S608  ours
    return [
        *items,
        *(waiting(*row) for row in t.rows(f"{open_} ORDER BY at, id", now)),
        *blocked(t, now),
    ]


def restricted(t: Transaction) -> list[RestrictedFact]:
    """The departments that may only read, the first one first."""
    rows = t.rows("SELECT agent, since, why FROM restricted ORDER BY since, agent")
    return [
        RestrictedFact(agent=one, since=at, why=why, command=f"agentco resume {one}")
        for one, at, why in rows
    ]


def held(t: Transaction) -> list[str]:
    """Every agent that is halted or restricted."""
    return [
        name
        for (name,) in t.rows(
            "SELECT scope FROM halts UNION SELECT agent FROM restricted"
        )
    ]


def blocked(t: Transaction, now: str) -> Iterator[WaitingFact]:
    """Work that was held back, of late: what the founder can still let go, or drop."""
    for (data,) in t.rows(BLOCKED, now):
        run = run_of(data)
        lets_go = (
            f'agentco waive {run.id} {quoted(held)} --why "…"' for held in run.holds
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


def item(row: Row) -> WaitingFact:
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
            command = f'agentco waive {row.run} {quoted(trigger)} --why "…"'
            return replace(
                waiting(row.id, kind, row.run, row.agent, what, row.expires),
                command=command,
            )
        case UseTool(call=call):
            what = f"{call.name} {call.arguments}"
        case AskModel() if row.state is State.IN_DOUBT:
            what = f"a call of {row.model}, at most ${row.reserved / 1e6:.6f}: was it billed?"
        case _:
            pass
    kind = "in-doubt" if row.state is State.IN_DOUBT else kind
    return waiting(row.id, kind, row.run, row.agent, what, row.expires)


def known(
    t: Transaction, of: Summary, now: str, alive: Callable[[str | None], bool]
) -> dict[str, Known]:
    """What the state holds of a run and of all it started, by id."""
    return {
        run.id: Known(
            run=run,
            status=str(run.phase)
            if run.over
            else run_named(t, run.id, now).status(alive),
            task=asked.task if (asked := t.asked(run.id)) else "",
            told=tuple(t.story(run.id)),
            waived=tuple(waivers(t, run)),
            usd=t.rows(
                "SELECT coalesce(sum(usd), 0) FROM ledger WHERE (root, run) = (?, ?)",
                of.root,
                run.id,
            )[0][0],
        )
        for run in t.runs(of.root)
        if f"{run.id}.".startswith(f"{of.id}.")
    }


def waivers(t: Transaction, run: Run) -> Iterator[Waiver]:
    """What the founder waived of a run, with the reasons."""
    for (data,) in t.rows(
        "SELECT line FROM audit WHERE (run, effect) = (?, 0) ORDER BY seq", run.id
    ):
        line = msgspec.json.decode(data, type=Line)
        if line.what == "waived":
            yield Waiver(trigger=line.rule, why=line.why)


def waiting(
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


def costs(t: Transaction, by: str, *, since: str = "") -> list[Spent]:
    """The ledger summed by agent, model, prompt or day, the dearest first; days in their order."""
    order = "1" if by == "day" else "3 DESC, 1"
    found = t.rows(
        f"SELECT {KEYS[by]}, sum(calls), sum(usd), coalesce(sum(input), 0), coalesce(sum(output), 0)"  # noqa: S608  ours
        f" FROM ledger WHERE day >= ? GROUP BY 1 ORDER BY {order}",
        since,
    )
    return [
        Spent(**dict(zip(Spent.__struct_fields__, row, strict=True))) for row in found
    ]


def audit(t: Transaction, run: str = "") -> Iterator[Line]:
    """The lines of the audit, of one run and its children if one is named."""
    sql = (
        "SELECT line FROM audit WHERE ? IN ('', run) OR run LIKE ? || '.%' ORDER BY seq"
    )
    for (data,) in t.rows(sql, run, run):
        yield msgspec.json.decode(data, type=Line)


def usual_usd(t: Transaction, prompt: str) -> float | None:
    """What a run of a prompt usually costs: the median of the last twenty that are over; None before the first."""
    sql = """SELECT coalesce(usd, 0) / 1e6 FROM runs LEFT JOIN spent ON scope = 'run:' || id
      WHERE parent IS NULL AND prompt = ? AND ended IS NOT NULL ORDER BY started DESC LIMIT 20"""
    return median(usd for (usd,) in found) if (found := t.rows(sql, prompt)) else None
