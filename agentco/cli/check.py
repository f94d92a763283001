"""`agentco check`: everything that is wrong with the company's files, and what to do about it."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Annotated, TypeVar

import typer
from msgspec import to_builtins

from agentco.board.document import BOARD_FILE as BOARD, TaskBoard
from agentco.cli import current_company, screen
from agentco.cli.screen import Style
from agentco.cli.shared_options import JsonOption, problem_location
from agentco.day.company_check import (
    CheckInput,
    PromptLoad,
    check_company as examine,
    prompt_loads,
)
from agentco.desk.open_company import OpenCompany
from agentco.kernel.errors import Diagnostic, Severity, StateBroken
from agentco.memory.graph import MEMORY_FILE as MEMORY, MemoryGraph

T = TypeVar("T")

LEVEL_STYLES = {
    Severity.ERROR: Style.URGENT,
    Severity.WARNING: Style.SOON,
    Severity.INFO: Style.DIM,
}
EXIT_BROKEN, EXIT_WARNED = 3, 1


def check(
    strict: Annotated[
        bool,
        typer.Option(
            "--strict", help="Exit 1 on warnings, hold skills to the standard."
        ),
    ] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", help="Leave out what is only information.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Check the whole company: files, settings, references, schedules, board, memory.

    Exit code 3 when a file or schedule cannot be used, 1 with --strict when there is a warning, else 0.

    Examples:
      agentco check
      agentco check --strict --json
    """
    edges = current_company.open_current()
    whole, broken = read_whole_company(edges)
    found = sorted(
        [*examine(whole, strict=strict), *broken],
        key=lambda d: (d.file, d.line or 0, d.code),
    )
    count, carried = edges.files.count_files(), prompt_loads(whole.company)
    if as_json:
        document = {
            "company": str(current_company.company_root()),
            "files": count,
            "diagnostics": to_builtins(found),
        }
        screen.print_json(
            document | {"loads": [to_builtins(x) | {"total": x.total} for x in carried]}
        )
    else:
        print_diagnostics(found, carried, count, quiet=quiet)
    levels = {diagnostic.level for diagnostic in found}
    warned = EXIT_WARNED if strict and Severity.WARNING in levels else 0
    raise typer.Exit(EXIT_BROKEN if Severity.ERROR in levels else warned)


def read_whole_company(edges: OpenCompany) -> tuple[CheckInput, list[Diagnostic]]:
    """The whole company, and an error for the board or memory that cannot be read at all."""
    broken: list[Diagnostic] = []
    unreadable = partial(Diagnostic, level=Severity.ERROR, code="unreadable")

    def readable(read: Callable[[], T], instead: T, file: str) -> T:
        try:
            return read()
        except StateBroken as error:
            broken.append(unreadable(file=file, message=error.what, hint=error.hint))
            return instead

    settings = edges.files.settings()
    today = current_company.now().date()
    whole = CheckInput(
        company=edges.files.load(),
        settings=settings,
        board=readable(edges.board.read, TaskBoard(), BOARD),
        graph=readable(edges.memory.load_graph, MemoryGraph(), MEMORY),
        committed={path: edges.files.read_text(path) for path in (BOARD, MEMORY)},
        today=today,
        is_holiday=edges.holidays_for(settings.settings.company.country, today),
        exists=edges.files.exists,
    )
    return whole, broken


def print_diagnostics(
    found: Sequence[Diagnostic],
    carried: Sequence[PromptLoad],
    files: int,
    *,
    quiet: bool,
) -> None:
    """File by file what is wrong, then what every agent carries, then the sum."""
    for d in (d for d in found if not (quiet and d.level is Severity.INFO)):
        screen.print_text(
            f"{d.level:<8}{problem_location(d)}: {d.message}", LEVEL_STYLES[d.level]
        )
        screen.print_text(f"         {d.hint}", Style.DIM)
    if carried:
        parts = ("constitution", "role", "instructions", "skills", "total")
        rows = [
            [x.agent, *(f"{getattr(x, part):,}" for part in parts)] for x in carried
        ]
        screen.print_table(["tokens carried by", *parts], rows)
    counts = [(level, sum(d.level is level for d in found)) for level in Severity]
    plural = {level: "" if level is Severity.INFO else "s" for level in Severity}
    words = ", ".join(
        f"{n} {level}{plural[level] * (n > 1)}" for level, n in counts if n
    )
    screen.print_text(f"{files} files: {words or 'nothing to say'}")
