"""The audit: a line for all that was ruled, done or decided, each bound to the one before."""

from collections.abc import Iterable
from hashlib import sha256

import msgspec
from msgspec import Struct

GENESIS_HASH = "0" * 64


class AuditLine(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What happened. `prev` is the hash of the line before; amounts are micro-dollars."""

    seq: int
    at: str
    what: str
    run: str = ""
    effect: int = 0
    agent: str = ""
    ruling: str = ""
    rule: str = ""
    why: str = ""
    result: str = ""
    usd: int = 0
    prev: str


def encode_and_hash(line: AuditLine) -> tuple[bytes, str]:
    """The line as it is stored, and its hash."""
    data = msgspec.json.encode(line)
    return data, sha256(data).hexdigest()


def first_broken_line(rows: Iterable[tuple[bytes, str]]) -> int | None:
    """The number of the first line that was changed, lost or put in; None when the chain holds."""
    before = GENESIS_HASH
    for number, (data, known) in enumerate(rows, 1):
        try:
            line = msgspec.json.decode(data, type=AuditLine)
        except (ValueError, RecursionError):
            return number
        if (line.seq, line.prev, known) != (number, before, sha256(data).hexdigest()):
            return number
        before = known
    return None
