"""The client of OpenAI-compatible servers, asked over the real wire, with every fault that a wire has."""

import asyncio
import socket
import threading
import time
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest
from anyio import CancelScope
from asking import ENV, KEY, PATIENCE, REQUEST, ask, failing, offer_at
from claims import claim
from msgspec.structs import replace
from wire.server import Call, Fault, Say, WireServer

from agentco.adapters.models import CallTimeouts, ModelClients, parse_retry_after
from agentco.adapters.models.silence_limit import silence_limit
from agentco.kernel import CallFailed, Trouble
from agentco.runs import ChatMessage, MessageRole, StopReason, TokenUsage, ToolCall

SOON = CallTimeouts(connect=2, first_byte=0.3, silence=0.3)
WORDS = "The VAT return is due on Wednesday."
CALLS = [
    Call(name="Read", arguments='{"path": "notes.md"}', id="a"),
    Call(name="Board", id="b"),
]


@claim("models:speaks")
def test_an_answer_is_heard_while_it_comes_and_is_whole_at_the_end(
    wire: WireServer,
) -> None:
    wire.script({"m": [Say(text=WORDS)]})
    talk = ask(offer_at(wire.url))
    assert talk.answer.text == WORDS == "".join(talk.heard)
    assert len(talk.heard) == 7
    assert (talk.answer.stop, talk.answer.calls) == (StopReason.END, ())
    [billed] = wire.bill.rows
    assert talk.answer.usage == TokenUsage(input=billed.input, output=billed.output)


@claim("models:speaks")
def test_what_is_sent_is_the_documented_request(wire: WireServer) -> None:
    wire.script({"m": [Say(text="ok")]})
    ask(offer_at(wire.url))
    [seen] = wire.requests
    assert seen.headers["authorization"] == f"Bearer {KEY}"
    assert seen.body == {
        "model": "m",
        "messages": [
            {"role": "system", "content": "You are the CFO."},
            {"role": "user", "content": "What is due?"},
        ],
        "max_tokens": 500,
        "stream": True,
        "stream_options": {"include_usage": True},
        "tools": [
            {
                "type": "function",
                "function": {
                    "name": "Read",
                    "description": "Reads a file.",
                    "parameters": {
                        "type": "object",
                        "properties": {"path": {"type": "string"}},
                    },
                },
            }
        ],
    }


@claim("models:speaks")
def test_openai_itself_is_told_the_new_name_of_max_tokens(wire: WireServer) -> None:
    wire.script({"m": [Say(text="ok")]})
    ask(offer_at(wire.url, provider="openai"))
    [seen] = wire.requests
    assert "max_tokens" not in seen.body
    assert seen.body["max_completion_tokens"] == 500


@claim("models:speaks")
def test_without_a_named_key_none_is_sent(wire: WireServer) -> None:
    wire.script({"m": [Say(text="ok")]})
    ask(offer_at(wire.url, api_key_env=None))
    assert "authorization" not in wire.requests[0].headers


@claim("models:speaks")
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
    first = ask(offer_at(wire.url)).answer
    assert first.stop is StopReason.TOOLS
    assert first.text == "Looking."
    assert first.calls == (
        ToolCall(id="a", name="Read", arguments='{"path": "notes.md"}'),
        ToolCall(id="b", name="Board", arguments="{}"),
    )
    more = (
        *REQUEST.messages,
        ChatMessage(role=MessageRole.ASSISTANT, calls=first.calls),
        ChatMessage(role=MessageRole.TOOL, text="VAT: Wednesday", call="a"),
        ChatMessage(role=MessageRole.TOOL, text="", call="b"),
    )
    assert ask(offer_at(wire.url), replace(REQUEST, messages=more)).answer.text == WORDS
    sent = wire.requests[1].body["messages"][2:]
    assert sent[0]["content"] is None
    assert sent[0]["tool_calls"][0] == {
        "id": "ca978112c",
        "type": "function",
        "function": {"name": "Read", "arguments": '{"path": "notes.md"}'},
    }
    assert sent[1] == {
        "role": "tool",
        "content": "VAT: Wednesday",
        "tool_call_id": "ca978112c",
    }


