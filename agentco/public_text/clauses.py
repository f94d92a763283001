"""The sentences of a text as words in clauses: which words speak about which."""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from functools import cached_property

from msgspec import Struct, structs

from agentco.kernel import package_data
from agentco.public_text.rendered_text import TextView

Words = frozenset[str]


class _Kinds(Struct, frozen=True, forbid_unknown_fields=True):
    """The kinds of words and phrases, by what they do in a sentence."""

    absent: Words
    affirmed: Words
    agreeing: Words
    aside_joins: Words
    aside_nors: Words
    ask_lead: Words
    asked_whether: Words
    asking: Words
    asking_late: Words
    auxiliaries: Words
    beings: Words
    belongs: Words
    breaks: Words
    breaks_before: Words
    clitics: Words
    compare: Words
    concord: Words
    conditions: Words
    contradictions: Words
    denials: Words
    denied_ends: Words
    denying: Words
    done: Words
    doubts: Words
    elsewhere: Words
    finite: Words
    generic: Words
    generic_one: Words
    generic_one_things: Words
    generic_things: Words
    glue: Words
    goal_closings: Words
    goal_heads: Words
    goal_nouns: Words
    goal_opaque: Words
    goal_turns: Words
    goal_verbs: Words
    goals: Words
    heading_missing: Words
    heads: Words
    joins: Words
    missing: Words
    needs: Words
    needs_behind: Words
    negations: Words
    no_negation: Words
    opaque: Words
    opaque_after: Words
    other_gives: Words
    others: Words
    ours: Words
    ours_of_others: Words
    own_subjects: Words
    past_sayings: Words
    plain_no: Words
    plain_questions: Words
    plan_words: Words
    portuguese: Words
    portuguese_verbs: Words
    possessives: Words
    question_leads: Words
    relatives: Words
    rhetorical: Words
    role_phrases: Words
    roles: Words
    sayings: Words
    seek_rest: Words
    seekers: Words
    speech: Words
    subject_ends: Words
    subject_negations: Words
    their_things: Words
    theirs: Words
    transparent: Words
    unless: Words
    unpromised: Words
    unpromised_not: Words
    unreal: Words
    watched_verbs: Words
    wide_breaks: Words
    with_other: Words
    would: Words
    yes: Words


WORDS: dict[str, Words] = structs.asdict(package_data.load_table(__name__, _Kinds))
"""Words and phrases by what they do in a sentence, folded; those of `é`, `só` keep the accent."""
WATCHED = "\u00a7"
"""Stands in the place of a watched phrase."""
_TOKEN = re.compile(
    r"n't|'(?:s|re|m|ve|ll|d)(?![^\W_])|(?:(?!n't)[^\W_])+|[^\w\s\"'*`~\u2060\u201c\u201d]"
)
_APOSTROPHES = str.maketrans(dict.fromkeys("\u2018\u2019\u02bc\u2032\u00b4`", "'"))
_ACCENTED = {"e": "é", "so": "só"}
# A short line that the next does not continue in small letters is a sentence, as in posts.
_SENTENCE_END = re.compile(
    r"""[.!?](?=["')\]*]*\s) | \n\s*\n | \n(?=[ \t>]*(?:[-+*\#|•]|\d{1,3}[.)])\s)
      | (?P<line>(?<![^\n]{60})\n[ \t>]*(?=\S))""",
    re.VERBOSE,
)
REACH = 40
"""So many words on either side of a word can say how it is meant."""
_REACH_OF_PLAN = 200
_NEAR_VERB = 4
_LONGEST_PHRASE = 3

Span = tuple[int, int]


class Word(Struct, frozen=True, kw_only=True):
    """A word or sign of a sentence, folded, and where it begins in the view of the text.

    Of a watched phrase `said` is what stands there.
    """

    text: str
    start: int
    said: str = ""


class SentenceWords(Struct, frozen=True, kw_only=True, dict=True):
    """The words of a sentence; `ending` is the sign it ends with, if any."""

    words: tuple[Word, ...]
    ending: str

    @cached_property
    def starts(self) -> list[int]:
        """Where its words begin in the view of the text."""
        return [word.start for word in self.words]

    @cached_property
    def beginning(self) -> list[str]:
        """Its first words, as many as ever matter together."""
        return self.texts(0, REACH)

    @cached_property
    def is_portuguese(self) -> bool:
        """Whether it is Portuguese: `no` is then no negation."""
        words = self.texts(0, len(self.words))
        return any_word(words, "portuguese")

    def texts(self, start: int, end: int) -> list[str]:
        """The words from one place up to another."""
        return [word.text for word in self.words[max(start, 0) : end]]

    def place_of(self, start: int) -> int:
        """The number of the word that stands at or before a place of the view."""
        return max(bisect_right(self.starts, start) - 1, 0)

    def clause_of(self, place: int, *, wide: bool = False) -> Span:
        """The first word of the clause of a word, and the first behind it.

        A `wide` clause goes on over colons, commas, brackets and what only explains.
        """
        begins = _begins_wide if wide else _begins_clause
        reach = _REACH_OF_PLAN if wide else REACH
        first, last = max(place - reach, 0), place + reach
        start, end = place, place + 1
        while start > first and not begins(self.words, start):
            start -= 1
        while end < min(last, len(self.words)) and not begins(self.words, end):
            end += 1
        return start, end


