"""The sprint board in an agent's hands: its open tasks, and one change at a time, never made twice."""

from collections.abc import Callable
from datetime import date
from hashlib import sha256

from agentco.adapters.files.board_file import BoardFile, encode_board
from agentco.board import changes
from agentco.board.document import BOARD_FILE, FOUNDER, TaskBoard
from agentco.board.task import Task
from agentco.company.company import Company
from agentco.engine.ports import FileImage, ToolResult
from agentco.kernel.errors import WrongUsage, did_you_mean
from agentco.rules.memory_rights import find_secret_vendor
from agentco.runs.actions import Board as Action, BoardAct

MAX_SHOWN = 200
BoardEdit = Callable[[TaskBoard], TaskBoard]


def board_edit(action: Action, company: Company, today: date) -> BoardEdit:
    """What an action does to a board. Raises WrongUsage for what no board could take."""
    match action.operation:
        case BoardAct.ADD:
            if vendor := find_secret_vendor([action.title]):
                hint = "secrets are never written down"
                raise WrongUsage(
                    f"the title holds what looks like a key of {vendor}", hint=hint
                )
            owner, due, column = (
                resolve_owner(action.owner, company),
                parse_date(action.due),
                action.column or None,
            )
            return lambda board: changes.add_task(
                board, action.title, column=column, owner=owner, due=due
            )
        case BoardAct.DONE:
            return lambda board: changes.mark_done(board, action.id, today)
        case BoardAct.MOVE:
            return lambda board: changes.move_task(board, action.id, action.column)
        case BoardAct.SHOW:
            return lambda board: board


def resolve_owner(name: str, company: Company) -> str | None:
    """The agent, or the founder, whom a name means; None for nobody."""
    name = name.strip().removeprefix("@")
    agent = company.find_agent(name)
    if agent or not name or name.casefold() == FOUNDER:
        return agent.id if agent else name.casefold() or None
    known = [FOUNDER, *(agent.id for agent in company.agents)]
    hint = did_you_mean(name, known, f"there is: {', '.join(known)}")
    raise WrongUsage(f"nobody here is called {name!r}", hint=hint)


def parse_date(text: str) -> date | None:
    """A date, None without one."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise WrongUsage(
            f"{text!r} is no date", hint="write it as 2026-11-25"
        ) from None


def board_image(file: BoardFile, act: BoardEdit) -> FileImage:
    """What the board is, and what it will be."""
    before = file.read()
    return FileImage(
        file=BOARD_FILE,
        before=board_fingerprint(before),
        after=board_fingerprint(act(before)),
    )


def board_fingerprint(board: TaskBoard) -> str:
    """What tells one version of the board from another."""
    return sha256(encode_board(board)).hexdigest()


def apply_change(
    file: BoardFile, action: Action, act: BoardEdit, image: FileImage | None
) -> ToolResult:
    """Change the board. With an image it may have been done before: then only to the board as it was."""
    seen, here = TaskBoard(), ""

    def once(board: TaskBoard) -> TaskBoard:
        nonlocal seen, here
        here = board_fingerprint(board)
        seen = board if image and here != image.before else act(board)
        return seen

    file.update(once)
    if image and here not in {image.before, image.after}:
        text = "nobody can tell whether this was done: the board changed meanwhile; look at it first"
        return ToolResult(text=text, ok=False, doubtful=True)
    added = action.operation is BoardAct.ADD
    task = (
        max(seen.tasks, key=task_number)
        if added
        else changes.find_task(seen, action.id)
    )
    return ToolResult(
        text=f"{BOARD_FILE} has it now, in {task.column}: {task_line(seen, task)}"
    )


def task_number(task: Task) -> int:
    """The number in an id such as T12; the newest task has the highest."""
    match = changes.NUMBERED_ID.fullmatch(f"id:{task.id}")
    return int(match[1]) if match else 0


def task_line(board: TaskBoard, task: Task) -> str:
    """A task in one line, as it is written."""
    return " ".join("".join(changes.own_lines(board, task)).split())


def open_tasks_text(board: TaskBoard) -> str:
    """The open tasks, column by column."""
    still = [
        f"{task.column}: {task_line(board, task)}"
        for task in board.tasks
        if task.is_open
    ]
    more = [f"…{len(still) - MAX_SHOWN} more"] if len(still) > MAX_SHOWN else []
    return "\n".join((*still[:MAX_SHOWN], *more)) or "no task is open"
