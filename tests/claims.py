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

BOARD: list[Claim] = []

STANDUP = [
    Claim(
        "schedule:standard-cron",
        "DESIGN 10",
        "Schedules are standard cron in the zone of the prompt, each slot once.",
    ),
]

COMMANDS: list[Claim] = []

CLAIMS = {c.id: c for part in (HOUSE, COMPANY, MEMORY, BOARD, STANDUP, COMMANDS) for c in part}
