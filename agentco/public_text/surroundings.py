"""What stands around a watched word: the heading of its list, the answer to it, who said it.

`Not in Lumen`, then a list; `SSO?`, then `Not here.`; a sentence that a competitor is quoted with.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence

from msgspec import Struct, structs

from agentco.kernel import package_data
from agentco.public_text.clauses import (
    WORDS,
    SentenceWords,
    Words,
    any_word,
    read_sentence,
)
from agentco.public_text.denials import find_negations
from agentco.public_text.names import Names
from agentco.public_text.rendered_text import TextView


class _Kinds(Struct, frozen=True, forbid_unknown_fields=True):
    """Words and phrases of headings, answers and quotations, by what they say."""

    answers_yes: Words
    bare_refusal: Words
    denied: Words
    denied_rest: Words
    labels: Words
    planned: Words
    planned_rest: Words
    quoted_of_us: Words
    refusal_ends: Words
    refusal_words: Words
    refusals: Words
    reversals: Words
    rivals: Words
    speakers: Words
    speech: Words
    undone: Words
    verbs: Words
    what: Words
    what_rest: Words


_TABLE: dict[str, Words] = structs.asdict(package_data.load_table(__name__, _Kinds))
_ITEM = re.compile(r"[ \t>]*(?:[-+*\u2022\u2013]|\d{1,3}[.)])[ \t]+\S")
_QUOTE = re.compile(
    '[\u201c\u00ab\u201e"]([^\u201c\u201d\u00ab\u00bb\u201e"\n]{1,300})[\u201d\u00bb"]'
)
_MOST_LINES = 40
_LONGEST_LABEL = 9
_LONGEST_HEADING = 12
_AROUND_QUOTE = 200
_LONGEST_PHRASE = 3


class Surroundings(Struct, frozen=True, kw_only=True):
    """A view of a text with its sentences and quotations; `ends` as of `sentence_ends`."""

    view: TextView
    text: str
    quotes: Sequence[tuple[int, int]]

    def disclaim(self, place: int, sentence: SentenceWords, names: Names) -> bool:
        """Whether what surrounds a place says that it is no claim of ours."""
        if self._is_under_denial(place, sentence):
            return True
        return self._is_quoted(place, names)

    def marks_at(self, place: int, sentence: SentenceWords) -> frozenset[str]:
        """How a place stands: in a list, in a heading, in quotation marks."""
        marks = {"quoted"} if self._is_in_quote(place) else set[str]()
        if sentence.words:
            line = self.view.folded.rfind("\n", 0, sentence.starts[0] + 1) + 1
            marks |= {"item"} if _ITEM.match(self.view.folded, line) else set[str]()
            marks |= {"head"} if self.view.folded.startswith("#", line) else set[str]()
            marks |= {"row"} if self.view.folded.startswith("|", line) else set[str]()
        return frozenset(marks)

    def _is_in_quote(self, place: int) -> bool:
        number = bisect_right(self.quotes, (place, len(self.text))) - 1
        return number >= 0 and place < self.quotes[number][1]

    def _is_under_denial(self, place: int, sentence: SentenceWords) -> bool:
        """Whether it is an item under `Not in Lumen` or `Roadmap`, and says nothing else."""
        number = sentence.place_of(place)
        item = sentence.beginning
        is_list = bool(_ITEM.match(self.view.folded, sentence.starts[0]))
        stated = item[:number] if is_list else item
        is_said = any_word(stated, "finite") or _has(item, "undone")
        if is_said or find_negations(item, portuguese=sentence.is_portuguese):
            return False
        heading = self._heading_of(place)
        if not heading:
            return False
        return _denies(heading) or _plans(heading)

    def _heading_of(self, place: int) -> list[str]:
        """The words of the line above a list; none if the place is in no list."""
        folded = self.view.folded
        start = folded.rfind("\n", 0, place) + 1
        is_item = bool(_ITEM.match(folded, start))
        for _ in range(_MOST_LINES):
            end = start - 1
            start = folded.rfind("\n", 0, max(end, 0)) + 1
            if end <= 0:
                return []
            line = folded[start:end].strip()
            if not line or (is_item and self._continues_list(start)):
                continue
            words = self._read(start, end)
            ends = words[-1:] == [":"] or (is_item and line[-1] not in ".!?;,")
            is_heading = ends or line.startswith("#")
            return words if is_heading and len(words) <= _LONGEST_HEADING else []
        return []

    def _continues_list(self, start: int) -> bool:
        """Whether a line is an item, or a part of one."""
        return (
            bool(_ITEM.match(self.view.folded, start))
            or self.view.folded[start] in " \t"
        )

    def _read(self, start: int, end: int) -> list[str]:
        sentence = read_sentence(self.view, self.text, (start, end), ())
        return sentence.texts(0, len(sentence.words))

    def _is_quoted(self, place: int, names: Names) -> bool:
        """Whether others are quoted with it, and we say no; what rivals say is theirs."""
        number = bisect_right(self.quotes, (place, len(self.text))) - 1
        if number < 0 or self.quotes[number][1] <= place:
            return False
        start, end = self.quotes[number]
        said = self._read(start, end)
        if _has(said, "quoted_of_us") or not names.ours.isdisjoint(said):
            return False
        before = self._read(max(start - _AROUND_QUOTE // 2, 0), start)
        behind = self._read(end, end + _AROUND_QUOTE)
        around = [*before, *behind]
        if not _has(around, "speech") or _has(behind, "answers_yes"):
            return False
        if _has(around, "rivals"):
            return True
        portuguese = any_word(around, "portuguese")
        refused = find_negations(behind, portuguese=portuguese)
        return _has(around, "speakers") and bool(refused)


def read_surroundings(view: TextView, text: str) -> Surroundings:
    """The surroundings of every place of a view."""
    quotes = [match.span(1) for match in _QUOTE.finditer(view.folded)]
    return Surroundings(view=view, text=text, quotes=quotes)


def is_refused(sentence: SentenceWords, following: SentenceWords | None) -> bool:
    """Whether a short label or question without a verb is answered with a no."""
    words = sentence.beginning
    if _is_refused_itself(words):
        return True
    is_label = sentence.ending == "?" or sentence.ending not in {".", "!", ";", ","}
    if following is None or not is_label or len(words) > _LONGEST_LABEL:
        return False
    if any_word(words, "finite") and not _is_open(sentence):
        return False
    if find_negations(words, portuguese=sentence.is_portuguese):
        return False
    return says_no(following) or _refuses_barely(following)


def _is_refused_itself(words: list[str]) -> bool:
    """`SSO, SAML, SCIM: none of these`: a label with its refusal behind the colon."""
    if ":" not in words[:_LONGEST_LABEL]:
        return False
    at = words.index(":")
    label = words[:at]
    is_bare = not any_word(label, "finite") and not any_word(label, "negations")
    behind = words[at + 1 :]
    return (
        is_bare
        and bool(_phrase_at(behind, 0, "refusals"))
        and not _has(behind, "reversals")
    )


def _is_open(sentence: SentenceWords) -> bool:
    """Whether a sentence asks, or what others asked for, as in `Someone asked for SSO`."""
    return sentence.ending == "?" or any_word(sentence.beginning, "question_leads")


def says_no(answer: SentenceWords) -> bool:
    """Whether a sentence answers no, and takes nothing of it back."""
    words = without_label(answer.beginning)
    if answer.ending == "?" or "but" in words or "mas" in words:
        return False
    if _phrase_at(words, 0, "refusals"):
        return True
    if _has(words, "reversals"):
        return False
    ends = words[1:2] == [] or words[1] in _TABLE["refusal_ends"]
    return words[:1] != [] and words[0] in _TABLE["refusal_words"] and ends


def _refuses_barely(answer: SentenceWords) -> bool:
    """Whether a sentence is one refusal and nothing else, as in `We make no promise`."""
    words = answer.texts(0, len(answer.words))
    negations = find_negations(words, portuguese=answer.is_portuguese)
    return len(negations) == 1 and _consists_of(words, "bare_refusal")


def without_label(words: list[str]) -> list[str]:
    """The words of an answer without the `A:` before them."""
    if len(words) > 1 and words[0] in _TABLE["labels"] and words[1] in {":", "."}:
        return words[2:]
    return words


def _has(words: Sequence[str], kind: str) -> bool:
    return any(_phrase_at(words, at, kind) for at in range(len(words)))


def _phrase_at(words: Sequence[str], at: int, kind: str) -> int:
    """How many words the longest phrase of a kind has that begins at a place; 0 for none."""
    for length in range(_LONGEST_PHRASE, 0, -1):
        if " ".join(words[at : at + length]) in _TABLE[kind]:
            return length
    return 0


def _consists_of(words: Sequence[str], *kinds: str) -> bool:
    """Whether words are nothing but phrases of these kinds."""
    at = 0
    while at < len(words):
        length = max(_phrase_at(words, at, kind) for kind in kinds)
        if (
            not length
            and words[at] not in WORDS["negations"]
            and not words[at].isdigit()
        ):
            return False
        at += length or 1
    return True


def _denies(heading: list[str]) -> bool:
    """`Not in Lumen`, `Removed`, `What we do not have:`, and nothing more."""
    bare = [word for word in heading if word != "#"]
    if len(_negation_words(bare)) > 1:
        return False
    if _phrase_at(bare, 0, "what") and _negation_words(bare):
        return _has(bare, "verbs") and _consists_of(bare, "what", "verbs", "what_rest")
    if not _has(bare, "denied"):
        return False
    return _consists_of(bare, "denied", "denied_rest")


def _negation_words(words: Sequence[str]) -> list[str]:
    """The words that deny; a Portuguese `no` is not known from an English one here."""
    return [word for word in words if word in WORDS["negations"] and word != "no"]


def _plans(heading: list[str]) -> bool:
    """`Roadmap`, `Coming in spring:`, and nothing more."""
    if not _has(heading, "planned"):
        return False
    return _consists_of(heading, "planned", "planned_rest")
