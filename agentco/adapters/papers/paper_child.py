"""Reads one paper, as a process of its own: a file can be made to hang its reader, or to swell.

It has its limits from the system, no environment, and no file that it may write but its output.
"""

import logging
import sys
from collections.abc import Iterator
from contextlib import suppress
from time import process_time

from msgspec import json

from agentco.adapters.papers.paper_limits import (
    PaperEnd,
    PaperLimits,
    PaperLine,
    PaperPiece,
)
from agentco.file_formats.paper_kinds import PaperKind
from agentco.kernel.characters import replace_bad_bytes
from agentco.kernel.errors import WrongUsage

TOO_SLOW = "reading more takes too long"
TOO_LONG = "its text is too long"
TOO_LARGE = "it needs too much memory"


def main() -> None:
    """Read the paper from standard input, and write its text in lines of JSON."""
    kind = PaperKind(sys.argv[1])
    limits = json.decode(sys.argv[2], type=PaperLimits)
    logging.disable()
    limit_process(limits)
    try:
        data = sys.stdin.buffer.read()
        for line in bounded_lines(read_pieces(kind, data, limits), limits):
            write_line(line)
    except WrongUsage as error:
        write_line(PaperEnd(refused=(error.what, error.hint)))
    except MemoryError:
        write_line(PaperEnd(cut=TOO_LARGE))


def limit_process(limits: PaperLimits) -> None:
    """Have the system end this process where it goes beyond its limits."""
    import resource

    _lower_limit(resource.RLIMIT_CPU, limits.killed_after_s)
    with suppress(ValueError, OSError):  # macOS does not limit it
        _lower_limit(resource.RLIMIT_AS, limits.memory)


def _lower_limit(kind: int, most: int) -> None:
    """Limit this process to so much, or to the less that the system gives it already."""
    import resource

    _, given = resource.getrlimit(kind)
    lowered = most if given == resource.RLIM_INFINITY else min(most, given)
    resource.setrlimit(kind, (lowered, lowered))


def bounded_lines(
    pieces: Iterator[PaperPiece], limits: PaperLimits
) -> Iterator[PaperLine]:
    """The pieces as far as time and room go, and how it ended."""
    left = limits.characters
    for piece in pieces:
        text = replace_bad_bytes(piece.text[:left])
        yield PaperPiece(text=text, about=piece.about)
        left -= len(piece.text)
        if left < 0:
            yield PaperEnd(cut=TOO_LONG)
            return
        if process_time() > limits.cpu_s:
            yield PaperEnd(cut=TOO_SLOW)
            return
    yield PaperEnd()


def read_pieces(
    kind: PaperKind, data: bytes, limits: PaperLimits
) -> Iterator[PaperPiece]:
    """The text of a paper, piece by piece; only the library that it takes is loaded."""
    match kind:
        case PaperKind.PDF:
            from agentco.adapters.papers.pdf_pages import read_pdf

            return read_pdf(data)
        case PaperKind.WORKBOOK:
            from agentco.adapters.papers.workbook_sheets import read_workbook

            return read_workbook(data, limits.unpacked)
        case PaperKind.MAIL:
            from agentco.adapters.papers.mail_message import read_mail

            return read_mail(data)
        case PaperKind.HTML:
            from agentco.adapters.papers.html_text import read_html

            return read_html(data)


def write_line(line: PaperLine) -> None:
    """Hand over one line at once: who is killed has handed over what was read before."""
    sys.stdout.buffer.write(json.encode(line) + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
