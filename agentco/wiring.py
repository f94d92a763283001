"""The office of one company: its state, its models and its tools, open for as long as a command runs."""

import os
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path

from agentco.adapters.clock import RealClock
from agentco.adapters.files.board_file import BoardFile
from agentco.adapters.files.company_folder import STATE_FILE, CompanyFolder
from agentco.adapters.files.gitignore import GitIgnore
from agentco.adapters.files.memory_file import MemoryFile
from agentco.adapters.holidays import holiday_check_for
from agentco.adapters.models.clients import ModelClients
from agentco.adapters.models.prices import PriceTable
from agentco.adapters.state.database import Database
from agentco.adapters.state.drivers import Drivers
from agentco.adapters.state.open_state import open_state
from agentco.adapters.tools.company_tools import CompanyTools
from agentco.board.document import BOARD_FILE as BOARD
from agentco.company.model_offers import API_KEY_VARIABLES
from agentco.company.records import Permissions
from agentco.company.settings import Settings
from agentco.day.facts import RunsOverview
from agentco.engine.daemon_ports import DaemonPorts, DutyPort, ProcessTreePort
from agentco.engine.office import Office
from agentco.memory.graph import MEMORY_FILE as MEMORY
from agentco.rules.permissions import Ruling, ToolUse, check_permission
from agentco.runs.run import Run

BODY_RETENTION = timedelta(days=90)
"""How long prompts, answers and results are kept; runs, costs and audit stay."""
COMMON_SECRET_VARIABLES = (
    *API_KEY_VARIABLES,
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_BEARER_TOKEN_BEDROCK",
)
"""Variables whose values are secret though no settings name them."""


@dataclass(frozen=True)
class CompanyPorts:
    """Everything a command touches."""

    company: CompanyFolder
    board: BoardFile
    memory: MemoryFile

    def standing_at(self, moment: datetime, today: date) -> RunsOverview:
        """What the runs of the company come to; nothing where none was ever begun."""
        if not self.company.exists(STATE_FILE):
            return RunsOverview()
        from agentco.adapters.state.open_state import load_standing

        return load_standing(self.company.root, moment, today)

    def holidays_for(self, country: str | None, today: date) -> Callable[[date], bool]:
        """Which days around `today` are public holidays in a country."""
        return holiday_check_for(country, today)


def company_ports(root: Path) -> CompanyPorts:
    """The edges of the company in `root`."""
    return CompanyPorts(
        company=CompanyFolder(root),
        board=BoardFile(root / BOARD, root),
        memory=MemoryFile(root / MEMORY, within=root),
    )


CompanyOnDisk = CompanyFolder
"""The company's files as they were read, which another process can be sent."""


def ports_with(company: CompanyOnDisk) -> CompanyPorts:
    """The edges of a company whose files were read before."""
    return replace(company_ports(company.root), company=company)


def process_trees() -> ProcessTreePort:
    """This machine's processes."""
    from agentco.adapters import process_tree

    return process_tree


def load_model_transport() -> None:
    """Load what the first call of a model would, without making a client."""
    from agentco.adapters.models.clients import load_transport

    load_transport()


@dataclass(frozen=True, kw_only=True)
class CompanyOffice(Office):
    """An office that can also be asked what the founder wants to know."""

    store: Database


def secret_values(settings: Settings) -> tuple[str, ...]:
    """The values of all variables that the settings name."""
    keys = [provider.api_key_env for provider in settings.providers.values()]
    names = [
        *keys,
        *COMMON_SECRET_VARIABLES,
        settings.signals.sentry.token_env if settings.signals.sentry else None,
    ]
    names += [
        name.removeprefix("env:") for name in settings.notify if name.startswith("env:")
    ]
    return tuple(value for name in names if name and (value := os.environ.get(name)))


@contextmanager
def open_office(
    edges: CompanyPorts,
    *,
    drives: bool = True,
    hear: Callable[[str, str], None] = lambda _run, _text: None,
    watch: Callable[[Run], None] = lambda _run: None,
    closing: Callable[[], bool] = lambda: False,
) -> Generator[CompanyOffice]:
    """Everything that runs of this company touch; a process that `drives` becomes one of its drivers."""
    root, settings = edges.company.root, edges.company.settings().require_valid()
    drivers, clock = Drivers(root), RealClock()
    company = edges.company.load()

    def may_read(name: str, path: str) -> bool:
        agent = company.find_agent(name)
        own = agent.own.permissions if agent else Permissions()
        return (
            check_permission(
                ToolUse(tool="Read", specifier=path), settings.permissions, own
            ).ruling
            is Ruling.ALLOW
        )

    with open_state(root) as state:
        if drives:
            drivers.become_driver(clock.new_name())
            old = (clock.now() - BODY_RETENTION).isoformat(timespec="seconds")
            state.write(lambda tx: tx.prune_bodies(old))
        try:
            yield CompanyOffice(
                store=state,
                drivers=drivers,
                models=ModelClients(root, os.environ),
                tools=CompanyTools(
                    root,
                    edges.company,
                    edges.board,
                    edges.memory,
                    lambda handle: state.read(
                        lambda tx: tx.stored_text(handle)
                    ).result(),
                    may_read=may_read,
                ),
                clock=clock,
                settings=settings,
                company=company,
                prices=PriceTable(),
                secrets=secret_values(settings),
                ignored=GitIgnore(str(root)).ignores_path,
                hear=hear,
                watch=watch,
                closing=closing,
            )
        finally:
            drivers.stop_driving()


def duty_of(root: Path) -> DutyPort:
    """Who runs the company in `root`."""
    from agentco.adapters.files.single_daemon import SingleDaemon

    return SingleDaemon(root)


def daemon_ports(office: CompanyOffice, root: Path) -> DaemonPorts:
    """What the daemon of the company in `root` needs beside its office."""
    from agentco.adapters.files.watched_folder import WatchedFolder
    from agentco.adapters.notify import send_message
    from agentco.adapters.state.daemon_state import DaemonState

    return DaemonPorts(
        clock=RealClock(),
        processes=process_trees(),
        folder=WatchedFolder(root),
        state=DaemonState(office.store),
        send_message=send_message,
    )
