"""Whether a company's memory is there: one that was there and is gone is no empty memory."""

import os
from contextlib import suppress
from pathlib import Path

from agentco.adapters.files.file_lock import lock_error, prepare_lock_path
from agentco.adapters.files.own_folder import STATE_FILE
from agentco.kernel.errors import StateBroken

MARK = ".agentco/memory.known"
"""Says, in a company, that there is a memory."""


class MemoryPresence:
    """What is known of a memory beside its file: its folder, its notes and the company's mark."""

    def __init__(
        self, path: Path, real: Path, within: Path | None, notes: Path
    ) -> None:
        self.path = path
        self.real = real
        self.within = within
        self.notes = notes
        # lies elsewhere than the memory, so that it outlives the memory's folder
        self._mark = within / MARK if within else None

    def require_file(self, *, was_read: bool) -> None:
        """Raise StateBroken for a file that was there and is gone: it is no empty memory."""
        if os.path.lexists(self.real):
            return
        signs = (self.notes, self._mark)
        if was_read or any(sign and sign.exists() for sign in signs):
            raise StateBroken(
                f"{str(self.path)!r} was there before and is missing now",
                hint="put it back from git or a backup;"
                " to start over, create an empty file with that name",
            )
        if self._is_state_lost():
            raise StateBroken(
                f"{str(self.path)!r} is not there, and neither is the company's state",
                hint="agentco doctor says what can be restored",
            )

    def keep_mark(self) -> None:
        """Keep that there is a memory, where the disk takes it."""
        if self._mark and not self._mark.exists():
            with suppress(OSError, StateBroken):
                prepare_lock_path(self._mark.parent.with_name("memory"))
                self._mark.touch()

    def make_folder(self) -> None:
        """Make the memory's folder; that of the company is never made again."""
        try:
            self.real.parent.mkdir(parents=not self.within, exist_ok=True)
        except OSError as error:
            raise lock_error(self.path, error) from error

    def _is_state_lost(self) -> bool:
        """Whether whoever took the company's state away may have taken the memory too."""
        from agentco.adapters.files.trust_file import expected_state

        if not self.within or (self.within / STATE_FILE).exists():
            return False
        return bool(expected_state(self.within))
