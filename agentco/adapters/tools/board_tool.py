"""The sprint board for agents: its open tasks, and one change at a time, never made twice."""

from collections.abc import Callable
from datetime import date
from hashlib import sha256

from agentco.adapters.files.board_file import BoardFile, encode_board
from agentco.board import changes
from agentco.board.document import BOARD_FILE, TaskBoard
from agentco.board.task import Task
from agentco.board.typed_task import NewTask
from agentco.company.company import Company
from agentco.file_formats.api_keys import require_no_key
from agentco.kernel.dates import parse_iso_date
from agentco.kernel.errors import WrongUsage, did_you_mean
from agentco.kernel.names import FOUNDER
from agentco.ports.outside import FileImage, ToolResult
from agentco.runs.actions import Board, BoardAct

MAX_SHOWN = 200
BoardEdit = Callable[[TaskBoard], TaskBoard]


def board_edit(action: Board, company: Company, today: date) -> BoardEdit:
    """What an action does to a board. Raises WrongUsage for what no board could take."""
    match action.operation:
        case BoardAct.ADD:
            return adding_edit(action, company)
        case BoardAct.DONE:
            return lambda board: changes.mark_done(board, action.id, today)
        case BoardAct.MOVE:
            return lambda board: changes.move_task(board, action.id, action.column)
        case BoardAct.SHOW:
            return lambda board: board


def adding_edit(action: Board, company: Company) -> BoardEdit:
    """The edit that adds a task."""
    require_no_key([action.title], "the title")
    owner = resolve_owner(action.owner, company)
    due = parse_due_date(action.due)
    task = NewTask(title=action.title, owner=owner, due=due)
    return lambda board: changes.add_task(board, task, action.column or None)


def resolve_owner(name: str, company: Company) -> str | None:
    """The agent, or the founder, whom a name means; None for nobody."""
    name = name.strip().removeprefix("@")
    agent = company.find_agent(name)
    if agent:
        return agent.id
    if not name:
        return None
    if name.casefold() == FOUNDER:
        return FOUNDER
    names = [FOUNDER, *(agent.id for agent in company.agents)]
    hint = did_you_mean(name, names, f"the agents are {', '.join(names)}")
    raise WrongUsage(f"no agent is called {name!r}", hint=hint)


def parse_due_date(text: str) -> date | None:
    """A date, None without one."""
    if not text:
        return None
    day = parse_iso_date(text)
    if day is None:
        raise WrongUsage(f"{text!r} is not a date", hint="write it as 2026-11-25")
    return day


def board_image(file: BoardFile, edit: BoardEdit) -> FileImage:
    """What the board is, and what it will be."""
    board = file.read()
    before, after = board_fingerprint(board), board_fingerprint(edit(board))
    return FileImage(file=BOARD_FILE, before=before, after=after)


def board_versions(file: BoardFile, edit: BoardEdit) -> tuple[bytes, bytes]:
    """The bytes of the board as it is, and as it will be."""
    board = file.read()
    return encode_board(board), encode_board(edit(board))


def board_fingerprint(board: TaskBoard) -> str:
    """What tells one version of the board from another."""
    return sha256(encode_board(board)).hexdigest()


def apply_change(
    file: BoardFile, action: Board, edit: BoardEdit, image: FileImage | None
) -> ToolResult:
    """Change the board. With an image, which may be done already, only the board as it was."""
    board, fingerprint = TaskBoard(), ""

    def edit_once(current: TaskBoard) -> TaskBoard:
        nonlocal board, fingerprint
        fingerprint = board_fingerprint(current)
        is_other = image is not None and fingerprint != image.before
        board = current if is_other else edit(current)
        return board

    file.update(edit_once)
    if image and fingerprint not in {image.before, image.after}:
        text = (
            "agentco cannot tell whether this was done: the board changed meanwhile; "
            "look at it first"
        )
        return ToolResult(text=text, ok=False, doubtful=True)
    task = changed_task(board, action)
    place = f"{BOARD_FILE} has it now, in {task.column}"
    return ToolResult(text=f"{place}: {task_line(board, task)}")


def changed_task(board: TaskBoard, action: Board) -> Task:
    """The task that an action added or changed."""
    if action.operation is BoardAct.ADD:
        return max(board.tasks, key=task_number)
    return changes.find_task(board, action.id)


def task_number(task: Task) -> int:
    """The number in an id such as T12; the newest task has the highest."""
    match = changes.NUMBERED_ID.fullmatch(f"id:{task.id}")
    return int(match[1]) if match else 0


def task_line(board: TaskBoard, task: Task) -> str:
    """A task in one line, as it is written."""
    return " ".join("".join(changes.own_lines(board, task)).split())


def open_tasks_text(board: TaskBoard) -> str:
    """The open tasks, column by column."""
    lines = list[str]()
    for task in board.tasks:
        if task.is_open:
            lines.append(f"{task.column}: {task_line(board, task)}")
    if len(lines) > MAX_SHOWN:
        lines[MAX_SHOWN:] = [f"…{len(lines) - MAX_SHOWN} more"]
    return "\n".join(lines) or "no task is open"
