"""A halt while a tool is at work: it stops at once, and the run goes on from there when it is lifted."""

from asyncio import create_task, to_thread
from collections.abc import Callable
from dataclasses import replace
from threading import Event

from claims import claim
from offices import PATIENCE, Firm, scripted, uses
from wire.server import Say, WireServer

from agentco.adapters.files import BoardFile
from agentco.adapters.tools import ToolThreads
from agentco.board import TaskBoard
from agentco.engine import Office, drive_run, start_run
from agentco.runs import EffectState, Run, RunPhase

SEARCH = '{"words": "VAT return"}'
ADD = '{"operation": "add", "title": "Call the bank"}'
DUE = Say(text="It is due on Wednesday.")


@claim("tools:cancelled")
def test_a_halt_ends_a_search_and_the_run_can_be_resumed(
    firm: Firm, wire: WireServer
) -> None:
    scripted(wire, uses("Search", SEARCH), DUE)
    for name in ("a", "b", "c"):
        (firm.root / f"{name}.md").write_text("words\n")
    reached, opened, paths = Event(), Event(), list[str]()

    def may_read(_agent: str, path: str) -> bool:
        paths.append(path)
        reached.set()
        assert opened.wait(PATIENCE)
        return True

    tools, threads = firm.tools, ToolThreads()
    firm.tools = replace(tools, may_read=may_read, threads=threads)

    async def driving(office: Office) -> Run:
        root = await start_run(firm.wish(), office)
        drive = create_task(drive_run(root, office))
        assert await to_thread(reached.wait, PATIENCE)
        firm.write(lambda tx: tx.halt("", at=firm.stamp(), by="founder"))
        await drive  # the search still waits: it is not waited for
        return firm.run(root)

    run = firm.within(driving)
    opened.set()
    assert run.phase is RunPhase.WORKING
    assert [row.wanted.number for row in firm.rows(run, EffectState.SENT)] == [2]
    threads.close()
    assert len(paths) == 1
    firm.tools = tools
    firm.write(lambda tx: tx.lift_halt("", at=firm.stamp()))
    ended = firm.go_on(run)
    assert ended.phase is RunPhase.DONE
    assert firm.answer(ended) == DUE.text


@claim("tools:cancelled")
def test_a_halt_in_the_middle_of_a_change_leaves_it_done_once(
    firm: Firm, wire: WireServer
) -> None:
    scripted(wire, uses("Board", ADD), DUE)
    reached, opened = Event(), Event()

    class SlowBoard(BoardFile):
        """A board that takes a while to be written."""

        def update(self, change: Callable[[TaskBoard], TaskBoard]) -> bool:
            reached.set()
            assert opened.wait(PATIENCE)
            return super().update(change)

    tools = firm.tools
    slow = SlowBoard(tools.board.path, tools.board.within)
    firm.tools = replace(tools, board=slow)

    async def driving(office: Office) -> Run:
        root = await start_run(firm.wish(), office)
        drive = create_task(drive_run(root, office))
        assert await to_thread(reached.wait, PATIENCE)
        firm.write(lambda tx: tx.halt("", at=firm.stamp(), by="founder"))
        opened.set()
        await drive
        return firm.run(root)

    run = firm.within(driving)
    assert firm.place.board_text().count("Call the bank") == 1
    firm.tools = tools
    firm.write(lambda tx: tx.lift_halt("", at=firm.stamp()))
    assert firm.go_on(run).phase is RunPhase.DONE
    assert firm.place.board_text().count("Call the bank") == 1
