"""The text of any file that can be read: plain text here, papers by a process with limits."""

import os
import signal
import sys
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError
from contextlib import suppress
from hashlib import sha256
from subprocess import DEVNULL, Popen, TimeoutExpired
from tempfile import TemporaryFile
from threading import Lock
from time import monotonic

import msgspec
from msgspec import json

from agentco.adapters.papers import paper_child
from agentco.adapters.papers.paper_limits import (
    MAX_PAPER_BYTES,
    MEGABYTE,
    PaperEnd,
    PaperLimits,
    PaperLine,
    PaperPiece,
)
from agentco.file_formats.paper_kinds import PaperKind, closed_kind, paper_kind
from agentco.file_formats.plain_text import PlainText, read_plain_text
from agentco.kernel.errors import WrongUsage

POLL_S = 0.1
KEPT_TEXTS = 4
"""How many texts are kept for who reads on in the same paper."""
DAMAGED = "it is damaged"
NOTHING = "there is no text in it"
SPLIT_HINT = "split it, or give the part that matters"
NO_TEXT_HINT = "save it as text in UTF-8, PDF, .xlsx or CSV"
NO_LIMITS = PaperLimits()

_kept = OrderedDict[tuple[PaperKind, bytes, PaperLimits], PlainText]()
_lock = Lock()


def read_file_text(
    name: str,
    data: bytes,
    *,
    is_stopped: Callable[[], bool] = lambda: False,
    limits: PaperLimits = NO_LIMITS,
) -> PlainText:
    """The text of a file of any kind that can be read.

    Raises WrongUsage, which says what the file is and what to do, for any other, and
    CancelledError once `is_stopped`.
    """
    kind = paper_kind(name, data)
    if kind is None:
        return _require_plain_text(name, data)
    if len(data) > MAX_PAPER_BYTES:
        most = f"{MAX_PAPER_BYTES // MEGABYTE} MB"
        what = f"{name!r} has more than {most}, which cannot be read"
        raise WrongUsage(what, hint=SPLIT_HINT)
    key = kind, sha256(data).digest(), limits
    with _lock:
        text = _kept.get(key)
        if text:
            _kept.move_to_end(key)
    if text is None:
        lines = _read_in_child(kind, data, is_stopped, limits)
        text = _assemble(name, kind, lines)
        with _lock:
            _kept[key] = text
            while len(_kept) > KEPT_TEXTS:
                _kept.popitem(last=False)
    return text


def _require_plain_text(name: str, data: bytes) -> PlainText:
    closed = closed_kind(name, data)
    if closed:
        what, hint = closed
        raise WrongUsage(f"{name!r} is {what}, which cannot be read", hint=hint)
    text = read_plain_text(data)
    if text is None:
        what = f"{name!r} is not a text file, or in an encoding that nobody can tell"
        raise WrongUsage(what, hint=NO_TEXT_HINT)
    return text


def _read_in_child(
    kind: PaperKind, data: bytes, is_stopped: Callable[[], bool], limits: PaperLimits
) -> list[PaperLine]:
    """What a process says of a paper, up to where it ended or was ended."""
    command = (
        sys.executable,
        "-P",
        paper_child.__file__,
        kind,
        json.encode(limits).decode(),
    )
    with TemporaryFile() as paper, TemporaryFile() as said:
        paper.write(data)
        paper.seek(0)
        with Popen(
            command, stdin=paper, stdout=said, stderr=DEVNULL, env=child_environment()
        ) as child:
            try:
                _await_end(child, is_stopped, limits)
            finally:
                child.kill()
        said.seek(0)
        # JSON may spell a character in six bytes
        text = said.read(6 * limits.characters + MEGABYTE)
    lines = _read_lines(text)
    if not lines or isinstance(lines[-1], PaperPiece):
        was_killed = child.returncode in {-signal.SIGKILL, -signal.SIGXCPU}
        cut = paper_child.TOO_SLOW if was_killed else DAMAGED
        lines.append(PaperEnd(cut=cut))
    return lines


def child_environment() -> dict[str, str]:
    """What a child needs to find its modules, and none of the founder's keys."""
    names = ("PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "TMPDIR")
    found = {name: os.environ[name] for name in names if name in os.environ}
    return {"PYTHONIOENCODING": "utf-8", **found}


def _await_end(
    child: "Popen[bytes]", is_stopped: Callable[[], bool], limits: PaperLimits
) -> None:
    """Wait for its end, at most as long as it may take."""
    deadline = monotonic() + limits.wait_s
    while monotonic() < deadline:
        if is_stopped():
            raise CancelledError
        with suppress(TimeoutExpired):
            child.wait(POLL_S)
            return


def _read_lines(text: bytes) -> list[PaperLine]:
    lines = list[PaperLine]()
    for line in text.splitlines():
        with suppress(msgspec.MsgspecError):  # the last one of a killed process
            lines.append(json.decode(line, type=PaperLine))
    return lines


def _assemble(name: str, kind: PaperKind, lines: Sequence[PaperLine]) -> PlainText:
    """The text in what a child said. Raises WrongUsage where there is none."""
    pieces = [line for line in lines if isinstance(line, PaperPiece)]
    end = next(line for line in lines if isinstance(line, PaperEnd))
    if end.refused:
        what, hint = end.refused
        raise WrongUsage(f"{name!r} {what}", hint=hint)
    if not pieces:
        what = f"{name!r} cannot be read as {kind.article} {kind}: {end.cut or NOTHING}"
        raise WrongUsage(what, hint="open it, and save it anew or as text")
    about = pieces[-1].about
    if end.cut:
        about = f"{about} only: {end.cut}"
    return PlainText(
        text="\n".join(piece.text for piece in pieces),
        about=about,
        is_part=bool(end.cut),
    )
