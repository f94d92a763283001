"""Record a lesson from a run in the founder's words; the Improver works from lessons."""

from msgspec import Struct

from agentco.desk.open_company import OpenCompany
from agentco.desk.runs import find_run_named
from agentco.improvement.lessons import lesson_line
from agentco.kernel.words import require_words
from agentco.runs.actions import Lesson, LessonKind

MAX_SUMMARY = 200


class RecordedLesson(Struct, frozen=True, kw_only=True):
    """A lesson of the memory, and the run it came from."""

    lesson: str
    run: str


def give_feedback(company: OpenCompany, run_name: str, text: str) -> RecordedLesson:
    """Write a lesson about a run into the memory.

    Raises WrongUsage for an empty text, an unknown run, or a text with a secret in it.
    """
    require_words(text, hint='agentco feedback RUN "…"')
    company.require_writable()
    run = find_run_named(company, run_name)
    words = " ".join(text.split())
    lesson = Lesson(
        category=LessonKind.PROCESS,
        summary=words[:MAX_SUMMARY],
        detail=f"{words} (run {run.id}: {run.title})",
        action="",
    )
    now = company.now_iso()
    name, line = lesson_line(
        company.memory.load_graph(),
        lesson,
        agent=run.agent,
        today=company.today(),
        at=now,
        source=f"feedback:{now}",
    )
    if line:
        company.memory.add([line])
    return RecordedLesson(lesson=name, run=run.id)