def sentence_ends(view: TextView, text: str) -> list[int]:
    """Where the sentences of a text end."""
    ends: list[int] = []
    for match in _SENTENCE_END.finditer(view.folded):
        end = match.end()
        if match["line"] is None or _begins_sentence(text[view.origin[end]]):
            ends.append(end)
    return ends


def _begins_sentence(sign: str) -> bool:
    """Whether a line that begins with this sign does not continue the one before."""
    return not re.match(r"[^\W_]", sign) or sign.isupper()


def read_sentence(
    view: TextView, text: str, span: Span, watched: Sequence[Span]
) -> SentenceWords:
    """A part of a text as words; each of the `watched` spans in it is one."""
    first, last = span
    folded = view.folded[first:last].translate(_APOSTROPHES)
    words: list[Word] = []
    place = 0
    for start, end in _joined(watched):
        if first <= start < last:
            words += _words_of(view, text, folded, first, place, start - first)
            words.append(Word(text=WATCHED, start=start, said=view.folded[start:end]))
            place = max(end - first, place)
    words += _words_of(view, text, folded, first, place, len(folded))
    ending = folded.rstrip(" \n\t\"')]*_>")[-1:]
    return SentenceWords(words=tuple(words), ending=ending)


def _joined(spans: Sequence[Span]) -> list[Span]:
    """Spans in their order, those that run into each other as one."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start < joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return joined


def _words_of(
    view: TextView, text: str, folded: str, first: int, start: int, end: int
) -> list[Word]:
    words: list[Word] = []
    for match in _TOKEN.finditer(folded, start, end):
        word = match[0]
        place = first + match.start()
        if word in _ACCENTED:
            origin = view.origin[place]
            said = unicodedata.normalize("NFC", text[origin : origin + 3]).casefold()
            word = _ACCENTED[word] if said.startswith(_ACCENTED[word]) else word
        if word != "-" or folded[max(match.start() - 1, 0)] == " ":
            words.append(Word(text="\u2013" if word == "-" else word, start=place))
    return words


def any_word(words: Iterable[str], kind: str) -> bool:
    """Whether any of the words is one of a kind."""
    return not WORDS[kind].isdisjoint(words)


def first_of(words: Iterable[str], kind: str) -> int | None:
    """Where the first word of a kind stands."""
    for place, word in enumerate(words):
        if word in WORDS[kind]:
            return place
    return None


def has_phrase(words: Sequence[str], place: int, kind: str) -> int:
    """How many words the longest phrase of a kind has that begins at a place; 0 for none."""
    phrases = WORDS[kind]
    for length in range(_LONGEST_PHRASE, 0, -1):
        if " ".join(words[place : place + length]) in phrases:
            return length
    return 0


def _begins_clause(words: Sequence[Word], place: int) -> bool:
    before, word = words[place - 1].text, words[place].text
    if any_word([before, word], "breaks"):
        return True
    if word in WORDS["breaks_before"]:
        return True
    if before in {",", "and", "e"} and word in WORDS["negations"]:
        return True
    if before == ",":
        negated = place > 1 and words[place - 2].text in {"not", "nao", "never"}
        is_aside = negated and word in WORDS["heads"]
        return not is_aside and _own_verb(words, place) >= 0
    return word in {"and", "e", "so"} and _own_verb(words, place + 1) >= 0


def _begins_wide(words: Sequence[Word], place: int) -> bool:
    word = words[place].text
    near = {one.text for one in words[place : place + _NEAR_VERB]}
    if word in WORDS["wide_breaks"]:
        return not near & WORDS["plan_words"]
    own = words[place + 1 : place + 2]
    if word == "," and own and own[0].text not in WORDS["own_subjects"]:
        return False
    return (
        word in {"and", "e", ","} and 0 < _own_verb(words, place + 1) < _NEAR_VERB - 1
    )


def _own_verb(words: Sequence[Word], place: int) -> int:
    """How far off the next verb is if it is near, and nothing joins it to what was; else -1."""
    near = [word.text for word in words[place : place + _NEAR_VERB]]
    for distance, word in enumerate(near):
        if word in WORDS["joins"] or word == ",":
            break
        if word in WORDS["finite"]:
            return distance
    return -1
