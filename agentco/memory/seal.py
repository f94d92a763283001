"""What was found signed before: a look at the whole file, and none at each line.

A seal says which lines of the first bytes of a memory are not validly signed, and is signed itself.
"""

from collections.abc import Sequence
from hashlib import sha256

import msgspec

from agentco.memory.lines import Signed
from agentco.memory.signatures import is_signed, sign

MAX_UNSIGNED = 1000
"""How many lines may be named; a memory with more has no seal."""
MIN_UNSEALED = 1 << 16
UNSEALED_PART = 32
"""A new seal is worth its cost once this part of the file is not under one, and so many bytes."""


class Seal(Signed, frozen=True, kw_only=True):
    """The first `size` bytes, which are so many `lines`, have this `digest`."""

    size: int
    lines: int
    unsigned: tuple[int, ...]
    digest: str


def new_seal(data: bytes, unsigned: Sequence[int], key: bytes) -> Seal:
    """The seal of all whole lines; `unsigned` are the numbers of those that nobody signed."""
    size = data.rfind(b"\n") + 1
    lines = data.count(b"\n", 0, size)
    seal = Seal(
        size=size,
        lines=lines,
        unsigned=tuple(number for number in unsigned if number <= lines),
        digest=_digest(data, size),
    )
    return sign(seal, key)


def read_seal(text: bytes, data: bytes, key: bytes) -> Seal | None:
    """The seal that a text is, if it is valid and these bytes begin as it says."""
    try:
        seal = msgspec.json.decode(text, type=Seal)
    except msgspec.DecodeError:
        return None
    if not is_signed(seal, key) or not 0 <= seal.size <= len(data):
        return None
    return seal if seal.digest == _digest(data, seal.size) else None


def wants_seal(size: int, seal: Seal | None, unsigned: Sequence[int]) -> bool:
    """Whether a memory of this size should get another seal."""
    unsealed = size - (seal.size if seal else 0)
    is_worth_it = unsealed > max(MIN_UNSEALED, size // UNSEALED_PART)
    return is_worth_it and len(unsigned) <= MAX_UNSIGNED


def _digest(data: bytes, size: int) -> str:
    return sha256(memoryview(data)[:size]).hexdigest()
