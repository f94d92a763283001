"""The client of Anthropic's messages: the real SDK over the real wire, with every fault that a wire has."""

import asyncio
import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from asking import ENV, KEY, PATIENCE, REQUEST, ask, failing, offer_at
from claims import claim
from hypothesis import HealthCheck, given, settings, strategies as st
from msgspec.structs import replace
from wire.server import Call, Fault, Say, WireServer, blocks_of, wrong_with

from agentco.adapters.models import (
    CallTimeouts,
    ModelClients,
    conversation_turns,
    tools_and_system,
)
from agentco.company import ModelOffer, TokenRates, WireFormat
from agentco.kernel import CallFailed, Trouble
from agentco.rules import call_cost
from agentco.runs import (
    ChatMessage,
    MessageRole,
    ModelAnswer,
    ModelRequest,
    StopReason,
    TokenUsage,
    ToolCall,
    ToolSpec,
)

SOON = CallTimeouts(connect=2, first_byte=0.3, silence=0.3)
WORDS = "The VAT return is due on Wednesday."
CALLS = [
    Call(name="Read", arguments='{"path": "notes.md"}', id="a"),
    Call(name="Board", id="b"),
]
BOARD = ToolSpec(
    name="Board", description="Shows the board.", parameters='{"type": "object"}'
)
LONG = replace(REQUEST, tools=(*REQUEST.tools, BOARD))
"""A request of somebody who will be called again."""


def at(wire: WireServer, **more: Any) -> ModelOffer:
    return offer_at(wire.url, wire=WireFormat.ANTHROPIC, **more)


def said(
    *messages: ChatMessage, request: ModelRequest = LONG, **more: Any
) -> ModelRequest:
    return replace(request, messages=(*request.messages, *messages), **more)


USES = ChatMessage(
    role=MessageRole.ASSISTANT,
    text="Looking.",
    calls=(
        ToolCall(id="a", name="Read", arguments='{"path": "x"}'),
        ToolCall(id="b", name="Board", arguments="["),
    ),
)
REPLIES = (
    ChatMessage(role=MessageRole.TOOL, text="VAT: Wednesday", call="a"),
    ChatMessage(role=MessageRole.TOOL, call="b"),
)


@claim("claude:speaks")
def test_an_answer_is_heard_while_it_comes_and_is_whole_at_the_end(
    wire: WireServer,
) -> None:
    wire.script({"m": [Say(text=WORDS)]})
    talk = ask(at(wire))
    assert talk.answer.text == WORDS == "".join(talk.heard)
    assert len(talk.heard) == 7
    assert (talk.answer.stop, talk.answer.calls) == (StopReason.END, ())
    [billed] = wire.bill.rows
    assert talk.answer.usage == TokenUsage(input=billed.input, output=billed.output)


@claim("claude:speaks")
def test_what_is_sent_is_the_documented_request(wire: WireServer) -> None:
    wire.script({"m": [Say(text="ok")]})
    ask(at(wire))
    [seen] = wire.requests
    assert seen.headers["authorization"] == f"Bearer {KEY}"
    assert seen.headers["user-agent"] == "agentco"
    assert seen.headers["anthropic-version"]
    assert seen.body == {
        "model": "m",
        "max_tokens": 500,
        "stream": True,
        "output_config": {"effort": "low"},
        "system": [{"type": "text", "text": "You are the CFO."}],
        "messages": [
            {"role": "user", "content": [{"type": "text", "text": "What is due?"}]}
        ],
        "tools": [
            {
                "name": "Read",
                "description": "Reads a file.",
                "input_schema": {
                    "type": "object",
                    "properties": {"path": {"type": "string"}},
                },
            }
        ],
    }


