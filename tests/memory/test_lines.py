"""Bytes and records."""

import json

import pytest
from claims import claim
from hypothesis import given, strategies as st

from agentco.kernel import StateBroken
from agentco.memory import (
    EntityLine,
    MemoryGraph,
    OtherLine,
    RejectedLine,
    RelationLine,
    TrustLevel,
    apply_rewrite,
    encode_line,
    encode_rejected,
    keep_everything,
    read_lines,
    read_records,
    records_in_line,
)

ALICE = b'{"type":"entity","name":"Alice","entityType":"person","observations":["likes tea"]}'
BOB = b'{"type":"entity","name":"Bob","entityType":"person","observations":[]}'
TIE = b'{"type":"relation","from":"Alice","to":"Bob","relationType":"knows"}'

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
times = st.none() | st.datetimes().map(lambda t: t.isoformat() + "+00:00")
trusts = st.none() | st.sampled_from(TrustLevel)
entity_lines = st.builds(
    EntityLine,
    name=texts,
    type=texts,
    observations=st.lists(texts, max_size=4).map(tuple),
    at=times,
    by=st.none() | texts,
    run=st.none() | texts,
    trust=trusts,
    verified=times,
)
relation_lines = st.builds(
    RelationLine, from_=texts, to=texts, type=texts, at=times, by=st.none() | texts
)
lines = st.lists(entity_lines | relation_lines, max_size=8)


def names(data: bytes) -> list[str]:
    graph = MemoryGraph()
    graph.add_raw_lines(data.splitlines(keepends=True))
    return list(graph.entity_names)


@claim("memory:lines")
def test_a_line_is_written_as_the_reference_writes_it() -> None:
    line = EntityLine(
        name="Zoë", type="person", observations=('says "hi"', "a/b"), by="founder"
    )
    assert (
        encode_line(line)
        == (
            '{"type":"entity","name":"Zoë","entityType":"person","observations":["says \\"hi\\"","a/b"],"by":"founder"}\n'
        ).encode()
    )
    assert (
        encode_line(RelationLine(from_="Alice", to="Bob", type="knows")) == TIE + b"\n"
    )


@claim("memory:lines")
@given(lines)
def test_what_is_written_is_what_is_read(
    written: list[EntityLine | RelationLine],
) -> None:
    data = b"".join(map(encode_line, written))
    good, bad, number = read_lines(
        data.splitlines(keepends=True) if b"\r" not in data else data.split(b"\n")
    )
    assert (good, bad) == (written, [])
    assert number >= len(written)


@claim("memory:lines")
@given(lines)
def test_the_text_stays_one_line_of_plain_json(
    written: list[EntityLine | RelationLine],
) -> None:
    for line in written:
        data = encode_line(line)
        assert data.count(b"\n") == 1
        assert json.loads(data)["type"] in {"entity", "relation"}


@claim("memory:bad-lines")
def test_fault_26_a_torn_last_line_costs_only_itself() -> None:
    good, bad = read_records(ALICE + b"\n" + BOB[:40])
    assert [row.raw for row in good] == [ALICE]
    assert [(row.number, row.raw) for row in bad] == [(2, BOB[:40])]


@claim("memory:bad-lines")
def test_fault_27_a_bad_middle_line_is_numbered() -> None:
    good, bad = read_records(b"\n".join([ALICE, b"oops", BOB]))
    assert [row.raw for row in good] == [ALICE, BOB]
    assert bad[0].number == 2
    assert "malformed" in bad[0].reason


@claim("memory:bad-lines")
@pytest.mark.parametrize("between", [b"", b" ", b"\r", b"\t \xef\xbb\xbf"[:2]])
def test_fault_28_glued_records_are_split(between: bytes) -> None:
    good, bad = read_records(ALICE + between + BOB + between + TIE)
    assert [row.raw for row in good] == [ALICE, BOB, TIE]
    assert not bad


@claim("memory:bad-lines")
def test_records_behind_a_torn_one_are_saved() -> None:
    good, bad = read_records(ALICE[:50] + BOB + TIE + b"\n" + ALICE[:60] + BOB)
    assert [row.raw for row in good] == [BOB, TIE, BOB] or [
        row.raw for row in good
    ] == [BOB, BOB]
    assert b"".join(row.raw for row in bad).count(ALICE[:50]) >= 1


@claim("memory:bad-lines")
def test_a_brace_inside_a_text_is_no_border() -> None:
    tricky = b'{"type":"entity","name":"}{\\"","entityType":"t","observations":["{\\"type\\":\\"entity\\""]}'
    assert [row.raw for row in read_records(tricky + ALICE)[0]] == [tricky, ALICE]


