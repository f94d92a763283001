"""Which files hold the founder's words: agents' drafts, board, plan, memory and mails do not."""

import re
from collections.abc import Callable, Iterable, Iterator
from html import unescape

from agentco.board.document import BOARD_FILE
from agentco.kernel.company_paths import normalize_path

DAY_PLAN = "the day plan"
AGENT_FOLDERS = frozenset({"drafts", "memory", ".agentco"})
"""Folders that hold agents' words beside the founder's."""
MIXED_FILES = frozenset({BOARD_FILE.casefold(), DAY_PLAN})
"""Files that do."""
MAIL_END = ".eml"
"""How the name of a mail ends, which says what its sender says."""
_FILE_TAG = re.compile(
    r'<([a-z_-]+)(?: name="[^"]*")? file="([^"]*)">(.*?)</\1>', re.DOTALL
)


def is_founders_file(path: str) -> bool:
    """Whether a file of the company holds the founder's words only."""
    normal = (normalize_path(path) or "").casefold()
    if not normal or normal in MIXED_FILES or normal.endswith(MAIL_END):
        return False
    return normal.partition("/")[0] not in AGENT_FOLDERS


def files_given(prompt: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Each file in the messages of a prompt, `@path` or not: its path and its text."""
    for _, path, text in _FILE_TAG.findall("\n".join(prompt)):
        yield unescape(path), text


def founders_files(
    prompt: Iterable[str], is_meant: Callable[[str], bool] = is_founders_file
) -> tuple[str, ...]:
    """The texts of the founder's files in the messages of a prompt."""
    return tuple(text for path, text in files_given(prompt) if is_meant(path))
