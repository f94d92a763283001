"""The audit: a line for all that was ruled, done or decided, each bound to the one before."""

from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256

import msgspec
from msgspec import Struct

GENESIS_HASH = "0" * 64
STORED = "stored"
"""What a line tells that binds rows and nothing else."""


class AuditLine(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What happened. `prev` is the hash of the line before; amounts are micro-dollars.

    `rows` are the rows of the state that its transaction changed, by name, each with its hash or
    with nothing where it was deleted; `state` is the sum over all rows of all tables behind it.
    """

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
    rows: dict[str, str] = {}
    state: str = ""


class StoredRows(Struct, frozen=True, kw_only=True):
    """What the tables hold now.

    `named` are the hashes of the rows that lines name, `sums` those over all rows of each table,
    and `known` what the state says that these are. `bad_texts` are the names of prompts, answers
    and results that are not what their name says.
    """

    named: Mapping[str, str] = {}
    sums: Mapping[str, str] = {}
    known: Mapping[str, str] = {}
    bad_texts: tuple[str, ...] = ()


def encode_and_hash(line: AuditLine) -> tuple[bytes, str]:
    """The line as it is stored, and its hash."""
    data = msgspec.json.encode(line)
    return data, sha256(data).hexdigest()


def decode_lines(rows: Iterable[tuple[bytes, str]]) -> Iterator[AuditLine]:
    """The lines of a chain that holds."""
    for data, _ in rows:
        yield msgspec.json.decode(data, type=AuditLine)


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


def add_sums(sums: Iterable[str]) -> str:
    """The sum of hexadecimal numbers modulo 2**256; an empty one counts nothing."""
    return f"{sum(int(one or '0', 16) for one in sums) % 2**256:064x}"


def find_tampering(lines: Iterable[AuditLine], found: StoredRows) -> Iterator[str]:
    """Say which rows of the state are not those that the lines of the audit bound."""
    bound, state = dict[str, str](), ""
    for line in lines:
        bound.update(line.rows)
        state = line.state or state
    tables = set[str]()
    for name in found.bad_texts:
        tables.add("bodies")
        yield f"the text {name} was changed"
    for name in sorted({*bound, *found.named}):
        before, now = bound.get(name, ""), found.named.get(name, "")
        if before != now:
            tables.add(name.partition("/")[0])
            yield f"{row_title(name)} was {changed_how(before, now)}"
    for table in sorted({*found.sums, *found.known} - tables):
        if add_sums([found.sums.get(table, "")]) != add_sums(
            [found.known.get(table, "")]
        ):
            tables.add(table)
            yield f"a row of the table {table} was changed, lost or put in"
    if state and not tables and add_sums(found.known.values()) != state:
        yield "a row was changed, and the sums of the tables with it"


def row_title(name: str) -> str:
    """What a row is, in words: `effects/k7m2ab.3` is effect 3 of run k7m2ab."""
    table, _, key = name.partition("/")
    if table == "effects":
        run, _, number = key.rpartition(".")
        return f"effect {number} of run {run}"
    titles = {"runs": "run", "ledger": "entry", "restricted": "the restriction of"}
    if table == "halts":
        return f"the halt of {key or 'the company'}"
    words = f"{titles.get(table, table)} {key}"
    return f"{words} of the ledger" if table == "ledger" else words


def changed_how(before: str, now: str) -> str:
    """What happened to a row whose hash was `before` and is `now`; empty stands for no row."""
    if not now:
        return "deleted"
    return "changed" if before else "put in"