@claim("memory:bad-lines")
def test_fault_29_a_missing_final_newline_is_no_fault() -> None:
    assert names(ALICE + b"\n" + BOB) == ["Alice", "Bob"]


@claim("memory:bad-lines")
def test_fault_32_crlf_and_byte_order_mark_are_read() -> None:
    assert names(b"\xef\xbb\xbf" + ALICE + b"\r\n\r\n" + BOB + b"\r\n") == [
        "Alice",
        "Bob",
    ]


@claim("memory:bad-lines")
def test_fault_33_unknown_types_and_fields_stay_verbatim() -> None:
    note = b'{"type":"note","x":{"y":[1.50,  2]}}'
    odd = ALICE[:-1] + b', "mood" : 1.0}'
    good, bad = read_records(note + b"\n" + odd + b"\n")
    assert isinstance(good[0].line, OtherLine)
    assert apply_rewrite(good, keep_everything).kept == [note, odd]
    assert not bad


@claim("memory:bad-lines")
@pytest.mark.parametrize(
    "raw",
    [
        b'{"type":"entity","name":5,"entityType":"t","observations":[]}',
        b'{"type":"entity","name":"a","entityType":"t","observations":"one"}',
        b'{"type":"entity","name":"a","entityType":"t","observations":[1]}',
        b'{"type":"entity","name":"a","entityType":"t"}',
        b'{"type":"relation","from":"a","to":null,"relationType":"r"}',
        b'{"type":"entity","name":"a","entityType":"t","observations":[],"at":NaN}',
        b'{"type":"note","x":NaN}',
        b'{"name":"a"}',
        b'{"type":7}',
        b"[1,2]",
        b"null",
        b'"text"',
        b"\xff\xfe\x00",
        b"\x00" * 4096,
        b"[" * 10_000,
        b'{"type":"note","x":' + b"[" * 10_000 + b"]" * 10_000 + b"}",
        b'{"a":' * 10_000,
        b'"\\"' * 10_000,
        b'{"type":"' * 10_000,
    ],
)
def test_fault_34_what_is_no_record_is_rejected_with_its_bytes(raw: bytes) -> None:
    found = list(records_in_line(raw, 7))
    assert all(
        isinstance(row, RejectedLine) and row.number == 7 and row.reason
        for row in found
    )
    assert b"".join(row.raw for row in found) == raw


@claim("memory:conflict-markers")
def test_fault_36_conflict_markers_are_an_error_with_their_lines() -> None:
    torn = [ALICE, b"<<<<<<< HEAD", BOB, b"=======", TIE, b">>>>>>> theirs", b"oops"]
    with pytest.raises(StateBroken, match=r"lines 2, 4, 6$"):
        read_lines(torn)
    with pytest.raises(StateBroken, match=r"lines 2, 4, 6$"):
        read_records(b"\r\n".join(torn))


@claim("memory:conflict-markers")
def test_text_that_only_looks_like_a_marker_is_just_a_bad_line() -> None:
    assert len(read_records(b"=======\n<<<<<<<<<\n" + ALICE)[1]) == 2


@claim("memory:bad-lines")
@given(
    st.binary(max_size=400)
    | st.lists(
        st.sampled_from(
            [ALICE, BOB, TIE, b"{", b"}", b'"', b"\\", b"\n", b" ", ALICE[:30]]
        ),
        max_size=12,
    ).map(b"".join)
)
def test_no_bytes_raise_and_none_but_white_space_is_lost(data: bytes) -> None:
    good, bad = read_records(data)
    kept = b"".join([row.raw for row in good] + [row.raw for row in bad])
    blank = b" \t\r\n\x0b\x0c\xef\xbb\xbf"
    assert sorted(kept.translate(None, blank)) == sorted(data.translate(None, blank))
    again, none = read_records(b"\n".join(row.raw for row in good))
    assert ([row.raw for row in again], none) == ([row.raw for row in good], [])


@claim("memory:bad-lines")
def test_a_rejected_line_is_kept_byte_for_byte() -> None:
    kept = json.loads(
        encode_rejected(RejectedLine(number=3, reason="odd", raw=b"\xffa\xc3\xa9"))
    )
    assert kept == {"line": 3, "reason": "odd", "text": "\udcffaé"}
    assert kept["text"].encode("utf-8", "surrogateescape") == b"\xffa\xc3\xa9"
