"""The inbox as a founder reads it: in order, in words, each item answered by the id that it shows."""

from pathlib import Path
from string import Formatter
from typing import get_type_hints

import pytest
from claims import claim
from msgspec.structs import replace
from rich.cells import cell_len
from small_company import SETTINGS, Place
from terminal_screen import Screen, compare_screens
from typed import Do

from agentco.company import tool_table
from agentco.desk import OpenCompany
from agentco.overview import call_in_words
from agentco.ports import Transaction
from agentco.runs import EffectState, RunPhase, actions
from agentco.wiring import open_company

SCREENS = Path(__file__).parent / "screens"
ASKS = """\
- text: "I read the plan.\\nTwo prices are possible: nine or twelve euros.\\nThe board has no decision."
  calls: [{name: AskFounder, arguments: {question: "Which price do we launch with?"}}]
- text: Nine it is.
"""
ADDS = """\
- calls: [{name: Board, arguments: {operation: add, title: "Call the bank", owner: cfo}}]
- text: Done.
"""
SAYS = "- text: Our price is nine euros.\n"


@pytest.fixture
def firm(place: Place) -> OpenCompany:
    """A company whose writer must ask before it changes the board."""
    place.settings(f"{SETTINGS}permissions: {{ask: [Board]}}\n")
    for agent in ("writer", "cfo"):
        place.agent(
            agent,
            "---\ndescription: Works.\ntools: [Board, AskFounder]\n---\nI work.\n",
        )
    place.trust()
    return open_company(place.root)


def works(place: Place, do: Do, agent: str, task: str, story: str) -> str:
    """A department that does what a script says; the run."""
    (place.root / "s.yml").write_text(story)
    said = do("ask", agent, task, "--quick", "--model", "scripted/s.yml", "--json")
    return str(said.document["run"])


def doubt(firm: OpenCompany, run: str) -> None:
    """As after a crash: nobody knows whether the calls of a run were billed."""

    def act(tx: Transaction) -> None:
        for row in tx.load_effects(run):
            if row.model:
                doubtful = replace(row, state=EffectState.IN_DOUBT, reserved=12_000)
                tx.save_effect(doubtful)

    firm.write_state(act)


def hold_back(firm: OpenCompany, run: str, *rules: str) -> None:
    """As when code finds a broken rule in a draft."""

    def act(tx: Transaction) -> None:
        held = replace(
            tx.load_run(run),
            phase=RunPhase.BLOCKED,
            faults=rules,
            reason=f"Blocked by {' and '.join(rules)}",
        )
        tx.save_run(held, firm.now_iso())

    firm.write_state(act)


def everything_waits(firm: OpenCompany, place: Place, do: Do) -> dict[str, str]:
    """One of each kind, the least urgent first; the runs by what they are."""
    runs = {"calls": works(place, do, "cfo", "Compare the invoices", SAYS)}
    runs["more-calls"] = works(place, do, "writer", "Rename the plan", SAYS)
    runs["interrupted"] = works(place, do, "cfo", "Draft the offer", ASKS)
    runs["blocked"] = works(place, do, "writer", "Write the post", SAYS)
    runs["approval"] = works(place, do, "writer", "Tidy the board", ADDS)
    runs["question"] = works(place, do, "cfo", "Set the launch price", ASKS)
    answered = question_of(do, runs["interrupted"])
    assert do("answer", answered, "nine", "--later").code == 0
    doubt(firm, runs["calls"])
    doubt(firm, runs["more-calls"])
    hold_back(firm, runs["blocked"], "claims")
    firm.write_state(
        lambda tx: tx.restrict_agent("cfo", "2026-11-20T09:00:00+00:00", "a loop")
    )
    return runs


def question_of(do: Do, run: str) -> str:
    """The id of what waits in a run."""
    items = do("inbox", "--json").document["items"]
    return str(next(item["id"] for item in items if item["run"] == run))


def with_fixed_ids(screen: str, runs: dict[str, str]) -> str:
    """A screen with names of the same length for its runs."""
    for number, run in enumerate(runs.values()):
        screen = screen.replace(run, "abcdefgh"[number] * len(run))
    return screen


@claim("inbox:order")
def test_everything_that_waits_stands_in_order_and_in_words(
    firm: OpenCompany, place: Place, do: Do, monkeypatch: pytest.MonkeyPatch
) -> None:
    screens = {80: do("inbox").out}
    compare_screens(SCREENS / "inbox-empty.txt", screens)
    runs = everything_waits(firm, place, do)
    for width in (60, 80, 100, 160):
        monkeypatch.setenv("COLUMNS", str(width))
        screens[width] = with_fixed_ids(do("inbox").out, runs)
        assert all(cell_len(line) <= width for line in screens[width].splitlines())
    compare_screens(SCREENS / "inbox-full.txt", dict(sorted(screens.items())))
    items = do("inbox", "--json").document["items"]
    kinds = [item["kind"] for item in items]
    assert kinds == [
        "question",
        "approval",
        "blocked",
        "interrupted",
        "in-doubt",
        "in-doubt",
    ]
    assert do("status", "--json").document["inbox"] == 6
    approval = next(item for item in items if item["kind"] == "approval")
    assert approval["what"].startswith("Board {")
    assert (
        approval["words"] == 'add the task "Call the bank" to the board (owner "cfo")'
    )


