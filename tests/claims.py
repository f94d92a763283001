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

MEMORY: list[Claim] = []

BOARD: list[Claim] = [
    Claim(
        "board:bytes", "DESIGN 5", "Reading a board loses no byte, and a change touches only its own lines."
    ),
    Claim("board:tasks", "DESIGN 5", "Columns, tasks and tokens are what a reader of the Markdown sees."),
    Claim(
        "board:problems", "FAULTS 45-47", "What cannot be read is named with its line, and no task is lost."
    ),
    Claim("board:names", "DESIGN 12", "A task is named by its id or a part of its title, never by a guess."),
    Claim("board:add", "DESIGN 5", "A new task gets a free id; its title is text, whatever it contains."),
    Claim("board:done", "DESIGN 5", "Done ticks in place with the day, and undo takes exactly that away."),
    Claim("board:move", "DESIGN 5", "A task moves with all that belongs to it, and back to the same bytes."),
    Claim("board:chronic", "DESIGN 5", "Two missed dates need a decision; each date counts once, ever."),
    Claim(
        "board:founder-wins", "FAULTS 48", "What the founder wrote meanwhile is merged or kept, never lost."
    ),
    Claim("board:atomic", "DESIGN 5", "A kill, a full disk or many writers lose nothing on the board."),
    Claim(
        "board:screen",
        "FAULTS 50, 70",
        "The board reads well at 80 columns, is never cut silently, and is safe.",
    ),
    Claim(
        "board:cause-remembered",
        "DESIGN 5",
        "`board decide --cause` stores a decision in the memory.",
        gap="the memory's store comes with its own branch",
    ),
    Claim("board:commands", "DESIGN 12", "Each board command says what changed and how to take it back."),
]

STANDUP: list[Claim] = []

COMMANDS: list[Claim] = []

CLAIMS = {c.id: c for part in (HOUSE, COMPANY, MEMORY, BOARD, STANDUP, COMMANDS) for c in part}
