"""Through LiteLLM: a provider hears again what it gave with a turn, and one that loads is waited for."""

import json
from typing import Any

import msgspec
import pytest
from asking import REQUEST, ask
from claims import claim
from msgspec.structs import replace
from test_lite import WAYS, lite_at
from wire.server import Say, WireServer

from agentco.adapters.answers import restore_echoes
from agentco.runs import ChatMessage, MessageRole, ModelRequest, TokenUsage

pytestmark = pytest.mark.filterwarnings("ignore")  # LiteLLM's own
SIGNATURE = {"google": {"thought_signature": "QUJD"}}
CALL = {
    "id": "abcdefghi",
    "type": "function",
    "function": {"name": "Read", "arguments": '{"path": "a.md"}'},
}
SIGNED = CALL | {"extra_content": SIGNATURE}
THOUGHT = [{"type": "thinking", "thinking": [{"type": "text", "text": "I look."}]}]
COUNTED = {"prompt_tokens": 100, "completion_tokens": 9, "total_tokens": 109}


def completion(**message: Any) -> Say:
    """A chat completion that calls a tool, with what else its server says in it."""
    said = {"role": "assistant", "content": None, "tool_calls": [SIGNED]} | message
    choice = {"index": 0, "message": said, "finish_reason": "tool_calls"}
    about = {"id": "x", "object": "chat.completion", "created": 1, "model": "m"}
    return Say(body=json.dumps(about | {"choices": [choice], "usage": COUNTED}))


def next_turn(url: str, name: str, heard_from: str = "") -> ModelRequest:
    """What is asked once a tool that a model called has returned."""
    answer = ask(lite_at(url, heard_from or name)).answer
    turn = ChatMessage(role=MessageRole.ASSISTANT, text=answer.text, calls=answer.calls)
    tool = ChatMessage(role=MessageRole.TOOL, text="VAT", call=answer.calls[0].id)
    return replace(REQUEST, messages=(*REQUEST.messages, turn, tool))


def sent_turn(wire: WireServer) -> dict[str, Any]:
    """The turn of the model in the request that came in last."""
    messages = wire.requests[-1].body["messages"]
    [turn] = [each for each in messages if each.get("tool_calls")]
    return turn


@claim("lite:speaks")
@pytest.mark.parametrize(
    "name",
    [
        "mistral/m",
        "groq/m",
        "deepseek/m",
        "xai/m",
        "openrouter/m",
        "azure/m",
        *WAYS[:2],
    ],
)
def test_reasoning_and_signatures_go_back_though_litellm_leaves_them_out(
    wire: WireServer, name: str
) -> None:
    wire.script({"*": [completion(reasoning_content="I look."), Say(text="VAT.")]})
    more = next_turn(wire.url, name)
    assert ask(lite_at(wire.url, name), more).answer.text == "VAT."
    turn = sent_turn(wire)
    assert turn["reasoning_content"] == "I look."
    assert turn["tool_calls"][0]["extra_content"] == SIGNATURE
    assert wire.requests[-1].body["messages"][-1]["content"] == "VAT"


@claim("lite:speaks")
def test_nothing_of_it_goes_to_another_provider(wire: WireServer) -> None:
    wire.script({"*": [completion(reasoning_content="I look."), Say(text="VAT.")]})
    more = next_turn(wire.url, "mistral/m", heard_from="deepseek/m")
    ask(lite_at(wire.url, "mistral/m"), more)
    assert "I look." not in json.dumps(wire.requests[-1].body)
    assert "QUJD" not in json.dumps(wire.requests[-1].body)


@claim("lite:speaks")
@pytest.mark.parametrize("name", ["mistral/m", "mistral/magistral-medium-latest"])
def test_thoughts_among_the_content_go_back_to_mistral(
    wire: WireServer, name: str
) -> None:
    said = [*THOUGHT, {"type": "text", "text": "Looking."}]
    wire.script({"*": [completion(content=said), Say(text="VAT.")]})
    more = next_turn(wire.url, name)
    ask(lite_at(wire.url, name), more)
    assert sent_turn(wire)["content"] == said


