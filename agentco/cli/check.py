"""`agentco check`: everything that is wrong with the company, file by file."""

from collections import Counter
from typing import Annotated

import typer

from agentco.cli import current_company
from agentco.cli.shared_options import JsonOption, problem_location
from agentco.documents.checks import check_document
from agentco.kernel.errors import Severity
from agentco.kernel.words import count_of
from agentco.terminal import screen
from agentco.terminal.screen import Style
from agentco.upkeep import checking

LEVEL_STYLES = {
    Severity.ERROR: Style.URGENT,
    Severity.WARNING: Style.SOON,
    Severity.INFO: Style.DIM,
}
LOAD_COLUMNS = ("constitution", "role", "instructions", "skills", "total")
STRICT_HELP = "Exit 1 on warnings, and hold skills to the standard."
StrictOption = Annotated[bool, typer.Option("--strict", help=STRICT_HELP)]
QUIET_HELP = "Hide informational messages."
QuietOption = Annotated[bool, typer.Option("--quiet", help=QUIET_HELP)]


def check(
    strict: StrictOption = False,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> None:
    """Check the whole company: files, settings, references, schedules, board, memory.

    Exit code 3 if a file or schedule cannot be used, 1 with --strict if there are warnings,
    else 0.

    Examples:
      agentco check
      agentco check --strict --json
    """
    result = checking.check(current_company.open_current(), strict=strict)
    if as_json:
        screen.print_json(check_document(result))
    else:
        print_check(result, quiet=quiet)
    raise typer.Exit(result.exit_code)


def print_check(result: checking.CompanyCheck, *, quiet: bool) -> None:
    """Print file by file what is wrong, then what every agent carries, then the sum."""
    for problem in result.diagnostics:
        if quiet and problem.level is Severity.INFO:
            continue
        line = f"{problem_location(problem)}: {problem.message}"
        look = LEVEL_STYLES[problem.level]
        screen.print_item(f"{problem.level:<8}", line, look)
        screen.print_item(" " * 9, problem.hint, Style.DIM)
    if result.loads:
        rows: list[list[str]] = []
        for load in result.loads:
            counts = (getattr(load, column) for column in LOAD_COLUMNS)
            rows.append([load.agent, *(f"{count:,}" for count in counts)])
        screen.print_table(["tokens carried by", *LOAD_COLUMNS], rows)
    screen.print_text(
        f"{count_of(result.files, 'file')} checked: {count_problems(result)}"
    )


def count_problems(result: checking.CompanyCheck) -> str:
    """How many problems of each level there are, in words."""
    counts = Counter(problem.level for problem in result.diagnostics)
    words: list[str] = []
    for level in Severity:
        is_plural = counts[level] > 1 and level is not Severity.INFO
        if counts[level]:
            words.append(f"{counts[level]} {level}{'s' if is_plural else ''}")
    return ", ".join(words) or "no problems"
