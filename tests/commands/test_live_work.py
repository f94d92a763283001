"""Work as it is seen: one block at a terminal, lines in a pipe, and the text once."""

import json
import os
import re
import signal
from pathlib import Path
from typing import Any

import pytest
from claims import claim
from small_company import Place, company_line, models_at
from terminal_picture import HIDE, SHOW, pictures_of, widest
from terminal_screen import COLOUR, Screen, compare_screens
from typed import Do
from wire.server import Call, Fault, Say, WireServer

SCREENS = Path(__file__).parent / "screens"
WIDTHS = (60, 80, 100, 160)
DRAFT = "# Lumen\n\nThe clause is fair, the tariff is low, the cipher holds, 猫も like the greeting."
REVIEWERS = {
    "lawyer": ("fairness", "clause", "law"),
    "cfo": ("prices", "tariff", "fin"),
    "cto": ("secrets", "cipher", "tec"),
    "support": ("tone", "greeting", "sup"),
}
COST = re.compile(r"\$0\.\d{4} of")
"""What it costs follows from how long prompts are, which is not what a screen tests."""
STUCK = Say(fault=Fault.NO_HEAD)
WHY = "a consumer must see the price with VAT at once and in full, before anything else"


def verdict(trigger: str, word: str, why: str = "") -> Say:
    said = {"trigger": trigger, "verdict": word, "because": why, "change": "Say it."}
    return Say(calls=[Call(name="Verdict", arguments=json.dumps({"verdicts": [said]}))])


@pytest.fixture
def team(place: Place, wire: WireServer) -> Place:
    """A writer whose draft four departments review, each with a model of its own."""
    rules = ", ".join(
        f"{{name: {trigger}, words: [{word}], consult: [{agent}]}}"
        for agent, (trigger, word, _) in REVIEWERS.items()
    )
    models = models_at(wire.url, *(model for _, _, model in REVIEWERS.values()))
    place.settings(
        f"{company_line()}{models}triggers: [{rules}]\nbudget: {{run: 0.5}}\n"
    )
    place.agent(
        "marketing", "---\ndescription: Writes.\ntools: [Board]\n---\nI write.\n"
    )
    for agent, (_, _, model) in REVIEWERS.items():
        own = f"agentco: {{model: workshop/{model}}}"
        text = (
            f"---\ndescription: {agent}.\n{own}\ntools: [Board]\n---\nI am {agent}.\n"
        )
        place.agent(agent, text)
    place.trust()
    return place


def two_answer_and_two_read(wire: WireServer) -> None:
    wire.script(
        {
            "m": [
                Say(calls=[Call(name="Board", arguments='{"operation": "show"}')]),
                Say(text=DRAFT),
            ],
            "law": [verdict("fairness", "APPROVED", "nobody is left out")],
            "fin": [verdict("prices", "CONCERNS", WHY)],
            "tec": [STUCK],
            "sup": [STUCK],
        }
    )


def all_approve(wire: WireServer) -> None:
    answers = {
        model: [verdict(trigger, "APPROVED", "it is fine")]
        for trigger, _, model in REVIEWERS.values()
    }
    wire.script({"m": [Say(text=DRAFT)], **answers})


def with_two_reading(screen: Screen) -> str:
    """The picture in which two have spoken and two read."""
    return screen.picture("2 reviews open", "workshop/tec", "workshop/sup")


@claim("live:block")
def test_who_works_on_what_for_how_much_stands_in_one_block(
    team: Place, wire: WireServer
) -> None:
    at_work, left = dict[int, str](), dict[int, str]()
    for width in WIDTHS:
        two_answer_and_two_read(wire)
        screen = Screen(team, "ask", "marketing", "draft it", columns=width, lines=24)
        shown = with_two_reading(screen)
        assert widest(shown) < width
        at_work[width] = f"{COST.sub('$0.0051 of', shown)}\n"
        os.kill(screen.process.pid, signal.SIGINT)
        screen.end()
        assert screen.process.returncode == 130
        left[width] = pictures_of(screen.seen)[-1]
    compare_screens(SCREENS / "ask-four-reviewers.txt", at_work)
    compare_screens(SCREENS / "ask-interrupted.txt", left)


