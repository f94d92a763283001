"""BOARD.md as text: which lines are columns and tasks, and everything on them that cannot be read."""

import re
from collections.abc import Collection, Iterator, Sequence

from msgspec import Struct, convert

from agentco.board import list_item
from agentco.board.line_kinds import LINE, Kind, Section, kinds, reach, sections
from agentco.board.list_item import HEAD, Lines
from agentco.board.task import Task
from agentco.kernel.errors import Diagnostic, Level

BOM = "\ufeff"
FILE = "BOARD.md"
FOUNDER = "founder"
OWN = re.compile(r"(?<!\S)(?:due|id):\S")
GLUED = re.compile(r"[ \t]*[-*+]\[[ xX]?\]")
BLOCKED = "blocked"


class Column(Section, frozen=True, kw_only=True):
    """A section and the tasks in it; those above any heading are in a column named ""."""

    tasks: tuple[Task, ...]


class Board(Struct, frozen=True, kw_only=True):
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


def warning(line: int | None, code: str, message: str, hint: str) -> Diagnostic:
    """A problem of the board that loses nothing."""
    return Diagnostic(
        file=FILE, line=line, level=Level.WARNING, code=code, message=message, hint=hint
    )


def task_of(
    written: list_item.Item, column: str, line: int, own: int, last: int
) -> Task:
    """The task that an item says."""
    said = {
        token.key: token.value
        for token in written.tokens
        if token.key not in list_item.REPEATED
    }
    numbers = {key: int(said[key]) for key in ("pri", "missed") if key in said}
    lists = {"tags": written.all("tag"), "missed_on": written.all("missed-on")}
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


def unread(written: list_item.Item, line: int) -> Iterator[Diagnostic]:
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
        yield warning(
            line + word.row, code, f"{list_item.legible(word.word)!r} {why}", hint
        )
    if written.mark is not None and written.mark not in " xX":
        hint = "write [ ] for open, [x] for done"
        yield warning(
            line, "checkbox-unknown", f"checkbox [{written.mark}] counts as open", hint
        )


def twice(columns: Sequence[Column]) -> Iterator[Diagnostic]:
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
            yield warning(
                found[1][1],
                code,
                f"{what} {found[0][0]!r} is on lines {where}",
                "rename all but one",
            )


def column_of(
    lines: Lines, found: Sequence[Kind], section: Section
) -> tuple[Column, list[Diagnostic]]:
    """One column with its tasks, and what in them cannot be read."""
    tasks: list[Task] = []
    problems: list[Diagnostic] = []
    name = list_item.legible(section.name)
    for line in (
        n
        for n in range(section.line + 1, section.last + 1)
        if found[n - 1] is Kind.ITEM
    ):
        own, last = reach(found, line)
        written = list_item.parse(lines[line - 1 : own])
        if written.mark is not None or written.title or written.tokens:
            tasks.append(task_of(written, name, line, own, last))
            problems += unread(written, line)
    problems += hidden(lines, found, section)
    return Column(
        name=name, line=section.line, last=section.last, tasks=tuple(tasks)
    ), problems


def hidden(
    lines: Lines, found: Sequence[Kind], section: Section
) -> Iterator[Diagnostic]:
    """Lines that were meant as tasks: a sub-item with a date or an id of its own, `-[ ]` without a space."""
    for line in range(section.line + 1, section.last + 1):
        text = lines[line - 1]
        if found[line - 1] is Kind.PART and HEAD.match(text) and OWN.search(text):
            hint = (
                "take the indentation away; a sub-item has no date and no id of its own"
            )
            yield warning(
                line,
                "sub-item",
                "a sub-item is no task, so nobody is reminded of it",
                hint,
            )
        elif found[line - 1] is not Kind.PART and GLUED.match(text):
            yield warning(
                line, "glued-checkbox", "this is no task", "write a space: - [ ] title"
            )


def read(text: str) -> Board:
    """The board in a text. Nothing is ever refused: what cannot be read is named in `problems`."""
    bom = BOM if text.startswith(BOM) else ""
    lines = tuple(LINE.findall(text[len(bom) :]))
    found, endless = kinds(lines)
    pairs = [column_of(lines, found, section) for section in sections(lines, found)]
    columns = tuple(column for column, _ in pairs if column.name or column.tasks)
    problems = [problem for _, some in pairs for problem in some] + [*twice(columns)]
    if endless:
        what, hint = (
            "a code block or comment never ends",
            "close it with the same mark it opens with",
        )
        problems.append(warning(endless.line, "never-closed", what, hint))
    return Board(bom=bom, lines=lines, columns=columns, problems=tuple(problems))


def unknown_owners(board: Board, known: Collection[str]) -> tuple[Diagnostic, ...]:
    """Tasks whose owner is neither an agent nor the founder. `known` are the agents' ids."""
    names = {FOUNDER, *(name.casefold() for name in known)}
    strangers = (
        task
        for task in board.tasks
        if task.owner and task.owner.casefold() not in names
    )
    hint = "name an agent, or @founder"
    return tuple(
        warning(task.line, "owner-unknown", f"no agent {task.owner!r}", hint)
        for task in strangers
    )
