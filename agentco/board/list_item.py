"""One list item as it is written: checkbox, tokens and title, and edits of one of them."""

import re
from collections.abc import Iterator, Sequence
from datetime import date

from msgspec import Struct

from agentco.kernel.characters import replace_bad_bytes

DATE = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
NUMBER = re.compile("[0-9]{1,9}")
NAME = re.compile(r"\w(?:[\w.-]*\w)?")
TOKEN_SHAPES = {
    "due": DATE,
    "done": DATE,
    "decided": DATE,
    "missed-on": DATE,
    "pri": NUMBER,
    "missed": NUMBER,
    "id": NAME,
    "owner": NAME,
}
REPEATABLE_KEYS = {"missed-on", "tag"}

ITEM_HEAD = re.compile(
    r"(?P<lead>[ \t]*(?:[-*+]|[0-9]{1,9}[.)])[ \t]+)(?:\[(?P<mark>.)\](?!\S))?"
)
TOKEN = re.compile(
    r"(?P<key>due|pri|missed-on|missed|done|decided|id):(?P<value>.*)"
    r"|@(?P<owner>\w.*)"
    r"|#(?![0-9])(?P<tag>\w[\w/-]*)",
    re.IGNORECASE | re.DOTALL,
)
CODE_OR_LINK = (
    r"(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)"  # a code span ends at a run of as many backticks
    r"|!?\[[^\[\]]*\](?:\([^()]*\)|\[[^\[\]]*\])"
)
HIDDEN_SPAN = re.compile(rf"{CODE_OR_LINK}|(?P<comment><!--(?:(?!<!--).)*?-->)")
OTHER_DUE = re.compile(
    r"📅\ufe0f?\s*(?P<emoji>DATE)"  # Obsidian Tasks
    r"|@\{(?P<braces>DATE)\}"  # Obsidian Kanban
    r"|@due\((?P<taskpaper>DATE)\)"  # TaskPaper
    r"|\[due::\s*(?P<field>DATE)\]|\(due::\s*(?P<hidden>DATE)\)"  # Dataview
    r"|\(due:?\s+(?:on\s+|by\s+)?(?P<bracket>DATE)\)"
    r"|(?<!\S)due:?\s+(?:on\s+|by\s+)?(?P<plain>DATE)(?![\w-])".replace(
        "DATE", DATE.pattern
    ),
    re.IGNORECASE,
)
"""A due date as other programs and people write it."""
NOT_DUE = re.compile(
    r"(?:[\u2795✅⏳🛫❌]\ufe0f?|(?<!\w)\w++::)\s*+[0-9]{4}-[0-9]{2}-[0-9]{2}"
)
"""Dates that say in their own way what else they are: created, done, scheduled, begun."""
MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
ANY_DATE = re.compile(
    r"(?<![\w/.:-])(?:[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}"
    r"|[0-9]{1,2}[/.][0-9]{1,2}[/.](?:[0-9]{2}){1,2}"
    rf"|[0-9]{{1,2}}\.?\s(?:{MONTHS})[a-z]*(?:\s[0-9]{{4}})?"
    rf"|(?:{MONTHS})[a-z]*\s[0-9]{{1,2}}(?:,?\s[0-9]{{4}})?)(?![\w/-])",
    re.IGNORECASE,
)
"""What a reader takes for a date, in whatever order."""

ItemLines = tuple[str, ...]


class ItemToken(Struct, frozen=True, kw_only=True):
    """A word that was read, such as `due:2026-11-20`, its row in the item and its place there."""

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


def split_token(word: str) -> tuple[str, str] | None:
    """The key and value of a word that is written like a token."""
    match = TOKEN.fullmatch(word)
    if not match:
        return None
    if match["key"]:
        return match["key"].lower(), match["value"]
    if match["owner"]:
        return "owner", match["owner"]
    return "tag", match["tag"]


def is_valid_token(key: str, value: str) -> bool:
    """Whether a token's value has its shape, and a date exists."""
    shape = TOKEN_SHAPES.get(key)
    if shape is None:
        return True
    if not shape.fullmatch(value):
        return False
    return shape is not DATE or is_date(value)


def is_date(text: str) -> bool:
    """Whether a date of the right shape is in the calendar."""
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def head_end(line: str, row: int) -> int:
    """Where the text starts: in the first row after the bullet and the checkbox."""
    if row > 0:
        return 0
    head = ITEM_HEAD.match(line)
    return head.end() if head else 0


def find_words(line: str, row: int) -> Iterator[tuple[int, int, str]]:
    """Each word's start, end and look.

    Code and links are masked as one word that is no token; comments are left out. A due date
    that is written in another way comes last and looks like ours.
    """
    start = head_end(line, row)
    masked = HIDDEN_SPAN.sub(mask_span, line[start:])
    others = list(OTHER_DUE.finditer(masked))
    for other in others:
        blank = " " * len(other[0])
        masked = masked[: other.start()] + blank + masked[other.end() :]
    for match in re.finditer(r"\S+", masked):
        yield start + match.start(), start + match.end(), match[0]
    for other in others:
        day = next(filter(None, other.groups()))
        yield start + other.start(), start + other.end(), f"due:{day}"


