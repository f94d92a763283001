"""What a person sees: stdout carries the answer, stderr everything else."""

import errno
import io
import json
import os
import re
import sys
from collections.abc import Mapping, Sequence
from enum import StrEnum
from shutil import get_terminal_size
from typing import TYPE_CHECKING, TextIO

from agentco.kernel.characters import terminal_safe
from agentco.kernel.errors import AgentcoError, WrongUsage

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

MIN_WIDTH = 60
END_OF_INPUT = "\x04"
# A key inside a string has its quotes escaped, so only real keys match.
USD_AMOUNT = re.compile(r'("\w+_usd": )(-?[\d.]+(?:e-?\d+)?)')


def open_console(*, stderr: bool = False) -> "Console":
    """A rich console at least 60 wide; without colour where nobody looks."""
    from rich.console import Console

    out = Console(stderr=stderr, highlight=False, markup=False, emoji=False)
    out.width = max(out.width, MIN_WIDTH)
    return out


def open_streams() -> None:
    """Make sure there are streams to write to, and that they take every character."""
    # Whoever started us may have closed them.
    if sys.stdout is None:  # pyright: ignore[reportUnnecessaryComparison]
        sys.stdout = io.StringIO()
    if sys.stderr is None:  # pyright: ignore[reportUnnecessaryComparison]
        sys.stderr = io.StringIO()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def silence(stream: int = 1) -> None:
    """Nobody listens any more: what is still to be flushed, to stdout or 2, goes nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream)


class Style(StrEnum):
    """How a line looks where there is colour; its words say the same without.

    The colours are of the fixed part of the palette, which every theme leaves alone, and
    can be read on white as on black.
    """

    PLAIN = ""
    BOLD = "1"
    DIM = "38;5;244"
    URGENT = "1;38;5;196"
    SOON = "1;38;5;130"
    LATER = "1;38;5;31"
    GOOD = "38;5;28"
    COMMAND = "38;5;30"


Span = tuple[str, Style]
"""A part of a line, and how it looks."""


def terminal_width() -> int:
    """How many cells a line has."""
    return max(MIN_WIDTH, get_terminal_size().columns)


def terminal_rows() -> int | None:
    """How many lines the screen has; None where stdout is no screen."""
    return get_terminal_size().lines if _is_terminal(sys.stdout) else None


def wants_colour(*, stderr: bool = False) -> bool:
    """Whether somebody looks at stdout, or at stderr, who wants colour."""
    return (
        _is_terminal(sys.stderr if stderr else sys.stdout)
        and not os.environ.get("NO_COLOR")
        and os.environ.get("TERM") != "dumb"
    )


def print_text(text: str = "", look: Style = Style.PLAIN) -> None:
    """Lines of the answer."""
    write(f"{styled(text, look)}\n")


def styled(text: str, look: Style) -> str:
    """A text safe for the terminal, in its colour where somebody wants that."""
    clean = "\n".join(map(terminal_safe, text.split("\n")))
    return f"\x1b[{look}m{clean}\x1b[0m" if look and wants_colour() else clean


def write(text: str) -> None:
    """Put on stdout what was styled before."""
    sys.stdout.write(text)


def print_note(text: str) -> None:
    """One line beside the answer."""
    print_partial(f"{text}\n")


def print_json(data: Mapping[str, object]) -> None:
    """The answer as one JSON document; amounts in dollars have six decimals."""
    text = USD_AMOUNT.sub(
        lambda m: f"{m[1]}{float(m[2]):.6f}",
        json.dumps(data, ensure_ascii=False, indent=2),
    )
    print_escaped(text + "\n")


def print_escaped(text: str) -> None:
    """Print JSON; what a terminal could act on is escaped, which is the same to a reader."""
    sys.stdout.write(
        "".join(
            c if c.isprintable() or c == "\n" else json.dumps(c)[1:-1] for c in text
        )
    )


def print_partial(text: str, look: Style = Style.PLAIN) -> None:
    """A part of a line on stderr, at once."""
    clean = "\n".join(map(terminal_safe, text.split("\n")))
    if look and wants_colour(stderr=True):
        clean = f"\x1b[{look}m{clean}\x1b[0m"
    try:
        sys.stderr.write(clean)
        sys.stderr.flush()
    except OSError as error:
        if error.errno != errno.EIO:
            raise
        silence(2)  # the terminal was closed; the work ends in order all the same


def read_key(prompt: str) -> str:
    """The key that the founder presses after a prompt, without Enter; "" at the end of input.

    What was typed before the prompt does not count, nor do several keys at once.
    """
    import termios
    import tty

    descriptor = sys.stdin.fileno()
    before = termios.tcgetattr(descriptor)
    tty.setcbreak(descriptor)
    try:
        print_partial(prompt)
        key = os.read(descriptor, 64).decode(errors="replace")
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)
        print_partial("\n")
    return "" if key == END_OF_INPUT else key


def read_answer(question: str) -> str:
    """What the founder types at a terminal; nothing when they type nothing."""
    sys.stderr.write(f"{terminal_safe(question)}\n> ")
    sys.stderr.flush()
    return sys.stdin.readline().strip()


def print_error(error: AgentcoError, *, as_json: bool) -> int:
    """Show an error in two lines, or as the document of appendix C; returns its exit code."""
    if as_json:
        print_json(
            {"error": {"what": error.what, "hint": error.hint, "code": error.exit_code}}
        )
    else:
        print_note(f"error: {error.what}\nhint:  {error.hint}")
    return error.exit_code


def print_rich(picture: "RenderableType", *, end: str = "\n") -> None:
    """Something rich on stdout, without the blanks it leaves at the ends of lines."""
    out = open_console()
    with out.capture() as captured:
        out.print(picture, end=end, soft_wrap=True)
    sys.stdout.write("\n".join(line.rstrip() for line in captured.get().split("\n")))


def print_table(
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    styles: Sequence[str] | None = None,
    clip: bool = False,
) -> None:
    """Print a table; `styles` has one for each row, `clip` keeps the last column to one line."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    shape = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold", expand=clip)
    for i, column in enumerate(columns):
        last = i == len(columns) - 1
        ratio = 1 if clip and last else None
        shape.add_column(
            column, overflow="ellipsis" if ratio else "fold", no_wrap=clip, ratio=ratio
        )
    for i, row in enumerate(rows):
        shape.add_row(
            *(Text(terminal_safe(cell)) for cell in row),
            style=styles[i] if styles else None,
        )
    print_rich(shape)


def at_terminal() -> bool:
    """Whether somebody can be asked: nothing is piped, redirected or closed.

    So no pager and no file ever comes between a question and who is to answer it.
    """
    return all(map(_is_terminal, (sys.stdin, sys.stdout, sys.stderr)))


def _is_terminal(stream: TextIO | None) -> bool:
    """A stream that was closed is None, or refuses to say."""
    try:
        return stream is not None and stream.isatty()
    except ValueError:
        return False


def ask_yes_no(question: str, *, yes: bool) -> bool:
    """Ask before something is deleted or undone; `--yes` answers where nobody can."""
    if yes:
        return True
    if not at_terminal():
        raise WrongUsage(
            f"there is no terminal to answer at: {question}", hint="add --yes"
        )
    sys.stderr.write(f"{terminal_safe(question)} [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in {"y", "yes"}
