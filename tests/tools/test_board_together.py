"""Changes of the board by an agent: together or not at all, shown line by line, made once."""

import threading
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from claims import claim
from hypothesis import HealthCheck, given, settings, strategies as st
from small_company import Place, company_of
from toolbox import KEY, Desk, act, task

from agentco.adapters.tools import BoardDesk, plan_changes
from agentco.board import TaskBoard, read_board
from agentco.kernel import WrongUsage
from agentco.ports import ToolResult
from agentco.runs import TICKED_LATER, Board, BoardAct, BoardChange

LINES = (
    "- [ ] Ask Ana @founder due:2026-11-20 id:T1",
    "- [ ] Write the [page](drafts/page.md) @marketing due:2026-11-25 id:T2",
    "  - headline",
    "- [ ] Call the bank id:T3",
    "- [ ] Call the bank @cfo id:T4",
    "",
    "## Blocked",
    "- [ ] Wait id:T7",
    "",
    "## Done",
)
ROLE = b"---\ndescription: Works.\n---\nI work."
COMPANY = company_of(
    {f".github/agents/{name}.agent.md": ROLE for name in ("marketing", "cfo")}
)
TODAY = date(2026, 11, 21)


def change(operation: str, name: str = "", **more: Any) -> BoardChange:
    return BoardChange(operation=BoardAct(operation), id=name, **more)


def alone(one: BoardChange) -> Board:
    fields = {name: getattr(one, name) for name in BoardChange.__struct_fields__}
    return Board(**fields)


def several(*changes: BoardChange) -> Board:
    return Board(operation=BoardAct.SEVERAL, changes=changes)


@pytest.fixture
def desk(place: Place) -> Desk:
    place.board(*LINES)
    place.agent("marketing")
    place.agent("cfo")
    return Desk(place)


def diff_of(told: str) -> list[str]:
    """The lines of a diff that change."""
    lines = [line for line in told.split("\n") if line[:1] in {"+", "-"}]
    return [line for line in lines if not line.startswith(("---", "+++"))]


MANY = several(
    change("due", "T2", due="2026-12-01"),
    change("priority", "T2", priority=1),
    change("blocked", "call the bank", waits_for="x"),
)


@claim("tools:board-together")
def test_several_changes_are_one_edit_that_is_told_line_by_line(desk: Desk) -> None:
    told = desk.told(
        several(
            change("due", "T2", due="2026-12-01"),
            change("priority", "T2", priority=1),
            change("title", "T7", title="Wait for the lease"),
            change("add", title="Pay rent", owner="cfo", priority=2),
            change("move", "Pay rent", column="blocked"),
        )
    )
    assert diff_of(told) == [
        "-- [ ] Write the [page](drafts/page.md) @marketing due:2026-11-25 id:T2",
        "+- [ ] Write the [page](drafts/page.md) @marketing due:2026-12-01 id:T2 pri:1",
        "-- [ ] Wait id:T7",
        "+- [ ] Wait for the lease id:T7",
        "+- [ ] Pay rent @cfo pri:2 id:T8",
    ]
    assert "  - headline" in desk.place.board_text()


@claim("tools:board-together")
def test_the_first_change_that_is_wrong_is_named_and_nothing_is_changed(
    desk: Desk,
) -> None:
    before = desk.place.board_text()
    said = desk.refused(MANY)
    assert said.startswith(
        "change 3, 'blocked call the bank': 'call the bank' fits 2 tasks: "
        "T3 'Call the bank' in 'This week', T4 'Call the bank' in 'This week'"
    )
    assert said.endswith("none of the changes was made")
    assert desk.place.board_text() == before
    assert desk.image(MANY) is None


