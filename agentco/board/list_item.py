"""One list item as it is written: checkbox, tokens and title, and the same lines with one token changed."""

import re
from collections.abc import Iterator, Sequence
from datetime import date

from msgspec import Struct

DATE, NUMBER, NAME = "[0-9]{4}-[0-9]{2}-[0-9]{2}", "[0-9]{1,9}", r"\w(?:[\w.-]*\w)?"
TOKEN_SHAPES = {
    **dict.fromkeys(("due", "done", "decided", "missed-on"), re.compile(DATE)),
    **dict.fromkeys(("pri", "missed"), re.compile(NUMBER)),
    **dict.fromkeys(("id", "owner"), re.compile(NAME)),
}
REPEATABLE_KEYS = {"missed-on", "tag"}

ITEM_HEAD = re.compile(
    r"(?P<lead>[ \t]*(?:[-*+]|[0-9]{1,9}[.)])[ \t]+)(?:\[(?P<mark>.)\](?!\S))?"
)
TOKEN = re.compile(
    r"(?P<key>due|pri|missed-on|missed|done|decided|id):(?P<value>.*)|@(?P<owner>\w.*)|#(?![0-9])(?P<tag>\w[\w/-]*)",
    re.IGNORECASE | re.DOTALL,
)
CODE_OR_LINK = (
    r"(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)"  # a code span ends at a run of as many backticks
    r"|!?\[[^\[\]]*\](?:\([^()]*\)|\[[^\[\]]*\])"
)
HIDDEN_SPAN = re.compile(rf"{CODE_OR_LINK}|(?P<comment><!--(?:(?!<!--).)*?-->)")
BAD_BYTES = re.compile("[\ud800-\udfff]")

ItemLines = tuple[str, ...]


class ItemToken(Struct, frozen=True, kw_only=True):
    """A word that could be read, such as `due:2026-11-20`: its row in the item and where in that row."""

    key: str
    value: str
    row: int
    start: int
    end: int


class UnreadWord(Struct, frozen=True, kw_only=True):
    """A word that looks like a token and cannot be used; it stays part of the title."""

    word: str
    row: int
    twice: bool


class ListItem(Struct, frozen=True, kw_only=True):
    """What one item says. `mark` is the character in its checkbox, None without one."""

    mark: str | None
    title: str
    tokens: tuple[ItemToken, ...]
    unread: tuple[UnreadWord, ...]

    def values_of(self, key: str) -> tuple[str, ...]:
        """Every value of a token that may be repeated."""
        return tuple(token.value for token in self.tokens if token.key == key)

    def value_of(self, key: str) -> str | None:
        """The value of a token, None without one."""
        return next(iter(self.values_of(key)), None)


def replace_bad_bytes(text: str) -> str:
    """The text with bytes that were not UTF-8 replaced, for reading only."""
    return BAD_BYTES.sub("\ufffd", text)


def split_token(word: str) -> tuple[str, str] | None:
    """The key and value of a word that is written like a token."""
    found = TOKEN.fullmatch(word)
    group = (found and found.lastgroup) or ""
    return ((found["key"] or group).lower(), found[group]) if found else None


def is_valid_token(key: str, value: str) -> bool:
    """Whether a token's value has its shape, and a date exists."""
    shape = TOKEN_SHAPES.get(key)
    if shape and not shape.fullmatch(value):
        return False
    try:
        return shape is None or shape.pattern != DATE or bool(date.fromisoformat(value))
    except ValueError:
        return False


def head_end(line: str, row: int) -> int:
    """Where the text starts, after the bullet and the checkbox."""
    head = ITEM_HEAD.match(line) if row == 0 else None
    return head.end() if head else 0


def find_words(line: str, row: int) -> Iterator[tuple[int, int, str]]:
    """Each word's start, end and look; code and links are one word that is no token, comments none."""
    start = head_end(line, row)
    masked = HIDDEN_SPAN.sub(
        lambda m: (" " if m["comment"] else "\0") * len(m[0]), line[start:]
    )
    for match in re.finditer(r"\S+", masked):
        yield start + match.start(), start + match.end(), match[0]