def find_other_dates(line: str, row: int) -> Iterator[str]:
    """Each date in a line that nobody reads: written in no way that we know as due."""
    masked = HIDDEN_SPAN.sub(mask_span, line[head_end(line, row) :])
    text = NOT_DUE.sub(" ", OTHER_DUE.sub(" ", masked))
    for match in ANY_DATE.finditer(text):
        yield match[0]


def mask_span(span: re.Match[str]) -> str:
    """A comment as spaces, code or a link as characters that no token has."""
    filler = " " if span["comment"] else "\0"
    return filler * len(span[0])


def parse_item(lines: Sequence[str]) -> ListItem:
    """Read an item's own lines: its first, and those that its text wraps to."""
    words: list[str] = []
    tokens: list[ItemToken] = []
    unread: list[UnreadWord] = []
    seen_keys: set[str] = set()
    for row, line in enumerate(lines):
        for start, end, look in find_words(line, row):
            key, value = split_token(look) or ("", "")
            repeated = key in seen_keys and key not in REPEATABLE_KEYS
            if key and not repeated and is_valid_token(key, value):
                token = ItemToken(key=key, value=value, row=row, start=start, end=end)
                tokens.append(token)
                seen_keys.add(key)
                continue
            word = line[start:end]
            if key:
                unread.append(UnreadWord(word=word, row=row, twice=repeated))
            if row == 0:
                words.append(word)
    head = ITEM_HEAD.match(lines[0])
    return ListItem(
        mark=head["mark"] if head else None,
        title=replace_bad_bytes(" ".join(words)),
        tokens=tuple(tokens),
        unread=tuple(unread),
    )


def replace_span(
    lines: ItemLines, row: int, start: int, end: int, text: str
) -> ItemLines:
    """The lines with one stretch of one row replaced."""
    line = lines[row]
    edited = line[:start] + text + line[end:]
    return (*lines[:row], edited, *lines[row + 1 :])


def append_word(lines: ItemLines, word: str) -> ItemLines:
    """The lines with a word added to the first, before spaces that Markdown reads as a break."""
    end = len(lines[0].rstrip())
    return replace_span(lines, 0, end, end, f" {word}")


def title_spans(lines: ItemLines) -> list[tuple[int, int]]:
    """Where each word of the title starts and ends in the first line, from the left."""
    tokens = {token.start for token in parse_item(lines).tokens if token.row == 0}
    words = sorted((start, end) for start, end, _ in find_words(lines[0], 0))
    return [(start, end) for start, end in words if start not in tokens]


def set_token(lines: ItemLines, key: str, value: str) -> ItemLines:
    """The lines with a token's value set where it stands, else added to the first line."""
    word = f"@{value}" if key == "owner" else f"{key}:{value}"
    for token in parse_item(lines).tokens:
        if token.key == key:
            return replace_token(lines, token, word)
    return append_word(lines, word)


def replace_token(lines: ItemLines, token: ItemToken, word: str) -> ItemLines:
    """The lines with another word in a token's place."""
    return replace_span(lines, token.row, token.start, token.end, word)


def remove_token(lines: ItemLines, key: str, value: str | None = None) -> ItemLines:
    """The lines without a token, however often it stands there; without a value any goes."""
    tokens = tokens_like(lines, key, value)
    while tokens:
        for token in reversed(tokens):
            lines = cut_token(lines, token)
        tokens = tokens_like(lines, key, value)
    return lines


def tokens_like(lines: ItemLines, key: str, value: str | None) -> list[ItemToken]:
    """The tokens with this key, and with this value if one is given."""
    tokens = [token for token in parse_item(lines).tokens if token.key == key]
    if value is None:
        return tokens
    return [token for token in tokens if token.value.casefold() == value]


def cut_token(lines: ItemLines, token: ItemToken) -> ItemLines:
    """The lines without this token and the one space that set it apart.

    A wrapped line that only held the token goes with it.
    """
    line = lines[token.row]
    rest = line[: token.start] + line[token.end :]
    if token.row and not rest.strip():
        return (*lines[: token.row], *lines[token.row + 1 :])
    return cut_span(lines, token.row, token.start, token.end)


def cut_span(lines: ItemLines, row: int, start: int, end: int) -> ItemLines:
    """The lines without a word and the one space that set it apart."""
    line = lines[row]
    if line[:start].strip() and start > head_end(line, row):
        start -= 1
    elif line[end : end + 1] in {" ", "\t"}:
        end += 1
    return replace_span(lines, row, start, end, "")


def set_mark(lines: ItemLines, mark: str) -> ItemLines:
    """The lines with another mark in the checkbox, if there is one."""
    head = ITEM_HEAD.match(lines[0])
    if not head or head["mark"] is None:
        return lines
    return replace_span(lines, 0, head.start("mark"), head.end("mark"), mark)


def set_title(lines: ItemLines, title: str) -> ItemLines:
    """The lines with another title; tokens and comments follow it in their order."""
    line = lines[0]
    start = head_end(line, 0)
    end = len(line.rstrip())
    spans = [
        (token.start, token.end) for token in parse_item(lines).tokens if token.row == 0
    ]
    hidden = HIDDEN_SPAN.finditer(line, start)
    spans += [span.span() for span in hidden if span["comment"]]
    words = [line[first:last] for first, last in sorted(spans)]
    text = " ".join([title, *words])
    if line[start - 1 : start] == "]":
        # the space after the checkbox
        text = f" {text}"
    return replace_span(lines, 0, start, end, text)
