"""What a terminal shows of what was written: a picture after each drawing, and the one that stays.

It knows the sequences that agentco writes, and fails for every other one. Wide letters and marks
take the cells that they take.
"""

import re

from rich.cells import cell_len

HIDE, SHOW, END_OF_PICTURE = "\x1b[?25l", "\x1b[?25h", "\x1b[?2026l"
PART = re.compile(r"\x1b\[(\??[0-9;]*)([A-Za-z])|\r|\n|[^\x1b\r\n]+|\x1b")
SILENT = {"?2026h", "?25l", "?25h"}


class Picture:
    """A terminal that never scrolls, of any width; lines are as long as they are written."""

    def __init__(self) -> None:
        self.lines = [""]
        self.row = 0
        self.column = 0
        self.pictures: list[str] = []

    def write(self, text: str) -> None:
        """Take what was written."""
        for part in PART.finditer(text):
            if part[2]:
                self._obey(part[1], part[2])
            elif part[0] == "\r":
                self.column = 0
            elif part[0] == "\n":
                self.row += 1
                self.column = 0
                self.lines += [""] * (self.row + 1 - len(self.lines))
            else:
                self._put(part[0])

    @property
    def shown(self) -> str:
        """What stands there now."""
        return "\n".join(line.rstrip() for line in self.lines)

    def _put(self, text: str) -> None:
        assert text != "\x1b", "an escape that no terminal may get"
        line = self.lines[self.row].ljust(self.column)
        behind = line[self.column + len(text) :]
        self.lines[self.row] = f"{line[: self.column]}{text}{behind}"
        self.column += len(text)

    def _obey(self, number: str, letter: str) -> None:
        match letter:
            case "m":
                pass
            case "A":
                self.row -= int(number or 1)
                assert self.row >= 0, "above the screen"
            case "K":
                self.lines[self.row] = self.lines[self.row][: self.column]
            case "J":
                self.lines[self.row] = self.lines[self.row][: self.column]
                del self.lines[self.row + 1 :]
            case "l" if number == "?2026":
                self.pictures.append(self.shown)
            case _:
                assert f"{number}{letter}" in SILENT, f"{number}{letter}"


def pictures_of(written: str) -> list[str]:
    """Each picture that was drawn, and last what stays."""
    screen = Picture()
    screen.write(written)
    return [*screen.pictures, screen.shown]


def widest(picture: str) -> int:
    """The cells of its longest line."""
    return max(map(cell_len, picture.split("\n")))
