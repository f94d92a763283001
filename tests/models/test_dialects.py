"""What servers really send: thoughts in the text, calls written as text, ends of all kinds."""

import json
from typing import Any

import pytest
from asking import REQUEST, ask, offer_at
from claims import claim
from hypothesis import given, strategies as st
from msgspec.structs import replace
from wire.server import Say, WireServer

from agentco.adapters.models import StreamedReply
from agentco.company import WireFormat
from agentco.kernel import CallFailed, Trouble
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

SHOW = {"operation": "show"}
OBJECT = '{"name": "Board", "arguments": {"operation": "show"}}'
SCHEMA = '{"type": "object"}'
TOOLS = tuple(
    ToolSpec(name=name, description=name, parameters=SCHEMA)
    for name in ("Board", "Read", "Verdict")
)


def chunk(content: Any, finish: str | None = None, **usage: int) -> bytes:
    choice = {"delta": {"content": content}, "finish_reason": finish}
    document: dict[str, Any] = {"choices": [choice]}
    if usage:
        document["usage"] = usage
    return b"data: " + json.dumps(document).encode() + b"\n\n"


def heard_and_said(*events: bytes, cut: int = 7) -> tuple[str, ModelAnswer | None]:
    """What was heard of a stream in small pieces, and the answer that it came to."""
    heard: list[str] = []
    reply = StreamedReply(replace(REQUEST, tools=TOOLS), heard.append)
    whole = b"".join(events)
    for start in range(0, len(whole), cut):
        reply.feed(whole[start : start + cut])
    return "".join(heard), reply.finished_answer()


def answered(text: str, finish: str = "stop", step: int = 3) -> ModelAnswer:
    pieces = [text[i : i + step] for i in range(0, len(text), step)]
    _, answer = heard_and_said(*map(chunk, pieces), chunk("", finish))
    assert answer
    return answer


@claim("models:speaks")
@pytest.mark.parametrize(
    "thought",
    [
        "<think>\nName VAT? No.\n</think>\n\n",
        "Name VAT? No.\n</think>\n\n",
        "<thinking>Name VAT?</thinking>\n<thinking>No.</thinking>\n",
        "<Thought time='3'>Name VAT?</Thought>",
        "<seed:think>Name VAT?</seed:think>",
        "[THINK]Name VAT?[/THINK]",
        "◁think▷Name VAT?◁/think▷",
        "<|channel|>analysis<|message|>VAT?<|end|><|start|>assistant<|channel|>final<|message|>",
        "analysisName VAT?assistantfinal",
    ],
)
def test_thoughts_are_no_part_of_an_answer(thought: str) -> None:
    assert answered(f"{thought}Lumen keeps notes.").text == "Lumen keeps notes."


@claim("models:speaks")
def test_what_is_thought_is_not_heard() -> None:
    heard, answer = heard_and_said(
        chunk("<think>Name VAT?</thi"), chunk("nk>\n\nLumen"), chunk(" keeps.", "stop")
    )
    assert heard == "Lumen keeps."
    assert answer
    assert answer.text == heard


@claim("models:speaks")
@pytest.mark.parametrize(
    "text",
    [
        "Put it into `<think>` tags.",
        "An example:\n```\n<think>Hm.</think>\nYes.\n```\nThat is all.",
        "a < b, [x] and [THINKING] about it",
        "First.\n<think>it goes on to the end",
        "Wrap it in `<tool_call>`.",
        f"Our agents write this:\n```\n<tool_call>{OBJECT}</tool_call>\n```\nThat is a call.",
    ],
)
def test_what_only_speaks_of_marks_stays(text: str) -> None:
    answer = answered(text)
    assert (answer.text, answer.calls) == (text, ())


@claim("models:speaks")
def test_an_answer_that_is_all_thought_says_nothing() -> None:
    assert not answered("<think>Still at it").text


@claim("models:speaks")
@given(st.text(max_size=80), st.integers(1, 9))
def test_text_without_marks_is_the_same_however_it_is_cut(text: str, step: int) -> None:
    plain = text.translate(dict.fromkeys(map(ord, "<[◁`~"), " ")).lstrip()
    if not plain.startswith("analysis"):
        whole = plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        assert answered(plain, step=step).text == whole


