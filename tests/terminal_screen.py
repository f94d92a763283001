"""A command at a pseudo-terminal of a given size, at the moment NOW; and whole screens as files.

`AGENTCO_WRITE_SCREENS=1` writes the files anew.
"""

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from codecs import getincrementaldecoder
from pathlib import Path
from select import select

from small_company import Place
from terminal_picture import pictures_of

import agentco

ROOT = Path(agentco.__file__).parents[1]
LIMIT_S = 60
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
AT_NOW = (
    "from small_company import NOW; from agentco.adapters.clock import RealClock;"
    "RealClock.now = lambda self: NOW; from agentco.__main__ import run; run()"
)
"""The console script, with its clock stopped."""


class Screen:
    """A command at a terminal; `typed` are the keys it reads, as they are waited for."""

    def __init__(
        self,
        place: Place,
        *args: str,
        columns: int = 80,
        lines: int = 24,
        own_session: bool = True,
        **env: str,
    ) -> None:
        self.leader, follower = pty.openpty()
        size = struct.pack("HHHH", lines, columns, 0, 0)
        fcntl.ioctl(follower, termios.TIOCSWINSZ, size)
        whole = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(ROOT), str(Path(__file__).parent)]),
            "TERM": "xterm-256color",
            **env,
        }
        whole.pop("COLUMNS", None)
        whole.pop("LINES", None)
        self.process = subprocess.Popen(
            [sys.executable, "-c", AT_NOW, "--company", str(place.root), *args],
            env=whole,
            stdin=follower,
            stdout=follower,
            stderr=follower,
            start_new_session=own_session,
            process_group=None if own_session else 0,
        )
        os.close(follower)
        self.seen = ""
        self._decoder = getincrementaldecoder("utf-8")()

    def until(self, wanted: str) -> None:
        """Read the screen until it shows this, or ends."""
        while wanted not in self.shown:
            if not self.read_more():
                return

    def until_raw(self, wanted: str, times: int = 1) -> None:
        """Read until these bytes were written so often, or it ends."""
        while self.seen.count(wanted) < times and self.read_more():
            pass

    def read_more(self) -> bool:
        """Read what was written since; False at the end."""
        ready, _, _ = select([self.leader], [], [], LIMIT_S)
        assert ready, f"nothing came any more behind {self.shown!r}"
        try:
            part = os.read(self.leader, 65536)
        except OSError:
            return False
        self.seen += self._decoder.decode(part)
        return bool(part)

    def picture(self, *wanted: str) -> str:
        """Read until a picture is drawn that holds all of these, and return it."""
        while True:
            for picture in pictures_of(self.seen):
                if all(words in picture for words in wanted):
                    return picture
            assert self.read_more(), f"no picture with {wanted} in {self.shown!r}"

    @property
    def shown(self) -> str:
        """What was written so far, without its colours."""
        return COLOUR.sub("", self.seen).replace("\r", "")

    def press(self, keys: str) -> None:
        """Type these keys."""
        os.write(self.leader, keys.encode())

    def end(self) -> str:
        """Wait for the end; what was written, without colours."""
        self.until("\0")
        self.process.wait(timeout=LIMIT_S)
        os.close(self.leader)
        return self.shown


def compare_screens(file: Path, screens: dict[int, str]) -> None:
    """Compare whole screens, by their width, with those of a file."""
    said = "".join(
        f"=== {width} columns ===\n{screen}" for width, screen in screens.items()
    )
    if os.environ.get("AGENTCO_WRITE_SCREENS"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(said)
    assert said == file.read_text()
