"""Why a shipped trigger fires: the sentence that the classifier, or a strong word, points at."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from msgspec import Struct

from agentco.company.settings import Trigger
from agentco.judging import judge
from agentco.page import phrase_search
from agentco.review import figure_patterns
from agentco.review.asserting_text import asserting_texts
from agentco.review.trigger_table import DEFAULT_TRIGGERS, ShippedTrigger, strong_words

_MAX_WORDS = 5
_VOCABULARY = judge.make_vocabulary(strong_words())


class Reason(Struct, frozen=True, kw_only=True):
    """The words that decided, and where in the text their sentence begins."""

    words: tuple[str, ...]
    start: int


class JudgedTriggers:
    """A text whose sentences are judged once for all triggers that find nothing to leave out."""

    def __init__(
        self,
        text: phrase_search.FoldedText,
        triggers: Iterable[Trigger],
        *,
        public: bool,
    ) -> None:
        """Find what these triggers leave out, in one pass."""
        self._text = text
        self._public = public
        lists = {_ignored(one) for one in triggers if isinstance(one, ShippedTrigger)}
        listed = tuple(sorted(lists))
        found = phrase_search.find_phrases(text, listed)
        self._ignored_places = dict(zip(listed, found, strict=True))

    def reason(
        self, trigger: ShippedTrigger, parts: Sequence[phrase_search.Span] | None = None
    ) -> Reason | None:
        """Why a trigger fires, in one of these parts if there are any; None if it does not."""
        text = self._read_text(trigger)
        if trigger.strictness == "off":
            return _strong_reason(text, trigger, parts)
        best = self._best_sentence(text, trigger, parts)
        if best is None or self._score(best, trigger) < 0:
            return None
        if not _is_meant(trigger, best.unit.text, public=self._public):
            return None
        return _sentence_reason(best, trigger)

    def is_near(self, trigger: ShippedTrigger) -> bool:
        """Whether it does not fire, but a score is just below the threshold."""
        if trigger.strictness == "off":
            return False
        best = self._best_sentence(self._read_text(trigger), trigger)
        return (
            best is not None and -judge.near_margin() <= self._score(best, trigger) < 0
        )

    def _read_text(self, trigger: ShippedTrigger) -> str:
        """The text without what is excepted or dropped for a trigger."""
        return blank_places(self._text, self._ignored_places[_ignored(trigger)])

    def _best_sentence(
        self,
        text: str,
        trigger: ShippedTrigger,
        parts: Sequence[phrase_search.Span] | None = None,
    ) -> judge.JudgedSentence | None:
        judged = _judge_text(text, public=self._public)
        if parts is not None:
            judged = [one for one in judged if meets(_span(one), parts)]
        return judge.best_sentence(judged, trigger.judge)

    def _score(self, sentence: judge.JudgedSentence, trigger: ShippedTrigger) -> float:
        return sentence.score(trigger.judge) + judge.margin(trigger.strictness)


@lru_cache(maxsize=8)
def _judge_text(text: str, *, public: bool) -> tuple[judge.JudgedSentence, ...]:
    judged: list[judge.JudgedSentence] = []
    for layer in asserting_texts(text):
        judged += judge.judge_text(layer, _VOCABULARY, public=public)
    return tuple(judged)


def _ignored(trigger: ShippedTrigger) -> tuple[str, ...]:
    """The phrases that say nothing to a trigger."""
    return (*trigger.unless, *trigger.drop)


def blank_places(text: phrase_search.FoldedText, places: Mapping[int, int]) -> str:
    """The text with spaces from each beginning to its end."""
    if not places:
        return text.said
    blanked = list(text.said)
    for start, end in places.items():
        first, last = text.char_origins[start], text.char_origins[end - 1]
        for place in range(first, last + 1):
            if not blanked[place].isspace():
                blanked[place] = " "
    return "".join(blanked)


def _strong_places(
    text: str, trigger: ShippedTrigger
) -> tuple[phrase_search.FoldedText, list[phrase_search.Span]]:
    folded = phrase_search.fold_text(text)
    (found,) = phrase_search.find_phrases(folded, (trigger.strong,))
    return folded, sorted(found.items())


def _strong_reason(
    text: str, trigger: ShippedTrigger, parts: Sequence[phrase_search.Span] | None
) -> Reason | None:
    """The strong words and the patterns outside code and addresses."""
    for layer in asserting_texts(text):
        folded, places = _strong_places(layer, trigger)
        for name in trigger.patterns:
            places += figure_patterns.find_pattern(name, folded.folded)
        if parts is not None:
            places = [p for p in places if meets(folded.original_span(p), parts)]
        places.sort()
        if places:
            start, _ = places[0]
            words = phrase_search.distinct_words(folded, places, _MAX_WORDS)
            return Reason(words=words, start=folded.char_origins[start])
    return None


def _is_meant(trigger: ShippedTrigger, sentence: str, *, public: bool) -> bool:
    """Whether no other trigger of the department, on or off, fits a sentence better.

    One with more strong words does, else the outward one in public text.
    """
    if trigger.from_:
        return True
    rivals = [
        one for one in DEFAULT_TRIGGERS if one.judge == trigger.judge and not one.from_
    ]
    if [one.name for one in rivals] == [trigger.name]:
        return True
    best: tuple[int, bool] | None = None
    meant = trigger.name
    folded = phrase_search.fold_text(sentence)
    lists = tuple(one.strong for one in rivals)
    found = phrase_search.find_phrases(folded, lists)
    for one, places in zip(rivals, found, strict=True):
        fit = (len(places), one.outward is public)
        if best is None or fit > best:
            best, meant = fit, one.name
    return meant == trigger.name


def _sentence_reason(judged: judge.JudgedSentence, trigger: ShippedTrigger) -> Reason:
    """The strong words of a sentence, then those that weighed most in it."""
    folded, places = _strong_places(judged.unit.text, trigger)
    words = phrase_search.distinct_words(folded, places, _MAX_WORDS)
    telling = judge.telling_words(judged, trigger.judge)
    named = " ".join(words).casefold()
    more = (word for word in telling if word.casefold() not in named)
    return Reason(words=_first(words, more), start=_first_sign(judged))


def _first(words: Iterable[str], more: Iterable[str]) -> tuple[str, ...]:
    listed = [*words, *more]
    first = listed[:_MAX_WORDS]
    return tuple(first)


def meets(span: phrase_search.Span, parts: Sequence[phrase_search.Span]) -> bool:
    """Whether a span reaches into one of the parts, which are in order and apart."""
    start, end = span
    before = bisect_left(parts, (end, 0))
    return before > 0 and parts[before - 1][1] > start


def _span(judged: judge.JudgedSentence) -> phrase_search.Span:
    return _first_sign(judged), judged.unit.start + len(judged.unit.text)


def _first_sign(judged: judge.JudgedSentence) -> int:
    text = judged.unit.text
    words = text.lstrip()
    blank = len(text) - len(words)
    return judged.unit.start + blank
