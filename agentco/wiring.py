"""The only place that picks adapters: which file, clock, state and client a company gets.

Everything that costs time to import is imported where it is first used.
"""

import os
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from agentco.adapters.clock import RealClock
from agentco.adapters.files.board_file import BoardFile
from agentco.adapters.files.company_folder import CompanyFolder
from agentco.adapters.files.memory_file import MemoryFile
from agentco.adapters.files.own_folder import require_own_folders
from agentco.board.document import BOARD_FILE
from agentco.day.facts import RunsOverview
from agentco.desk.open_company import (
    CompanyFiles,
    FileVersions,
    OpenCompany,
    ignore_line,
    ignore_text,
)
from agentco.kernel.dates import IsHoliday
from agentco.memory.graph import MEMORY_FILE

if TYPE_CHECKING:
    from agentco.adapters.state.drivers import Drivers
    from agentco.adapters.tools.company_tools import CompanyTools
    from agentco.company.model_offers import ShippedModel
    from agentco.engine.office import Office
    from agentco.ports.daemon import DaemonPorts, DutyPort, ProcessTreePort
    from agentco.ports.machine import MachinePort
    from agentco.ports.outside import ModelPort
    from agentco.ports.store import StorePort, Transaction
    from agentco.ports.stored_values import Halt
    from agentco.ports.trust import AnchorCheck, TrustRecord, TrustStatus
    from agentco.upkeep.making_company import CompanyMaker

BODY_RETENTION = timedelta(days=90)
"""How long prompts and answers are kept; ledger and audit stay for ever."""
RUN_RETENTION = timedelta(days=365)
"""How long the steps of work that is over are kept, and longer where a slot names it."""
SLOT_RETENTION, SLOTS_KEPT = timedelta(days=90), 200
"""How long the slots of a prompt are kept, and how many at least."""

RUN_MODULES = (
    "agentco.adapters.git.gitignore",
    "agentco.adapters.models.prices",
    "agentco.adapters.state.drivers",
    "agentco.adapters.state.open_state",
    "agentco.adapters.tools.company_tools",
    "agentco.rules.secrets",
)
"""What an office loads when it is opened."""


@dataclass(frozen=True)
class CompanyState:
    """The state of the company in `root`, opened when it is needed."""

    root: Path

    def exists(self) -> bool:
        """Whether anything was ever run in this company; StateBroken if it did and is gone."""
        from agentco.adapters.state.open_state import has_state

        return has_state(self.root)

    def open(self) -> "AbstractContextManager[StorePort]":
        """Open the state, and make it if there is none."""
        from agentco.adapters.state.open_state import open_state

        return open_state(self.root)

    def name(self) -> str:
        """The name of the state, which is made if there is none."""
        from agentco.adapters.state.open_state import open_state

        with open_state(self.root) as state:
            return state.name

    def moved_from(self) -> "TrustRecord | None":
        """What is kept of a company that lay elsewhere and was moved here."""
        from agentco.adapters.state.open_state import record_moved_here

        return record_moved_here(self.root)

    def settle(self, *, anew: bool) -> str:
        """Decide which state counts in a folder that is being trusted, and say what was done."""
        from agentco.adapters.state.open_state import settle_state

        return settle_state(self.root, anew=anew)

    def back_up(self, now: datetime) -> None:
        """Copy the state out of the folder, unless that was done within an hour."""
        from agentco.adapters.state.backups import back_up

        back_up(self.root, now)

    def restore(self) -> datetime:
        """Put the last backup, whose time it returns, in the place of a state that is gone."""
        from agentco.adapters.state.open_state import restore_state

        return restore_state(self.root)

    def check_anchors(self, chain: Sequence[tuple[bytes, str]]) -> "AnchorCheck":
        """Compare the audit with what was anchored of it outside the state."""
        from agentco.adapters.state.anchors import check_anchors

        return check_anchors(self.root, chain)

    def keep_halt(self, halt: "Halt") -> None:
        """Keep a halt outside the folder as well."""
        from agentco.adapters.files.kept_halts import KeptHalts

        KeptHalts(self.root).keep(halt)

    def lift_kept_halt(self, scope: str) -> None:
        """Keep a halt no longer."""
        from agentco.adapters.files.kept_halts import KeptHalts

        KeptHalts(self.root).lift(scope)

    def overview(self, moment: datetime, today: date) -> RunsOverview:
        """What the runs come to: what waits, failed and was spent."""
        from agentco.overview.runs_overview import runs_overview

        alive = self.is_driver_alive
        with self.open() as store:
            look = store.read(lambda tx: runs_overview(tx, moment, today, alive))
            return look.result()

    def is_driver_alive(self, driver: str | None) -> bool:
        """Whether the process that drives a run still runs."""
        from agentco.adapters.state.drivers import Drivers

        return Drivers(self.root).is_alive(driver)


