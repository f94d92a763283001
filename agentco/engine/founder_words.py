"""Which texts hold the founder's words: agents' drafts, board, plan and memory do not."""

import re
from html import unescape

from agentco.board.document import BOARD_FILE
from agentco.rules.permissions import normalize_path
from agentco.runs.events import TaskAsked
from agentco.runs.prompt_parts import DAY_PLAN
from agentco.runs.run import Run

AGENT_FOLDERS = frozenset({"drafts", "memory", ".agentco"})
"""Folders that hold agents' words beside the founder's."""
MIXED_FILES = frozenset({BOARD_FILE.casefold(), DAY_PLAN})
"""Files that do."""
FILE_TAG = re.compile(
    r'<([a-z_-]+)(?: name="[^"]*")? file="([^"]*)">(.*?)</\1>', re.DOTALL
)


def given_words(run: Run, asked: TaskAsked | None) -> tuple[str, ...]:
    """Return what an agent was given of the founder's files, `@path` or not."""
    if asked is None:
        return ()
    messages = asked.given[: asked.stable]
    if len(run.chain) == 1:
        messages += asked.given[-1:]
    given = "\n".join(message.text for message in messages)
    found = FILE_TAG.findall(given)
    return tuple(text for _, path, text in found if is_founders_file(unescape(path)))


def is_founders_file(path: str) -> bool:
    """Whether a file of the company holds the founder's words only."""
    normal = (normalize_path(path) or "").casefold()
    if not normal or normal in MIXED_FILES:
        return False
    return normal.partition("/")[0] not in AGENT_FOLDERS