@claim("models:speaks")
def test_arguments_that_are_no_json_go_back_as_json(wire: WireServer) -> None:
    wire.script({"m": [Say(text="ok")]})
    broken = (
        ToolCall(id="a", name="Read", arguments='{"path": '),
        ToolCall(id="b", name="X", arguments="[]"),
    )
    messages = (
        *REQUEST.messages,
        ChatMessage(role=MessageRole.ASSISTANT, text="x", calls=broken),
    )
    ask(offer_at(wire.url), replace(REQUEST, messages=messages))
    sent = [
        c["function"]["arguments"]
        for c in wire.requests[0].body["messages"][2]["tool_calls"]
    ]
    assert sent == ['{"invalid":"{\\"path\\": "}', '{"invalid":"[]"}']


@claim("models:speaks")
@pytest.mark.parametrize("done", [True, False])
@pytest.mark.parametrize("stream", [True, False])
def test_servers_that_do_not_stream_or_forget_the_end_are_understood(
    wire: WireServer, stream: bool, done: bool
) -> None:
    wire.script({"m": [Say(text=WORDS, stream=stream, done=done)]})
    talk = ask(offer_at(wire.url))
    assert talk.answer.text == WORDS == "".join(talk.heard)
    assert talk.answer.usage


@claim("models:speaks")
def test_a_server_that_knows_no_stream_options_is_asked_without_them_from_then_on(
    wire: WireServer,
) -> None:
    wire.script({"m": [Say(text=WORDS, forbids=["stream_options"])]})

    async def twice() -> list[str]:
        models = ModelClients(Path(), ENV)
        said = [
            (await models.ask(offer_at(wire.url), REQUEST, print)).text
            for _ in range(2)
        ]
        await models.aclose()
        return said

    assert asyncio.run(twice()) == [WORDS, WORDS]
    assert ["stream_options" in seen.body for seen in wire.requests] == [
        True,
        False,
        False,
    ]
    assert wire.bill.calls == 2


@claim("models:speaks")
@pytest.mark.parametrize(
    ("said", "stop"),
    [
        ("stop", StopReason.END),
        ("length", StopReason.LENGTH),
        ("content_filter", StopReason.REFUSED),
        ("tool_calls", StopReason.END),
        ("eos", StopReason.END),
        ("max_tokens", StopReason.LENGTH),
    ],
)
def test_why_it_stopped_is_one_of_four(
    wire: WireServer, said: str, stop: StopReason
) -> None:
    wire.script({"m": [Say(text=WORDS, stop=said)]})
    assert ask(offer_at(wire.url)).answer.stop is stop


@claim("models:usage")
@pytest.mark.parametrize(
    "usage",
    [
        {},
        {"prompt_tokens": 10},
        {"prompt_tokens": -1, "completion_tokens": 5},
        {"prompt_tokens": 10, "completion_tokens": -5},
        {"prompt_tokens": 10, "completion_tokens": 1101},
        {"prompt_tokens": 10, "completion_tokens": 0},
        {"prompt_tokens": 0, "completion_tokens": 5},
        {"prompt_tokens": 10_000_001, "completion_tokens": 5},
        {"prompt_tokens": "10", "completion_tokens": "5"},
        {"prompt_tokens": 10.5, "completion_tokens": 5},
        {"prompt_tokens": True, "completion_tokens": 5},
        {"prompt_tokens": None, "completion_tokens": None},
        {"prompt_tokens": 10, "completion_tokens": 10**30},
        {
            "prompt_tokens": 10,
            "completion_tokens": 5,
            "prompt_tokens_details": {"cached_tokens": 11},
        },
    ],
)
@pytest.mark.parametrize("stream", [True, False])
def test_fault_77_usage_that_cannot_be_is_none(
    wire: WireServer, usage: dict[str, Any], stream: bool
) -> None:
    wire.script({"m": [Say(text=WORDS, usage=usage, stream=stream)]})
    answer = ask(offer_at(wire.url)).answer
    assert (answer.text, answer.usage) == (WORDS, None)


