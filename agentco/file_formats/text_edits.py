"""One passage of a text, found where it stands once, and replaced.

It is found as it is written. Where it is not, line ends, trailing blanks and typographic quotes may
differ, which is told; nothing else is guessed.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import islice

from msgspec import Struct
from msgspec.structs import replace

from agentco.file_formats.text_file import TextFile, with_line_ends
from agentco.kernel.errors import WrongUsage

MAX_NAMED_LINES = 50
"""Of the lines on which a passage stands."""
MAX_PLACES = 1_000
"""Nobody counts on."""
MAX_COMPARED = 20
MAX_SHOWN_CHARS = 200
QUOTES = str.maketrans(
    "\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f", "''''\"\"\"\""
)
_PASSED_OVER = re.compile(
    r"(?P<blanks>(?<![ \t])[ \t]++(?=[\r\n]|\Z))|\r\n?|[\u2018-\u201f]"
)
_BLANKS = re.compile(r"(?<![ \t])[ \t]++(?=[\r\n]|\Z)")
_WORD = re.compile(r"\w+")


class TextEdit(Struct, frozen=True, kw_only=True):
    """A text after an edit, and which differences were passed over to find the passage."""

    text: str
    passed_over: tuple[str, ...] = ()


class _Passage(Struct, frozen=True, kw_only=True):
    """Where a passage stands in a text."""

    start: int
    end: int


def replace_passage(file: TextFile, old: str, new: str) -> TextEdit:
    """A file's text with `new` in the place of `old`, whose lines end as those around it.

    Raises WrongUsage unless `old` stands in it once; it names all lines, or the nearest one.
    """
    exact, similar = _exact_places(file.text, old), _similar_places(file.text, old)
    found = list(islice(exact, MAX_PLACES)) or list(islice(similar, MAX_PLACES))
    if not found:
        raise _not_found(file, old)
    if len(found) > 1:
        raise _found_often(file, found)
    [passage] = found
    before, after = file.text[: passage.start], file.text[passage.end :]
    written = with_line_ends(new, file.line_end(passage.start))
    differences = tuple(_differences(file.text[passage.start : passage.end], old))
    return TextEdit(text=f"{before}{written}{after}", passed_over=differences)


def replace_whole(file: TextFile, text: str) -> TextEdit:
    """Another text for a whole file: its lines end as before, and the last one ends."""
    ended = text if text.endswith(("\n", "\r")) else f"{text}\n"
    return TextEdit(text=with_line_ends(ended, file.line_end()))


def _exact_places(text: str, old: str) -> Iterator[_Passage]:
    """Where a passage stands as it is written, also where two share characters."""
    start = text.find(old)
    while start >= 0:
        yield _Passage(start=start, end=start + len(old))
        start = text.find(old, start + 1)


def _similar_places(text: str, old: str) -> Iterator[_Passage]:
    """Where it stands but for what is passed over."""
    wanted, plain = _PlainText(old).text, _PlainText(text)
    if not wanted.strip():
        return
    ends_line = old[-1] in " \t"
    for place in _exact_places(plain.text, wanted):
        if not ends_line or plain.text[place.end : place.end + 1] in {"", "\n"}:
            start, end = plain.source_of(place.start), plain.source_of(place.end)
            yield replace(place, start=start, end=end)


class _PlainText:
    """A text without what is passed over, and where each of its characters comes from."""

    def __init__(self, source: str) -> None:
        pieces: list[str] = []
        self._plain, self._source = [0], [0]
        length = last = 0
        for match in _PASSED_OVER.finditer(source):
            sign = "" if match["blanks"] else match[0].translate(QUOTES)
            plain = "\n" if sign.startswith("\r") else sign
            pieces += (source[last : match.start()], plain)
            length += match.start() - last
            self._note(length, match.start())
            length, last = length + len(plain), match.end()
            self._note(length, last)
        pieces.append(source[last:])
        self.text = "".join(pieces)

    def _note(self, plain: int, source: int) -> None:
        self._plain.append(plain)
        self._source.append(source)

    def source_of(self, place: int) -> int:
        """Where a place of the plain text lies in the source, behind blanks that were left out."""
        i = bisect_right(self._plain, place) - 1
        return self._source[i] + place - self._plain[i]


def _differences(found: str, old: str) -> Iterator[str]:
    """What of a passage differs from how it was given."""
    if found == old:
        return
    if _line_ends(found) != _line_ends(old):
        yield "line ends"
    if _BLANKS.findall(found) != _BLANKS.findall(old):
        yield "trailing blanks"
    if re.findall("[\u2018-\u201f]", found) != re.findall("[\u2018-\u201f]", old):
        yield "typographic quotes"


def _line_ends(text: str) -> list[str]:
    return re.findall(r"\r\n?|\n", text)


def _found_often(file: TextFile, found: list[_Passage]) -> WrongUsage:
    numbers = [str(file.line_at(place.start)) for place in found[:MAX_NAMED_LINES]]
    more = len(found) - len(numbers)
    lines = ", ".join(numbers) + (f" and {more:,} more" if more else "")
    most = "at least " if len(found) == MAX_PLACES else ""
    what = f"the old text stands there {most}{len(found):,} times, on lines {lines}"
    hint = "give more of what stands around the one that is meant"
    return WrongUsage(what, hint=hint)


def _not_found(file: TextFile, old: str) -> WrongUsage:
    what = "the old text does not stand there"
    nearest = _nearest_line(file.text, old)
    if nearest:
        number, line = nearest
        what = f"{what}; nearest is line {number}: {line[:MAX_SHOWN_CHARS]}"
    return WrongUsage(what, hint="read the file again, and copy the old text from it")


def _nearest_line(text: str, old: str) -> tuple[int, str] | None:
    """The line that is most like the first one of a passage; None where none shares a word."""
    first = next((line.strip() for line in old.splitlines() if line.strip()), "")
    words = set(_WORD.findall(first.casefold()))
    scored: list[tuple[int, int, str]] = []
    for number, line in enumerate(text.splitlines(), 1):
        shared = len(words.intersection(_WORD.findall(line.casefold())))
        if shared:
            scored.append((shared, -number, line.strip()))
    scored.sort(reverse=True)
    shown = first[:MAX_SHOWN_CHARS]
    best = max(
        scored[:MAX_COMPARED],
        key=lambda row: SequenceMatcher(None, row[2][:MAX_SHOWN_CHARS], shown).ratio(),
        default=None,
    )
    return best and (-best[1], best[2])
