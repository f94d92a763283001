"""The memory that a folder has already: one that an MCP configuration names, else a lone file.

It is used where it lies: `memory/memory.jsonl` becomes a link to it. Nothing outside the folder is.
"""

import re
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Protocol

from msgspec import Struct

from agentco.company.file_locations import location_of
from agentco.company.json_files import MEMORY_VARIABLE
from agentco.company.mcp_config import servers_in
from agentco.file_formats.jsonc import read_jsonc
from agentco.file_formats.source_file import FileFindings
from agentco.kernel import words
from agentco.kernel.errors import StateBroken
from agentco.memory.git_rules import UNION_RULE, union_rule
from agentco.memory.graph import MEMORY_FILE
from agentco.memory.lines import MemoryLine, line_in
from agentco.upkeep.mcp_entries import MCP_CONFIGS

WORKSPACE = re.compile(
    r"^(?:\$\{(?:workspaceFolder|workspaceRoot|CLAUDE_PROJECT_DIR(?::-[^}]*)?)\}"
    r"|\$CLAUDE_PROJECT_DIR)(?:/|$)"
)
"""What editors write for the folder itself."""
USUAL_FOLDERS = ("", "memory/", ".github/", ".claude/", "docs/", "data/")
USUAL_NAMES = ("memory.jsonl", "memory.json")
MEMORY_ENDINGS = (".jsonl", ".json")
FOREIGN_FOLDERS = {".git", ".agentco"}
"""Whose files only their own program writes."""
PATTERN_SIGNS = frozenset('"*?[\\')
"""What git's attributes do not read as it stands."""
MOST_NAMED = 20
"""So many paths are looked at in a configuration."""


class MemoryFolder(Protocol):
    """A folder in which a memory may lie."""

    def is_taken(self, path: str) -> bool:
        """Whether anything is at a path, also a link that leads nowhere."""
        ...

    def path_inside(self, path: str) -> str | None:
        """Where a path of the folder, or one of the disk, leads in it; None if out of it."""
        ...

    def read_file(self, path: str) -> bytes | None:
        """A file of the folder, None where there is none. Raises StateBroken."""
        ...

    def write_if_missing(self, path: str, text: str) -> bool:
        """Write a file that is not there yet, whole or not at all; False if there is one."""
        ...

    def link_file(self, path: str, leads_to: str) -> None:
        """Make a link to another path of the folder. Raises StateBroken."""
        ...

    def set_union_merge(self, rule: str) -> bool:
        """Add a rule to git's attributes that are there; False if they have it."""
        ...


class MemoryPlace(Struct, frozen=True, kw_only=True):
    """A memory: its path as it was found, and the configuration that names it, if one does.

    `problem` says why it cannot be used in place, empty if it can.
    """

    path: str
    named_by: str = ""
    problem: str = ""

    @property
    def described(self) -> str:
        """Its path, and who names it."""
        return f"{self.path} (named by {self.named_by})" if self.named_by else self.path


class FoundMemory(Struct, frozen=True, kw_only=True):
    """The memories of a folder beside its own place for one, and which of them is used there."""

    places: tuple[MemoryPlace, ...] = ()
    used: MemoryPlace | None = None

    @property
    def usable(self) -> tuple[MemoryPlace, ...]:
        """Those that can be used in place."""
        return tuple(place for place in self.places if not place.problem)


NO_MEMORY = FoundMemory()


def find_memories(folder: MemoryFolder) -> tuple[MemoryPlace, ...]:
    """The memories that MCP configurations name, else those that lie where one is looked for.

    The company's own, and what leads to it, is none of them.
    """
    own = folder.path_inside(MEMORY_FILE)
    found: dict[str, MemoryPlace] = {}
    for config in MCP_CONFIGS:
        for named in islice(_paths_in(folder, config.path), MOST_NAMED):
            place = _named_place(folder, named, config.path)
            if place.path != own:
                found.setdefault(place.path, place)
    has_own = folder.is_taken(MEMORY_FILE)
    if has_own or any(not place.problem for place in found.values()):
        return tuple(found.values())
    for start in USUAL_FOLDERS:
        for name in USUAL_NAMES:
            path = folder.path_inside(start + name)
            is_other = path and path != own and _can_be_memory(path)
            if path and is_other and _holds_records(folder, path):
                found.setdefault(path, MemoryPlace(path=path))
    return tuple(found.values())


