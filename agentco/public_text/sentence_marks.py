"""What speaks for and against a claim in a sentence: its words, their kinds, what stands around."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import TypeAlias

from msgspec import Struct

from agentco.kernel.comparison import draw_letters
from agentco.public_text.clauses import REACH, WATCHED, WORDS, SentenceWords, any_word
from agentco.public_text.names import Names, speaks_of_us

_STEM = 6
_PIECES = (3, 4, 5)
_SHORTEST = 4
_LONGEST = 20
_BESIDE = 3
_SIZES = (3, 6, 10, 16, 25)
_SHARES = (0.01, 0.34, 0.67, 0.99)
_CONTENT = 4
_SOURCE_STEM = 5
_SOURCE_WORD = re.compile(r"[^\W\d_]{4,}")
_DIGIT = re.compile(r"\d")
_LONGEST_READ = 200_000


SentencePart: TypeAlias = tuple[Callable[[str], tuple[str, ...]], str]


class SentencePlace(Struct, frozen=True, kw_only=True):
    """A sentence and what stands around it.

    `said` are the beginnings of the words of sources and live claims; `marks` what is known of its
    form: `quoted`, `item`, `after-question`.
    """

    sentence: SentenceWords
    following: SentenceWords | None
    marks: frozenset[str]
    said: frozenset[str]
    names: Names


def sentence_parts(read: SentencePlace) -> Iterator[SentencePart]:
    """What a whole sentence is made of, each part with what gives its features."""
    words = [_plain(word.text) for word in read.sentence.words]
    for word in dict.fromkeys(words):
        yield word_features, word
    before = "^"
    for word in [*words, "$"]:
        yield _pair_features, f"{before} {word}"
        before = word
    yield _form_features, _form_marks(read, words)
    for word in _next_words(read):
        yield _next_word_features, word


def _pair_features(pair: str) -> tuple[str, ...]:
    return (f"b:{pair}",)


def place_features(read: SentencePlace, place: int) -> list[str]:
    """The features of one word of a sentence, which is a watched one."""
    return list(place_parts(read, place))


def place_parts(read: SentencePlace, place: int) -> dict[str, str]:
    """The features of one word of a sentence, each with the word that it is first of.

    That is empty for what the sentence is in its form.
    """
    watched = read.sentence.words[place].said
    said = _DIGIT.sub("0", watched)[:_LONGEST]
    first = max(place - REACH, 0)
    near = read.sentence.texts(first, place + REACH)
    words = list(map(_plain, near))
    place -= first
    marks = _form_marks(read, words)
    parts = dict.fromkeys(_form_features(marks), "")
    parts |= dict.fromkeys(_next_features(read), "")
    for piece in _pieces(said.replace(" ", "_")):
        parts.setdefault(f"x:{piece}", watched)
    sides = {"-": words[:place], "+": words[place + 1 :]}
    for side, part in sides.items():
        for word in part:
            parts.setdefault(f"{side}{word}", word)
            for kind in _kinds_of(word):
                parts.setdefault(f"{side}k:{kind}", word)
    for distance in range(1, _BESIDE + 1):
        behind = place + distance
        before = place - distance
        for side, at in (("-", before), ("+", behind)):
            is_there = 0 <= at < len(words)
            word = words[at] if is_there else "^"
            name = f"{side}{distance}"
            parts.setdefault(f"{name}:{word}", word if is_there else "")
            for kind in _kinds_of(word):
                parts.setdefault(f"{name}k:{kind}", word)
    return parts


def _plain(word: str) -> str:
    return "0" if word.isdigit() else word[:_LONGEST]


@lru_cache(maxsize=16_384)
def word_features(word: str) -> tuple[str, ...]:
    """The features of one word wherever it stands: itself, its stem, its kinds, its pieces."""
    kinds = (f"k:{kind}" for kind in _kinds_of(word))
    pieces = (f"c:{piece}" for piece in _pieces(word))
    return (f"w:{word}", f"s:{word[:_STEM]}", *kinds, *pieces)


@lru_cache(maxsize=16_384)
def _pieces(word: str) -> tuple[str, ...]:
    if len(word) < _SHORTEST:
        return (word,)
    marked = f"<{word}>"
    return tuple(
        dict.fromkeys(
            marked[start : start + size]
            for size in _PIECES
            for start in range(len(marked) - size + 1)
        )
    )


@lru_cache(maxsize=16_384)
def _kinds_of(word: str) -> tuple[str, ...]:
    return tuple(kind for kind, words in WORDS.items() if word in words)


def _form_marks(read: SentencePlace, words: Sequence[str]) -> str:
    """Its ending, its length, who it speaks of, how much of it the sources say."""
    marks = sorted(read.marks)
    ending = read.sentence.ending
    marks.append(f"end{ending}")
    if speaks_of_us(words, read.names):
        marks.append("ours")
    named = read.names.others
    if any_word(words, "others") or not named.isdisjoint(words):
        marks.append("others")
    if "0" in words:
        marks.append("figure")
    count = len(words)
    size = sum(count >= least for least in _SIZES)
    marks.append(f"len{size}")
    share = covered_share(words, read.said)
    said = sum(share >= least for least in _SHARES)
    marks.append(f"said{said}")
    return " ".join(marks)


def _form_features(form: str) -> tuple[str, ...]:
    marks = form.split()
    features: list[str] = []
    for one in marks:
        features.append(f"m:{one}")
        later = [other for other in marks if one < other]
        features += [f"mm:{one}+{other}" for other in later]
    return tuple(features)


def _next_words(read: SentencePlace) -> Iterable[str]:
    """The first words of what follows, each once."""
    if read.following is None:
        return ()
    return dict.fromkeys(map(_plain, read.following.texts(0, _BESIDE)))


def _next_features(read: SentencePlace) -> Iterator[str]:
    for word in _next_words(read):
        yield from _next_word_features(word)


def _next_word_features(word: str) -> tuple[str, ...]:
    return (f"f:{word}", *(f"fk:{kind}" for kind in _kinds_of(word)))


def covered_share(words: Iterable[str], said: frozenset[str]) -> float:
    """How many of the longer words of a sentence the sources say too, from 0 to 1."""
    content = {
        word[:_SOURCE_STEM]
        for word in words
        if len(word) >= _CONTENT and word != WATCHED
    }
    return len(content & said) / len(content) if content else 0.0


@lru_cache(maxsize=64)
def source_stems(sources: tuple[str, ...]) -> frozenset[str]:
    """The beginnings of the longer words of sources, as far as they are read."""
    stems: set[str] = set()
    for source in sources:
        words = _SOURCE_WORD.findall(draw_letters(source[:_LONGEST_READ]))
        stems.update(word[:_SOURCE_STEM] for word in words)
    return frozenset(stems)
