"""`agentco init`: a company in a folder, whatever stands there already."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from agentco.adapters.files import trust_file
from agentco.adapters.files.company_files import read_company
from agentco.adapters.files.company_folder import CompanyFolder
from agentco.adapters.files.template_files import (
    ATTRIBUTES,
    UNION_RULE,
    set_union_merge,
    template_files,
    write_if_missing,
)
from agentco.adapters.holidays import holiday_check_for
from agentco.cli import current_company, screen
from agentco.cli.shared_options import JsonOption, print_answer
from agentco.company.file_locations import FileKind, location_of
from agentco.company.settings import SETTINGS_FILE, read_settings
from agentco.day.sample_company import TEAMS, SampleCompany
from agentco.kernel.errors import AgentcoError, StateBroken, WrongUsage
from agentco.memory.graph import MEMORY_FILE as MEMORY
from agentco.wiring import open_company

SETTINGS_TEMPLATE = Path(__file__).with_name("adopted.yml")
EMPTY_BOARD = (
    "# Board\n\n## Backlog\n\n## This week\n\n## In progress\n\n## Blocked\n\n## Done\n"
)
TEAM_HELP = "core: COO, Marketing, Accountant, Lawyer; full (the default): all eight."
NO_MODEL_NOTE = "No model is configured, so nothing can be spent. "
CAP_PERIODS = ("a call", "a piece of work", "a day", "a month")
NEXT_COMMANDS = ("agentco standup", "agentco board", "agentco show agents")


def init(
    folder: Annotated[
        str, typer.Argument(metavar="[DIR]", help="Where; here if not named.")
    ] = ".",
    team: Annotated[str | None, typer.Option(help=TEAM_HELP)] = None,
    as_json: JsonOption = False,
) -> None:
    """Start a company in DIR, or adopt the repository that is there. No file is ever overwritten.

    .gitattributes gets the line that lets git unite what two branches learned.

    A new folder gets the sample company, with its dates moved to today. A repository that has agents of
    its own keeps them and gets what agentco needs beside them: settings, a board, a memory.

    Examples:
      agentco init my-company
      agentco init my-company --team core
      cd my-repository && agentco init
    """
    root = Path(folder)
    try:
        taken = root.exists() and not root.is_dir()
    except OSError:
        taken = True
    if taken:
        raise WrongUsage(
            f"{folder[:60]!r} cannot be a folder",
            hint="name one that is there, or a new one",
        )
    wanted = dict(
        adoption_files(root)
        if team is None and is_company(root)
        else sample_files(team)
    )
    new = [path for path in wanted if not (root / path).exists()]
    filled = has_files(root)
    if new and filled and not confirm_additions(root, len(new)):
        raise typer.Exit(1)
    written = [
        path for path, text in wanted.items() if write_if_missing(root, path, text)
    ]
    kept = [path for path in wanted if path not in written]
    added = ATTRIBUTES in kept and set_union_merge(root)
    if current_company.is_file(root / MEMORY):
        open_company(root.resolve()).memory.adopt_existing_lines()
    if not filled:
        trust_created(root.resolve())
    print_report(root.resolve(), written, kept, added, as_json=as_json)
    if filled and not as_json:
        screen.print_note(
            "Before anything in it reaches the world, agentco trust shows what that is, and asks."
        )


def confirm_additions(root: Path, count: int) -> bool:
    """Ask at a terminal before files are added to a folder that is not empty; elsewhere nothing is asked."""
    question = f"add {count} files to {root.resolve()} (nothing is overwritten)?"
    return not screen.at_terminal() or screen.ask_yes_no(question, yes=False)


def has_files(root: Path) -> bool:
    """Whether there is anything in the folder."""
    try:
        return root.is_dir() and any(root.iterdir())
    except OSError as error:
        what = f"cannot list {str(root)!r}: {error.strerror}"
        raise StateBroken(what, hint="check its permissions") from None


def trust_created(root: Path) -> None:
    """Trust a company that is all our own; without a home it only stays untrusted."""
    try:
        trust_file.trust_folder(
            root, open_company(root).trust.status().reach, at=current_company.now_iso()
        )
    except AgentcoError as error:
        screen.print_note(f"warning: {error.what}")


def is_company(root: Path) -> bool:
    """Whether there is a company already: settings, or an agent that is not the sample's own.

    An `init` that was interrupted has left neither, so that it goes on where it stopped.
    """
    if current_company.is_file(current_company.settings_file(root)):
        return True
    samples = dict(template_files())
    own = (
        source
        for source in read_company(root).sources
        if not source.path.startswith("~/")
    )
    agents = (
        s
        for s in own
        if (place := location_of(s.path)) and place.kind is FileKind.AGENT
    )
    return any(agent.data != samples.get(agent.path, "").encode() for agent in agents)


def sample_files(team: str | None) -> Iterator[tuple[str, str]]:
    """The sample company as of today where this machine is, reduced to a team."""
    if team is not None and team not in TEAMS:
        raise WrongUsage(f"no team {team!r}", hint="--team core or --team full")
    files, today = dict(template_files()), current_company.now().astimezone().date()
    country = read_settings(files[SETTINGS_FILE]).require_valid().company.country
    yield ATTRIBUTES, UNION_RULE
    yield from SampleCompany(
        files, today, TEAMS[team or "full"], holiday_check_for(country, today)
    ).files()


def adoption_files(root: Path) -> Iterator[tuple[str, str]]:
    """What a repository with its own agents needs: settings, a board, a memory."""
    # The name as a YAML scalar, without what YAML cannot hold.
    name = "".join(c for c in root.resolve().name if c.isprintable()).replace("'", "''")
    yield "BOARD.md", EMPTY_BOARD
    yield "memory/memory.jsonl", ""
    yield ATTRIBUTES, UNION_RULE
    yield (
        SETTINGS_FILE,
        SETTINGS_TEMPLATE.read_text().format(
            name=f"'{name}'", timezone=current_company.local_timezone()
        ),
    )


def describe_caps(root: Path) -> str:
    """What may be spent, as the settings that are there now say it."""
    settings = CompanyFolder(root).settings().settings
    budget, models = settings.budget, settings.models
    said = (
        ""
        if any((models.light, models.medium, models.heavy, models.local))
        else NO_MODEL_NOTE
    )
    caps = zip(
        (budget.call, budget.run, budget.company_day, budget.company_month),
        CAP_PERIODS,
        strict=True,
    )
    return f"{said}The caps: {', '.join(f'${amount / 1e6:.2f} {what}' for amount, what in caps)}."


def print_report(
    root: Path, written: list[str], kept: list[str], added: bool, *, as_json: bool
) -> None:
    """Say what was done, what the caps are, and the three commands to try next."""
    lines = [
        *(f"  new   {path}" for path in written),
        *(f"  kept  {path}" for path in kept),
    ]
    lines.append(
        f"\n{len(written)} files written, {len(kept)} left as they were, in {root}"
    )
    if added:
        lines.append(f"One line was added to {ATTRIBUTES}: {UNION_RULE.strip()}")
    if not any((folder / ".git").exists() for folder in (root, *root.parents)):
        lines.append(
            "It is no git repository yet: git init there lets you read and undo what changes."
        )
    if above := next(
        (
            p
            for p in root.parents
            if current_company.is_file(current_company.settings_file(p))
        ),
        None,
    ):
        lines.append(
            f"Mind: {above} is a company too; inside {root.name} only this one is meant."
        )
    move = () if root == Path.cwd().resolve() else (f"cd {root}",)
    lines += [
        describe_caps(root),
        "\nTry next:",
        *(f"  {command}" for command in (*move, *NEXT_COMMANDS)),
    ]
    document = {
        "company": str(root),
        "written": written,
        "kept": kept,
        "added": [ATTRIBUTES] * added,
    }
    print_answer(document | {"next": list(NEXT_COMMANDS)}, *lines, as_json=as_json)
