"""BOARD.md on disk: what the founder wrote meanwhile is merged or kept, never overwritten."""

import os
import stat
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from agentco.adapters.files import disk
from agentco.adapters.files.disk import Disk
from agentco.adapters.files.lock import held
from agentco.adapters.files.safe_read import read_regular, real_path
from agentco.board.document import FILE, Board, read
from agentco.kernel.errors import Conflict, Diagnostic, Level, StateBroken, WrongUsage

ATTEMPTS = 5
UTF_16 = (b"\xff\xfe", b"\xfe\xff")
MISSING = Diagnostic(
    file=FILE,
    level=Level.INFO,
    code="board-missing",
    message="there is no BOARD.md yet",
    hint='agentco board add "…" makes one',
)


@dataclass(frozen=True, slots=True)
class BoardFile:
    """The board of a company, which lies `within` it. Reading takes no lock; changes go through `update`."""

    path: Path
    within: Path | None = None

    def read(self) -> Board:
        """The board as it is now; an empty one with a problem when there is no file.

        Raises StateBroken when there is a file that cannot be read.
        """
        with blamed(self.path, "read"):
            data = contents(real_path(self.path, self.within))
        return decoded(self.path, data)

    def update(self, change: Callable[[Board], Board]) -> bool:
        """Put a changed board in place of the file; False when the change changes nothing.

        A file that changed while we worked is read and changed again. Raises Conflict, with our version
        kept beside it, when the change no longer fits or the file never stands still; StateBroken when
        it cannot be written. The file is untouched then.
        """
        with blamed(self.path, "write"), held(real_path(self.path, self.within)):
            real = real_path(self.path, self.within)
            draft = real.with_name(f".{real.name}.tmp")
            try:
                return self._changed(real, draft, change)
            finally:
                draft.unlink(missing_ok=True)

    def _changed(
        self, real: Path, draft: Path, change: Callable[[Board], Board]
    ) -> bool:
        ours: bytes | None = None
        for _ in range(ATTEMPTS):
            before = contents(real)
            board = decoded(self.path, before)
            try:
                after = encoded(change(board))
            except WrongUsage as misfit:
                if ours is None:
                    raise
                raise self._conflict(ours, misfit.what) from misfit
            if after == encoded(board):
                return False
            ours = after
            draft.unlink(missing_ok=True)
            disk.write_new(Disk(), draft, ours, mode_of(real))
            if contents(real) == before:
                draft.replace(real)
                Disk().sync_folder(real.parent)
                return True
        raise self._conflict(ours or b"", f"it changed {ATTEMPTS} times in a row")

    def _conflict(self, ours: bytes, why: str) -> Conflict:
        kept = keep(self.path, ours)
        hint = f"it is as you left it; our version is {kept.name!r}: take over what you want and delete it"
        return Conflict(
            f"{self.path.name!r} changed while we worked on it: {why}", hint=hint
        )


def contents(path: Path) -> bytes | None:
    """The bytes of a file, None when there is none."""
    try:
        return read_regular(path)
    except FileNotFoundError:
        return None


def decoded(path: Path, data: bytes | None) -> Board:
    """The board in these bytes, of which none is lost."""
    if data is None:
        return Board(problems=(MISSING,))
    if data.startswith(UTF_16):
        raise StateBroken(
            f"{str(path)!r} is not UTF-8 but UTF-16",
            hint="save it as UTF-8 in your editor",
        )
    return read(data.decode("utf-8", "surrogateescape"))


def encoded(board: Board) -> bytes:
    """The bytes of a board."""
    return board.text.encode("utf-8", "surrogateescape")


def mode_of(path: Path) -> int | None:
    """The permissions of a file, if there is one."""
    return stat.S_IMODE(path.stat().st_mode) if path.exists() else None


def keep(path: Path, data: bytes) -> Path:
    """Write a version that lost beside the file, under the first free number."""
    names = (
        path.with_name(f"{path.stem}.conflict-{number}{path.suffix}")
        for number in count(1)
    )
    kept = next(name for name in names if not os.path.lexists(name))
    disk.write_new(Disk(), kept, data, None)
    return kept


@contextmanager
def blamed(path: Path, act: str) -> Generator[None]:
    """Say what the system refused in words that name the file."""
    try:
        yield
    except OSError as error:
        hint = "the board is as it was; look at the free space and who may write there, then try again"
        raise StateBroken(
            f"cannot {act} {str(path)!r}: {error.strerror or error}", hint=hint
        ) from error
