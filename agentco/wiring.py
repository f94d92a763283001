"""The office of one company: its state, its models and its tools, open for as long as a command runs."""

import os
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from agentco.adapters.clock import RealClock
from agentco.adapters.files.board_file import BoardFile
from agentco.adapters.files.company_folder import STATE, CompanyFolder
from agentco.adapters.files.ignored import Ignored
from agentco.adapters.files.memory_file import MemoryFile
from agentco.adapters.holidays import holidays_of
from agentco.adapters.models.models import Models
from agentco.adapters.models.prices import Known
from agentco.adapters.state.database import Database
from agentco.adapters.state.drivers import Drivers
from agentco.adapters.state.open_state import state_of
from agentco.adapters.tools.tools import Tools
from agentco.board.document import FILE as BOARD
from agentco.company.model_offers import KEYS
from agentco.company.records import Permissions
from agentco.company.settings import Settings
from agentco.day.facts import Standing
from agentco.engine.office import Office
from agentco.memory.graph import FILE as MEMORY
from agentco.rules.permissions import Ruling, Use, permitted
from agentco.runs.run import Run

KEPT = timedelta(days=90)
"""How long prompts, answers and results are kept; runs, costs and audit stay."""
USUAL_KEYS = (
    *KEYS,
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_BEARER_TOKEN_BEDROCK",
)
"""Variables whose values are secret though no settings name them."""


@dataclass(frozen=True)
class Edges:
    """Everything a command touches."""

    company: CompanyFolder
    board: BoardFile
    memory: MemoryFile

    def standing(self, moment: datetime, today: date) -> Standing:
        """What the runs of the company come to; nothing where none was ever begun."""
        if not self.company.exists(STATE):
            return Standing()
        from agentco.adapters.state.open_state import standing_of

        return standing_of(self.company.root, moment, today)

    def holidays(self, country: str | None, today: date) -> Callable[[date], bool]:
        """Which days around `today` are public holidays in a country."""
        return holidays_of(country, today)


def edges_of(root: Path) -> Edges:
    """The edges of the company in `root`."""
    return Edges(
        company=CompanyFolder(root),
        board=BoardFile(root / BOARD, root),
        memory=MemoryFile(root / MEMORY, within=root),
    )


@dataclass(frozen=True, kw_only=True)
class OpenOffice(Office):
    """An office that can also be asked what the founder wants to know."""

    store: Database


def secrets_of(settings: Settings) -> tuple[str, ...]:
    """The values of all variables that the settings name."""
    keys = [provider.api_key_env for provider in settings.providers.values()]
    names = [
        *keys,
        *USUAL_KEYS,
        settings.signals.sentry.token_env if settings.signals.sentry else None,
    ]
    names += [
        name.removeprefix("env:") for name in settings.notify if name.startswith("env:")
    ]
    return tuple(value for name in names if name and (value := os.environ.get(name)))


@contextmanager
def office_of(
    edges: Edges,
    *,
    drives: bool = True,
    hear: Callable[[str, str], None] = lambda _run, _text: None,
    watch: Callable[[Run], None] = lambda _run: None,
    closing: Callable[[], bool] = lambda: False,
) -> Generator[OpenOffice]:
    """Everything that runs of this company touch; a process that `drives` becomes one of its drivers."""
    root, settings = edges.company.root, edges.company.settings().usable()
    drivers, clock = Drivers(root), RealClock()
    company = edges.company.load()

    def may_read(name: str, path: str) -> bool:
        agent = company.agent(name)
        own = agent.own.permissions if agent else Permissions()
        return (
            permitted(
                Use(tool="Read", specifier=path), settings.permissions, own
            ).ruling
            is Ruling.ALLOW
        )

    with state_of(root) as state:
        if drives:
            drivers.enter(clock.name())
            old = (clock.now() - KEPT).isoformat(timespec="seconds")
            state.write(lambda t: t.prune(old))
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
                company=company,
                prices=Known(),
                secrets=secrets_of(settings),
                ignored=Ignored(str(root)).file,
                hear=hear,
                watch=watch,
                closing=closing,
            )
        finally:
            drivers.leave()
