"""Each root run has a process of its own: what it does to itself, it does to nobody else, and nothing outlives it."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

import psutil
import pytest
from claims import claim
from nights import HOSTILE, PATIENCE_S, ROLE, Company, environment, living
from processes import LONG_S, in_child
from small_company import Place
from wire.server import Say, WireServer

from agentco.adapters.files import CompanyFolder
from agentco.adapters.state import Drivers
from agentco.daemon import RunProcess, RunServer
from agentco.engine import Office, answer_text
from agentco.runs import EffectRecord, EffectState, RunPhase
from agentco.supervision import NORMAL, EndKind, EndReason
from agentco.wiring import open_company, process_trees

LIMITS = "supervision: {run: {heartbeat: 2s, memory_mb: 400}}"
HANG, LEAK, BREED, HIDE = (
    (signal.SIGRTMIN + n for n in (1, 2, 3, 4))
    if sys.platform == "linux"
    else (0, 0, 0, 0)
)

linux = pytest.mark.skipif(
    sys.platform != "linux", reason="orphans are adopted where the system can do that"
)


class Served:
    """A run server with an office beside it, and what it said of limits."""

    def __init__(self, company: Company, office: Office) -> None:
        self.company, self.office = company, office
        self.limited: list[tuple[str, str]] = []
        folder = CompanyFolder(company.root)
        folder.load()
        folder.settings()
        self.server = RunServer(
            folder, process_trees(), lambda run, why: self.limited.append((run, why))
        )

    async def begun(self, agent: str) -> RunProcess:
        """A run with a process."""
        run = RunProcess(await self.company.ask(self.office, agent), self.server)
        await run.start()
        return run

    async def asking(self, agent: str) -> tuple[RunProcess, int]:
        """A run that waits for its model, and its process."""
        run = await self.begun(agent)
        await eventually(lambda: self.rows(run, EffectState.SENT))
        return run, self.company.process(run.run)

    def rows(self, run: RunProcess, *states: EffectState) -> Sequence[EffectRecord]:
        return self.office.store.read(
            lambda tx: tx.load_effects(run.run, *states)
        ).result()

    def answer(self, run: RunProcess) -> str:
        return self.office.store.read(
            lambda tx: answer_text(tx, tx.load_run(run.run))
        ).result()

    @property
    def alive(self) -> list[int]:
        """What lives below the server."""
        assert self.server.process
        return [
            p.pid
            for p in psutil.Process(self.server.process.pid).children(recursive=True)
            if living(p.pid)
        ]


@asynccontextmanager
async def serving(company: Company) -> AsyncGenerator[Served]:
    with open_company(company.root).open_office(drives=False) as office:
        served = Served(company, office)
        async with asyncio.timeout(PATIENCE_S):
            await served.server.start()
            yield served
            assert (await served.server.stop(5000)).how is EndKind.SHUTDOWN


@pytest.fixture
def company(place: Place, wire: WireServer, monkeypatch: pytest.MonkeyPatch) -> Company:
    monkeypatch.setenv("PYTHONPATH", environment(HOSTILE)["PYTHONPATH"])
    wire.script(
        {"writer": [Say(text="The post.")], "slow": [Say(text="Late.", delay=60)]}
    )
    return Company(place, wire, "writer", "slow", more=LIMITS)


async def eventually(true: Callable[[], object]) -> None:
    """Wait for something; whoever calls has a limit."""
    while not true():  # noqa: ASYNC110  other processes do it
        await asyncio.sleep(0.01)


def within(company: Company, act: Callable[[Served], Awaitable[None]]) -> None:
    async def acting() -> None:
        async with serving(company) as served:
            await act(served)

    asyncio.run(acting())


@claim("process:drives")
def test_a_run_is_driven_in_a_process_of_its_own_to_its_end(company: Company) -> None:
    async def act(served: Served) -> None:
        runs = [await served.begun("writer") for _ in range(3)]
        assert [await run.wait() for run in runs] == [NORMAL] * 3
        assert len({served.rows(run)[0].driver for run in runs}) == 3
        assert [served.answer(run) for run in runs] == ["The post."] * 3
        assert served.alive == []

    within(company, act)


@claim("process:crash")
def test_a_killed_run_is_reported_as_crashed_and_its_driver_is_gone(
    company: Company,
) -> None:
    async def act(served: Served) -> None:
        run, pid = await served.asking("slow")
        os.kill(pid, signal.SIGKILL)
        assert await run.wait() == EndReason(EndKind.CRASHED, "SIGKILL")
        driver = await served.office.read(lambda tx: tx.root_state(run.run)[1])
        assert not Drivers(company.root).is_alive(driver)

    within(company, act)


@claim("process:limits")
@linux
@pytest.mark.parametrize(
    ("poison", "why"),
    [
        (signal.SIGSTOP, "no heartbeat for 2 s"),
        (HANG, "no heartbeat for 2 s"),
        (LEAK, "it took more than 400 MB of memory"),
        (BREED, "it took more than 400 MB of memory"),
    ],
    ids=["stops", "hangs", "leaks", "breeds"],
)
def test_a_run_beyond_its_limits_is_ended_with_the_reason_and_all_it_started(
    company: Company, poison: int, why: str
) -> None:
    async def act(served: Served) -> None:
        other, _ = await served.asking("slow")
        run, pid = await served.asking("slow")
        os.kill(pid, poison)
        assert await run.wait() == EndReason(EndKind.SHUTDOWN, why)
        assert served.limited == [(run.run, why)]
        assert served.alive == [company.process(other.run)]
        assert await (await served.begun("writer")).wait() == NORMAL

    within(company, act)


@claim("process:minutes")
def test_a_run_has_so_many_minutes() -> None:
    from agentco.company import RunLimits
    from agentco.daemon import ForkedRun

    life = ForkedRun(run="r", pid=1, socket=None, born=0.0, beat=890.0)  # pyright: ignore[reportArgumentType]  nobody talks to it
    assert life.broken_limit(RunLimits(), 900.0) == ""
    assert life.broken_limit(RunLimits(), 901.0) == "it took more than 15 minutes"


@claim("process:nothing-left")
@linux
@pytest.mark.parametrize("way", ["stopped", "killed", "crashed"])
def test_nothing_that_a_run_started_outlives_it_however_it_hides(
    company: Company, way: str
) -> None:
    async def act(served: Served) -> None:
        run, pid = await served.asking("slow")
        os.kill(pid, HIDE)
        await eventually(lambda: len(served.alive) >= 5)
        if way == "stopped":
            assert (await run.stop(500)).how is EndKind.SHUTDOWN
        elif way == "killed":
            run.kill()
            assert (await run.wait()).how is EndKind.SHUTDOWN
        else:
            os.kill(pid, signal.SIGKILL)
            assert (await run.wait()).how is EndKind.CRASHED
        assert served.alive == []

    within(company, act)


@claim("process:drains")
def test_a_run_that_is_asked_to_end_keeps_the_answer_it_waits_for(
    company: Company, wire: WireServer
) -> None:
    wire.script({"writer": [Say(text="Paid for.", delay=1.0)]})

    async def act(served: Served) -> None:
        run, _ = await served.asking("writer")
        assert (await run.stop(10_000)).how is EndKind.SHUTDOWN
        assert [row.number for row in served.rows(run, EffectState.DONE)] == [1]
        assert (
            await served.office.read(lambda tx: tx.load_run(run.run).phase)
            is RunPhase.WORKING
        )
        again = RunProcess(run.run, served.server)
        await again.start()
        assert await again.wait() == NORMAL
        assert served.answer(again) == "Paid for."
        assert wire.bill.calls == 1

    within(company, act)


@claim("process:watched")
@linux
@pytest.mark.parametrize("poison", [0, HANG, HIDE], ids=["waits", "hangs", "hides"])
def test_when_the_server_is_killed_its_runs_are_ended_and_nothing_is_left(
    company: Company, poison: int
) -> None:
    async def act() -> None:
        from agentco.adapters.process_tree import adopt_orphans, descendants_of

        adopt_orphans()
        with open_company(company.root).open_office(drives=False) as office:
            served = Served(company, office)
            async with asyncio.timeout(PATIENCE_S):
                await served.server.start()
                run, pid = await served.asking("slow")
                if poison:
                    os.kill(pid, poison)
                    await asyncio.sleep(0.1)
                served.server.kill()
                assert (await served.server.wait()).how is EndKind.CRASHED
                assert (await run.wait()).how is EndKind.SHUTDOWN
                assert descendants_of(os.getpid()) == []

    # whoever adopts orphans does so for life, and a test's process has others to come
    assert in_child(lambda: asyncio.run(act()), LONG_S) == 0


@claim("process:watched")
def test_when_the_daemon_is_gone_the_server_ends_with_all_its_runs(
    company: Company,
) -> None:
    async def act(served: Served) -> None:
        _, pid = await served.asking("slow")
        assert (await served.server.stop(5000)).how is EndKind.SHUTDOWN
        assert not living(pid)

    within(company, act)


@claim("process:company")
def test_a_run_works_by_the_company_that_the_daemon_holds_not_by_what_lies_on_the_disk(
    company: Company,
) -> None:
    async def act(served: Served) -> None:
        company.place.settings("models: {medium: [")
        assert await (await served.begun("writer")).wait() == NORMAL

    within(company, act)


LOADED = """
import sys
from pathlib import Path
import agentco.daemon.run_server
from agentco.wiring import load_run_modules, open_company
load_run_modules()
before = set(sys.modules)
with open_company(Path(sys.argv[1])).open_office(drives=False):
    late = {name for name in sys.modules.keys() - before if name.startswith("agentco")}
