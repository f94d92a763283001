"""The scheduler on real state files: each slot once among several schedulers that die, under clocks that lie."""

import asyncio
import dataclasses
import random
from collections.abc import Callable, Coroutine, Generator
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

import pytest
from claims import claim
from msgspec.structs import replace
from runs.offices import PATIENCE, Firm, scripted
from schedule.days import Process, born, lost, nearest, settled
from small_company import Place
from wire.server import Say, WireServer

from agentco.adapters.clock import RealClock
from agentco.adapters.files import trust_file
from agentco.daemon import Alarm
from agentco.day import MAX_DELAY, ScheduledPrompt, last_slot, slots_until
from agentco.desk import OpenCompany
from agentco.engine import drive_run, start_run
from agentco.kernel import NeedsFounder, NoModel, StateBroken, WrongUsage
from agentco.wiring import open_company

T = TypeVar("T")
ZONES = [ZoneInfo(z) for z in ("Europe/Lisbon", "America/New_York", "Australia/Sydney")]
LISBON = ZONES[0]
NINE = datetime.fromisoformat("2026-11-20T09:00:00+00:00")
POLICIES = {
    "30 1 * * *": "once",
    "30 2 * * *": "skip",
    "0 18 * * 0": "once",
    "0 */12 * * *": "skip",
    "0 5,6 * * *": "once",
}


@pytest.fixture
def firms(places: Callable[[], Place]) -> Generator[Callable[[], Firm]]:
    made: list[Firm] = []

    def make() -> Firm:
        made.append(Firm(places(), "http://127.0.0.1:9"))
        return made[-1]

    yield make
    for firm in made:
        firm.close()


@pytest.fixture
def process(firms: Callable[[], Firm]) -> Generator[Process]:
    """One scheduler of one company, at nine o'clock."""
    firm = firms()
    firm.clock.moment = NINE
    made = Process(firm, "p", random.Random(1), [])  # noqa: S311
    yield made
    made.end()


def within(act: Coroutine[None, None, T]) -> T:
    """Do it; it never takes for ever."""

    async def acting() -> T:
        async with asyncio.timeout(PATIENCE):
            return await act

    return asyncio.run(acting())


def ticks(process: Process) -> list[tuple[str, str]]:
    return [
        (str(tick.outcome), tick.slot.isoformat()) for tick in reversed(process.ticks())
    ]


NIGHTLY = ScheduledPrompt(name="books", agent=None, cron="0 9 * * *", zone=LISBON)


def jobs_in(zone: ZoneInfo) -> list[ScheduledPrompt]:
    return [
        ScheduledPrompt(name=f"p{i}", agent=None, cron=cron, zone=zone, catch_up=policy)
        for i, (cron, policy) in enumerate(POLICIES.items())
    ]


async def days_pass(
    firm: Firm, zone: ZoneInfo, begin: datetime, days: int, chance: random.Random
) -> int:
    """Two schedulers through so many days; every promise is looked at after every look. Returns the runs begun."""
    clock, jobs, number = firm.clock, jobs_in(zone), 0
    clock.moment = begin
    begun: list[tuple[str, datetime, datetime]] = []
    alive: list[Process] = []
    while clock.moment < begin + timedelta(days=days):
        while len(alive) < 2:
            number += 1
            alive += await born(
                Process(firm, f"p{number}", chance, begun, deadly=0.1), jobs
            )
        lived = await asyncio.gather(*(process.look() for process in alive))
        for process, well in zip([*alive], lived, strict=True):
            if not well or chance.random() < 0.05:
                process.end()
                alive.remove(process)
        keys = [(job, slot.timestamp()) for job, slot, _ in begun]
        assert len(keys) == len(set(keys))
        if all(lived):
            ticks = firm.read(
                lambda t: t.slot_history(
                    since=(clock.moment - timedelta(days=9)).isoformat()
                )
            )
            assert [
                *filter(None, (lost(job, begin, clock.moment, ticks) for job in jobs))
            ] == []
        clock.moment = nearest(jobs, clock.moment) + timedelta(
            seconds=chance.choice([0, 1, 59, 280])
        )
        if chance.random() < 0.1:
            clock.moment += timedelta(hours=chance.choice([-30, -2, 3, 14, 80]))
    for process in alive:
        process.end()
    for name, slot, at in begun:
        job = next(job for job in jobs if job.name == name)
        assert slot.astimezone(UTC) == (
            last_slot(job.cron, begin, at, zone) or at
        ).astimezone(UTC)
        assert job.catch_up == "once" or at - slot <= MAX_DELAY
    return len(begun)


@claim("schedule:once")
@claim("schedule:two")
@claim("schedule:crash")
@pytest.mark.parametrize("zone", ZONES, ids=str)
@pytest.mark.parametrize("begin", ["2026-10-20", "2027-03-25"])
def test_no_slot_runs_twice_or_is_lost_whatever_dies_and_however_clocks_jump(
    firms: Callable[[], Firm], zone: ZoneInfo, begin: str
) -> None:
    chance = random.Random(f"{zone}{begin}")  # noqa: S311
    moment = datetime.fromisoformat(begin).replace(tzinfo=UTC)
    assert asyncio.run(days_pass(firms(), zone, moment, 15, chance)) > 40