@claim("models:speaks")
@pytest.mark.parametrize(
    "written",
    [
        f"<tool_call>\n{OBJECT}\n</tool_call>",
        f"<tool_call>\n{OBJECT}",
        f"<tool_call>\n{OBJECT[:-1]}\n</tool_call>",
        "<function=Board>\n<parameter=operation>\nshow\n</parameter>\n</function>",
        '<function=Board>{"operation": "show"}</function>',
        f"[TOOL_CALLS][{OBJECT}]",
        '[TOOL_CALLS]Board[ARGS]{"operation": "show"}',
        '[TOOL_CALLS]Board[CALL_ID]a1b2c3d4e[ARGS]{"operation": "show"}',
        "<tool_call>Board\n<arg_key>operation</arg_key>\n<arg_value>show</arg_value>\n</tool_call>",
        (
            "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>Board\n"
            '```json\n{"operation": "show"}\n```<｜tool▁call▁end｜><｜tool▁calls▁end｜>'
        ),
        (
            '<｜DSML｜function_calls><｜DSML｜invoke name="Board"><｜DSML｜parameter name="operation"'
            ' string="true">show</｜DSML｜parameter></｜DSML｜invoke></｜DSML｜function_calls>'
        ),
        '<|python_tag|>{"name": "Board", "parameters": {"operation": "show"}}',
        '<|python_tag|>[Board(operation="show")]',
        '```tool_code\nBoard(operation="show")\n```',
        (
            '<minimax:tool_call><invoke name="Board"><parameter name="operation">show'
            "</parameter></invoke></minimax:tool_call>"
        ),
        f"[TOOL_REQUEST]\n{OBJECT}\n[END_TOOL_REQUEST]",
        (
            "<|tool_calls_section_begin|><|tool_call_begin|>functions.Board:0"
            '<|tool_call_argument_begin|>{"operation": "show"}<|tool_call_end|>'
        ),
        '<|START_ACTION|>[{"tool_name": "Board", "parameters": {"operation": "show"}}]',
        '<tool_call>{"function": {"name": "board", "arguments": "{\\"operation\\": \\"show\\"}"}}',
        "<think>Let me see.</think><tool_call>" + OBJECT + "</tool_call>",
        (
            "<|channel|>commentary to=functions.Board <|constrain|>json<|message|>"
            '{"operation": "show"}<|call|>'
        ),
    ],
)
@pytest.mark.parametrize("before", ["", "Let me look first.\n"])
def test_a_call_that_is_written_as_text_is_a_call(written: str, before: str) -> None:
    answer = answered(before + written, step=5)
    assert [call.name for call in answer.calls] == ["Board"]
    assert json.loads(answer.calls[0].arguments) == SHOW
    assert answer.stop is StopReason.TOOLS
    assert answer.text.strip() in {before.strip(), ""}


@claim("models:speaks")
def test_several_written_calls_are_all_taken() -> None:
    read = '{"name": "Read", "arguments": {"path": "a"}}'
    calls = answered(f"<tool_calls>\n{OBJECT}\n{read}\n</tool_calls>").calls
    assert [call.name for call in calls] == ["Board", "Read"]
    assert len({call.id for call in calls}) == len(calls)


@claim("models:speaks")
@pytest.mark.parametrize(
    "text",
    [
        '<tool_call>{"name": "Shop", "arguments": {}}</tool_call>',
        "<tool_call>Hm.</tool_call>",
    ],
)
def test_an_answer_that_is_a_call_is_no_text(text: str) -> None:
    answer = answered(text)
    assert answer.calls
    assert not answer.text


@claim("models:speaks")
@pytest.mark.parametrize(
    "name", ["board", "functions.Board", "Board:0", "Board<|channel|>x"]
)
def test_the_name_of_a_tool_is_read_up_to_a_stray_mark(name: str) -> None:
    call = {"id": "c1", "function": {"name": name, "arguments": "{}"}}
    choice = {"delta": {"tool_calls": [call]}, "finish_reason": "tool_calls"}
    event = json.dumps({"choices": [choice]}).encode()
    _, answer = heard_and_said(b"data: " + event + b"\n\n")
    assert answer
    assert [call.name for call in answer.calls] == ["Board"]


