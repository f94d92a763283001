"""`agentco schedule`: when each prompt runs next, how its last runs ended, and what they cost."""

from agentco.cli import current_company
from agentco.cli.shared_options import JsonOption, problem_location
from agentco.day.schedule_outlook import ScheduledJob
from agentco.desk.schedule import load_schedule
from agentco.documents.checks import schedule_document
from agentco.kernel.money import MICROS_PER_USD, format_dollars
from agentco.memory.graph import parse_time
from agentco.terminal import screen
from agentco.terminal.local_time import local_text

RESULT_MARKS = {
    "ok": "✓",
    "failed": "✗",
    "no-result": "○",
    "skipped": "·",
    "missed": "-",
}
TABLE_COLUMNS = ("prompt", "next", "last", "a run", "a month")


def schedule(as_json: JsonOption = False) -> None:
    """Show when each prompt runs next, how its last runs ended, and what they cost.

    The strip shows the last twenty runs: ✓ ok, ✗ failed, ○ no result, · nothing had changed, -
    missed. The monthly cost is the usual cost of a run times its runs per month; prompts that
    wake on facts cost less.

    Examples:
      agentco schedule
      agentco schedule --json
    """
    found = load_schedule(current_company.open_current())
    if as_json:
        screen.print_json(schedule_document(found))
        return
    jobs = sorted(found.jobs, key=lambda job: parse_time(iso_time(job)))
    if jobs:
        screen.print_table(TABLE_COLUMNS, [job_row(job) for job in jobs])
        month = sum(job.month_usd or 0 for job in jobs)
        screen.print_text(f"{dollars_text(month)} a month in all")
        for job in jobs:
            for last in job.results[-1:]:
                if last.result == "missed":
                    line = f"/{job.prompt.name} missed {last.at}: {last.why}"
                    screen.print_text(local_text(line, job.prompt.zone))
    else:
        screen.print_text("no prompt has a schedule")
    for problem in found.problems:
        line = f"{problem.level:<8}{problem_location(problem)}: {problem.message}"
        screen.print_text(f"{line}\n         {problem.hint}")


def job_row(job: ScheduledJob) -> list[str]:
    """A prompt as a row of two lines."""
    minute = (iso_time(job) or "")[:16].replace("T", " ")
    marks = (RESULT_MARKS[result.result] for result in job.results)
    return [
        f"/{job.prompt.name}\n{job.prompt.cron}",
        f"{minute}\n{job.prompt.zone.key}",
        "".join(marks),
        dollars_text(job.usual_usd),
        dollars_text(job.month_usd),
    ]


def iso_time(job: ScheduledJob) -> str | None:
    """When a prompt is next due, as an ISO time."""
    return job.next.isoformat() if job.next else None


def dollars_text(dollars: float | None) -> str:
    """An amount, if there is one."""
    return "" if dollars is None else format_dollars(round(dollars * MICROS_PER_USD))