@claim("live:restored")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_cursor_is_seen_again_whatever_ends_the_work(
    team: Place, wire: WireServer, number: signal.Signals
) -> None:
    two_answer_and_two_read(wire)
    screen = Screen(team, "ask", "marketing", "draft it")
    with_two_reading(screen)
    assert screen.seen.count(HIDE) == 1
    os.kill(screen.process.pid, number)
    screen.end()
    assert screen.process.returncode == 128 + number
    assert screen.seen.rindex(SHOW) > screen.seen.rindex(HIDE)
    assert "reading" not in pictures_of(screen.seen)[-1]


@claim("live:restored")
def test_ctrl_z_gives_the_terminal_back_and_the_work_goes_on_after_it(
    team: Place, wire: WireServer
) -> None:
    two_answer_and_two_read(wire)
    screen = Screen(team, "ask", "marketing", "draft it", own_session=False)
    with_two_reading(screen)
    os.kill(screen.process.pid, signal.SIGTSTP)
    os.waitid(os.P_PID, screen.process.pid, os.WSTOPPED)
    screen.until_raw(SHOW)
    assert pictures_of(screen.seen)[-1] == ""
    os.kill(screen.process.pid, signal.SIGCONT)
    screen.until_raw(HIDE, times=2)
    os.kill(screen.process.pid, signal.SIGTERM)
    screen.end()
    assert screen.seen.count(SHOW) == 2


@claim("live:text-once")
@pytest.mark.parametrize("more", [{}, {"TERM": "dumb"}, {"NO_COLOR": "1"}])
def test_the_text_stands_once_on_the_screen_below_what_reviewers_said(
    team: Place, wire: WireServer, more: dict[str, str]
) -> None:
    all_approve(wire)
    env: Any = more
    screen = Screen(team, "ask", "marketing", "draft it", **env)
    screen.end()
    assert screen.process.returncode == 0
    left = pictures_of(screen.seen)[-1]
    assert left.count("The clause is fair") == 1
    assert left.count("APPROVED") == 4
    assert left.index("APPROVED") < left.index("The clause is fair")


@claim("live:block")
def test_no_color_keeps_the_block_and_takes_the_colours(
    team: Place, wire: WireServer
) -> None:
    all_approve(wire)
    screen = Screen(team, "ask", "marketing", "draft it", NO_COLOR="1")
    screen.end()
    assert HIDE in screen.seen
    assert COLOUR.search(screen.seen) is None


@claim("live:lines")
def test_in_a_pipe_each_step_is_a_line_once_and_stdout_has_the_text_alone(
    team: Place, wire: WireServer, do: Do
) -> None:
    del team
    second = DRAFT.replace("is low", "is really low")
    two_drafts = [Say(text=DRAFT), Say(text=second)]
    tools = [Say(calls=[Call(name="Board", arguments='{"operation": "show"}')])]
    fin = [verdict("prices", "CONCERNS", WHY), verdict("prices", "APPROVED", "good")]
    rest = {
        model: [verdict(trigger, "APPROVED", "it is fine")]
        for trigger, _, model in REVIEWERS.values()
    }
    wire.script(rest | {"m": tools + two_drafts, "fin": fin})
    said = do("ask", "marketing", "draft it")
    assert (said.code, said.out) == (0, f"{second}\n")
    *lines, _ = said.err.splitlines()
    for line, times in {
        "marketing: asks workshop/m": 3,
        "marketing: read the board": 1,
        "marketing: wrote a draft, 17 words": 1,
        "marketing: wrote a draft, 18 words": 1,
        "cfo: reads the draft (prices)": 2,
        f"cfo: CONCERNS (prices): {WHY}": 1,
        "cfo: APPROVED (prices): good": 1,
        "lawyer: APPROVED (fairness): it is fine": 2,
    }.items():
        assert lines.count(line) == times, (line, said.err)
    assert "\x1b" not in said.err


@claim("live:lines")
def test_json_says_nothing_beside_its_document(
    team: Place, wire: WireServer, do: Do
) -> None:
    del team
    all_approve(wire)
    said = do("ask", "marketing", "draft it", "--json")
    assert (said.code, said.err, said.document["status"]) == (0, "", "done")