@claim("models:usage")
def test_cached_tokens_are_a_part_of_the_input(wire: WireServer) -> None:
    usage = {
        "prompt_tokens": 100,
        "completion_tokens": 9,
        "prompt_tokens_details": {"cached_tokens": 64, "audio_tokens": 0},
    }
    wire.script({"m": [Say(text=WORDS, usage=usage)]})
    assert ask(offer_at(wire.url)).answer.usage == TokenUsage(
        input=100, output=9, cached=64
    )


@claim("models:whole")
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
    wire.script({"m": [Say(text=WORDS, fault=fault)]}, billed_when_read=True)
    failed = failing(offer_at(wire.url), limits=SOON)
    assert failed.trouble is Trouble.LOST
    assert failed.what.startswith("workshop/m did not finish its answer: ")
    assert "billed" in failed.hint
    assert wire.bill.requests == 1


@claim("models:whole")
@pytest.mark.parametrize("fault", [Fault.CUT_LAST, Fault.STALL_LAST])
@pytest.mark.parametrize("done", [True, False])
def test_an_answer_that_said_why_it_stopped_is_whole_whatever_comes_after(
    wire: WireServer, fault: Fault, done: bool
) -> None:
    wire.script({"m": [Say(text=WORDS, fault=fault, done=done)]})
    assert ask(offer_at(wire.url), limits=CallTimeouts(silence=1)).answer.text == WORDS


@claim("models:whole")
def test_a_model_that_failed_while_it_answered_has_not_answered(
    wire: WireServer,
) -> None:
    wire.script({"m": [Say(text=WORDS, stop="error")]})
    assert failing(offer_at(wire.url)).trouble is Trouble.LOST


@claim("models:whole")
def test_an_answer_without_end_is_given_up(wire: WireServer) -> None:
    wire.script({"m": [Say(text=WORDS, fault=Fault.FLOOD)]})
    assert "larger than 16 MiB" in failing(offer_at(wire.url)).what
    wire.until(lambda bill: bill.gone == 1)


@claim("models:whole")
@pytest.mark.parametrize("stop", ["", "null"])
def test_a_document_that_does_not_say_why_it_stopped_is_lost(
    wire: WireServer, stop: str
) -> None:
    reason = ', "finish_reason": null' if stop else ""
    wire.script(
        {
            "m": [
                Say(
                    body='{"choices": [{"message": {"content": "half an ans"}'
                    + reason
                    + "}]}"
                )
            ]
        }
    )
    assert failing(offer_at(wire.url)).trouble is Trouble.LOST


@claim("models:whole")
@pytest.mark.parametrize(
    "body", ["", "null", "[]", "{}", "12", '{"error": {"message": "no"}}', "\x00\x01"]
)
def test_a_body_that_is_no_answer_is_lost(wire: WireServer, body: str) -> None:
    wire.script({"m": [Say(body=body)]})
    assert failing(offer_at(wire.url)).trouble is Trouble.LOST


@claim("models:whole")
def test_a_slow_answer_is_waited_for_as_long_as_it_is_not_silent(
    wire: WireServer,
) -> None:
    wire.script({"m": [Say(text=WORDS, delay=0.2, pause=0.1)]})
    patient = CallTimeouts(connect=5, first_byte=5, silence=5)
    assert ask(offer_at(wire.url), limits=patient).answer.text == WORDS


@claim("models:longest-call")
def test_an_answer_that_trickles_without_end_is_given_up_and_may_have_been_billed(
    wire: WireServer,
) -> None:
    wire.script({"m": [Say(text="word " * 400, pause=0.05)]})
    limits = CallTimeouts(first_byte=5, silence=5, whole=0.4)
    failed = failing(offer_at(wire.url), limits=limits)
    assert failed.trouble is Trouble.LOST
    assert (
        failed.what == "workshop/m did not finish its answer: it took longer than 0.4 s"
    )
    assert "longest_call" in failed.hint
    wire.until(lambda bill: bill.gone == 1)


@claim("models:longest-call")
def test_the_founder_says_how_long_a_call_of_a_model_may_take(wire: WireServer) -> None:
    wire.script({"m": [Say(text=WORDS, pause=0.05)]})
    limits = CallTimeouts(first_byte=5, silence=5, whole=0.01)
    offer = offer_at(wire.url, longest_call=20)
    assert ask(offer, limits=limits).answer.text == WORDS
    wire.script({"m": [Say(text="word " * 400, pause=0.05)]})
    assert "longer than 1 s" in failing(offer_at(wire.url, longest_call=1)).what


