"""`agentco memory` commands that only read: show, search, check."""

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from agentco.cli import current_company
from agentco.cli.shared_options import (
    JsonOption,
    name_argument,
    print_answer,
    problem_location,
)
from agentco.kernel.date_words import date_from_words
from agentco.terminal import memory_screen, screen

if TYPE_CHECKING:
    from agentco.desk.open_company import OpenCompany

MemoryName = Annotated[str | None, name_argument("memory")]
DAYS_AGO = re.compile("([0-9]{1,5})d")

Words = Annotated[
    list[str] | None, typer.Argument(metavar="[WORDS…]", help="All of them must occur.")
]
SINCE_HELP = "Said or verified since then; 7d means the last 7 days."
Since = Annotated[str | None, typer.Option(metavar="DATE", help=SINCE_HELP)]
TYPE_HELP = "Show only this type."
TypeFilter = Annotated[str | None, typer.Option("--type", metavar="T", help=TYPE_HELP)]
BY_HELP = "Said by founder, runtime or an agent."
ByFilter = Annotated[str | None, typer.Option(metavar="WHO", help=BY_HELP)]
Limit = Annotated[int, typer.Option(min=1, help="How many to show.")]


def show(name: MemoryName = None, as_json: JsonOption = False) -> None:
    """Show everything the company knows, or the history of one entry.

    The history says who said what, when, and how reliable it is.

    Examples:
      agentco memory show "Acme Ltd"
    """
    from agentco.desk import memory
    from agentco.documents.memory import memory_document

    company = current_company.open_current()
    view = memory.show_memory(company, name)
    if as_json:
        screen.print_json(memory_document(view, len(view.entities)))
    elif view.story is not None:
        memory_screen.print_story(view, company.zone)
    elif view.entities:
        rows = [
            (entity.name, entity.type, str(len(entity.observations)))
            for entity in view.entities
        ]
        screen.print_table(("name", "type", "observations"), rows)
    else:
        hint = 'agentco memory add NAME "observation" --type T'
        screen.print_text(f"the memory is empty: {hint}")


def search(
    words: Words = None,
    since: Since = None,
    type_: TypeFilter = None,
    by: ByFilter = None,
    limit: Limit = 20,
    as_json: JsonOption = False,
) -> None:
    """Find entries that contain every word, names first, then types, then observations.

    Examples:
      agentco memory search pricing decision
      agentco memory search --since 7d --by marketing
    """
    from agentco.desk import memory
    from agentco.documents.memory import memory_document

    company = current_company.open_current()
    start = None if since is None else parse_since(since, company)
    query = memory.MemoryQuery(
        words=tuple(words or ()), since=start, type=type_, by=by, limit=limit
    )
    found = memory.search_memory(company, query)
    if as_json:
        screen.print_json(memory_document(found, found.total))
        return
    memory_screen.print_entities(found.entities, company.zone)
    left_out = found.total - len(found.entities)
    if left_out:
        screen.print_note(f"{left_out} more: --limit {found.total}")
    elif not found.total:
        screen.print_note("no matches")


def check(as_json: JsonOption = False) -> None:
    """List problems in the memory file: bad lines, broken relations, duplicates.

    Examples:
      agentco memory check
    """
    from msgspec import to_builtins

    from agentco.desk.memory import check_memory

    health = check_memory(current_company.open_current())
    counts = {"entities": health.entities, "relations": health.relations}
    lines = [
        f"{problem_location(problem)}: {problem.level}: {problem.message}\n  {problem.hint}"
        for problem in health.problems
    ]
    count = len(health.problems) or "no"
    lines.append(
        f"{health.entities} entities, {health.relations} relations, {count} problems"
    )
    problems = to_builtins(health.problems)
    document = {"file": health.file, **counts, "diagnostics": problems}
    print_answer(document, *lines, as_json=as_json)


def parse_since(since: str, company: "OpenCompany") -> datetime:
    """The moment at which a date begins where the company is, or a number of days ago."""
    zone = company.files.settings().settings.time_zone
    today = company.today()
    ago = DAYS_AGO.fullmatch(since)
    first = (
        today - timedelta(days=int(ago[1])) if ago else date_from_words(since, today)
    )
    return datetime.combine(first, datetime.min.time(), tzinfo=zone)
