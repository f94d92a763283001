"""The lines of a `.gitignore`, read and matched as git does (gitignore(5) and its wildmatch).

Of a file the last pattern that matches decides, and it matches a path itself, not what lies below.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import groupby

from msgspec import Struct

from agentco.file_formats.glob_regex import ONE, Part, path_regex

_WITHOUT_BLANKS = re.compile(r"(?:\\.|\\\Z|[^ \\]| ++(?=.))*+", re.DOTALL)
_LETTER = r"(?:\\.|[^\\\]])"
_MEMBER = rf"(?>\[:[^\]]*:\]|{_LETTER}(?:-{_LETTER})?+)"
_FIRST_MEMBER = rf"(?>\[:[^\]]*:\]|(?:\\.|[^\\])(?:-{_LETTER})?+)"
_TOKEN = re.compile(
    r"(?P<slash>\\?/)|(?P<folders>(?:(?<=/)|\A)\*\*+(?=\\?/|\Z))|(?P<stars>\*+)|(?P<one>\?)"
    rf"|\[(?P<negated>[!^]?+)(?P<members>{_FIRST_MEMBER}{_MEMBER}*+)\]"
    r"|\\(?P<escaped>.)|(?P<plain>[^\\\[])",
    re.DOTALL,
)
_MEMBERS = re.compile(
    r"\[:(?P<name>[^\]]*):\]|(?P<low>\\.|[^\\])(?:-(?P<high>\\.|[^\\]))?", re.DOTALL
)
_NAMED = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "blank": r"\ \t",
    "cntrl": r"\x00-\x1f\x7f",
    "digit": "0-9",
    "graph": "!-~",
    "lower": "a-z",
    "print": r"\ -~",
    "punct": r"!-/:-@\[-`{-~",
    "space": r"\ \t-\r",
    "upper": "A-Z",
    "xdigit": "0-9A-Fa-f",
}
_FOLDER = "d"
"""Stands before the path of a folder when it is matched."""


class IgnorePattern(Struct, frozen=True, kw_only=True):
    """What a line says of the paths that match: they are left out, or if `brings_back` not.

    `by_name` it is about the last part of a path, wherever that lies.
    """

    regex: str
    brings_back: bool
    by_name: bool


class IgnorePatterns:
    """The patterns of a file, to be asked about paths from the folder in which it lies."""

    def __init__(self, patterns: Iterable[IgnorePattern]) -> None:
        groups = groupby(patterns, key=lambda one: (one.brings_back, one.by_name))
        self._groups = [
            (*kind, re.compile("|".join(one.regex for one in group), re.DOTALL))
            for kind, group in groups
        ]
        self._groups.reverse()

    def leave_out(self, path: str) -> bool | None:
        """Whether they leave a path out; False if they bring it back, None if they say nothing.

        A folder's path ends with a slash.
        """
        is_folder = path.endswith("/")
        mark = _FOLDER if is_folder else ""
        whole = path.rstrip("/")
        name = whole.rpartition("/")[2]
        for brings_back, by_name, regex in self._groups:
            if regex.fullmatch(f"{mark}/{name if by_name else whole}"):
                return not brings_back
        return None


def read_ignore_lines(lines: Iterable[str]) -> Iterator[IgnorePattern]:
    """The patterns of the lines that hold one that could match."""
    for line in lines:
        found = _WITHOUT_BLANKS.match(line)
        text = found[0] if found else ""
        if text and not text.startswith("#"):
            brings_back = text.startswith("!")
            pattern = _read_pattern(text[brings_back:], brings_back=brings_back)
            if pattern:
                yield pattern


def _read_pattern(text: str, *, brings_back: bool) -> IgnorePattern | None:
    mark = _FOLDER if text.endswith("/") else f"{_FOLDER}?"
    text = text.removesuffix("/")
    by_name = "/" not in text
    parts = _read_parts(text.removeprefix("/"))
    if parts is None:
        return None
    return IgnorePattern(
        regex=mark + path_regex(parts), brings_back=brings_back, by_name=by_name
    )


def _read_parts(text: str) -> list[Part] | None:
    """What stands between the slashes; None for a pattern that nothing can match."""
    tokens = [*_TOKEN.finditer(text)]
    if sum(len(token[0]) for token in tokens) < len(text):
        return None
    parts: list[Part] = [("",)]
    for token in tokens:
        pieces = parts[-1] or ("",)
        match token.lastgroup:
            case "slash":
                parts.append(("",))
            case "folders":
                parts[-1] = None
            case "stars":
                parts[-1] = (*pieces, "")
            case _:
                letter = _letter_regex(token)
                if not letter:
                    return None
                parts[-1] = (*pieces[:-1], pieces[-1] + letter)
    return parts


def _letter_regex(token: re.Match[str]) -> str:
    """The regular expression for one letter; empty for a class of letters that has no meaning."""
    if token["one"]:
        return ONE
    if not token["members"]:
        return re.escape(token["escaped"] or token["plain"])
    members = ""
    for member in _MEMBERS.finditer(token["members"]):
        name, low, high = member["name"], member["low"], member["high"]
        if name is not None:
            if name not in _NAMED:
                return ""
            members += _NAMED[name]
        else:
            members += re.escape(low[-1])
            if high and low[-1] <= high[-1]:
                members += f"-{re.escape(high[-1])}"
    if token["negated"]:
        return f"[^/{members}]"
    return f"(?!/)[{members}]" if members else "(?!)"
