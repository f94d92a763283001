"""What a body refers to: inputs it asks for, files and tools it names. Code is skipped, nothing is opened."""

import posixpath
import re
from collections.abc import Iterator
from enum import StrEnum
from functools import lru_cache

from msgspec import Struct

from agentco.company.fences import open_fences

INPUT_PATTERN = re.compile(r"\$\{input:(?P<id>[\w.-]+)(?:[:|](?P<default>[^{}\n]*))?\}")
_CODE = re.compile(r"(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)")
_REFERENCE = re.compile(
    r"(?i)(?<!!)\[(?P<text>[^\[\]]*)\]\((?P<link>[^()\s]+(?:\([^()]*\)[^()\s]*)*)(?:\s+[\"'][^)]*)?\)"
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
    """Every `${input:…}` once, in the order of the body, with the first default that any mention of it gives.

    `first_line` is where the body begins.
    """
    found: dict[str, PromptInput] = {}
    for match in INPUT_PATTERN.finditer(body):
        first = found.get(match["id"])
        if first is None or first.default is None:
            line = (
                first.line if first else first_line + body.count("\n", 0, match.start())
            )
            found[match["id"]] = PromptInput(
                id=match["id"], default=match["default"], line=line
            )
    return tuple(found.values())


@lru_cache(maxsize=256)
def find_references(body: str, first_line: int = 1) -> tuple[Reference, ...]:
    """The files and tools that a body names outside code (FORMATS section 4.3)."""
    rows = (
        (line, match)
        for line, row in prose_lines(body, first_line)
        for match in _REFERENCE.finditer(row)
    )
    return tuple(
        found for line, match in rows if (found := _read_reference(match, line))
    )


def resolve_path(file: str, target: str) -> str | None:
    """A path written in `file` as one from the company's folder; None when it leads out of it."""
    rooted = target.startswith("/")
    below = posixpath.join(
        "" if rooted else posixpath.dirname(file),
        target.lstrip("/").replace("%20", " "),
    )
    path = posixpath.normpath(below)
    return None if path.startswith(("..", "~")) else path


def prose_lines(body: str, first_line: int) -> Iterator[tuple[int, str]]:
    """The lines outside fenced code, their inline code blanked out."""
    rows = body.split("\n")
    open_before = ""
    for line, (row, fence) in enumerate(
        zip(rows, open_fences(rows), strict=True), first_line
    ):
        if not fence and not open_before:
            yield line, _CODE.sub("", row)
        open_before = fence


def _read_reference(match: re.Match[str], line: int) -> Reference | None:
    mention = MentionKind(match.lastgroup or "")
    target = (
        match[mention].strip("<>")
        if mention is MentionKind.LINK
        else match[mention].rstrip(".")
    )
    if mention is MentionKind.LINK and _EXTERNAL_LINK.match(target):
        return None
    return Reference(mention=mention, target=target.split("#")[0], line=line)
