"""Lines at the bottom of a terminal that are written anew in place: no flicker, nothing left over.

rich's Live, which `agentco up` uses, erases before it writes, sends no marks around a picture, and
counts the lines it goes back by the width that was, not the width that is.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

from rich.cells import cell_len

from agentco.terminal.screen import Span

HIDE_CURSOR, SHOW_CURSOR = "\x1b[?25l", "\x1b[?25h"
BEGIN_PICTURE, END_PICTURE = "\x1b[?2026h", "\x1b[?2026l"
"""A terminal that knows these shows what is between them at once; others ignore them."""
ERASE_LINE_END, ERASE_BELOW = "\x1b[K", "\x1b[J"


class Terminal(Protocol):
    """Where a block stands."""

    def size(self) -> tuple[int, int]:
        """Cells of a line, and lines."""
        ...

    def write(self, text: str) -> None:
        """Put this out at once, as it is."""
        ...

    def paint(self, span: Span) -> str:
        """A part of a line in its colour, if somebody wants colour."""
        ...


class RewrittenBlock:
    """A block of lines; each change is one write.

    The cursor stands below the block. A terminal that was made narrower has wrapped its lines, so
    the way back to the first is counted by the width of now.
    """

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._lines: Sequence[str] = ()
        self._shown = ("", (0, 0))

    @property
    def is_shown(self) -> bool:
        """Whether there is a block on the screen."""
        return bool(self._lines)

    def draw(self, rows: Sequence[Sequence[Span]], above: str = "") -> None:
        """Show these lines in the place of those before, below a text that stays.

        What stands there already is not written again.
        """
        painted = ["".join(map(self._terminal.paint, row)) for row in rows]
        picture = "".join(f"{line}{ERASE_LINE_END}\n" for line in painted)
        shown = picture, self._terminal.size()
        if shown == self._shown and not above:
            return
        self._shown = shown
        hide = HIDE_CURSOR if rows and not self._lines else ""
        show = SHOW_CURSOR if self._lines and not rows else ""
        kept = above.replace("\n", f"{ERASE_LINE_END}\n")
        whole = f"{hide}{self._way_back()}{kept}{picture}{ERASE_BELOW}{show}"
        self._lines = ["".join(text for text, _ in row) for row in rows]
        self._terminal.write(f"{BEGIN_PICTURE}{whole}{END_PICTURE}")

    def erase(self, above: str = "") -> None:
        """Take the block away; the cursor is seen again."""
        if self._lines:
            self.draw((), above)

    def _way_back(self) -> str:
        """To the beginning of the first line of the block."""
        width, _ = self._terminal.size()
        rows = sum(max(1, -(-cell_len(line) // width)) for line in self._lines)
        return f"\r\x1b[{rows}A" if rows else "\r"


class Pace:
    """At most so many pictures a second, by a clock in seconds that only goes forward."""

    def __init__(self, clock: Callable[[], float], per_second: float = 8.0) -> None:
        self._clock = clock
        self._least = 1 / per_second
        self._last = -self._least

    def is_due(self) -> bool:
        """Whether enough time has passed since it last said so."""
        now = self._clock()
        if now - self._last < self._least:
            return False
        self._last = now
        return True
