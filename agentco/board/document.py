"""BOARD.md as text: which lines are columns and tasks, and what on them cannot be read."""

import re
from collections.abc import Collection, Iterator, Sequence
from itertools import chain

from msgspec import Struct, convert

from agentco.board import list_item
from agentco.board.line_kinds import (
    LINE,
    LineKind,
    Section,
    classify_lines,
    item_extent,
    split_sections,
)
from agentco.board.list_item import ITEM_HEAD, ItemLines
from agentco.board.task import Task
from agentco.kernel.characters import replace_bad_bytes
from agentco.kernel.errors import Diagnostic, Severity
from agentco.kernel.names import FOUNDER

BOM = "\ufeff"
BOARD_FILE = "BOARD.md"
DATE_OR_ID = re.compile(r"(?<!\S)(?:due|id):\S")
GLUED_CHECKBOX = re.compile(r"[ \t]*[-*+]\[[ xX]?\]")
TABLE_RULE = re.compile(
    r"[ \t]*+\|?+[ \t]*+:?-++:?[ \t]*+(?:\|[ \t]*+:?-++:?[ \t]*+)++\|?+[ \t]*+$"
)
TEXT = re.compile(r"(?!\s*<!--).*\w")
BLOCKED = "blocked"
DONE_COLUMN = "done"
"""Both are the names of columns, in whatever case; `#blocked` says the same of one task."""


class Column(Section, frozen=True, kw_only=True):
    """A section and the tasks in it; those above any heading are in a column named ""."""

    tasks: tuple[Task, ...]


class TaskBoard(Struct, frozen=True, kw_only=True):
    """The board: every line with its end, so that nothing is lost, and what was read from it."""

    bom: str = ""
    lines: tuple[str, ...] = ()
    columns: tuple[Column, ...] = ()
    problems: tuple[Diagnostic, ...] = ()

    @property
    def text(self) -> str:
        """The whole file, byte for byte as it was read."""
        return self.bom + "".join(self.lines)

    @property
    def tasks(self) -> tuple[Task, ...]:
        """Every task, from the top."""
        return tuple(chain.from_iterable(column.tasks for column in self.columns))


def is_done_column(name: str) -> bool:
    """Whether a column of this name is for what is done."""
    return name.strip().casefold() == DONE_COLUMN


def board_warning(line: int | None, code: str, message: str, hint: str) -> Diagnostic:
    """A problem of the board that loses nothing."""
    return Diagnostic(
        file=BOARD_FILE,
        line=line,
        level=Severity.WARNING,
        code=code,
        message=message,
        hint=hint,
    )


def read_board(text: str) -> TaskBoard:
    """Read a board. Nothing is ever refused: what cannot be read is named in `problems`."""
    bom = BOM if text.startswith(BOM) else ""
    lines = tuple(LINE.findall(text[len(bom) :]))
    kinds, open_block = classify_lines(lines)
    columns: list[Column] = []
    problems: list[Diagnostic] = []
    for section in split_sections(lines, kinds):
        column = build_column(lines, kinds, section, problems)
        problems += hidden_tasks(lines, kinds, section)
        if column.name or column.tasks:
            columns.append(column)
    problems += duplicate_ids(columns)
    problems += duplicate_columns(columns)
    is_explained = open_block is not None or any(column.tasks for column in columns)
    problems += lost_tasks(lines, kinds, is_explained=is_explained)
    if open_block:
        problems.append(
            board_warning(
                open_block.line,
                "never-closed",
                "a code block or comment is never closed",
                "close it with the same mark it opens with",
            )
        )
    return TaskBoard(
        bom=bom, lines=lines, columns=tuple(columns), problems=tuple(problems)
    )


def build_column(
    lines: ItemLines,
    kinds: Sequence[LineKind],
    section: Section,
    problems: list[Diagnostic],
) -> Column:
    """One column with its tasks; what in them cannot be read is added to `problems`."""
    tasks: list[Task] = []
    name = replace_bad_bytes(section.name)
    for line in range(section.line + 1, section.last + 1):
        if kinds[line - 1] is not LineKind.ITEM:
            continue
        text_end, last = item_extent(kinds, line)
        item = list_item.parse_item(lines[line - 1 : text_end])
        if item.mark is not None or item.title or item.tokens:
            tasks.append(build_task(item, name, line, text_end, last))
            problems += unread_problems(item, line)
            problems += unread_dates(lines[line - 1 : text_end], tasks[-1])
    return Column(name=name, line=section.line, last=section.last, tasks=tuple(tasks))


def build_task(
    item: list_item.ListItem, column: str, line: int, text_end: int, last: int
) -> Task:
    """The task that an item describes."""
    tags = item.values_of("tag")
    labels = [column.casefold(), *(tag.casefold() for tag in tags)]
    value_of: dict[str, str | int] = {}
    for token in item.tokens:
        if token.key in {"pri", "missed"}:
            value_of[token.key] = int(token.value)
        elif token.key not in list_item.REPEATABLE_KEYS:
            value_of[token.key] = token.value
    day_done = value_of.pop("done", None)
    fields = {
        **value_of,
        "title": item.title,
        "missed_on": item.values_of("missed-on"),
        "done": item.mark in {"x", "X"} or day_done is not None,
        "done_on": day_done,
        "blocked": BLOCKED in labels,
        "tags": tags,
        "column": column,
        "line": line,
        "text_end": text_end,
        "last": last,
    }
    return convert(fields, Task, strict=False)


