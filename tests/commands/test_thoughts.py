"""`--thoughts`: what a model thinks is shown beside the work, and is no part of it."""

import json

import pytest
from claims import claim
from small_company import SETTINGS, Place, models_at
from typed import Do
from wire.server import Say, WireServer

THOUGHT = "The lawyer must not see this."
ANSWER = "Lumen keeps notes."


def event(delta: dict[str, str], finish: str | None = None) -> str:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return f"data: {json.dumps({'choices': [choice]})}\n\n"


APART = event({"reasoning_content": THOUGHT}) + event({"content": ANSWER}, "stop")
IN_TEXT = event({"content": f"<think>\n{THOUGHT}\n</think>\n\n{ANSWER}"}, "stop")


@pytest.fixture(params=[APART, IN_TEXT], ids=["apart", "in-text"])
def thinking(
    request: pytest.FixtureRequest, place: Place, wire: WireServer
) -> WireServer:
    """A company whose model thinks before it answers."""
    place.agent("cfo")
    prompt = "---\nname: lumen\nagent: cfo\n---\nWhat does Lumen do?\n"
    place.write(".github/prompts/lumen.prompt.md", prompt)
    place.settings(SETTINGS + models_at(wire.url))
    place.trust()
    wire.script({"*": [Say(body=request.param)]})
    return wire


@claim("cli:thoughts")
@pytest.mark.parametrize(
    "words", [("ask", "cfo", "What does Lumen do?", "--quick"), ("run", "/lumen")]
)
def test_thoughts_are_shown_on_stderr_alone(
    thinking: WireServer, place: Place, do: Do, words: tuple[str, ...]
) -> None:
    del thinking
    out = place.root / "answer.md"
    done = do(*words, "--thoughts", "--out", str(out))
    assert done.code == 0
    assert THOUGHT in done.err
    assert ANSWER in out.read_text()
    for text in (done.out, out.read_text(), do("runs", "--json").out):
        assert THOUGHT not in text


@claim("cli:thoughts")
def test_without_the_option_no_thought_is_shown(thinking: WireServer, do: Do) -> None:
    del thinking
    done = do("ask", "cfo", "What does Lumen do?", "--quick")
    assert ANSWER in done.out
    assert THOUGHT not in done.out + done.err


@claim("cli:thoughts")
def test_with_json_the_document_is_all_of_stdout(thinking: WireServer, do: Do) -> None:
    del thinking
    done = do("ask", "cfo", "What does Lumen do?", "--quick", "--thoughts", "--json")
    assert THOUGHT not in json.dumps(json.loads(done.out))
    assert THOUGHT in done.err
