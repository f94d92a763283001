"""The sprint board for agents: its open tasks, and changes that are made together, never twice."""

import re
from collections.abc import Iterable
from hashlib import sha256

from msgspec import Struct
from msgspec.structs import replace

from agentco.adapters.files.board_file import BoardFile, encode_board
from agentco.adapters.tools.board_edits import BoardDesk, change_board, others_target
from agentco.board import changes
from agentco.board.document import BOARD_FILE, TaskBoard
from agentco.board.list_item import replace_bad_bytes
from agentco.board.task import Task
from agentco.file_formats.redaction import redact_secrets
from agentco.file_formats.text_diff import diff_text
from agentco.kernel.errors import WrongUsage
from agentco.ports.outside import FileImage, ToolCaller, ToolResult
from agentco.runs.actions import Board, BoardAct, BoardChange
from agentco.runs.board_changes import TICKED_LATER, changes_of, marks_done

MAX_SHOWN = 200
SAID_SO = f"{BOARD_FILE} says so already; nothing was changed"
HAS_IT = f"{BOARD_FILE} has it now:"
HAS_THE_REST = f"{BOARD_FILE} has the rest now:"
IN_DOUBT = (
    "agentco cannot tell whether this was done: the board changed meanwhile; "
    "look at it first"
)
WRITTEN_FOR_IT = re.compile(r"(?<!\S)(?:(id:T)[0-9]{1,9}|(done:)[0-9-]{10})(?!\S)")
"""What a change writes by itself, and may be another by the time the founder says yes."""


class PlannedBoard(Struct, frozen=True, kw_only=True):
    """A board `before` a call, right after it, and once what waits for the delivery is done too.

    `ruled_as` are the operations on tasks of others, such as `due @cfo`.
    """

    before: TaskBoard
    now: TaskBoard
    later: TaskBoard
    ruled_as: tuple[str, ...] = ()

    @property
    def diff(self) -> str:
        """The lines that change, now or later, without keys; empty if none does."""
        before, after = self.before.text, self.later.text
        diff = diff_text(BOARD_FILE, before, after) if before != after else ""
        return redact_secrets(replace_bad_bytes(diff), ())

    @property
    def versions(self) -> tuple[bytes, bytes]:
        """The bytes of the file, and those right after the call."""
        return encode_board(self.before), encode_board(self.now)

    @property
    def image(self) -> FileImage:
        """What the file is and will be right after the call."""
        return FileImage(
            file=BOARD_FILE,
            before=board_fingerprint(self.before),
            after=board_fingerprint(self.now),
            diff=self.diff,
            ruled_as=self.ruled_as,
        )


def plan_changes(board: TaskBoard, action: Board, desk: BoardDesk) -> PlannedBoard:
    """Work out what a call makes of a board. Raises WrongUsage that names the change at fault."""
    wanted = list(enumerate(changes_of(action), 1))
    if not wanted and action.operation is BoardAct.SEVERAL:
        raise WrongUsage("there are no changes", hint="give them as a list: changes")
    waiting = [
        (number, change)
        for number, change in wanted
        if desk.caller.ticks_wait and marks_done(change)
    ]
    ruled_as = dict[str, None]()

    def apply(board: TaskBoard, number: int, change: BoardChange) -> TaskBoard:
        try:
            after = change_board(board, change, desk)
            ruled_as.update(dict.fromkeys(others_target(board, after, change, desk)))
        except WrongUsage as error:
            raise named_error(error, number, change, action) from error
        return after

    now = board
    for number, change in wanted:
        if (number, change) not in waiting:
            now = apply(now, number, change)
    later = now
    for number, change in waiting:
        later = apply(later, number, change)
    return PlannedBoard(before=board, now=now, later=later, ruled_as=tuple(ruled_as))


def named_error(
    error: WrongUsage, number: int, change: BoardChange, action: Board
) -> WrongUsage:
    """An error that says which of several changes it is about."""
    if action.operation is not BoardAct.SEVERAL:
        return error
    name = " ".join(filter(None, (change.operation, change.id or change.title)))
    what = f"change {number}, {name!r}: {error.what}"
    return WrongUsage(what, hint=f"{error.hint}; none of the changes was made")


