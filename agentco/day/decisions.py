"""A decision about a task as the memory keeps it (appendix B)."""

import re
from datetime import date

from agentco.board.task import Task
from agentco.kernel.names import FOUNDER
from agentco.memory.lines import EntityLine

MAX_SLUG_LENGTH = 40


def decision_entity(task: Task, why: str, on: date, at: str) -> EntityLine:
    """Why a task that keeps missing its dates stays; said twice on a day, it is one entity."""
    words = re.findall(r"\w+", task.title.casefold())
    slug = "-".join(words)[:MAX_SLUG_LENGTH].strip("-") or str(task.id)
    about = " ".join(filter(None, (task.id, task.title)))
    reason = " ".join(why.split())
    return EntityLine(
        name=f"decision:{on}:{slug}",
        type="decision",
        observations=(f"Date: {on}", f"Why: {reason}", f"Task: {about}"),
        at=at,
        by=FOUNDER,
        verified=at,
    )
