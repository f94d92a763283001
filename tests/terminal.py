"""A command at a pseudo-terminal, with what it shows read and answers typed as a founder would."""

import os
import pty
import select
import signal
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

from processes import LONG_S, environment

AGAIN_S = 5.0


class Terminal:
    """`agentco` with these words in a folder; every wait is bounded."""

    def __init__(self, folder: Path, *words: str, **variables: str) -> None:
        self.leader, follower = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "agentco", *words],
            cwd=folder,
            env={**environment(), "TERM": "dumb", **variables},
            stdin=follower,
            stdout=follower,
            stderr=follower,
        )
        os.close(follower)
        self.screen = ""
        self.read_up_to = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self.leader)

    def reads(self, words: str) -> None:
        """Wait until these words stand below what was read before."""
        while (place := self.screen.find(words, self.read_up_to)) < 0:
            assert self._receive(), f"{words!r} never came:\n{self.screen}"
        self.read_up_to = place + len(words)

    def types(self, line: str) -> None:
        """Type a line and press Enter."""
        os.write(self.leader, f"{line}\n".encode())

    def is_interrupted(self, words: str) -> None:
        """Press Ctrl-C until these words answer it.

        One that comes just before the wait for a key is seen only with the next.
        """
        while words not in self.screen[self.read_up_to :]:
            self.process.send_signal(signal.SIGINT)
            if select.select([self.leader], [], [], AGAIN_S)[0]:
                self.reads(words)
                return

    def ends(self) -> int:
        """Wait for its end; the exit code."""
        while self._receive():
            pass
        return self.process.wait(LONG_S)

    def _receive(self) -> bool:
        """Read what has come; False once nothing more will."""
        ready, _, _ = select.select([self.leader], [], [], LONG_S)
        assert ready, f"nothing came any more:\n{self.screen}"
        try:
            data = os.read(self.leader, 65536)
        except OSError:  # the other end is closed
            return False
        self.screen += data.decode(errors="replace").replace("\r\n", "\n")
        return bool(data)
