"""What changes on a board, and above all what does not."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from boards import BOARD, TODAY, texts
from claims import claim
from hypothesis import assume, given, strategies as st

from agentco.board import (
    BoardRecord,
    NewTask,
    Task,
    TaskBoard,
    changes,
    count_misses_now,
    find_line_changes,
    is_chronic,
    read_board,
    take_back,
)
from agentco.kernel import WrongUsage

BOARDS = texts().map(read_board)
PICK = st.integers(0, 20)
TITLES = st.text(max_size=40) | st.lists(
    st.sampled_from(
        [
            "@cto",
            "due:2026-11-01",
            "id:T1",
            "done:x",
            "`",
            "[a](",
            "<!--",
            "-->",
            "\n",
            "\x1b[31m",
            "#tag",
        ]
    )
).map(" ".join)


def picked(board: TaskBoard, pick: int) -> tuple[TaskBoard, Task]:
    """The board and one of its tasks, under an id that no other task has."""
    assume(board.tasks)
    task = board.tasks[pick % len(board.tasks)]
    if [t.id and t.id.casefold() for t in board.tasks].count(
        (task.id or "").casefold()
    ) == 1:
        return board, task
    lines = list(board.lines)
    line = lines[task.line - 1]
    body = line.rstrip()
    lines[task.line - 1] = (
        line.replace("id:", "no:")[: len(body)] + " id:pick" + line[len(body) :]
    )
    board = read_board(board.bom + "".join(lines))
    task = next(t for t in board.tasks if t.line == task.line)
    assume(task.id == "pick")
    return board, task


def name(task: Task) -> str:
    assert task.id
    return task.id


def outside(board: TaskBoard, task: Task) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return board.lines[: task.line - 1], board.lines[task.text_end :]


@claim("board:done")
@given(BOARDS, PICK)
def test_done_then_undone_is_the_same_bytes(board: TaskBoard, pick: int) -> None:
    board, task = picked(board, pick)
    assume(not task.done and not task.is_killed)
    done = changes.mark_done(board, name(task), TODAY)
    (changed,) = changes.changed_tasks(board, done)
    assert (changed.done, changed.done_on, changed.title) == (True, TODAY, task.title)
    assert outside(done, changed) == outside(board, task)
    assert changes.reopen_task(done, name(task)).text == board.text


@claim("board:bytes")
@given(BOARDS, PICK, st.sampled_from(["rescope", "kill", "cause"]))
def test_a_decision_touches_only_the_lines_of_its_task(
    board: TaskBoard, pick: int, how: str
) -> None:
    board, task = picked(board, pick)
    after = DECISIONS[how](board, name(task))
    now = changes.find_task(after, name(task))
    assert outside(after, now) == outside(board, task)
    assert (
        now.decided,
        now.missed,
        count_misses_now(now, TODAY) if how != "rescope" else 0,
    ) == (TODAY, 0, 0)


DECISIONS: dict[str, Callable[[TaskBoard, str], TaskBoard]] = {
    "rescope": lambda board, task: changes.rescope(
        board, task, "Something @else", date(2026, 11, 1), TODAY
    ),
    "demote": lambda board, task: changes.demote(board, task, TODAY),
    "kill": lambda board, task: changes.kill(board, task, TODAY),
    "cause": lambda board, task: changes.cause(board, task, TODAY),
}


@claim("board:move")
@given(
    texts(unclosed=False).map(
        lambda text: read_board(f"{text}\n\n## Home\n- [ ] a\n## Zed")
    ),
    PICK,
    PICK,
)
def test_a_task_moved_there_and_back_is_the_same_bytes(
    board: TaskBoard, pick: int, there: int
) -> None:
    board, task = picked(board, pick)
    home = next(c for c in board.columns if task in c.tasks)
    assume(home.name and changes.find_column(board, home.name) == home)
    goals = [
        c
        for c in board.columns
        if c != home and changes.find_column(board, c.name) == c
    ]
    goal = goals[there % len(goals)]
    try:
        moved = changes.move_task(board, name(task), goal.name)
    except WrongUsage:
        return  # its indentation would change what other tasks mean
    now = changes.find_task(moved, name(task))
    assert now.column == goal.name
    assert sorted(moved.text.replace("\r", "\n")) == sorted(
        board.text.replace("\r", "\n")
    )
    line = task.line if now.line > task.line else task.last + 1
    if moved_home := changes.find_column(moved, home.name):
        assert (
            changes.move_task(moved, name(task), moved_home.name, line).text
            == board.text
        )


@claim("board:add")
@given(BOARDS, TITLES)
def test_a_new_task_is_one_line_that_says_what_was_asked_and_no_more(
    board: TaskBoard, title: str
) -> None:
    try:
        after = changes.add_task(
            board, NewTask(title=title, owner="cfo", due=TODAY, pri=3)
        )
    except WrongUsage:
        return  # no words, or nowhere to put it
    (task,) = changes.changed_tasks(board, after)
    assert (task.owner, task.due, task.pri, task.done, task.missed, task.tags) == (
        "cfo",
        TODAY,
        3,
        False,
        0,
        (),
    )
    assert task.id not in {t.id for t in board.tasks}
    kept = list(after.lines)
    del kept[task.line - 1]
    if not board.columns:
        del kept[task.line - 2]
    assert "".join(kept).replace("\r", "\n").rstrip("\n") == "".join(
        board.lines
    ).replace("\r", "\n").rstrip("\n")


@claim("board:add")
def test_a_new_task_follows_the_last_one_in_its_style() -> None:
    board = read_board(
        "\ufeff## Backlog\r\n* [x] a id:T8\r\n  note\r\n\r\n## This Week\r\n3. [ ] b"
    )
    after = changes.add_task(
        board, NewTask(title="Buy @milk\nor `soy` due:never", owner="@founder")
    )
    assert (
        after.text
        == board.text + "\r\n4. [ ] Buy `@milk` or 'soy' `due:never` @founder id:T9"
    )
    assert changes.add_task(after, NewTask(title="c"), column="backlog").lines[2:4] == (
        "  note\r\n",
        "* [ ] c id:T10\r\n",
    )


@claim("board:add")
def test_a_new_task_goes_to_this_week_else_backlog_else_the_first_column_else_a_new_backlog() -> (
    None
):
    def column(text: str) -> str:
        return changes.find_task(
            changes.add_task(read_board(text), NewTask(title="x")), "x"
        ).column

    assert column("## A\n## this week\n## Backlog\n") == "this week"
    assert column("## A\n## Backlog\n") == "Backlog"
    assert column("## A\n\n## B\n") == "A"
    assert (
        changes.add_task(read_board(""), NewTask(title="x")).text
        == "## Backlog\n- [ ] x id:T1\n"
    )
    assert (
        changes.add_task(read_board("# Hi"), NewTask(title="x"), column="backlog").text
        == "# Hi\n\n## Backlog\n- [ ] x id:T1"
    )


@claim("board:add")
@pytest.mark.parametrize(
    "wrong", [{"column": "No"}, {"owner": "a b"}, {"owner": "@"}, {"pri": -1}]
)
def test_a_new_task_with_values_that_no_board_can_hold_is_refused(
    wrong: dict[str, Any],
) -> None:
    column = wrong.pop("column", None)
    with pytest.raises(WrongUsage):
        changes.add_task(read_board(BOARD), NewTask(title="x", **wrong), column)


@claim("board:add")
def test_a_task_is_not_added_inside_a_comment_that_never_ends() -> None:
    with pytest.raises(WrongUsage):
        changes.add_task(read_board("## A\n<!-- all\n"), NewTask(title="x"))
    with pytest.raises(WrongUsage):
        changes.add_task(read_board("## A\n- a\n"), NewTask(title=" \n"))


@claim("board:done")
def test_done_ticks_in_place_before_trailing_spaces_and_an_item_without_checkbox_gets_the_day() -> (
    None
):
    board = read_board("- [ ] a id:T1  \r\n- b id:T2\n- [?] c id:T3")
    for task in ("T1", "T2", "t3", "T1"):
        board = changes.mark_done(board, task, TODAY)
    assert board.text == (
        "- [x] a id:T1 done:2026-11-20  \r\n- b id:T2 done:2026-11-20\n- [?] c id:T3 done:2026-11-20"
    )


@claim("board:done")
def test_undone_opens_what_was_ticked_by_hand_or_killed() -> None:
    assert (
        changes.reopen_task(read_board("- [X] a id:T1"), "T1").text == "- [ ] a id:T1"
    )
    assert changes.reopen_task(
        changes.kill(read_board("- [ ] a id:T1"), "T1", TODAY), "T1"
    ).text == ("- [ ] a id:T1 decided:2026-11-20")


@claim("board:move")
def test_a_move_that_would_join_two_line_ends_is_refused() -> None:
    with pytest.raises(WrongUsage):
        changes.move_task(
            read_board("- [ ] a id:T1\r- [ ] b\r## Done\n\n"), "T1", "Done"
        )


@claim("board:chronic")
def test_a_decision_leaves_no_second_count_or_date_behind() -> None:
    board = read_board(
        "## Backlog\n- [ ] a due:2026-11-01 due:2026-11-02 missed:2 missed:3 missed-on:2026-11-01 id:T1"
    )
    assert (
        changes.demote(board, "T1", TODAY).lines[1]
        == "- [ ] a missed-on:2026-11-01 id:T1 decided:2026-11-20"
    )


@claim("board:move")
def test_notes_and_sub_items_move_with_their_task() -> None:
    board = changes.move_task(read_board(BOARD), "T13", "done")
    assert board.text.endswith(
        "id:T2\n- [ ] Call the bank @founder due:2026-11-18 id:T13 #money\n"
        "  - ask about fees due:2020-01-01\n\n  a note\n"
    )
    assert changes.move_task(board, "T13", "DONE") == board


@claim("board:move")
def test_moving_refuses_unknown_columns_and_lines_elsewhere() -> None:
    with pytest.raises(WrongUsage) as no_column:
        changes.move_task(read_board(BOARD), "T12", "Nowhere")
    assert (
        no_column.value.hint
        == "the columns are: 'In progress', 'Blocked', 'Backlog', 'Done'"
    )
    with pytest.raises(WrongUsage) as misspelt:
        changes.move_task(read_board(BOARD), "T12", "Backlg")
    assert misspelt.value.hint == "did you mean 'Backlog'?"
    with pytest.raises(WrongUsage):
        changes.move_task(read_board(BOARD), "T12", "Done", 3)


@claim("board:move")
def test_a_move_that_would_swallow_a_task_or_split_one_is_refused() -> None:
    with pytest.raises(WrongUsage):
        changes.move_task(read_board("## A\n- a\n## B\n  - b id:T1\n"), "T1", "A")
    with pytest.raises(WrongUsage):
        changes.move_task(
            read_board("## A\n- a\n  - sub\n## B\n- b id:T1\n"), "T1", "A", 3
        )


@claim("board:names")
def test_a_task_is_named_by_id_or_a_unique_part_of_its_title() -> None:
    board = read_board(BOARD)
    assert [changes.find_task(board, n).id for n in ("t12", "PRICING", " lease ")] == [
        "T12",
        "T12",
        "T14",
    ]


@claim("board:names")
@pytest.mark.parametrize(
    ("asked", "what", "hint"),
    [
        ("T122", "no task 'T122' on the board", "did you mean 'T12' or"),
        ("zzzz", "no task 'zzzz' on the board", "agentco board lists the tasks"),
        (
            "the",
            "'the' matches 4 tasks: 'T12', 'T13', 'T14', 'T2'",
            "name one by its id",
        ),
        ("", "no task '' on the board", "agentco board lists the tasks"),
    ],
)
def test_a_name_that_fits_none_or_many_is_refused_with_what_is_close(
    asked: str, what: str, hint: str
) -> None:
    with pytest.raises(WrongUsage) as refused:
        changes.find_task(read_board(BOARD), asked)
    assert refused.value.what == what
    assert refused.value.hint.startswith(hint)


@claim("board:names")
def test_fault_46_an_id_that_is_there_twice_is_refused_with_its_lines() -> None:
    with pytest.raises(WrongUsage, match="lines 1 and 2"):
        changes.mark_done(read_board("- a id:T1\n- b id:t1\n"), "T1", TODAY)


@claim("board:chronic")
def test_each_decision_writes_its_day_and_starts_a_new_count() -> None:
    board = read_board(
        "## Now\n- [ ] a @cto due:2026-11-18 missed:1 missed-on:2026-11-01 id:T1 decided:2026-01-01 <!-- x -->\n"
    )
    head, seen = "## Now\n", "missed-on:2026-11-01 id:T1"
    assert {how: decide(board, "T1").text for how, decide in DECISIONS.items()} == {
        "rescope": f"{head}- [ ] Something `@else` @cto due:2026-11-01 {seen} decided:2026-11-20 <!-- x --> "
        "missed-on:2026-11-18\n",
        "demote": f"{head}\n## Backlog\n- [ ] a @cto {seen} decided:2026-11-20 <!-- x --> missed-on:2026-11-18\n",
        "kill": f"{head}- [x] a @cto due:2026-11-18 {seen} decided:2026-11-20 <!-- x --> "
        "missed-on:2026-11-18 #killed done:2026-11-20\n",
        "cause": f"{head}- [ ] a @cto due:2026-11-18 {seen} decided:2026-11-20 <!-- x --> missed-on:2026-11-18\n",
    }


@claim("board:chronic")
def test_counting_raises_missed_and_names_the_date_once() -> None:
    board, missed = changes.count_misses(
        read_board("- [ ] a due:2026-11-18 missed:1 id:T1\n- [ ] b due:2026-11-20\n"),
        TODAY,
    )
    assert (
        board.text
        == "- [ ] a due:2026-11-18 missed:2 id:T1 missed-on:2026-11-18\n- [ ] b due:2026-11-20\n"
    )
    assert [(t.id, is_chronic(t, TODAY)) for t in missed] == [("T1", True)]
    assert changes.count_misses(board, TODAY) == (board, ())


@claim("board:chronic")
@given(BOARDS, st.integers(0, 40))
def test_counting_twice_is_counting_once_and_touches_no_other_line(
    board: TaskBoard, days: int
) -> None:
    today = TODAY + timedelta(days=days)
    after, missed = changes.count_misses(board, today)
    assert changes.count_misses(after, today) == (after, ())
    assert [count_misses_now(t, today) for t in after.tasks] == [
        count_misses_now(t, today) for t in board.tasks
    ]
    rows = {n for t in missed for n in range(t.line, t.text_end + 1)}
    same = [
        a == b
        for n, (a, b) in enumerate(zip(board.lines, after.lines, strict=True), 1)
        if n not in rows
    ]
    assert all(same)


STEPS = st.one_of(
    st.sampled_from(["count", "demote", "kill", "cause", "done", "undone"]),
    st.integers(0, 9),  # the founder gives the task this date by a rescope
)


@claim("board:chronic")
@given(st.lists(st.tuples(st.integers(0, 10), STEPS), max_size=12), st.integers(0, 9))
def test_no_order_of_days_and_decisions_counts_a_date_twice(
    steps: list[tuple[int, str | int]], due: int
) -> None:
    def day(n: int) -> date:
        return TODAY + timedelta(days=n)

    board = read_board(f"- [ ] a due:{day(due)} id:T1\n")
    counted: list[date | None] = []
    for n, step in steps:
        before = changes.find_task(board, "T1")
        if step == "count":
            board, missed = changes.count_misses(board, day(n))
            counted += [before.due] if missed else []
            assert [t.missed for t in missed] == [before.missed + 1] * len(missed)
        elif step == "done":
            board = changes.mark_done(board, "T1", day(n))
        elif step == "undone":
            board = changes.reopen_task(board, "T1")
        elif isinstance(step, int):
            board = changes.rescope(board, "T1", "a", day(step), day(n))
        else:
            board = getattr(changes, step)(board, "T1", day(n))
    assert len(counted) == len(set(counted))


@claim("board:chronic")
def test_what_was_missed_before_a_decision_does_not_count_after_it() -> None:
    board = read_board("- [ ] a due:2026-11-18 missed:1 id:T1\n")
    assert is_chronic(board.tasks[0], TODAY)
    after = changes.cause(board, "T1", TODAY)
    assert count_misses_now(after.tasks[0], TODAY) == 0
    assert changes.count_misses(after, TODAY)[1] == ()


@claim("board:commands")
@given(BOARDS, st.data())
def test_any_change_of_lines_is_taken_back(
    board: TaskBoard, data: st.DataObject
) -> None:
    lines = data.draw(st.permutations([f"- [ ] task {n}\n" for n in range(4)]))
    after = read_board(board.text + "\n## New\n" + "".join(lines))
    record = BoardRecord(
        did="edit", task="", title="", at="", changes=find_line_changes(board, after)
    )
    assert take_back(after, record).text == board.text