heavy = {"typer", "rich", "litellm", "anthropic", "apscheduler", "apprise", "pydantic"}
print(sorted(late | (heavy & before)))
"""


@claim("process:drives")
def test_a_run_server_has_loaded_what_a_run_needs_and_nothing_heavy(
    company: Company,
) -> None:
    company.begin("writer")
    done = subprocess.run(
        [sys.executable, "-c", LOADED, str(company.root)],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")


@linux
@claim("process:drives")
@pytest.mark.parametrize(("key", "loads"), [("pplx-test-key", True), ("", False)])
def test_litellm_is_loaded_beforehand_for_a_model_that_can_be_asked_through_it_alone(
    company: Company, monkeypatch: pytest.MonkeyPatch, key: str, loads: bool
) -> None:
    monkeypatch.setenv("PERPLEXITY_API_KEY", key)
    far = ROLE.replace("workshop/{name}", "perplexity/sonar")
    company.place.agent("painter", far.format(name="painter"))
    company.place.trust()

    async def act(served: Served) -> None:
        assert served.server.process
        process = psutil.Process(served.server.process.pid)

        def is_loaded() -> bool:
            return any("pydantic_core" in each.path for each in process.memory_maps())

        if loads:
            await eventually(is_loaded)
        assert await (await served.begun("writer")).wait() == NORMAL
        assert is_loaded() is loads

    within(company, act)
