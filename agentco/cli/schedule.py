"""`agentco schedule`: when each prompt runs next, how its last runs ended, and what they cost."""

from datetime import datetime, timedelta
from typing import Any

from msgspec import to_builtins

from agentco.adapters.state.reports import usual_usd
from agentco.cli import screen
from agentco.cli.options import Json, fields, place
from agentco.cli.state import looked
from agentco.company.amounts import MICRO
from agentco.day.company_check import dear_schedules, schedules
from agentco.day.facts import Scheduled
from agentco.day.schedule import next_slot, slots_until
from agentco.day.schedule_slots import Outcome, Tick
from agentco.desk import current_company
from agentco.engine.standup import scheduled
from agentco.memory.graph import Entity, moment
from agentco.rules.budget import dollars

MARKS = {"ok": "✓", "failed": "✗", "no-result": "○", "skipped": "·", "missed": "-"}
LAST, A_MONTH = 20, timedelta(days=30)


def schedule(as_json: Json = False) -> None:
    """Show when each prompt runs next, how its last runs ended, and what they cost.

    The strip has the last twenty: ✓ ok, ✗ failed, ○ no result, · nothing had changed, - missed. A month
    costs what a run usually costs, as often as it comes due; what wakes on facts costs less.

    Examples:
      agentco schedule
      agentco schedule --json
    """
    edges, now = current_company.edges(), current_company.now()
    company, settings, graph = (
        edges.company.load(),
        edges.company.settings().usable(),
        edges.memory.graph().vouched,
    )
    problems = [
        *schedules(company.prompts),
        *dear_schedules(company.prompts, settings.budget, now.date()),
    ]
    jobs = scheduled(company, settings.zone)
    known = looked(
        lambda t: {
            j.name: (t.ticks(j.name, limit=LAST), usual_usd(t, j.name)) for j in jobs
        },
        {},
    )
    rows = [
        row(
            job,
            graph.entity(f"prompt-run:{job.name}"),
            *known.get(job.name, ([], None)),
            now,
        )
        for job in jobs
    ]
    if as_json:
        screen.document({"jobs": rows, "problems": to_builtins(problems)})
        return
    show(rows)
    for problem in problems:
        screen.say(
            f"{problem.level:<8}{place(problem)}: {problem.message}\n         {problem.hint}"
        )


def row(
    job: Scheduled,
    tracker: Entity | None,
    ticks: list[Tick],
    usual: float | None,
    now: datetime,
) -> dict[str, Any]:
    """One prompt of appendix C: its runs by the memory, the slots at which none began by the state."""
    runs = [run.split() for run in tracker.values("Run")] if tracker else []
    found = [
        {"at": run[0], "result": run[1], "why": ""}
        for run in runs
        if len(run) > 1 and run[1] in MARKS
    ]
    idle = (tick for tick in ticks if tick.outcome not in {Outcome.RUN, Outcome.TAKEN})
    found += [
        {"at": tick.slot.isoformat(), "result": str(tick.outcome), "why": tick.why}
        for tick in idle
    ]
    results = sorted(found, key=lambda one: moment(one["at"]))[-LAST:]
    following, times = (
        next_slot(job.cron, now, job.zone),
        len(slots_until(job.cron, now, now + A_MONTH, job.zone)),
    )
    last = results[-1] if results else {"at": None, "result": None}
    return {
        "prompt": job.name,
        **fields(job, "agent", "cron", "catch_up", "wake"),
        "timezone": job.zone.key,
        "next": following.isoformat() if following else None,
        "last": last["at"],
        "last_status": last["result"],
        "results": results,
        "runs_a_month": times,
        "usual_usd": usual,
        "month_usd": None if usual is None else usual * times,
    }


def show(rows: list[dict[str, Any]]) -> None:
    """Two lines for each prompt, the one that is next first."""
    cells = [
        [
            f"/{job['prompt']}\n{job['cron']}",
            f"{(job['next'] or '')[:16].replace('T', ' ')}\n{job['timezone']}",
            "".join(MARKS[one["result"]] for one in job["results"]),
            *(
                "" if job[usd] is None else dollars(round(job[usd] * MICRO))
                for usd in ("usual_usd", "month_usd")
            ),
        ]
        for job in sorted(rows, key=lambda job: moment(job["next"]))
    ]
    if cells:
        screen.table(["prompt", "next", "last", "a run", "a month"], cells)
    month = sum(job["month_usd"] or 0 for job in rows)
    screen.say(
        f"{dollars(round(month * MICRO))} a month in all"
        if rows
        else "no prompt has a schedule"
    )
