"""Tags, comments and attributes of HTML, found as a browser finds them."""

import re
from collections.abc import Mapping, Sequence

from msgspec import Struct

from agentco.kernel import package_data
from agentco.kernel.comparison import unescape_entities


class _ElementTable(Struct, frozen=True, kw_only=True):
    """The elements of HTML: what each does to the text around and in it.

    `breaks` are the signs in whose place an element stands, by its name; `raw` have no tags in
    them, `void` no text, `unseen` hide it. `texts` and `links` are attributes: words, addresses.
    """

    inline: tuple[str, ...]
    breaks: dict[str, str]
    void: tuple[str, ...]
    raw: tuple[str, ...]
    code: tuple[str, ...]
    unseen: tuple[str, ...]
    texts: tuple[str, ...]
    links: tuple[str, ...]


ELEMENTS = package_data.load_table(__name__, _ElementTable)
KNOWN = frozenset(ELEMENTS.breaks).union(
    ELEMENTS.inline, ELEMENTS.void, ELEMENTS.raw, ELEMENTS.unseen
)
"""The names of all elements of HTML."""
BACKWARDS, FORWARDS = "\u202e", "\u202c"
"""Signs between which a text stands from right to left, whatever its letters."""
_COMMENT_END = re.compile(r"-->|(?<!<!)--!>")
_NAME = re.compile(r"</?([a-z][^\s/<>]*+)", re.IGNORECASE)
_REST = re.compile(
    r"""(?:[^>=]++ | = \s*+ (?:"[^"]*+(?:"|\Z) | '[^']*+(?:'|\Z) | [^\s>"'][^\s>]*+)?)*+
        (?:>|\Z)""",
    re.VERBOSE,
)
_STRICT_REST = re.compile(r"[^<>]*+>")
_ATTRIBUTE = re.compile(
    r"""(?P<name>[^\s/>=][^\s/>=]*+)
        (?:\s*+=\s*+(?:"(?P<double>[^"]*+) | '(?P<single>[^']*+) | (?P<bare>[^\s>"'][^\s>]*+)))?+
    """,
    re.VERBOSE,
)


class Attribute(Struct, frozen=True):
    """What an attribute says, and where that stands in the text."""

    value: str
    start: int
    end: int


class Tag(Struct, frozen=True, kw_only=True):
    """A tag from `start` to `end`; `name` is in small letters."""

    name: str
    start: int
    end: int
    is_end: bool
    attributes: Mapping[str, Attribute]

    def value(self, name: str) -> str:
        """What an attribute says, its entities replaced; empty without it."""
        attribute = self.attributes.get(name)
        return attribute.value if attribute else ""


def comment_end(text: str, start: int) -> int:
    """Where a comment ends; one that is never closed hides all the rest."""
    match = _COMMENT_END.search(text, start + 2)
    return match.end() if match else len(text)


def read_tag(text: str, start: int, last_close: int) -> Tag | None:
    """The tag that begins here, or None where the sign is one of the text.

    What is no element of HTML is a tag only when it is closed before the next one begins, and
    nothing is one behind `last_close`, the last `>` of the text.
    """
    name_match = _NAME.match(text, start) if start < last_close else None
    if name_match is None:
        return None
    name = name_match[1].lower()
    rest = _REST if name in KNOWN else _STRICT_REST
    match = rest.match(text, name_match.end())
    if match is None:
        return None
    inside = text[name_match.end() : match.end()]
    return Tag(
        name=name,
        start=start,
        end=match.end(),
        is_end=text[start + 1] == "/",
        attributes=_read_attributes(inside, name_match.end()) if inside != ">" else {},
    )


def _read_attributes(inside: str, offset: int) -> dict[str, Attribute]:
    """The attributes of a tag; of two with one name the first holds."""
    attributes: dict[str, Attribute] = {}
    for match in _ATTRIBUTE.finditer(inside):
        group = match.lastgroup or "name"
        start, end = match.span(group)
        value = "" if group == "name" else unescape_entities(match[group])
        attribute = Attribute(value, offset + start, offset + end)
        attributes.setdefault(match["name"].lower(), attribute)
    return attributes


def raw_end(text: str, tag: Tag) -> int:
    """Where the text in an element ends that knows no tags, such as a script."""
    closing = re.compile(rf"</{tag.name}(?=[\s/>])", re.IGNORECASE)
    match = closing.search(text, tag.end)
    return match.start() if match else len(text)


def drawn_break(tag: Tag) -> Sequence[str]:
    """The signs that a tag is drawn as: a line, an item, a cell, a turn of its text; else none."""
    if tag.name == "bdo":
        is_turned = tag.value("dir").strip().lower() == "rtl"
        return FORWARDS if tag.is_end else BACKWARDS * is_turned
    signs = ELEMENTS.breaks.get(tag.name, "")
    if tag.is_end and tag.name in {"li", "td", "th", "tr"}:
        return " "
    return signs
