"""Why a linear model holds a place: its sentence, and which words weighed how much."""

from collections import Counter
from collections.abc import Iterable

from agentco.judging.line_model import LineModel
from agentco.page.sentences import clip_sentence, mark_words
from agentco.public_text.rendered_text import TextView
from agentco.public_text.sentence_marks import SentencePlace

_SHOWN_WORDS = 5
_LONGEST_SENTENCE = 200
_SMALLEST = 0.05
"""What weighs less is not worth a reader's time."""


def explain_weights(
    model: LineModel,
    parts: Iterable[tuple[str, str]],
    read: SentencePlace,
    view: TextView,
    page_text: str,
    words: str,
) -> str:
    """The sentence with `words` marked, and what weighed most in it, in words.

    `parts` has each feature behind the word that it is of, or behind nothing where it is of the
    sentence's form. A score above 0 holds.
    """
    weights = Counter[str]()
    for word, feature in parts:
        weights[word] += model.weight(feature)
    total = model.score_of(sum(weights.values()))
    told = [
        (word, model.scale * weight)
        for word, weight in weights.most_common()
        if any(map(str.isalnum, word))
    ]
    told.sort(key=lambda one: -abs(one[1]))
    shown: list[str] = []
    rest = total
    for word, weight in told[:_SHOWN_WORDS]:
        if abs(weight) >= _SMALLEST:
            shown.append(f"{word} {weight:+.1f}")
            rest -= weight
    listed = ", ".join(shown)
    sentence = _sentence_of(read, view, page_text)
    marked = mark_words(clip_sentence(sentence, words, _LONGEST_SENTENCE), [words])
    return f"{marked} ({listed}, all else {rest:+.1f}: {total:+.1f}, held above 0)"


def _sentence_of(read: SentencePlace, view: TextView, page_text: str) -> str:
    """A sentence as its author wrote it, in one line."""
    first, last = read.sentence.words[0], read.sentence.words[-1]
    size = max(len(last.said or last.text), 1)
    end = min(last.start + size, len(view.origin))
    start, end = view.source_span((first.start, end))
    return " ".join(page_text[start:end].split())
