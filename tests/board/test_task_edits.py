"""Edits of one task: every other line keeps its bytes, and every other task what it means."""

from collections.abc import Callable
from datetime import date

import pytest
from boards import BOARD, TODAY, texts
from claims import claim
from hypothesis import given, strategies as st
from msgspec.structs import replace

from agentco.board import Task, TaskBoard, read_board, task_edits
from agentco.kernel import WrongUsage

LATER = date(2026, 12, 4)
Edit = Callable[[TaskBoard, Task], TaskBoard]
SAID = st.sampled_from(
    [
        "Ana",
        "the price, and Rui",
        "x @cto due:2026-01-01 #blocked id:T9",
        "```",
        "`a",
        "<!-- a",
        "<!-- a -->",
        "[x] a",
        "[a](b",
        "- a",
        "# a",
        "a\x00\r\nb\u2028c\x1b[31m",
        "📅 2026-11-20",
        "a" * 10_000,
        "**bold** _it_ | a |",
        "waits for, waits for b.",
    ]
)


def titled(text: str) -> Edit:
    return lambda board, task: task_edits.set_title(board, task, text)


def blocked(by: str) -> Edit:
    return lambda board, task: task_edits.block_task(board, task, by)


def owned(name: str | None) -> Edit:
    return lambda board, task: task_edits.set_owner(board, task, name)


def dated(day: date | None) -> Edit:
    return lambda board, task: task_edits.set_due(board, task, day, TODAY)


def ranked(pri: int | None) -> Edit:
    return lambda board, task: task_edits.set_priority(board, task, pri)


def finished(column: str) -> Edit:
    return lambda board, task: task_edits.finish_task(board, task, column, TODAY)


EDITS: st.SearchStrategy[Edit] = st.one_of(
    SAID.map(titled),
    SAID.map(blocked),
    st.sampled_from(["cto", "founder", None]).map(owned),
    st.sampled_from([LATER, None]).map(dated),
    st.sampled_from([1, 7, None]).map(ranked),
    st.sampled_from([" DONE ", "done"]).map(finished),
    st.just(task_edits.unblock_task),
    st.just(task_edits.delete_task),
)


def line_of(text: str, name: str) -> str:
    return next(line for line in text.splitlines() if f"id:{name}" in line)


def task_of(board: TaskBoard, name: str) -> Task:
    return next(task for task in board.tasks if task.id == name)


def edited(name: str, edit: Edit, text: str = BOARD) -> str:
    board = read_board(text)
    return edit(board, task_of(board, name)).text


@claim("board:edits")
@pytest.mark.parametrize(
    ("edit", "line"),
    [
        (
            titled("Only the headline"),
            "- [ ] Only the headline @marketing due:2026-11-20 pri:1 missed:1 id:T12",
        ),
        (
            owned("cto"),
            "- [ ] Write the pricing page copy @cto due:2026-11-20 pri:1 missed:1 id:T12",
        ),
        (
            owned(None),
            "- [ ] Write the pricing page copy due:2026-11-20 pri:1 missed:1 id:T12",
        ),
        (
            dated(LATER),
            "- [ ] Write the pricing page copy @marketing due:2026-12-04 pri:1 missed:1 id:T12",
        ),
        (
            dated(None),
            "- [ ] Write the pricing page copy @marketing pri:1 missed:1 id:T12",
        ),
        (
            ranked(3),
            "- [ ] Write the pricing page copy @marketing due:2026-11-20 pri:3 missed:1 id:T12",
        ),
    ],
    ids=["title", "owner", "nobody", "due", "no date", "priority"],
)
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_one_field_is_written_where_it_stands(
    edit: Edit, line: str, ending: str
) -> None:
    text = BOARD.replace("\n", ending)
    assert edited("T12", edit, text) == text.replace(line_of(text, "T12"), line)


@claim("board:edits")
def test_a_blocked_task_is_in_blocked_and_says_whom_it_waits_for() -> None:
    board = read_board(BOARD)
    after = task_edits.block_task(board, task_of(board, "T12"), "Ana: the price")
    task = task_of(after, "T12")
    assert (task.title, task.column, task.blocked) == (
        "Write the pricing page copy, waits for Ana: the price",
        "Blocked",
        True,
    )
    assert "copy, waits for Ana: the price @marketing due:" in after.text
    again = task_edits.block_task(after, task, "Rui")
    assert task_of(again, "T12").title == "Write the pricing page copy, waits for Rui"
    free = task_edits.unblock_task(again, task_of(again, "T12"))
    assert line_of(free.text, "T12") == line_of(BOARD, "T12")
    assert task_of(free, "T12").column == "In progress"


