"""What can go wrong, and the exit code of each.

AgentcoError                exit code
├── WrongUsage              2   wrong arguments, an unknown id or name
├── CompanyBroken           3   company files missing or broken
├── NoModel                 4   no model is configured, has a key or a price, or could answer
│   └── CallFailed          4   one call of a model brought no answer
├── StateBroken             5   the board, the memory or the state damaged
│   ├── Locked              5   another process holds the lock
│   ├── StateGone           5   the state was moved, deleted or replaced under us
│   └── Conflict            5   the file changed under us and could not be merged
└── NeedsFounder            6   only the founder can say that this may happen

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
    """The arguments do not fit, or name something that does not exist."""

    exit_code = 2


class CompanyBroken(AgentcoError):
    """A file of the company is missing or cannot be used."""

    exit_code = 3


class StateBroken(AgentcoError):
    """The board, the memory or the state cannot be read or written."""

    exit_code = 5


class Locked(StateBroken):
    """Another process holds the lock and did not let go in time."""


class StateGone(StateBroken):
    """The state, or the memory, no longer lies where it was; nothing is put in its place."""


class Conflict(StateBroken):
    """The file changed while we worked on it; both versions are kept."""


class NoModel(AgentcoError):
    """No model can be asked: none is configured, none has a key or a price, none answers."""

    exit_code = 4


class Trouble(StrEnum):
    """Why a call brought no answer. Only a LOST one may have been answered, and billed, unseen.

    REFUSED concerns this request; CLOSED any request to this model: its key, its credit, its name.
    """

    UNREACHABLE = "unreachable"
    CLOSED = "closed"
    REFUSED = "refused"
    BUSY = "busy"
    LOST = "lost"


class CallFailed(NoModel):
    """One call of a model brought no answer; `retry_after` is the provider's wish in seconds.

    `context` is how many tokens the model takes, where the failure tells. `counted` are those that
    were read and written all the same, and are paid.
    """

    def __init__(
        self,
        what: str,
        *,
        hint: str,
        trouble: Trouble,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(what, hint=hint)
        self.trouble = trouble
        self.retry_after = retry_after
        self.context = 0
        self.counted: tuple[int, int] | None = None


class NeedsFounder(AgentcoError):
    """Only the founder can go on: trust a folder, answer, approve, end a halt."""

    exit_code = 6


def did_you_mean(word: str, known: Iterable[str], otherwise: str) -> str:
    """A hint that names what is spelt like `word`, else `otherwise`."""
    from difflib import get_close_matches

    spelling = {name.casefold(): name for name in known}
    matches = get_close_matches(word.casefold(), spelling, n=3, cutoff=0.6)
    if not matches:
        return otherwise
    names = " or ".join(repr(spelling[match]) for match in matches)
    return f"did you mean {names}?"


class Severity(StrEnum):
    """How much a diagnostic matters. An ERROR means that the file or item is left out."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Diagnostic(Struct, frozen=True, kw_only=True):
    """One thing wrong with one file. `line` counts from 1; `code` is stable kebab-case."""

    file: str
    line: int | None = None
    level: Severity
    code: str
    message: str
    hint: str
