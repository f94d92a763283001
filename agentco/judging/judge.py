"""Which departments a text's sentences concern, by a linear classifier trained on labelled drafts.

A sentence's score for a department is the sum of the weights of its features. A text's is that
of its best sentence. The same text gives the same scores everywhere: weights are whole numbers.
`benchmarks/triggers/train.py` writes the data file.
"""

import re
from base64 import b85decode
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property, lru_cache
from operator import itemgetter
from struct import unpack
from zlib import decompress

from msgspec import Struct

from agentco.judging.sentence_features import (
    SIZED_KINDS,
    SentenceFeatures,
    Vocabulary,
    feature_hash,
    length_factor,
    length_share,
    read_features,
    word_pieces,
)
from agentco.judging.text_units import TextUnit, split_units
from agentco.kernel import package_data
from agentco.kernel.comparison import draw_letters

_ZERO = 128
"""The byte that stands for a weight of nothing; any other for the square of its distance."""
_WEIGHTS = [(byte - _ZERO) * abs(byte - _ZERO) for byte in range(256)]
_MAX_UNITS = 3000
_SHOWN_WORDS = 3
_WORD = re.compile(r"[^\W\d_]{3,}")


class JudgeData(Struct, frozen=True, dict=True):
    """The data file; `hashes` and `weights` are bytes in base 85.

    For each department `weights` has a byte for each hash. `scales` are what a whole weight is
    worth, `bias` what every sentence begins with, `short` and `long` the thresholds.
    """

    departments: tuple[str, ...]
    common: tuple[str, ...]
    fields: dict[str, tuple[str, ...]]
    hashes: str
    weights: tuple[str, ...]
    scales: tuple[float, ...]
    bias: tuple[float, ...]
    short: tuple[float, ...]
    long: tuple[float, ...]
    margins: dict[str, float]
    near: float

    @cached_property
    def rows(self) -> dict[int, int]:
        """For the hash of each feature its place in the columns."""
        packed = decompress(b85decode(self.hashes))
        listed = unpack(f"<{len(packed) // 4}I", packed)
        return {number: row for row, number in enumerate(listed)}

    @cached_property
    def columns(self) -> tuple[Sequence[int], ...]:
        """For each department the weights by row, and a last one of nothing."""
        packed = (decompress(b85decode(column)) for column in self.weights)
        return tuple((*map(_WEIGHTS.__getitem__, column), 0) for column in packed)


class JudgedSentence(Struct, frozen=True, kw_only=True):
    """A sentence with its score for each department, above 0 where a review is due."""

    unit: TextUnit
    scores: tuple[float, ...]
    features: SentenceFeatures

    def score(self, department: str) -> float:
        """How far it speaks for a review by a department."""
        return self.scores[DEPARTMENTS.index(department)]


_DATA = package_data.load_table(__name__, JudgeData)
DEPARTMENTS = _DATA.departments


_COMMON = frozenset(_DATA.common)


def make_vocabulary(strong: Mapping[str, tuple[str, ...]]) -> Vocabulary:
    """The words that features are made of; strong ones are fields of their own."""
    fields = {f"s {name}": words for name, words in strong.items()}
    return Vocabulary(_COMMON, _DATA.fields | fields)


def judge_text(
    shown: str, vocabulary: Vocabulary, *, public: bool
) -> tuple[JudgedSentence, ...]:
    """Every sentence of what is seen of a text, with its scores."""
    units = split_units(shown)[:_MAX_UNITS]
    share = length_share(len(units))
    judged: list[JudgedSentence] = []
    for unit in units:
        read = read_features(unit, public=public, vocabulary=vocabulary)
        scores = _score(read, share)
        judged.append(JudgedSentence(unit=unit, scores=scores, features=read))
    return tuple(judged)


def margin(strictness: str) -> float:
    """What the founder's strictness adds to every score."""
    return _DATA.margins[strictness]


def near_margin() -> float:
    """How far below the threshold a score still is worth a model's look."""
    return _DATA.near


def _score(read: SentenceFeatures, share: float) -> tuple[float, ...]:
    rows = _feature_rows(read)
    shares: list[tuple[float, Callable[[Sequence[int]], Iterable[int]]]] = []
    if share == 0:
        rows += _sized_rows(read, "L")
    elif share == 1:
        rows += _sized_rows(read, "S")
    else:
        shares.append((share, _picker(_sized_rows(read, "S"))))
        shares.append((1 - share, _picker(_sized_rows(read, "L"))))
    shares.append((1.0, _picker(rows)))
    factor = length_factor(len(read.words))
    scores: list[float] = []
    for number, column in enumerate(_DATA.columns):
        total = sum(part * sum(chosen(column)) for part, chosen in shares)
        threshold = share * _DATA.short[number] + (1 - share) * _DATA.long[number]
        score = _DATA.bias[number] + factor * _DATA.scales[number] * total - threshold
        scores.append(round(score, 6))
    return tuple(scores)


def _picker(rows: Sequence[int]) -> Callable[[Sequence[int]], Iterable[int]]:
    """What takes the weights of these rows from a column."""
    # the last row weighs nothing: with two of it there is always a tuple
    return itemgetter(*rows, -1, -1)


def _total(column: Sequence[int], rows: Sequence[int]) -> int:
    return sum(map(column.__getitem__, rows))


def _feature_rows(read: SentenceFeatures) -> list[int]:
    rows: list[int] = []
    known = _DATA.rows
    for kind, listed in read.features.items():
        if kind == "w":
            continue
        for name in listed:
            row = known.get(feature_hash(kind, name))
            if row is not None:
                rows.append(row)
    pieces: set[int] = set()
    for word in read.features["w"]:
        own, parts = _word_rows(word)
        rows += own
        pieces.update(parts)
    return [*rows, *pieces]


def _sized_rows(read: SentenceFeatures, size: str) -> list[int]:
    rows: list[int] = []
    for kind in SIZED_KINDS:
        for name in read.features[kind]:
            row = _DATA.rows.get(feature_hash(kind, f"{size}~{name}"))
            if row is not None:
                rows.append(row)
    return rows


@lru_cache(maxsize=16384)
def _word_rows(word: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The rows of a word, and those of its pieces."""
    known = _DATA.rows
    own = known.get(feature_hash("w", word))
    hashes = (feature_hash("c", piece) for piece in word_pieces(word))
    pieces = tuple(known[number] for number in hashes if number in known)
    return (() if own is None else (own,)), pieces


def telling_words(judged: JudgedSentence, department: str) -> tuple[str, ...]:
    """The words of a sentence that speak most for a department, as they stand, the first first."""
    column = _DATA.columns[DEPARTMENTS.index(department)]
    weighed: list[tuple[int, int, str]] = []
    seen: set[str] = set()
    for place, found in enumerate(_WORD.finditer(judged.unit.text)):
        word = draw_letters(found[0])
        if word in _COMMON or word in seen:
            continue
        seen.add(word)
        own, pieces = _word_rows(word)
        weight = _total(column, (*own, *pieces))
        weighed.append((-weight, place, found[0]))
    best = sorted(weighed)[:_SHOWN_WORDS]
    return tuple(word for _, _, word in sorted(best, key=lambda one: one[1]))


def best_sentence(
    judged: Iterable[JudgedSentence], department: str
) -> JudgedSentence | None:
    """The sentence with the highest score for a department, the first of equal ones."""
    return max(judged, key=lambda one: one.score(department), default=None)
