"""A text as a reader sees it, sign for sign: emphasis, tags, entities and letters of other scripts hide no words."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from functools import lru_cache
from html import unescape

from msgspec import Struct

from agentco.kernel import names, package_data
from agentco.review import phrase_search
from agentco.review.findings import Finding, TextRule

_FILLER = "\u2060"
_LOOKALIKES = str.maketrans(package_data.load_table(__name__, dict[str, str]))
_BREAK = re.compile(r"</?(?:br|p|div|li|[uo]l|t[rdh]|table|h[1-6r])\b", re.IGNORECASE)
_TAG = re.compile(r"<!--[^<>]*-->|</?[a-z][^<>]*>", re.IGNORECASE)
_HIDDEN_MARKUP = re.compile(
    rf"{_TAG.pattern}|&#?\w{{1,31}};|(?<![\s*~`\\])[*~`\\]++(?=\S)|[\x00-\x08\x0b-\x1f\x7f]",
    re.IGNORECASE,
)
_WORD_GAP = r"(?:[^\w.!?]|_|[.!?](?!\s)){0,6}"
_ADDRESS = re.compile(r"://\S+|\]\([^()\[\]\s]*|(?<![\w.-])[\w-]+(?:\.[\w-]+)+")


class TextView(Struct, frozen=True, kw_only=True):
    """What is seen, as it stands and in the letters it is drawn like, and where each sign stands in the text."""

    folded: str
    alike: str
    origin: Sequence[int]

    def find_starts(self, *wanted: str) -> list[int]:
        """Where phrases begin, as whole words; a word that ends in `*` may go on."""
        return [
            match.start() for phrase in wanted for match in self.find_matches(phrase)
        ]

    def find_matches(self, phrase: str) -> Iterable[re.Match[str]]:
        """The same for one phrase, with where it ends."""
        first, pattern = _phrase_pattern(phrase)
        return pattern.finditer(self.alike) if first and first in self.alike else ()

    def source_span(self, match: re.Match[str]) -> tuple[int, int]:
        """Where in the text a match stands."""
        return self.origin[match.start()], self.origin[match.end() - 1] + 1

    def outside_links(self, places: Sequence[int]) -> list[int]:
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
def _phrase_pattern(phrase: str) -> tuple[str, re.Pattern[str]]:
    """A phrase's first word, and what finds the whole of it."""
    found: list[str] = re.findall(r"[^\W_]+\*?", fold_lookalikes(phrase))
    words = [
        re.escape(word.rstrip("*")) + (r"[^\W_]*" if word[-1] == "*" else "")
        for word in found
    ]
    return "".join(found[:1]).rstrip("*"), re.compile(
        rf"(?<![^\W_]){_WORD_GAP.join(words)}(?![^\W_])"
    )


class VisibleText(Struct, frozen=True, kw_only=True):
    """A text, how it is seen, and what its tags and comments say, which leaves the company too."""

    text: str
    seen: TextView
    views: tuple[TextView, ...]
    lines: Sequence[int]

    def make_finding(self, rule: TextRule, start: int, end: int, hint: str) -> Finding:
        """A finding about a part of the text."""
        return Finding(
            rule=rule,
            line=bisect_right(self.lines, start),
            text=self.text[start:end],
            hint=hint,
        )


def read_visible_text(text: str) -> VisibleText:
    """A text with how it is seen; every sign keeps its place."""
    alike = text.translate(_LOOKALIKES)
    views = [_make_view(_HIDDEN_MARKUP.sub(_visible_form, alike))]
    if tags := _TAG.findall(alike):
        rest = _TAG.split(alike)
        pieces = (
            _blank_out(piece) + tag
            for piece, tag in zip(rest, [*tags, ""], strict=True)
        )
        views.append(_make_view("".join(pieces)))
    lines = [0, *(end.end() for end in re.finditer("\n", text))]
    return VisibleText(text=text, seen=views[0], views=tuple(views), lines=lines)


def _make_view(text: str) -> TextView:
    read = phrase_search.fold_text(text)
    return TextView(
        folded=read.folded, alike=names.skeleton(read.folded), origin=read.char_origins
    )


def _visible_form(hidden: re.Match[str]) -> str:
    length = len(hidden[0])
    if hidden[0][0] == "&":
        return (
            unescape(hidden[0])[:length].translate(_LOOKALIKES).ljust(length, _FILLER)
        )
    return (" " if _BREAK.match(hidden[0]) else _FILLER) * length


def _blank_out(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)


@lru_cache(maxsize=1024)
def fold_lookalikes(text: str) -> str:
    """A name or phrase in the letters it is drawn like."""
    return names.skeleton(phrase_search.fold_text(text.translate(_LOOKALIKES)).folded)


@lru_cache(maxsize=1024)
def comparison_key(name: str) -> str:
    """A name for comparing."""
    return names.slug(fold_lookalikes(name))
