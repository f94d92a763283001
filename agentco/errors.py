"""What can go wrong, and the exit code of each.

AgentcoError                exit code
├── WrongUsage              2   wrong arguments, an unknown id or name
├── CompanyBroken           3   company files missing or broken
└── StateBroken             5   the board, the memory or the state damaged
    ├── Locked              5   another process holds the lock
    └── Conflict            5   the file changed under us and could not be merged

An error is two lines: what happened, and what to do. A `Diagnostic` is the same for a
file that is wrong while the work goes on without it.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import ClassVar

from msgspec import Struct


class AgentcoError(Exception):
    """Something the founder must know before anything else happens."""

    exit_code: ClassVar[int] = 1

    def __init__(self, what: str, *, hint: str) -> None:
        super().__init__(what)
        self.what = what
        self.hint = hint


class WrongUsage(AgentcoError):
    """The arguments do not fit, or name something that is not there."""

    exit_code = 2


class CompanyBroken(AgentcoError):
    """A file of the company is missing or cannot be used."""

    exit_code = 3


class StateBroken(AgentcoError):
    """The board, the memory or the state cannot be read or written."""

    exit_code = 5


class Locked(StateBroken):
    """Another process holds the lock and did not let go in time."""


class Conflict(StateBroken):
    """The file changed while we worked on it; both versions are kept."""


def close_to(word: str, known: Iterable[str], otherwise: str) -> str:
    """A hint with what somebody who wrote `word` may have meant, else `otherwise`."""
    from difflib import get_close_matches

    spelt = {name.casefold(): name for name in known}
    close = [spelt[name] for name in get_close_matches(word.casefold(), spelt, n=3, cutoff=0.6)]
    return f"did you mean {' or '.join(map(repr, close))}?" if close else otherwise


class Level(StrEnum):
    """How much a diagnostic matters. An ERROR means that the file or item is left out."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Diagnostic(Struct, frozen=True, kw_only=True):
    """One thing wrong with one file. `line` counts from 1; `code` is stable kebab-case."""

    file: str
    line: int | None = None
    level: Level
    code: str
    message: str
    hint: str