@claim("tools:told")
@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (change("delete", "T99"), "the nearest are T7 'Wait' in 'Blocked', T4 'Call"),
        (change("delete", "Wrte the page"), "the nearest are T2 'Write the [page]"),
        (change("delete", "bank"), "no task 'bank' on the board: the nearest are T3"),
        (change("delete"), "no task ''"),
        (change("due", "T2", due="next week"), "write it as 2026-11-25"),
        (change("due", "T2", due="2026-11-31"), "write it as 2026-11-25"),
        (change("due", "T2", due="2026-11-01"), "in the past: today is 2026-11-21"),
        (change("due", "T2"), "give a date such as 2026-11-25, or none"),
        (change("owner", "T2", owner="marketting"), "did you mean 'marketing'"),
        (change("owner", "T2"), "give an agent's id, founder, or none"),
        (change("priority", "T2"), "1 is the highest"),
        (change("priority", "T2", priority=-1), "-1 is not a priority"),
        (change("blocked", "T2"), "give whom or what it waits for, or none"),
        (change("title", "T2"), "a task needs a title"),
        (change("title", "T2", title=f"Use {KEY}"), "looks like an API key"),
        (change("blocked", "T2", waits_for=KEY), "looks like an API key"),
        (change("add", title="x" * 10_000), "1,000 are the most"),
        (change("title", "T2", title="x" * 10_000), "the title has 10,000 characters"),
        (change("add", title="x", column=" DONE"), "a new task is not done"),
        (change("move", "T2", column="Nowhere"), "the columns are"),
        (change("show"), "show is no change"),
        (change("several"), "several is no change"),
    ],
    ids=ascii,
)
def test_a_model_hears_what_to_do_instead(
    desk: Desk, wrong: BoardChange, why: str
) -> None:
    before = desk.place.board_text()
    said = desk.refused(several(wrong))
    assert why in said
    assert said.startswith("change 1, ")
    assert KEY not in said
    assert desk.place.board_text() == before
    assert "there are no changes" in desk.refused(several())


@claim("tools:board-together")
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_a_title_is_text_on_one_line_whatever_it_contains(
    place: Place, ending: str
) -> None:
    text = ending.join(("## Now", "-\t[ ] a\tid:T1", "\t- sub", "- [ ] b id:T2", ""))
    (place.root / "BOARD.md").write_bytes(text.encode())
    odd = "**Bold**\x00 | pipe\r\n## Head\u2028- [x] x @cfo due:2026-01-01 #blocked"
    Desk(place).told(alone(change("title", "T1", title=odd)))
    plain = "**Bold** | pipe ## Head - [x] x `@cfo` `due:2026-01-01` `#blocked`"
    after = (place.root / "BOARD.md").read_bytes().decode()
    assert after == text.replace("a\tid", f"{plain} id")


@claim("tools:board-together")
def test_none_takes_an_owner_a_date_a_priority_and_a_reason_away(desk: Desk) -> None:
    desk.told(
        several(
            change("blocked", "T2", waits_for="Ana"),
            change("priority", "T2", priority=3),
        )
    )
    assert "page](drafts/page.md), waits for Ana @marketing" in desk.place.board_text()
    told = desk.told(
        several(
            change("owner", "T2", owner="none"),
            change("due", "T2", due="None"),
            change("priority", "T2", priority=0),
            change("blocked", "T2", waits_for=" none "),
        )
    )
    assert "+- [ ] Write the [page](drafts/page.md) id:T2" in told


@claim("board:ticked-late")
@pytest.mark.parametrize("column", ["Done", "DONE", " done "])
def test_a_move_to_done_is_a_tick_and_waits_like_one(desk: Desk, column: str) -> None:
    moves = alone(change("move", "T2", column=column))
    before = desk.place.board_text()
    line = "+- [x] Write the [page](drafts/page.md) @marketing due:2026-11-25 id:T2 done:2026-11-21"
    image = desk.image(moves)
    assert image
    late = desk.told(moves, act(ticks_wait=True)).split("\n")
    assert late[0] == TICKED_LATER
    assert line in late
    assert line in image.diff
    assert desk.place.board_text() == before
    assert line in desk.told(moves)
    assert desk.place.board_text().endswith(f"## Done\n{line[1:]}\n  - headline\n")
    assert desk.told(moves) == "BOARD.md says so already; nothing was changed"


