"""How an answer is put together from its bytes, however these are cut and however a server writes calls."""

import json
from itertools import pairwise
from typing import Any

import pytest
from asking import REQUEST
from claims import claim
from hypothesis import given, strategies as st
from msgspec.structs import replace
from wire.server import tokens

from agentco.adapters.models import EventStreamParser, StreamedReply, UnreadableAnswer
from agentco.runs import ChatMessage, MessageRole, ModelAnswer, StopReason, ToolCall

ENDINGS = st.sampled_from([b"\n", b"\r\n", b"\r"])
DATA = st.lists(
    st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"])),
    min_size=1,
)


def pieces(whole: bytes, cuts: list[int]) -> list[bytes]:
    at = sorted({0, len(whole), *(cut % (len(whole) + 1) for cut in cuts)})
    return [whole[a:b] for a, b in pairwise(at)]


@claim("models:speaks")
@given(
    events=st.lists(DATA, max_size=5),
    ending=ENDINGS,
    cuts=st.lists(st.integers(0, 500)),
)
def test_events_are_the_same_however_their_bytes_are_cut(
    events: list[list[str]], ending: bytes, cuts: list[int]
) -> None:
    lines: list[bytes] = []
    for event in events:
        lines += [
            b": a comment",
            b"event: x",
            *(b"data: " + line.encode() for line in event),
            b"",
        ]
    found = EventStreamParser()
    heard = [
        data
        for piece in pieces(ending.join([*lines, b""]), cuts)
        for data in found.feed(piece)
    ]
    heard += found.feed(b"\n\n")
    assert heard == ["\n".join(event).encode() for event in events]


def delta(calls: list[dict[str, Any]], finish: str | None = None) -> str:
    return "data: " + json.dumps(
        {"choices": [{"delta": {"tool_calls": calls}, "finish_reason": finish}]}
    )


def function(
    name: str | None = None, arguments: Any = None, **more: Any
) -> dict[str, Any]:
    return {**more, "function": {"name": name, "arguments": arguments}}


def answered(*events: str, request: Any = REQUEST) -> ModelAnswer:
    reply = StreamedReply(request, lambda _: None)
    reply.feed("".join(f"{event}\n\n" for event in events).encode())
    answer = reply.finished_answer()
    assert answer
    return answer


END = delta([], "stop")
READ = ToolCall(id="call_1", name="Read", arguments='{"path":"a"}')
BOARD = ToolCall(id="call_2", name="Board", arguments="{}")


@claim("models:speaks")
@pytest.mark.parametrize(
    "events",
    [
        [
            delta(
                [
                    function("Read", "", index=0, id="call_1"),
                    function("Board", "{}", index=1, id="call_2"),
                ]
            ),
            delta([function(None, '{"path":', index=0)]),
            delta([function(None, '"a"}', index=0)]),
        ],
        [delta([function("Read", '{"path":"a"}'), function("Board", "{}")])],
        [
            delta([function("Read", '{"path":')]),
            delta([function(None, '"a"}')]),
            delta([function("Board", "{}")]),
        ],
        [
            delta(
                [
                    function("Read", {"path": "a"}, index=0),
                    function("Board", {}, index=1),
                ]
            )
        ],
        [
            delta([function("Read", '{"path":"a"}', index=0, id="call_1")]),
            delta([function("Board", "{}", index=0, id="call_2")]),
        ],
        [
            delta([function("Read", '{"path":"a"}', index=7, id="")]),
            delta([function("Board", "{}", index=-1, id=None)]),
        ],
        [
            delta([function("Read", '{"path":', index=0, id="call_1")]),
            delta([function("Read", '"a"}', index=0, id="call_1")]),
            delta([function("Board", "{}", index=1, id="call_1")]),
        ],
    ],
    ids=["openai", "whole", "no-index", "objects", "one-index", "no-ids", "ids-twice"],
)
def test_calls_are_put_together_however_a_server_writes_them(events: list[str]) -> None:
    answer = answered(*events, END)
    assert answer.stop is StopReason.TOOLS
    assert answer.calls == (READ, BOARD)


@claim("models:speaks")
def test_no_two_calls_of_a_talk_have_one_id() -> None:
    messages = (
        *REQUEST.messages,
        ChatMessage(role=MessageRole.ASSISTANT, calls=(READ, BOARD)),
    )
    again = delta(
        [function("Read", '{"path":"a"}', id="call_2"), function("Board", "{}")]
    )
    calls = answered(again, END, request=replace(REQUEST, messages=messages)).calls
    assert len({call.id for call in (*calls, READ, BOARD)}) == 4


@claim("models:speaks")
def test_a_refusal_is_said_in_its_own_field() -> None:
    answer = answered(
        'data: {"choices": [{"delta": {"refusal": "I will not."}, "finish_reason": "stop"}]}'
    )
    assert (answer.text, answer.stop) == ("I will not.", StopReason.REFUSED)


@claim("models:speaks")
def test_a_document_over_many_lines_is_one_answer() -> None:
    choice = {"message": {"content": "hi"}, "finish_reason": "stop"}
    reply = StreamedReply(REQUEST, lambda _: None)
    reply.feed(json.dumps({"choices": [choice], "usage": None}, indent=2).encode())
    reply.feed(b"\n\n")
    assert reply.finished_answer() == ModelAnswer(text="hi", stop=StopReason.END)


@claim("models:whole")
@given(st.binary(max_size=200), st.lists(st.integers(0, 200)))
def test_no_bytes_crash_it_and_none_are_an_answer(body: bytes, cuts: list[int]) -> None:
    reply = StreamedReply(REQUEST, lambda _: None)
    try:
        for piece in [*pieces(body, cuts), b"\n\n"]:
            reply.feed(piece)
    except UnreadableAnswer:
        pass
    assert reply.finished_answer() is None


@claim("models:wire")
@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_tokens_are_counted_by_bytes(text: str) -> None:
    assert tokens(text) * 4 - 4 < len(text.encode()) <= tokens(text) * 4
