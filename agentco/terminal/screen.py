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
from typing import TextIO

from agentco.kernel.characters import terminal_safe
from agentco.kernel.errors import AgentcoError, WrongUsage
from agentco.terminal.cells import wrap_cells
from agentco.terminal.local_time import local_text
from agentco.terminal.table import MARGIN, TableShape

MIN_WIDTH = 60
END_OF_INPUT = "\x04"
# A key inside a string has its quotes escaped, so only real keys match.
USD_AMOUNT = re.compile(r'("\w+_usd": )(-?[\d.]+(?:e-?\d+)?)')


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


DIFF_STYLES = {"+": Style.GOOD, "-": Style.URGENT, "@": Style.DIM}
"""How the lines of a diff look, by how they begin."""
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


def print_item(start: str, text: str, look: Style = Style.PLAIN) -> None:
    """A text after a mark; at a terminal its further lines stand under its first word."""
    lines = [text]
    if terminal_rows() is not None:
        lines = wrap_cells(terminal_safe(text), terminal_width() - len(start))
    for line in lines:
        print_text(f"{start}{line}", look)
        start = " " * len(start)


def styled(text: str, look: Style, *, stderr: bool = False) -> str:
    """A text safe for the terminal, in its colour where somebody wants that."""
    clean = "\n".join(map(terminal_safe, text.split("\n")))
    is_coloured = look and wants_colour(stderr=stderr)
    return f"\x1b[{look}m{clean}\x1b[0m" if is_coloured else clean


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
    put_on_stderr(styled(text, look, stderr=True))


def put_on_stderr(text: str) -> None:
    """Put on stderr at once what was made safe before."""
    try:
        sys.stderr.write(text)
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
        print_note(local_text(f"error: {error.what}\nhint:  {error.hint}"))
    return error.exit_code


def print_table(
    columns: Sequence[str], rows: Sequence[Sequence[str]], *, clip: bool = False
) -> None:
    """Print a table; `clip` keeps each row to one line, the last column to what is left."""
    shape = TableShape([columns, *rows], terminal_width(), clipped=clip)
    print_text()
    for line in shape.lines(columns):
        print_text(line, Style.BOLD)
    print_text(f"{MARGIN}{'─' * shape.total}")
    for row in rows:
        for line in shape.lines(row):
            print_text(line)
    print_text()


def at_terminal() -> bool:
    """Whether somebody can be asked: nothing is piped, redirected or closed.

    So no pager and no file ever comes between a question and who is to answer it.
    """
    return all(map(_is_terminal, (sys.stdin, sys.stdout, sys.stderr)))


def is_more_than_printer() -> bool:
    """Whether the terminal says that it can do more than print lines."""
    return os.environ.get("TERM", "dumb") != "dumb"


def print_markdown(text: str, *, raw: bool = False) -> None:
    """A text that is Markdown: drawn at a terminal, as it stands where it goes elsewhere."""
    if raw or not (_is_terminal(sys.stdout) and is_more_than_printer()):
        print_text(text)
        return
    from agentco.terminal.markdown_text import drawn_markdown

    write(drawn_markdown(text, terminal_width(), coloured=wants_colour()))


def is_one_terminal() -> bool:
    """Whether what goes to stdout and what goes to stderr stand on one screen."""
    return _is_terminal(sys.stdout) and _is_terminal(sys.stderr)


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
