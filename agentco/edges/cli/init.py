"""`agentco init`: a company in a folder, whatever stands there already."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agentco.edges.cli import here, screen
from agentco.errors import AgentcoError, StateBroken, WrongUsage

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

SETTINGS = """\
# agentco's settings; every key is optional, docs/settings.md lists them. Amounts are US dollars.
company:
  name: {name}
  timezone: {timezone}

# What may be spent: per model call, per piece of work, per day and month. No model is configured yet.
budget:
  call: 0.25
  run: 1.00
  company_day: 3.00
  company_month: 30.00
"""
BOARD = "# Board\n\n## Backlog\n\n## This week\n\n## In progress\n\n## Blocked\n\n## Done\n"
LONGEST_NAME = 1000
NO_MODEL = "No model is configured, so nothing can be spent. "
NEXT = ("agentco standup", "agentco board", "agentco show agents")


def init(
    folder: Annotated[
        str, typer.Argument(metavar="[DIR]", help="Where; the current folder if not named.")
    ] = ".",
    team: Annotated[
        str | None,
        typer.Option(help="core: COO, Marketing, Accountant, Lawyer; full (the default): all eight."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """Start a company in DIR, or adopt the repository that is there. No file is ever overwritten.

    A new folder gets the sample company, with its dates moved to today. A repository that has agents of
    its own keeps them and gets what agentco needs beside them: settings, a board, a memory.

    Examples:
      agentco init my-company
      agentco init my-company --team core
      cd my-repository && agentco init
    """
    root = Path(folder)
    if not here.is_folder(root) and (len(folder) > LONGEST_NAME or root.exists()):
        raise WrongUsage(f"{folder[:60]!r} cannot be a folder", hint="name one that is there, or a new one")
    wanted = list(adopted_files(root) if team is None and is_company(root) else sample_files(chosen(team)))
    new = [path for path, _ in wanted if not (root / path).exists()]
    found = filled(root)
    if new and found and not agreed(root, len(new)):
        raise typer.Exit(1)
    written, kept = write_all(root, wanted)
    if not found:
        trust_created(root.resolve())
    report(root.resolve(), written, kept, as_json=as_json)
    if found and not as_json:
        screen.note("Before anything in it reaches the world, agentco trust shows what that is, and asks.")


def filled(root: Path) -> bool:
    """Whether there is anything in the folder."""
    try:
        return root.is_dir() and any(root.iterdir())
    except OSError as error:
        raise StateBroken(
            f"cannot list {str(root)!r}: {error.strerror}", hint="check its permissions"
        ) from None


def agreed(root: Path, count: int) -> bool:
    """Ask at a terminal before files are added to a folder that is not empty; elsewhere nothing is asked."""
    question = f"add {count} files to {root.resolve()} (nothing is overwritten)?"
    return not screen.at_terminal() or screen.agreed(question, yes=False)


def trust_created(root: Path) -> None:
    """Trust a company that is all our own; without a home it only stays untrusted."""
    from agentco.edges import trust_file
    from agentco.edges.cli.trust import standing
    from agentco.edges.ports import edges_of

    try:
        trust_file.trust(root, standing(edges_of(root)).reach, at=here.stamp())
    except AgentcoError as error:
        screen.note(f"warning: {error.what}")


def chosen(team: str | None) -> frozenset[str] | None:
    """The agents of a team; None stands for all of them."""
    from agentco.work.template import CORE, Team

    if team is not None and team not in list(Team):
        raise WrongUsage(f"no team {team!r}", hint="--team core or --team full")
    return CORE if team == Team.CORE else None


def is_company(root: Path) -> bool:
    """Whether there is a company already: settings, or an agent that is not the sample's own.

    An `init` that was interrupted has left neither, so that it goes on where it stopped.
    """
    from agentco.company.places import Kind, place_of
    from agentco.edges.regular import read_regular
    from agentco.edges.template_files import template_files

    if here.is_file(here.settings_file(root)):
        return True
    samples = dict(template_files())
    for folder in (".github/agents", ".claude/agents", ".github/chatmodes"):
        for path in (root / folder).rglob("*.md"):
            name = path.relative_to(root).as_posix()
            place = place_of(name)
            if place and place.kind is Kind.AGENT and read_regular(path) != samples.get(name, "").encode():
                return True
    return False


def sample_files(team: frozenset[str] | None) -> "Iterator[tuple[str, str]]":
    """The sample company as of today, reduced to `team`."""
    from agentco.company.settings import FILE, read_settings
    from agentco.edges.holidays import holidays_of
    from agentco.edges.template_files import template_files
    from agentco.work.template import Sample

    files = dict(template_files())
    country = read_settings(files[FILE]).usable().company.country
    yield from Sample(files, today(), team, holidays_of(country, today())).files()


def adopted_files(root: Path) -> "Iterator[tuple[str, str]]":
    """What a repository with its own agents needs: settings, a board, a memory."""
    name = root.resolve().name
    yield "BOARD.md", BOARD
    yield "memory/memory.jsonl", ""
    yield ".github/agentco.yml", SETTINGS.format(name=quoted(name), timezone=here.local_timezone())


def quoted(text: str) -> str:
    """`text` as a YAML scalar, without what YAML cannot hold."""
    return "'" + "".join(c for c in text if c.isprintable()).replace("'", "''") + "'"


def today() -> "date":
    """Today in the time zone of this machine."""
    return here.now().astimezone().date()


def write_all(root: Path, wanted: list[tuple[str, str]]) -> tuple[list[str], list[str]]:
    """Write what is missing; which files were written and which were there already."""
    from agentco.edges.template_files import write_new

    written: list[str] = []
    kept: list[str] = []
    for path, text in wanted:
        (written if write_new(root, path, text) else kept).append(path)
    return written, kept


def caps(root: Path) -> str:
    """What may be spent, as the settings that are there now say it."""
    from agentco.edges.ports import CompanyFolder

    settings = CompanyFolder(root).settings().settings
    budget, models = settings.budget, settings.models
    said = "" if any((models.light, models.medium, models.heavy, models.local)) else NO_MODEL
    amounts = (budget.call, budget.run, budget.company_day, budget.company_month)
    call, run, day, month = (f"${amount / 1e6:.2f}" for amount in amounts)
    return f"{said}The caps: {call} a call, {run} a piece of work, {day} a day, {month} a month."


def report(root: Path, written: list[str], kept: list[str], *, as_json: bool) -> None:
    """Say what was done, what the caps are, and the three commands to try next."""
    git = here.in_git(root)
    if as_json:
        screen.document({"company": str(root), "written": written, "kept": kept, "next": list(NEXT)})
        return
    for path in written:
        screen.say(f"  new   {path}")
    for path in kept:
        screen.say(f"  kept  {path}")
    screen.say(f"\n{len(written)} files written, {len(kept)} left as they were, in {root}")
    if not git:
        screen.say("It is no git repository yet: git init there lets you read and undo what changes.")
    if above := next((p for p in root.parents if here.is_file(here.settings_file(p))), None):
        screen.say(f"Mind: {above} is a company too; inside {root.name} only this one is meant.")
    screen.say(caps(root))
    screen.say("\nTry next:")
    move = "" if root == Path.cwd().resolve() else f"cd {root}\n  "
    screen.say("  " + move + "\n  ".join(NEXT))
