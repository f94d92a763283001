"""A new company begins quietly: what its sample tells of the past is no missed slot."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from claims import claim
from runs.offices import Still

from agentco.day import (
    FIRST_HOUR,
    ScheduledPrompt,
    SlotOutcome,
    next_slot,
    slots_run_from,
    ticks_due,
)
from agentco.desk import OpenCompany, load_schedule
from agentco.memory import MemoryGraph
from agentco.overview import run_standup, scheduled_prompts
from agentco.upkeep import NewCompany, OwnCompany, make_company, plan_company
from agentco.wiring import company_maker, open_company

MINUTE = timedelta(minutes=1)


@dataclass
class Begun:
    """A company that was made at a moment."""

    company: OpenCompany
    at: datetime

    def jobs(self) -> list[ScheduledPrompt]:
        zone = self.company.settings.time_zone
        return scheduled_prompts(self.company.files.load(), zone)

    def taken(self, job: ScheduledPrompt, now: datetime) -> list[datetime]:
        """The slots of a prompt that would be run at a moment."""
        graph: MemoryGraph = self.company.memory.load_graph().trusted_part
        since = slots_run_from(graph.find_entity(f"prompt-run:{job.name}"))
        ticks = ticks_due(job, (), lambda _: True, now=now, since=since, why="me")
        return [tick.slot for tick in ticks if tick.outcome is SlotOutcome.TAKEN]


def begun(root: Path, moment: datetime, *, adopts: bool = False) -> Begun:
    maker = company_maker(root)
    company = replace(open_company(maker.root), clock=Still(moment))
    own = OwnCompany(name="Farol", time_zone="Europe/Lisbon")
    new = NewCompany(own=own, is_sample=not adopts, adopts=adopts)
    plan = plan_company(maker, company, new)
    make_company(maker, company, plan)
    return Begun(open_company(maker.root), moment)


@claim("schedule:first-hour")
@pytest.mark.parametrize("day", range(7))
@pytest.mark.parametrize("time", ["00:00", "07:30", "09:29", "18:05"])
def test_nothing_begins_by_itself_in_the_first_hour_and_then_the_next_slot_does(
    tmp_path: Path, day: int, time: str
) -> None:
    moment = datetime.fromisoformat(f"2026-12-0{day + 1}T{time}").replace(tzinfo=UTC)
    new = begun(tmp_path / "farol", moment)
    jobs = new.jobs()
    assert len(jobs) == 6
    quiet_until = moment + FIRST_HOUR
    for job in jobs:
        for minutes in (0, 1, 30, 59, 60):
            assert new.taken(job, moment + minutes * MINUTE) == []
        first = next_slot(job.cron, quiet_until, job.zone)
        assert first
        assert new.taken(job, first - MINUTE) == []
        assert new.taken(job, first) == [first]


@claim("schedule:first-hour")
def test_what_the_sample_tells_as_overdue_is_still_shown_with_the_command_that_runs_it(
    tmp_path: Path,
) -> None:
    moment = datetime(2026, 12, 2, 10, tzinfo=UTC)
    new = begun(tmp_path / "farol", moment)
    facts = run_standup(new.company, moment=moment).facts
    assert "content-calendar" in [fact.prompt for fact in facts.overdue_prompts]


@claim("schedule:first-hour")
def test_a_repository_that_is_adopted_begins_quietly_and_its_own_memory_is_left_alone(
    tmp_path: Path,
) -> None:
    moment = datetime(2026, 12, 2, 8, 30, tzinfo=UTC)
    for name, memory in (("new", None), ("old", "")):
        root = tmp_path / name
        prompts, agents = root / ".github/prompts", root / ".github/agents"
        for folder in (prompts, agents, root / "memory"):
            folder.mkdir(parents=True)
        (agents / "writer.agent.md").write_text("---\ndescription: W.\n---\nI write.\n")
        header = "description: W.\nagent: writer\nagentco: {schedule: '0 9 * * *'}"
        (prompts / "post.prompt.md").write_text(f"---\n{header}\n---\nWrite.\n")
        if memory is not None:
            (root / "memory/memory.jsonl").write_text(memory)
        new = begun(root, moment, adopts=True)
        [job] = new.jobs()
        assert new.taken(job, moment + FIRST_HOUR) == []
    assert (root / "memory/memory.jsonl").read_text() == ""


@claim("schedule:first-hour")
def test_the_schedule_shows_no_time_of_the_first_hour(tmp_path: Path) -> None:
    moment = datetime(2026, 11, 30, 7, 30, tzinfo=UTC)
    new = begun(tmp_path / "co", moment)
    jobs = load_schedule(replace(new.company, clock=Still(moment))).jobs
    [standup] = [job for job in jobs if job.prompt.name == "daily-standup"]
    assert standup.next == datetime(2026, 12, 1, 8, tzinfo=UTC)
