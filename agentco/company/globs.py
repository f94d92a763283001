"""Which instructions go with which files: `applyTo` patterns (FORMATS section 3)."""

import re
from collections.abc import Iterable
from functools import lru_cache

_ALWAYS = frozenset({"**", "**/*", "*"})
_PIECE = re.compile(
    r"(?P<folders>(?<=/)(?:\*\*/)+)|(?P<all>(?<=[/{,])\*\*(?=$|[,}]))|\*+|\[[^\]/]+\]|.",
    re.DOTALL,
)
_NO_RANGE, _ESCAPED = re.compile(r"[^\w-]|(?<!\w)-|-(?!\w)"), r"\\\g<0>"
_OPEN, _CLOSE = "{[", "}]"
# `**` as a whole segment; as a part of one it is no more than `*`.
_WHOLE_SEGMENT: dict[str | None, str] = {"folders": "(?:[^/]+/)*", "all": ".*"}


def split_globs(text: str) -> tuple[str, ...]:
    """The patterns of a comma-separated list; commas in braces and brackets belong to a pattern."""
    parts, depth, start = list[str](), 0, 0
    for i, character in enumerate(text):
        depth += (character in _OPEN) - (character in _CLOSE and depth > 0)
        if character == "," and not depth:
            parts.append(text[start:i])
            start = i + 1
    return tuple(
        glob for part in (*parts, text[start:]) if (glob := part.strip(" \t\n'\"`"))
    )


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
    rooted = "/" + glob.removeprefix("./").removeprefix("/")
    if not glob.startswith(("/", "**/")):
        rooted = "/**" + rooted
    try:
        return re.compile(_glob_to_regex(rooted), re.IGNORECASE | re.DOTALL)
    except re.error:
        return re.compile(re.escape(rooted.replace("/**/", "/")), re.IGNORECASE)


def _glob_to_regex(glob: str) -> str:
    """The glob as a regular expression; what braces hold becomes alternatives."""
    depth, out = 0, list[str]()
    for match in _PIECE.finditer(glob):
        piece = match[0]
        depth += (piece == "{") - (piece == "}")
        out.append(
            "|"
            if piece == "," and depth
            else _WHOLE_SEGMENT.get(match.lastgroup) or _piece_to_regex(piece)
        )
    return "".join(out)


def _piece_to_regex(piece: str) -> str:
    if piece.startswith("*"):
        return "[^/]*"
    if len(piece) > 1:
        inner = piece[1:-1].removeprefix("!").removeprefix("^")
        negated = "^" if len(inner) < len(piece) - len("[]") else ""
        return (
            f"[{negated}{_NO_RANGE.sub(_ESCAPED, inner)}]"
            if inner
            else re.escape(piece)
        )
    return {"{": "(?:", "}": ")", "?": "[^/]"}.get(piece, re.escape(piece))
