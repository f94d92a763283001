"""A text as a reader sees it: emphasis, tags, entities and look-alikes hide no words."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import lru_cache

from msgspec import UNSET, Struct

from agentco.kernel import names
from agentco.kernel.comparison import ENTITY, draw_letters, fold_lookalikes
from agentco.page.drawing import Drawing, draw_text, letter_origins
from agentco.public_text.findings import Finding, TextRule

_WORD_GAP = r"(?:[^\w.!?]|_|[.!?](?!\s)){1,6}"
_NUMBER_MARK = re.compile(r"\d[.,](?=\d)")
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

    def find_matches(self, phrase: str) -> Iterator[re.Match[str]]:
        """The same for one phrase, with where it ends; a part of a number is no word."""
        first_word, pattern = _phrase_pattern(phrase)
        if not first_word or first_word not in self.alike:
            return
        has_number = bool(_NUMBER_MARK.search(phrase))
        for match in pattern.finditer(self.alike):
            if has_number or not self._cuts_number(*match.span()):
                yield match

    def _cuts_number(self, start: int, end: int) -> bool:
        """Whether a place has a mark in it, or beside it, that holds figures together."""
        around = self.folded[max(0, start - 2) : end + 2]
        return bool(_NUMBER_MARK.search(around))

    def source_span(self, span: tuple[int, int]) -> tuple[int, int]:
        """Where in the text a part of the view stands."""
        start, end = span
        return self.origin[start], self.origin[end - 1] + 1

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
    """A text and how it is `seen`; `views` also has what of it is not drawn.

    That leaves the company too. `lines` are the places at which lines begin.
    """

    text: str
    drawing: Drawing
    seen: TextView
    views: tuple[TextView, ...]
    lines: Sequence[int]

    def make_finding(
        self, rule: TextRule, start: int, end: int, hint: str, weighed: str = ""
    ) -> Finding:
        """A finding about a part of the text; an entity is named whole."""
        entity = ENTITY.match(self.text, end - 1)
        if entity:
            end = entity.end()
        line = bisect_right(self.lines, start)
        said = self.text[start:end]
        return Finding(
            rule=rule, line=line, text=said, hint=hint, weighed=weighed or UNSET
        )


def read_visible_text(text: str) -> VisibleText:
    """A text with how it is seen; every sign keeps its place."""
    drawing = draw_text(text)
    seen = _make_view(drawing.shown)
    unseen = filter(str.strip, (drawing.hidden, drawing.code))
    lines = [0, *(end.end() for end in re.finditer("\n", text))]
    return VisibleText(
        text=text,
        drawing=drawing,
        seen=seen,
        views=(seen, *map(_make_view, unseen)),
        lines=lines,
    )


def shown_and_hidden(text: str) -> tuple[str, ...]:
    """What of a text is drawn, and what is not, each of its length."""
    drawing = draw_text(text)
    return drawing.shown, drawing.hidden, drawing.code


def _make_view(text: str) -> TextView:
    folded = draw_letters(text)
    alike = names.skeleton(folded)
    return TextView(folded=folded, alike=alike, origin=letter_origins(text))