@claim("schedule:once")
@pytest.mark.soak
@pytest.mark.parametrize("zone", ZONES, ids=str)
def test_no_slot_runs_twice_or_is_lost_in_four_hundred_days(
    firms: Callable[[], Firm], zone: ZoneInfo
) -> None:
    seed = random.SystemRandom().randrange(1 << 32)
    print(f"seed of {zone}: {seed}")  # noqa: T201
    moment = datetime(2026, 10, 1, tzinfo=UTC)
    assert (
        asyncio.run(days_pass(firms(), zone, moment, 400, random.Random(seed))) > 1200  # noqa: S311
    )


@claim("schedule:two")
def test_a_month_wakes_no_more_often_than_there_are_slots_and_looks_at_the_clock(
    process: Process,
) -> None:
    jobs = jobs_in(LISBON)

    async def month() -> int:
        loop = process.in_false_time()
        await process.scheduler.reload(jobs)
        await settled()
        await loop.pass_until(NINE + timedelta(days=30))
        return loop.wakes

    wakes = within(month())
    every = [
        s.timestamp()
        for j in jobs
        for s in slots_until(j.cron, NINE, NINE + timedelta(days=30), LISBON)
    ]
    assert sorted(slot.timestamp() for _, slot, _ in process.begun) == sorted(every)
    assert wakes <= len(every) + 30 * 24 * 6
    assert process.said == []


@claim("schedule:once")
def test_a_clock_that_was_a_year_ahead_and_is_set_right_stops_nothing(
    process: Process,
) -> None:
    async def days() -> None:
        loop = process.in_false_time()
        await process.scheduler.reload([NIGHTLY])
        await settled()
        loop.jump(days=365)
        await loop.pass_until(process.firm.clock.now() + timedelta(hours=1))
        loop.jump(days=-365)
        await loop.pass_until(NINE + timedelta(days=2, hours=2))

    within(days())
    assert [slot.isoformat()[:10] for _, slot, _ in process.begun] == [
        "2027-11-20",
        "2026-11-21",
        "2026-11-22",
    ]


@claim("schedule:crash")
def test_a_begin_that_breaks_in_a_living_process_leaves_the_slot_to_the_next_look(
    process: Process,
) -> None:
    async def breaks(prompt: str, slot: datetime) -> str:
        raise RuntimeError(prompt, slot)

    async def days() -> None:
        await process.scheduler.reload([NIGHTLY])
        process.firm.clock.moment += timedelta(days=1)
        process.scheduler.begin = breaks
        with pytest.raises(RuntimeError):
            await process.scheduler.take_due_slot(NIGHTLY)
        process.scheduler.begin = process.begin
        await process.scheduler.take_due_slot(NIGHTLY)

    within(days())
    assert ticks(process) == [("run", "2026-11-21T09:00:00+00:00")]


@claim("schedule:goes-on")
@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (NoModel("no model answers", hint="wait"), "failed"),
        (OSError(11, "no more processes"), "failed"),
        (NeedsFounder("the company is halted", hint="agentco resume"), "missed"),
    ],
)
def test_fault_79_what_cannot_begin_is_written_down_and_the_schedule_goes_on(
    process: Process, error: Exception, outcome: str
) -> None:
    async def refuses(_prompt: str, _slot: datetime) -> str:
        raise error

    async def days() -> None:
        loop = process.in_false_time()
        await process.scheduler.reload([NIGHTLY])
        process.scheduler.begin = refuses
        await loop.pass_until(NINE + timedelta(days=1, hours=1))
        process.scheduler.begin = process.begin
        await loop.pass_until(NINE + timedelta(days=2, hours=1))

    within(days())
    assert ticks(process) == [
        (outcome, "2026-11-21T09:00:00+00:00"),
        ("run", "2026-11-22T09:00:00+00:00"),
    ]
    assert process.ticks()[1].why in str(error)
    assert len(process.said) == 1
    assert process.said[0].startswith("/books: ")


@claim("schedule:goes-on")
def test_what_goes_wrong_after_a_run_was_made_does_not_unmake_it(
    process: Process,
) -> None:
    async def late(prompt: str, slot: datetime) -> str:
        await process.begin(prompt, slot)
        raise OSError(11, "no more processes")

    async def day() -> None:
        process.scheduler.begin = late
        await process.scheduler.reload([NIGHTLY])
        process.firm.clock.moment += timedelta(days=1)
        await process.scheduler.take_due_slot(NIGHTLY)

    within(day())
    assert ticks(process) == [("run", "2026-11-21T09:00:00+00:00")]
    assert len(process.said) == 1