@claim("board:ticked-late")
def test_of_several_changes_only_what_marks_as_done_waits(desk: Desk) -> None:
    both = several(change("done", "T3"), change("owner", "T3", owner="marketing"))
    told = desk.told(both, act(ticks_wait=True))
    assert told.startswith(f"{TICKED_LATER}\nBOARD.md has the rest now:\n---")
    assert "+- [x] Call the bank id:T3 @marketing done:2026-11-21" in told
    assert "- [ ] Call the bank id:T3 @marketing\n" in desk.place.board_text()


@claim("board:ticked-late")
def test_on_a_board_without_a_column_for_it_done_is_a_tick(place: Place) -> None:
    place.board("- [ ] a id:T1")
    Desk(place).told(alone(change("move", "T1", column="done")))
    assert "- [x] a id:T1 done:2026-11-21" in place.board_text()


@claim("tools:board-rights")
@pytest.mark.parametrize(
    ("one", "ruled"),
    [
        (change("due", "T1", due="2026-12-01"), ("due @founder",)),
        (change("title", "T4", title="x"), ("title @cfo",)),
        (change("delete", "T4"), ("delete @cfo",)),
        (change("owner", "T4", owner="marketing"), ("owner @cfo",)),
        (change("due", "T1", due="2026-11-20"), ()),
        (change("due", "T2", due="2026-12-01"), ()),
        (change("owner", "T2", owner="cfo"), ()),
        (change("owner", "T7", owner="marketing"), ()),
        (change("delete", "T7"), ()),
        (change("done", "T1"), ()),
        (change("move", "T4", column="Blocked"), ()),
    ],
    ids=ascii,
)
def test_whose_task_is_changed_stands_beside_the_change(
    desk: Desk, one: BoardChange, ruled: tuple[str, ...]
) -> None:
    image = desk.image(several(one))
    assert image
    assert image.ruled_as == ruled


@claim("tools:board-rights")
def test_a_task_that_became_somebody_elses_meanwhile_is_left_alone(desk: Desk) -> None:
    due = alone(change("due", "T2", due="2026-12-01"))
    image = desk.image(due)
    text = desk.place.board_text().replace("@marketing", "@cfo")
    (desk.place.root / "BOARD.md").write_text(text)
    done = desk.does(due, act(), image)
    assert not done.ok
    assert "another department's task now" in done.text
    assert desk.place.board_text() == text


def approved(desk: Desk, action: Board, meanwhile: Callable[[str], str]) -> ToolResult:
    """What comes of a change after the founder was shown it and said yes."""
    image = desk.image(action)
    assert image
    path = desk.place.root / "BOARD.md"
    path.write_text(meanwhile(path.read_text()))
    return desk.does(action, act(shown=image.diff), image)


@claim("tools:board-shown")
def test_a_yes_holds_for_the_lines_that_were_shown_wherever_they_stand_now(
    desk: Desk,
) -> None:
    def edit(text: str) -> str:
        return text.replace("# Board", "# Our board\n\nHello.") + "- [x] New id:T8\n"

    both = several(change("delete", "T7"), change("add", title="Pay rent"))
    assert approved(desk, both, edit).ok
    text = desk.place.board_text()
    assert "Hello." in text
    assert "id:T7" not in text
    assert "Pay rent id:T9" in text


@claim("tools:board-shown")
def test_a_yes_to_other_lines_changes_nothing(desk: Desk) -> None:
    def edit(text: str) -> str:
        return text.replace("Wait", "Wait, it is important")

    done = approved(desk, alone(change("delete", "T7")), edit)
    assert not done.ok
    assert "changed since the founder was shown" in done.text
    assert "important id:T7" in desk.place.board_text()


CHANGES = [
    alone(change("title", "T2", title="Only the headline")),
    alone(change("blocked", "T2", waits_for="Ana")),
    alone(change("delete", "T2")),
    alone(change("move", "T2", column="Done")),
    several(change("add", title="x"), change("due", "T2", due="2026-12-01")),
]


