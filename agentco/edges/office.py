"""The office of one company: its state, its models and its tools, open for as long as a command runs."""

import os
import subprocess
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from agentco.edges import trust_file
from agentco.edges.clock import RealClock
from agentco.edges.models.models import Models
from agentco.edges.models.prices import shipped
from agentco.edges.ports import Edges
from agentco.edges.stores.drivers import Drivers
from agentco.edges.stores.state.database import Database
from agentco.edges.tools.tools import Tools
from agentco.errors import NeedsFounder, StateBroken
from agentco.governance.permissions import Ruling, Use, permitted
from agentco.runtime.ports import Office

STATE = ".agentco/state.db"


@dataclass(frozen=True, kw_only=True)
class OpenOffice(Office):
    """An office that can also be asked what the founder wants to know."""

    store: Database


def has_state(root: Path) -> bool:
    """Whether anything was ever run in this company."""
    return (root / STATE).exists()


@contextmanager
def state_of(root: Path) -> Generator[Database]:
    """The state of the company in `root`; a new one is remembered as ours before it is made.

    Raises NeedsFounder for a state that somebody else brought, StateBroken for one that git tracks.
    """
    name = RealClock().name()
    there = has_state(root)
    if there and tracked(root):
        raise StateBroken(
            f"git tracks {STATE}, so whoever clones this could approve in your name",
            hint=f"git rm --cached {STATE} and commit that",
        )
    if not there:
        trust_file.remember_state(root, name)
    database = Database(root, name=name)
    try:
        if there and not trust_file.knows_state(root, database.name):
            raise NeedsFounder(
                f"{STATE} was not made by you in this folder, so nothing in it counts",
                hint="agentco trust sets it aside, and asks what the folder may reach",
            )
        yield database
    finally:
        database.close()


def tracked(root: Path) -> bool:
    """Whether git would give the state to whoever clones this."""
    if not any((folder / ".git").exists() for folder in (root, *root.parents)):
        return False
    quiet = ("-c", "core.fsmonitor=", "-c", "core.hooksPath=/dev/null")
    command = ("git", "-C", str(root), *quiet, "ls-files", "--error-unmatch", STATE)
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


@contextmanager
def office_of(
    edges: Edges, *, untrusted: str = "", hear: Callable[[str, str], None] = lambda _run, _text: None
) -> Generator[OpenOffice]:
    """Everything that runs of this company touch; this process becomes one of its drivers."""
    root, settings = edges.company.root, edges.company.settings().usable()
    drivers, clock = Drivers(root), RealClock()
    rules = settings.permissions

    def may_read(path: str) -> bool:
        return permitted(Use(tool="Read", specifier=path), rules).ruling is Ruling.ALLOW

    with state_of(root) as state:
        drivers.enter(clock.name())
        try:
            yield OpenOffice(
                store=state,
                drivers=drivers,
                models=Models(root, os.environ),
                tools=Tools(
                    root,
                    edges.company,
                    edges.board,
                    edges.memory,
                    lambda handle: state.read(lambda t: t.stored(handle)).result(),
                    may_read=may_read,
                ),
                clock=clock,
                settings=settings,
                company=edges.company.load(),
                prices=shipped(),
                untrusted=untrusted,
                hear=hear,
            )
        finally:
            drivers.leave()
