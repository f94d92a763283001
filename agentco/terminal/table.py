"""A table on the screen: columns share its width, words stay whole, numbers stand at the right.

The first row has the names of the columns.
"""

import re
from collections.abc import Iterator, Sequence

from agentco.kernel.characters import terminal_safe
from agentco.terminal.cells import cell_len, clip, wrap_cells

GAPS = (3, 2, 1)
MARGIN = " "
LONGEST_WORD = 24
"""Cells; a longer word is cut where a column has no room for it."""
SHORTEST_CLIPPED = 12
USUAL_CLIPPED = 40
"""Cells that a clipped last column keeps, and those for which columns move together."""
NUMBER = re.compile(r"[$+-]?\d[\d,.]*%?")


class TableShape:
    """How wide each column of a table is, and how far apart they stand.

    With `clipped` each row has one line, and the last column has what the others leave.
    """

    def __init__(
        self, rows: Sequence[Sequence[str]], width: int, *, clipped: bool = False
    ) -> None:
        self.clipped = clipped
        columns = list(zip(*rows, strict=True))
        self.numbers = [_are_numbers(cells[1:]) for cells in columns]
        natural = [min(max(map(_natural, cells)), width) for cells in columns]
        least = [max(map(_longest_word, cells)) for cells in columns]
        if clipped:
            least = [*natural[:-1], SHORTEST_CLIPPED]
            natural[-1] = USUAL_CLIPPED
        gap = next(g for g in GAPS if _fits(natural, least, g, width) or g == GAPS[-1])
        self.gap = " " * gap
        room = width - len(MARGIN) - gap * (len(columns) - 1)
        self.widths = share_width(natural, least, room)
        if clipped:
            self.widths[-1] = max(room - sum(self.widths[:-1]), 1)

    @property
    def total(self) -> int:
        """Cells from the first column to the last."""
        return sum(self.widths) + len(self.gap) * (len(self.widths) - 1)

    def lines(self, row: Sequence[str]) -> Iterator[str]:
        """The lines of a row, without blanks at their ends."""
        cells = [
            self._cell_lines(cell, width)
            for cell, width in zip(row, self.widths, strict=True)
        ]
        for i in range(max(map(len, cells))):
            parts = [
                _padded(lines[i] if i < len(lines) else "", width, right=right)
                for lines, width, right in zip(
                    cells, self.widths, self.numbers, strict=True
                )
            ]
            yield f"{MARGIN}{self.gap.join(parts)}".rstrip()

    def _cell_lines(self, cell: str, width: int) -> list[str]:
        if self.clipped:
            return [clip(terminal_safe(" ".join(cell.split())), width)]
        return [
            piece
            for own in cell.split("\n")
            for piece in _wrapped(terminal_safe(own), width)
        ]


def share_width(natural: Sequence[int], least: Sequence[int], room: int) -> list[int]:
    """The width of each column in so much room: the widest give way, down to their longest word."""
    widths = list(natural)
    while sum(widths) > room and max(widths) > 1:
        loose = [i for i, width in enumerate(widths) if width > least[i]]
        widest = max(loose or range(len(widths)), key=lambda i: widths[i])
        widths[widest] -= 1
    return widths


def _fits(natural: Sequence[int], least: Sequence[int], gap: int, width: int) -> bool:
    """Whether a gap leaves room: the widest for whole cells, the others for whole words."""
    wanted = natural if gap == GAPS[0] else least
    return len(MARGIN) + sum(wanted) + gap * (len(wanted) - 1) <= width


def _natural(cell: str) -> int:
    return max(map(cell_len, map(terminal_safe, cell.split("\n"))))


def _longest_word(cell: str) -> int:
    words = [cell_len(terminal_safe(word)) for word in cell.split()]
    return min(max(words, default=0), LONGEST_WORD)


def _wrapped(text: str, width: int) -> list[str]:
    """A text as it is where it fits, indentation and all."""
    return [text] if cell_len(text) <= width else wrap_cells(text, width)


def _are_numbers(cells: Sequence[str]) -> bool:
    """Whether a column holds numbers only, some cells perhaps empty."""
    return any(cells) and all(not cell or NUMBER.fullmatch(cell) for cell in cells)


def _padded(text: str, width: int, *, right: bool) -> str:
    blanks = " " * (width - cell_len(text))
    return f"{blanks}{text}" if right else f"{text}{blanks}"