def plan_calls(
    board: TaskBoard, calls: Iterable[Board], desk: BoardDesk
) -> PlannedBoard:
    """Work out what calls make of a board, one after the other.

    Raises WrongUsage for what cannot be done, and for other lines than the founder was shown.
    """
    planned = PlannedBoard(before=board, now=board, later=board)
    for call in calls:
        after = plan_changes(planned.now, call, desk)
        ruled_as = (*planned.ruled_as, *after.ruled_as)
        planned = replace(after, before=board, ruled_as=ruled_as)
    require_shown(planned, desk.caller.shown)
    return planned


def apply_changes(
    file: BoardFile, action: Board, desk: BoardDesk, image: FileImage | None
) -> ToolResult:
    """Change the board, all or nothing; what may be done already only on the board as it was.

    What others wrote since a change was ruled on stays; where it would need another ruling, or is
    not what the founder was shown, nothing is changed.
    """
    planned = PlannedBoard(before=TaskBoard(), now=TaskBoard(), later=TaskBoard())
    fingerprint = ""

    def change(board: TaskBoard) -> TaskBoard:
        nonlocal planned, fingerprint
        fingerprint = board_fingerprint(board)
        if may_be_done(image, desk.caller) and fingerprint != image_before(image):
            return board
        planned = plan_calls(board, [action], desk)
        require_ruled(planned, image)
        return planned.now

    if not may_be_done(image, desk.caller):
        plan_changes(file.read(), action, desk)  # what cannot be done locks nothing
    file.update(change)
    if image and may_be_done(image, desk.caller) and fingerprint != image.before:
        if fingerprint != image.after:
            return ToolResult(text=IN_DOUBT, ok=False, doubtful=True)
        return ToolResult(text=result_text(image, action, desk.caller))
    return ToolResult(text=result_text(planned.image, action, desk.caller))


def may_be_done(image: FileImage | None, caller: ToolCaller) -> bool:
    """Whether a change of the file may have been made before."""
    return image is not None and caller.again and image.before != image.after


def image_before(image: FileImage | None) -> str:
    """The fingerprint of the board on which a change was planned."""
    return image.before if image else ""


def require_shown(planned: PlannedBoard, shown: str) -> None:
    """Raise WrongUsage if the founder said yes to other lines than those that would change."""
    if shown and changed_lines(planned.diff) != changed_lines(shown):
        what = "the board changed since the founder was shown this change"
        raise WrongUsage(
            what, hint="nothing was changed; call it again, on what is there"
        )


def require_ruled(planned: PlannedBoard, image: FileImage | None) -> None:
    """Raise WrongUsage if a task has become somebody else's since this was ruled on."""
    if image and not {*planned.ruled_as} <= {*image.ruled_as}:
        what = "the board changed meanwhile: this is another department's task now"
        raise WrongUsage(what, hint="nothing was changed; look at it again")


def changed_lines(diff: str) -> list[str]:
    """The lines that a diff takes away and brings, wherever they stand.

    The number of a new task, and the day on which one is done, may be others by now.
    """
    lines = [line for line in diff.split("\n")[2:] if line[:1] in {"+", "-"}]
    taken = "\n".join(line for line in lines if line[0] == "-")

    def without_new(word: re.Match[str]) -> str:
        return word[0] if word[0] in taken else word[1] or word[2]

    return [WRITTEN_FOR_IT.sub(without_new, line) for line in lines]


def result_text(image: FileImage, action: Board, caller: ToolCaller) -> str:
    """What an agent hears of its call: what is done, what waits, and the lines of both."""
    if image.changes_nothing:
        return SAID_SO
    waits = caller.ticks_wait and any(map(marks_done, changes_of(action)))
    said = [TICKED_LATER] if waits else []
    if image.before != image.after:
        said.append(HAS_THE_REST if waits else HAS_IT)
    return "\n".join((*said, image.diff))


def board_fingerprint(board: TaskBoard) -> str:
    """What tells one version of the board from another."""
    return sha256(encode_board(board)).hexdigest()


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
