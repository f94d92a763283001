"""`agentco board` and what it prints."""

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from boards import BOARD
from claims import claim
from small_company import NOW, Place

from agentco.cli.main import main
from agentco.kernel import WrongUsage, date_from_words

pytestmark = pytest.mark.usefixtures("frozen_clock")
TODAY = NOW.date()


@pytest.fixture
def board(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    Place(tmp_path).settings("")
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "BOARD.md"
    path.write_text(BOARD)
    return path


class Said:
    """What one command printed, and its exit code."""

    def __init__(self, capsys: pytest.CaptureFixture[str], *args: str) -> None:
        capsys.readouterr()
        self.code = main(["board", *args])
        self.out, self.err = capsys.readouterr()


def late(days: int) -> str:
    return (TODAY - timedelta(days=days)).isoformat()


@claim("board:screen")
def test_the_board_shows_columns_dates_misses_and_marks(
    board: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    board.write_text(
        f"## Now\n- [ ] Write copy @marketing due:{late(3)} pri:1 missed:1 id:T1\n- [ ] Call due:{late(1)}\n"
        "## Blocked\n- [ ] Lease @lawyer id:T3\n- [x] Domain @cto id:T4\n"
    )
    said = Said(capsys)
    assert [line.split() for line in said.out.splitlines() if line.strip(" ─")] == [
        ["ID", "Task", "Owner", "Due", "Pri", "Missed"],
        ["Now:", "2", "open"],
        ["T1", "Write", "copy", "marketing", late(3), "1", "2"],
        ["3", "days", "late", "chronic"],
        ["-", "Call", late(1), "1"],
        ["1", "day", "late"],
        ["Blocked:", "1", "open,", "1", "done"],
        ["T3", "Lease", "[blocked]", "lawyer"],
        ["T4", "Domain", "[done]", "cto"],
    ]
    assert (said.code, said.err) == (0, "")
    assert max(map(len, said.out.splitlines())) <= 80


@claim("board:screen")
def test_fault_50_ten_thousand_tasks_are_cut_with_a_count_and_whole_in_json(
    board: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    board.write_text(
        "## A\n"
        + "".join(f"- [ ] task {i} id:T{i}\n" for i in range(10_000))
        + "- [x] done\n" * 8
    )
    said = Said(capsys)
    assert said.out.count(" task ") == 60
    assert "and 9940 more open tasks: agentco board --all, or --json\n" in said.out
    assert "and 3 more done: agentco board --all\n" in said.out
    assert len(json.loads(Said(capsys, "--json").out)["columns"][0]["tasks"]) == 10_008


@claim("board:screen")
def test_the_last_five_done_tasks_are_shown_and_all_on_request(
    board: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    board.write_text(
        "## A\n"
        + "".join(f"- [x] job{i} done:2026-01-{i + 1:02}\n" for i in reversed(range(7)))
    )
    said = Said(capsys)
    assert [i for i in range(7) if f"job{i} " in said.out] == [2, 3, 4, 5, 6]
    everything = Said(capsys, "--all")
    assert everything.out.count("job") == 7
    assert "more" not in everything.out


@claim("board:screen")
def test_fault_70_escape_sequences_markup_and_odd_bytes_do_not_reach_the_terminal(
    board: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    board.write_bytes(
        b"## \x1b[2JA\n- [ ] \x1b]0;owned\x07[red]x[/red] \xff y \x1b[31m due:\x1b[1m id:T1\n"
    )
    for args in (
        [],
        ["--json"],
        ["done", "T1"],
        ["move", "T1", "B"],
        ["decide", "T1", "--kill"],
    ):
        said = Said(capsys, *args)
        assert "\x1b" not in said.out + said.err
        (said.out + said.err).encode()
    assert "[red]x[/red]" in Said(capsys, "--all").out


@claim("board:screen")
@pytest.mark.usefixtures("board")
def test_filters_show_one_owner_or_one_column(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def ids(*args: str) -> list[str]:
        columns = json.loads(Said(capsys, "--json", *args).out)["columns"]
        return [task["id"] for column in columns for task in column["tasks"]]

    assert ids("--owner", "@Lawyer") == ["T14"]
    assert ids("--column", "in PROGRESS") == ["T12", "T13"]
    assert Said(capsys, "--column", "no").code == 2
    assert "T14" in Said(capsys, "--owner", "lawyer").out


@claim("board:commands")
def test_the_document_has_the_keys_that_others_build_on(
    board: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = json.loads(Said(capsys, "--json").out)
    keys = ("id", "title", "owner", "due", "pri", "missed", "done", "blocked", "line")
    task = document["columns"][0]["tasks"][0]
    assert {key: task[key] for key in keys} == {
        "id": "T12",
        "title": "Write the pricing page copy",
        "owner": "marketing",
        "due": "2026-11-20",
        "pri": 1,
        "missed": 1,
        "done": False,
        "blocked": False,
        "line": 6,
    }
    assert [column["name"] for column in document["columns"]] == [
        "In progress",
        "Blocked",
        "Backlog",
        "Done",
    ]
    assert document["columns"][1]["tasks"][0]["due"] is None
    assert board.read_text() == BOARD


@claim("board:problems")
def test_problems_are_named_beside_the_board(
    board: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    board.write_text("- [ ] a due:2026-13-40\n")
    assert Said(capsys).err.startswith(
        "BOARD.md:1: warning: 'due:2026-13-40' cannot be read"
    )
    assert json.loads(Said(capsys, "--json").out)["diagnostics"][0]["line"] == 1
    board.unlink()
    missing = Said(capsys)
    assert missing.code == 0
    assert missing.out.startswith("the board is empty\n  agentco board add ")
    assert "there is no BOARD.md yet" in missing.err


@claim("board:commands")
@pytest.mark.parametrize(
    ("args", "said", "undo"),
    [
        (["done", "T13"], "done: T13 Call the bank", ["done", "T13", "--undo"]),
        (
            ["move", "T13", "blocked"],
            "moved to Blocked: T13 Call the bank",
            ["move", "T13", "--undo"],
        ),
    ],
)
def test_a_change_says_what_it_did_and_how_to_take_it_back(
    board: Path,
    capsys: pytest.CaptureFixture[str],
    args: list[str],
    said: str,
    undo: list[str],
) -> None:
    quoted = " ".join(f"'{word}'" if " " in word else word for word in undo)
    assert Said(capsys, *args).out == f"{said} (take it back: agentco board {quoted})\n"
    assert board.read_text() != BOARD
    assert Said(capsys, *undo).code == 0
    assert board.read_text() == BOARD


@claim("board:commands")
def test_add_says_where_the_task_is_and_done_says_when_there_is_nothing_to_do(
    board: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = Said(
        capsys,
        "add",
        "Pay rent",
        "--owner",
        "cfo",
        "--due",
        "+3d",
        "--pri",
        "1",
        "--column",
        "blocked",
    )
    assert (
        said.out
        == "added to Blocked: T15 Pay rent (take it back: agentco board add T15 --undo)\n"
    )
    when = (TODAY + timedelta(days=3)).isoformat()
    assert (
        board.read_text().splitlines()[13]
        == f"- [ ] Pay rent @cfo due:{when} pri:1 id:T15"
    )
    Said(capsys, "done", "T15")
    assert Said(capsys, "done", "T15").out == "nothing to do: T15 Pay rent\n"


@claim("board:commands")
@pytest.mark.usefixtures("board")
def test_a_task_in_json_has_these_keys_and_no_others(
    capsys: pytest.CaptureFixture[str],
) -> None:
    task = json.loads(Said(capsys, "--json").out)["columns"][0]["tasks"][0]
    words = (
        "id title owner due pri missed decided done done_on blocked tags column line"
    )
    assert list(task) == [*words.split(), "misses", "overdue", "chronic"]


@claim("board:commands")
@pytest.mark.usefixtures("board")
def test_every_change_speaks_json(capsys: pytest.CaptureFixture[str]) -> None:
    done = json.loads(Said(capsys, "done", "T12", "--json").out)
    assert (done["changed"], done["task"]["id"], done["task"]["done"]) == (
        True,
        "T12",
        True,
    )
    assert done["undo"] == "agentco board done T12 --undo"
    failed = Said(capsys, "done", "T99", "--json")
    assert (failed.code, json.loads(failed.out)["error"]["code"]) == (2, 2)


@claim("board:commands")
def test_the_decisions_are_carried_out(
    board: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (
        Said(
            capsys, "decide", "T12", "--rescope", "Write a page", "--due", "2099-01-01"
        ).code
        == 0
    )
    assert (
        "- [ ] Write a page @marketing due:2099-01-01 pri:1 id:T12 "
        in board.read_text()
    )
    assert Said(capsys, "decide", "T13", "--demote").out.startswith(
        "demoted to Backlog: T13"
    )
    assert Said(capsys, "decide", "T14", "--kill").out.startswith(
        "killed: T14 Sign the lease (take it back: agentco board decide T14 --undo)"
    )
    assert f"#killed done:{TODAY} decided:{TODAY}" in board.read_text()


@claim("board:cause-remembered")
def test_a_cause_is_remembered_as_a_decision_and_the_task_stays(
    board: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    board.write_text(f"## Now\n- [ ] Talk to: the bank! due:{late(3)} missed:2 id:T1\n")
    said = Said(capsys, "decide", "T1", "--cause", "bank is late ")
    assert said.code == 0
    assert "decided:" in board.read_text()
    [line] = (board.parent / "memory" / "memory.jsonl").read_text().splitlines()
    stored = json.loads(line)
    today = stored["observations"][0].removeprefix("Date: ")
    assert (stored["name"], stored["entityType"]) == (
        f"decision:{today}:talk-to-the-bank",
        "decision",
    )
    assert stored["observations"][1:] == [
        "Why: bank is late",
        "Task: T1 Talk to: the bank!",
    ]


@claim("board:commands")
def test_a_task_cannot_be_rescoped_to_a_day_that_is_over(
    board: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    board.write_text("## Now\n- [ ] Call id:T1\n")
    assert Said(capsys, "decide", "T1", "--rescope", "x", "--due", late(1)).code == 2


@claim("board:commands")
@pytest.mark.parametrize(
    "args",
    [
        [],
        ["--kill", "--demote"],
        ["--rescope", "x"],
        ["--kill", "--due", "today"],
        ["--due", "today"],
        ["--cause", " "],
        ["--rescope", "x", "--due", "someday"],
    ],
)
def test_a_decision_is_exactly_one_thing(
    board: Path, capsys: pytest.CaptureFixture[str], args: list[str]
) -> None:
    assert Said(capsys, "decide", "T12", *args).code == 2
    assert board.read_text() == BOARD


@claim("board:commands")
def test_nothing_is_written_before_the_company_is_adopted(
    board: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (board.parent / ".github" / "agentco.yml").unlink()
    assert Said(capsys, "done", "T12").code == 3
    assert Said(capsys).code == 0
    assert (board.read_text(), sorted(p.name for p in board.parent.iterdir())) == (
        BOARD,
        [".github", "BOARD.md", "memory"],
    )


@claim("board:commands")
def test_dates_are_typed_as_people_say_them() -> None:
    friday = date(2026, 11, 20)
    typed = ["2026-12-01", "today", "Tomorrow", "+3d", "+2w", "friday", "sat", "thu"]
    assert [date_from_words(text, friday).isoformat() for text in typed] == [
        "2026-12-01",
        "2026-11-20",
        "2026-11-21",
        "2026-11-23",
        "2026-12-04",
        "2026-11-27",
        "2026-11-21",
        "2026-11-26",
    ]
    for text in ("", "t", "2026-13-01", "20261201", "someday", "++1d", "+99999d"):
        with pytest.raises(WrongUsage):
            date_from_words(text, friday)
    with pytest.raises(WrongUsage):
        date_from_words("+1d", date.max)


@claim("board:commands")
def test_a_new_task_is_read_as_its_line_on_the_board_would_be(
    board: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    task = "Call  `due:never` the bank @cto due:tomorrow pri:2 #tax"
    assert Said(capsys, "add", task, "--column", "blocked").code == 0
    tomorrow = TODAY + timedelta(days=1)
    line = f"- [ ] Call `due:never` the bank #tax @cto due:{tomorrow} pri:2 id:T15"
    assert board.read_text().splitlines()[13] == line


@claim("board:commands")
@pytest.mark.parametrize(
    ("task", "what"),
    [
        ("Call @cto @cfo", "one owner"),
        ("Call due:never", "'never' is not a date"),
        ("Call pri:high", "'high' is not a priority"),
        ("Call @foundr", "no agent is called 'foundr'"),
        ("@cto due:friday", "a task needs a title"),
    ],
)
def test_words_of_a_new_task_that_cannot_be_read_are_told(
    board: Path, capsys: pytest.CaptureFixture[str], task: str, what: str
) -> None:
    said = Said(capsys, "add", task)
    assert (said.code, board.read_text()) == (2, BOARD)
    assert what in said.err


@claim("board:commands")
@pytest.mark.parametrize(
    ("args", "undo"),
    [
        (["add", "Pay rent"], ["add", "pay rent", "--undo"]),
        (["add", "Pay rent", "--column", "Backlog"], ["add", "T15", "--undo"]),
        (["move", "T13", "Blocked"], ["move", "T13", "--undo"]),
        (["decide", "T13", "--demote"], ["decide", "t13", "--undo"]),
        (["decide", "T14", "--kill"], ["decide", "T14", "--undo"]),
        (
            ["decide", "T12", "--rescope", "Less", "--due", "+9d"],
            ["decide", "T12", "--undo"],
        ),
    ],
)
def test_every_change_of_the_board_is_taken_back_and_what_came_later_stays(
    board: Path, capsys: pytest.CaptureFixture[str], args: list[str], undo: list[str]
) -> None:
    assert Said(capsys, *args).code == 0
    later = "# Written since\n\n"
    board.write_text(later + board.read_text())
    assert Said(capsys, *undo).code == 0
    assert board.read_text() == later + BOARD
    again = Said(capsys, *undo)
    assert (again.code, board.read_text()) == (2, later + BOARD)


@claim("board:commands")
def test_a_change_whose_lines_were_changed_since_is_not_taken_back(
    board: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Said(capsys, "add", "Pay rent")
    text = board.read_text().replace("Pay rent", "Pay the rent")
    board.write_text(text)
    said = Said(capsys, "add", "T15", "--undo")
    assert (said.code, board.read_text()) == (2, text)
    assert "cannot be taken back" in said.err


@claim("board:commands")
def test_an_edit_by_hand_is_told_and_taken_back(
    board: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", "sed -i s/Call/Ring/")
    said = Said(capsys, "edit")
    assert said.out == "1 line changed (take it back: agentco board edit --undo)\n"
    assert "Ring the bank" in board.read_text()
    assert Said(capsys, "edit", "--undo").out == "taken back: your edit\n"
    assert board.read_text() == BOARD
    monkeypatch.setenv("EDITOR", "true")
    assert Said(capsys, "edit").out == "nothing changed\n"


@claim("board:commands")
@pytest.mark.parametrize("editor", ["no-such-editor", "false", "'open"])
@pytest.mark.usefixtures("board")
def test_an_editor_that_does_not_work_is_two_lines(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, editor: str
) -> None:
    monkeypatch.setenv("VISUAL", editor)
    said = Said(capsys, "edit")
    assert (said.code, len(said.err.splitlines())) == (2, 2)


@claim("board:commands")
@pytest.mark.parametrize(
    "hostile", ['"title": "\\ud800"', '"title": "a\\nb"', '"before": ["\\ud83d"]']
)
def test_a_change_that_nobody_here_wrote_is_not_taken_back(
    board: Path, capsys: pytest.CaptureFixture[str], hostile: str
) -> None:
    assert Said(capsys, "add", "Pay rent").code == 0
    log = board.parent / ".agentco/BOARD.changes.jsonl"
    key = hostile.split(":", maxsplit=1)[0]
    field = '"title": "Pay rent"' if "title" in key else '"before": []'
    assert field in log.read_text()
    log.write_text(log.read_text().replace(field, hostile))
    before = board.read_text()
    assert Said(capsys, "add", "T15", "--undo").code == 2
    assert board.read_text() == before


@claim("board:screen")
@pytest.mark.parametrize(
    "words",
    [
        ["add", "use {key}"],
        ["decide", "T1", "--rescope", "use {key}", "--due", "2099-01-01"],
        ["decide", "T1", "--cause", "waits for {key}"],
    ],
)
def test_fault_41_a_key_is_not_written_into_a_task(
    board: Path, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    key = "sk-ant-" + "api03-a1B2c3D4e5F6g7H8"
    board.write_text("## A\n- [ ] one id:T1\n")
    said = Said(capsys, *(word.format(key=key) for word in words))
    assert said.code == 2
    assert "looks like an API key (Anthropic)" in said.err
    for file in board.parent.rglob("*.*"):
        assert file.is_dir() or key.encode() not in file.read_bytes()
