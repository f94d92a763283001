"""BOARD.md as text: which lines are columns and tasks, and everything on them that cannot be read."""

import re
from collections.abc import Collection, Iterator, Sequence

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
from agentco.kernel.errors import Diagnostic, Severity

BOM = "\ufeff"
BOARD_FILE = "BOARD.md"
FOUNDER = "founder"
OWN_DATE_OR_ID = re.compile(r"(?<!\S)(?:due|id):\S")
GLUED_CHECKBOX = re.compile(r"[ \t]*[-*+]\[[ xX]?\]")
BLOCKED = "blocked"


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
        return tuple(task for column in self.columns for task in column.tasks)


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


def build_task(
    written: list_item.ListItem, column: str, line: int, own: int, last: int
) -> Task:
    """The task that an item says."""
    said = {
        token.key: token.value
        for token in written.tokens
        if token.key not in list_item.REPEATABLE_KEYS
    }
    numbers = {key: int(said[key]) for key in ("pri", "missed") if key in said}
    lists = {
        "tags": written.values_of("tag"),
        "missed_on": written.values_of("missed-on"),
    }
    blocked = BLOCKED in {column.casefold(), *(tag.casefold() for tag in lists["tags"])}
    done = {
        "done": written.mark in {"x", "X"} or "done" in said,
        "done_on": said.get("done"),
    }
    place = {
        "title": written.title,
        "column": column,
        "line": line,
        "own": own,
        "last": last,
    }
    return convert(
        {**said, **numbers, **lists, **done, **place, "blocked": blocked},
        Task,
        strict=False,
    )


def unread_problems(written: list_item.ListItem, line: int) -> Iterator[Diagnostic]:
    """What an item says that the board does not understand."""
    for word in written.unread:
        code = "token-twice" if word.twice else "token-unreadable"
        why = (
            "is there twice; the first counts"
            if word.twice
            else "cannot be read; it counts as text"
        )
        hint = (
            "keep one of them"
            if word.twice
            else "write due:2026-11-20 pri:1 @owner, or put it in `code`"
        )
        yield board_warning(
            line + word.row,
            code,
            f"{list_item.replace_bad_bytes(word.word)!r} {why}",
            hint,
        )
    if written.mark is not None and written.mark not in " xX":
        hint = "write [ ] for open, [x] for done"
        yield board_warning(
            line, "checkbox-unknown", f"checkbox [{written.mark}] counts as open", hint
        )


def duplicate_problems(columns: Sequence[Column]) -> Iterator[Diagnostic]:
    """Ids and column names that are used more than once."""
    ids = [(task.id or "", task.line) for column in columns for task in column.tasks]
    names = [(column.name, column.line) for column in columns]
    for what, code, uses in (
        ("id", "id-twice", ids),
        ("column", "column-twice", names),
    ):
        places: dict[str, list[tuple[str, int]]] = {}
        for name, line in uses:
            places.setdefault(name.casefold(), []).append((name, line))
        for found in (found for key, found in places.items() if key and len(found) > 1):
            where = ", ".join(str(line) for _, line in found)
            yield board_warning(
                found[1][1],
                code,
                f"{what} {found[0][0]!r} is on lines {where}",
                "rename all but one",
            )


def build_column(
    lines: ItemLines, found: Sequence[LineKind], section: Section
) -> tuple[Column, list[Diagnostic]]:
    """One column with its tasks, and what in them cannot be read."""
    tasks: list[Task] = []
    problems: list[Diagnostic] = []
    name = list_item.replace_bad_bytes(section.name)
    for line in (
        n
        for n in range(section.line + 1, section.last + 1)
        if found[n - 1] is LineKind.ITEM
    ):
        own, last = item_extent(found, line)
        written = list_item.parse_item(lines[line - 1 : own])
        if written.mark is not None or written.title or written.tokens:
            tasks.append(build_task(written, name, line, own, last))
            problems += unread_problems(written, line)
    problems += hidden_tasks(lines, found, section)
    return Column(
        name=name, line=section.line, last=section.last, tasks=tuple(tasks)
    ), problems


def hidden_tasks(
    lines: ItemLines, found: Sequence[LineKind], section: Section
) -> Iterator[Diagnostic]:
    """Lines that were meant as tasks: a sub-item with a date or an id of its own, `-[ ]` without a space."""
    for line in range(section.line + 1, section.last + 1):
        text = lines[line - 1]
        if (
            found[line - 1] is LineKind.PART
            and ITEM_HEAD.match(text)
            and OWN_DATE_OR_ID.search(text)
        ):
            hint = (
                "take the indentation away; a sub-item has no date and no id of its own"
            )
            yield board_warning(
                line,
                "sub-item",
                "a sub-item is no task, so nobody is reminded of it",
                hint,
            )
        elif found[line - 1] is not LineKind.PART and GLUED_CHECKBOX.match(text):
            yield board_warning(
                line, "glued-checkbox", "this is no task", "write a space: - [ ] title"
            )


def read_board(text: str) -> TaskBoard:
    """The board in a text. Nothing is ever refused: what cannot be read is named in `problems`."""
    bom = BOM if text.startswith(BOM) else ""
    lines = tuple(LINE.findall(text[len(bom) :]))
    found, endless = classify_lines(lines)
    pairs = [
        build_column(lines, found, section) for section in split_sections(lines, found)
    ]
    columns = tuple(column for column, _ in pairs if column.name or column.tasks)
    problems = [problem for _, some in pairs for problem in some] + [
        *duplicate_problems(columns)
    ]
    if endless:
        what, hint = (
            "a code block or comment never ends",
            "close it with the same mark it opens with",
        )
        problems.append(board_warning(endless.line, "never-closed", what, hint))
    return TaskBoard(bom=bom, lines=lines, columns=columns, problems=tuple(problems))


def unknown_owners(board: TaskBoard, known: Collection[str]) -> tuple[Diagnostic, ...]:
    """Tasks whose owner is neither an agent nor the founder. `known` are the agents' ids."""
    names = {FOUNDER, *(name.casefold() for name in known)}
    strangers = (
        task
        for task in board.tasks
        if task.owner and task.owner.casefold() not in names
    )
    hint = "name an agent, or @founder"
    return tuple(
        board_warning(task.line, "owner-unknown", f"no agent {task.owner!r}", hint)
        for task in strangers
    )
