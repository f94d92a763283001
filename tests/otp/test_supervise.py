"""The shell around the supervisor: children of every kind, faults, waits, calls, nesting."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import pytest
from claims import claim
from otp.scripted import Scripted, Stage
from otp.still import Still, still

from agentco.adapters.clock import RealClock
from agentco.daemon import Routine, Supervisor
from agentco.supervision import (
    KILLED,
    NORMAL,
    SHUTDOWN,
    AutoShutdown,
    CallResult,
    ChildExited,
    ChildSpec,
    ChildState,
    EndKind,
    Policy,
    RestartRule,
    Strategy,
    SupervisorEvent,
    SupervisorOrder,
    crash_reason,
)

FAULT = crash_reason("a fault")
OFTEN = Policy(intensity=9)
ALL = Policy(strategy=Strategy.ONE_FOR_ALL, intensity=9)

Story = Callable[[Still, Stage], Awaitable[None]]


def in_world(story: Story) -> Callable[[], None]:
    """A test as a story in a still world."""

    async def told(clock: Still) -> None:
        await story(clock, Stage(clock))

    def test() -> None:
        still(told)

    test.__name__, test.__module__ = story.__name__, story.__module__
    return test


async def up(clock: Still, policy: Policy, *specs: ChildSpec) -> Supervisor:
    supervisor = Supervisor(policy, specs, clock)
    await supervisor.start()
    return supervisor


@claim("supervisor:lives")
@in_world
async def test_a_sibling_that_ends_during_the_restart_of_all_is_started_once(
    clock: Still, stage: Stage
) -> None:
    supervisor = await up(clock, ALL, *(stage.spec(name) for name in "abc"))
    stage.takes = 1
    stage.told()
    stage.exit("b", FAULT)
    await clock.pause(0.5)
    stage.exit("a", FAULT)
    stage.exit("c", FAULT)
    await clock.pause(20)
    assert stage.told() == "died b,died a,died c,start a,start b,start c"
    assert set(supervisor.child_states().values()) == {ChildState.UP}


@claim("supervisor:lives")
@in_world
async def test_one_that_ends_while_another_starts_is_seen_to_afterwards(
    clock: Still, stage: Stage
) -> None:
    await up(clock, OFTEN, stage.spec("a"), stage.spec("b"))
    stage.takes = 1
    stage.told()
    stage.exit("a", FAULT)
    await clock.pause(0.5)
    stage.exit("b", FAULT)
    await clock.pause(5)
    assert stage.told() == "died a,died b,start a,start b"


@claim("supervisor:waits")
@in_world
async def test_it_waits_longer_before_each_attempt_of_a_period(
    clock: Still, stage: Stage
) -> None:
    policy = Policy(intensity=5, period=100, backoff=(1, 5))
    supervisor = await up(clock, policy, stage.spec("a", [2, 3]))
    began = clock.now
    moments = list[float]()
    stage.exit("a", FAULT)
    while supervisor.child_states()["a"] is not ChildState.UP or stage.starts["a"] < 4:
        before = stage.starts["a"]
        await clock.pause(0.5)
        moments += [clock.now - began] * (stage.starts["a"] - before)
    assert [round(moment) for moment in moments] == [1, 6, 11]


@claim("supervisor:waits")
@in_world
async def test_while_it_waits_it_answers_and_can_be_told_not_to_try(
    clock: Still, stage: Stage
) -> None:
    supervisor = await up(
        clock, Policy(intensity=3, backoff=(60,)), stage.spec("a"), stage.spec("b")
    )
    stage.exit("a", FAULT)
    await clock.calm()
    assert supervisor.child_states() == {"a": ChildState.RESTARTING, "b": ChildState.UP}
    assert (await supervisor.restart("a")).answer is CallResult.RESTARTING
    assert (await supervisor.delete("a")).answer is CallResult.RESTARTING
    assert (await supervisor.add(stage.spec("a"))).answer is CallResult.RESTARTING
    assert (await supervisor.terminate("a")).answer is CallResult.OK
    await clock.pause(100)
    assert supervisor.child_states() == {"a": ChildState.DOWN, "b": ChildState.UP}
    assert stage.starts["a"] == 1


@claim("supervisor:waits")
@in_world
async def test_a_wait_that_was_overtaken_does_not_shorten_the_next(
    clock: Still, stage: Stage
) -> None:
    supervisor = await up(
        clock, Policy(intensity=9, period=999, backoff=(60,)), stage.spec("a")
    )
    stage.exit("a", FAULT)
    await clock.pause(50)
    await supervisor.terminate("a")
    await supervisor.restart("a")
    stage.exit("a", FAULT)
    await clock.pause(50)
    assert supervisor.child_states() == {"a": ChildState.RESTARTING}
    await clock.pause(11)
    assert supervisor.child_states() == {"a": ChildState.UP}


@claim("supervisor:waits")
@in_world
async def test_a_shutdown_does_not_wait_for_the_next_attempt(
    clock: Still, stage: Stage
) -> None:
    supervisor = await up(
        clock, Policy(backoff=(3600,)), stage.spec("a"), stage.spec("b")
    )
    stage.exit("a", FAULT)
    await clock.calm()
    assert await supervisor.stop() == SHUTDOWN
    assert clock.now < 1
    assert stage.playing == {}
    await clock.calm()
    assert asyncio.all_tasks() == {asyncio.current_task()}


@claim("supervisor:waits")
@in_world
async def test_a_significant_child_that_waits_for_its_next_attempt_is_not_gone(
    clock: Still, stage: Stage
) -> None:
    policy = Policy(
        auto_shutdown=AutoShutdown.ALL_SIGNIFICANT, intensity=3, backoff=(60,)
    )
    specs = [
        stage.spec(name, restart=RestartRule.TRANSIENT, significant=True)
        for name in "ab"
    ]
    supervisor = await up(clock, policy, *specs)
    stage.exit("a", FAULT)
    stage.exit("b", NORMAL)
    await clock.pause(61)
    assert supervisor.child_states() == {"a": ChildState.UP, "b": ChildState.DOWN}
    stage.exit("a", NORMAL)
    assert (await supervisor.wait()).why == "'a' ended: normal"


class Faulty(Scripted):
    """Its own code breaks wherever it is told to."""

    broken: set[str]

    async def start(self) -> None:
        await super().start()
        self.breaks("start")

    async def wait(self) -> Any:
        self.breaks("wait")
        return await super().wait()

    async def stop(self, ms: int | None) -> Any:
        self.breaks("stop")
        return await super().stop(ms)

    def breaks(self, where: str) -> None:
        if where in self.broken:
            raise (
                asyncio.CancelledError
                if "cancelled" in self.broken
                else ZeroDivisionError(where)
            )


def faulty(stage: Stage, *broken: str) -> ChildSpec:
    def make() -> Faulty:
        child = Faulty(stage, "a", ())
        child.broken = set(broken)
        return child

    return ChildSpec(id="a", make=make)


@claim("supervisor:faults")
@pytest.mark.parametrize("how", ["raised", "cancelled"])
def test_a_start_that_breaks_half_way_leaves_nothing_and_fails(how: str) -> None:
    async def told(clock: Still) -> None:
        stage = Stage(clock)
        with pytest.raises(ZeroDivisionError if how == "raised" else RuntimeError):
            await up(clock, OFTEN, stage.spec("b"), faulty(stage, "start", how))
        assert stage.told() == "start b,start a,kill a,stop b"

    still(told)


@claim("supervisor:faults")
@pytest.mark.parametrize("how", ["raised", "cancelled"])
def test_a_wait_that_breaks_is_a_crash_and_a_stop_that_breaks_is_a_kill(
    how: str,
) -> None:
    async def told(clock: Still) -> None:
        stage = Stage(clock)
        supervisor = await up(clock, OFTEN, faulty(stage, "stop", how), stage.spec("b"))
        await supervisor.stop()
        assert stage.told() == "start a,start b,stop b,kill a"
        supervisor = await up(clock, Policy(intensity=0), faulty(stage, "wait", how))
        reason = await supervisor.wait()
        assert reason.how is EndKind.SHUTDOWN
        assert "'a' ended" in reason.why

    still(told)


@claim("supervisor:faults")
@in_world
async def test_a_child_that_cannot_even_be_made_did_not_start(
    clock: Still, stage: Stage
) -> None:
    supervisor = await up(clock, OFTEN, stage.spec("a"))
    reply = await supervisor.add(
        ChildSpec(id="b", make=partial(dict[str, object]().__getitem__, "b"))
    )
    assert (reply.answer, reply.why) == (
        CallResult.FAILED,
        "'b' did not start: KeyError: 'b'",
    )
    assert supervisor.child_states() == {"a": ChildState.UP}


@claim("supervisor:faults")
@in_world
async def test_lives_that_are_over_are_forgotten(clock: Still, stage: Stage) -> None:
    await up(clock, OFTEN, stage.spec("a"))
    for _ in range(9):
        stage.exit("a", FAULT)
        await clock.pause(1)
    assert stage.starts["a"] == 10
    assert len(stage.made) == 1


@claim("supervisor:faults")
@in_world
async def test_why_it_gave_up_says_which_child_how_often_and_what_was_wrong(
    clock: Still, stage: Stage
) -> None:
    supervisor = await up(
        clock, Policy(intensity=1, period=300), stage.spec("a", [2, 3])
    )
    stage.exit("a", FAULT)
    said = "more than 1 restarts in 300 s, 'a' did not start: OSError: a cannot"
    assert (await supervisor.wait()).why == said


@claim("supervisor:calls")
@in_world
async def test_what_was_called_is_answered_as_otp_answers(
    clock: Still, stage: Stage
) -> None:
    temporary = stage.spec("t", restart=RestartRule.TEMPORARY)
    supervisor = await up(clock, OFTEN, stage.spec("a", [2]), temporary)
    assert (await supervisor.restart("a")).answer is CallResult.UP
    assert (await supervisor.delete("a")).answer is CallResult.UP
    assert (await supervisor.add(stage.spec("a"))).answer is CallResult.UP
    assert (await supervisor.terminate("a")).answer is CallResult.OK
    assert (await supervisor.terminate("a")).answer is CallResult.OK
    assert (await supervisor.add(stage.spec("a"))).answer is CallResult.PRESENT
    assert (await supervisor.restart("a")).answer is CallResult.FAILED
    await clock.pause(60)
    assert supervisor.child_states() == {"a": ChildState.DOWN, "t": ChildState.UP}
    assert (await supervisor.restart("a")).answer is CallResult.OK
    assert (await supervisor.terminate("t")).answer is CallResult.OK
    assert (await supervisor.restart("t")).answer is CallResult.NOT_FOUND
    assert (await supervisor.add(temporary)).answer is CallResult.OK
    assert [*supervisor.child_states()] == ["a", "t"]


@claim("supervisor:calls")
@in_world
async def test_a_call_made_while_it_is_busy_is_answered_in_its_turn(
    clock: Still, stage: Stage
) -> None:
    supervisor = await up(clock, ALL, stage.spec("a"), stage.spec("b"))
    stage.takes = 1
    stage.exit("a", FAULT)
    await clock.calm()
    assert (await supervisor.terminate("b")).answer is CallResult.OK
    assert stage.told().endswith("stop b,start a,start b,stop b")


@claim("supervisor:calls")
@pytest.mark.parametrize(
    "auto_shutdown", [AutoShutdown.NEVER, AutoShutdown.ALL_SIGNIFICANT]
)
def test_a_child_that_cannot_be_significant_is_refused(
    auto_shutdown: AutoShutdown,
) -> None:
    async def told(clock: Still) -> None:
        stage, policy = Stage(clock), Policy(auto_shutdown=auto_shutdown)
        restart = (
            RestartRule.TRANSIENT
            if auto_shutdown is AutoShutdown.NEVER
            else RestartRule.PERMANENT
        )
        spec = stage.spec("a", significant=True, restart=restart)
        with pytest.raises(ValueError, match="significant"):
            await up(clock, policy, spec)
        assert (await (await up(clock, policy)).add(spec)).answer is CallResult.FAILED
        assert stage.told() == ""

    still(told)


@claim("supervisor:calls")
@in_world
async def test_two_children_of_one_name_are_refused(clock: Still, stage: Stage) -> None:
    with pytest.raises(ValueError, match="same id"):
        await up(clock, OFTEN, stage.spec("a"), stage.spec("a"))
    assert stage.told() == ""


@claim("supervisor:nested")
@pytest.mark.parametrize(
    ("restart", "standing"),
    [(RestartRule.TRANSIENT, ChildState.DOWN), (RestartRule.PERMANENT, ChildState.UP)],
)
def test_one_that_gave_up_is_restarted_only_when_permanent(
    restart: RestartRule, standing: ChildState
) -> None:
    async def told(clock: Still) -> None:
        stage = Stage(clock)
        inner = (stage.spec("a"), stage.spec("b"))
        nested = ChildSpec(
            id="n",
            make=lambda: Supervisor(Policy(intensity=0), inner, clock),
            restart=restart,
            shutdown=None,
        )
        outer = await up(clock, OFTEN, stage.spec("z"), nested)
        stage.told()
        stage.exit("a", FAULT)
        await clock.calm()
        assert outer.child_states() == {"z": ChildState.UP, "n": standing}
        again = ",start a,start b" if restart is RestartRule.PERMANENT else ""
        assert stage.told() == f"died a,stop b{again}"
        await outer.stop()
        assert stage.playing == {}

    still(told)


@claim("supervisor:nested")
@in_world
async def test_a_kill_reaches_every_life_at_every_depth(
    clock: Still, stage: Stage
) -> None:
    inner = ChildSpec(
        id="n", make=lambda: Supervisor(OFTEN, [stage.spec("a")], clock), shutdown=None
    )
    middle = ChildSpec(
        id="m",
        make=lambda: Supervisor(OFTEN, [inner, stage.spec("b")], clock),
        shutdown=None,
    )
    outer = await up(clock, OFTEN, middle, stage.spec("c"))
    outer.kill()
    assert stage.playing == {}
    assert await outer.wait() == KILLED
    assert (await outer.restart("c")).answer is CallResult.ENDED


@claim("supervisor:calls")
@in_world
async def test_one_that_never_began_is_over_and_one_killed_while_it_begins_says_so(
    clock: Still, stage: Stage
) -> None:
    assert await Supervisor(OFTEN, [stage.spec("a")], clock).stop() == NORMAL
    stage.takes = 60
    supervisor = Supervisor(OFTEN, [stage.spec("a"), stage.spec("b")], clock)
    starting = asyncio.create_task(supervisor.start())
    await clock.pause(90)
    supervisor.kill()
    with pytest.raises(RuntimeError, match="the supervisor has ended"):
        await starting
    assert stage.playing == {}
    assert stage.told() == "start a,kill a"


@claim("supervisor:nested")
@in_world
async def test_one_that_takes_too_long_to_stop_is_killed_with_its_children(
    clock: Still, stage: Stage
) -> None:
    supervisor = await up(clock, OFTEN, stage.spec("a"), stage.spec("b"))
    stage.takes = 60
    assert await supervisor.stop(1000) == KILLED
    assert stage.playing == {}
    assert stage.told() == "start a,start b,kill a,kill b"


@claim("supervisor:nested")
@in_world
async def test_a_call_that_waits_when_it_is_killed_is_answered(
    clock: Still, stage: Stage
) -> None:
    supervisor = await up(clock, OFTEN, stage.spec("a"))
    stage.takes = 60
    calls = [
        asyncio.create_task(supervisor.terminate("a")),
        asyncio.create_task(supervisor.delete("a")),
    ]
    await clock.calm()
    supervisor.kill()
    assert [(await call).answer for call in calls] == [CallResult.ENDED] * 2


@claim("supervisor:faults")
@in_world
async def test_an_error_of_whoever_watches_ends_it_and_leaves_nothing_up(
    clock: Still, stage: Stage
) -> None:
    def watch(seen: SupervisorEvent | SupervisorOrder) -> None:
        if isinstance(seen, ChildExited):
            raise TypeError("the screen is gone")

    supervisor = Supervisor(OFTEN, [stage.spec("a"), stage.spec("b")], clock, watch)
    await supervisor.start()
    stage.exit("a", FAULT)
    assert await supervisor.wait() == crash_reason("TypeError: the screen is gone")
    assert stage.playing == {}


@claim("supervisor:faults")
def test_a_coroutine_is_a_child_on_the_real_clock() -> None:
    clock, ran = RealClock(), list[str]()

    async def work() -> None:
        ran.append("once")
        if len(ran) < 3:
            raise ValueError("not yet")

    async def endless() -> None:
        await asyncio.Event().wait()

    async def told() -> None:
        specs = [
            ChildSpec(
                id="work",
                make=lambda: Routine(work, clock),
                restart=RestartRule.TRANSIENT,
                significant=True,
            ),
            ChildSpec(
                id="endless",
                make=lambda: Routine(endless, clock),
                restart=RestartRule.TEMPORARY,
            ),
        ]
        policy = Policy(
            intensity=9, auto_shutdown=AutoShutdown.ANY_SIGNIFICANT, backoff=(0.001,)
        )
        supervisor = Supervisor(policy, specs, clock)
        await supervisor.start()
        reason = await asyncio.wait_for(supervisor.wait(), 20)
        assert (reason.how, reason.why) == (EndKind.SHUTDOWN, "'work' ended: normal")
        assert ran == ["once"] * 3

    asyncio.run(told())


@claim("supervisor:faults")
@in_world
async def test_a_coroutine_that_does_not_heed_is_left_behind_in_time(
    clock: Still, stage: Stage
) -> None:
    heard = list[str]()

    async def deaf() -> None:
        for _ in range(2):
            try:
                await clock.pause(60)
            except asyncio.CancelledError:
                heard.append("cancelled")

    routine = Routine(deaf, clock)
    await routine.start()
    await clock.calm()
    assert await routine.stop(1000) == KILLED
    assert await routine.wait() == NORMAL
    assert heard == ["cancelled"] * 2
    assert stage.told() == ""
