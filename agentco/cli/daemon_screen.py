"""What `agentco up` shows: a quiet screen at a terminal, a line for each thing that happens elsewhere."""

import sys
from contextlib import suppress
from typing import Self

from agentco.cli import current_company, screen
from agentco.desk.company_status import CompanyStatus
from agentco.kernel.characters import terminal_safe


class LogScreen:
    """Plain lines with the time, for a log."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def print_line(self, line: str) -> None:
        """One more line."""
        with suppress(OSError):  # nobody reads the log any more: the work goes on
            sys.stdout.write(
                f"{current_company.now().astimezone():%Y-%m-%d %H:%M:%S} {terminal_safe(line)}\n"
            )
            sys.stdout.flush()

    def show_day(self, day: CompanyStatus) -> None:
        """A log has no picture of how things stand."""


class LiveScreen:
    """How things stand at the bottom of a terminal, drawn again when it changed; what happens scrolls by above."""

    def __init__(self) -> None:
        from rich.live import Live

        self.live, self.last = (
            Live(console=screen.open_console(), auto_refresh=False),
            "",
        )

    def __enter__(self) -> Self:
        self.live.start()
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self.live.stop()

    def print_line(self, line: str) -> None:
        """One more line above the picture."""
        with suppress(OSError):  # the terminal was closed: the work goes on
            self.live.console.print(
                f"{current_company.now().astimezone():%H:%M:%S} {terminal_safe(line)}",
                soft_wrap=True,
            )

    def show_day(self, day: CompanyStatus) -> None:
        """How things stand."""
        from rich.text import Text

        text = "\n".join(terminal_safe(line) for line in ("", *day.text_lines()))
        if text != self.last:
            self.last = text
            with suppress(OSError):
                self.live.update(
                    Text(text, no_wrap=True, overflow="ellipsis"), refresh=True
                )
