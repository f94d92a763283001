"""What the company learnt from its work, and still has to act on."""

from msgspec import Struct

from agentco.day.facts import LessonFact, all_lessons, is_answered
from agentco.day.lesson_names import find_lesson_name, lesson_argument
from agentco.desk.memory_edits import add_facts, delete, plan_deletion
from agentco.desk.open_company import OpenCompany
from agentco.kernel.errors import WrongUsage
from agentco.kernel.words import require_words, shell_quote
from agentco.memory.graph import MemoryEntity

ANSWERED = "Status: answered by"


class LessonChange(Struct, frozen=True, kw_only=True):
    """A lesson that was answered or is open again, and how to take that back."""

    lesson: str
    status: str
    undo: str


def list_lessons(company: OpenCompany, *, everything: bool = False) -> list[LessonFact]:
    """The open lessons of the memory, or also those that a change answered."""
    lessons = all_lessons(company.memory.load_graph())
    return [lesson for lesson in lessons if everything or not is_answered(lesson)]


def answer_lesson(company: OpenCompany, name: str, by: str) -> LessonChange:
    """Record what answered a lesson: a commit, or the change in words. Raises WrongUsage."""
    require_words(by, hint='agentco lessons done NAME --by "…"')
    lesson, argument = _find(company, name)
    status = f"{ANSWERED} {' '.join(by.split())}"
    add_facts(company, lesson.name, [status], None)
    return LessonChange(
        lesson=lesson.name,
        status=status.removeprefix("Status: "),
        undo=f"agentco lessons done {argument} --undo",
    )


def reopen_lesson(company: OpenCompany, name: str) -> LessonChange:
    """Take back what answered a lesson. Raises WrongUsage if nothing did."""
    lesson, argument = _find(company, name)
    texts = [fact.text for fact in lesson.observations]
    answers = [
        text for text in texts if text.casefold().startswith(ANSWERED.casefold())
    ]
    if not answers:
        raise WrongUsage(f"{lesson.name!r} is open", hint="agentco lessons lists them")
    delete(company, plan_deletion(company, lesson.name, answers, None))
    by = shell_quote(answers[-1][len(ANSWERED) :].strip())
    return LessonChange(
        lesson=lesson.name,
        status="open",
        undo=f"agentco lessons done {argument} --by {by}",
    )


def _find(company: OpenCompany, name: str) -> tuple[MemoryEntity, str]:
    """A lesson, and how a command names it."""
    lessons = list(company.memory.load_graph().entities("lesson"))
    names = [lesson.name for lesson in lessons]
    found = find_lesson_name(name, names)
    argument = shell_quote(lesson_argument(found, names))
    return lessons[names.index(found)], argument
