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

COMPANY = [
    Claim(
        "company:plain-yaml",
        "FORMATS 0.4, 11.17-18",
        "Text in YAML stays text, every key knows its line, and what refers or runs deep is refused.",
    ),
    Claim(
        "company:headers", "FORMATS 11", "Every odd header of real files is read, or refused with its line."
    ),
    Claim(
        "company:repair",
        "FORMATS 10",
        "A header that is not YAML is repaired without inventing anything, one diagnostic each.",
    ),
    Claim("company:survives", "DESIGN 3", "No file crashes the loader or takes another down."),
    Claim("company:agents", "FORMATS 2", "An agent has every column of the table, and its defaults."),
    Claim("company:prompts", "FORMATS 4", "A prompt has its keys, and says which inputs and files it wants."),
    Claim(
        "company:skills", "FORMATS 8", "A skill has its keys; names that are not valid everywhere are told."
    ),
    Claim(
        "company:instructions",
        "FORMATS 3",
        "Instructions go with the files their patterns say; the constitution has two stand-ins.",
    ),
    Claim("company:servers", "FORMATS 5", "MCP configurations are read, never started."),
    Claim("company:hooks", "FORMATS 9", "Hooks are kept as data and never run."),
    Claim("company:tools", "FORMATS 7", "Foreign tool names become ours; unknown ones never grant anything."),
    Claim("company:labels", "FORMATS 6", "A foreign model label asks for a tier, never for heavy."),
    Claim(
        "company:own-keys",
        "DESIGN appendix A",
        "A mistake under agentco: leaves the file out and suggests the key meant.",
    ),
    Claim(
        "company:clashes",
        "FAULTS 3, 10, 16",
        "Names taken twice, look-alikes and prompts for nobody are told on every file concerned.",
    ),
    Claim("company:secrets", "FAULTS 55", "A key in a company file is told and never shown."),
    Claim(
        "company:discovery",
        "FORMATS 1, FAULTS 9, 56",
        "Files are found in their places only, and no link leads out.",
    ),
    Claim("company:corpus", "FORMATS 11", "No real file loses its metadata silently."),
]

MEMORY: list[Claim] = []

BOARD: list[Claim] = []

STANDUP: list[Claim] = []

COMMANDS: list[Claim] = []

CLAIMS = {c.id: c for part in (HOUSE, COMPANY, MEMORY, BOARD, STANDUP, COMMANDS) for c in part}
