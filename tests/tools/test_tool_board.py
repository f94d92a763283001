"""The board in an agent's hands."""

from collections.abc import Callable

import pytest
from claims import claim
from small_company import Place
from toolbox import Desk, act, task

from agentco.kernel import StateBroken
from agentco.ports import ToolResult
from agentco.runs import Board, BoardAct

LINES = (
    "- [ ] Ask Ana @founder due:2026-11-20 id:T1",
    "- [x] Old id:T2",
    "",
    "## Blocked",
    "- [ ] Wait id:T7",
)
SHOW = Board(operation=BoardAct.SHOW)
DONE = Board(operation=BoardAct.DONE, id="T1")
MOVE = Board(operation=BoardAct.MOVE, id="T1", column="blocked")
ADD = task("Write copy", owner="Marketing", due="2026-11-30", column="this week")
CHANGES = [ADD, DONE, MOVE]


@pytest.fixture
def desk(place: Place) -> Desk:
    place.board(*LINES)
    place.agent("marketing")
    return Desk(place)


@claim("tools:board")
def test_the_open_tasks_are_shown_as_they_are_written(desk: Desk) -> None:
    assert (
        desk.told(SHOW)
        == "This week: - [ ] Ask Ana @founder due:2026-11-20 id:T1\nBlocked: - [ ] Wait id:T7"
    )


@claim("tools:board")
def test_fault_50_the_rest_of_a_long_board_is_counted(place: Place) -> None:
    place.board(*(f"- [ ] Task {n} id:T{n}" for n in range(1, 251)))
    said = Desk(place).told(SHOW).split("\n")
    assert len(said) == 201
    assert said[-1] == "…50 more"
    place.board()
    assert Desk(place).told(SHOW) == "no task is open"


@claim("tools:board")
@pytest.mark.parametrize(
    ("action", "line"),
    [
        (ADD, "- [ ] Write copy @marketing due:2026-11-30 id:T8"),
        (task("Call", owner="@founder"), "- [ ] Call @founder id:T8"),
        (task("Call #blocked id:T1"), "- [ ] Call `#blocked` `id:T1` id:T8"),
        (DONE, "- [x] Ask Ana @founder due:2026-11-20 id:T1 done:2026-11-21"),
        (MOVE, "- [ ] Ask Ana @founder due:2026-11-20 id:T1"),
    ],
    ids=ascii,
)
def test_one_task_is_changed_and_the_answer_names_its_line(
    desk: Desk, action: Board, line: str
) -> None:
    said = desk.told(action).split("\n")
    assert said[:3] == ["BOARD.md has it now:", "--- BOARD.md", "+++ BOARD.md"]
    assert f"+{line}" in said
    assert f"\n{line}\n" in desk.place.board_text()


@claim("tools:board")
def test_a_day_is_the_companys(desk: Desk) -> None:
    late = act().at.replace(month=7, hour=23, minute=30)
    desk.does(DONE, act().__class__(effect="r1.2", agent="coo", at=late))
    assert "done:2026-07-22" in desk.place.board_text()


@claim("tools:told")
@pytest.mark.parametrize(
    ("action", "why"),
    [
        (task("x", owner="markting"), "did you mean 'marketing'"),
        (task("x", owner="nobody-at-all"), "the agents are founder, marketing"),
        (task("x", due="tomorrow"), "write it as 2026-11-25"),
        (task("x", due="2026-13-40"), "is not a date"),
        (task("x", column="Nowhere"), "the columns are"),
        (task(""), "a task needs a title"),
        (Board(operation=BoardAct.DONE, id="T99"), "no task 'T99'"),
        (Board(operation=BoardAct.DONE), "no task ''"),
        (Board(operation=BoardAct.MOVE, id="T1"), "no column ''"),
    ],
    ids=ascii,
)
def test_what_cannot_be_is_told_and_nothing_changes(
    desk: Desk, action: Board, why: str
) -> None:
    before = desk.place.board_text()
    assert desk.image(action) is None
    assert why in desk.refused(action)
    assert desk.place.board_text() == before


@claim("tools:once")
@pytest.mark.parametrize("action", CHANGES, ids=ascii)
def test_a_change_that_was_made_is_not_made_again(desk: Desk, action: Board) -> None:
    image = desk.image(action)
    assert image
    assert image.file == "BOARD.md"
    assert image.before != image.after
    first = desk.does(action, act(), image)
    after = desk.place.board_text()
    assert desk.does(action, act(again=True), image) == first
    assert desk.place.board_text() == after


@claim("tools:once")
@pytest.mark.parametrize("action", CHANGES, ids=ascii)
def test_a_change_that_was_not_made_is_made_when_it_comes_again(
    desk: Desk, action: Board
) -> None:
    image = desk.image(action)
    before = desk.place.board_text()
    assert desk.does(action, act(again=True), image).ok
    assert desk.place.board_text() != before


def meddled(desk: Desk, action: Board, *, again: bool) -> tuple[ToolResult, str]:
    image = desk.image(action)
    text = desk.place.board_text().replace("Wait", "Wait for Ana")
    (desk.place.root / "BOARD.md").write_text(text)
    return desk.does(action, act(again=again), image), text


@claim("tools:once")
@pytest.mark.parametrize("action", CHANGES, ids=ascii)
def test_nobody_can_tell_when_the_founder_changed_the_board_after_a_crash(
    desk: Desk, action: Board
) -> None:
    done, text = meddled(desk, action, again=True)
    assert (done.ok, done.doubtful) == (False, True)
    assert desk.place.board_text() == text


@claim("tools:once")
@pytest.mark.parametrize("action", CHANGES, ids=ascii)
def test_what_the_founder_changed_before_the_first_try_is_kept(
    desk: Desk, action: Board
) -> None:
    done, text = meddled(desk, action, again=False)
    assert done.ok
    assert "Wait for Ana" in desk.place.board_text() != text


@claim("tools:once")
def test_done_twice_is_done_once(desk: Desk) -> None:
    desk.told(DONE)
    image = desk.image(DONE)
    assert image
    assert image.before == image.after
    before = desk.place.board_text()
    assert desk.does(DONE, act(again=True), image).ok
    assert desk.place.board_text() == before


@claim("tools:once")
@pytest.mark.parametrize("action", [SHOW])
def test_what_only_looks_has_no_image(desk: Desk, action: Board) -> None:
    assert desk.image(action) is None


@claim("tools:board")
def test_the_first_task_makes_the_board(place: Place) -> None:
    desk = Desk(place)
    image = desk.image(task("First"))
    said = desk.does(task("First"), act(again=True), image).text
    assert said.endswith("+## Backlog\n+- [ ] First id:T1")


@claim("tools:told")
@pytest.mark.parametrize("action", [SHOW, *CHANGES], ids=ascii)
def test_a_broken_board_is_an_exception(desk: Desk, action: Board) -> None:
    (desk.place.root / "BOARD.md").unlink()
    (desk.place.root / "BOARD.md").mkdir()
    with pytest.raises(StateBroken):
        desk.does(action)


@claim("tools:board")
def test_an_agent_of_the_company_is_found_under_any_of_its_names(
    places: Callable[[], Place],
) -> None:
    for name in ("marketing", "Marketing", "@MARKETING"):
        place = places()
        place.board()
        place.agent("marketing")
        assert "@marketing" in Desk(place).told(task("x", owner=name))
