"""What is read from a board."""

from datetime import date

import pytest
from boards import BOARD, TODAY, blobs
from claims import claim
from hypothesis import given

from agentco.board import (
    Task,
    count_misses_now,
    is_chronic,
    is_overdue,
    read_board,
    remove_token,
    set_token,
    unknown_owners,
)

TASK = "- [ ] Write copy @marketing due:2026-11-20 id:T1"


def titles(text: str) -> list[str]:
    return [task.title for task in read_board(text).tasks]


def codes(text: str) -> list[tuple[int | None, str]]:
    return [(problem.line, problem.code) for problem in read_board(text).problems]


@claim("board:bytes")
@given(blobs())
def test_reading_a_board_keeps_every_byte(data: bytes) -> None:
    board = read_board(data.decode("utf-8", "surrogateescape"))
    assert board.text.encode("utf-8", "surrogateescape") == data


@claim("board:bytes")
def test_a_board_of_ten_thousand_tasks_is_read_whole() -> None:
    board = read_board(
        "## All\n"
        + "".join(
            f"- [ ] task {i} @cto due:2026-11-20 id:T{i}\n" for i in range(10_000)
        )
    )
    assert (len(board.tasks), board.problems) == (10_000, ())


@claim("board:tasks")
def test_every_token_of_a_task_is_read_and_none_stays_in_the_title() -> None:
    text = (
        "## Blocked\n- [x] Write @marketing the copy due:2026-11-20 pri:1 missed:2 missed-on:2026-10-01 "
        "missed-on:2026-10-08 done:2026-11-21 decided:2026-10-09 id:T12 #web #copy\n"
    )
    assert read_board(text).tasks == (
        Task(
            id="T12",
            title="Write the copy",
            owner="marketing",
            due=date(2026, 11, 20),
            pri=1,
            missed=2,
            missed_on=(date(2026, 10, 1), date(2026, 10, 8)),
            decided=date(2026, 10, 9),
            done=True,
            done_on=date(2026, 11, 21),
            blocked=True,
            tags=("web", "copy"),
            column="Blocked",
            line=2,
            text_end=2,
            last=2,
        ),
    )


@claim("board:tasks")
@pytest.mark.parametrize(
    ("text", "title"),
    [
        (
            "- [ ] run `make id:T9 due:2026-01-01` now",
            "run `make id:T9 due:2026-01-01` now",
        ),
        (
            "- [ ] read [@bob due:2026-01-01](x) now",
            "read [@bob due:2026-01-01](x) now",
        ),
        ("- [ ] a <!-- @eve due:2026-01-01 --> b", "a b"),
        (
            "- [ ] mail x@y.z about https://x.y/#top and #12",
            "mail x@y.z about https://x.y/#top and #12",
        ),
        ("- [ ] `` a ` due:2026-01-01 `` b", "`` a ` due:2026-01-01 `` b"),
    ],
)
def test_code_links_comments_and_plain_words_hold_no_tokens(
    text: str, title: str
) -> None:
    (task,) = read_board(text).tasks
    assert (task.title, task.owner, task.due, task.tags, task.id) == (
        title,
        None,
        None,
        (),
        None,
    )
    assert read_board(text).problems == ()


@claim("board:tasks")
def test_an_unclosed_mark_hides_no_token() -> None:
    for mark in ("`", "<!--", "[", "](", "``"):
        assert read_board(f"- [ ] a {mark} @cto due:2026-11-20").tasks[0].due == date(
            2026, 11, 20
        )


@claim("board:tasks")
@pytest.mark.parametrize("bullet", ["-", "*", "+", "1.", "12)", " -", "   *"])
@pytest.mark.parametrize("box", ["", "[ ] "])
def test_every_bullet_is_a_task_with_or_without_checkbox(bullet: str, box: str) -> None:
    assert titles(f"## A\n{bullet} {box}one\n") == ["one"]


@claim("board:tasks")
@pytest.mark.parametrize(
    "text",
    [
        "```\n- [ ] a\n```",
        "~~~md\n- [ ] a\n```\n- [ ] b\n~~~",
        "<!--\n- [ ] a\n-->",
        "<!-- - [ ] a -->",
        "    - [ ] a",
        "> - [ ] a",
        "---",
        "* * *",
        "-",
        "- <!-- add tasks here -->",
        "---\ntags:\n- a\n---\n",
        "text - [ ] a",
    ],
)
def test_what_is_no_list_item_to_markdown_is_no_task(text: str) -> None:
    assert titles(text) == []


@claim("board:tasks")
def test_headings_and_items_inside_code_belong_to_the_task_above() -> None:
    board = read_board(
        f"## A\n{TASK}\n  ```\n  ## no\n  ```\n- [ ] b\n\n```\n## B\n```\n## C\n- [ ] c\n"
    )
    assert [(c.name, [t.title for t in c.tasks]) for c in board.columns] == [
        ("A", ["Write copy", "b"]),
        ("C", ["c"]),
    ]


