"""What the company learnt from its work, and still has to act on."""

from agentco.day.facts import LessonFact, all_lessons, is_answered
from agentco.desk.open_company import OpenCompany


def list_lessons(company: OpenCompany, *, everything: bool = False) -> list[LessonFact]:
    """The open lessons of the memory, or also those that a change answered."""
    lessons = all_lessons(company.memory.load_graph())
    return [lesson for lesson in lessons if everything or not is_answered(lesson)]
