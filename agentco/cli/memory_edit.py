"""`agentco memory` commands that write: add, relate, delete, restore and trust."""

from typing import Annotated

import typer
from msgspec import to_builtins

from agentco.cli import current_company
from agentco.cli.completing import names_of
from agentco.cli.shared_options import JsonOption, YesOption, print_answer
from agentco.kernel.errors import WrongUsage
from agentco.kernel.words import days_in_words, shell_quote
from agentco.terminal import screen
from agentco.terminal.local_time import local_minute, local_moment

UNDO_HINT = "agentco memory undo takes it back"

NewName = Annotated[str, typer.Argument(help="What it is about.")]
OBSERVATIONS_HELP = "What to remember."
Observations = Annotated[
    list[str] | None, typer.Argument(metavar="[OBSERVATION]…", help=OBSERVATIONS_HELP)
]
TYPE_HELP = "The type of a new entity."
NewType = Annotated[str | None, typer.Option("--type", metavar="T", help=TYPE_HELP)]
DEADLINE_HELP = "The deadline, such as saft."
DeadlineName = Annotated[str, typer.Argument(metavar="NAME", help=DEADLINE_HELP)]
FROM_HELP = "Where the relation starts."
FromName = Annotated[str, typer.Argument(metavar="FROM", help=FROM_HELP)]
Relation = Annotated[str, typer.Argument(help="The relation, as a verb.")]
ToName = Annotated[str, typer.Argument(help="Where it ends.")]
EntityName = Annotated[
    str, typer.Argument(help="The entity.", autocompletion=names_of("memory"))
]
TrustedName = Annotated[
    str | None,
    typer.Argument(
        metavar="[NAME]", help="The entity.", autocompletion=names_of("memory")
    ),
]
NEW_HELP = "Trust all unsigned lines."
NewOption = Annotated[bool, typer.Option("--new", help=NEW_HELP)]
OnlyObservations = Annotated[
    list[str] | None, typer.Option(metavar="TEXT", help="Delete only this observation.")
]
RELATION_HELP = "Delete only this relation from NAME."
OnlyRelation = Annotated[
    tuple[str, str] | None, typer.Option(metavar="RELATION TO", help=RELATION_HELP)
]


def add(
    name: NewName,
    observations: Observations = None,
    type_: NewType = None,
    as_json: JsonOption = False,
) -> None:
    """Remember something. Adding it again confirms that it is still true.

    Examples:
      agentco memory add "Acme Ltd" "pays in 30 days" --type client
    """
    from agentco.desk.memory_edits import add_facts
    from agentco.documents.memory import added_document
    from agentco.memory.lines import LONG_OBSERVATION

    texts = observations or []
    facts = add_facts(current_company.open_current(), name, texts, type_)
    for text in texts:
        if len(text) > LONG_OBSERVATION:
            what = f"an observation of {len(text):,} characters"
            screen.print_note(f"warning: {what}; a memory is for short facts")
    line = f"{facts.name} ({facts.type}): {facts.added} added"
    if facts.renewed:
        line = f"{line}, {facts.renewed} confirmed"
    if not facts.signed:
        screen.print_note("warning: it does not count until you run agentco trust")
    print_answer(added_document(facts), line, as_json=as_json)


def done(
    name: DeadlineName, yes: YesOption = False, as_json: JsonOption = False
) -> None:
    """Record that a deadline is met; if it recurs, the next one opens.

    If it is not due yet, you are asked first.

    Examples:
      agentco memory done saft
    """
    from agentco.desk import deadlines
    from agentco.documents.memory import added_document

    company = current_company.open_current()
    deadline = deadlines.find_open_deadline(company, name)
    when = days_in_words(deadline.days_left)
    question = f"{deadline.name} is due {when}, {deadline.due}. Is it done already?"
    is_early = deadline.days_left > 0
    if is_early and not screen.ask_yes_no(question, yes=yes):
        screen.print_note("nothing was recorded")
        return
    facts = deadlines.mark_deadline_done(company, deadline)
    said = deadlines.done_line(deadline)
    undo = f"agentco memory delete {shell_quote(deadline.name)} --observation '{said}'"
    line = f"{deadline.name}: {said} (take it back: {undo})"
    print_answer(added_document(facts), line, as_json=as_json)


