"""The server of the other tests, asked by hand: what it says on the wire, what it bills, what it notices."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx2
import pytest
from claims import claim
from wire.server import Call, Fault, Say, WireServer, tokens

pytestmark = claim("models:wire")

TOOL = Say(
    text="Let me look.", calls=[Call(name="Read", arguments='{"path": "a"}', id="r1")]
)


def ask(server: str, path: str = "/chat/completions", **body: Any) -> httpx2.Response:
    asked = {"model": "m", "messages": [{"role": "user", "content": "hello"}], **body}
    return httpx2.post(f"{server}{path}", json=asked, trust_env=False, timeout=20)


def events(response: httpx2.Response) -> list[Any]:
    assert response.headers["content-type"] == "text/event-stream"
    found = [
        line[6:] for line in response.text.splitlines() if line.startswith("data: ")
    ]
    return [data if data == "[DONE]" else json.loads(data) for data in found]


def test_a_chat_completion_has_the_documented_shape(wire: WireServer) -> None:
    wire.script({"m": [TOOL]})
    document = ask(wire.url).json()
    [choice] = document["choices"]
    assert choice["finish_reason"] == "tool_calls"
    assert choice["message"]["content"] == "Let me look."
    [call] = choice["message"]["tool_calls"]
    assert call == {
        "id": "r1",
        "type": "function",
        "function": {"name": "Read", "arguments": '{"path": "a"}'},
    }
    assert document["usage"]["completion_tokens"] == tokens("Let me look.") + tokens(
        'Read{"path": "a"}'
    )


def test_a_streamed_chat_completion_adds_up_to_the_same(wire: WireServer) -> None:
    wire.script({"m": [TOOL]})
    *chunks, done = events(
        ask(wire.url, stream=True, stream_options={"include_usage": True})
    )
    assert done == "[DONE]"
    assert chunks[-1]["usage"] == ask(wire.url).json()["usage"]
    deltas = [choice["delta"] for chunk in chunks for choice in chunk["choices"]]
    assert "".join(delta.get("content") or "" for delta in deltas) == "Let me look."
    calls = [call for delta in deltas for call in delta.get("tool_calls", [])]
    assert "".join(call["function"]["arguments"] for call in calls) == '{"path": "a"}'


def test_usage_is_streamed_only_to_those_who_ask_for_it(wire: WireServer) -> None:
    wire.script({"m": [Say(text="hi")]})
    assert all(
        "usage" not in chunk for chunk in events(ask(wire.url, stream=True))[:-1]
    )


def test_a_message_has_the_documented_shape(wire: WireServer) -> None:
    wire.script({"m": [TOOL]})
    document = ask(wire.url, "/messages", max_tokens=10).json()
    assert document["stop_reason"] == "tool_use"
    assert document["content"] == [
        {"type": "text", "text": "Let me look."},
        {"type": "tool_use", "id": "r1", "name": "Read", "input": {"path": "a"}},
    ]


def test_a_streamed_message_has_its_events_in_order(wire: WireServer) -> None:
    wire.script({"m": [TOOL]})
    told = events(ask(wire.url, "/messages", max_tokens=10, stream=True))
    kinds = list(dict.fromkeys(e["type"] for e in told))
    assert kinds == [
        "message_start",
        "content_block_start",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
    ]
    json_parts = [
        e["delta"].get("partial_json", "")
        for e in told
        if e["type"] == "content_block_delta"
    ]
    assert json.loads("".join(json_parts)) == {"path": "a"}
    assert told[-2]["delta"]["stop_reason"] == "tool_use"
    assert told[-2]["usage"]["output_tokens"] > 1


@pytest.mark.parametrize("path", ["/chat/completions", "/messages"])
@pytest.mark.parametrize("status", [429, 529, 500, 401, 503])
def test_a_status_comes_with_its_headers_and_words(
    wire: WireServer, path: str, status: int
) -> None:
    wire.script(
        {"m": [Say(status=status, headers={"retry-after": "3"}, error="slow down")]}
    )
    response = ask(wire.url, path, stream=True)
    assert (response.status_code, response.headers["retry-after"]) == (status, "3")
    assert response.json()["error"]["message"] == "slow down"
    assert wire.bill.calls == 0


def test_answers_are_given_in_their_order_and_the_last_for_ever(
    wire: WireServer,
) -> None:
    wire.script({"m": [Say(status=429), Say(text="one"), Say(text="two")]})
    codes = [ask(wire.url) for _ in range(4)]
    assert [c.status_code for c in codes] == [429, 200, 200, 200]
    assert [c.json()["choices"][0]["message"]["content"] for c in codes[1:]] == [
        "one",
        "two",
        "two",
    ]


def test_by_turn_the_same_request_has_the_same_answer(wire: WireServer) -> None:
    wire.script({"m": [Say(text="one"), Say(text="two")]}, by_turn=True)
    said = [ask(wire.url).json()["choices"][0]["message"]["content"] for _ in range(2)]
    assert said == ["one", "one"]


def test_words_in_what_is_sent_win_over_the_model(wire: WireServer) -> None:
    wire.script(
        {
            "m": [Say(text="model")],
            "~hell": [Say(text="short")],
            "~hello": [Say(text="word")],
        }
    )
    assert ask(wire.url).json()["choices"][0]["message"]["content"] == "word"
    other = ask(wire.url, messages=[{"role": "user", "content": "bye"}])
    assert other.json()["choices"][0]["message"]["content"] == "model"
    assert ask(wire.url, model="x", messages=[]).status_code == 404


def test_a_wrong_key_is_told_with_the_key_in_it(wire: WireServer) -> None:
    wire.script({"m": [Say(text="hi")]}, key="right")
    assert ask(wire.url).status_code == 401
    given = httpx2.post(
        f"{wire.url}/messages",
        json={"model": "m", "messages": []},
        headers={"x-api-key": "wrong"},
        trust_env=False,
    )
    assert "the key wrong is wrong" in given.text


def test_the_bill_is_what_the_answers_cost(wire: WireServer) -> None:
    wire.script({"m": [Say(text="a" * 400)]}, rates=(1_000_000, 10_000_000))
    used = ask(wire.url).json()["usage"]
    assert used["completion_tokens"] == 100
    assert (
        wire.until(lambda bill: bool(bill.rows)).micro_usd
        == used["prompt_tokens"] + 10 * 100
    )
    assert httpx2.get(f"{wire.url}/bill", trust_env=False).json()["calls"] == 1


@pytest.mark.parametrize(
    ("fault", "read_first", "calls"),
    [
        (Fault.CUT, False, 0),
        (Fault.CUT, True, 1),
        (Fault.CUT_LAST, False, 1),
        (Fault.NO_FINISH, False, 0),
        (Fault.DROP, True, 1),
    ],
)
def test_what_breaks_off_is_billed_as_the_script_says(
    wire: WireServer, fault: Fault, read_first: bool, calls: int
) -> None:
    wire.script(
        {"m": [Say(text="some words of text", fault=fault)]},
        billed_when_read=read_first,
    )
    try:
        told = ask(wire.url, stream=True).text
    except httpx2.RemoteProtocolError:
        told = ""
    except httpx2.ReadError:
        told = ""
    assert "[DONE]" not in told
    assert wire.bill.calls == calls


def test_three_hundred_clients_wait_at_once(wire: WireServer) -> None:
    wire.script({"m": [Say(text="hi", delay=0.2)]})

    async def all_of_them() -> list[int]:
        limits = httpx2.Limits(max_connections=None)
        async with httpx2.AsyncClient(
            trust_env=False, limits=limits, timeout=20
        ) as client:
            body: dict[str, Any] = {"model": "m", "messages": [], "stream": True}
            calls = [
                client.post(f"{wire.url}/chat/completions", json=body)
                for _ in range(300)
            ]
            return [response.status_code for response in await asyncio.gather(*calls)]

    assert asyncio.run(all_of_them()) == [200] * 300
    assert wire.bill.calls == 300
    assert wire.bill.most_open > 100


def test_the_server_of_another_process_survives_its_clients(tmp_path: Path) -> None:
    script = tmp_path / "script.json"
    script.write_text(
        '{"answers": {"m": [{"text": "hi"}, {"text": "x y", "fault": "stall"}]}}'
    )
    command = [sys.executable, str(Path(__file__).with_name("server.py")), str(script)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout
            url = server.stdout.readline().strip()
            assert ask(url).json()["choices"][0]["message"]["content"] == "hi"
            with pytest.raises(httpx2.ReadTimeout):
                httpx2.post(
                    f"{url}/chat/completions",
                    json={"model": "m", "messages": [], "stream": True},
                    trust_env=False,
                    timeout=0.1,
                )
            bill = httpx2.get(f"{url}/bill", trust_env=False).json()
            assert (bill["requests"], bill["calls"]) == (2, 1)
        finally:
            server.kill()
