"""Tools side by side: what waits for what, and what a cancelled call leaves."""

import asyncio
from asyncio import CancelledError, create_task, to_thread
from collections.abc import Awaitable, Callable
from concurrent.futures import CancelledError as WorkStopped
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from claims import claim
from small_company import Place
from toolbox import Desk, act, create, find, task

from agentco.adapters.files import Disk, MemoryFile
from agentco.adapters.tools import AgentFiles, CompanyTools, ToolThreads
from agentco.company import Resource
from agentco.runs import Board, BoardAct, Search

PATIENCE = 20.0
SHOW = Board(operation=BoardAct.SHOW)
SEARCH = Search(words="nothing of the kind")


@dataclass
class Gate:
    """Whoever passes says so and waits until it is opened."""

    reached: Event = field(default_factory=Event)
    opened: Event = field(default_factory=Event)

    def wait(self) -> None:
        self.reached.set()
        assert self.opened.wait(PATIENCE)

    async def someone_waits(self) -> None:
        assert await to_thread(self.reached.wait, PATIENCE)


@dataclass(frozen=True)
class GatedDisk(Disk):
    """A disk that takes a while for what it writes."""

    gate: Gate

    def write(self, fd: int, data: bytes) -> int:
        self.gate.wait()
        return super().write(fd, data)


@pytest.fixture
def desk(place: Place) -> Desk:
    place.board("- [ ] Ask Ana id:T1")
    place.agent("marketing")
    for name in ("a", "b", "c"):
        (place.root / f"{name}.md").write_text("words\n")
    return Desk(place)


def within(doing: Callable[[], Awaitable[None]]) -> None:
    """Do something that never takes for ever."""

    async def bounded() -> None:
        async with asyncio.timeout(PATIENCE):
            await doing()

    asyncio.run(bounded())


def slow_search(desk: Desk, gate: Gate) -> tuple[CompanyTools, list[str]]:
    """Tools whose searches wait at the first file, and the files that they looked at."""
    paths = list[str]()

    def may_read(_agent: str, path: str) -> bool:
        paths.append(path)
        gate.wait()
        return True

    return replace(desk.tools, may_read=may_read), paths


def gated_memory(desk: Desk, gate: Gate) -> CompanyTools:
    """Tools whose memory waits in the middle of a write."""
    path, root = desk.place.memory_file, desk.place.root
    memory = MemoryFile(path, within=root, disk=GatedDisk(gate))
    return replace(desk.tools, memory=memory)


async def cancel(doing: "asyncio.Task[Any]") -> None:
    doing.cancel()
    with pytest.raises(CancelledError):
        await doing


@claim("tools:side-by-side")
def test_a_slow_search_delays_no_board_and_no_memory(desk: Desk) -> None:
    gate = Gate()
    tools, _ = slow_search(desk, gate)

    async def working() -> None:
        search = create_task(tools.carry_out(SEARCH, act("r1.1")))
        await gate.someone_waits()
        assert (await tools.carry_out(SHOW, act("r2.1"))).ok
        assert (await tools.carry_out(task("Call"), act("r2.2"))).ok
        assert (await tools.carry_out(create("Idea"), act("r3.1"))).ok
        assert await tools.open_task_title("T1") == "Ask Ana"
        assert not search.done()
        gate.opened.set()
        assert (await search).text == "no file has all of these words"

    within(working)


@claim("tools:side-by-side")
def test_a_slow_write_delays_only_the_memory(desk: Desk) -> None:
    gate = Gate()
    tools = gated_memory(desk, gate)

    async def working() -> None:
        write = create_task(tools.carry_out(create("Idea"), act("r1.1")))
        await gate.someone_waits()
        question = create_task(tools.carry_out(find("Idea"), act("r2.1")))
        assert (await tools.carry_out(SHOW, act("r3.1"))).ok
        assert (await tools.carry_out(SEARCH, act("r4.1"))).ok
        assert not write.done()
        assert not question.done()
        gate.opened.set()
        assert (await write).ok
        assert '"Idea"' in (await question).text

    within(working)