@claim("models:late-listener")
def test_a_call_that_is_too_late_still_puts_away_the_connections_of_others() -> None:
    ended: list[str] = []

    async def closing() -> None:
        loop = asyncio.get_running_loop()
        end = loop.time() + 0.3
        async with silence_limit(0.01):
            with CancelScope(shield=True):
                while loop.time() < end:
                    await loop.run_in_executor(None, time.time)
                ended.append("put away")
            await asyncio.Event().wait()

    with pytest.raises(TimeoutError):
        asyncio.run(closing())
    assert ended == ["put away"]


@claim("models:late-listener")
def test_what_arrived_while_this_process_was_busy_has_arrived(wire: WireServer) -> None:
    wire.script({"m": [Say(text=WORDS, pause=0.02)]})
    limits = CallTimeouts(first_byte=5, silence=0.1, last_bytes=0.01)

    async def asking() -> str:
        models, heard = ModelClients(Path(), ENV, limits), asyncio.Event()

        async def keep_the_loop_busy() -> None:
            await heard.wait()
            wire.until(lambda bill: bill.open == 0)
            end = time.monotonic() + 0.2
            while time.monotonic() < end:
                pass

        busy = asyncio.create_task(keep_the_loop_busy())
        try:
            answer = await models.ask(
                offer_at(wire.url), REQUEST, lambda _: heard.set()
            )
            await busy
            return answer.text
        finally:
            await models.aclose()

    assert asyncio.run(asking()) == WORDS


@claim("models:whole")
def test_a_model_may_think_longer_than_an_answer_may_be_silent(
    wire: WireServer,
) -> None:
    limits = CallTimeouts(connect=5, first_byte=15, silence=0.5)
    wire.script({"m": [Say(text=WORDS, think=1.0), Say(text=WORDS, fault=Fault.STALL)]})
    assert ask(offer_at(wire.url), limits=limits).answer.text == WORDS
    assert failing(offer_at(wire.url), limits=limits).trouble is Trouble.LOST


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
    (422, Trouble.REFUSED, "refused the request", "or use another model"),
    (302, Trouble.REFUSED, "refused the request", "or use another model"),
    (408, Trouble.BUSY, "cannot answer now", "second model"),
    (429, Trouble.BUSY, "cannot answer now", "second model"),
    (500, Trouble.BUSY, "cannot answer now", "second model"),
    (502, Trouble.BUSY, "cannot answer now", "second model"),
    (503, Trouble.BUSY, "cannot answer now", "second model"),
    (504, Trouble.BUSY, "cannot answer now", "second model"),
    (529, Trouble.BUSY, "cannot answer now", "second model"),
]


