"""What the founder decides while a run goes on, at a real terminal; and what is left when they say nothing."""

import json
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from claims import claim
from signing import memory_key
from small_company import SETTINGS, Place
from typed import Do
from wire.server import Say, WireServer

import agentco
from agentco.memory import code_of_key

ROOT = Path(agentco.__file__).parents[1]
NOTES = '- calls: [{name: Board, arguments: {operation: add, title: "Call the bank"}}]\n- text: Done.\n'
ASKS = '- calls: [{name: AskFounder, arguments: {question: "Which price?"}}]\n- text: Done.\n'
END = "\x04"


@pytest.fixture
def asking(place: Place) -> Place:
    """A company whose writer must ask before it changes the board."""
    place.settings(f"{SETTINGS}permissions: {{ask: [Board]}}\n")
    place.agent(
        "writer",
        "---\ndescription: Writes.\ntools: [Board, AskFounder]\n---\nI write.\n",
    )
    place.trust()
    return place


class Terminal:
    """A command at a pseudo-terminal; `--json` documents go to a pipe of their own."""

    def __init__(
        self, place: Place, *args: str, typed: str = "", piped: bool = False
    ) -> None:
        self.leader, follower = pty.openpty()
        os.write(self.leader, typed.encode())
        env = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "dumb"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "agentco", "--company", str(place.root), *args],
            env=env,
            stdin=follower,
            stdout=subprocess.PIPE if piped else follower,
            stderr=follower,
            text=True,
        )
        os.close(follower)
        self.seen = ""

    def until(self, wanted: str) -> None:
        """Read the screen until it shows this, or ends."""
        while wanted not in self.seen:
            try:
                part = os.read(self.leader, 65536)
            except OSError:
                break
            if not part:
                break
            self.seen += part.decode(errors="replace").replace("\r", "")

    def end(self) -> int:
        self.until("\0")
        code = self.process.wait(timeout=60)
        os.close(self.leader)
        return code


def asked(place: Place, story: str, *more: str, typed: str = "") -> Terminal:
    (place.root / "s.yml").write_text(story)
    return Terminal(
        place, "ask", "writer", "go", "--model", "scripted/s.yml", *more, typed=typed
    )


@claim("inbox:decides")
@pytest.mark.parametrize(
    ("story", "typed", "code", "line", "waits"),
    [
        (NOTES, "y\n", 0, "Done.", 0),
        (NOTES, "n\n", 0, "Done.", 0),
        (NOTES, "\n", 0, "Done.", 0),
        (NOTES, END, 6, "waiting", 1),
        (ASKS, "nine\n", 0, "Done.", 0),
        (ASKS, "\n", 6, "waiting", 1),
        (ASKS, END, 6, "waiting", 1),
    ],
)
def test_an_answer_decides_and_no_answer_leaves_it_waiting(
    asking: Place, do: Do, *, story: str, typed: str, code: int, line: str, waits: int
) -> None:
    terminal = asked(asking, story, typed=typed)
    assert terminal.end() == code
    assert f"{line}\n" in terminal.seen
    assert len(do("inbox", "--json").document["items"]) == waits
    board = asking.root / "BOARD.md"
    assert ("Call the bank" in (board.read_text() if board.exists() else "")) is (
        typed == "y\n"
    )


@claim("tools:board-shown")
def test_a_change_of_the_board_is_put_in_words_with_its_lines(asking: Place) -> None:
    terminal = asked(asking, NOTES, typed="y\n")
    assert terminal.end() == 0
    assert 'writer wants to: add the task "Call the bank" to the board' in terminal.seen
    assert "\n+- [ ] Call the bank id:T1\n" in terminal.seen


def said(terminal: Terminal) -> dict[str, Any]:
    """The one document of a command, whose code is then known."""
    assert terminal.process.stdout
    with terminal.process.stdout as out:
        data = json.loads(out.read())
    terminal.end()
    return data


