"""The names that a shell completes, read without opening the company: a key press waits for them.

What a name is made of is restricted, since a shell may evaluate it: a folder that came from
elsewhere must not run anything when somebody presses Tab in it.
"""

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from agentco.adapters.files.company_root import find_company_root
from agentco.adapters.files.safe_read import read_regular
from agentco.kernel.errors import AgentcoError

MAX_NAMES = 500
MAX_BOARD_BYTES = 2_000_000
MAX_MEMORY_BYTES = 20_000_000
SAFE_NAME = re.compile(r"/?\w[\w./:@+-]{0,99}")
OPEN_TASK = re.compile(
    rb"^[ \t]*(?:[-*+]|\d+[.)])[ \t]+\[ \].*?[ \t]id:(\S+)", re.MULTILINE
)
HEADING = re.compile(rb"^##[ \t]++(.+?)(?<![ \t])[ \t]*+$", re.MULTILINE)
ENTITY_NAME = re.compile(rb'"name":\s?("(?:[^"\\\n]|\\.)*")')


def complete(kind: str, beginning: str, company: Path | None) -> list[str]:
    """The names of a kind that begin so, sorted; none where they cannot be read.

    Kinds: agent, owner, prompt, skill, task, column, run, memory.
    """
    try:
        root = find_company_root(company)
        found = {name for name in READERS[kind](root) if SAFE_NAME.fullmatch(name)}
    except (AgentcoError, OSError):
        return []
    folded = beginning.casefold()
    return sorted(name for name in found if name.casefold().startswith(folded))[
        :MAX_NAMES
    ]


def agent_names(root: Path) -> Iterator[str]:
    """The ids of the agents, by their files."""
    return _names_of_files(root, "agent")


def owner_names(root: Path) -> Iterator[str]:
    """Who may own a task."""
    from agentco.kernel.names import FOUNDER

    yield FOUNDER
    yield from agent_names(root)


def prompt_names(root: Path) -> Iterator[str]:
    """The prompts and the skills that a run may name, each after a slash."""
    for kind in ("prompt", "skill"):
        for name in _names_of_files(root, kind):
            yield f"/{name}"


def plain_prompt_names(root: Path) -> Iterator[str]:
    """The prompts, without a slash."""
    return _names_of_files(root, "prompt")


def skill_names(root: Path) -> Iterator[str]:
    """The skills, by their folders."""
    return _names_of_files(root, "skill")


def task_ids(root: Path) -> Iterator[str]:
    """The ids of open tasks."""
    from agentco.board.document import BOARD_FILE

    data = read_regular(root / BOARD_FILE, most=MAX_BOARD_BYTES)
    return _decode(OPEN_TASK.findall(data))


def column_names(root: Path) -> Iterator[str]:
    """The board's columns that are one word; the others would need quotes."""
    from agentco.board.document import BOARD_FILE

    data = read_regular(root / BOARD_FILE, most=MAX_BOARD_BYTES)
    return _decode(HEADING.findall(data))


def memory_names(root: Path) -> Iterator[str]:
    """The names of what the memory knows."""
    from agentco.memory.graph import MEMORY_FILE

    data = read_regular(root / MEMORY_FILE, most=MAX_MEMORY_BYTES)
    for name in set(ENTITY_NAME.findall(data)):
        with suppress(ValueError):
            yield json.loads(name)


def run_ids(root: Path) -> Iterator[str]:
    """The ids of the runs that began last."""
    from agentco.adapters.state.run_ids import recent_run_ids

    return recent_run_ids(root)


READERS = {
    "agent": agent_names,
    "owner": owner_names,
    "prompt": prompt_names,
    "plain-prompt": plain_prompt_names,
    "skill": skill_names,
    "task": task_ids,
    "column": column_names,
    "run": run_ids,
    "memory": memory_names,
}


def _names_of_files(root: Path, kind: str) -> Iterator[str]:
    from agentco.company.file_locations import COMPANY_FOLDERS

    for place in COMPANY_FOLDERS:
        if place.kind != kind or place.folder.startswith("~"):
            continue
        wanted = "*/SKILL.md" if kind == "skill" else f"*{place.suffix}"
        folder = root / place.folder
        found = folder.rglob(wanted) if place.deep else folder.glob(wanted)
        for _, path in zip(range(MAX_NAMES), found, strict=False):
            relative = path.relative_to(root).as_posix()
            if place.matches_path(relative):
                yield place.stem_of(relative)


def _decode(words: Iterable[bytes]) -> Iterator[str]:
    for word in words:
        yield word.decode("utf-8", "replace")