@claim("lite:speaks")
def test_geminis_own_protocol_gets_its_thoughts_and_signature_back(
    wire: WireServer,
) -> None:
    name = "gemini/gemini-3-flash-preview"
    use: dict[str, Any] = {
        "functionCall": {"name": "Read", "args": {}},
        "thoughtSignature": "QUJD",
    }
    thought = {"text": "I look.", "thought": True}
    counts = {
        "promptTokenCount": 100,
        "candidatesTokenCount": 9,
        "thoughtsTokenCount": 11,
        "totalTokenCount": 120,
    }
    wire.script(
        {
            "*": [
                Say(
                    body=json.dumps(
                        {"candidates": [candidate], "usageMetadata": counts}
                    )
                )
                for candidate in (
                    gemini_turn(thought, use),
                    gemini_turn({"text": "VAT."}),
                )
            ]
        }
    )
    more = next_turn(wire.url, name)
    answer = ask(lite_at(wire.url, name), more).answer
    assert (answer.text, answer.usage) == ("VAT.", TokenUsage(input=100, output=20))
    [turn] = [
        each for each in wire.requests[-1].body["contents"] if each["role"] == "model"
    ]
    assert {"text": "I look.", "thought": True} in turn["parts"]
    assert [part.get("thoughtSignature") for part in turn["parts"]] == [None, "QUJD"]


@claim("lite:speaks")
def test_anthropics_protocol_gets_its_thoughts_with_their_signatures_back(
    wire: WireServer,
) -> None:
    thought = {"type": "thinking", "thinking": "I look.", "signature": "c2ln"}
    use = {"type": "tool_use", "id": "toolu_1", "name": "Read", "input": {"path": "a"}}
    message = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "m",
        "content": [thought, use],
        "stop_reason": "tool_use",
        "usage": {"input_tokens": 100, "output_tokens": 9},
    }
    wire.script({"m": [Say(body=json.dumps(message)), Say(text="VAT.")]})
    more = next_turn(wire.url, "anthropic/m")
    assert ask(lite_at(wire.url, "anthropic/m"), more).answer.text == "VAT."
    [turn] = [
        each
        for each in wire.requests[-1].body["messages"]
        if each["role"] == "assistant"
    ]
    assert thought in turn["content"]


def gemini_turn(*parts: dict[str, Any]) -> dict[str, Any]:
    content = {"role": "model", "parts": parts}
    return {"content": content, "finishReason": "STOP", "index": 0}


@claim("lite:speaks")
@pytest.mark.parametrize("name", [*WAYS, "mistral/m"])
def test_a_server_that_loads_its_model_is_waited_for(
    wire: WireServer, name: str
) -> None:
    loading = Say(status=503, error="Loading model")
    wire.script({"m": [loading, loading, Say(text="ok")]})
    assert ask(lite_at(wire.url, name)).answer.text == "ok"
    assert wire.bill.requests == 3


TURNS = (
    {"role": "user", "content": "What is due?"},
    {"role": "assistant", "reasoning_content": "I look.", "tool_calls": [SIGNED]},
)


@claim("lite:speaks")
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no JSON",
        b'{"contents": [{"role": "model", "parts": []}]}',
        b'{"messages": "one text"}',
        b'{"messages": [{"role": "assistant", "content": [{"type": "tool_use"}]}]}',
        b'{"messages": [{"tool_calls": [{}]}, {"tool_calls": [{}]}]}',
        b"[" * 100_000,
    ],
)
def test_a_request_in_another_form_is_sent_as_it_is(body: bytes) -> None:
    assert restore_echoes(body, TURNS) == body


@claim("lite:speaks")
def test_what_a_translator_kept_or_wrote_itself_stays() -> None:
    sent = {"role": "assistant", "reasoning_content": "Mine.", "tool_calls": [CALL]}
    body = msgspec.json.encode({"model": "m", "messages": [TURNS[0], sent]})
    [_, turn] = msgspec.json.decode(restore_echoes(body, TURNS))["messages"]
    assert turn == sent | {"tool_calls": [SIGNED]}
    assert restore_echoes(body, TURNS[:1]) == body
