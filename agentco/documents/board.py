"""The board as JSON."""

from datetime import date

from msgspec import to_builtins

from agentco.board.task import Task, count_misses_now, is_chronic, is_overdue
from agentco.desk.board import BoardChange, BoardEdited, BoardTakenBack, BoardView

Document = dict[str, object]
HIDDEN_FIELDS = {"text_end", "last", "missed_on"}
"""How far a task reaches in the file, and which dates were counted, stays inside."""


def board_document(view: BoardView) -> Document:
    """The document of `board --json`; nothing is left out of it."""
    columns: list[Document] = []
    for column in view.columns:
        tasks = [task_document(task, view.today) for task in column.tasks]
        columns.append({"name": column.name, "tasks": tasks})
    return {"columns": columns, "diagnostics": to_builtins(view.problems)}


def change_document(change: BoardChange) -> Document:
    """The document of a change of the board."""
    return {
        "changed": change.changed,
        "did": change.done,
        "undo": change.undo or None,
        "task": task_document(change.task, change.today),
    }


def taken_back_document(back: BoardTakenBack) -> Document:
    """The document of a change that was taken back."""
    return {
        "did": f"{back.did} taken back",
        "task": {"id": back.task or None, "title": back.title or None},
    }


def edit_document(edited: BoardEdited) -> Document:
    """The document of an edit by hand."""
    return {
        "changed": edited.lines > 0,
        "lines": edited.lines,
        "diagnostics": to_builtins(edited.problems),
    }


def task_document(task: Task, on: date) -> Document:
    """A task, with what its dates come to on a day."""
    document: Document = to_builtins(task)
    for name in HIDDEN_FIELDS:
        document.pop(name, None)
    document["misses"] = count_misses_now(task, on)
    document["overdue"] = is_overdue(task, on)
    document["chronic"] = is_chronic(task, on)
    return document
