"""The company's folder, and the file of trust, as the daemon watches them for changes."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from agentco.adapters.files.trust_file import trust_file_path
from agentco.company.file_locations import COMPANY_FOLDERS, EXACT_FILES
from agentco.company.settings import SETTINGS_FILE

ChangeMarks = frozenset[tuple[str, int, int]]
"""Path, size and time of every file."""


class WatchedFolder:
    """The folder of one company. Nothing in it is read here."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.trust_path = trust_file_path(root)

    def change_marks(self) -> ChangeMarks:
        """Return what differs once a file of the company, or the trust, has changed."""
        marks = set[tuple[str, int, int]]()
        for path in self._watched_paths():
            with suppress(OSError):
                info = os.stat(path)  # noqa: PTH116  a thousand files are faster so
                marks.add((path, info.st_size, info.st_mtime_ns))
        return frozenset(marks)

    def _watched_paths(self) -> Iterator[str]:
        """Every place of company files in the folder, and all that lies below it."""
        yield str(self.trust_path)
        folders = (place.folder for place in COMPANY_FOLDERS)
        for place in {SETTINGS_FILE, *EXACT_FILES, *folders}:
            if place.startswith("~"):
                continue
            path = os.path.join(self.root, place)  # noqa: PTH118  as above
            yield path
            for folder, _, names in os.walk(path):
                yield from (os.path.join(folder, name) for name in names)  # noqa: PTH118
