"""What a body refers to: inputs, files and tools. Code is skipped, nothing is opened."""

import posixpath
import re
from collections.abc import Iterator
from enum import StrEnum
from functools import lru_cache

from msgspec import Struct
from msgspec.structs import replace

from agentco.file_formats.fences import open_fences

INPUT_PATTERN = re.compile(r"\$\{input:(?P<id>[\w.-]+)(?:[:|](?P<default>[^{}\n]*))?\}")
_CODE = re.compile(r"(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)")
_REFERENCE = re.compile(
    r"(?i)(?<!!)\[(?P<text>[^\[\]]*)\]"
    r"\((?P<link>[^()\s]+(?:\([^()]*\)[^()\s]*)*)(?:\s+[\"'][^)]*)?\)"
    r"|#file:(?P<file>[^\s#]+)|#tool:(?P<tool>[\w\-./]+)"
)
_EXTERNAL_LINK = re.compile(r"[A-Za-z][\w+.-]*:|#|//")


class PromptInput(Struct, frozen=True, kw_only=True):
    """A value the prompt wants; `default` is its placeholder, or None."""

    id: str
    default: str | None
    line: int


class MentionKind(StrEnum):
    """How something is referred to."""

    LINK = "link"
    FILE = "file"
    TOOL = "tool"


class Reference(Struct, frozen=True, kw_only=True):
    """A file or tool that a body names; a link's `#anchor` is gone."""

    mention: MentionKind
    target: str
    line: int


def find_inputs(body: str, first_line: int = 1) -> tuple[PromptInput, ...]:
    """Every `${input:…}` once, in order, with the first default that any mention of it gives.

    `first_line` is where the body begins.
    """
    inputs: dict[str, PromptInput] = {}
    for match in INPUT_PATTERN.finditer(body):
        name = match["id"]
        default = match["default"]
        if name not in inputs:
            line = first_line + body.count("\n", 0, match.start())
            inputs[name] = PromptInput(id=name, default=default, line=line)
        elif inputs[name].default is None:
            inputs[name] = replace(inputs[name], default=default)
    return tuple(inputs.values())


@lru_cache(maxsize=256)
def find_references(body: str, first_line: int = 1) -> tuple[Reference, ...]:
    """The files and tools that a body names outside code (FORMATS section 4.3)."""
    references: list[Reference] = []
    for line, row in prose_lines(body, first_line):
        for match in _REFERENCE.finditer(row):
            reference = _read_reference(match, line)
            if reference:
                references.append(reference)
    return tuple(references)


def resolve_path(file: str, target: str) -> str | None:
    """A path written in `file` as one from the company's folder; None if it leads out of it."""
    folder = "" if target.startswith("/") else posixpath.dirname(file)
    relative = target.lstrip("/").replace("%20", " ")
    path = posixpath.normpath(posixpath.join(folder, relative))
    return None if path.startswith(("..", "~")) else path


def prose_lines(body: str, first_line: int) -> Iterator[tuple[int, str]]:
    """The lines outside fenced code, without their inline code."""
    rows = body.split("\n")
    open_before = ""
    for i, open_after in enumerate(open_fences(rows)):
        if not open_before and not open_after:
            yield first_line + i, _CODE.sub("", rows[i])
        open_before = open_after


def _read_reference(match: re.Match[str], line: int) -> Reference | None:
    """A file or tool, or None for a link to elsewhere."""
    mention = MentionKind(match.lastgroup or "")
    if mention is MentionKind.LINK:
        target = match["link"].strip("<>")
        if _EXTERNAL_LINK.match(target):
            return None
    else:
        target = match[mention].rstrip(".")
    return Reference(mention=mention, target=target.split("#")[0], line=line)
