"""The document of `agentco undo`."""

from agentco.upkeep.undo_plan import LeftAsItIs
from agentco.upkeep.undoing import Undone, UndoPlan


def undo_document(plan: UndoPlan, undone: Undone | None) -> dict[str, object]:
    """What was taken back of a run; `undo` is null where there was nothing."""
    left = [*plan.left, *(undone.left if undone else ())]
    unfinished = plan.unfinished is not None
    return {
        "run": plan.of,
        "undo": undone.name if undone else None,
        "files": [
            {"file": step.path, "became": "before" if step.after else "removed"}
            for step in (undone.files if undone else ())
        ],
        "memory": {
            "removed": [] if unfinished else plan.texts_gone,
            "restored": []
            if unfinished
            else [removal.what for removal in plan.removals],
        },
        "left": [left_document(one) for one in left],
    }


def left_document(left: LeftAsItIs) -> dict[str, object]:
    """What stays, and why."""
    return {"what": left.what, "why": left.why, "hint": left.hint or None}
