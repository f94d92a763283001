"""A small linear model: the weights of features that a text has, added up.

Weights are whole numbers of one byte, so that the same text scores the same everywhere.
`benchmarks/public_text/train.py` writes the data file.
"""

from base64 import b85decode
from collections.abc import Callable, Hashable, Iterable
from functools import cached_property
from typing import TypeVar
from zlib import crc32, decompress

from msgspec import Struct

from agentco.kernel import package_data

_HASH_BYTES = 3
_ZERO = 128
_MAX_KEPT = 32_768
K = TypeVar("K", bound=Hashable)


def line_hash(feature: str) -> int:
    """The number by which a feature is known."""
    return crc32(feature.encode()) & 0xFFFFFF


class LineModel(Struct, frozen=True, dict=True):
    """Bytes in base 85: three for the hash of each feature, one for its weight.

    A score is above 0 where the answer is more likely yes; `scale` is what a whole weight is worth.
    """

    hashes: str
    weights: str
    scale: float
    bias: float

    @cached_property
    def _weight_of_hash(self) -> dict[int, int]:
        packed = decompress(b85decode(self.hashes))
        weights = decompress(b85decode(self.weights))
        places = range(0, len(packed), _HASH_BYTES)
        numbers = [
            int.from_bytes(packed[place : place + _HASH_BYTES], "little")
            for place in places
        ]
        return {
            number: (byte - _ZERO) * abs(byte - _ZERO)
            for number, byte in zip(numbers, weights, strict=True)
        }

    @cached_property
    def _kept(self) -> dict[str, int]:
        return {}

    def weight(self, feature: str) -> int:
        """What one feature adds, in whole weights."""
        weight = self._kept.get(feature)
        if weight is None:
            weight = self._weight_of_hash.get(line_hash(feature), 0)
            if len(self._kept) < _MAX_KEPT:
                self._kept[feature] = weight
        return weight

    @cached_property
    def _kept_groups(self) -> dict[tuple[object, Hashable], int]:
        return {}

    def group(self, key: K, features_of: Callable[[K], Iterable[str]]) -> int:
        """What all features of one thing add, in whole weights."""
        known = (features_of, key)
        weight = self._kept_groups.get(known)
        if weight is None:
            weight = sum(map(self.weight, features_of(key)))
            if len(self._kept_groups) < _MAX_KEPT:
                self._kept_groups[known] = weight
        return weight

    def score(self, features: Iterable[str]) -> float:
        """How far features speak for yes."""
        return self.score_of(sum(map(self.weight, features)))

    def score_of(self, weight: int) -> float:
        """How far so many whole weights speak for yes."""
        return round(self.bias + self.scale * weight, 6)


class _Models(Struct, frozen=True):
    """What is asked: whether a watched word is a claim, a sentence praises, a figure is stated."""

    watched: LineModel
    praise: LineModel
    figure: LineModel


MODELS = package_data.load_table(__name__, _Models)
