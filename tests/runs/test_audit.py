"""The audit's chain: whoever changes, takes out or puts in a line is found, but for the last ones taken away."""

import msgspec
import pytest
from claims import claim
from hypothesis import given, strategies as st

from agentco.rules import GENESIS_HASH, AuditLine, encode_and_hash, first_broken_line

Rows = list[tuple[bytes, str]]


def chain(count: int) -> Rows:
    """So many lines as they are stored."""
    rows, prev = Rows(), GENESIS_HASH
    for seq in range(1, count + 1):
        line = AuditLine(
            seq=seq,
            at="2026-11-21T09:00:00+00:00",
            what="ruled",
            run="r",
            effect=seq,
            usd=seq,
            prev=prev,
        )
        data, prev = encode_and_hash(line)
        rows.append((data, prev))
    return rows


@claim("audit:chain")
@pytest.mark.parametrize("count", [0, 1, 2, 100])
def test_an_untouched_chain_holds(count: int) -> None:
    assert first_broken_line(chain(count)) is None


SIZES = st.integers(3, 12)


@claim("audit:chain")
@pytest.mark.parametrize("at", [0, 1, 2])
def test_any_changed_bit_of_any_line_is_found_there(at: int) -> None:
    rows = chain(3)
    line, name = rows[at]
    for where in range(len(line) * 8):
        changed = bytearray(line)
        changed[where // 8] ^= 1 << where % 8
        assert (
            first_broken_line([*rows[:at], (bytes(changed), name), *rows[at + 1 :]])
            == at + 1
        )


@claim("audit:chain")
@given(data=st.data(), count=SIZES)
def test_a_line_that_was_written_anew_with_its_hash_is_found_at_the_next(
    data: st.DataObject, count: int
) -> None:
    rows = chain(count)
    at = data.draw(st.integers(0, count - 2))
    line = msgspec.json.decode(rows[at][0], type=AuditLine)
    rows[at] = encode_and_hash(msgspec.structs.replace(line, usd=line.usd + 1))
    assert first_broken_line(rows) == at + 2


@claim("audit:chain")
@given(data=st.data(), count=SIZES)
def test_a_lost_line_is_found_where_it_stood(data: st.DataObject, count: int) -> None:
    rows, at = chain(count), data.draw(st.integers(0, count - 2))
    del rows[at]
    assert first_broken_line(rows) == at + 1


@claim("audit:chain")
@given(data=st.data(), count=SIZES)
def test_a_line_put_in_is_found(data: st.DataObject, count: int) -> None:
    rows, at = chain(count), data.draw(st.integers(0, count - 1))
    prev = rows[at - 1][1] if at else GENESIS_HASH
    forged = AuditLine(
        seq=at + 1, at="2026-11-21T09:00:00+00:00", what="approved", prev=prev
    )
    rows.insert(at, data.draw(st.sampled_from([rows[at], encode_and_hash(forged)])))
    assert first_broken_line(rows) == at + 2


@claim("audit:chain")
@given(data=st.data(), count=SIZES)
def test_two_lines_that_changed_places_are_found(
    data: st.DataObject, count: int
) -> None:
    rows = chain(count)
    one, two = sorted(
        data.draw(
            st.lists(st.integers(0, count - 1), min_size=2, max_size=2, unique=True)
        )
    )
    rows[one], rows[two] = rows[two], rows[one]
    assert first_broken_line(rows) == one + 1


@claim("audit:chain")
@given(count=SIZES, garbage=st.binary(max_size=20))
def test_a_line_that_is_none_is_found(count: int, garbage: bytes) -> None:
    rows = chain(count)
    rows[1] = (garbage, rows[1][1])
    assert first_broken_line(rows) == 2


@claim("audit:chain")
def test_the_last_lines_can_be_taken_away_unseen_which_only_an_anchor_elsewhere_could_show() -> (
    None
):
    assert first_broken_line(chain(10)[:7]) is None