@claim("board:tasks")
def test_code_in_an_item_ends_with_the_item() -> None:
    assert titles("- [ ] a\n  ```\n  - [ ] x\n- [ ] b\n") == ["a", "b"]
    assert titles("- ```\n  - [ ] x\n  ```\n- [ ] b\n") == ["```", "b"]


@claim("board:tasks")
def test_indented_lines_belong_to_the_task_above() -> None:
    text = f"## A\n{TASK}\n  - [ ] sub @cto due:2020-01-01\n\n  note\n\tmore\n\n- [ ] b\n   goes on pri:2\nlazily\n\ntext\n"
    assert [
        (t.title, t.line, t.text_end, t.last, t.pri) for t in read_board(text).tasks
    ] == [("Write copy", 2, 2, 6, None), ("b", 8, 10, 10, 2)]


@claim("board:tasks")
def test_columns_are_second_level_headings_and_tasks_before_any_have_no_column() -> (
    None
):
    text = (
        "- [ ] z\n## A ##\n- [ ] a\n### part\n- [ ] b\n##not\n# Archive\n- [ ] c\n##\n"
    )
    assert [
        (c.name, c.line, c.last, [t.title for t in c.tasks])
        for c in read_board(text).columns
    ] == [("", 0, 1, ["z"]), ("A", 2, 6, ["a", "b"]), ("", 7, 8, ["c"])]


@claim("board:tasks")
def test_a_task_is_done_by_its_checkbox_or_its_date_and_blocked_by_column_or_tag() -> (
    None
):
    text = (
        "- [X] a\n- b done:2026-11-01\n- [ ] c\n## bLOCKED\n- d\n## X\n- e #Blocked\n"
    )
    assert [(t.done, t.blocked) for t in read_board(text).tasks] == [
        (True, False),
        (True, False),
        (False, False),
        (False, True),
        (False, True),
    ]


@claim("board:tasks")
def test_a_number_may_begin_with_zeros() -> None:
    (task,) = read_board("## A\n- [ ] a pri:01 missed:007\n").tasks
    assert (task.pri, task.missed) == (1, 7)


@claim("board:problems")
@pytest.mark.parametrize(
    "word",
    ["due:2026-13-40", "due:20261120", "due:", "pri:A", "missed:-1", "id:a/b", "@bob,"],
)
def test_fault_45_a_token_that_cannot_be_read_is_named_and_stays_in_the_title(
    word: str,
) -> None:
    text = f"## A\n- [ ] Pay {word} rent\n"
    assert titles(text) == [f"Pay {word} rent"]
    assert codes(text) == [(2, "token-unreadable")]


@claim("board:problems")
def test_a_second_token_of_a_kind_is_named_and_the_first_counts() -> None:
    board = read_board("- [ ] a @cto due:2026-11-20 @cfo due:2026-11-21\n")
    assert (board.tasks[0].owner, board.tasks[0].due, board.tasks[0].title) == (
        "cto",
        TODAY,
        "a @cfo due:2026-11-21",
    )
    assert [p.code for p in board.problems] == ["token-twice", "token-twice"]


@claim("board:problems")
def test_fault_46_an_id_that_is_there_twice_is_named_with_its_lines() -> None:
    board = read_board("- [ ] a id:T1\n- [ ] b id:t1\n- [ ] c\n- [ ] d id:T1\n")
    assert [(p.line, p.code, p.message) for p in board.problems] == [
        (2, "id-twice", "id 'T1' is on lines 1, 2, 4")
    ]


@claim("board:problems")
def test_fault_47_unknown_owners_and_checkboxes_are_named() -> None:
    board = read_board(
        "- [?] a @marketing\n- [ ] b @Founder\n- [ ] c @nobody\n- [ ] d\n"
    )
    assert [(p.line, p.code) for p in board.problems] == [(1, "checkbox-unknown")]
    assert [task.done for task in board.tasks] == [False] * 4
    assert [(p.line, p.message) for p in unknown_owners(board, ["Marketing"])] == [
        (3, "no agent 'nobody'")
    ]


@claim("board:problems")
def test_a_code_block_or_comment_that_hides_the_rest_is_named() -> None:
    assert codes("a\n```\n- [ ] a\n") == [(2, "never-closed")]
    assert codes("<!-- x\n- [ ] a\n") == [(1, "never-closed")]


@claim("board:problems")
def test_a_column_that_is_there_twice_is_named() -> None:
    assert codes("## A\n## b\n## a\n") == [(3, "column-twice")]


