"""A prompt fits before it is sent: what does not is shortened by rule, and that is told."""

import pytest
from claims import claim
from hypothesis import given, strategies as st
from small_company import Place, company_line, models_at
from typed import Do
from wire.server import Call, Say, WireServer

from agentco.briefing import Shortened, shorten_messages
from agentco.runs import ChatMessage, MessageRole, TaskAsked, ToolCall

PROSE = "The customer wrote that the export of notes is slow on an old laptop. "


def one_call(line: int) -> Call:
    arguments = f'{{"path": "long.md", "first_line": {line}, "lines": 90}}'
    return Call(name="Read", arguments=arguments)


def reads(line: int) -> Say:
    return Say(calls=[one_call(line)])


SMALL = "model_options: {workshop/m: {context: 6000}, workshop/n: {context: 2048}}\n"


@pytest.fixture
def writer(place: Place, wire: WireServer) -> Place:
    place.settings(company_line(orchestrator="writer") + models_at(wire.url) + SMALL)
    place.agent(
        "writer", "---\ndescription: Writes.\ntools: [Read, Search]\n---\nI write.\n"
    )
    place.write("notes.md", PROSE * 400)
    place.write("short.md", PROSE)
    place.write("long.md", f"{PROSE}\n" * 100)
    place.trust()
    return place


def sent(wire: WireServer, number: int = -1) -> str:
    return str(wire.requests[number].body["messages"])


@claim("models:fits")
def test_a_file_that_does_not_fit_is_sent_as_its_head_and_told(
    writer: Place, wire: WireServer, do: Do
) -> None:
    wire.script({"m": [Say(text="It is slow.")]})
    files = [str(writer.root / name) for name in ("notes.md", "short.md")]
    told = (
        "ask",
        "writer",
        "sum it up",
        "--quick",
        "--file",
        files[0],
        "--file",
        files[1],
    )
    said = do(*told, "--json")
    assert said.document["status"] == "done"
    note = "workshop/m takes 6,000 tokens, so the prompt was shortened: "
    assert note in said.document["passed"][0]
    assert "notes.md" in said.document["passed"][0]
    assert "short.md" not in said.document["passed"][0]
    assert "the first 1,500 of 28," in sent(wire)
    assert "sum it up" in sent(wire)
    words = " ".join(do(*told).err.split())
    assert note in words
    shown = do("runs", "show", said.document["run"])
    assert note in " ".join((shown.out + shown.err).split())


@claim("models:fits")
def test_old_results_of_tools_are_shortened_first_and_keep_their_handles(
    writer: Place, wire: WireServer, do: Do
) -> None:
    del writer
    wire.script({"m": [*map(reads, range(1, 6)), Say(text="It is slow.")]})
    said = do("ask", "writer", "look into long.md", "--quick", "--json")
    assert said.document["status"] == "done"
    assert "results of tools" in said.document["passed"][0]
    run = said.document["run"]
    assert f"shortened, stored as {run}.2:" in sent(wire)
    assert "shortened, stored as" not in sent(wire, 1)
    results = [
        message["content"]
        for message in wire.requests[-1].body["messages"]
        if message["role"] == "tool"
    ]
    assert len(results[0]) < len(results[-1])


@claim("models:fits")
def test_what_cannot_fit_is_refused_before_it_is_paid(
    writer: Place, wire: WireServer, do: Do
) -> None:
    wire.script({"m": [Say(text="no")]})
    said = do("ask", "writer", PROSE * 400, "--quick")
    assert said.code == 2
    assert "the model reads 6,000" in said.err
    wire.script(
        {"m": [reads(1), Say(calls=[*map(one_call, range(1, 17))]), Say(text="no")]}
    )
    said = do("ask", "writer", "look into long.md " + PROSE * 150, "--quick")
    assert said.code == 1
    words = " ".join(said.err.split())
    assert "workshop/m takes 6,000; have its server read more" in words
    assert "context: " in words
    assert wire.bill.requests < 5
    del writer


def talk(results: int) -> tuple[list[ChatMessage], TaskAsked, dict[str, str]]:
    files = f'<file file="a.md">\n{PROSE * 90}\n</file>\n\n<task>\nWrite.\n</task>'
    asked = TaskAsked(
        task="Write.",
        given=(
            ChatMessage(
                role=MessageRole.SYSTEM, text="<role>\n" + PROSE * 20 + "\n</role>"
            ),
            ChatMessage(role=MessageRole.USER, text=PROSE * 30),
            ChatMessage(role=MessageRole.ASSISTANT, text=PROSE * 30),
            ChatMessage(role=MessageRole.USER, text=PROSE * 30),
            ChatMessage(role=MessageRole.ASSISTANT, text=PROSE * 30),
            ChatMessage(role=MessageRole.USER, text=files),
        ),
        stable=1,
    )
    messages = [*asked.given]
    for number in range(results):
        call = ToolCall(id=f"c{number}", name="Read", arguments="{}")
        messages.append(
            ChatMessage(role=MessageRole.ASSISTANT, text="I look.", calls=(call,))
        )
        messages.append(
            ChatMessage(role=MessageRole.TOOL, text=PROSE * 60, call=call.id)
        )
    handles = {f"c{number}": f"run.{2 * number + 2}" for number in range(results)}
    return messages, asked, handles


def shortened(results: int, room: int) -> Shortened:
    messages, asked, handles = talk(results)
    return shorten_messages(messages, asked, handles, room)


@claim("models:fits")
def test_what_is_shortened_comes_in_its_order() -> None:
    found = list(dict.fromkeys(shortened(3, room).what for room in range(9000, 0, -50)))
    results, turns, file = "results of tools", "earlier turns", "a.md"
    assert found == [(), (results,), (results, turns), (results, turns, file)]


@claim("models:fits")
@given(results=st.integers(0, 5), room=st.integers(0, 12_000))
def test_rules_task_drafts_and_calls_stay_whole(results: int, room: int) -> None:
    messages, _, _ = talk(results)
    kept = shortened(results, room).messages
    assert kept[0] == messages[0]
    assert any("<task>\nWrite.\n</task>" in message.text for message in kept)
    said = [m for m in kept if m.role is MessageRole.ASSISTANT and m.calls]
    assert len(said) == results
    calls = [m.call for m in kept if m.role is MessageRole.TOOL]
    assert calls == [call.id for m in said for call in m.calls]
    assert all(m.text or m.calls for m in kept)