@dataclass(frozen=True)
class CompanyTrust:
    """The user's trust in one company."""

    folder: CompanyFolder

    def status(self) -> "TrustStatus":
        """Compare what the company reaches with what it is trusted with."""
        from agentco.adapters.files.trust_file import trust_status

        settings = self.folder.settings().require_valid()
        return trust_status(self.folder.root, self.folder.load(), settings)

    def grant(self, reach: tuple[str, ...], *, at: str) -> None:
        """Trust the company with exactly these lines."""
        from agentco.adapters.files.trust_file import trust_folder

        trust_folder(self.folder.root, reach, at=at)

    def revoke(self) -> None:
        """Trust the company with nothing; its states stay known."""
        from agentco.adapters.files.trust_file import forget_trust

        forget_trust(self.folder.root)


@dataclass(frozen=True)
class OfficeBuilder:
    """Opens the office of one company with the adapters that were picked for it."""

    files: CompanyFolder
    board: BoardFile
    memory: MemoryFile
    state: CompanyState

    @contextmanager
    def open(
        self,
        *,
        drives: bool = True,
        hear: Callable[[str, str], None] = ignore_text,
        think: Callable[[str, str], None] = ignore_text,
        wait: Callable[[str], None] = ignore_line,
        closing: Callable[[], bool] = lambda: False,
    ) -> "Generator[Office]":
        """Open everything that runs of the company touch.

        A process that `drives` becomes one of the company's drivers until this ends.
        """
        from agentco.adapters.git.gitignore import GitIgnore
        from agentco.adapters.models.clients import ModelClients
        from agentco.adapters.models.prices import PriceTable
        from agentco.adapters.state.drivers import Drivers
        from agentco.engine.office import Office
        from agentco.rules.secrets import secret_values

        root = self.files.root
        settings = self.files.settings().require_valid()
        drivers = Drivers(root)
        with ExitStack() as stack:
            store = stack.enter_context(self.state.open())
            if drives:
                stack.enter_context(self._driving(store, drivers))
            tools = self._tools(store)
            stack.callback(tools.close)
            yield Office(
                store=store,
                drivers=drivers,
                models=ModelClients(root, os.environ),
                tools=tools,
                clock=RealClock(),
                settings=settings,
                company=self.files.load(),
                prices=PriceTable(),
                secrets=secret_values(settings, os.environ),
                ignored=GitIgnore(str(root)).ignores_path,
                hear=hear,
                think=think,
                wait=wait,
                closing=closing,
            )

    @contextmanager
    def _driving(self, store: "StorePort", drivers: "Drivers") -> Generator[None]:
        """Be one of the company's drivers: what is old goes first, the backup comes last."""
        clock = RealClock()
        drivers.become_driver(clock.new_name())
        try:
            store.write(lambda tx: forget_old(tx, clock.now()))
            yield
        finally:
            drivers.stop_driving()
            self.state.back_up(clock.now())

    def _tools(self, store: "StorePort") -> "CompanyTools":
        from agentco.adapters.tools.company_tools import CompanyTools
        from agentco.permissions.ruling import reading_right

        settings = self.files.settings().require_valid()
        return CompanyTools(
            self.files.root,
            self.files,
            self.board,
            self.memory,
            lambda handle: store.read(lambda tx: tx.stored_text(handle)).result(),
            may_read=reading_right(self.files.load(), settings.permissions),
        )


