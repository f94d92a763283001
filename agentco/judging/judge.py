"""Which departments a text's sentences concern, by a linear classifier trained on labelled drafts.

A sentence's score for a department is the sum of the weights of its features. A text's is that
of its best sentence. The same text gives the same scores everywhere: weights are whole numbers.
`benchmarks/triggers/train.py` writes the data file.
"""

import re
from base64 import b85decode
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property, lru_cache
from struct import unpack
from typing import TypeAlias
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
_LANE = 32
"""Bits of one department's part in a number that adds for all departments at once."""
_MAX_UNITS = 3000
_MAX_KEPT = 65536
_SHOWN_WORDS = 3
_WORD = re.compile(r"[^\W\d_]{3,}")


def _side_by_side(*column: int) -> int:
    return sum(_WEIGHTS[byte] << (_LANE * place) for place, byte in enumerate(column))


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
    def weights_by_hash(self) -> dict[int, int]:
        """For the hash of each feature its weights for all departments in one number."""
        packed = decompress(b85decode(self.hashes))
        hashes = unpack(f"<{len(packed) // 4}I", packed)
        columns = (decompress(b85decode(column)) for column in self.weights)
        return dict(zip(hashes, map(_side_by_side, *columns), strict=True))


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


class _WeightTable(dict[str, int]):
    """The weights of the features of one kind by name, read at first use.

    A prefix names the weights that count besides in texts of one length.
    """

    def __init__(self, kind: str, prefix: str = "") -> None:
        super().__init__()
        self._kind = kind
        self._prefix = prefix

    def __missing__(self, name: str) -> int:
        weights = _DATA.weights_by_hash
        weight = weights.get(feature_hash(self._kind, name), 0)
        if self._prefix:
            sized = feature_hash(self._kind, self._prefix + name)
            weight += weights.get(sized, 0)
        if len(self) < _MAX_KEPT:
            self[name] = weight
        return weight


_PIECE_WEIGHTS = _WeightTable("c")
_WORD_WEIGHTS = _WeightTable("w")
_PLAIN = [(kind, _WeightTable(kind)) for kind in ("b", "h", "s")]
_SHORT = [(kind, _WeightTable(kind, "S~")) for kind in SIZED_KINDS]
_LONG = [(kind, _WeightTable(kind, "L~")) for kind in SIZED_KINDS]
_Tables: TypeAlias = Sequence[tuple[str, _WeightTable]]


def _score(read: SentenceFeatures, share: float) -> tuple[float, ...]:
    plain = _total(read, _PLAIN) + _words_total(read.features["w"])
    short = _departments_of(plain + _total(read, _SHORT)) if share > 0 else _NOTHING
    long = _departments_of(plain + _total(read, _LONG)) if share < 1 else _NOTHING
    factor = length_factor(len(read.words))
    scores: list[float] = []
    for number, scale in enumerate(_DATA.scales):
        total = share * short[number] + (1 - share) * long[number]
        threshold = share * _DATA.short[number] + (1 - share) * _DATA.long[number]
        score = _DATA.bias[number] + factor * scale * total - threshold
        scores.append(round(score, 6))
    return tuple(scores)


def _total(read: SentenceFeatures, tables: _Tables) -> int:
    total = 0
    for kind, weights in tables:
        listed = read.features.get(kind)
        if listed:
            total += sum(filter(bool, map(weights.__getitem__, listed)))
    return total


def _words_total(words: Iterable[str]) -> int:
    """The weights of words, and of the pieces of all of them, each once."""
    weights: dict[str, int] = {}
    for word in words:
        weights.update(_weights_in_word(word))
    return sum(weights.values())


_MIDDLES = sum(1 << (_LANE * place + _LANE - 1) for place in range(len(DEPARTMENTS)))
_PARTS = f"<{len(DEPARTMENTS)}I"


def _departments_of(total: int) -> list[int]:
    """The parts of a sum, one for each department."""
    packed = (total + _MIDDLES).to_bytes(len(DEPARTMENTS) * _LANE // 8, "little")
    return [part - (1 << (_LANE - 1)) for part in unpack(_PARTS, packed)]


_NOTHING = _departments_of(0)


@lru_cache(maxsize=16384)
def _weights_in_word(word: str) -> Mapping[str, int]:
    """What a word and its pieces weigh, without those that weigh nothing."""
    weights = {piece: _PIECE_WEIGHTS[piece] for piece in word_pieces(word)}
    # a blank is in no piece: the word itself is told from a piece that reads like it
    weights[f" {word}"] = _WORD_WEIGHTS[word]
    return {name: weight for name, weight in weights.items() if weight}


def telling_words(judged: JudgedSentence, department: str) -> tuple[str, ...]:
    """The words of a sentence that speak most for a department, as they stand, the first first."""
    place_of_department = DEPARTMENTS.index(department)
    weighed: list[tuple[int, int, str]] = []
    seen: set[str] = set()
    for place, found in enumerate(_WORD.finditer(judged.unit.text)):
        word = draw_letters(found[0])
        if word in _COMMON or word in seen:
            continue
        seen.add(word)
        total = _words_total([word])
        weight = _departments_of(total)[place_of_department]
        weighed.append((-weight, place, found[0]))
    best = sorted(weighed)[:_SHOWN_WORDS]
    return tuple(word for _, _, word in sorted(best, key=lambda one: one[1]))


def best_sentence(
    judged: Iterable[JudgedSentence], department: str
) -> JudgedSentence | None:
    """The sentence with the highest score for a department, the first of equal ones."""
    place = DEPARTMENTS.index(department)
    return max(judged, key=lambda one: one.scores[place], default=None)
