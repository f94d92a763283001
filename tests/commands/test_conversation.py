"""`agentco chat`: a conversation whose turns are runs."""

import json
import os
import signal
import subprocess

import pytest
from claims import claim
from processes import LONG_S, command, environment
from small_company import SETTINGS, Place, models_at
from terminal import Terminal
from typed import Do
from wire.server import Say, WireServer

pytestmark = claim("cli:chat")

CTRL_D = b"\x04"
HANG_S = 120.0


@pytest.fixture
def talking(place: Place, wire: WireServer) -> Place:
    """A company with a department that has a model."""
    place.settings(SETTINGS + models_at(wire.url))
    place.agent("cfo")
    place.trust()
    return place


def said(wire: WireServer, number: int) -> list[str]:
    """What a request had beside its system prompt, the newest last."""
    messages = wire.requests[number].body["messages"]
    return [str(each["content"]) for each in messages if each["role"] != "system"]


def typed_in(place: Place, text: str, *more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*command(place.root, "chat", "cfo", "--quick"), *more],
        check=False,
        input=text,
        capture_output=True,
        text=True,
        env=environment(),
        timeout=LONG_S,
    )


def test_each_turn_knows_what_was_said_before_and_gets_the_file(
    talking: Place, wire: WireServer
) -> None:
    wire.script({"m": [Say(text="It is 42."), Say(text="It is 84.")]})
    (talking.root / "prices.txt").write_text("Lumen: 42 euros")
    with Terminal(talking.root, "chat", "cfo", "--quick") as terminal:
        terminal.reads("You are talking to cfo")
        terminal.reads("you> ")
        terminal.types("What is the price?")
        terminal.reads("It is 42.")
        terminal.reads("you> ")
        terminal.types("/file prices.txt")
        terminal.reads("is attached to")
        terminal.types("And for two?")
        terminal.reads("It is 84.")
        terminal.reads("you> ")
        terminal.types("/cost")
        terminal.reads("2 turns, $")
        terminal.types("/qiut")
        terminal.reads("did you mean '/quit'?")
        terminal.types("/help")
        terminal.reads("/file PATH")
        terminal.types("/quit")
        assert terminal.ends() == 0
    first, second = said(wire, 0), said(wire, 1)
    assert "What is the price?" in first[-1]
    assert "And for two?" in second[-1]
    assert "Lumen: 42 euros" in str(second)
    assert "Lumen: 42 euros" not in str(first)
    assert "What is the price?" in str(second)
    assert "It is 42." in second


def test_ctrl_c_ends_a_turn_and_ctrl_d_the_chat(
    talking: Place, wire: WireServer, do: Do
) -> None:
    wire.script({"m": [Say(text="Slow.", delay=HANG_S), Say(text="Quick.")]})
    with Terminal(talking.root, "chat", "cfo", "--quick") as terminal:
        terminal.reads("you> ")
        terminal.is_interrupted("Ctrl-D or /quit ends the chat")
        terminal.reads("you> ")
        terminal.types("one")
        wire.until(lambda bill: bill.open == 1)
        terminal.process.send_signal(signal.SIGINT)
        terminal.reads("interrupted: agentco runs resume continues it")
        terminal.reads("you> ")
        terminal.types("two")
        terminal.reads("Quick.")
        terminal.reads("you> ")
        os.write(terminal.leader, CTRL_D)
        assert terminal.ends() == 0
    runs = do("runs", "--json").document["runs"]
    assert sorted(run["status"] for run in runs) == ["done", "interrupted"]


def test_a_closed_terminal_ends_the_chat_and_not_only_the_turn(
    talking: Place, wire: WireServer
) -> None:
    wire.script({"m": [Say(text="Slow.", delay=HANG_S)]})
    with Terminal(talking.root, "chat", "cfo", "--quick") as terminal:
        terminal.reads("you> ")
        terminal.types("one")
        wire.until(lambda bill: bill.open == 1)
        terminal.process.send_signal(signal.SIGHUP)
        assert terminal.ends() == 128 + signal.SIGHUP


def test_a_failed_turn_is_told_and_the_chat_goes_on(
    talking: Place, wire: WireServer
) -> None:
    wire.script({"m": [Say(status=400), Say(text="Better.")]})
    with Terminal(talking.root, "chat", "cfo", "--quick") as terminal:
        terminal.reads("you> ")
        terminal.types("one")
        terminal.reads("runs resume")
        terminal.reads("you> ")
        terminal.types("/file nothing.txt")
        terminal.reads("error: cannot read 'nothing.txt'")
        terminal.types("/quit")
        assert terminal.ends() == 0


def test_without_a_terminal_each_line_is_a_turn_and_stdout_has_the_deliverables(
    talking: Place, wire: WireServer
) -> None:
    wire.script({"m": [Say(text="One."), Say(text="Two.")]})
    done = typed_in(talking, "first\n\nsecond\n/cost\n")
    assert (done.returncode, done.stdout) == (0, "One.\nTwo.\n")
    assert "2 turns, $" in done.stderr
    assert "first" in str(said(wire, 1))


def test_the_chat_goes_on_from_the_last_answer_with_continue(
    talking: Place, wire: WireServer
) -> None:
    wire.script({"m": [Say(text="One."), Say(text="Two.")]})
    assert typed_in(talking, "first\n").returncode == 0
    assert typed_in(talking, "second\n", "--continue").stdout == "Two.\n"
    assert "One." in said(wire, 1)


def test_the_first_turn_without_an_answer_ends_it_with_its_code(
    talking: Place, wire: WireServer
) -> None:
    wire.script({"m": [Say(text="One."), Say(status=400), Say(text="Three.")]})
    done = typed_in(talking, "first\nsecond\nthird\n", "--json")
    turns = json.loads(done.stdout)["turns"]
    assert done.returncode == 4
    assert [turn["text"] for turn in turns] == ["One.", None]


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("chat", "cof"), "did you mean 'cfo'?"),
        (("chat", "cfo", "--file", "nothing"), "name a file that is there"),
    ],
)
def test_what_cannot_begin_says_why(
    talking: Place, do: Do, words: tuple[str, ...], hint: str
) -> None:
    del talking
    told = do(*words)
    assert told.code == 2
    assert hint in told.err