@claim("tools:once")
@pytest.mark.parametrize("action", CHANGES, ids=ascii)
@pytest.mark.parametrize("killed", ["before", "after"])
def test_a_kill_before_or_after_the_edit_leaves_it_made_once(
    desk: Desk, action: Board, killed: str
) -> None:
    image = desk.image(action)
    assert image
    whole = desk.does(action, act(), image).text if killed == "after" else ""
    again = desk.does(action, act(again=True), image)
    after = desk.place.board_text()
    assert again.ok
    assert again.text == (whole or again.text)
    assert desk.does(action, act(again=True), image) == again
    assert desk.place.board_text() == after
    (desk.place.root / "BOARD.md").write_text(after + "- [ ] by hand\n")
    assert desk.does(action, act(again=True), image).doubtful


@claim("tools:board-together")
def test_two_agents_at_once_lose_nothing_of_each_other(desk: Desk) -> None:
    def work(agent: str) -> None:
        own = Desk(desk.place)
        for n in range(8):
            both = several(
                change("add", title=f"{agent} {n}", owner=agent),
                change("priority", f"{agent} {n}", priority=n + 1),
            )
            own.told(both, act(agent=agent))

    threads = [threading.Thread(target=work, args=(a,)) for a in ("cfo", "marketing")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    tasks = [task for task in read_board(desk.place.board_text()).tasks if task.pri]
    wanted = {(f"{a} {n}", n + 1) for a in ("cfo", "marketing") for n in range(8)}
    assert {(task.title, task.pri) for task in tasks} == wanted
    assert len({task.id for task in tasks}) == 16


@claim("tools:told")
def test_a_board_that_would_be_too_large_to_read_is_not_written(place: Place) -> None:
    place.board("- [ ] a id:T1", f"  {'x' * 1_999_500}")
    before = place.board_text()
    assert "larger than 2,000,000 bytes" in Desk(place).refused(task("x" * 900))
    assert place.board_text() == before


NAMES = st.sampled_from(["T1", "T2", "T3", "T7", "Call the bank", "new", "T8", "T99"])
ANY_CHANGE: st.SearchStrategy[BoardChange] = st.builds(
    BoardChange,
    operation=st.sampled_from(
        [one for one in BoardAct if one not in {BoardAct.SHOW, BoardAct.SEVERAL}]
    ),
    id=NAMES,
    title=st.sampled_from(["new", "Call the bank", "```", "a\nb @x", ""]),
    owner=st.sampled_from(["cfo", "founder", "none", "", "nobody"]),
    due=st.sampled_from(["2026-12-01", "2026-11-21", "none", "", "soon"]),
    column=st.sampled_from(["Done", "Blocked", "This week", "", "Nowhere"]),
    priority=st.sampled_from([0, 1, 9]),
    waits_for=st.sampled_from(["Ana", "none", "the price, and Rui", ""]),
)


def planned(board: TaskBoard, action: Board) -> TaskBoard | str:
    """What a call makes of a board, or why it makes nothing of it."""
    caller = act(agent="marketing")
    at = BoardDesk(company=COMPANY, caller=caller, today=TODAY)
    try:
        return plan_changes(board, action, at).now
    except WrongUsage as error:
        return error.what


@claim("tools:board-together")
@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(ANY_CHANGE, min_size=1, max_size=8))
def test_changes_in_one_call_are_what_they_are_one_by_one(
    changes: list[BoardChange],
) -> None:
    board = read_board("# Board\n\n## This week\n" + "\n".join(LINES) + "\n")
    one_by_one: TaskBoard | str = board
    for number, each in enumerate(changes, 1):
        after = planned(one_by_one, alone(each))
        if isinstance(after, str):
            together = planned(board, several(*changes))
            assert isinstance(together, str)
            assert together.startswith(f"change {number}, ")
            assert together.endswith(after)
            return
        one_by_one = read_board(after.text)
    together = planned(board, several(*changes))
    assert not isinstance(together, str), together
    assert together.text == one_by_one.text
