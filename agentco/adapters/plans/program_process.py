"""A program at work, in a process group of its own that ends with this process, come what may."""

import os
import signal
import sys
from asyncio import timeout
from asyncio.subprocess import PIPE, Process, create_subprocess_exec
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

from agentco.adapters.models.http_client import MAX_ANSWER_BYTES
from agentco.adapters.models.streamed_reply import UnreadableAnswer
from agentco.adapters.plans import program_guard

PIECE_BYTES = 65_536
MAX_STDERR_BYTES = 4_096
LAST_WORDS = "stderr"
"""The file in a call's folder in which a program says what is wrong."""


class ProgramProcess:
    """One started program. End it after use; it is never left to itself."""

    def __init__(self, process: Process, pipe: int, last_words: Path) -> None:
        if process.stdin is None or process.stdout is None:
            raise ValueError("a program needs pipes for its input and its output")
        self._process = process
        self._input = process.stdin
        self._output = process.stdout
        self._pipe = pipe
        self._last_words = last_words

    @classmethod
    async def start(
        cls, command: Sequence[str], env: Mapping[str, str], *, cwd: Path, folder: Path
    ) -> Self:
        """Start a program, by its absolute path, in `cwd`; `folder` is for what it says is wrong.

        Raises OSError.
        """
        last_words = folder / LAST_WORDS
        pipe, ours = os.pipe()
        try:
            with last_words.open("wb") as stderr:
                guard = (sys.executable, "-I", "-S", program_guard.__file__, str(pipe))
                process = await create_subprocess_exec(
                    *guard,
                    *command,
                    stdin=PIPE,
                    stdout=PIPE,
                    stderr=stderr,
                    env=env,
                    cwd=cwd,
                    pass_fds=(pipe,),
                    start_new_session=True,
                )
        except BaseException:
            os.close(ours)
            raise
        finally:
            os.close(pipe)
        return cls(process, ours, last_words)

    @property
    def has_ended(self) -> bool:
        """Whether it is known to have ended."""
        return self._process.returncode is not None

    @property
    def last_words(self) -> str:
        """The end of what it wrote to standard error."""
        text = self._last_words.read_bytes()[-MAX_STDERR_BYTES:]
        return text.decode("utf-8", "replace").strip()

    async def write(self, data: bytes) -> None:
        """Write to its input; one that has ended takes nothing more."""
        self._input.write(data)
        with suppress(ConnectionError):
            await self._input.drain()

    def close_input(self) -> None:
        """Say that nothing more will be written."""
        self._input.close()

    async def read(self) -> bytes:
        """The next piece of its output; empty once there is none."""
        return await self._output.read(PIECE_BYTES)

    async def lines(self) -> AsyncGenerator[bytes]:
        """Its output line by line. Raises UnreadableAnswer for one that is too long."""
        rest = b""
        while piece := await self.read():
            *lines, rest = (rest + piece).split(b"\n")
            for line in lines:
                yield line
            if len(rest) > MAX_ANSWER_BYTES:
                raise UnreadableAnswer("it is larger than 16 MiB")
        if rest:
            yield rest

    async def end(self, *, at_once: bool = False) -> None:
        """End it with all that it started, after a moment to put away what it is writing."""
        if not (at_once or self.has_ended):
            self._signal(signal.SIGTERM)
            with suppress(TimeoutError):
                async with timeout(program_guard.GRACE_S):
                    await self._process.wait()
        self._signal(signal.SIGKILL)
        if self._pipe >= 0:
            os.close(self._pipe)
            self._pipe = -1
        await self._process.wait()
        self.close_input()
        with suppress(TimeoutError):
            async with timeout(program_guard.GRACE_S):
                while await self.read():
                    pass

    def _signal(self, number: int) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)
