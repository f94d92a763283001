"""A text as a reader sees it, sign for sign: emphasis, tags, entities and letters of other scripts hide no words."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from functools import lru_cache
from html import unescape

from msgspec import Struct

from agentco.kernel import names, package_data
from agentco.review import phrase_search
from agentco.review.findings import Finding, Rule

_NOTHING = "\u2060"
_ALIKE = str.maketrans(package_data.table(__name__, dict[str, str]))
_BREAK = re.compile(r"</?(?:br|p|div|li|[uo]l|t[rdh]|table|h[1-6r])\b", re.IGNORECASE)
_TAG = re.compile(r"<!--[^<>]*-->|</?[a-z][^<>]*>", re.IGNORECASE)
_HIDING = re.compile(
    rf"{_TAG.pattern}|&#?\w{{1,31}};|(?<![\s*~`\\])[*~`\\]++(?=\S)|[\x00-\x08\x0b-\x1f\x7f]",
    re.IGNORECASE,
)
_GAP = r"(?:[^\w.!?]|_|[.!?](?!\s)){0,6}"
_ADDRESS = re.compile(r"://\S+|\]\([^()\[\]\s]*|(?<![\w.-])[\w-]+(?:\.[\w-]+)+")


class View(Struct, frozen=True, kw_only=True):
    """What is seen, as it stands and in the letters it is drawn like, and where each sign stands in the text."""

    folded: str
    alike: str
    origin: Sequence[int]

    def places(self, *wanted: str) -> list[int]:
        """Where phrases begin, as whole words; a word that ends in `*` may go on."""
        return [match.start() for phrase in wanted for match in self.matches(phrase)]

    def matches(self, phrase: str) -> Iterable[re.Match[str]]:
        """The same for one phrase, with where it ends."""
        first, pattern = _pattern(phrase)
        return pattern.finditer(self.alike) if first and first in self.alike else ()

    def span(self, match: re.Match[str]) -> tuple[int, int]:
        """Where in the text a match stands."""
        return self.origin[match.start()], self.origin[match.end() - 1] + 1

    def in_words(self, places: Sequence[int]) -> list[int]:
        """The places that are no part of where a link leads to."""
        addresses = (
            [found.span() for found in _ADDRESS.finditer(self.folded)] if places else []
        )
        starts = [start for start, _ in addresses]
        return [
            place
            for place in places
            if not (at := bisect_right(starts, place)) or addresses[at - 1][1] <= place
        ]


@lru_cache(maxsize=1024)
def _pattern(phrase: str) -> tuple[str, re.Pattern[str]]:
    """A phrase's first word, and what finds the whole of it."""
    found: list[str] = re.findall(r"[^\W_]+\*?", looks(phrase))
    words = [
        re.escape(word.rstrip("*")) + (r"[^\W_]*" if word[-1] == "*" else "")
        for word in found
    ]
    return "".join(found[:1]).rstrip("*"), re.compile(
        rf"(?<![^\W_]){_GAP.join(words)}(?![^\W_])"
    )


class Page(Struct, frozen=True, kw_only=True):
    """A text, how it is seen, and what its tags and comments say, which leaves the company too."""

    text: str
    seen: View
    views: tuple[View, ...]
    lines: Sequence[int]

    def finding(self, rule: Rule, start: int, end: int, hint: str) -> Finding:
        """A finding about a part of the text."""
        return Finding(
            rule=rule,
            line=bisect_right(self.lines, start),
            text=self.text[start:end],
            hint=hint,
        )


def page_of(text: str) -> Page:
    """A text with how it is seen; every sign keeps its place."""
    alike = text.translate(_ALIKE)
    views = [_view(_HIDING.sub(_seen, alike))]
    if tags := _TAG.findall(alike):
        rest = _TAG.split(alike)
        pieces = (
            _blank(piece) + tag for piece, tag in zip(rest, [*tags, ""], strict=True)
        )
        views.append(_view("".join(pieces)))
    lines = [0, *(end.end() for end in re.finditer("\n", text))]
    return Page(text=text, seen=views[0], views=tuple(views), lines=lines)


def _view(text: str) -> View:
    read = phrase_search.read(text)
    return View(
        folded=read.folded, alike=names.skeleton(read.folded), origin=read.origin
    )


def _seen(hidden: re.Match[str]) -> str:
    length = len(hidden[0])
    if hidden[0][0] == "&":
        return unescape(hidden[0])[:length].translate(_ALIKE).ljust(length, _NOTHING)
    return (" " if _BREAK.match(hidden[0]) else _NOTHING) * length


def _blank(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)


@lru_cache(maxsize=1024)
def looks(text: str) -> str:
    """A name or phrase in the letters it is drawn like."""
    return names.skeleton(phrase_search.read(text.translate(_ALIKE)).folded)


@lru_cache(maxsize=1024)
def key(name: str) -> str:
    """A name for comparing."""
    return names.slug(looks(name))
