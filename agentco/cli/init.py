"""`agentco init`: a company in a folder, whatever stands there already."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from agentco.cli.shared_options import JsonOption, YesOption, print_answer
from agentco.documents.made_company import made_document
from agentco.kernel.errors import WrongUsage
from agentco.terminal import screen
from agentco.terminal.company_questions import ask_missing
from agentco.terminal.made_company_screen import report_lines
from agentco.upkeep.found_company import (
    find_records,
    found_document,
    found_lines,
    look_around,
)
from agentco.upkeep.found_memory import (
    NO_MEMORY,
    FoundMemory,
    choose_memory,
    link_memory,
)
from agentco.upkeep.making_company import (
    CompanyMaker,
    NewCompany,
    has_other_files,
    is_company,
    make_company,
    plan_company,
    require_folder,
)
from agentco.upkeep.own_answers import (
    Answers,
    Options,
    company_from_answers,
    read_answers,
)
from agentco.wiring import company_maker, machine_timezone, open_company

TEAM_HELP = "core: COO, Marketing, Accountant, Lawyer; full (the default): all eight."
PRODUCT_HELP = "What you sell, and its domain; repeat it for each product."
COUNTRY_HELP = "Two letters or the English name; it decides tax and social security."
LANG_HELP = "The language you write in, such as en or pt."
SAMPLE_HELP = "The sample company Farol Labs, to look around in."
FOLDER_HELP = "The folder; the current one if omitted."
Folder = Annotated[str, typer.Argument(metavar="[DIR]", help=FOLDER_HELP)]
Name = Annotated[str | None, typer.Option(help="The company's name.")]
Products = Annotated[
    list[str] | None,
    typer.Option("--product", metavar="NAME=DOMAIN", help=PRODUCT_HELP),
]
Country = Annotated[str | None, typer.Option(metavar="PT", help=COUNTRY_HELP)]
TimeZone = Annotated[
    str | None, typer.Option("--timezone", metavar="ZONE", help="Europe/Lisbon, …")
]
Language = Annotated[str | None, typer.Option("--lang", metavar="en", help=LANG_HELP)]
Team = Annotated[str | None, typer.Option(metavar="core|full", help=TEAM_HELP)]
Sample = Annotated[bool, typer.Option("--sample", help=SAMPLE_HELP)]
TRUST_NOTE = "Before anything in it reaches the world, agentco trust shows what that is, and asks."


def init(
    folder: Folder = ".",
    name: Name = None,
    product: Products = None,
    country: Country = None,
    timezone: TimeZone = None,
    lang: Language = None,
    team: Team = None,
    sample: Sample = False,
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Start your company in DIR, or adopt the repository that is there. Never overwrites a file.

    At a terminal it asks five things, each with a default: the name, what you sell and where,
    country and time zone, language, four or eight departments. Options answer in advance;
    without a terminal nothing is asked.

    A repository that has agents of its own keeps them and gets what agentco needs beside them:
    settings, a board, a memory. It says what it found, and which agent hands out work. A
    memory that an MCP configuration names, or the only memory.jsonl, is used where it lies:
    memory/memory.jsonl becomes a link to it; at a terminal you are asked. .gitattributes gets the
    line that lets git merge what two branches learned.

    Examples:
      agentco init my-company
      agentco init acme --name "Acme" --product "Acme Notes=notes.example" --country DE --lang en
      agentco init farol --sample
      cd my-repository && agentco init
    """
    options = Options(
        name=name,
        products=product or (),
        country=country,
        time_zone=timezone,
        language=lang,
        team=team,
    )
    maker = company_maker(Path(folder))
    new = new_company(maker, options, is_sample=sample, yes=yes)
    carry_out(maker, new, yes=yes, as_json=as_json)


def carry_out(
    maker: CompanyMaker, new: NewCompany, *, yes: bool, as_json: bool
) -> None:
    """Make the company, and say what was found and what was done; Exit where the founder says no.

    It is opened a second time, since its memory may lie elsewhere once that was linked.
    """
    company = open_company(maker.root)
    records = find_records(company.files.load())
    plan = plan_company(maker, company, new, pick_memory(maker, new, yes=yes))
    asks = new.adopts and bool(plan.new) and not yes and screen.at_terminal()
    files = "1 file" if len(plan.new) == 1 else f"{len(plan.new)} files"
    question = f"add {files} to {maker.root} (nothing is overwritten)?"
    if asks and not screen.ask_yes_no(question, yes=False):
        raise typer.Exit(1)
    link_memory(maker, plan.memory)
    company = open_company(maker.root)
    made = make_company(maker, company, plan)
    if made.trust_problem:
        screen.print_note(f"warning: {made.trust_problem}")
    found = look_around(company, plan, records, maker.read_file)
    document = {**made_document(made), "found": found_document(found)}
    told = "\n".join(found_lines(found))
    lines = [f"{told}\n", *report_lines(made)] if told else report_lines(made)
    print_answer(document, *lines, as_json=as_json)
    if not plan.was_empty and not as_json:
        screen.print_note(TRUST_NOTE)


def pick_memory(maker: CompanyMaker, new: NewCompany, *, yes: bool) -> FoundMemory:
    """The memories of the folder, and the one that is used in place; the sample has its own."""
    if new.is_sample and not new.adopts:
        return NO_MEMORY
    asks = screen.at_terminal() and not yes
    return choose_memory(maker, partial(screen.ask_yes_no, yes=False) if asks else None)


def new_company(
    maker: CompanyMaker, options: Options, *, is_sample: bool, yes: bool
) -> NewCompany:
    """What the folder is to become, by the options and the answers of whoever sits there.

    Raises WrongUsage for an answer that cannot be, Exit where the founder says no.
    """
    here, countries = machine_timezone(), maker.countries
    answers = read_answers(options, countries=countries, here=here)
    require_folder(maker)
    adopts = options.team is None and is_company(maker)
    if is_sample:
        refuse_answers(answers)
    if not adopts and not may_fill(maker, yes=yes):
        raise typer.Exit(1)
    folder = maker.root.name
    if not (adopts or is_sample or yes) and screen.at_terminal():
        answers = ask_missing(answers, folder=folder, here=here, countries=countries)
    own = company_from_answers(answers, folder=folder, here=here, countries=countries)
    return NewCompany(own=own, team=answers.team, is_sample=is_sample, adopts=adopts)


def refuse_answers(answers: Answers) -> None:
    """Raise WrongUsage for an answer that the sample company gives by itself."""
    given = {
        "name": answers.name,
        "products": answers.products,
        "country and time zone": answers.place,
        "language": answers.language,
    }
    for what, answer in given.items():
        if answer is not None:
            hint = "leave one of the two out"
            raise WrongUsage(f"--sample has its own {what}", hint=hint)


def may_fill(maker: CompanyMaker, *, yes: bool) -> bool:
    """Whether a company may be made among the files of a folder, if there are any.

    Raises WrongUsage where that needs an answer and nobody can be asked.
    """
    if not has_other_files(maker):
        return True
    there = f"{maker.root} already has files in it"
    question = f"{there}. Create a company there (nothing is overwritten)?"
    return screen.ask_yes_no(question, yes=yes)
