"""`agentco check`: everything that is wrong with the company's files, and what to do about it."""

from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from agentco.edges.cli import here, screen
from agentco.errors import Diagnostic, Level, StateBroken

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from agentco.edges.ports import Edges
    from agentco.work.check import Load, Whole

T = TypeVar("T")

STYLES = {"error": "red", "warning": "yellow", "info": "dim"}
BROKEN, WARNED = 3, 1


def check(
    strict: Annotated[
        bool,
        typer.Option(
            "--strict", help="Exit 1 on warnings too, and hold skills to the Agent Skills specification."
        ),
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Leave out what is only information.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """Check the whole company: files, settings, references, schedules, board, memory.

    Exit code 3 when a file or schedule cannot be used, 1 with --strict when there is a warning, else 0.

    Examples:
      agentco check
      agentco check --strict --json
    """
    from agentco.work.check import check as examine
    from agentco.work.check import loads

    edges = here.edges()
    company = edges.company.load()
    whole, broken = survey(edges)
    found = sorted([*examine(whole, strict=strict), *broken], key=lambda d: (d.file, d.line or 0, d.code))
    count = len(edges.company.files.sources)
    if as_json:
        from msgspec import to_builtins

        document = {"company": str(here.root()), "files": count, "diagnostics": to_builtins(found)}
        screen.document(
            document | {"loads": [to_builtins(load) | {"total": load.total} for load in loads(company)]}
        )
    else:
        show(found, loads(company), count, quiet=quiet)
    raise typer.Exit(exit_code(found, strict=strict))


def survey(edges: "Edges") -> "tuple[Whole, list[Diagnostic]]":
    """The whole company, and an error for the board or memory that cannot be read at all."""
    from agentco.board.document import FILE as BOARD
    from agentco.board.document import Board
    from agentco.memory.graph import FILE as MEMORY
    from agentco.memory.graph import Graph
    from agentco.work.check import Whole

    broken: list[Diagnostic] = []

    def readable(read: "Callable[[], T]", instead: "T", file: str) -> "T":
        try:
            return read()
        except StateBroken as error:
            broken.append(
                Diagnostic(
                    file=file, level=Level.ERROR, code="unreadable", message=error.what, hint=error.hint
                )
            )
            return instead

    settings = edges.company.settings()
    today = here.now().date()
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


def exit_code(found: "Sequence[Diagnostic]", *, strict: bool) -> int:
    """3 for an error, 1 for a warning under --strict, else 0."""
    levels = {diagnostic.level.value for diagnostic in found}
    if "error" in levels:
        return BROKEN
    return WARNED if strict and "warning" in levels else 0


def show(found: "Sequence[Diagnostic]", carried: "Sequence[Load]", files: int, *, quiet: bool) -> None:
    """File by file what is wrong, then what every agent carries, then the sum."""
    from rich.text import Text

    from agentco.company.characters import shown

    out = screen.console()
    for d in (d for d in found if not (quiet and d.level == "info")):
        where = f"{d.file}:{d.line}" if d.line else d.file
        out.print(
            Text.assemble((f"{d.level:<8}", STYLES[d.level]), shown(f"{where}: {d.message}")), soft_wrap=True
        )
        out.print(Text(shown(f"         {d.hint}"), style="dim"), soft_wrap=True)
    if carried:
        rows = [
            [x.agent, *(f"{n:,}" for n in (x.constitution, x.role, x.instructions, x.skills, x.total))]
            for x in carried
        ]
        screen.table(["tokens carried by", "constitution", "role", "instructions", "skills", "total"], rows)
    counts = {level: sum(d.level == level for d in found) for level in STYLES}
    words = ", ".join(
        f"{n} {level}{'s' if n != 1 and level != 'info' else ''}" for level, n in counts.items() if n
    )
    screen.say(f"{files} files: {words or 'nothing to say'}")
