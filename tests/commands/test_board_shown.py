"""What a founder sees of an agent's change of the board: its lines, before their yes and after it."""

import pytest
from claims import claim
from small_company import SETTINGS, Place
from typed import Do

STORY = """\
- calls:
    - name: Board
      arguments:
        operation: several
        changes:
          - {operation: due, id: T1, due: 2026-12-04}
          - {operation: delete, id: call the bank}
- text: Done.
"""
LINES = [
    "-- [ ] Write the page @writer due:2026-11-25 id:T1",
    "-- [ ] Call the bank id:T2",
    "+- [ ] Write the page @writer due:2026-12-04 id:T1",
]


@pytest.fixture
def firm(place: Place) -> Place:
    place.settings(SETTINGS)
    place.agent("writer", "---\ndescription: Works.\ntools: [Board]\n---\nI work.\n")
    place.board(
        "- [ ] Write the page @writer due:2026-11-25 id:T1", "- [ ] Call the bank id:T2"
    )
    (place.root / "s.yml").write_text(STORY)
    place.trust()
    return place


def asked(do: Do) -> str:
    said = do(
        "ask", "writer", "tidy up", "--quick", "--model", "scripted/s.yml", "--json"
    )
    assert said.code == 6, said.err
    return str(said.document["run"])


@claim("tools:board-shown")
def test_the_inbox_and_the_run_show_the_lines_before_and_after_the_yes(
    firm: Place, do: Do
) -> None:
    run = asked(do)
    inbox = do("inbox").out
    assert 'would change the board: "due" "T1"' in inbox
    for shown in (inbox, do("runs", "show", run).out):
        assert [line in shown for line in LINES] == [True] * 3
    [item] = do("inbox", "--json").document["items"]
    assert do("approve", item["id"]).code == 0
    assert do("runs", "resume", run).code == 0
    assert "id:T2" not in firm.board_text()
    after = do("runs", "show", run)
    assert [line in after.out for line in LINES] == [True] * 3
    full = do("runs", "show", run, "--full").out
    assert [full.count(line) for line in LINES] == [1] * 3
    [step] = [
        one
        for one in do("runs", "show", run, "--json").document["effects"]
        if one["diff"]
    ]
    assert step["result"] == f"BOARD.md has it now:\n{step['diff']}"


@claim("tools:board-shown")
def test_what_the_founder_denied_shows_no_lines_of_a_change(
    firm: Place, do: Do
) -> None:
    run = asked(do)
    [item] = do("inbox", "--json").document["items"]
    assert do("deny", item["id"]).code == 0
    assert do("runs", "resume", run).code == 0
    assert "id:T2" in firm.board_text()
    assert LINES[1] not in do("runs", "show", run).out
