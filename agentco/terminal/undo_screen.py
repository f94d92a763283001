"""What an undo would change, on stderr before it is done; what it did, on stdout."""

from agentco.documents.undo import undo_document
from agentco.terminal import screen
from agentco.upkeep.undo_plan import LeftAsItIs, UndoStep
from agentco.upkeep.undoing import Undone, UndoPlan


def print_plan(plan: UndoPlan) -> None:
    """Show the lines that change, before anybody is asked."""
    if plan.unfinished:
        files = ", ".join(file.path for file in plan.unfinished.files) or "the memory"
        what = f"{plan.unfinished.name} was begun and is finished first: {files}"
        screen.print_note(what)
        return
    for diff in plan.diffs():
        screen.print_note(diff)
    for text in plan.texts_gone:
        screen.print_note(f"- in the memory: {text}")
    for removal in plan.removals:
        screen.print_note(f"+ in the memory: {removal.what}")
    for left in plan.left:
        screen.print_note(left_line(left))


def print_undone(plan: UndoPlan, undone: Undone | None, *, as_json: bool) -> int:
    """Say what was taken back; 1 if there was something and nothing of it could be."""
    if as_json:
        screen.print_json(undo_document(plan, undone))
    elif undone is None:
        for left in plan.left:
            screen.print_note(left_line(left))
        screen.print_text(f"nothing of {plan.of} is left to take back")
    else:
        for step in undone.files:
            screen.print_text(step_line(step))
        if not plan.unfinished:
            _print_memory(plan)
        for left in undone.left:
            screen.print_note(left_line(left))
        screen.print_text(f"take it back: agentco undo {undone.name}")
    return 1 if undone is None and plan.left else 0


def _print_memory(plan: UndoPlan) -> None:
    if gone := len(plan.texts_gone):
        screen.print_text(f"{gone} taken out of the memory")
    if back := len(plan.removals):
        screen.print_text(f"{back} put back into the memory")


def step_line(step: UndoStep) -> str:
    """What became of a file."""
    return f"{step.path}: {'as it was before' if step.after else 'removed'}"


def left_line(left: LeftAsItIs) -> str:
    """What stays, why, and what to do."""
    hint = f"; {left.hint}" if left.hint else ""
    return f"stays: {left.what} ({left.why}{hint})"
