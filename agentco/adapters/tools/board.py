"""The sprint board in an agent's hands: its open tasks, and one change at a time, never made twice."""

from collections.abc import Callable
from datetime import date
from hashlib import sha256

from agentco.adapters.files.board_file import BoardFile, encoded
from agentco.board import changes
from agentco.board.document import FILE, FOUNDER, Board
from agentco.board.task import Task
from agentco.company.company import Company
from agentco.engine.ports import Image, Returned
from agentco.kernel.errors import WrongUsage, close_to
from agentco.rules.memory_rights import secret
from agentco.runs.actions import Board as Action, BoardAct

MOST_SHOWN = 200
Change = Callable[[Board], Board]


def wanted(action: Action, company: Company, today: date) -> Change:
    """What an action does to a board. Raises WrongUsage for what no board could take."""
    match action.operation:
        case BoardAct.ADD:
            if vendor := secret([action.title]):
                hint = "secrets are never written down"
                raise WrongUsage(
                    f"the title holds what looks like a key of {vendor}", hint=hint
                )
            owner, due, column = (
                owner_of(action.owner, company),
                day(action.due),
                action.column or None,
            )
            return lambda board: changes.add(
                board, action.title, column=column, owner=owner, due=due
            )
        case BoardAct.DONE:
            return lambda board: changes.done(board, action.id, today)
        case BoardAct.MOVE:
            return lambda board: changes.move(board, action.id, action.column)
        case BoardAct.SHOW:
            return lambda board: board


def owner_of(name: str, company: Company) -> str | None:
    """The agent, or the founder, whom a name means; None for nobody."""
    name = name.strip().removeprefix("@")
    agent = company.agent(name)
    if agent or not name or name.casefold() == FOUNDER:
        return agent.id if agent else name.casefold() or None
    known = [FOUNDER, *(agent.id for agent in company.agents)]
    hint = close_to(name, known, f"there is: {', '.join(known)}")
    raise WrongUsage(f"nobody here is called {name!r}", hint=hint)


def day(text: str) -> date | None:
    """A date, None without one."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise WrongUsage(
            f"{text!r} is no date", hint="write it as 2026-11-25"
        ) from None


def image(file: BoardFile, act: Change) -> Image:
    """What the board is, and what it will be."""
    before = file.read()
    return Image(file=FILE, before=print_of(before), after=print_of(act(before)))


def print_of(board: Board) -> str:
    """What tells one version of the board from another."""
    return sha256(encoded(board)).hexdigest()


def changed(
    file: BoardFile, action: Action, act: Change, image: Image | None
) -> Returned:
    """Change the board. With an image it may have been done before: then only to the board as it was."""
    seen, here = Board(), ""

    def once(board: Board) -> Board:
        nonlocal seen, here
        here = print_of(board)
        seen = board if image and here != image.before else act(board)
        return seen

    file.update(once)
    if image and here not in {image.before, image.after}:
        text = "nobody can tell whether this was done: the board changed meanwhile; look at it first"
        return Returned(text=text, ok=False, doubtful=True)
    added = action.operation is BoardAct.ADD
    task = max(seen.tasks, key=number) if added else changes.find(seen, action.id)
    return Returned(text=f"{FILE} has it now, in {task.column}: {row(seen, task)}")


def number(task: Task) -> int:
    """The number in an id such as T12; the newest task has the highest."""
    match = changes.NUMBERED.fullmatch(f"id:{task.id}")
    return int(match[1]) if match else 0


def row(board: Board, task: Task) -> str:
    """A task in one line, as it is written."""
    return " ".join("".join(changes.own(board, task)).split())


def shown(board: Board) -> str:
    """The open tasks, column by column."""
    still = [f"{task.column}: {row(board, task)}" for task in board.tasks if task.open]
    more = [f"…{len(still) - MOST_SHOWN} more"] if len(still) > MOST_SHOWN else []
    return "\n".join((*still[:MOST_SHOWN], *more)) or "no task is open"