@claim("board:chronic")
def test_only_open_tasks_are_overdue_and_the_date_of_today_counts_once() -> None:
    text = (
        "- [ ] due today due:2026-11-20\n- [ ] late due:2026-11-19 missed:1\n"
        "- [ ] counted due:2026-11-19 missed:1 missed-on:2026-11-19\n- [x] done due:2026-11-19 missed:5\n"
        "- [ ] killed due:2026-11-19 missed:5 #killed\n- [ ] no date missed:2\n"
    )
    assert [
        (is_overdue(t, TODAY), count_misses_now(t, TODAY), is_chronic(t, TODAY))
        for t in read_board(text).tasks
    ] == [
        (False, 0, False),
        (True, 2, True),
        (True, 1, False),
        (False, 5, False),
        (False, 5, False),
        (False, 2, True),
    ]


@claim("board:tasks")
def test_the_example_board_reads_as_it_looks() -> None:
    assert [(c.name, [t.id for t in c.tasks]) for c in read_board(BOARD).columns] == [
        ("In progress", ["T12", "T13"]),
        ("Blocked", ["T14"]),
        ("Backlog", []),
        ("Done", ["T2"]),
    ]


@claim("board:problems")
def test_what_was_meant_as_a_task_and_is_none_is_told() -> None:
    board = read_board(
        "## Now\n- [ ] One id:T1\n  - [ ] nested @cto due:2026-11-18\n  - a note\n\n-[ ] glued\n"
    )
    assert [(p.line, p.code) for p in board.problems] == [
        (3, "sub-item"),
        (6, "glued-checkbox"),
    ]
    assert [task.title for task in board.tasks] == ["One"]


@claim("board:other-dates")
@pytest.mark.parametrize(
    "written",
    [
        "@{2026-11-20}",
        "📅 2026-11-20",
        "📅\ufe0f 2026-11-20",
        "[due:: 2026-11-20]",
        "(due:: 2026-11-20)",
        "(due 2026-11-20)",
        "(due: 2026-11-20)",
        "(due by 2026-11-20)",
        "due 2026-11-20",
        "due: 2026-11-20",
        "@due(2026-11-20)",
    ],
)
def test_a_due_date_is_read_as_other_programs_write_it_and_changed_in_place(
    written: str,
) -> None:
    text = f"## A\n- [ ] Pay {written} @cto the rent\n  note\n"
    board = read_board(text)
    (task,) = board.tasks
    assert (task.title, task.due, task.owner) == ("Pay the rent", TODAY, "cto")
    assert board.problems == ()
    lines = (f"- [ ] Pay {written} @cto the rent\n",)
    assert set_token(lines, "due", "2026-12-01") == (
        "- [ ] Pay due:2026-12-01 @cto the rent\n",
    )
    assert remove_token(lines, "due") == ("- [ ] Pay @cto the rent\n",)


@claim("board:other-dates")
@pytest.mark.parametrize(
    ("title", "day"),
    [
        ("Pay on 2026-11-20", "2026-11-20"),
        ("Pay 20.11.2026", "20.11.2026"),
        ("Pay by 20/11/2026", "20/11/2026"),
        ("Pay by 20 Nov", "20 Nov"),
        ("Pay by November 20, 2026", "November 20, 2026"),
    ],
)
def test_a_date_in_an_open_task_that_is_not_read_is_told(title: str, day: str) -> None:
    board = read_board(f"- [ ] {title}\n- [x] {title}\n- [ ] {title} due:2026-11-20\n")
    assert [(p.line, p.code) for p in board.problems] == [(1, "date-unread")]
    assert repr(day) in board.problems[0].message


@claim("board:other-dates")
@pytest.mark.parametrize(
    "title",
    [
        "Plan ➕ 2026-11-01",
        "Plan [created:: 2026-11-01]",
        "Move to Python 3.12.1",
        "See `2026-11-20`",
        "Read [2026-11-20](notes.md)",
        "Ship v2026.11.20",
        "Read https://x.example/2026/11/20/post",
    ],
)
def test_a_date_that_says_what_else_it_is_is_no_due_date(title: str) -> None:
    assert codes(f"- [ ] {title}\n") == []


@claim("board:other-dates")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("| Task | Due |\n|---|---|\n| Pay | 2026-11-20 |\n", [(2, "table")]),
        ("# Board\n\nWe pay on Friday.\n", [(3, "no-tasks")]),
        ("# Board\n\n## Backlog\n\n## Done\n", []),
        ("", []),
        ("<!-- kept by hand -->\n", []),
    ],
)
def test_a_board_from_which_no_task_is_read_says_so(
    text: str, expected: list[tuple[int, str]]
) -> None:
    assert codes(text) == expected


@claim("board:other-dates")
def test_a_date_that_is_not_read_is_offered_as_the_due_date_it_may_be() -> None:
    [problem] = read_board("- [ ] Pay on 2026-12-04\n").problems
    assert problem.hint == "write due:2026-12-04, or put it in `backticks`"
