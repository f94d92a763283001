"""Which files hold the founder's words: drafts, board, plan, memory and what others made do not."""

import re
from collections.abc import Iterable, Iterator
from html import unescape

from agentco.board.document import BOARD_FILE
from agentco.kernel.company_paths import normalize_path
from agentco.review.outside_texts import is_from_outside, says_outside

DAY_PLAN = "the day plan"
AGENT_FOLDERS = frozenset({"drafts", "memory", ".agentco"})
"""Folders that hold agents' words beside the founder's."""
MIXED_FILES = frozenset({BOARD_FILE.casefold(), DAY_PLAN})
"""Files that do."""
_FILE_START = re.compile(
    r'<([a-z_-]{1,40})(?: name="[^"]{0,400}")? file="([^"]{0,4096})">'
)


def is_founders_file(path: str) -> bool:
    """Whether a file of the company holds the founder's words only."""
    normal = (normalize_path(path) or "").casefold()
    if not normal or normal in MIXED_FILES or is_from_outside(normal):
        return False
    return normal.partition("/")[0] not in AGENT_FOLDERS


def is_founders_text(path: str, text: str) -> bool:
    """Whether what a file says is the founder's own, by its name and by how the text begins."""
    return is_founders_file(path) and not says_outside(text)


def files_given(prompt: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Each file in the messages of a prompt, `@path` or not: its path and its text."""
    told, start, unclosed = "\n".join(prompt), 0, set[str]()
    while opened := _FILE_START.search(told, start):
        tag, path = opened.groups()
        start = opened.end()
        end = -1 if tag in unclosed else told.find(f"</{tag}>", start)
        if end < 0:
            unclosed.add(tag)
            continue
        yield unescape(path), told[start:end]
        start = end


def founders_files(prompt: Iterable[str]) -> tuple[str, ...]:
    """The texts of the founder's files in the messages of a prompt."""
    given = files_given(prompt)
    return tuple(text for path, text in given if is_founders_text(path, text))