@claim("schedule:goes-on")
def test_what_could_not_be_looked_at_is_looked_at_again_soon(process: Process) -> None:
    broken = [True]

    def ports() -> OpenCompany:
        if broken.pop() if broken else False:
            raise StateBroken("the memory cannot be read", hint="mend it")
        return open_company(process.firm.root)

    async def day() -> None:
        loop = process.in_false_time()
        await process.scheduler.reload([NIGHTLY])
        await settled()
        process.scheduler.ports = ports
        await loop.pass_until(NINE + timedelta(days=1, minutes=11))

    within(day())
    assert process.said == ["/books: the memory cannot be read; mend it"]
    assert [at - slot for _, slot, at in process.begun] == [timedelta(minutes=10)]


@claim("schedule:edits")
def test_an_edit_is_taken_up_and_runs_nothing_that_it_makes_due_in_the_past(
    process: Process,
) -> None:
    async def days() -> None:
        loop = process.in_false_time()
        other = replace(NIGHTLY, name="other", cron="0 12 * * *")
        await process.scheduler.reload([NIGHTLY, other])
        process.firm.clock.moment += timedelta(hours=2)
        await process.scheduler.reload([replace(NIGHTLY, cron="30 9,15 * * *"), other])
        await loop.pass_until(NINE + timedelta(hours=8))
        await process.scheduler.reload([other])
        await loop.pass_until(NINE + timedelta(days=1, hours=8))

    within(days())
    assert [(name, slot.isoformat()[5:16]) for name, slot, _ in process.begun] == [
        ("other", "11-20T12:00"),
        ("books", "11-20T15:30"),
        ("other", "11-21T12:00"),
    ]


@claim("schedule:two")
def test_a_slot_has_one_run_however_many_begin_it(process: Process) -> None:
    """Also when a process that was thought dead comes back late: the run is made with its slot, or not at all."""

    async def twice() -> None:
        office, wish = process.firm.office(), process.firm.wish(name="books")
        process.scheduler.begin = lambda _prompt, slot: start_run(
            replace(wish, slot=slot), office
        )
        await process.scheduler.reload([NIGHTLY])
        process.firm.clock.moment += timedelta(days=1)
        await process.scheduler.take_due_slot(NIGHTLY)
        with pytest.raises(WrongUsage, match="was begun"):
            await start_run(replace(wish, slot=NINE + timedelta(days=1)), office)

    within(twice())
    [tick] = process.ticks()
    runs = process.firm.read(lambda tx: tx.list_runs("", everything=True))
    assert [run.id for run in runs] == [tick.run]


@claim("schedule:wake-facts")
def test_a_week_without_news_asks_no_model_and_is_not_overdue(
    places: Callable[[], Place], wire: WireServer
) -> None:
    scripted(wire, *[Say(text="Nothing to do.")] * 3)
    firm = Firm(places(), wire.url)
    firm.clock.moment = NINE
    firm.place.board("- [ ] File the return due:2026-12-08 id:T1")
    process = Process(firm, "p", random.Random(1), [])  # noqa: S311
    job = replace(NIGHTLY, wake="facts")
    firm.place.prompt("books", "0 9 * * *")
    trust_file.remember_state(firm.root, "firm")
    calls, overdue = list[int](), list[int]()

    async def begin(prompt: str, slot: datetime) -> str:
        office = process.scheduler.office
        run = await start_run(firm.wish(name=prompt, slot=slot), office)
        await drive_run(run, office)
        return run

    async def weeks() -> None:
        loop = process.in_false_time()
        process.scheduler.begin = begin
        await process.scheduler.reload([job])
        for days in (1, 8, 18, 19):
            await loop.pass_until(NINE + timedelta(days=days, hours=1))
            calls.append(len(wire.requests))
            overdue.append(
                len(firm.place.stand_up(firm.clock.now()).facts.overdue_prompts)
            )
        await process.scheduler.office.models.aclose()

    within(weeks())
    outcomes = [outcome for outcome, _ in ticks(process)]
    process.end()
    firm.close()
    assert calls == [1, 1, 2, 3], (
        "at first, not in the quiet week, when the task is due, when it is late"
    )
    assert overdue == [1, 0, 1, 1], (
        "no run was tracked here, but a slot at which nothing had changed needs none"
    )
    assert outcomes == ["run"] + ["skipped"] * 16 + ["run", "run"]


@claim("schedule:two")
@pytest.mark.soak
def test_the_real_alarm_rings_within_seconds_of_the_real_minute(
    process: Process,
) -> None:
    async def real() -> float:
        scheduler, rung = process.scheduler, asyncio.Event()
        begin, clock = process.begin, RealClock()

        async def rings(prompt: str, slot: datetime) -> str:
            rung.set()
            return await begin(prompt, slot)

        process.firm.clock.moment = clock.now()
        scheduler.office = dataclasses.replace(scheduler.office, clock=clock)
        scheduler.begin, scheduler.alarm = rings, Alarm(clock)
        await scheduler.reload([replace(NIGHTLY, cron="* * * * *")])
        async with asyncio.timeout(90):
            await rung.wait()
        scheduler.alarm.shutdown(wait=False)
        [(_, slot, _)] = process.begun or [("", clock.now(), None)]
        return (clock.now() - slot).total_seconds()

    assert 0 <= asyncio.run(real()) < 3