@claim("inbox:order")
def test_each_item_is_settled_by_the_id_it_shows(
    firm: OpenCompany, place: Place, do: Do
) -> None:
    runs = everything_waits(firm, place, do)
    ids = {item["run"]: item["id"] for item in do("inbox", "--json").document["items"]}
    for words in (
        ("answer", ids[runs["question"]], "nine", "--later"),
        ("deny", ids[runs["approval"]], "--later"),
        ("waive", ids[runs["blocked"]], "--why", "I checked it", "--later"),
        ("inbox", "settle", ids[runs["calls"]], "--drop"),
    ):
        said = do(*words)
        assert (said.code, said.err) == (0, ""), words
    left = do("inbox", "--json").document["items"]
    assert [item["kind"] for item in left if item["kind"] != "interrupted"] == [
        "in-doubt"
    ]
    assert "1 call may have been billed, up to $0.012" in do("inbox").out
    assert do("inbox", "settle", "--all", "--done").out == (
        "1 call is settled: $0.012000 counts as spent\n"
    )
    assert do("inbox", "settle", "--all", "--drop").out == "no call is in doubt\n"


@claim("inbox:order")
def test_what_cannot_be_settled_says_why(
    firm: OpenCompany, place: Place, do: Do
) -> None:
    run = works(place, do, "writer", "Write the post", SAYS)
    hold_back(firm, run, "claims", "links")
    said = do("waive", run, "--why", "fine")
    assert (said.code, "2 triggers hold run" in said.err) == (2, True)
    assert "claims, links" in said.err
    for words in (["settle", "--all"], ["settle", f"{run}.1", "--all", "--done"]):
        assert do("inbox", *words).code == 2
    unknown = do("inbox", "settle", f"{run}.1", "--done")
    assert (unknown.code, "is not waiting for you" in unknown.err) == (2, True)


@claim("inbox:order")
def test_every_tool_that_a_rule_can_name_says_in_words_what_it_would_do() -> None:
    for tool in tool_table.TOOLS:
        arguments = actions.arguments_of(tool)
        if arguments is None or not tool.can_be_ruled_on:
            continue
        fields = set(arguments.__struct_fields__)
        operation = get_type_hints(arguments).get("operation")
        assert set(tool.in_words) == set(operation or [""])
        for sentence in tool.in_words.values():
            named = {name for _, name, _, _ in Formatter().parse(sentence) if name}
            assert named <= fields


@claim("inbox:order")
@pytest.mark.parametrize(
    ("name", "arguments", "words"),
    [
        (
            "board",
            '{"operation": "add", "title": "Pay\\" to the board and {id}", "due": "2026-12-01"}',
            'add the task "Pay\\" to the board and {id}" to the board (due "2026-12-01")',
        ),
        (
            "Memory",
            '{"operation": "add_observations", "observations": [{"entityName": "price", "contents": ["9"]}]}',
            'note in the memory: "price" "9"',
        ),
        ("Read", '{"path": "a.md", "lines": 40}', 'read "a.md" (lines 40)'),
        ("Read", "{}", "read nothing"),
        ("Read", "[]", ""),
        ("Board", '{"operation": "burn"}', ""),
        ("mcp__bank__pay", '{"usd": 3}', ""),
    ],
)
def test_words_hold_every_argument_and_no_text_passes_for_a_part_of_the_sentence(
    name: str, arguments: str, words: str
) -> None:
    assert call_in_words(name, arguments) == words


@claim("inbox:keys")
def test_at_a_terminal_each_item_takes_a_key_and_each_change_is_told(
    firm: OpenCompany, place: Place, do: Do
) -> None:
    runs = everything_waits(firm, place, do)
    terminal = Screen(place, "inbox")
    for shown, keys in (
        ("1 of 5: question", ""),
        ("q quit ", "s"),
        ("in full: agentco runs show", ""),
        ("q quit ", "y"),
        ("Your answer?", "nine\n"),
        ("recorded; agentco runs resume", ""),
        ("2 of 5: approval", ""),
        ("q quit ", "x"),
        ("q quit ", "n"),
        ("3 of 5: blocked", ""),
        ("q quit ", "y"),
        ("Why may it go out?", "\n"),
        ("q quit ", "l"),
        ("left for later", ""),
        ("4 of 5: interrupted", ""),
        ("q quit ", "n"),
        ("is cancelled", ""),
        ("5 of 5: in-doubt", ""),
        ("q quit ", "n"),
        ("2 calls are settled: $0.024000 is taken back", ""),
    ):
        terminal.until(shown)
        terminal.seen = terminal.shown.partition(shown)[2]
        terminal.press(keys)
    terminal.end()
    assert terminal.process.returncode == 0
    left = do("inbox", "--json").document["items"]
    kinds = {item["run"]: item["kind"] for item in left}
    assert kinds.pop(runs["blocked"]) == "blocked"
    assert set(kinds.values()) <= {"interrupted"}


@claim("inbox:keys")
@pytest.mark.parametrize("key", ["q", "\x04"])
def test_quitting_changes_nothing_and_counts_what_is_left(
    firm: OpenCompany, place: Place, do: Do, key: str
) -> None:
    works(place, do, "cfo", "Set the launch price", ASKS)
    before = do("inbox", "--json").out
    terminal = Screen(place, "inbox")
    terminal.until("q quit ")
    terminal.press(key)
    assert "1 item waits for you: agentco inbox" in terminal.end()
    assert do("inbox", "--json").out == before
    assert firm.state.exists()
