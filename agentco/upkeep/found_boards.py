"""Lists of tasks that a folder keeps beside BOARD.md, which is the only one agentco reads."""

import re
from collections.abc import Callable, Iterator
from contextlib import suppress

from msgspec import Struct

from agentco.board.document import BOARD_FILE, read_board
from agentco.kernel.errors import StateBroken

USUAL_FOLDERS = ("", "docs/", ".github/", "notes/", "planning/")
USUAL_NAMES = ("BOARD", "TODO", "TASKS", "BACKLOG", "KANBAN", "SPRINT")
MAX_BYTES = 2_000_000
OPEN_BOX = re.compile(r"^[ \t]*[-*+] \[ \] ", re.MULTILINE)
"""What tells a list of tasks from any other list."""


class OtherBoard(Struct, frozen=True, kw_only=True):
    """A file with open tasks that nobody is reminded of."""

    path: str
    open_tasks: int

    @property
    def in_words(self) -> str:
        """What it holds, and what to do."""
        has = "1 open task" if self.open_tasks == 1 else f"{self.open_tasks} open tasks"
        them = "it" if self.open_tasks == 1 else "them"
        return (
            f"{self.path} has {has}. agentco reads only {BOARD_FILE}: move {them} there"
        )


def find_other_boards(
    read_file: Callable[[str], bytes | None],
) -> tuple[OtherBoard, ...]:
    """Find lists of tasks in usual places; `read_file` gives None, or raises, where it cannot."""
    files: dict[str, bytes] = {}
    for path in (BOARD_FILE, *_usual_paths()):
        with suppress(StateBroken):
            if (data := read_file(path)) is not None:
                files[path] = data
    own = files.pop(BOARD_FILE, None)  # other capitals may lead to the same file
    found: dict[bytes, OtherBoard] = {}
    for path, data in files.items():
        if data == own or len(data) > MAX_BYTES:
            continue
        text = data.decode("utf-8", "replace")
        if OPEN_BOX.search(text):
            count = sum(1 for task in read_board(text).tasks if task.is_open)
            found.setdefault(data, OtherBoard(path=path, open_tasks=count))
    return tuple(found.values())


def _usual_paths() -> Iterator[str]:
    for folder in USUAL_FOLDERS:
        for name in USUAL_NAMES:
            for written in (name, name.lower(), name.capitalize()):
                path = f"{folder}{written}.md"
                if path != BOARD_FILE:
                    yield path