@claim("board:edits")
def test_without_a_column_for_it_a_blocked_task_is_tagged() -> None:
    text = "- [ ] Call Ana. @cto id:T1\t\n- [ ] b\n"
    board = read_board(text)
    after = task_edits.block_task(board, board.tasks[0], "the price")
    assert (
        after.text
        == "- [ ] Call Ana, waits for the price @cto id:T1 #blocked\t\n- [ ] b\n"
    )
    free = task_edits.unblock_task(after, after.tasks[0])
    assert free.text == text.replace("Ana.", "Ana")


@claim("board:edits")
def test_links_notes_and_tabs_of_a_task_stay_when_it_is_blocked_moved_and_deleted() -> (
    None
):
    text = (
        "## Now\r\n-\t[ ] Post [the page](drafts/post.md) `a due:x`\tid:T1\r\n"
        "\t- [x] outline\r\n\r\n\ta note\r\n- [ ] b id:T2\r\n## Done\r\n"
    )
    board = read_board(text)
    after = task_edits.block_task(board, board.tasks[0], "Ana")
    assert "[the page](drafts/post.md) `a due:x`, waits for Ana\tid:T1" in after.text
    done = task_edits.finish_task(board, board.tasks[0], "done", TODAY)
    assert done.text == (
        "## Now\r\n- [ ] b id:T2\r\n## Done\r\n"
        "-\t[x] Post [the page](drafts/post.md) `a due:x`\tid:T1 done:2026-11-20\r\n"
        "\t- [x] outline\r\n\r\n\ta note\r\n"
    )
    gone = task_edits.delete_task(board, board.tasks[0])
    assert gone.text == "## Now\r\n- [ ] b id:T2\r\n## Done\r\n"


@claim("board:edits")
@pytest.mark.parametrize(
    ("text", "edit", "why"),
    [
        ("- a id:T1\n", titled("[x] a"), "another way"),
        ("- a id:T1 <!-- a ` b -->\n", titled("`a"), "another way"),
        ("- a id:T1\n", titled("📅 2026-12-01"), "another way"),
        ("- a id:T1\n", titled(" \n"), "needs a title"),
        ("- a id:T1\n", dated(date(2026, 11, 19)), "in the past"),
        ("- a id:T1\n", ranked(-1), "is not a priority"),
        ("- a due:2026-11-01 missed:1 id:T1\n", dated(LATER), "has missed 2 dates"),
        ("## Blocked\n- a id:T1\n", task_edits.unblock_task, "no column is for work"),
    ],
)
def test_what_no_board_could_take_is_refused(text: str, edit: Edit, why: str) -> None:
    board = read_board(text)
    with pytest.raises(WrongUsage, match=why):
        edit(board, board.tasks[0])


@claim("board:edits")
def test_a_date_that_was_missed_is_counted_before_it_is_moved() -> None:
    board = read_board("- [ ] a due:2026-11-18 id:T1\n")
    after = task_edits.set_due(board, board.tasks[0], LATER, TODAY)
    assert after.text == "- [ ] a due:2026-12-04 id:T1 missed:1 missed-on:2026-11-18\n"


@claim("board:edits")
@given(texts(), EDITS, st.integers(0, 20))
def test_every_other_task_means_what_it_did_and_an_edit_made_twice_is_made_once(
    text: str, edit: Edit, place: int
) -> None:
    board = read_board(text)
    if not board.tasks:
        return
    task = board.tasks[place % len(board.tasks)]
    try:
        after = edit(board, task)
    except WrongUsage:
        return
    assert read_board(after.text) == after
    kept = list(board.lines)
    del kept[task.line - 1 : task.last]
    rest = list(after.lines)
    for line in kept[:-1]:  # the last one may have got or lost its end
        assert line in rest
        rest.remove(line)
    before, now = others(board, task), list(map(plain, after.tasks))
    for other in before:
        assert other in now
        now.remove(other)
    assert len(now) <= 1
    if now and after.lines != board.lines:
        moved = next(one for one in after.tasks if plain(one) == now[0])
        assert edit(after, moved).text == after.text


def plain(task: Task) -> Task:
    return replace(task, line=0, text_end=0, last=task.last - task.line)


def others(board: TaskBoard, task: Task) -> list[Task]:
    return [plain(one) for one in board.tasks if one.line != task.line]