def forget_old(tx: "Transaction", now: datetime) -> None:
    """Forget bodies, slots and runs that are older than they are kept."""

    def before(age: timedelta) -> str:
        return (now - age).isoformat(timespec="seconds")

    tx.prune_bodies(before(BODY_RETENTION))
    tx.forget_slots(before(SLOT_RETENTION), kept=SLOTS_KEPT)
    tx.forget_runs(before(RUN_RETENTION))


def find_company_root(named: Path | None) -> Path:
    """The company's folder: `named`, AGENTCO_COMPANY, or the first one above us."""
    from agentco.adapters.files.company_root import find_company_root as find

    return find(named)


def open_company(
    root: Path,
    *,
    files: CompanyFiles | None = None,
    confirm_trust: "Callable[[TrustStatus], bool]" = lambda _status: False,
) -> OpenCompany:
    """The company in `root`; nothing of it is read yet, unless `files` already was.

    Raises StateBroken when the folder of our own in it is not ours.
    """
    require_own_folders(root)
    folder = files if isinstance(files, CompanyFolder) else CompanyFolder(root)
    board = BoardFile(root / BOARD_FILE, root)
    memory = MemoryFile(root / MEMORY_FILE, within=root)
    state = CompanyState(root)
    return OpenCompany(
        files=folder,
        board=board,
        memory=memory,
        state=state,
        trust=CompanyTrust(folder),
        clock=RealClock(),
        open_office=OfficeBuilder(folder, board, memory, state).open,
        versions=lambda: _file_versions(folder),
        models=lambda: _model_clients(root),
        prices=_price_table,
        duty=lambda: duty_of(root),
        machine=lambda: _machine(root),
        find_holidays=_find_holidays,
        environment=os.environ,
        confirm_trust=confirm_trust,
    )


def _file_versions(folder: CompanyFolder) -> "FileVersions":
    from agentco.adapters.tools.kept_versions import CompanyVersions

    return CompanyVersions(folder.root, folder.is_ignored)


def company_maker(folder: Path) -> "CompanyMaker":
    """What makes a company of a folder, which may not be there yet."""
    from agentco.adapters.files.new_company import NewCompanyFolder

    return NewCompanyFolder(folder.resolve())


def duty_of(root: Path) -> "DutyPort":
    """Who runs the company in `root`."""
    from agentco.adapters.daemon.single_daemon import SingleDaemon

    return SingleDaemon(root, CompanyState(root).name)


def machine_timezone() -> str:
    """The IANA name of this machine's time zone, else UTC."""
    from agentco.adapters.clock import local_timezone

    return local_timezone()


def system_clock() -> RealClock:
    """The clock of this machine."""
    return RealClock()


def _model_clients(root: Path) -> "ModelPort":
    from agentco.adapters.models.clients import ModelClients

    return ModelClients(root, os.environ)


def _machine(root: Path) -> "MachinePort":
    from agentco.adapters.machine import Machine

    return Machine(root)


def _price_table() -> "Mapping[str, ShippedModel]":
    from agentco.adapters.models.prices import PriceTable

    return PriceTable()


def _find_holidays(country: str | None, today: date) -> IsHoliday:
    from agentco.adapters.holidays import holiday_check_for

    return holiday_check_for(country, today)


def daemon_ports(root: Path) -> "DaemonPorts":
    """What the daemon of the company in `root` needs beside its office."""
    from agentco.adapters.daemon.daemon_log import trim_log
    from agentco.adapters.daemon.watched_folder import WatchedFolder
    from agentco.adapters.notify import send_message
    from agentco.ports.daemon import DaemonPorts

    return DaemonPorts(
        clock=RealClock(),
        processes=process_trees(),
        change_marks=WatchedFolder(root).change_marks,
        trim_log=lambda: trim_log(root),
        send_message=send_message,
    )


def process_trees() -> "ProcessTreePort":
    """This machine's processes."""
    from agentco.adapters import process_tree

    return process_tree


def load_run_modules() -> None:
    """Load what a run needs, so that a process forked from this one need not; make no client."""
    from importlib import import_module

    from agentco.adapters.models.clients import load_transport

    for module in RUN_MODULES:
        import_module(module)
    load_transport()