@claim("cli:exit-codes")
@pytest.mark.parametrize("story", [NOTES, ASKS])
def test_ctrl_c_at_a_question_ends_at_once(asking: Place, story: str) -> None:
    terminal = asked(asking, story)
    terminal.until("> ")
    terminal.process.send_signal(signal.SIGINT)
    assert terminal.end() == 130
    assert "Fatal" not in terminal.seen
    assert "Traceback" not in terminal.seen


@claim("cli:documents")
def test_nothing_is_asked_where_the_answer_goes_to_a_pipe(place: Place) -> None:
    place.settings(SETTINGS)
    terminal = Terminal(place, "trust", "--json", typed="y\n", piped=True)
    assert said(terminal)["error"]["code"] == terminal.process.returncode == 6
    assert "Trust this folder?" not in terminal.seen


@claim("router:waiting-told")
def test_a_terminal_sees_the_second_try_and_a_document_does_not(
    asking: Place, wire: WireServer
) -> None:
    provider = f"{{workshop: {{kind: openai, api_base: {wire.url!r}}}}}"
    asking.settings(f"{SETTINGS}providers: {provider}\n")
    asking.trust()
    busy = Say(status=503, headers={"retry-after": "0"})
    line = "writer waits for workshop/m, second try"
    for more in ((), ("--json",)):
        wire.script({"m": [busy, Say(text="Done.")]})
        order = ("ask", "writer", "go", "--quick", "--model", "workshop/m", *more)
        terminal = Terminal(asking, *order)
        assert terminal.end() == 0
        assert (line in terminal.seen) is (not more)


VERDICT = """
- calls: [{name: Verdict, arguments: {verdicts: [{trigger: legal, verdict: APPROVED}]}}]
"""


@claim("reviews:seen")
def test_a_terminal_sees_whose_reviews_are_open_and_what_they_came_to(
    place: Place,
) -> None:
    place.settings(
        f"{SETTINGS}triggers: [{{name: legal, words: [GDPR], consult: [lawyer]}}]\nmodels: {{medium: [scripted/s.yml]}}\n"
    )
    (place.root / "lawyer.yml").write_text(VERDICT)
    for name, more in (
        ("writer", ""),
        ("lawyer", "agentco: {model: scripted/lawyer.yml}\n"),
    ):
        text = (
            f"---\ndescription: The {name}.\n{more}tools: [Board]\n---\nI am {name}.\n"
        )
        place.agent(name, text)
    place.trust()
    terminal = asked(place, "- text: We like GDPR.\n")
    assert terminal.end() == 0
    assert (
        "writer: asks scripted/s.yml\nwriter: wrote a draft, 3 words\n"
        "lawyer: reads the draft (legal)\nlawyer: APPROVED (legal)\nWe like GDPR.\n"
    ) in terminal.seen
    assert terminal.seen.count("We like GDPR.") == 1


@claim("reviews:owed")
@pytest.mark.parametrize(
    ("typed", "code", "waits"),
    [("I read it\n", 0, 0), ("no\n", 6, 1), ("\n", 6, 1), (END, 6, 1)],
)
def test_a_review_that_nobody_could_do_is_waived_with_a_reason(
    asking: Place, do: Do, typed: str, code: int, waits: int
) -> None:
    more = "permissions: {ask: [Board]}\ntriggers: [{name: legal, words: [GDPR], consult: [nobody]}]\n"
    asking.settings(f"{SETTINGS}{more}")
    terminal = asked(asking, "- text: We like GDPR.\n", typed=typed)
    assert terminal.end() == code
    assert "there is no agent 'nobody'. Why may it go without?" in terminal.seen
    assert terminal.seen.count("We like GDPR.") == 1
    assert ("you waived legal: I read it" in terminal.seen) is (waits == 0)
    assert len(do("inbox", "--json").document["items"]) == waits


@claim("memory:key")
def test_the_code_of_a_key_is_asked_for_and_not_shown(place: Place) -> None:
    code = code_of_key(b"k" * 32)
    terminal = Terminal(place, "trust", "--import", "-")
    terminal.until("the code: ")
    os.write(terminal.leader, f"{code}\n".encode())
    assert terminal.end() == 0
    assert "the key was imported" in terminal.seen
    assert code not in terminal.seen
    assert memory_key(place.memory_file) == b"k" * 32
