"""`agentco schedule`: when each prompt runs next, how its last runs ended, and what they cost."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from msgspec import to_builtins

from agentco.cli import current_company, screen
from agentco.cli.shared_options import JsonOption, problem_location
from agentco.day.company_check import costly_schedules, schedule_problems
from agentco.day.facts import ScheduledPrompt
from agentco.day.schedule import next_slot, slots_until
from agentco.day.schedule_slots import SlotOutcome, Tick
from agentco.desk.documents import pick_fields
from agentco.engine.run_costs import usual_cost_usd
from agentco.engine.standup import scheduled_prompts
from agentco.kernel.money import MICROS_PER_USD, format_dollars
from agentco.memory.graph import MemoryEntity, parse_time

RESULT_MARKS = {
    "ok": "✓",
    "failed": "✗",
    "no-result": "○",
    "skipped": "·",
    "missed": "-",
}
RESULTS_SHOWN, MONTH = 20, timedelta(days=30)


def schedule(as_json: JsonOption = False) -> None:
    """Show when each prompt runs next, how its last runs ended, and what they cost.

    The strip has the last twenty: ✓ ok, ✗ failed, ○ no result, · nothing had changed, - missed. A month
    costs what a run usually costs, as often as it comes due; what wakes on facts costs less.

    Examples:
      agentco schedule
      agentco schedule --json
    """
    edges, now = current_company.open_current(), current_company.now()
    company, settings, graph = (
        edges.files.load(),
        edges.files.settings().require_valid(),
        edges.memory.load_graph().trusted_part,
    )
    problems = [
        *schedule_problems(company.prompts),
        *costly_schedules(company.prompts, settings.budget, now.date()),
    ]
    jobs = scheduled_prompts(company, settings.time_zone)
    known = current_company.open_current().read_state(
        lambda t: {
            j.name: (
                t.slot_history(j.name, limit=RESULTS_SHOWN),
                usual_cost_usd(t, j.name),
            )
            for j in jobs
        },
        {},
    )
    rows = [
        job_document(
            job,
            graph.find_entity(f"prompt-run:{job.name}"),
            *known.get(job.name, ([], None)),
            now,
        )
        for job in jobs
    ]
    if as_json:
        screen.print_json({"jobs": rows, "problems": to_builtins(problems)})
        return
    print_jobs(rows)
    for problem in problems:
        screen.print_text(
            f"{problem.level:<8}{problem_location(problem)}: {problem.message}\n         {problem.hint}"
        )


def job_document(
    job: ScheduledPrompt,
    tracker: MemoryEntity | None,
    ticks: Sequence[Tick],
    usual: float | None,
    now: datetime,
) -> dict[str, Any]:
    """One prompt of appendix C: its runs by the memory, the slots at which none began by the state."""
    runs = [run.split() for run in tracker.values_of("Run")] if tracker else []
    found = [
        {"at": run[0], "result": run[1], "why": ""}
        for run in runs
        if len(run) > 1 and run[1] in RESULT_MARKS
    ]
    idle = (
        tick
        for tick in ticks
        if tick.outcome not in {SlotOutcome.RUN, SlotOutcome.TAKEN}
    )
    found += [
        {"at": tick.slot.isoformat(), "result": str(tick.outcome), "why": tick.why}
        for tick in idle
    ]
    results = sorted(found, key=lambda one: parse_time(one["at"]))[-RESULTS_SHOWN:]
    following, times = (
        next_slot(job.cron, now, job.zone),
        len(slots_until(job.cron, now, now + MONTH, job.zone)),
    )
    last = results[-1] if results else {"at": None, "result": None}
    return {
        "prompt": job.name,
        **pick_fields(job, "agent", "cron", "catch_up", "wake"),
        "timezone": job.zone.key,
        "next": following.isoformat() if following else None,
        "last": last["at"],
        "last_status": last["result"],
        "results": results,
        "runs_a_month": times,
        "usual_usd": usual,
        "month_usd": None if usual is None else usual * times,
    }


def print_jobs(rows: list[dict[str, Any]]) -> None:
    """Two lines for each prompt, the one that is next first."""
    cells = [
        [
            f"/{job['prompt']}\n{job['cron']}",
            f"{(job['next'] or '')[:16].replace('T', ' ')}\n{job['timezone']}",
            "".join(RESULT_MARKS[one["result"]] for one in job["results"]),
            *(
                ""
                if job[usd] is None
                else format_dollars(round(job[usd] * MICROS_PER_USD))
                for usd in ("usual_usd", "month_usd")
            ),
        ]
        for job in sorted(rows, key=lambda job: parse_time(job["next"]))
    ]
    if cells:
        screen.print_table(["prompt", "next", "last", "a run", "a month"], cells)
    month = sum(job["month_usd"] or 0 for job in rows)
    screen.print_text(
        f"{format_dollars(round(month * MICROS_PER_USD))} a month in all"
        if rows
        else "no prompt has a schedule"
    )
