"""`agentco check`: everything that is wrong with the company's files, and what to do about it."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Annotated, TypeVar

import typer
from msgspec import to_builtins

from agentco.board.document import FILE as BOARD, Board
from agentco.cli import screen
from agentco.cli.options import Json, place
from agentco.cli.screen import Look
from agentco.day.company_check import Load, Whole, check as examine, loads
from agentco.desk import current_company
from agentco.kernel.errors import Diagnostic, Level, StateBroken
from agentco.memory.graph import FILE as MEMORY, Graph
from agentco.wiring import Edges

T = TypeVar("T")

LOOKS = {Level.ERROR: Look.URGENT, Level.WARNING: Look.SOON, Level.INFO: Look.DIM}
BROKEN, WARNED = 3, 1


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
    as_json: Json = False,
) -> None:
    """Check the whole company: files, settings, references, schedules, board, memory.

    Exit code 3 when a file or schedule cannot be used, 1 with --strict when there is a warning, else 0.

    Examples:
      agentco check
      agentco check --strict --json
    """
    edges = current_company.edges()
    whole, broken = survey(edges)
    found = sorted(
        [*examine(whole, strict=strict), *broken],
        key=lambda d: (d.file, d.line or 0, d.code),
    )
    count, carried = len(edges.company.files.sources), loads(whole.company)
    if as_json:
        document = {
            "company": str(current_company.root()),
            "files": count,
            "diagnostics": to_builtins(found),
        }
        screen.document(
            document | {"loads": [to_builtins(x) | {"total": x.total} for x in carried]}
        )
    else:
        show(found, carried, count, quiet=quiet)
    levels = {diagnostic.level for diagnostic in found}
    warned = WARNED if strict and Level.WARNING in levels else 0
    raise typer.Exit(BROKEN if Level.ERROR in levels else warned)


def survey(edges: Edges) -> tuple[Whole, list[Diagnostic]]:
    """The whole company, and an error for the board or memory that cannot be read at all."""
    broken: list[Diagnostic] = []
    unreadable = partial(Diagnostic, level=Level.ERROR, code="unreadable")

    def readable(read: Callable[[], T], instead: T, file: str) -> T:
        try:
            return read()
        except StateBroken as error:
            broken.append(unreadable(file=file, message=error.what, hint=error.hint))
            return instead

    settings = edges.company.settings()
    today = current_company.now().date()
    whole = Whole(
        company=edges.company.load(),
        settings=settings,
        board=readable(edges.board.read, Board(), BOARD),
        graph=readable(edges.memory.graph, Graph(), MEMORY),
        committed={path: edges.company.text(path) for path in (BOARD, MEMORY)},
        today=today,
        is_holiday=edges.holidays(settings.settings.company.country, today),
        exists=edges.company.exists,
    )
    return whole, broken


def show(
    found: Sequence[Diagnostic], carried: Sequence[Load], files: int, *, quiet: bool
) -> None:
    """File by file what is wrong, then what every agent carries, then the sum."""
    for d in (d for d in found if not (quiet and d.level is Level.INFO)):
        screen.say(f"{d.level:<8}{place(d)}: {d.message}", LOOKS[d.level])
        screen.say(f"         {d.hint}", Look.DIM)
    if carried:
        parts = ("constitution", "role", "instructions", "skills", "total")
        rows = [
            [x.agent, *(f"{getattr(x, part):,}" for part in parts)] for x in carried
        ]
        screen.table(["tokens carried by", *parts], rows)
    counts = [(level, sum(d.level is level for d in found)) for level in Level]
    plural = {level: "" if level is Level.INFO else "s" for level in Level}
    words = ", ".join(
        f"{n} {level}{plural[level] * (n > 1)}" for level, n in counts if n
    )
    screen.say(f"{files} files: {words or 'nothing to say'}")
