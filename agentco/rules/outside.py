"""What a run may do by itself that was told something from outside."""

from agentco.kernel.company_paths import normalize_path
from agentco.runs import actions

DRAFTS = "drafts"
UNTRUSTED_MEMORY = "untrusted lines of the memory"
UNTRUSTED_WORK = "what an untrusted run wrote"
ADDING_TO_MEMORY = frozenset(
    {
        actions.MemoryAct.CREATE_ENTITIES,
        actions.MemoryAct.CREATE_RELATIONS,
        actions.MemoryAct.ADD_OBSERVATIONS,
    }
)


def is_kept_apart(action: actions.Action, path: str) -> bool:
    """Whether what an action changes is marked as untrusted, or lies among the drafts.

    What is added to the memory, and a lesson, drives nothing there.
    """
    match action:
        case actions.Memory(operation=operation):
            return operation in ADDING_TO_MEMORY
        case actions.Lesson():
            return True
        case actions.Edit():
            return is_draft(path)
        case _:
            return False


def is_draft(path: str) -> bool:
    """Whether a path lies in the folder of the drafts."""
    normal = (normalize_path(path) or "").casefold()
    return normal.startswith(f"{DRAFTS}/")