@claim("models:refused")
@pytest.mark.parametrize(("status", "trouble", "what", "hint"), STATUSES)
def test_a_status_says_what_to_do(
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
    failed = failing(offer_at(wire.url))
    assert (failed.trouble, failed.exit_code) == (trouble, 4)
    assert f"workshop/m {what} ({status})" in failed.what
    assert hint in failed.hint
    assert failed.retry_after == (7.0 if trouble is Trouble.BUSY else None)
    assert (wire.bill.requests, wire.bill.calls) == (1, 0)


@claim("models:refused")
@pytest.mark.parametrize(
    ("body", "words"),
    [
        (
            '{"error": {"message": "context of 4096\\n tokens \\u001b[31mexceeded"}}',
            "context of 4096 tokens",
        ),
        ('{"error": "no such thing"}', "no such thing"),
        ('[{"error": {"code": 400, "message": "in a list"}}]', "in a list"),
        ('{"object": "error", "message": "flat"}', "flat"),
        ('{"detail": "of a framework"}', "of a framework"),
        ("plain words", "plain words"),
        ("x" * 1000, "…"),
    ],
)
def test_the_words_of_a_server_are_passed_on_in_short(
    wire: WireServer, body: str, words: str
) -> None:
    wire.script({"m": [Say(status=400, body=body)]})
    failed = failing(offer_at(wire.url))
    assert words in failed.what
    assert "\x1b" not in failed.what
    assert len(failed.what) < 250


@claim("models:refused")
@pytest.mark.parametrize("body", ["<html>Bad gateway</html>", "", "{}"])
def test_a_page_for_browsers_has_no_words(wire: WireServer, body: str) -> None:
    wire.script({"m": [Say(status=502, body=body)]})
    assert "html" not in failing(offer_at(wire.url)).what


@claim("models:refused")
def test_an_empty_account_is_not_a_storm(wire: WireServer) -> None:
    body = '{"error": {"message": "You exceeded your current quota", "code": "insufficient_quota"}}'
    wire.script({"m": [Say(status=429, body=body)]})
    failed = failing(offer_at(wire.url))
    assert (failed.trouble, failed.retry_after) == (Trouble.CLOSED, None)
    assert "has no credit left (429): You exceeded" in failed.what


@claim("models:refused")
@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30", 30.0),
        (" 5 ", 5.0),
        ("0", 0.0),
        ("Sat, 21 Nov 2026 09:01:00 GMT", 60.0),
        ("Sat, 21 Nov 2026 08:00:00 GMT", 0.0),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("nan", None),
        ("1e9", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(text: str, seconds: float | None) -> None:
    assert parse_retry_after(text, 1_795_251_600.0) == seconds


@claim("models:refused")
def test_a_date_to_wait_for_is_heard(wire: WireServer) -> None:
    wire.script(
        {
            "m": [
                Say(
                    status=503,
                    headers={
                        "retry-after": formatdate(time.time() + 1000, usegmt=True)
                    },
                )
            ]
        }
    )
    waits = failing(offer_at(wire.url)).retry_after
    assert waits
    assert 900 < waits <= 1000


@claim("models:refused")
def test_nobody_at_an_address_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    failed = failing(offer_at(f"http://127.0.0.1:{port}/v1"))
    assert failed.trouble is Trouble.UNREACHABLE
    assert "workshop/m cannot be reached" in failed.what
    assert f"api_base http://127.0.0.1:{port}/v1" in failed.hint


@claim("models:refused")
def test_a_name_that_nobody_has_is_unreachable() -> None:
    assert failing(offer_at("https://nobody.invalid/v1")).trouble is Trouble.UNREACHABLE


@claim("models:refused")
def test_a_server_without_tls_at_an_https_address_is_unreachable(
    wire: WireServer,
) -> None:
    failed = failing(
        offer_at(wire.url.replace("http:", "https:")), limits=CallTimeouts(connect=0.5)
    )
    assert failed.trouble is Trouble.UNREACHABLE


@claim("models:refused")
def test_a_machine_that_takes_no_connection_is_given_up_in_time() -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        with socket.socket() as first, socket.socket() as second:
            for waiting in (first, second):
                waiting.setblocking(False)
                waiting.connect_ex(full.getsockname())
            url = f"http://127.0.0.1:{full.getsockname()[1]}/v1"
            failed = failing(
                offer_at(url), limits=CallTimeouts(connect=0.2, first_byte=5)
            )
    assert failed.trouble is Trouble.UNREACHABLE
    why = "workshop/m cannot be reached: no connection within 0.2 s"
    assert failed.what == why


@claim("models:refused")
def test_proxies_of_the_environment_are_not_asked_about_this_machine(
    wire: WireServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    wire.script({"m": [Say(text=WORDS)]})
    assert ask(offer_at(wire.url)).answer.text == WORDS


@claim("models:refused")
@pytest.mark.parametrize(
    "proxy", ["http://127.0.0.1:9", "socks5://127.0.0.1:9", "gopher://127.0.0.1:9"]
)
def test_a_proxy_that_cannot_be_used_makes_others_unreachable(
    monkeypatch: pytest.MonkeyPatch, proxy: str
) -> None:
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    monkeypatch.setenv("https_proxy", proxy)
    assert failing(offer_at("https://nobody.invalid/v1")).trouble is Trouble.UNREACHABLE


@claim("models:secret")
def test_a_key_that_a_server_repeats_is_not_passed_on(wire: WireServer) -> None:
    wire.script({}, key="another")
    assert "key" in failing(offer_at(wire.url)).what
    wire.script(
        {
            "m": [
                Say(status=400, error=f"Bearer {KEY} is odd"),
                Say(text="a b", fault=Fault.ERROR),
            ]
        }
    )
    assert "Bearer [key] is odd" in failing(offer_at(wire.url)).what
    wire.script({"m": [Say(text="a b", fault=Fault.ERROR, error=f"{KEY} broke")]})
    assert "[key] broke" in failing(offer_at(wire.url)).what


@claim("models:secret")
@pytest.mark.parametrize("key", ["", "  ", "schlüssel", "two\nlines", "a\x00b"])
def test_what_cannot_be_a_key_is_missing_and_never_sent(
    wire: WireServer, key: str
) -> None:
    models = ModelClients(Path(), {"WORKSHOP_KEY": key})
    offer = offer_at(wire.url)
    assert models.missing(offer) == (
        "workshop/m needs a key: WORKSHOP_KEY is not set, or does not hold a valid key"
    )
    with pytest.raises(CallFailed) as caught:
        asyncio.run(models.ask(offer, REQUEST, print))
    assert caught.value.trouble is Trouble.REFUSED
    assert wire.bill.connections == 0


@claim("models:secret")
def test_a_line_break_behind_a_key_is_no_part_of_it(wire: WireServer) -> None:
    wire.script({"m": [Say(text=WORDS)]}, key=KEY)

    async def asking() -> str:
        models = ModelClients(Path(), {"WORKSHOP_KEY": f"{KEY}\n"})
        answer = await models.ask(offer_at(wire.url), REQUEST, print)
        await models.aclose()
        return answer.text

    assert asyncio.run(asking()) == WORDS


@claim("models:unable")
def test_what_cannot_be_spoken_to_is_refused_in_its_own_words() -> None:
    failed = failing(offer_at("", unable="anthropic arrives with a later version"))
    assert (failed.what, failed.trouble) == (
        "anthropic arrives with a later version",
        Trouble.REFUSED,
    )


@claim("models:cancelled")
@pytest.mark.parametrize("fault", [Fault.NO_HEAD, Fault.STALL_FIRST, Fault.STALL])
def test_a_cancelled_call_is_closed_and_the_server_sees_it(
    wire: WireServer, fault: Fault
) -> None:
    wire.script({"m": [Say(text=WORDS, fault=fault)]})

    async def cancelling() -> None:
        models = ModelClients(Path(), ENV)
        call = asyncio.create_task(models.ask(offer_at(wire.url), REQUEST, print))
        await asyncio.to_thread(wire.until, lambda bill: bill.open == 1)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            async with asyncio.timeout(PATIENCE):
                await call
        await asyncio.to_thread(wire.until, lambda bill: bill.gone == 1)
        await models.aclose()

    asyncio.run(cancelling())
    assert wire.bill.calls == 0


@claim("models:many")
def test_two_hundred_calls_wait_at_once(wire: WireServer) -> None:
    everybody = threading.Event()
    wire.script({"m": [Say(text=WORDS, delay=0.2)]})

    async def asking() -> list[str]:
        models = ModelClients(Path(), ENV)
        calls = [
            models.ask(offer_at(wire.url), REQUEST, lambda _: everybody.set())
            for _ in range(200)
        ]
        async with asyncio.timeout(PATIENCE):
            answers = await asyncio.gather(*calls)
        await models.aclose()
        return [answer.text for answer in answers]

    assert asyncio.run(asking()) == [WORDS] * 200
    assert wire.bill.calls == 200
    assert wire.bill.most_open > 50


@claim("models:many")
def test_one_call_after_another_shares_a_connection(wire: WireServer) -> None:
    wire.script({"m": [Say(text=WORDS)]})

    async def asking() -> None:
        models = ModelClients(Path(), ENV)
        for _ in range(3):
            await models.ask(offer_at(wire.url), REQUEST, print)
        await models.aclose()

    asyncio.run(asking())
    assert (wire.bill.requests, wire.bill.connections) == (3, 1)
