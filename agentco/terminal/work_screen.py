"""Work that goes on, as somebody sees it: a block at a terminal, lines elsewhere."""

import atexit
import os
import signal
import sys
from collections.abc import Callable
from datetime import datetime
from types import FrameType
from typing import Protocol

from msgspec.structs import replace

from agentco.kernel.run_ids import number_of
from agentco.overview.work_events import EventKind, WorkEvent
from agentco.overview.work_progress import WorkProgress
from agentco.review.deliverable import split_shown
from agentco.terminal import screen
from agentco.terminal.cells import clip
from agentco.terminal.rewritten_block import Pace, RewrittenBlock
from agentco.terminal.screen import Span, Style
from agentco.terminal.work_block import WorkView, rows_left_behind, work_rows
from agentco.wiring import system_clock

SPARE_LINES = 2
"""So many lines of the screen the block leaves free."""
DEFAULT_SIZE = (80, 24)


class WorkScreen(Protocol):
    """Somebody who sees how work goes on."""

    def show(self, progress: WorkProgress) -> None:
        """See how it stands now."""
        ...

    def say(self, effect: str, text: str) -> None:
        """See more of what the author's model says."""
        ...

    def note(self, line: str) -> None:
        """See for which model it waits."""
        ...

    def keep(self, text: str, look: Style) -> None:
        """See a text that stays, such as a thought."""
        ...

    def stop(self) -> None:
        """Nothing more comes for now."""
        ...


class NoScreen:
    """Nobody looks."""

    def show(self, progress: WorkProgress) -> None:
        """Look away."""

    def say(self, effect: str, text: str) -> None:
        """Do not listen."""

    def note(self, line: str) -> None:
        """Wait in silence."""

    def keep(self, text: str, look: Style) -> None:
        """Say what stays all the same."""
        screen.print_partial(text, look)

    def stop(self) -> None:
        """There is nothing to stop."""


class LineScreen(NoScreen):
    """A line for each step; how the work ended is told with its outcome."""

    def __init__(self, print_line: Callable[[str], None] = screen.print_note) -> None:
        self._print_line = print_line

    def show(self, progress: WorkProgress) -> None:
        """Print what is new."""
        for event in progress.events:
            if event.kind is not EventKind.ENDED:
                self._print_line(event_line(event))

    def note(self, line: str) -> None:
        """Print for which model it waits."""
        self._print_line(line)


class BlockScreen:
    """The same in one block at the bottom of the terminal, which is gone once the work is.

    What reviewers said stays. The cursor is hidden meanwhile, and is back whatever ends this
    process or lets it sleep.
    """

    def __init__(self, now: Callable[[], datetime], pace: Pace) -> None:
        self._now = now
        self._pace = pace
        self._terminal = StderrTerminal()
        self._block = RewrittenBlock(self._terminal)
        self._view: WorkView | None = None
        self._effect = ""
        self._withheld = ""
        self._said = ""
        self._kept = ""
        self._look = Style.PLAIN
        self._on_sleep = signal.getsignal(signal.SIGTSTP)

    def show(self, progress: WorkProgress) -> None:
        """Draw how it stands."""
        note = self._view.note if self._view else ""
        is_over = number_of(self._effect) <= progress.written_by
        self._view = WorkView(
            progress=progress,
            saying=None if is_over else self._said or None,
            note="" if progress.events else note,
        )
        self._draw()

    def say(self, effect: str, text: str) -> None:
        """Draw more of what the model says, without the marks around what goes out."""
        if effect != self._effect:
            self._effect, self._withheld, self._said = effect, "", ""
        shown, self._withheld = split_shown(self._withheld + text)
        self._said += shown
        if self._view:
            self._view = replace(self._view, saying=self._said, note="")
            self._draw()

    def note(self, line: str) -> None:
        """Draw for which model it waits."""
        if self._view:
            self._view = replace(self._view, note=line)
            self._draw()

    def keep(self, text: str, look: Style) -> None:
        """Have lines stand above the block; one that is not whole waits for its end."""
        self._kept += text
        self._look = look
        self._draw()

    def stop(self) -> None:
        """Take the block away; what reviewers said, and lines that were to be kept, stay."""
        if self._view is None and not self._kept:
            return
        width, _ = self._terminal.size()
        rows = rows_left_behind(self._view, width - 1) if self._view else []
        left = ["".join(map(self._terminal.paint, row)) for row in rows]
        if self._kept and not self._kept.endswith("\n"):
            self._kept += "\n"
        self._block.draw(
            (), self._whole_lines() + "".join(f"{line}\n" for line in left)
        )
        self._view = None
        atexit.unregister(self._block.erase)
        signal.signal(signal.SIGTSTP, self._on_sleep)

    def _draw(self) -> None:
        """Draw what is known, unless that was done just now: the next look will."""
        if self._view is None or not self._pace.is_due():
            return
        if not self._block.is_shown:
            atexit.register(self._block.erase)
            signal.signal(signal.SIGTSTP, self._sleep)
        width, height = self._terminal.size()
        rows = work_rows(self._view, self._now(), width - 1, height - SPARE_LINES)
        self._block.draw(rows, self._whole_lines())

    def _whole_lines(self) -> str:
        """What is to stand above the block and is whole, in its look; it is taken."""
        whole, end, self._kept = self._kept.rpartition("\n")
        lines = [(line, self._look) for line in whole.split("\n")] if end else []
        return "".join(f"{self._terminal.paint(line)}\n" for line in lines)

    def _sleep(self, number: int, _frame: FrameType | None) -> None:
        """Leave the terminal as it was while the shell has put us to sleep."""
        self._block.erase()
        signal.signal(number, self._on_sleep)
        os.kill(os.getpid(), number)
        signal.signal(number, self._sleep)


class StderrTerminal:
    """The terminal that stderr goes to."""

    def size(self) -> tuple[int, int]:
        """Cells of a line, and lines."""
        try:
            size = os.get_terminal_size(sys.stderr.fileno())
        except OSError:  # it was closed
            return DEFAULT_SIZE
        return size.columns or DEFAULT_SIZE[0], size.lines or DEFAULT_SIZE[1]

    def write(self, text: str) -> None:
        """Put this out at once, as it is."""
        screen.put_on_stderr(text)

    def paint(self, span: Span) -> str:
        """A part of a line in its colour, if somebody wants colour."""
        return screen.styled(*span, stderr=True)


def open_work_screen(*, wanted: bool) -> WorkScreen:
    """A block at a terminal that can rewrite lines, lines on stderr elsewhere."""
    if not wanted:
        return NoScreen()
    if sys.stderr.isatty() and screen.is_more_than_printer():
        return _block_screen()
    return LineScreen()


def open_block_screen() -> WorkScreen | None:
    """A block where stdout and stderr are one terminal that can rewrite lines."""
    if screen.is_one_terminal() and screen.is_more_than_printer():
        return _block_screen()
    return None


def _block_screen() -> BlockScreen:
    clock = system_clock()
    return BlockScreen(clock.now, Pace(clock.monotonic))


def event_line(event: WorkEvent) -> str:
    """An event as a line; what a tool was told is cut where a line ends."""
    line = f"{event.agent}: {' '.join(event.what.split())}"
    is_long = event.kind in {EventKind.TOOL, EventKind.DELEGATED}
    return clip(line, screen.terminal_width()) if is_long else line
