"""The sentences of a text, its headings, list items and rows; in doubt, fewer and longer."""

import re
from collections.abc import Iterable, Iterator
from itertools import zip_longest

from msgspec import Struct
from msgspec.structs import replace

from agentco.kernel.characters import INVISIBLE
from agentco.kernel.comparison import unescape_entities

_BREAK = re.compile(
    r"""(?P<stop>[.!?…])["'\u201d\u2019»)\]*_]*\s+ | \n\s*\n
      | \n(?=[ \t>]*(?:[-+*•\#|]|\d{1,3}[.)])[ \t])""",
    re.VERBOSE,
)
_ABBREVIATION = re.compile(r"(?:\b\w|\w\.\w+|\b(?:No|Nr|Dr|Sr|Sra|Mr|Ms|vs|cf))\Z")
_MAX_ABBREVIATION_LENGTH = 40
_HEADING = re.compile(r"\#{1,6}[ \t][^\n]*")
_QUESTION = re.compile(r"\?[\"'\u201d\u2019»)\]*_]*\Z")
_MAX_ANSWER_WORDS = 6
_LIST_ITEM = re.compile(r"[ \t>]*(?:[-+*•]|\d{1,3}[.)])[ \t]")


class Sentence(Struct, frozen=True, kw_only=True):
    """A sentence of a text, from `start` to `end`; `line` is that of its first sign, from 1.

    `lead` is the sentence above its list: "We never" and "We always" say two things. So do two
    headings, and a question with two short answers.
    """

    text: str
    line: int
    start: int
    end: int
    lead: str = ""
    heading: str = ""
    answer: str = ""

    @property
    def key(self) -> tuple[str, ...]:
        """What makes it the same sentence in another draft, however its lines are broken."""
        said = (self.text, self.lead, self.answer)
        return tuple(" ".join(words.split()) for words in said)


def split_sentences(text: str) -> Iterator[Sentence]:
    """The sentences of a text, in their order."""
    sentences = [*_sentences_in_place(text)]
    for one, following in zip_longest(sentences, sentences[1:]):
        yield _with_answer(one, following.text if following else "")


def _with_answer(sentence: Sentence, following: str) -> Sentence:
    is_short = len(following.split()) <= _MAX_ANSWER_WORDS
    is_answered = is_short and _QUESTION.search(sentence.text)
    return replace(sentence, answer=following) if is_answered else sentence


def _sentences_in_place(text: str) -> Iterator[Sentence]:
    """The sentences with the heading and the sentence that they stand under."""
    lead = heading = ""
    for one in _plain_sentences(text):
        title = _HEADING.match(one.text)
        line_start = text.rfind("\n", 0, one.start) + 1
        if title:
            heading = " ".join(title[0].split())
            yield one
        elif _LIST_ITEM.match(text, line_start):
            yield replace(one, lead=lead, heading=heading)
            continue
        else:
            yield replace(one, heading=heading)
        lead = one.text


def _plain_sentences(text: str) -> Iterator[Sentence]:
    start = 0
    for end in [*_sentence_ends(text), len(text)]:
        piece = text[start:end]
        words = piece.strip()
        if words:
            begin = start + piece.index(words)
            line = text.count("\n", 0, begin) + 1
            yield Sentence(text=words, line=line, start=begin, end=begin + len(words))
        start = end


def _sentence_ends(text: str) -> Iterator[int]:
    for match in _BREAK.finditer(text):
        if match["stop"]:
            stop = match.start()
            start = max(0, stop - _MAX_ABBREVIATION_LENGTH)
            goes_on = text[match.end() : match.end() + 1].islower()
            if goes_on or _ABBREVIATION.search(text, start, stop):
                continue
        yield match.end()


def sentence_around(text: str, place: int) -> str:
    """The sentence at a place of a text, on one line, as it stands but for its entities."""
    start = 0
    end = len(text)
    for stop in _sentence_ends(text):
        if stop > place:
            end = stop
            break
        start = stop
    words = INVISIBLE.sub("", unescape_entities(text[start:end]))
    return " ".join(words.split())


def mark_words(sentence: str, words: Iterable[str]) -> str:
    """A sentence with these words in »marks«, the longest where several begin."""
    longest_first = sorted(filter(None, words), key=len, reverse=True)
    if not longest_first:
        return sentence
    any_word = "|".join(map(re.escape, longest_first))
    found = re.compile(rf"(?<!\w)(?:{any_word})(?!\w)", re.IGNORECASE)
    return found.sub(r"»\g<0>«", sentence)


def clip_sentence(sentence: str, word: str, longest: int) -> str:
    """A sentence with a word of it in at most so many characters, `…` where something is left."""
    if len(sentence) <= longest:
        return sentence
    place = max(0, sentence.find(word))
    start = max(0, min(place - longest // 3, len(sentence) - longest))
    clipped = sentence[start : start + longest]
    if start:
        clipped = f"…{clipped[1:]}"
    if start + longest < len(sentence):
        clipped = f"{clipped[:-1]}…"
    return clipped