def relate(
    from_: FromName, relation: Relation, to: ToName, as_json: JsonOption = False
) -> None:
    """Connect two entities.

    Examples:
      agentco memory relate "Acme Ltd" uses Lumen
    """
    from agentco.desk import memory_edits

    memory_edits.relate(current_company.open_current(), from_, relation, to)
    document = {"from": from_, "to": to, "relationType": relation}
    print_answer(document, f"{from_} {relation} {to}", as_json=as_json)


def delete(
    name: EntityName,
    observation: OnlyObservations = None,
    relation: OnlyRelation = None,
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Delete an entity with its relations, or one fact about it.

    Deleted entries stay in the trash for 30 days.

    Examples:
      agentco memory delete "Acme Ltd" --observation "pays in 30 days"
    """
    from agentco.desk import memory_edits

    company = current_company.open_current()
    deletion = memory_edits.plan_deletion(company, name, observation or [], relation)
    screen.print_note("\n".join(deletion.lines))
    question = f"delete {these(len(deletion.lines))}?"
    if not screen.ask_yes_no(question, yes=yes):
        screen.print_note("nothing was deleted")
        return
    removal = memory_edits.delete(company, deletion)
    document = {"deleted": list(deletion.lines), "id": removal.id if removal else None}
    print_answer(document, f"deleted; {UNDO_HINT}", as_json=as_json)


def undo(yes: YesOption = False, as_json: JsonOption = False) -> None:
    """Restore what was deleted last; run it again for the one before.

    Examples:
      agentco memory undo
    """
    from agentco.desk.memory_edits import last_deletion, undo_deletion

    company = current_company.open_current()
    last = last_deletion(company)
    screen.print_note(f"deleted {local_moment(last.at, company.zone)}: {last.what}")
    if not screen.ask_yes_no("put it back?", yes=yes):
        screen.print_note("nothing was put back")
        return
    restored = undo_deletion(company)
    document = {
        "restored": restored.what,
        "id": restored.id,
        "lines": len(restored.edits),
    }
    line = f"restored: {restored.what}; agentco memory delete removes it again"
    print_answer(document, line, as_json=as_json)


def trust(
    name: TrustedName = None,
    new: NewOption = False,
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Trust an entity's untrusted lines and relations, or all unsigned lines.

    An unsigned line keeps the author it names; one without an author becomes yours.

    Examples:
      agentco memory trust "Acme Ltd"
      agentco memory trust --new
    """
    from agentco.desk import memory_edits

    if new == (name is not None):
        raise WrongUsage("give a name, or --new", hint="one of them, not both")
    company = current_company.open_current()
    facts = memory_edits.untrusted_facts(company, name)
    for fact in facts:
        minute = local_minute(fact.at, company.zone)
        told = f"{fact.by or 'by an unknown writer'}, {minute}: {fact.text}"
        screen.print_note(fact.text if new else told)
    document: dict[str, object] = {
        "name": name,
        "trusted": to_builtins(facts),
        "id": None,
    }
    if not facts:
        line = f"nothing about {name} is untrusted" if name else "everything is signed"
        print_answer(document, line, as_json=as_json)
        return
    if not screen.ask_yes_no(f"trust {these(len(facts))}?", yes=yes):
        screen.print_note("nothing was changed")
        return
    removal = memory_edits.trust_facts(company, name, facts)
    if removal:
        document["id"] = removal.id
    print_answer(document, f"trusted; {UNDO_HINT}", as_json=as_json)


def these(count: int) -> str:
    """How a question names what was listed."""
    return "this" if count == 1 else f"these {count}"