@claim("tools:cancelled")
def test_a_cancelled_search_looks_at_no_further_file(desk: Desk) -> None:
    gate, threads = Gate(), ToolThreads()
    tools, paths = slow_search(desk, gate)
    tools = replace(tools, threads=threads)

    async def working() -> None:
        search = create_task(tools.carry_out(SEARCH, act()))
        await gate.someone_waits()
        await cancel(search)
        gate.opened.set()

    within(working)
    threads.close()
    assert len(paths) == 1


@claim("tools:cancelled")
def test_whoever_reads_is_told_that_nobody_waits(desk: Desk) -> None:
    threads, stopped, begun = ToolThreads(), Event(), Event()

    def read(is_stopped: Callable[[], bool]) -> None:
        begun.set()
        while not is_stopped():
            pass
        stopped.set()

    async def working() -> None:
        reading = create_task(threads.read(read))
        assert await to_thread(begun.wait, PATIENCE)
        await cancel(reading)
        assert await to_thread(stopped.wait, PATIENCE)

    within(working)
    root = desk.place.root
    files = AgentFiles(root, may_read=lambda _: True, is_stopped=lambda: True)
    for reading in (
        lambda: list(files.walk()),
        lambda: files.read_text("a.md"),
        lambda: files.search(SEARCH),
    ):
        with pytest.raises(WorkStopped):
            reading()


@claim("tools:cancelled")
def test_a_write_that_is_cancelled_in_the_middle_is_finished_first(desk: Desk) -> None:
    gate = Gate()
    tools = gated_memory(desk, gate)
    wanted = create("Idea", "note", "a fact")

    async def working() -> None:
        write = create_task(tools.carry_out(wanted, act()))
        await gate.someone_waits()
        for _ in range(3):
            write.cancel()
            await asyncio.sleep(0)
        assert not write.done()
        gate.opened.set()
        with pytest.raises(CancelledError):
            await write

    within(working)
    assert [line.by for line in desk.lines()] == ["marketing"]
    again = desk.does(wanted, act(again=True))
    assert (
        again.text == '[{"name":"Idea","entityType":"note","observations":["a fact"]}]'
    )
    assert len(desk.lines()) == 1


@claim("tools:cancelled")
def test_a_call_that_is_cancelled_before_its_turn_never_begins(desk: Desk) -> None:
    gate = Gate()
    tools = gated_memory(desk, gate)

    async def working() -> None:
        first = create_task(tools.carry_out(create("First"), act("r1.1")))
        await gate.someone_waits()
        second = create_task(tools.carry_out(create("Second"), act("r2.1")))
        await asyncio.sleep(0)
        await cancel(second)
        gate.opened.set()
        await first

    within(working)
    assert list(desk.place.entities()) == ["First"]


@claim("tools:cancelled")
def test_a_change_of_the_board_that_is_cancelled_is_whole(desk: Desk) -> None:
    threads, gate = ToolThreads(), Gate()
    tools = replace(desk.tools, threads=threads)

    async def working() -> None:
        before = create_task(threads.use(Resource.BOARD, gate.wait))
        await gate.someone_waits()
        change = create_task(tools.carry_out(task("Call"), act()))
        await asyncio.sleep(0)
        gate.opened.set()
        await before
        change.cancel()
        await asyncio.wait([change])

    within(working)
    text = desk.place.board_text()
    assert text.count("Ask Ana") == 1
    assert text.count("Call") in {0, 1}
    assert list(Path(desk.place.root).glob(".BOARD*")) == []


@claim("tools:cancelled")
def test_what_breaks_in_a_thread_is_told_to_whoever_waits(desk: Desk) -> None:
    del desk
    threads = ToolThreads()

    def breaking() -> None:
        raise OSError("no such luck")

    async def working() -> None:
        with pytest.raises(OSError, match="no such luck"):
            await threads.use(Resource.MEMORY, breaking)
        with pytest.raises(OSError, match="no such luck"):
            await threads.read(lambda _: breaking())

    within(working)