def choose_memory(
    folder: MemoryFolder, ask: Callable[[str], bool] | None
) -> FoundMemory:
    """The memories of a folder, and the one to use in place: who is asked says, else the only one.

    `ask` is None where nobody can be asked.
    """
    found = FoundMemory(places=find_memories(folder))
    if folder.is_taken(MEMORY_FILE):
        return found
    used: MemoryPlace | None = None
    if ask is None:
        if len(found.usable) == 1:
            used = found.usable[0]
    else:
        questions = (
            (place, f"Use the memory in {place.described} where it lies?")
            for place in found.usable
        )
        used = next((place for place, question in questions if ask(question)), None)
    return FoundMemory(places=found.places, used=used)


def link_memory(folder: MemoryFolder, memory: FoundMemory) -> None:
    """Have the company's memory lead to the one that is used in place, if one is.

    A company that was opened before looks for its memory in the wrong place.
    """
    if memory.used:
        folder.write_if_missing(memory.used.path, "")
        folder.link_file(MEMORY_FILE, memory.used.path)


def unite_memories(folder: MemoryFolder, memory: FoundMemory) -> str:
    """Add the union rules that git's attributes lack, and return them."""
    rules = [UNION_RULE]
    if memory.used:
        rules.append(union_rule(memory.used.path))
    return "".join(rule for rule in rules if folder.set_union_merge(rule))


def records_of(text: str) -> list[MemoryLine]:
    """The records of a text of our own."""
    return [*filter(None, map(line_in, text.encode().splitlines()))]


def memory_lines(found: FoundMemory) -> Iterator[str]:
    """What is told of the memories that were found, each with what to do."""
    used = found.used
    if used:
        where = f"{MEMORY_FILE} leads to it"
        yield f"The memory in {used.described} is used where it lies: {where}."
    for place in found.places:
        if place == used:
            continue
        why = place.problem or f"is not used: the company has {MEMORY_FILE}"
        if not place.problem and used:
            why = f"is not used: the company's is {used.path}"
        command = f"agentco memory import {words.shell_quote(place.path)} --trusted"
        yield f"The memory in {place.described} {why}. To import what it holds:\n  {command}"


def _paths_in(folder: MemoryFolder, config: str) -> Iterator[str]:
    """Every path that the servers of a configuration are given for their memory."""
    try:
        text = (folder.read_file(config) or b"").decode()
    except (StateBroken, UnicodeDecodeError):
        return
    value = read_jsonc(text, FileFindings(config))
    servers = servers_in(value) if isinstance(value, dict) else {}
    for server in servers.values():
        variables = server.get("env") if isinstance(server, dict) else None
        path = variables.get(MEMORY_VARIABLE) if isinstance(variables, dict) else None
        if isinstance(path, str) and path.strip():
            yield path.strip()


def _named_place(folder: MemoryFolder, named: str, config: str) -> MemoryPlace:
    """The place that a configuration names, in the folder's own words."""
    path = WORKSPACE.sub("", named) or "."
    is_known = "$" not in path and not path.startswith("~")
    inside = folder.path_inside(path) if is_known else None
    if inside is None:
        problem = "lies outside the company and is not used"
        return MemoryPlace(path=named, named_by=config, problem=problem)
    problem = ""
    if not _can_be_memory(inside):
        problem = "is not a place for a memory, so it is not used"
    elif not _may_hold_records(folder, inside):
        problem = "is not a memory in JSON lines, so it is not used"
    return MemoryPlace(path=inside, named_by=config, problem=problem)


def _can_be_memory(path: str) -> bool:
    """Whether nothing but a memory is kept at a path: what a clone names may be a hook of git."""
    place = PurePosixPath(path)
    is_named_so = place.suffix in MEMORY_ENDINGS and not place.name.startswith(".")
    is_plain = path.isprintable() and PATTERN_SIGNS.isdisjoint(path)
    is_foreign = not FOREIGN_FOLDERS.isdisjoint(map(str.lower, place.parts))
    return is_named_so and is_plain and not is_foreign and not location_of(path)


def _may_hold_records(folder: MemoryFolder, path: str) -> bool:
    """Whether a file holds records, or is still to be written."""
    try:
        data = folder.read_file(path)
    except StateBroken:
        return False
    return not data or not data.strip() or _holds_records(folder, path)


def _holds_records(folder: MemoryFolder, path: str) -> bool:
    """Whether the first line of a file that is there is a record of a memory."""
    if Path(path).name.startswith("."):
        return False
    try:
        data = folder.read_file(path) or b""
    except StateBroken:
        return False
    lines = data.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    first = next(filter(bytes.strip, lines), b"")
    return line_in(first.strip()) is not None
