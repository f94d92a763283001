"""A text as a reader sees it: emphasis, tags, entities and look-alikes hide no words."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from functools import lru_cache
from html import unescape

from msgspec import Struct

from agentco.kernel import names
from agentco.kernel.comparison import LOOKALIKES, fold_lookalikes
from agentco.review.findings import Finding, TextRule
from agentco.review.phrase_search import fold_text

_FILLER = "\u2060"
_BREAK = re.compile(r"</?(?:br|p|div|li|[uo]l|t[rdh]|table|h[1-6r])\b", re.IGNORECASE)
_TAG = re.compile(r"<!--[^<>]*-->|</?[a-z][^<>]*>", re.IGNORECASE)
_ENTITY = re.compile(r"&#?\w{1,31};")
_HIDDEN_MARKUP = re.compile(
    rf"{_TAG.pattern}|{_ENTITY.pattern}|(?<![\s*~`\\])[*~`\\]++(?=\S)|[\x00-\x08\x0b-\x1f\x7f]",
    re.IGNORECASE,
)
_WORD_GAP = r"(?:[^\w.!?]|_|[.!?](?!\s)){0,6}"
_ADDRESS = re.compile(r"://\S+|\]\([^()\[\]\s]*|(?<![\w.-])[\w-]+(?:\.[\w-]+)+")


class TextView(Struct, frozen=True, kw_only=True):
    """What is seen, as it stands and in the letters it is drawn like; `origin` places each sign."""

    folded: str
    alike: str
    origin: Sequence[int]

    def find_starts(self, *phrases: str) -> list[int]:
        """Where phrases begin, as whole words; a word that ends in `*` may go on."""
        starts: list[int] = []
        for phrase in phrases:
            starts += [match.start() for match in self.find_matches(phrase)]
        return starts

    def find_matches(self, phrase: str) -> Iterable[re.Match[str]]:
        """The same for one phrase, with where it ends."""
        first_word, pattern = _phrase_pattern(phrase)
        if not first_word or first_word not in self.alike:
            return ()
        return pattern.finditer(self.alike)

    def source_span(self, match: re.Match[str]) -> tuple[int, int]:
        """Where in the text a match stands."""
        return self.origin[match.start()], self.origin[match.end() - 1] + 1

    def outside_links(self, places: Sequence[int]) -> list[int]:
        """The places that are no part of where a link leads to."""
        if not places:
            return []
        addresses = [address.span() for address in _ADDRESS.finditer(self.folded)]
        starts = [start for start, _ in addresses]
        outside: list[int] = []
        for place in places:
            before = bisect_right(starts, place)
            if not before or addresses[before - 1][1] <= place:
                outside.append(place)
        return outside


@lru_cache(maxsize=1024)
def _phrase_pattern(phrase: str) -> tuple[str, re.Pattern[str]]:
    """A phrase's first word, and what finds the whole of it."""
    words: list[str] = re.findall(r"[^\W_]+\*?", fold_lookalikes(phrase))
    first_word = words[0].rstrip("*") if words else ""
    patterns = map(_word_pattern, words)
    return first_word, re.compile(rf"(?<![^\W_]){_WORD_GAP.join(patterns)}(?![^\W_])")


def _word_pattern(word: str) -> str:
    beginning = re.escape(word.rstrip("*"))
    return rf"{beginning}[^\W_]*" if word.endswith("*") else beginning


class VisibleText(Struct, frozen=True, kw_only=True):
    """A text and how it is `seen`; `views` also has what its tags and comments say.

    That leaves the company too. `shown` is the text as it is drawn, and `hidden` what is not drawn
    of it, both sign for sign. `lines` are the places at which lines begin.
    """

    text: str
    shown: str
    hidden: str
    seen: TextView
    views: tuple[TextView, ...]
    lines: Sequence[int]

    def make_finding(self, rule: TextRule, start: int, end: int, hint: str) -> Finding:
        """A finding about a part of the text; an entity is named whole."""
        entity = _ENTITY.match(self.text, end - 1)
        if entity:
            end = entity.end()
        line = bisect_right(self.lines, start)
        return Finding(rule=rule, line=line, text=self.text[start:end], hint=hint)


def read_visible_text(text: str) -> VisibleText:
    """A text with how it is seen; every sign keeps its place."""
    shown, hidden = shown_and_hidden(text)
    seen = _make_view(shown.translate(LOOKALIKES))
    views = [seen]
    if not hidden.isspace():
        views.append(_make_view(hidden.translate(LOOKALIKES)))
    lines = [0, *(end.end() for end in re.finditer("\n", text))]
    return VisibleText(
        text=text,
        shown=shown,
        hidden=hidden,
        seen=seen,
        views=tuple(views),
        lines=lines,
    )


def shown_and_hidden(text: str) -> tuple[str, str]:
    """What of a text is drawn, with fillers for the rest, and the rest, with blanks for that."""
    return _HIDDEN_MARKUP.sub(_visible_form, text), _only_tags(text)


def _make_view(text: str) -> TextView:
    text_read = fold_text(text)
    alike = names.skeleton(text_read.folded)
    return TextView(folded=text_read.folded, alike=alike, origin=text_read.char_origins)


def _visible_form(hidden: re.Match[str]) -> str:
    """What is seen of an entity, a tag or a sign of emphasis, in as many signs."""
    markup = hidden[0]
    length = len(markup)
    if markup[0] == "&":
        return unescape(markup)[:length].ljust(length, _FILLER)
    if _BREAK.match(markup):
        return " " * length
    return _FILLER * length


def _only_tags(text: str) -> str:
    """A text of the same length with blanks for all that stands between its tags."""
    tags = _TAG.findall(text)
    parts: list[str] = []
    for between, tag in zip(_TAG.split(text), [*tags, ""], strict=True):
        parts += [blank_out(between), tag]
    return "".join(parts)


def blank_out(text: str) -> str:
    """Blanks in the place of a text; its lines stay."""
    return re.sub(r"[^\n]", " ", text)
