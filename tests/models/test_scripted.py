"""`scripted/FILE`: the model that says what a file says."""

import os
from pathlib import Path

import pytest
from asking import REQUEST, Talk, ask
from claims import claim
from msgspec.structs import replace

from agentco.adapters.models import ModelClients
from agentco.company import ModelOffer, WireFormat
from agentco.kernel import CallFailed, Trouble
from agentco.runs import (
    ChatMessage,
    MessageRole,
    ModelRequest,
    StopReason,
    TokenUsage,
    ToolCall,
)

pytestmark = claim("models:scripted")

SCRIPT = """
- when: cfo due
  calls:
    - {name: Read, arguments: {path: notes.md, lines: 3}}
    - {name: Board, arguments: "no json"}
- text: Nobody asked for this.
- when: CFO due
  text: "VAT is due\\non Wednesday."
  usage: {input: 120, output: 9}
- when: lawyer
  text: Not allowed.
  stop: refused
"""


def offer(model: str = "talk.yml") -> ModelOffer:
    return ModelOffer(
        name=f"scripted/{model}",
        provider="scripted",
        model=model,
        wire=WireFormat.SCRIPTED,
    )


def asked(root: Path, *more: ChatMessage, text: str | None = None) -> Talk:
    first = (
        REQUEST.messages
        if text is None
        else (ChatMessage(role=MessageRole.USER, text=text),)
    )
    return ask(offer(), replace(REQUEST, messages=(*first, *more)), root=root)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "talk.yml").write_text(SCRIPT)
    return tmp_path


def test_the_nth_answer_of_a_talk_is_its_nth_step(root: Path) -> None:
    first = asked(root).answer
    assert first.stop is StopReason.TOOLS
    assert first.calls == (
        ToolCall(id="call_1", name="Read", arguments='{"path":"notes.md","lines":3}'),
        ToolCall(id="call_2", name="Board", arguments="no json"),
    )
    told = ChatMessage(role=MessageRole.TOOL, text="VAT: Wednesday", call="call_1")
    talk = asked(root, ChatMessage(role=MessageRole.ASSISTANT, calls=first.calls), told)
    assert talk.answer.text == "VAT is due\non Wednesday." == "".join(talk.heard)
    assert talk.heard == ["VAT ", "is ", "due\n", "on ", "Wednesday."]
    assert (talk.answer.stop, talk.answer.usage) == (
        StopReason.END,
        TokenUsage(input=120, output=9),
    )


def test_the_same_request_has_the_same_answer_in_any_process(root: Path) -> None:
    assert asked(root) == asked(root)


def test_steps_without_words_are_for_whoever_has_none_of_his_own(root: Path) -> None:
    assert (
        asked(root, text="What about the weather?").answer.text
        == "Nobody asked for this."
    )
    refused = asked(root, text="Ask the LAWYER.").answer
    assert (refused.text, refused.stop) == ("Not allowed.", StopReason.REFUSED)


def test_words_of_later_messages_do_not_change_a_talk(root: Path) -> None:
    later = ChatMessage(role=MessageRole.USER, text="Ask the lawyer.")
    assert asked(root, later).answer.stop is StopReason.TOOLS


def test_usage_is_counted_in_bytes_where_the_script_does_not_say(root: Path) -> None:
    short, long = (asked(root, text=text).answer.usage for text in ("a", "a" * 4000))
    assert short
    assert long
    assert (long.input - short.input, long.output) == (
        999,
        short.output,
    ) or long.input - short.input == 1000
    assert short.output > 0


def failing(
    root: Path, model: str = "talk.yml", request: ModelRequest = REQUEST
) -> CallFailed:
    with pytest.raises(CallFailed) as caught:
        ask(offer(model), request, root=root)
    assert caught.value.trouble is Trouble.REFUSED
    return caught.value


def test_past_the_last_step_there_is_no_answer(root: Path) -> None:
    said = tuple(ChatMessage(role=MessageRole.ASSISTANT, text="x") for _ in range(2))
    failed = failing(
        root, request=replace(REQUEST, messages=(*REQUEST.messages, *said))
    )
    assert failed.what == "the script 'talk.yml' has no answer number 3 to this"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("- {text: [}", "cannot be used"),
        ("text: hi", "Expected `array`"),
        ("- {txt: hi}", "unknown field `txt`"),
        ("- {text: 12}", "Expected `str`, got `int`"),
        ("- {stop: maybe}", "maybe"),
        ("", "Expected `array`"),
        ("- {calls: [{arguments: {}}]}", "missing required field `name`"),
        ("\x00", "cannot be used"),
        ("[" * 5000, "cannot be used"),
    ],
)
def test_a_file_that_is_no_script_says_what_is_wrong(
    root: Path, text: str, words: str
) -> None:
    (root / "talk.yml").write_text(text)
    failed = failing(root)
    assert words in failed.what
    assert "\n" not in failed.what
    assert ModelClients(root, {}).missing(offer()) == failed.what


@pytest.mark.parametrize(
    "model", ["missing.yml", "folder", "pipe", "talk.yml/x", "a\x00b"]
)
def test_a_file_that_cannot_be_read_is_missing(root: Path, model: str) -> None:
    (root / "folder").mkdir()
    os.mkfifo(root / "pipe")
    assert "the script" in failing(root, model).what


@pytest.mark.parametrize(
    "model", ["../secret.yml", "/etc/hostname", "link.yml", "folder/../../secret.yml"]
)
def test_a_script_lies_in_the_company(tmp_path: Path, model: str) -> None:
    root = tmp_path / "company"
    (root / "folder").mkdir(parents=True)
    (tmp_path / "secret.yml").write_text(SCRIPT)
    (root / "link.yml").symlink_to(tmp_path / "secret.yml")
    assert "lies outside the company" in failing(root, model).what
