"""When each prompt runs next, how its last runs ended, and what a month of it costs."""

from collections.abc import Sequence

from msgspec import Struct

from agentco.day.company_check import costly_schedules, schedule_problems
from agentco.day.schedule_outlook import RESULTS_KEPT, ScheduledJob, scheduled_job
from agentco.day.schedule_slots import Tick
from agentco.desk.open_company import OpenCompany
from agentco.engine.run_costs import usual_cost_usd
from agentco.kernel.errors import Diagnostic
from agentco.overview.standup import scheduled_prompts
from agentco.ports.store import Transaction


class Schedule(Struct, frozen=True, kw_only=True):
    """All scheduled prompts, and what is wrong with their schedules."""

    jobs: tuple[ScheduledJob, ...]
    problems: tuple[Diagnostic, ...]


class _History(Struct, frozen=True):
    ticks: Sequence[Tick] = ()
    usual_usd: float | None = None


def load_schedule(company: OpenCompany) -> Schedule:
    """Read the schedules, what came of them, and what they cost."""
    now = company.now()
    settings = company.settings
    records = company.files.load()
    graph = company.memory.load_graph().trusted_part
    prompts = scheduled_prompts(records, settings.time_zone)

    def look(tx: Transaction) -> dict[str, _History]:
        return {prompt.name: _history(tx, prompt.name) for prompt in prompts}

    histories = company.read_state(look, {})
    jobs: list[ScheduledJob] = []
    for prompt in prompts:
        tracker = graph.find_entity(f"prompt-run:{prompt.name}")
        history = histories.get(prompt.name, _History())
        jobs.append(
            scheduled_job(prompt, tracker, history.ticks, history.usual_usd, now)
        )
    problems = [
        *schedule_problems(records.prompts),
        *costly_schedules(records.prompts, settings.budget, now.date()),
    ]
    return Schedule(jobs=tuple(jobs), problems=tuple(problems))


def _history(tx: Transaction, name: str) -> _History:
    ticks = tx.slot_history(name, limit=RESULTS_KEPT)
    return _History(ticks, usual_cost_usd(tx, name))
