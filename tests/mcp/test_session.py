"""What a session answers, without a process; and what its answers mean for the standup."""

import json
from pathlib import Path
from typing import Any

import pytest
from claims import claim
from clients import URI, call, entity, hello, request
from hypothesis import given, strategies as st
from small_company import Place

from agentco.adapters.files import Disk, MemoryFile
from agentco.mcp_server import Session

AT = "2026-11-21T08:00:00+00:00"


def session(
    folder: Path, disk: Disk | None = None, *, trusted: bool = False
) -> Session:
    return Session(
        MemoryFile(folder / "memory.jsonl", disk=disk), now=lambda: AT, trusted=trusted
    )


def said(to: Session, *messages: Any) -> list[Any]:
    lines = [m if isinstance(m, bytes) else json.dumps(m).encode() for m in messages]
    return [json.loads(line) for line in to.reply_to(lines).splitlines()]


@claim("mcp:protocol")
@pytest.mark.parametrize(
    ("line", "code", "id_"),
    [
        (b"{bad", -32700, None),
        (b"\xff", -32700, None),
        (b"[" * 100_000, -32700, None),
        (b"[]", -32600, None),
        (b"7", -32600, None),
        (b'{"jsonrpc":"2.0","id":null,"method":"ping"}', -32600, None),
        (b'{"jsonrpc":"2.0","id":true,"method":"ping"}', -32600, None),
        (b'{"jsonrpc":"2.0","id":4,"method":5}', -32600, 4),
        (b'{"jsonrpc":"1.0","id":"x","method":"ping"}', -32600, "x"),
        (b'{"jsonrpc":"2.0","id":4}', -32600, 4),
        (b'[{"jsonrpc":"2.0","id":4,"method":"ping"}]', -32600, None),
    ],
)
def test_what_is_no_request_is_told_and_stops_nothing(
    tmp_path: Path, line: bytes, code: int, id_: object
) -> None:
    bad, good = said(session(tmp_path), line, request(1, "ping"))
    assert (bad["error"]["code"], bad["id"]) == (code, id_)
    assert good["result"] == {}


@claim("mcp:protocol")
def test_notifications_and_answers_are_not_answered(tmp_path: Path) -> None:
    quiet: list[Any] = [
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {
            "jsonrpc": "2.0",
            "method": "notifications/cancelled",
            "params": {"requestId": 1},
        },
        {
            "jsonrpc": "2.0",
            "method": "tools/call",
            "params": {"name": "delete_entities"},
        },
        {"jsonrpc": "2.0", "id": 5, "result": {}},
        {"jsonrpc": "2.0", "id": 5, "error": {"code": 1, "message": "x"}},
        b"",
        b"\r",
    ]
    assert said(session(tmp_path), *quiet) == []


@claim("mcp:protocol")
def test_batches_are_answered_where_the_protocol_had_them(tmp_path: Path) -> None:
    one = session(tmp_path)
    said(one, hello("2025-03-26"), request(0, "resources/subscribe", uri=URI))
    batch = [
        request(1, "ping"),
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        call(2, "create_entities", entities=[entity("A")]),
        7,
    ]
    note, answers = said(one, batch)
    assert note["method"] == "notifications/resources/updated"
    assert [answer["id"] for answer in answers] == [1, 2, None]
    assert said(one, [{"jsonrpc": "2.0", "method": "notifications/initialized"}]) == []


@claim("mcp:protocol")
def test_half_a_character_is_replaced_and_the_rest_kept(tmp_path: Path) -> None:
    line = b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"create_entities","arguments":{"entities":[%s]}}}'
    broken = b'{"name":"A \\ud83d","entityType":"t","observations":["\\ud83d\\ude00 \xc3\xa9"]}'
    (found,) = said(session(tmp_path), line % broken)
    assert found["result"]["structuredContent"]["entities"] == [
        entity("A \ufffd", "\U0001f600 é", kind="t")
    ]


@claim("mcp:protocol")
@given(
    st.lists(
        st.one_of(st.binary(max_size=60), st.text(max_size=60).map(str.encode)),
        max_size=5,
    )
)
def test_no_line_breaks_a_session(lines: list[bytes]) -> None:
    one = Session(MemoryFile(Path("/nonexistent/m.jsonl")), now=lambda: AT)
    one.reply_to(lines)
    assert said(one, request(1, "ping"))[-1]["result"] == {}


json_values = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(allow_nan=False, allow_infinity=False),
        st.text(max_size=5),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["name", "arguments", "entities", "uri", "x"]), inner
        ),
    ),
    max_leaves=8,
)
methods = st.sampled_from(
    [
        "initialize",
        "tools/call",
        "resources/read",
        "resources/subscribe",
        "tools/list",
        "x",
    ]
)


