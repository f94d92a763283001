"""Which instructions go with which files: `applyTo` patterns (FORMATS section 3)."""

import re
from collections.abc import Iterable
from functools import lru_cache

_ALWAYS = frozenset({"**", "**/*", "*"})
_PIECE = re.compile(
    r"(?P<folders>(?<=/)(?:\*\*/)+)|(?P<all>(?<=[/{,])\*\*(?=$|[,}]))|\*+|\[[^\]/]+\]|.",
    re.DOTALL,
)
_NO_RANGE = re.compile(r"[^\w-]|(?<!\w)-|-(?!\w)")
_OPENERS = "{["
_CLOSERS = "}]"
# `**` as a whole segment; as a part of one it is no more than `*`.
_WHOLE_SEGMENT: dict[str | None, str] = {"folders": "(?:[^/]+/)*", "all": ".*"}


def split_globs(text: str) -> tuple[str, ...]:
    """The patterns of a comma-separated list; commas in braces and brackets belong to one."""
    parts: list[str] = []
    depth = 0
    start = 0
    for i, character in enumerate(text):
        if character in _OPENERS:
            depth += 1
        elif character in _CLOSERS:
            depth = max(0, depth - 1)
        elif character == "," and not depth:
            parts.append(text[start:i])
            start = i + 1
    parts.append(text[start:])
    stripped = [part.strip(" \t\n'\"`") for part in parts]
    return tuple(pattern for pattern in stripped if pattern)


def applies_always(patterns: Iterable[str]) -> bool:
    """Whether these apply even when no file is at hand."""
    return any(pattern in _ALWAYS for pattern in patterns)


def matches_any_glob(patterns: Iterable[str], path: str) -> bool:
    """Whether one of the patterns matches a path relative to the company, whatever its case."""
    return any(
        pattern in _ALWAYS or _compile_glob(pattern).fullmatch("/" + path)
        for pattern in patterns
    )


@lru_cache(maxsize=1024)
def _compile_glob(glob: str) -> re.Pattern[str]:
    return re.compile(glob_source(glob), re.IGNORECASE | re.DOTALL)


def glob_source(glob: str) -> str:
    """A glob as a regular expression for a path with a slash before it."""
    if glob in _ALWAYS:
        return ".*"
    rooted = "/" + glob.removeprefix("./").removeprefix("/")
    if not glob.startswith(("/", "**/")):
        rooted = "/**" + rooted
    source = _glob_to_regex(rooted)
    try:
        re.compile(source)
    except re.error:
        return re.escape(rooted.replace("/**/", "/"))
    return source


def _glob_to_regex(glob: str) -> str:
    """The glob as a regular expression; what braces hold becomes alternatives."""
    parts: list[str] = []
    depth = 0
    for match in _PIECE.finditer(glob):
        piece = match[0]
        depth += (piece == "{") - (piece == "}")
        if piece == "," and depth:
            parts.append("|")
        elif match.lastgroup in _WHOLE_SEGMENT:
            parts.append(_WHOLE_SEGMENT[match.lastgroup])
        else:
            parts.append(_piece_to_regex(piece))
    return "".join(parts)


def _piece_to_regex(piece: str) -> str:
    if piece.startswith("*"):
        return "[^/]*"
    if len(piece) > 1:
        return _class_to_regex(piece)
    return {"{": "(?:", "}": ")", "?": "[^/]"}.get(piece, re.escape(piece))


def _class_to_regex(piece: str) -> str:
    """A class of characters such as `[a-z]` or `[!x]`."""
    content = piece.removeprefix("[").removesuffix("]")
    members = content.removeprefix("!").removeprefix("^")
    if not members:
        return re.escape(piece)
    negated = "^" if members != content else ""
    return f"[{negated}{_NO_RANGE.sub(_escape_match, members)}]"


def _escape_match(match: re.Match[str]) -> str:
    return "\\" + match[0]
