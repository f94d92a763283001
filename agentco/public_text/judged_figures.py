"""Figures that nobody could check of us: `hold it for 3 seconds`, `say you earn 2,000`.

What the rules leave is looked at by a linear model; only what is hardly ever a stated figure is let
pass.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

from agentco.judging.line_model import MODELS
from agentco.kernel.figures import FigurePlace
from agentco.public_text.clauses import read_sentence, sentence_ends
from agentco.public_text.rendered_text import TextView, VisibleText
from agentco.public_text.sentence_marks import SentencePlace, place_parts, source_stems
from agentco.public_text.standards import Standards
from agentco.public_text.surroundings import read_surroundings
from agentco.public_text.weighed_words import explain_weights

_LARGER = (2, 4, 12, 100, 1000, 10_000)
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_MOST_READ = 100
_REACH = 600


def weigh_figures(
    page: VisibleText, places: Sequence[FigurePlace], standards: Standards
) -> dict[FigurePlace, str]:
    """Why each of the places that is seen is held, empty for one that is hardly ever stated."""
    weighed: dict[FigurePlace, str] = {}
    for place, read, word in read_figures(page, places[:_MOST_READ], standards):
        parts = place_parts(read, word)
        weighed[place] = ""
        if MODELS.figure.score(parts) > 0:
            said = page.text[place.start : place.end]
            weighed[place] = explain_weights(
                MODELS.figure,
                ((of, feature) for feature, of in parts.items()),
                read,
                page.seen,
                page.text,
                said,
            )
    return weighed


def read_figures(
    page: VisibleText, places: Sequence[FigurePlace], standards: Standards
) -> Iterator[tuple[FigurePlace, SentencePlace, int]]:
    """The figures that are seen, each with its sentence and which word of it is the figure."""
    view = page.seen
    if not places:
        return
    bounds = [0, *sentence_ends(view, page.text), len(view.folded)]
    around = read_surroundings(view, page.text)
    said, names = source_stems(standards.words), standards.names
    for place in places:
        start, end = _span_in(view, place)
        if not view.folded[start:end].strip():
            continue
        number = max(bisect_right(bounds, start), 1)
        first, last = bounds[number - 1], bounds[min(number, len(bounds) - 1)]
        span = max(first, start - _REACH), min(last, end + _REACH)
        sentence = read_sentence(view, page.text, span, [(start, end)])
        following = None
        if number < len(bounds) - 1:
            after = last, min(bounds[number + 1], last + _REACH)
            following = read_sentence(view, page.text, after, ())
        marks = around.marks_at(start, sentence) | {*_figure_marks(place, page.text)}
        read = SentencePlace(
            sentence=sentence, following=following, marks=marks, said=said, names=names
        )
        yield place, read, sentence.place_of(start)


def _span_in(view: TextView, place: FigurePlace) -> tuple[int, int]:
    return bisect_left(view.origin, place.start), bisect_left(view.origin, place.end)


def _figure_marks(place: FigurePlace, text: str) -> Iterator[str]:
    """Its unit, how large it is, whether it is in words."""
    number, _, unit = place.figure.partition(" ")
    yield f"unit:{unit}"
    if not any(map(str.isdigit, text[place.start : place.end])):
        yield "words"
    if _NUMBER.fullmatch(number):
        size = sum(float(number) > bound for bound in _LARGER)
        yield f"size{size}"
    else:
        yield "date"