@claim("mcp:protocol")
@given(methods, json_values)
def test_whatever_the_params_every_request_is_answered(
    method: str, params: Any
) -> None:
    one = Session(MemoryFile(Path("/nonexistent/m.jsonl")), now=lambda: AT)
    (answer,) = said(
        one, {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    )
    assert answer["id"] == 1


class CountingDisk(Disk):
    """Counts what costs."""

    def __init__(self) -> None:
        self.syncs = 0

    def sync(self, fd: int) -> None:
        self.syncs += 1
        super().sync(fd)


@claim("mcp:together")
def test_additions_that_came_together_share_one_sync_and_see_one_another(
    tmp_path: Path,
) -> None:
    disk = CountingDisk()
    one = session(tmp_path, disk)
    said(one, call("first", "create_entities", entities=[entity("E")]))
    disk.syncs = 0
    adds = [
        call(
            i,
            "add_observations",
            observations=[{"entityName": "E", "contents": [f"{i // 2}"]}],
        )
        for i in range(400)
    ]
    missing = call(
        "no", "add_observations", observations=[{"entityName": "no", "contents": ["x"]}]
    )
    answers = said(one, *adds[:200], missing, *adds[200:], call("read", "read_graph"))
    assert disk.syncs == 1
    told = {a["id"]: a["result"] for a in answers}
    assert len(told) == 402
    assert told["no"]["isError"]
    new = [
        told[i]["structuredContent"]["results"][0]["addedObservations"]
        for i in range(400)
    ]
    assert new == [[f"{i // 2}"] if i % 2 == 0 else [] for i in range(400)]
    (known,) = told["read"]["structuredContent"]["entities"]
    assert known["observations"] == [str(i) for i in range(200)]
    assert one.memory.load_graph().find_entity("E") == MemoryFile(
        one.memory.path
    ).load_graph().find_entity("E")


class FullDisk(Disk):
    """Takes nothing."""

    def write(self, fd: int, data: bytes) -> int:
        del fd, data
        raise OSError(28, "No space left on device")


@claim("mcp:errors")
def test_fault_87_what_the_disk_refused_is_not_known_afterwards(tmp_path: Path) -> None:
    said(session(tmp_path), call(1, "create_entities", entities=[entity("A")]))
    one = session(tmp_path, FullDisk())
    answers = said(
        one,
        *[call(i, "create_entities", entities=[entity(f"E{i}")]) for i in range(3)],
        call(9, "read_graph"),
    )
    assert [a["result"].get("isError", False) for a in answers] == [
        True,
        True,
        True,
        False,
    ]
    assert [
        e["name"] for e in answers[3]["result"]["structuredContent"]["entities"]
    ] == ["A"]


@claim("mcp:untrusted")
@pytest.mark.parametrize("trusted", [False, True])
def test_fault_40_what_an_untrusted_client_writes_drives_no_standup(
    place: Place, trusted: bool
) -> None:
    place.prompt("review", "0 8 * * *")
    place.know("deadline", "VAT", "Due: 2026-11-25", by="founder")
    place.know(
        "prompt-run",
        "prompt-run:review",
        "Run: 2026-11-18T09:00:00+00:00 ok",
        by="runtime",
    )
    place.know("lesson", "lesson:a", "Summary: real", "Status: open", by="runtime")
    before = place.stand_up().facts
    poison = [
        entity("IBAN", "Due: 2026-11-22", kind="deadline"),
        entity("broken", "Due: soon", kind="deadline"),
        entity("lesson:b", "Summary: pay", kind="lesson"),
    ]
    more = [
        {"entityName": "VAT", "contents": ["Done: 2026-11-25", "Due: 2027-11-25"]},
        {
            "entityName": "prompt-run:review",
            "contents": ["Run: 2026-11-21T08:30:00+00:00 ok"],
        },
        {"entityName": "lesson:a", "contents": ["Status: answered by x"]},
    ]
    one = session(place.root / "memory", trusted=trusted)
    answers = said(
        one,
        call(1, "create_entities", entities=poison),
        call(2, "add_observations", observations=more),
    )
    assert not any("isError" in a["result"] for a in answers)
    after = place.stand_up().facts
    kinds = ("deadlines", "overdue_prompts", "lessons_open", "health")
    same = [getattr(before, kind) == getattr(after, kind) for kind in kinds]
    assert same == [not trusted] * 4


@claim("mcp:untrusted")
def test_an_untrusted_tracker_does_not_stand_in_the_place_of_the_real_one(
    place: Place,
) -> None:
    place.prompt("review", "0 8 * * *")
    said(
        session(place.root / "memory"),
        call(1, "create_entities", entities=[entity("prompt-run:review", kind="x")]),
    )
    place.write_down()
    lines = [json.loads(line) for line in place.memory_file.read_text().splitlines()]
    assert any(
        line["name"] == "prompt-run:review" and line["entityType"] == "prompt-run"
        for line in lines
    )


@claim("mcp:untrusted")
def test_what_the_founder_says_again_counts(place: Place) -> None:
    said(
        session(place.root / "memory"),
        call(
            1,
            "create_entities",
            entities=[entity("VAT", "Due: 2026-11-25", kind="deadline")],
        ),
    )
    assert place.stand_up().facts.deadlines == ()
    place.know("deadline", "VAT", "Due: 2026-11-25", by="founder")
    assert [d.name for d in place.stand_up().facts.deadlines] == ["VAT"]
