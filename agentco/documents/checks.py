"""A check of the company, its models and its schedule as JSON."""

from datetime import UTC
from typing import TYPE_CHECKING

from msgspec import to_builtins

from agentco.kernel.documents import Document, in_dollars, pick_fields

if TYPE_CHECKING:
    from agentco.day.schedule_outlook import ScheduledJob
    from agentco.desk.schedule import Schedule
    from agentco.upkeep.checking import CompanyCheck
    from agentco.upkeep.model_choices import ModelChoice

RATE_NAMES = ("input", "output", "cached", "written")


def check_document(result: "CompanyCheck") -> Document:
    """The document of `check --json`."""
    loads: list[Document] = []
    for load in result.loads:
        document: Document = to_builtins(load)
        document["total"] = load.total
        loads.append(document)
    return {
        "company": result.root,
        "files": result.files,
        "diagnostics": to_builtins(result.diagnostics),
        "loads": loads,
    }


def choice_document(choice: "ModelChoice") -> Document:
    """A choice as data; prices are dollars for a million tokens."""
    rates = choice.offer.rates
    document: Document = {
        "tier": choice.who,
        "model": choice.offer.name,
        "first": choice.first,
        "why": choice.why or None,
    }
    for name in RATE_NAMES:
        document[f"{name}_usd"] = _dollars(getattr(rates, name, None))
    told = choice.offer.asks_context
    document["context"] = None if told else choice.offer.context
    document["max_output"] = choice.offer.max_output
    document["reasoning"] = choice.offer.reasoning
    document["calls_today"] = choice.past.calls
    document["today_usd"] = _dollars(choice.past.usd)
    document["tokens_today"] = choice.past.tokens
    document["tokens_per_day"] = choice.limit.tokens_per_day
    document["leave_percent"] = choice.limit.leave
    document["windows"] = [
        {
            "name": window.name,
            "used_percent": window.used,
            "resets": window.reset_moment(UTC).isoformat(timespec="seconds"),
        }
        for window in choice.windows
    ]
    document["calls_per_day"] = choice.limit.calls_per_day
    document["per_day_usd"] = _dollars(choice.limit.usd_per_day)
    return document


def _dollars(micros: int | None) -> float | None:
    return None if micros is None else in_dollars(micros)


def schedule_document(schedule: "Schedule") -> Document:
    """The document of `schedule --json`."""
    return {
        "jobs": [job_document(job) for job in schedule.jobs],
        "problems": to_builtins(schedule.problems),
    }


def job_document(job: "ScheduledJob") -> Document:
    """One scheduled prompt as data."""
    last = job.results[-1] if job.results else None
    return {
        "prompt": job.prompt.name,
        **pick_fields(job.prompt, "agent", "cron", "catch_up", "overlap", "wake"),
        "timezone": job.prompt.zone.key,
        "next": job.next.isoformat() if job.next else None,
        "last": last.at if last else None,
        "last_status": last.result if last else None,
        "results": to_builtins(job.results),
        **pick_fields(job, "runs_a_month", "usual_usd", "month_usd"),
    }
