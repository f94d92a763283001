"""A program of a plan ends with its call, and with whoever started it, whatever ends that."""

import asyncio
import os
import signal
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from asking_plans import PATIENCE, REQUEST, ask, clients, offer_of
from claims import claim
from processes import fork
from programs import CLAUDE, COPILOT, FakeProgram

from agentco.adapters.models import CallTimeouts

LIMITS = CallTimeouts(silence=PATIENCE)


async def eventually(true: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not true():  # noqa: ASYNC110  other processes do it
            await asyncio.sleep(0.01)


def is_gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def group_is_gone(group: int) -> bool:
    """Whether nothing is left of a process group but what waits to be reaped."""
    return all(is_gone(pid) for pid in psutil.pids() if group_of(pid) == group)


def group_of(pid: int) -> int:
    try:
        return os.getpgid(pid)
    except OSError:
        return 0


def hanging(program: FakeProgram, folder: Path) -> Path:
    """Let a program hang in its answer, with a child of its own; returns where that writes its number."""
    child = folder / "child"
    event = "assistant.message_delta"
    if program.version == CLAUDE:
        event = "content_block_delta"
    program.replay({"recording": "text", "hangs_after": event, "child": str(child)})
    return child


@claim("plans:ends")
@pytest.mark.parametrize("version", [CLAUDE, COPILOT])
def test_whoever_cancels_a_call_ends_the_program_with_all_that_it_started(
    tmp_path: Path, version: str
) -> None:
    program = FakeProgram(tmp_path / "bin", version)
    child = hanging(program, tmp_path)

    async def cancelled() -> None:
        models = clients(tmp_path / "company", LIMITS)
        call = asyncio.create_task(models.ask(offer_of(program), REQUEST, print))
        await eventually((program.folder / "hangs").exists)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await models.aclose()

    asyncio.run(cancelled())
    [asked] = program.asked
    assert asked.pid == asked.group != os.getpgrp()
    assert is_gone(asked.pid)
    asyncio.run(eventually(lambda: is_gone(int(child.read_text()))))
    asyncio.run(eventually(lambda: group_is_gone(asked.group)))


@claim("plans:ends")
@pytest.mark.parametrize("version", [CLAUDE, COPILOT])
def test_a_process_that_is_killed_takes_its_programs_with_it(
    tmp_path: Path, version: str
) -> None:
    program = FakeProgram(tmp_path / "bin", version)
    child = hanging(program, tmp_path)

    def asking() -> None:
        ask(tmp_path / "company", offer_of(program), limits=LIMITS)

    process = fork(asking, PATIENCE)
    asyncio.run(eventually((program.folder / "hangs").exists))
    os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)
    [asked] = program.asked
    asyncio.run(eventually(lambda: group_is_gone(asked.group)))
    asyncio.run(eventually(lambda: is_gone(int(child.read_text()))))


@claim("plans:ends")
@pytest.mark.parametrize("version", [CLAUDE, COPILOT])
def test_after_a_call_nothing_is_left_neither_processes_nor_files(
    tmp_path: Path, version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    program = FakeProgram(tmp_path / "bin", version)
    ask(tmp_path / "company", offer_of(program))
    [asked] = program.asked
    asyncio.run(eventually(lambda: group_is_gone(asked.group)))
    assert list(folder.iterdir()) == []
