"""The founder's word that a deadline is met."""

from agentco.day.deadlines import DeadlineFact, DeadlineProblem, open_deadline
from agentco.desk.memory_edits import AddedFacts, add_facts
from agentco.desk.open_company import OpenCompany
from agentco.kernel.errors import CompanyBroken, WrongUsage, did_you_mean
from agentco.memory.graph import MEMORY_FILE

KNOWN = "agentco memory search --type deadline lists them"
PREFIX = "deadline:"


def find_open_deadline(company: OpenCompany, name: str) -> DeadlineFact:
    """The open occurrence of a deadline, named with or without `deadline:`.

    Raises WrongUsage for an unknown one or one without an open occurrence, CompanyBroken
    if it cannot be read.
    """
    deadlines = {
        entity.name: entity
        for entity in company.memory.load_graph().trusted_part.entities("deadline")
    }
    entity = deadlines.get(name) or deadlines.get(f"{PREFIX}{name}")
    if entity is None:
        names = [known.removeprefix(PREFIX) for known in deadlines]
        hint = did_you_mean(name, names, KNOWN)
        raise WrongUsage(f"no deadline {name!r}", hint=hint)
    today = company.today()
    is_holiday = company.holidays_for(company.settings.company.country, today)
    try:
        found = open_deadline(entity, today, is_holiday)
    except DeadlineProblem as problem:
        what = f"{MEMORY_FILE}: {entity.name}: {problem}"
        raise CompanyBroken(what, hint="agentco memory check") from problem
    if found is None:
        hint = f'agentco memory add "{entity.name}" "Due: …"'
        raise WrongUsage(f"{entity.name!r} has no open date", hint=hint)
    return found


def done_line(deadline: DeadlineFact) -> str:
    """What the memory keeps of an occurrence that is done."""
    return f"Done: {deadline.due}"


def mark_deadline_done(company: OpenCompany, deadline: DeadlineFact) -> AddedFacts:
    """Remember that the open occurrence is done; the next one of its rule is open then."""
    return add_facts(company, deadline.name, [done_line(deadline)], None)
