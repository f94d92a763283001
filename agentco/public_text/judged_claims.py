"""Claims that a linear model takes for some: watched words that promise, sentences that praise.

The rules of words come first: what they let pass is passed. Of what they hold, the model lets pass
what is hardly ever a claim; and it finds claims in words that no list has.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from msgspec import Struct

from agentco.judging.line_model import MODELS
from agentco.public_text.clauses import (
    SentenceWords,
    Span,
    read_sentence,
    sentence_ends,
)
from agentco.public_text.names import Names
from agentco.public_text.rendered_text import TextView
from agentco.public_text.sentence_marks import (
    SentencePlace,
    place_features,
    place_parts,
    sentence_parts,
    word_features,
)
from agentco.public_text.surroundings import read_surroundings
from agentco.public_text.weighed_words import explain_weights

_MOST_SENTENCES = 400
_MOST_TELLING = 6
_LONGEST = 1_200
"""Characters of a sentence that are read, so that junk costs no more than text."""


class StatedPlace(Struct, frozen=True, kw_only=True):
    """A watched phrase that the rules do not let pass: where, and which word of its sentence."""

    span: Span
    read: SentencePlace
    word: int


def is_claim(stated: StatedPlace) -> bool:
    """Whether a watched phrase may be a claim; only what is hardly ever one is let pass."""
    return MODELS.watched.score(place_features(stated.read, stated.word)) > 0


def explain_claim(stated: StatedPlace, view: TextView, text: str) -> str:
    """Why a watched phrase is held: its sentence, and what weighed most."""
    parts = place_parts(stated.read, stated.word)
    weighed = ((word, feature) for feature, word in parts.items())
    start, end = view.source_span(stated.span)
    said = " ".join(text[start:end].split())
    return explain_weights(MODELS.watched, weighed, stated.read, view, text, said)


def read_places(
    view: TextView, text: str, said: frozenset[str], names: Names
) -> Iterator[tuple[Span, SentencePlace]]:
    """Every sentence of a view with what stands around it."""
    bounds = [0, *sentence_ends(view, text), len(view.folded)]
    around = read_surroundings(view, text)
    read = [
        ((start, end), _read_part(view, text, start, end))
        for start, end in pairwise(bounds[:_MOST_SENTENCES])
    ]
    read = [one for one in read if any(word.text[0].isalpha() for word in one[1].words)]
    following = [sentence for _, sentence in read[1:]]
    for (span, sentence), after in zip(read, [*following, None], strict=False):
        place = sentence.words[len(sentence.words) // 2].start
        marks = around.marks_at(place, sentence)
        yield (
            span,
            SentencePlace(
                sentence=sentence, following=after, marks=marks, said=said, names=names
            ),
        )


def _praise_score(read: SentencePlace) -> float:
    weight = 0
    for features_of, part in sentence_parts(read):
        weight += MODELS.praise.group(part, features_of)
    return MODELS.praise.score_of(weight)


def _read_part(view: TextView, text: str, start: int, end: int) -> SentenceWords:
    return read_sentence(view, text, (start, min(end, start + _LONGEST)), ())


def find_worded_claims(
    view: TextView,
    text: str,
    said: frozenset[str],
    names: Names,
    looked_at: Sequence[Span],
) -> Iterator[tuple[Span, str]]:
    """The words that make a sentence a claim, where no rule looked at a word of it, and why."""
    for (start, end), read in read_places(view, text, said, names):
        if any(start <= at < end for at, _ in looked_at):
            continue
        if _praise_score(read) > 0:
            span = _telling_span(read)
            yield span, _explain_praise(read, span, view, text)


def _explain_praise(read: SentencePlace, span: Span, view: TextView, text: str) -> str:
    weighed = (
        (part if features_of is word_features else "", feature)
        for features_of, part in sentence_parts(read)
        for feature in features_of(part)
    )
    start, end = view.source_span(span)
    said = " ".join(text[start:end].split())
    return explain_weights(MODELS.praise, weighed, read, view, text, said)


def _telling_span(read: SentencePlace) -> Span:
    """Where the words side by side stand that speak most for a claim."""
    words = read.sentence.words
    weights = [MODELS.praise.group(word.text, word_features) for word in words]
    sums = [
        (sum(weights[start : start + size]), -size, start)
        for size in range(1, _MOST_TELLING + 1)
        for start in range(max(len(words) - size + 1, 0))
    ]
    _, size, first = max(sums)
    last = words[first - size - 1]
    return words[first].start, last.start + len(last.text)
