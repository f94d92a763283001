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