@claim("models:speaks")
@pytest.mark.parametrize(
    ("end", "reason"),
    [
        ("stop", StopReason.END),
        ("STOP", StopReason.END),
        ("eos_token", StopReason.END),
        ("COMPLETE", StopReason.END),
        ("FinishReason.MAX_TOKENS", StopReason.LENGTH),
        ("model_length", StopReason.LENGTH),
        ("content-filter", StopReason.REFUSED),
        ("SAFETY", StopReason.REFUSED),
        ("sensitive", StopReason.REFUSED),
    ],
)
def test_an_end_is_known_however_it_is_spelled(end: str, reason: StopReason) -> None:
    assert answered("Lumen keeps notes.", end).stop is reason


@claim("models:speaks")
@pytest.mark.parametrize(
    "end", ["network_error", "insufficient_system_resource", "abort", "error", "OTHER"]
)
def test_an_end_that_nobody_knows_makes_no_answer(wire: WireServer, end: str) -> None:
    wire.script({"m": [Say(text="Lumen keeps no", stop=end)]})
    with pytest.raises(CallFailed, match=f"it ended with '{end}'") as failed:
        ask(offer_at(wire.url))
    assert failed.value.trouble is Trouble.LOST


@claim("models:speaks")
def test_of_a_list_of_parts_the_text_is_said() -> None:
    thought = [{"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}]
    said = [{"type": "text", "text": "Lumen keeps notes."}]
    _, answer = heard_and_said(chunk(thought), chunk(said), chunk("", "stop"))
    assert answer
    assert answer.text == "Lumen keeps notes."


@claim("models:speaks")
def test_halves_of_a_character_in_two_events_are_joined() -> None:
    events = [
        b'data: {"choices": [{"delta": {"content": "Launch day \\ud83d"}}]}\n\n',
        b'data: {"choices": [{"delta": {"content": "\\ude80 is here.\\ud83d"}}]}\n\n',
        chunk("", "stop"),
    ]
    heard, answer = heard_and_said(*events)
    assert answer
    assert answer.text == "Launch day \U0001f680 is here.\ufffd"
    assert heard.startswith("Launch day \U0001f680 is here.")


@claim("models:speaks")
def test_bytes_that_are_no_text_spoil_no_answer() -> None:
    event = b'data: {"choices": [{"delta": {"content": "caf\xe9"}}]}\n\n'
    _, answer = heard_and_said(event, chunk("", "stop"), cut=1000)
    assert answer
    assert answer.text == "caf\ufffd"


@claim("models:speaks")
def test_thoughts_that_only_the_total_counts_are_paid() -> None:
    usage = {"prompt_tokens": 900, "completion_tokens": 20, "total_tokens": 1120}
    _, answer = heard_and_said(chunk("Lumen keeps notes.", "stop", **usage))
    assert answer
    assert answer.usage
    assert answer.usage.output == 220


def asked_twice(wire: WireServer, refusal: str, request: ModelRequest) -> ModelAnswer:
    """The answer of a server that refuses the first request with these words."""
    wire.script({"m": [Say(status=400, error=refusal), Say(text="ok")]})
    return ask(offer_at(wire.url), request).answer


@claim("models:speaks")
def test_a_gateway_that_knows_only_the_new_name_of_the_limit_is_told_that(
    wire: WireServer,
) -> None:
    words = "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."
    assert asked_twice(wire, words, REQUEST).text == "ok"
    first, second = [seen.body for seen in wire.requests]
    assert (first["max_tokens"], second["max_completion_tokens"]) == (500, 500)
    assert "max_tokens" not in second


@claim("models:speaks")
def test_a_model_without_tools_is_asked_without_them_and_that_is_told(
    wire: WireServer,
) -> None:
    call = ToolCall(id="a", name="Read", arguments='{"path": "a"}')
    talk = (
        *REQUEST.messages,
        ChatMessage(role=MessageRole.ASSISTANT, calls=(call,)),
        ChatMessage(role=MessageRole.TOOL, text="VAT: Wednesday", call="a"),
    )
    request = replace(REQUEST, messages=talk, must="Read")
    answer = asked_twice(wire, "gemma3:4b does not support tools", request)
    assert answer.note == "workshop/m cannot use tools, so it worked without them"
    body = wire.requests[1].body
    assert not {"tools", "tool_choice"} & set(body)
    assert [turn["role"] for turn in body["messages"][2:]] == ["assistant", "user"]
    assert "VAT: Wednesday" in body["messages"][3]["content"]


@claim("models:speaks")
def test_a_model_without_tools_behind_anthropics_protocol_is_asked_without_them_too(
    wire: WireServer,
) -> None:
    call = ToolCall(id="a", name="Read", arguments='{"path": "a"}')
    talk = (
        *REQUEST.messages,
        ChatMessage(role=MessageRole.ASSISTANT, calls=(call,)),
        ChatMessage(role=MessageRole.TOOL, text="VAT: Wednesday", call="a"),
    )
    refusal = Say(status=400, error="gemma3:4b does not support tools")
    wire.script({"m": [refusal, Say(text="ok")]})
    offer = offer_at(wire.url, wire=WireFormat.ANTHROPIC)
    answer = ask(offer, replace(REQUEST, messages=talk, must="Read")).answer
    assert answer.note == "workshop/m cannot use tools, so it worked without them"
    body = wire.requests[1].body
    assert not {"tools", "tool_choice"} & set(body)
    assert "VAT: Wednesday" in str(body["messages"][-1])
    assert "tool_use" not in str(body["messages"])


ECHOING = {
    "content": "",
    "reasoning_content": "I look ",
    "tool_calls": [
        {
            "index": 0,
            "id": "c1",
            "function": {"name": "Read", "arguments": "{}"},
            "extra_content": {"google": {"thought_signature": "QUJD"}},
        }
    ],
}


def echoing_turn(provider: str) -> ChatMessage:
    """The turn of a model that gave reasoning and a signature with a call."""
    reply = StreamedReply(replace(REQUEST, tools=TOOLS), lambda _: None, provider)
    for message, end in (
        (ECHOING, None),
        ({"reasoning_content": "at it."}, "tool_calls"),
    ):
        choice = {"delta": message, "finish_reason": end}
        reply.feed(b"data: " + json.dumps({"choices": [choice]}).encode() + b"\n\n")
    answer = reply.finished_answer()
    assert answer
    return ChatMessage(role=MessageRole.ASSISTANT, calls=answer.calls)


@claim("models:speaks")
@pytest.mark.parametrize("provider", ["workshop", "elsewhere"])
def test_what_a_provider_gave_with_a_turn_goes_back_to_it_alone(
    wire: WireServer, provider: str
) -> None:
    wire.script({"m": [Say(text="ok")]})
    turn = echoing_turn(provider)
    tool = ChatMessage(role=MessageRole.TOOL, text="x", call=turn.calls[0].id)
    messages = (*REQUEST.messages, turn, tool)
    ask(offer_at(wire.url), replace(REQUEST, messages=messages))
    sent = wire.requests[0].body["messages"][2]
    own = provider == "workshop"
    assert sent.get("reasoning_content") == ("I look at it." if own else None)
    signature = {"google": {"thought_signature": "QUJD"}}
    assert sent["tool_calls"][0].get("extra_content") == (signature if own else None)


@claim("models:speaks")
def test_an_echo_out_of_which_a_secret_was_cut_spoils_no_call(wire: WireServer) -> None:
    wire.script({"m": [Say(text="ok")]})
    call = ToolCall(id="a", name="Read", arguments="{}", echo='{"provider": "work[cut')
    turn = ChatMessage(role=MessageRole.ASSISTANT, calls=(call,))
    request = replace(REQUEST, messages=(*REQUEST.messages, turn))
    assert ask(offer_at(wire.url), request).answer.text == "ok"


@claim("models:speaks")
def test_no_user_speaks_right_after_a_tool(wire: WireServer) -> None:
    wire.script({"m": [Say(text="ok")]})
    tool = ChatMessage(role=MessageRole.TOOL, text="x", call="a")
    more = ChatMessage(role=MessageRole.USER, text="Go on.")
    ask(offer_at(wire.url), replace(REQUEST, messages=(*REQUEST.messages, tool, more)))
    roles = [turn["role"] for turn in wire.requests[0].body["messages"]]
    assert roles == ["system", "user", "tool", "assistant", "user"]


@claim("models:speaks")
@pytest.mark.parametrize(
    "words",
    [
        (
            "This model's maximum context length is 8192 tokens. However, you requested 8592"
            " tokens (7892 in the messages, 700 in the completion)."
        ),
        "input length and `max_tokens` exceed context limit: 199700 + 500 > 200000",
        "`inputs` tokens + `max_new_tokens` must be <= 4096. Given: 3796 `inputs` tokens",
    ],
)
def test_what_is_left_of_a_window_is_asked_for(wire: WireServer, words: str) -> None:
    assert asked_twice(wire, words, REQUEST).text == "ok"
    assert wire.requests[1].body["max_tokens"] == 300


@claim("models:speaks")
def test_a_window_without_room_is_no_reason_to_ask_again(wire: WireServer) -> None:
    words = "input length and `max_tokens` exceed context limit: 199990 + 500 > 200000"
    wire.script({"m": [Say(status=400, error=words)]})
    with pytest.raises(CallFailed, match="refused the request"):
        ask(offer_at(wire.url))
    assert wire.bill.requests == 1


@claim("models:speaks")
@pytest.mark.parametrize(
    "words",
    [
        "Loading model",
        "Model qwen3:8b is currently loading",
        "The model is still being loaded",
    ],
)
@pytest.mark.parametrize("kind", [WireFormat.OPENAI, WireFormat.ANTHROPIC])
def test_a_server_of_this_machine_that_loads_its_model_is_waited_for(
    wire: WireServer, kind: WireFormat, words: str
) -> None:
    loading = Say(status=503, error=words)
    wire.script({"m": [loading, loading, Say(text="ok")]})
    assert ask(offer_at(wire.url, wire=kind)).answer.text == "ok"


@claim("models:speaks")
@pytest.mark.parametrize(
    "kind", ["content_filter", "content_policy_violation", "data_inspection_failed"]
)
def test_a_filter_that_refuses_the_request_is_a_refusal_without_cost(
    wire: WireServer, kind: str
) -> None:
    wire.script({"m": [Say(status=400, kind=kind, error="The prompt was filtered.")]})
    answer = ask(offer_at(wire.url)).answer
    assert answer.stop is StopReason.REFUSED
    assert answer.usage == TokenUsage(input=0, output=0)


@claim("models:speaks")
def test_a_bad_sample_of_a_call_is_worth_another_try_at_once(wire: WireServer) -> None:
    wire.script({"m": [Say(status=400, kind="tool_use_failed")]})
    with pytest.raises(CallFailed) as failed:
        ask(offer_at(wire.url))
    assert (failed.value.trouble, failed.value.retry_after) == (Trouble.BUSY, 0.0)


def flagged(content: str) -> bytes:
    """A piece that Gemini marks as a thought beside its text."""
    delta = {"content": content, "extra_content": {"google": {"thought": True}}}
    return b"data: " + json.dumps({"choices": [{"delta": delta}]}).encode() + b"\n\n"


@claim("models:speaks")
@pytest.mark.parametrize(
    "pieces",
    [
        [flagged("Name VAT? No."), chunk("Lumen keeps notes.", "stop")],
        [
            flagged("<thou"),
            flagged("ght>Name VAT?</thou"),
            chunk("ght>Lumen keeps notes.", "stop"),
        ],
        [
            flagged("<thought>Name VAT?"),
            flagged(" No."),
            chunk("</thought>Lumen keeps notes.", "stop"),
        ],
        [flagged("<thought>Name VAT?"), chunk("Lumen keeps notes.", "stop")],
    ],
)
def test_what_a_server_marks_as_a_thought_is_one_with_or_without_tags(
    pieces: list[bytes],
) -> None:
    heard, answer = heard_and_said(*pieces)
    assert answer
    assert heard == answer.text == "Lumen keeps notes."


def called(*deltas: dict[str, Any]) -> bytes:
    choices = [{"delta": {"tool_calls": [delta]}} for delta in deltas]
    events = [json.dumps({"choices": [choice]}).encode() for choice in choices]
    pieces = [b"data: " + event + b"\n\n" for event in events]
    return b"".join([*pieces, chunk("", "stop")])


@claim("models:speaks")
def test_pieces_of_two_calls_that_only_their_ids_tell_apart_are_put_together() -> None:
    first = {"id": "a", "function": {"name": "Read", "arguments": '{"path":'}}
    second = {"id": "b", "function": {"name": "Board", "arguments": "{}"}}
    rest = {"id": "a", "function": {"arguments": ' "x"}'}}
    _, answer = heard_and_said(called(first, second, rest))
    assert answer
    assert [(call.name, call.arguments) for call in answer.calls] == [
        ("Read", '{"path": "x"}'),
        ("Board", "{}"),
    ]


DETAIL = {"type": "reasoning.text", "index": 0, "format": "f"}
SECRET = {"type": "reasoning.encrypted", "index": 1, "id": "r1", "data": "QUJD"}


@claim("models:speaks")
@pytest.mark.parametrize(
    ("pieces", "kept"),
    [
        (
            [
                DETAIL | {"text": "I look"},
                DETAIL | {"text": " at it.", "signature": "s"},
            ],
            [DETAIL | {"text": "I look at it.", "signature": "s"}],
        ),
        (
            [DETAIL | {"text": "I look", "signature": None}, SECRET],
            [DETAIL | {"text": "I look", "signature": None}, SECRET],
        ),
        ([SECRET, SECRET | {"id": "r2"}], [SECRET, SECRET | {"id": "r2"}]),
        (
            [DETAIL | {"text": "a"}, DETAIL | {"index": 1, "text": "b"}],
            [DETAIL | {"text": "a"}, DETAIL | {"index": 1, "text": "b"}],
        ),
    ],
)
def test_details_of_reasoning_go_back_as_blocks_and_not_in_pieces(
    wire: WireServer, pieces: list[dict[str, Any]], kept: list[dict[str, Any]]
) -> None:
    reply = StreamedReply(REQUEST, lambda _: None, "workshop")
    for piece in pieces:
        choice = {"delta": {"reasoning_details": [piece]}}
        reply.feed(b"data: " + json.dumps({"choices": [choice]}).encode() + b"\n\n")
    reply.feed(called({"id": "a", "function": {"name": "Read"}}))
    answer = reply.finished_answer()
    assert answer
    turn = ChatMessage(role=MessageRole.ASSISTANT, calls=answer.calls)
    wire.script({"m": [Say(text="ok")]})
    ask(offer_at(wire.url), replace(REQUEST, messages=(*REQUEST.messages, turn)))
    assert wire.requests[0].body["messages"][2]["reasoning_details"] == kept


@claim("models:speaks")
def test_parts_of_thought_go_back_before_what_was_said(wire: WireServer) -> None:
    thought = {"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}
    reply = StreamedReply(REQUEST, lambda _: None, "workshop")
    reply.feed(
        chunk([thought]) + chunk("I look. ") + called({"function": {"name": "Read"}})
    )
    answer = reply.finished_answer()
    assert answer
    turn = ChatMessage(role=MessageRole.ASSISTANT, text=answer.text, calls=answer.calls)
    wire.script({"m": [Say(text="ok")]})
    ask(offer_at(wire.url), replace(REQUEST, messages=(*REQUEST.messages, turn)))
    said = {"type": "text", "text": answer.text}
    assert wire.requests[0].body["messages"][2]["content"] == [thought, said]
