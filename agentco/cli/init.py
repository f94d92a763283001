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
    UNION,
    merging,
    template_files,
    write_new,
)
from agentco.adapters.holidays import holidays_of
from agentco.cli import screen
from agentco.cli.options import Json, answer
from agentco.cli.trust import standing
from agentco.company.file_locations import Kind, place_of
from agentco.company.settings import FILE, read_settings
from agentco.day.sample_company import TEAMS, Sample
from agentco.desk import current_company
from agentco.kernel.errors import AgentcoError, StateBroken, WrongUsage
from agentco.memory.graph import FILE as MEMORY
from agentco.wiring import edges_of

SETTINGS = Path(__file__).with_name("adopted.yml")
BOARD = (
    "# Board\n\n## Backlog\n\n## This week\n\n## In progress\n\n## Blocked\n\n## Done\n"
)
WHO = "core: COO, Marketing, Accountant, Lawyer; full (the default): all eight."
NO_MODEL = "No model is configured, so nothing can be spent. "
PERIODS = ("a call", "a piece of work", "a day", "a month")
NEXT = ("agentco standup", "agentco board", "agentco show agents")


def init(
    folder: Annotated[
        str, typer.Argument(metavar="[DIR]", help="Where; here if not named.")
    ] = ".",
    team: Annotated[str | None, typer.Option(help=WHO)] = None,
    as_json: Json = False,
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
        adopted_files(root) if team is None and is_company(root) else sample_files(team)
    )
    new = [path for path in wanted if not (root / path).exists()]
    filled = has_files(root)
    if new and filled and not agreed(root, len(new)):
        raise typer.Exit(1)
    written = [path for path, text in wanted.items() if write_new(root, path, text)]
    kept = [path for path in wanted if path not in written]
    added = ATTRIBUTES in kept and merging(root)
    if current_company.is_file(root / MEMORY):
        edges_of(root.resolve()).memory.adopt()
    if not filled:
        trust_created(root.resolve())
    report(root.resolve(), written, kept, added, as_json=as_json)
    if filled and not as_json:
        screen.note(
            "Before anything in it reaches the world, agentco trust shows what that is, and asks."
        )


def agreed(root: Path, count: int) -> bool:
    """Ask at a terminal before files are added to a folder that is not empty; elsewhere nothing is asked."""
    question = f"add {count} files to {root.resolve()} (nothing is overwritten)?"
    return not screen.at_terminal() or screen.agreed(question, yes=False)


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
        trust_file.trust(
            root, standing(edges_of(root)).reach, at=current_company.stamp()
        )
    except AgentcoError as error:
        screen.note(f"warning: {error.what}")


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
        s for s in own if (place := place_of(s.path)) and place.kind is Kind.AGENT
    )
    return any(agent.data != samples.get(agent.path, "").encode() for agent in agents)


def sample_files(team: str | None) -> Iterator[tuple[str, str]]:
    """The sample company as of today where this machine is, reduced to a team."""
    if team is not None and team not in TEAMS:
        raise WrongUsage(f"no team {team!r}", hint="--team core or --team full")
    files, today = dict(template_files()), current_company.now().astimezone().date()
    country = read_settings(files[FILE]).usable().company.country
    yield ATTRIBUTES, UNION
    yield from Sample(
        files, today, TEAMS[team or "full"], holidays_of(country, today)
    ).files()


def adopted_files(root: Path) -> Iterator[tuple[str, str]]:
    """What a repository with its own agents needs: settings, a board, a memory."""
    # The name as a YAML scalar, without what YAML cannot hold.
    name = "".join(c for c in root.resolve().name if c.isprintable()).replace("'", "''")
    yield "BOARD.md", BOARD
    yield "memory/memory.jsonl", ""
    yield ATTRIBUTES, UNION
    yield (
        FILE,
        SETTINGS.read_text().format(
            name=f"'{name}'", timezone=current_company.local_timezone()
        ),
    )


def caps(root: Path) -> str:
    """What may be spent, as the settings that are there now say it."""
    settings = CompanyFolder(root).settings().settings
    budget, models = settings.budget, settings.models
    said = (
        ""
        if any((models.light, models.medium, models.heavy, models.local))
        else NO_MODEL
    )
    caps = zip(
        (budget.call, budget.run, budget.company_day, budget.company_month),
        PERIODS,
        strict=True,
    )
    return f"{said}The caps: {', '.join(f'${amount / 1e6:.2f} {what}' for amount, what in caps)}."


def report(
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
        lines.append(f"One line was added to {ATTRIBUTES}: {UNION.strip()}")
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
        caps(root),
        "\nTry next:",
        *(f"  {command}" for command in (*move, *NEXT)),
    ]
    document = {
        "company": str(root),
        "written": written,
        "kept": kept,
        "added": [ATTRIBUTES] * added,
    }
    answer(document | {"next": list(NEXT)}, *lines, as_json=as_json)