def unread_problems(item: list_item.ListItem, line: int) -> Iterator[Diagnostic]:
    """What an item says that the board does not understand."""
    for unread in item.unread:
        if unread.twice:
            code = "token-twice"
            reason = "appears twice; the first one counts"
            hint = "keep one of them"
        else:
            code = "token-unreadable"
            reason = "cannot be read; it counts as text"
            hint = "write due:2026-11-20 pri:1 @owner, or put it in `code`"
        word = replace_bad_bytes(unread.word)
        yield board_warning(line + unread.row, code, f"{word!r} {reason}", hint)
    if item.mark is not None and item.mark not in " xX":
        what = f"checkbox [{item.mark}] counts as open"
        hint = "write [ ] for open, [x] for done"
        yield board_warning(line, "checkbox-unknown", what, hint)


def unread_dates(text: ItemLines, task: Task) -> Iterator[Diagnostic]:
    """Dates in an open task that has no due date as far as the board can tell."""
    if task.due or not task.is_open:
        return
    for row, line in enumerate(text):
        for day in list_item.find_other_dates(line, row):
            what = f"{day!r} is not read as a due date, so nobody is reminded"
            example = day if list_item.DATE.fullmatch(day) else "2026-11-20"
            hint = f"write due:{example}, or put it in `backticks`"
            yield board_warning(task.line + row, "date-unread", what, hint)


def lost_tasks(
    lines: ItemLines, kinds: Sequence[LineKind], *, is_explained: bool
) -> Iterator[Diagnostic]:
    """Tables, and a board of nothing but text: whatever stands there, no task is read from it.

    `is_explained` if there are tasks, or what hides them is told already.
    """
    others = [
        (number, line)
        for number, (line, kind) in enumerate(zip(lines, kinds, strict=True), 1)
        if kind is LineKind.OTHER
    ]
    tables = [number for number, line in others if TABLE_RULE.match(line)]
    texts = [number for number, line in others if TEXT.match(line)]
    hint = "write each task as a list item: - [ ] title due:2026-11-20"
    for number in tables:
        what = "a table is not read: a task is a list item"
        yield board_warning(number, "table", what, hint)
    if texts and not tables and not is_explained:
        what = "the board has text but no tasks"
        yield board_warning(texts[0], "no-tasks", what, hint)


def hidden_tasks(
    lines: ItemLines, kinds: Sequence[LineKind], section: Section
) -> Iterator[Diagnostic]:
    """Lines that were meant as tasks: sub-items with a date or id, `-[ ]` without a space."""
    for number in range(section.line + 1, section.last + 1):
        line = lines[number - 1]
        if kinds[number - 1] is not LineKind.PART:
            if GLUED_CHECKBOX.match(line):
                hint = "write a space: - [ ] title"
                yield board_warning(
                    number, "glued-checkbox", "this is not a task", hint
                )
        elif ITEM_HEAD.match(line) and DATE_OR_ID.search(line):
            yield board_warning(
                number,
                "sub-item",
                "a sub-item is not a task, so nobody is reminded of it",
                "take the indentation away; "
                "a sub-item has no date and no id of its own",
            )


def duplicate_ids(columns: Sequence[Column]) -> Iterator[Diagnostic]:
    """Ids that several tasks have."""
    tasks = chain.from_iterable(column.tasks for column in columns)
    uses = [(task.id, task.line) for task in tasks if task.id]
    return duplicate_problems("id", uses)


def duplicate_columns(columns: Sequence[Column]) -> Iterator[Diagnostic]:
    """Column names that several sections have."""
    uses = [(column.name, column.line) for column in columns if column.name]
    return duplicate_problems("column", uses)


def duplicate_problems(
    what: str, uses: Sequence[tuple[str, int]]
) -> Iterator[Diagnostic]:
    """Names that are used on more than one line, whatever their case."""
    uses_of: dict[str, list[tuple[str, int]]] = {}
    for name, line in uses:
        uses_of.setdefault(name.casefold(), []).append((name, line))
    for same in uses_of.values():
        if len(same) > 1:
            lines = ", ".join(str(line) for _, line in same)
            message = f"{what} {same[0][0]!r} is on lines {lines}"
            second_line = same[1][1]
            hint = "rename all but one"
            yield board_warning(second_line, f"{what}-twice", message, hint)


def unknown_owners(board: TaskBoard, known: Collection[str]) -> tuple[Diagnostic, ...]:
    """Tasks whose owner is neither an agent nor the founder. `known` are the agents' ids."""
    names = {FOUNDER, *(name.casefold() for name in known)}
    problems: list[Diagnostic] = []
    for task in board.tasks:
        if task.owner and task.owner.casefold() not in names:
            what = f"no agent {task.owner!r}"
            hint = "name an agent, or @founder"
            problems.append(board_warning(task.line, "owner-unknown", what, hint))
    return tuple(problems)
