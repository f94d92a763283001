"""What `agentco up` shows: a quiet picture at a terminal, a line for each event elsewhere."""

import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Self

from agentco.kernel.characters import terminal_safe
from agentco.terminal import screen
from agentco.terminal.local_time import local_text

if TYPE_CHECKING:
    from rich.console import Console

    from agentco.desk.company_status import CompanyStatus


class LogScreen:
    """Plain lines with the time, for a log."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def print_line(self, line: str) -> None:
        """Write one more line."""
        time = self._now().astimezone()
        with suppress(OSError):  # nobody reads the log any more: the work goes on
            sys.stdout.write(
                f"{time:%Y-%m-%d %H:%M:%S} {terminal_safe(local_text(line))}\n"
            )
            sys.stdout.flush()

    def show_day(self, day: "CompanyStatus") -> None:
        """A log has no picture of how things stand."""


def open_console() -> "Console":
    """A rich console on stdout at least 60 wide; without colour where nobody looks."""
    from rich.console import Console

    out = Console(highlight=False, markup=False, emoji=False)
    out.width = max(out.width, screen.MIN_WIDTH)
    return out


class LiveScreen:
    """How things stand at the bottom of a terminal; what happens scrolls by above."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        from rich.live import Live

        self._live = Live(console=open_console(), auto_refresh=False)
        self._last_text = ""
        self._now = now

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._live.stop()

    def print_line(self, line: str) -> None:
        """Print one more line above the picture."""
        time = self._now().astimezone()
        text = f"{time:%H:%M:%S} {terminal_safe(local_text(line))}"
        with suppress(OSError):  # the terminal was closed: the work goes on
            self._live.console.print(text, soft_wrap=True)

    def show_day(self, day: "CompanyStatus") -> None:
        """Draw how things stand, if that changed."""
        from rich.text import Text

        lines = (terminal_safe(line) for line in ("", *day.text_lines()))
        text = local_text("\n".join(lines))
        if text == self._last_text:
            return
        self._last_text = text
        picture = Text(text, no_wrap=True, overflow="ellipsis")
        with suppress(OSError):
            self._live.update(picture, refresh=True)


def open_screen(now: Callable[[], datetime]) -> LiveScreen | LogScreen:
    """A picture at a terminal, lines elsewhere."""
    return LiveScreen(now) if sys.stdout.isatty() else LogScreen(now)
