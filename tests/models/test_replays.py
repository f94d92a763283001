"""Recorded answers of the servers that people use most, each through a socket and its own client.

`replays/README.md` says where the recordings have their shapes from, `replays/expected.json` what has
to come out of each.
"""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from asking import REQUEST, Talk, ask, failing, offer_at
from claims import claim
from msgspec import Struct
from msgspec.structs import replace
from wire.server import Say, WireServer

from agentco.company import PROVIDERS, ModelOffer, WireFormat
from agentco.kernel import Trouble
from agentco.runs import ChatMessage, MessageRole, StopReason, TokenUsage

FOLDER = Path(__file__).parent / "replays"
RECORDINGS = sorted(path.relative_to(FOLDER) for path in FOLDER.rglob("*.http"))
KINDS = {"tool_call", "thinking", "cut", "limit", "error"}
PATH = "memory/vat.md"


class Expected(Struct, kw_only=True, forbid_unknown_fields=True):
    """What comes out of a recording: an answer, or with `trouble` a failure.

    `back` is the turn as the provider hears it again with the next request.
    """

    text: str = ""
    thoughts: str = ""
    calls: int = 0
    stop: StopReason = StopReason.END
    usage: TokenUsage | None = None
    stated_cost: int | None = None
    back: dict[str, Any] = {}
    trouble: Trouble | None = None
    wait: float | None = None
    says: str = ""


EXPECTED = msgspec.json.decode(
    (FOLDER / "expected.json").read_bytes(), type=dict[str, Expected]
)


def recorded(path: Path) -> Say:
    """A recording as the test's server plays it."""
    head, _, body = (FOLDER / path).read_text().partition("\n\n")
    first, *lines = head.split("\n")
    headers = dict(line.split(": ", 1) for line in lines)
    return Say(status=int(first.split()[1]), headers=headers, body=body)


def offer_for(path: Path, url: str) -> ModelOffer:
    """The model of a recording, under the provider that it was recorded from."""
    provider = path.parent.name
    kind = WireFormat(PROVIDERS[provider].kind)
    name = f"{provider}/m"
    return offer_at(url, name=name, provider=provider, wire=kind)


def given_back(wire: WireServer, offer: ModelOffer, talk: Talk) -> dict[str, Any]:
    """The turn of an answer as it goes out with the request after it."""
    answer = talk.answer
    turn = ChatMessage(role=MessageRole.ASSISTANT, text=answer.text, calls=answer.calls)
    results = [
        ChatMessage(role=MessageRole.TOOL, text="VAT: Wednesday", call=call.id)
        for call in answer.calls
    ]
    ask(offer, replace(REQUEST, messages=(*REQUEST.messages, turn, *results)))
    messages = wire.requests[-1].body["messages"]
    [sent] = [turn for turn in messages if turn["role"] == "assistant"]
    return sent


@claim("models:replays")
def test_every_server_has_a_recording_of_every_kind() -> None:
    servers = {path.parent.name for path in RECORDINGS}
    wanted = {f"{server}/{kind}" for server in servers for kind in KINDS}
    assert wanted == {path.with_suffix("").as_posix() for path in RECORDINGS}
    assert wanted == set(EXPECTED)


@claim("models:replays")
@pytest.mark.parametrize("path", RECORDINGS, ids=str)
def test_a_recorded_answer_comes_out_as_it_was_meant(
    wire: WireServer, path: Path
) -> None:
    expected = EXPECTED[path.with_suffix("").as_posix()]
    wire.script({"m": [recorded(path), Say(text="ok")]})
    offer = offer_for(path, wire.url)
    if expected.trouble:
        failed = failing(offer)
        assert (failed.trouble, failed.retry_after) == (expected.trouble, expected.wait)
        assert failed.what.endswith(expected.says)
        assert wire.bill.requests == 1
        return
    talk = ask(offer)
    answer = talk.answer
    assert "".join(talk.heard) == answer.text == expected.text
    assert "".join(talk.thoughts).strip() == expected.thoughts
    assert [json.loads(call.arguments) for call in answer.calls] == [
        {"path": PATH}
    ] * expected.calls
    assert (answer.stop, answer.usage) == (expected.stop, expected.usage)
    assert answer.stated_cost == expected.stated_cost
    if expected.back:
        assert given_back(wire, offer, talk) == expected.back
