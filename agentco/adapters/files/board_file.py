"""BOARD.md on disk: what the founder wrote meanwhile is merged or kept, never overwritten."""

import os
import stat
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from agentco.adapters.files import board_log, durable_disk
from agentco.adapters.files.durable_disk import Disk
from agentco.adapters.files.rare_lock import hold_rare_lock
from agentco.adapters.files.safe_read import read_regular, real_path
from agentco.board.document import BOARD_FILE, TaskBoard, read_board
from agentco.board.taking_back import BoardRecord
from agentco.kernel.errors import (
    Conflict,
    Diagnostic,
    Severity,
    StateBroken,
    WrongUsage,
)

MAX_ATTEMPTS = 5
MAX_BOARD_BYTES = 2_000_000
"""Some thirty thousand tasks."""
UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")
MISSING_BOARD = Diagnostic(
    file=BOARD_FILE,
    level=Severity.INFO,
    code="board-missing",
    message="there is no BOARD.md yet",
    hint='agentco board add "…" makes one',
)


@dataclass(frozen=True, slots=True)
class BoardFile:
    """The board of a company, which lies `within` it. Only `update` takes the lock."""

    path: Path
    within: Path | None = None

    def read(self) -> TaskBoard:
        """The board as it is now; an empty one with a problem when there is no file.

        Raises StateBroken when there is a file that cannot be read.
        """
        with name_file_in_errors(self.path, "read"):
            data = read_if_present(real_path(self.path, self.within))
        return decode_board(self.path, data)

    def update(self, change: Callable[[TaskBoard], TaskBoard]) -> bool:
        """Put a changed board in place of the file; False when the change changes nothing.

        If the file changes meanwhile, it is read and changed again. Raises Conflict, with our
        version kept beside it, if the change no longer fits or the file never stands still, and
        StateBroken if it cannot be written. The file is untouched then.
        """
        with (
            name_file_in_errors(self.path, "write"),
            hold_rare_lock(real_path(self.path, self.within)),
        ):
            real = real_path(self.path, self.within)
            draft = real.with_name(f".{real.name}.tmp")
            try:
                return self._apply_change(real, draft, change)
            finally:
                draft.unlink(missing_ok=True)

    def _apply_change(
        self, real: Path, draft: Path, change: Callable[[TaskBoard], TaskBoard]
    ) -> bool:
        ours: bytes | None = None
        for _ in range(MAX_ATTEMPTS):
            before = read_if_present(real)
            board = decode_board(self.path, before)
            try:
                changed = encode_board(change(board))
            except WrongUsage as misfit:
                if ours is None:
                    raise
                raise self._keep_conflict(ours, misfit.what) from misfit
            if changed == encode_board(board):
                return False
            if len(changed) > MAX_BOARD_BYTES:
                what = f"the board would be larger than {MAX_BOARD_BYTES:,} bytes"
                raise WrongUsage(what, hint="delete what is done, or write less")
            ours = changed
            draft.unlink(missing_ok=True)
            durable_disk.write_new_file(Disk(), draft, ours, file_mode(real))
            if read_if_present(real) == before:
                draft.replace(real)
                Disk().sync_folder(real.parent)
                return True
        why = f"it changed {MAX_ATTEMPTS} times in a row"
        raise self._keep_conflict(ours or b"", why)

    def last_changes(self) -> list[BoardRecord]:
        """What agentco changed last for the founder, the newest last."""
        return board_log.read_log(self._real_path())

    def keep_change(self, record: BoardRecord) -> bool:
        """Keep what a change did, so that it can be taken back; False where that failed."""
        return board_log.add_to_log(self._real_path(), record)

    def forget_change(self, record: BoardRecord) -> None:
        """Forget a change that was taken back."""
        board_log.remove_from_log(self._real_path(), record)

    def _real_path(self) -> Path:
        with name_file_in_errors(self.path, "read"):
            return real_path(self.path, self.within)

    def _keep_conflict(self, ours: bytes, why: str) -> Conflict:
        copy = save_conflict_copy(self.path, ours)
        return Conflict(
            f"{self.path.name!r} changed while we worked on it: {why}",
            hint=f"your file is as you left it; our version is {copy.name!r}:"
            " copy what you want from it, then delete it",
        )


def read_if_present(path: Path) -> bytes | None:
    """The bytes of a file, None when there is none."""
    try:
        return read_regular(path, most=MAX_BOARD_BYTES)
    except FileNotFoundError:
        return None


def decode_board(path: Path, data: bytes | None) -> TaskBoard:
    """The board in these bytes, of which none is lost."""
    if data is None:
        return TaskBoard(problems=(MISSING_BOARD,))
    if data.startswith(UTF_16_MARKS):
        what = f"{str(path)!r} is not UTF-8 but UTF-16"
        raise StateBroken(what, hint="save it as UTF-8 in your editor")
    return read_board(data.decode("utf-8", "surrogateescape"))


def encode_board(board: TaskBoard) -> bytes:
    """The bytes of a board."""
    return board.text.encode("utf-8", "surrogateescape")


def file_mode(path: Path) -> int | None:
    """The permissions of a file, if there is one."""
    if not path.exists():
        return None
    return stat.S_IMODE(path.stat().st_mode)


def save_conflict_copy(path: Path, data: bytes) -> Path:
    """Write a version that lost beside the file, under the first free number."""
    number = 1
    copy = path.with_name(f"{path.stem}.conflict-{number}{path.suffix}")
    while os.path.lexists(copy):
        number += 1
        copy = path.with_name(f"{path.stem}.conflict-{number}{path.suffix}")
    durable_disk.write_new_file(Disk(), copy, data, None)
    return copy


@contextmanager
def name_file_in_errors(path: Path, act: str) -> Generator[None]:
    """Say what the system refused in words that name the file."""
    try:
        yield
    except OSError as error:
        raise StateBroken(
            f"cannot {act} {str(path)!r}: {error.strerror or error}",
            hint="the board is as it was; look at its size, the free space and who may write"
            " there, then try again",
        ) from error
