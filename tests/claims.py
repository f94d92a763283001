"""The register of promises: what we say the program does, and where we said it.

A promise without a test fails `make check`, and so does a test that names no promise. A known gap is
an entry with a reason in `gap`; it is the only promise that needs no test.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest


class Claim(NamedTuple):
    """A promise: `source` says where it was made, `gap` why it is not kept yet."""

    id: str
    source: str
    sentence: str
    gap: str = ""


def claim(id_: str) -> Callable[..., Any]:
    """Mark a test as the proof of the promise `id_`."""
    return pytest.mark.claim(id_)


HOUSE = [
    Claim("house:layers", "DESIGN 1", "Imports point down only, and every folder has its layer."),
    Claim("house:pure-domain", "DESIGN 1", "The domain has no I/O, no clock, no randomness, no logging."),
    Claim("house:size", "DESIGN 1", "10,000 lines of code at most, modules of 400, functions of 50."),
    Claim("house:imports", "DESIGN 1", "Help and the domain load nothing heavy."),
    Claim("house:claims", "STYLE", "Every promise has a test and every test a promise."),
]

COMPANY: list[Claim] = []

MEMORY = [
    Claim("memory:lines", "DESIGN 4", "Lines are read and written in the reference server's form."),
    Claim("memory:bad-lines", "FAULTS 26-34", "A bad line is never fatal and never lost."),
    Claim("memory:conflict-markers", "FAULTS 36", "Git's conflict markers stop reading, with their lines."),
    Claim(
        "memory:merge", "DESIGN 4", "Lines of one name merge, and no order of appends changes what is known."
    ),
    Claim("memory:values", "DESIGN B", "Observations `Key: value` can be asked for by their key."),
    Claim(
        "memory:search", "DESIGN 4", "Every word must occur; name over type over observation, then recency."
    ),
    Claim("memory:repair", "DESIGN 4", "Repair drops nothing, and repairing twice is repairing once."),
    Claim("memory:undo", "DESIGN 4", "What was deleted comes back as it was."),
    Claim("memory:retention", "DESIGN 4", "Only standups older than their days go, by the date in the name."),
    Claim("memory:append", "DESIGN 4", "Adding appends whole lines; what was acknowledged is on the disk."),
    Claim("memory:tail", "DESIGN 4", "Only the appended tail is read, everything after a rewrite."),
    Claim(
        "memory:rewrite", "DESIGN 4", "A rewrite keeps mode, symlink, unknown records and foreign changes."
    ),
    Claim(
        "memory:crash", "FAULTS 42", "A kill at any moment loses no acknowledged line and leaves no litter."
    ),
    Claim("memory:writers", "DESIGN 14", "Processes that write at once lose nothing."),
    Claim("memory:lock", "FAULTS 43", "A dead holder's lock is free; a live one is named by its pid."),
    Claim(
        "memory:unreadable", "FAULTS 44", "A file that cannot be read or written is an error, never replaced."
    ),
    Claim("memory:full-disk", "FAULTS 87", "A full disk changes nothing and exits with 5."),
    Claim("memory:commands", "DESIGN 12", "The founder shows, searches, adds, relates, deletes and undoes."),
    Claim("memory:safe-screen", "FAULTS 70", "Escape sequences in the memory never reach the terminal."),
]

BOARD: list[Claim] = []

STANDUP: list[Claim] = []

COMMANDS: list[Claim] = []

CLAIMS = {c.id: c for part in (HOUSE, COMPANY, MEMORY, BOARD, STANDUP, COMMANDS) for c in part}