def parse_item(lines: Sequence[str]) -> ListItem:
    """Read an item's own lines: its first, and those that its text wraps to."""
    head = ITEM_HEAD.match(lines[0])
    title: list[str] = []
    tokens: list[ItemToken] = []
    unread: list[UnreadWord] = []
    for row, line in enumerate(lines):
        for start, end, word in find_words(line, row):
            key, value = split_token(word) or ("", "")
            twice = key not in REPEATABLE_KEYS and any(
                token.key == key for token in tokens
            )
            if key and not twice and is_valid_token(key, value):
                tokens.append(
                    ItemToken(key=key, value=value, row=row, start=start, end=end)
                )
                continue
            if key:
                unread.append(UnreadWord(word=line[start:end], row=row, twice=twice))
            if row == 0:
                title.append(line[start:end])
    mark, text = head["mark"] if head else None, replace_bad_bytes(" ".join(title))
    return ListItem(mark=mark, title=text, tokens=tuple(tokens), unread=tuple(unread))


def replace_span(
    lines: ItemLines, row: int, start: int, end: int, text: str
) -> ItemLines:
    """The lines with one stretch of one row replaced."""
    line = lines[row]
    return (*lines[:row], line[:start] + text + line[end:], *lines[row + 1 :])


def append_word(lines: ItemLines, word: str) -> ItemLines:
    """The lines with one more word at the end of the first, before spaces that Markdown reads."""
    end = len(lines[0].rstrip())
    return replace_span(lines, 0, end, end, f" {word}")


def set_token(lines: ItemLines, key: str, value: str) -> ItemLines:
    """The lines with a token's value set: where it stands, else at the end of the first line."""
    token, word = (
        next((t for t in parse_item(lines).tokens if t.key == key), None),
        f"{key}:{value}",
    )
    return (
        replace_span(lines, token.row, token.start, token.end, word)
        if token
        else append_word(lines, word)
    )


def remove_token(lines: ItemLines, key: str, value: str | None = None) -> ItemLines:
    """The lines without a token and the one space that set it apart, however often it is there."""
    while found := [
        t
        for t in parse_item(lines).tokens
        if t.key == key and value in {None, t.value.casefold()}
    ]:
        for token in reversed(found):
            lines = cut_token(lines, token)
    return lines


def cut_token(lines: ItemLines, token: ItemToken) -> ItemLines:
    """The lines without this token; a wrapped line that only held it goes with it."""
    line, start, end = lines[token.row], token.start, token.end
    if token.row and not (line[:start] + line[end:]).strip():
        return (*lines[: token.row], *lines[token.row + 1 :])
    if line[:start].strip() and start > head_end(line, token.row):
        return replace_span(lines, token.row, start - 1, end, "")
    return replace_span(
        lines, token.row, start, end + (line[end : end + 1] in {" ", "\t"}), ""
    )


def set_mark(lines: ItemLines, mark: str) -> ItemLines:
    """The lines with another mark in the checkbox, if there is one."""
    head = ITEM_HEAD.match(lines[0])
    if not head or head["mark"] is None:
        return lines
    return replace_span(lines, 0, head.start("mark"), head.end("mark"), mark)


def set_title(lines: ItemLines, title: str) -> ItemLines:
    """The lines with another title; tokens and comments keep their order behind it."""
    line = lines[0]
    start, end = head_end(line, 0), len(line.rstrip())
    tokens = [
        (t.start, line[t.start : t.end]) for t in parse_item(lines).tokens if t.row == 0
    ]
    comments = [
        (start + m.start(), m[0])
        for m in HIDDEN_SPAN.finditer(line[start:])
        if m["comment"]
    ]
    text = " ".join([title, *(word for _, word in sorted([*tokens, *comments]))])
    boxed = line[start - 1 : start] == "]"
    return replace_span(lines, 0, start, end, f" {text}" if boxed else text)