@claim("claude:speaks")
def test_a_server_without_a_key_is_sent_none_whatever_the_environment_holds(
    wire: WireServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", KEY)
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://127.0.0.1:9")
    wire.script({"m": [Say(text="ok")]})
    ask(at(wire, api_key_env=None))
    [seen] = wire.requests
    assert KEY not in json.dumps(seen.headers)


@claim("claude:speaks")
@pytest.mark.parametrize("stream", [True, False])
def test_tools_are_called_and_answered(wire: WireServer, stream: bool) -> None:
    wire.script(
        {
            "m": [
                Say(text="Looking.", calls=CALLS, stream=stream),
                Say(text=WORDS, stream=stream),
            ]
        }
    )
    first = ask(at(wire), LONG).answer
    assert (first.stop, first.text) == (StopReason.TOOLS, "Looking.")
    assert [(c.name, json.loads(c.arguments)) for c in first.calls] == [
        ("Read", {"path": "notes.md"}),
        ("Board", {}),
    ]
    assert ask(at(wire), said(USES, *REPLIES)).answer.text == WORDS
    _, uses, results = wire.requests[1].body["messages"]
    assert uses == {
        "role": "assistant",
        "content": [
            {"type": "text", "text": "Looking."},
            {
                "type": "tool_use",
                "id": "ca978112c",
                "name": "Read",
                "input": {"path": "x"},
            },
            {
                "type": "tool_use",
                "id": "3e23e8160",
                "name": "Board",
                "input": {"invalid": "["},
            },
        ],
    }
    assert [b.get("tool_use_id") for b in results["content"]] == [
        "ca978112c",
        "3e23e8160",
    ]


@claim("claude:speaks")
def test_arguments_stay_as_the_model_wrote_them(wire: WireServer) -> None:
    broken = Call(name="Read", arguments='{"path": "no', id="a")
    wire.script({"m": [Say(calls=[broken])]})
    assert ask(at(wire)).answer.calls == (
        ToolCall(id="a", name="Read", arguments='{"path": "no'),
    )


ROLES = st.sampled_from([MessageRole.USER, MessageRole.ASSISTANT])
TEXTS = st.sampled_from(["", " ", "\n", "What is due?", "VAT"])
NAMES = st.sampled_from(["Read", "fly away", "", "é" * 200])


@st.composite
def talks(draw: st.DrawFn) -> ModelRequest:
    """Any talk that a run can have: turns of both sides, calls each with its reply, with or without tools."""
    messages = [
        ChatMessage(role=MessageRole.SYSTEM, text=draw(TEXTS))
        for _ in range(draw(st.integers(0, 3)))
    ]
    for turn in range(draw(st.integers(0, 6))):
        ids = [f"call_{turn}_{n}" for n in range(draw(st.integers(0, 2)))]
        arguments = st.sampled_from(["{}", "", "[1]", '{"path": "x"}'])
        calls = tuple(
            ToolCall(id=id_, name=draw(NAMES), arguments=draw(arguments)) for id_ in ids
        )
        role = MessageRole.ASSISTANT if calls else draw(ROLES)
        messages.append(ChatMessage(role=role, text=draw(TEXTS), calls=calls))
        messages += [
            ChatMessage(role=MessageRole.TOOL, text=draw(TEXTS), call=id_)
            for id_ in ids
        ]
    tools = draw(st.sampled_from([(), REQUEST.tools, LONG.tools]))
    stable, must = draw(st.integers(0, 3)), draw(st.sampled_from(["", "Read"]))
    return ModelRequest(
        messages=tuple(messages),
        tools=tools,
        max_tokens=10,
        stable=stable,
        must=must if tools else "",
    )


@claim("claude:rules")
@given(request=talks())
def test_whatever_was_said_the_request_keeps_the_protocols_rules(
    request: ModelRequest,
) -> None:
    body: dict[str, Any] = {
        "messages": conversation_turns(request),
        **tools_and_system(request),
    }
    assert wrong_with(body) == ""
    roles = [message["role"] for message in body["messages"]]
    assert all(a != b for a, b in pairwise(roles))


@claim("claude:rules")
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(request=talks())
def test_the_sdk_sends_any_talk(wire: WireServer, request: ModelRequest) -> None:
    wire.script({"m": [Say(text=WORDS)]})
    assert ask(at(wire), request).answer.text == WORDS


@claim("claude:rules")
@pytest.mark.parametrize(
    ("stop", "found"),
    [
        ("end_turn", StopReason.END),
        ("stop_sequence", StopReason.END),
        ("max_tokens", StopReason.LENGTH),
        ("model_context_window_exceeded", StopReason.LENGTH),
        ("pause_turn", StopReason.LENGTH),
        ("refusal", StopReason.REFUSED),
    ],
)
def test_why_it_stopped_is_one_of_four(
    wire: WireServer, stop: str, found: StopReason
) -> None:
    wire.script({"m": [Say(text=WORDS, stop=stop)]})
    assert ask(at(wire)).answer.stop is found


@claim("claude:rules")
def test_an_end_that_nobody_knows_is_no_answer(wire: WireServer) -> None:
    wire.script({"m": [Say(text=WORDS, stop="something_new")]})
    with pytest.raises(CallFailed, match="it ended with 'something_new'") as failed:
        ask(at(wire))
    assert failed.value.trouble is Trouble.LOST


@claim("claude:rules")
def test_what_a_model_thinks_is_no_part_of_what_it_says(wire: WireServer) -> None:
    events: list[dict[str, Any]] = [
        {
            "type": "message_start",
            "message": {
                "content": [],
                "usage": {"input_tokens": 9, "output_tokens": 1},
            },
        },
        {"type": "ping"},
        {
            "type": "content_block_start",
            "index": 0,
            "content_block": {"type": "thinking", "thinking": ""},
        },
        {
            "type": "content_block_delta",
            "index": 0,
            "delta": {"type": "thinking_delta", "thinking": "Hm."},
        },
        {
            "type": "content_block_delta",
            "index": 0,
            "delta": {"type": "signature_delta", "signature": "x"},
        },
        {
            "type": "content_block_start",
            "index": 1,
            "content_block": {"type": "text", "text": ""},
        },
        {
            "type": "content_block_delta",
            "index": 1,
            "delta": {"type": "text_delta", "text": "Nine."},
        },
        {
            "type": "message_delta",
            "delta": {"stop_reason": "end_turn"},
            "usage": {"output_tokens": 40},
        },
        {"type": "message_stop"},
    ]
    wire.script(
        {
            "m": [
                Say(
                    body="".join(
                        f"event: {e['type']}\ndata: {json.dumps(e)}\n\n" for e in events
                    )
                )
            ]
        }
    )
    talk = ask(at(wire))
    assert (talk.answer.text, talk.heard) == ("Nine.", ["Nine."])
    assert talk.answer.usage == TokenUsage(input=9, output=40)


@claim("claude:must")
def test_a_call_that_must_come_is_demanded(wire: WireServer) -> None:
    wire.script({"m": [Say(calls=CALLS[:1])]})
    ask(at(wire), replace(LONG, must="Read"))
    choice = {"type": "tool", "name": "Read", "disable_parallel_tool_use": True}
    assert wire.requests[0].body["tool_choice"] == choice


@claim("claude:must")
def test_a_model_that_cannot_be_forced_or_takes_no_effort_is_asked_without_from_then_on(
    wire: WireServer,
) -> None:
    wire.script({"m": [Say(calls=CALLS[:1], forbids=["tool_choice", "output_config"])]})
    must = replace(LONG, must="Read")

    async def twice() -> list[ModelAnswer]:
        models = ModelClients(Path(), ENV)
        answers = [await models.ask(at(wire), must, print) for _ in range(2)]
        await models.aclose()
        return answers

    assert all(answer.calls for answer in asyncio.run(twice()))
    extras = [
        {"tool_choice", "output_config"} & seen.body.keys() for seen in wire.requests
    ]
    assert extras == [{"tool_choice", "output_config"}, {"output_config"}, set(), set()]
    assert wire.bill.calls == 2


@claim("claude:must")
def test_a_refused_effort_is_known_by_the_words_that_anthropic_has_for_it(
    wire: WireServer,
) -> None:
    words = "This model does not support the effort parameter."
    wire.script(
        {
            "m": [
                Say(status=400, kind="invalid_request_error", error=words),
                Say(text=WORDS),
            ]
        }
    )
    assert ask(at(wire)).answer.text == WORDS
    assert ["output_config" in seen.body for seen in wire.requests] == [True, False]


@claim("claude:must")
def test_who_may_say_much_may_think_more(wire: WireServer) -> None:
    wire.script({"m": [Say(text=WORDS)]})
    ask(at(wire), replace(REQUEST, max_tokens=8000))
    assert wire.requests[0].body["output_config"] == {"effort": "medium"}


@claim("claude:must")
def test_the_last_turn_names_the_tools_that_were_used_and_allows_none(
    wire: WireServer,
) -> None:
    wire.script({"m": [Say(text=WORDS)]})
    ask(at(wire), said(USES, *REPLIES, tools=()))
    [seen] = wire.requests
    assert [tool["name"] for tool in seen.body["tools"]] == ["Read", "Board"]
    assert seen.body["tool_choice"] == {"type": "none"}
    assert not any("cache_control" in block for block in blocks_of(seen.body))


def marked(request: ModelRequest) -> list[dict[str, Any]]:
    body = {"messages": conversation_turns(request), **tools_and_system(request)}
    return [block for block in blocks_of(body) if "cache_control" in block]


@claim("claude:cache")
def test_tools_the_stable_text_and_the_last_word_are_kept_for_the_next_call() -> None:
    system = ChatMessage(role=MessageRole.SYSTEM, text="Today is Friday.")
    request = replace(LONG, messages=(LONG.messages[0], system, LONG.messages[1]))
    assert [b.get("name") or b["text"] for b in marked(request)] == [
        "Board",
        "You are the CFO.",
        "What is due?",
    ]
    assert all(b["cache_control"] == {"type": "ephemeral"} for b in marked(request))
    assert [
        b.get("name") or b["text"] for b in marked(replace(request, must="Read"))
    ] == ["Board", "You are the CFO."]


@claim("claude:cache")
def test_who_will_not_be_called_again_pays_for_no_cache() -> None:
    assert marked(REQUEST) == marked(replace(REQUEST, tools=())) == []


RATES = TokenRates(
    input=3_000_000, output=15_000_000, cached=300_000, written=3_750_000
)


@claim("claude:bill")
def test_what_is_billed_with_its_cache_is_what_we_count_to_the_micro_dollar(
    wire: WireServer,
) -> None:
    wire.script(
        {"m": [Say(text=WORDS)]},
        rates=(3_000_000, 15_000_000),
        cache=(300_000, 3_750_000),
    )
    long = ChatMessage(role=MessageRole.SYSTEM, text="You are the CFO. " * 200)
    request = replace(LONG, messages=(long, *LONG.messages[1:]))
    talk = [
        ask(at(wire), said(*more, request=request)).answer
        for more in ((), (USES, *REPLIES), (USES, *REPLIES))
    ]
    usages = [answer.usage for answer in talk]
    rows = wire.bill.rows
    assert usages == [
        TokenUsage(input=r.input, output=r.output, cached=r.read, written=r.written)
        for r in rows
    ]
    assert [call_cost(RATES, usage) for usage in usages if usage] == [
        row.micro_usd for row in rows
    ]
    assert rows[0].read == 0 < rows[0].written
    assert 0 < rows[1].written < rows[0].written == rows[1].read
    assert rows[2].written == 0 < rows[1].read < rows[2].read


@claim("claude:bill")
@pytest.mark.parametrize(
    "usage",
    [
        {},
        {"input_tokens": 10},
        {"output_tokens": 10},
        {"input_tokens": -1, "output_tokens": 5},
        {"input_tokens": 10, "output_tokens": -5},
        {"input_tokens": 10, "output_tokens": 1101},
        {"input_tokens": 10, "output_tokens": 0},
        {"input_tokens": 0, "output_tokens": 5},
        {"input_tokens": "10", "output_tokens": "5"},
        {"input_tokens": 10.5, "output_tokens": 5},
        {"input_tokens": None, "output_tokens": None},
        {"input_tokens": 10, "output_tokens": 10**30},
        {"input_tokens": 10, "output_tokens": 5, "cache_read_input_tokens": -3},
        {"input_tokens": 10, "output_tokens": 5, "cache_creation_input_tokens": 10**9},
    ],
)
@pytest.mark.parametrize("stream", [True, False])
def test_fault_77_usage_that_cannot_be_is_none(
    wire: WireServer, usage: dict[str, Any], stream: bool
) -> None:
    wire.script({"m": [Say(text=WORDS, usage=usage, stream=stream)]})
    answer = ask(at(wire)).answer
    assert (answer.text, answer.usage) == (WORDS, None)


@claim("claude:bill")
def test_fault_77_the_count_that_comes_before_the_answer_is_none(
    wire: WireServer,
) -> None:
    start = {
        "type": "message_start",
        "message": {"usage": {"input_tokens": 9, "output_tokens": 1}},
    }
    block = {
        "type": "content_block_start",
        "content_block": {"type": "text", "text": "A long answer."},
    }
    stop = {"type": "message_delta", "delta": {"stop_reason": "end_turn"}}
    wire.script(
        {
            "m": [
                Say(
                    body="".join(
                        f"data: {json.dumps(e)}\n\n" for e in (start, block, stop)
                    )
                )
            ]
        }
    )
    assert ask(at(wire)).answer == ModelAnswer(
        text="A long answer.", stop=StopReason.END
    )


@claim("claude:whole")
@pytest.mark.parametrize(
    "fault",
    [
        Fault.DROP,
        Fault.NO_HEAD,
        Fault.STALL_FIRST,
        Fault.STALL,
        Fault.CUT,
        Fault.NO_FINISH,
        Fault.GARBAGE,
        Fault.ERROR,
        Fault.PAGE,
    ],
)
def test_fault_75_what_is_cut_stalls_or_is_garbled_is_lost(
    wire: WireServer, fault: Fault
) -> None:
    wire.script(
        {"m": [Say(text=WORDS, fault=fault, kind="overloaded_error")]},
        billed_when_read=True,
    )
    failed = failing(at(wire), limits=SOON)
    assert failed.trouble is Trouble.LOST
    assert failed.what.startswith("workshop/m did not finish its answer: ")
    assert "billed" in failed.hint
    assert wire.bill.requests == 1


@claim("claude:whole")
@pytest.mark.parametrize(
    ("kind", "trouble"),
    [
        ("overloaded_error", Trouble.BUSY),
        ("rate_limit_error", Trouble.BUSY),
        ("api_error", Trouble.LOST),
        ("invalid_request_error", Trouble.LOST),
    ],
)
def test_fault_74_an_overload_told_in_place_of_an_answer_is_a_529(
    wire: WireServer, kind: str, trouble: Trouble
) -> None:
    wire.script(
        {"m": [Say(text=WORDS, fault=Fault.ERROR_FIRST, kind=kind, error="Overloaded")]}
    )
    failed = failing(at(wire))
    assert failed.trouble is trouble
    assert "Overloaded" in failed.what
    assert wire.bill.calls == 0


@claim("claude:whole")
@pytest.mark.parametrize("fault", [Fault.CUT_LAST, Fault.STALL_LAST])
@pytest.mark.parametrize("done", [True, False])
def test_an_answer_that_said_why_it_stopped_is_whole_whatever_comes_after(
    wire: WireServer, fault: Fault, done: bool
) -> None:
    wire.script({"m": [Say(text=WORDS, fault=fault, done=done)]})
    assert ask(at(wire), limits=CallTimeouts(silence=1)).answer.text == WORDS


@claim("claude:whole")
def test_an_answer_without_end_is_given_up(wire: WireServer) -> None:
    wire.script({"m": [Say(text=WORDS, fault=Fault.FLOOD)]})
    assert "larger than 16 MiB" in failing(at(wire)).what
    wire.until(lambda bill: bill.gone == 1)


@claim("claude:whole")
@pytest.mark.parametrize(
    "body",
    ["", "null", "[]", "{}", "12", '{"error": {"type": "x"}}', "\x00\x01", "data: {"],
)
def test_a_body_that_is_no_answer_is_lost(wire: WireServer, body: str) -> None:
    wire.script({"m": [Say(body=body)]})
    assert failing(at(wire)).trouble is Trouble.LOST


@claim("models:longest-call")
def test_a_message_that_trickles_without_end_is_given_up(wire: WireServer) -> None:
    wire.script({"m": [Say(text="word " * 400, pause=0.05)]})
    limits = CallTimeouts(first_byte=5, silence=5, whole=0.4)
    failed = failing(at(wire), limits=limits)
    assert failed.trouble is Trouble.LOST
    assert (
        failed.what == "workshop/m did not finish its answer: it took longer than 0.4 s"
    )


@claim("claude:whole")
def test_a_model_may_think_longer_than_an_answer_may_be_silent(
    wire: WireServer,
) -> None:
    limits = CallTimeouts(connect=5, first_byte=15, silence=0.5)
    wire.script({"m": [Say(text=WORDS, think=1.0), Say(text=WORDS, fault=Fault.STALL)]})
    assert ask(at(wire), limits=limits).answer.text == WORDS
    assert failing(at(wire), limits=limits).trouble is Trouble.LOST


STATUSES = [
    (
        401,
        Trouble.CLOSED,
        "refused the key",
        "set WORKSHOP_KEY to a key that it accepts",
    ),
    (403, Trouble.CLOSED, "refused the key", "set WORKSHOP_KEY"),
    (402, Trouble.CLOSED, "has no credit left", "add credit"),
    (
        404,
        Trouble.CLOSED,
        "is not known there",
        "correct the model's name, or the api_base http",
    ),
    (400, Trouble.REFUSED, "refused the request", "or use another model"),
    (413, Trouble.REFUSED, "refused the request", "or use another model"),
    (302, Trouble.REFUSED, "refused the request", "or use another model"),
    (408, Trouble.BUSY, "cannot answer now", "second model"),
    (409, Trouble.REFUSED, "refused the request", "or use another model"),
    (429, Trouble.BUSY, "cannot answer now", "second model"),
    (500, Trouble.BUSY, "cannot answer now", "second model"),
    (503, Trouble.BUSY, "cannot answer now", "second model"),
    (504, Trouble.BUSY, "cannot answer now", "second model"),
    (529, Trouble.BUSY, "cannot answer now", "second model"),
]


@claim("claude:refused")
@pytest.mark.parametrize(("status", "trouble", "what", "hint"), STATUSES)
def test_a_status_says_what_to_do_and_is_asked_once(
    wire: WireServer, status: int, trouble: Trouble, what: str, hint: str
) -> None:
    wire.script(
        {
            "m": [
                Say(
                    status=status,
                    headers={"retry-after": "7", "location": "http://127.0.0.1:9/"},
                )
            ]
        }
    )
    failed = failing(at(wire))
    assert (failed.trouble, failed.exit_code) == (trouble, 4)
    assert f"workshop/m {what} ({status})" in failed.what
    assert hint in failed.hint
    assert failed.retry_after == (7.0 if trouble is Trouble.BUSY else None)
    assert (wire.bill.requests, wire.bill.calls) == (1, 0)


@claim("claude:refused")
@pytest.mark.parametrize(
    ("status", "words"),
    [
        (400, "Your credit balance is too low to access the Anthropic API."),
        (429, "enforced_spend_limit_reached: the monthly limit of your tier"),
    ],
)
def test_an_empty_account_is_not_a_storm(
    wire: WireServer, status: int, words: str
) -> None:
    wire.script({"m": [Say(status=status, kind="invalid_request_error", error=words)]})
    failed = failing(at(wire))
    assert (failed.trouble, failed.retry_after) == (Trouble.CLOSED, None)
    assert f"has no credit left ({status}): {words[:20]}" in failed.what


@claim("claude:refused")
def test_an_error_as_long_as_one_likes_is_read_at_its_beginning_only(
    wire: WireServer,
) -> None:
    wire.script({"m": [Say(status=500, body="x" * 40_000_000)]})
    assert len(failing(at(wire)).what) < 250


@claim("claude:refused")
def test_a_key_that_a_server_repeats_is_not_passed_on(wire: WireServer) -> None:
    wire.script({}, key="another")
    assert "key" in failing(at(wire)).what
    wire.script(
        {
            "m": [
                Say(status=400, error=f"Bearer {KEY} is odd"),
                Say(text="a b", fault=Fault.ERROR, error=KEY),
            ]
        }
    )
    assert "Bearer [key] is odd" in failing(at(wire)).what
    assert "[key]" in failing(at(wire)).what


@claim("claude:refused")
@pytest.mark.parametrize("key", ["", "  ", "schlüssel", "two\nlines"])
def test_without_a_key_it_is_missing_and_nobody_is_asked(
    wire: WireServer, key: str
) -> None:
    models = ModelClients(Path(), {"WORKSHOP_KEY": key})
    assert (
        models.missing(at(wire))
        == "workshop/m needs a key: WORKSHOP_KEY is not set, or does not hold a valid key"
    )
    with pytest.raises(CallFailed):
        asyncio.run(models.ask(at(wire), REQUEST, print))
    assert wire.bill.connections == 0


@claim("claude:refused")
def test_nobody_at_an_address_is_unreachable(wire: WireServer) -> None:
    failed = failing(at(wire, api_base="https://nobody.invalid"))
    assert failed.trouble is Trouble.UNREACHABLE
    assert "workshop/m cannot be reached" in failed.what


@claim("claude:refused")
def test_proxies_of_the_environment_are_not_asked_about_this_machine(
    wire: WireServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    wire.script({"m": [Say(text=WORDS)]})
    assert ask(at(wire)).answer.text == WORDS


@claim("claude:cancelled")
@pytest.mark.parametrize("fault", [Fault.NO_HEAD, Fault.STALL_FIRST, Fault.STALL])
def test_a_cancelled_call_is_closed_and_the_server_sees_it(
    wire: WireServer, fault: Fault
) -> None:
    wire.script({"m": [Say(text=WORDS, fault=fault)]})

    async def cancelling() -> None:
        models = ModelClients(Path(), ENV)
        call = asyncio.create_task(models.ask(at(wire), REQUEST, print))
        await asyncio.to_thread(wire.until, lambda bill: bill.open == 1)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            async with asyncio.timeout(PATIENCE):
                await call
        await asyncio.to_thread(wire.until, lambda bill: bill.gone == 1)
        await models.aclose()

    asyncio.run(cancelling())
    assert wire.bill.calls == 0


@claim("claude:many")
def test_fifty_calls_wait_at_once_and_are_billed_as_we_count_them(
    wire: WireServer,
) -> None:
    wire.script(
        {"m": [Say(text=WORDS, delay=0.2)]},
        rates=(3_000_000, 15_000_000),
        cache=(300_000, 3_750_000),
    )

    async def asking() -> list[ModelAnswer]:
        models = ModelClients(Path(), ENV)
        async with asyncio.timeout(PATIENCE):
            found = await asyncio.gather(
                *(models.ask(at(wire), LONG, lambda _: None) for _ in range(50))
            )
        await models.aclose()
        return found

    answers = asyncio.run(asking())
    assert {answer.text for answer in answers} == {WORDS}
    assert (
        sum(call_cost(RATES, a.usage) for a in answers if a.usage)
        == wire.bill.micro_usd
    )
    assert wire.bill.calls == 50
    assert wire.bill.most_open > 25


@claim("claude:many")
def test_one_call_after_another_shares_a_connection(wire: WireServer) -> None:
    wire.script({"m": [Say(text=WORDS)]})

    async def asking() -> None:
        models = ModelClients(Path(), ENV)
        for _ in range(3):
            await models.ask(at(wire), REQUEST, print)
        await models.aclose()

    asyncio.run(asking())
    assert (wire.bill.requests, wire.bill.connections) == (3, 1)
