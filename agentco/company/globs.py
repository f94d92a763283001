"""Which instructions go with which files: `applyTo` patterns (FORMATS section 3)."""

import re
from collections.abc import Iterable
from functools import lru_cache

from agentco.file_formats.glob_regex import ONE, Part, path_regex

_ALWAYS = frozenset({"**", "**/*", "*"})
MAX_CHOICES, MAX_CHARS = 400, 50_000
"""For how many patterns without braces a glob may stand, and of how many letters together."""
_TOKEN = re.compile(r"\[[^\]/]+\]|\*+|[^\[*?{},/]+|.", re.DOTALL)
_NO_RANGE = re.compile(r"[^\w-]|(?<!\w)-|-(?!\w)")
_OPENERS = "{["
_CLOSERS = "}]"


class TooManyChoices(ValueError):
    """A glob whose braces stand for more patterns than are matched."""


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
    try:
        source = "|".join(map(_choice_regex, expand_braces(rooted)))
        re.compile(source)
    except (TooManyChoices, re.error):
        source = re.escape(rooted.replace("/**/", "/"))
    return f"(?:{source})"


def expand_braces(glob: str) -> list[str]:
    """A glob written out once for each choice that its braces leave; without pairs as it is.

    Raises TooManyChoices.
    """
    finished, current = list[str](), [""]
    outer: list[tuple[list[str], list[str]]] = []
    for sign in _TOKEN.findall(glob):
        if sign == "{":
            outer.append((finished, current))
            finished, current = [], [""]
        elif sign == "," and outer:
            finished.extend(current)
            current = [""]
        elif sign == "}":
            if not outer:
                return [glob]
            endings = finished + current
            finished, before = outer.pop()
            current = _join_each(before, endings)
        else:
            current = _join_each(current, [sign])
    return [glob] if outer else current


def _join_each(beginnings: list[str], endings: list[str]) -> list[str]:
    """Each beginning with each ending. Raises TooManyChoices."""
    chars = sum(map(len, beginnings)) * len(endings)
    chars += sum(map(len, endings)) * len(beginnings)
    if chars > MAX_CHARS or len(beginnings) * len(endings) > MAX_CHOICES:
        raise TooManyChoices
    return [start + ending for start in beginnings for ending in endings]


def _choice_regex(choice: str) -> str:
    """A glob without braces, after a slash; `**` is more than `*` only as a whole part."""
    parts = choice.split("/")[1:]
    return path_regex([None if part == "**" else _pieces(part) for part in parts])


def _pieces(part: str) -> Part:
    pieces = [""]
    for sign in _TOKEN.findall(part):
        if sign.startswith("*"):
            pieces.append("")
        elif sign == "?":
            pieces[-1] += ONE
        elif sign.startswith("[") and len(sign) > 1:
            pieces[-1] += _class_to_regex(sign)
        else:
            pieces[-1] += re.escape(sign)
    return tuple(pieces)


def _class_to_regex(piece: str) -> str:
    """A class of characters such as `[a-z]` or `[!x]`."""
    content = piece.removeprefix("[").removesuffix("]")
    members = content.removeprefix("!").removeprefix("^")
    if not members:
        return re.escape(piece)
    negated = "^/" if members != content else ""
    return f"[{negated}{_NO_RANGE.sub(_escape_match, members)}]"


def _escape_match(match: re.Match[str]) -> str:
    return "\\" + match[0]
