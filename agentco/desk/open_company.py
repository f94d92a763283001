"""One company, with everything that a founder's acts touch."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar
from zoneinfo import ZoneInfo

from agentco.board.taking_back import BoardRecord
from agentco.company.settings import SETTINGS_FILE, Settings
from agentco.day.facts import RunsOverview
from agentco.kernel.dates import IsHoliday
from agentco.kernel.errors import CompanyBroken
from agentco.kernel.names import FOUNDER
from agentco.memory.lines import MemoryLine
from agentco.memory.rewrite import RecordRewrite
from agentco.memory.trash import Removal
from agentco.memory.vouching import UnsignedClaim, adopt_unmarked
from agentco.ports.outside import BoardPort, CompanyPort, MemoryPort, ModelPort

if TYPE_CHECKING:
    from agentco.company.model_offers import ShippedModel
    from agentco.engine.office import Office
    from agentco.file_formats.plain_text import PlainText
    from agentco.ports.daemon import DutyPort
    from agentco.ports.machine import MachinePort
    from agentco.ports.process import Clock
    from agentco.ports.store import StorePort, Transaction
    from agentco.ports.stored_values import Halt
    from agentco.ports.trust import AnchorCheck, TrustPort, TrustRecord, TrustStatus

T = TypeVar("T")


def ignore_text(_id: str, _text: str) -> None:
    """Hear nothing of what models say."""


def ignore_line(_line: str) -> None:
    """Say nothing."""


class CompanyFiles(CompanyPort, Protocol):
    """The company's own files, and the folder they lie in."""

    @property
    def root(self) -> Path:
        """The company's folder."""
        ...

    def exists(self, path: str) -> bool:
        """Whether there is a file or folder at a path of this company."""
        ...

    def resolve_links(self, path: str) -> str:
        """Where a path of this company leads; one that leads out begins with a slash."""
        ...

    def is_ignored(self, path: str) -> bool:
        """Whether git leaves out a path of this company."""
        ...

    def names_of(self, path: str) -> Sequence[str] | None:
        """All names of a file, if it has several; None if agents do not see them all."""
        ...

    def is_executable(self, path: str) -> bool:
        """Whether there is a file at a path that can be run as a program."""
        ...

    def read_text(self, path: str) -> str:
        """The text of a file, whatever its bytes; empty if it cannot be read."""
        ...

    def count_files(self) -> int:
        """How many files of the company were read."""
        ...

    def read_anywhere(self, path: Path, limit: int = -1) -> bytes:
        """At most `limit` bytes of a file that the founder named, also outside the company.

        Raises OSError for anything else.
        """
        ...

    def text_of(self, name: str, data: bytes) -> "PlainText":
        """The text of a file of any kind that can be read. Raises WrongUsage for any other."""
        ...


class BoardStore(BoardPort, Protocol):
    """The sprint board, and where it lies."""

    @property
    def path(self) -> Path:
        """The board's file."""
        ...

    def last_changes(self) -> Sequence[BoardRecord]:
        """What agentco changed last for the founder, the newest last."""
        ...

    def keep_change(self, record: BoardRecord) -> bool:
        """Keep what a change did, so that it can be taken back; False where that failed."""
        ...

    def forget_change(self, record: BoardRecord) -> None:
        """Forget a change that was taken back."""
        ...


class MemoryStore(MemoryPort, Protocol):
    """What the company knows, with all that a founder may do to it."""

    @property
    def path(self) -> Path:
        """The memory's file, as it was named."""
        ...

    @property
    def rejected(self) -> Path:
        """Where lines go that are no records."""
        ...

    def require_file(self) -> None:
        """Raise StateBroken for a file that was there and is gone."""
        ...

    def add(self, lines: Sequence[MemoryLine]) -> None:
        """Append lines, all or none; they are on the disk when this returns."""
        ...

    def remove(
        self,
        cut: RecordRewrite,
        *,
        at: str,
        what: str,
        by: str = FOUNDER,
        run: str = "",
        vouched: bool = False,
    ) -> Removal | None:
        """Move records to the trash; `vouched` signs the cut's lines. None if there were none."""
        ...

    def removals_by(self, run: str) -> Sequence[Removal]:
        """What a run, or an undo, removed and is not back, the latest first."""
        ...

    def put_back(self, run: str) -> Sequence[Removal]:
        """Put back what a run, or an undo, removed."""
        ...

    def repair(self, *, compact: bool = False) -> int | None:
        """Rewrite the file; return how many bad lines moved, None if it was whole."""
        ...

    def last_removal(self) -> Removal | None:
        """The removal that `undo_removal` would take back."""
        ...

    def undo_removal(self) -> Removal | None:
        """Put back what was removed last; return None if there is nothing."""
        ...

    def is_small_enough(self) -> bool:
        """Whether it may be read as things stand."""
        ...

    def claims(self, key: bytes | None = None) -> list[UnsignedClaim]:
        """What nobody signed, as it counts now or will under a `key`."""
        ...

    def adopt_existing_lines(self, adopt: RecordRewrite = adopt_unmarked) -> None:
        """Take the unsigned lines that are there now as the founder's."""
        ...

    def key(self) -> bytes:
        """The key that lines are signed with; empty without one."""
        ...

    def take_key(self, key: bytes | None = None, *, believed: bool = False) -> None:
        """Sign with a key from now on, and sign again what counts under the one before."""
        ...


class FileVersions(Protocol):
    """The files of the company in the hands of an undo."""

    def read(self, path: str) -> bytes | None:
        """What stands at a path, None for no file. Raises WrongUsage where no agent may write."""
        ...

    def put(self, path: str, before: str, data: bytes | None, mark: str) -> None:
        """Put bytes, or no file, in the place of the version with the hash `before`, once.

        Raises WrongUsage if another version stands there.
        """
        ...

    def may_be_kept(self, path: str, data: bytes) -> bool:
        """Whether a version may be kept to be put back: never a key, nor what git ignores."""
        ...


class StateAccess(Protocol):
    """The company's state: reading needs none to be there."""

    def exists(self) -> bool:
        """Whether anything was ever run in this company.

        Raises StateBroken for a state of ours that was there and is gone.
        """
        ...

    def open(self) -> "AbstractContextManager[StorePort]":
        """Open the state, and make it if there is none.

        Raises NeedsFounder for a state that somebody else brought or that lay in another
        folder, StateBroken for one that is damaged or in another's place.
        """
        ...

    def moved_from(self) -> "TrustRecord | None":
        """What is kept of a company that lay elsewhere and was moved here."""
        ...

    def settle(self, *, anew: bool) -> str:
        """Decide which state counts in a folder that is being trusted; what was done, in words.

        One that was moved here stays, one that came along is set aside; `anew` begins a
        new one. Raises StateBroken for one that was there and is gone.
        """
        ...

    def back_up(self, now: datetime) -> None:
        """Copy the state out of the folder, unless that was done within an hour."""
        ...

    def restore(self) -> datetime:
        """Put the last backup in the place of a state that is gone or damaged.

        Returns when it was made. Raises WrongUsage for a state that works, StateBroken
        without a backup.
        """
        ...

    def keep_halt(self, halt: "Halt") -> None:
        """Keep a halt outside the folder, where it holds whatever becomes of the state.

        Raises StateBroken where it cannot be kept, NeedsFounder without a home.
        """
        ...

    def lift_kept_halt(self, scope: str) -> None:
        """Keep a halt no longer. Raises StateBroken."""
        ...

    def check_anchors(self, chain: Sequence[tuple[bytes, str]]) -> "AnchorCheck":
        """Compare the audit with what was anchored of it outside the state."""
        ...

    def is_driver_alive(self, driver: str | None) -> bool:
        """Whether the process that drives a run still runs."""
        ...

    def overview(self, moment: datetime, today: date) -> RunsOverview:
        """What the runs come to: what waits, failed and was spent."""
        ...


class OfficeOpener(Protocol):
    """Opens the office of a company: state, models and tools, for one piece of work."""

    def __call__(
        self,
        *,
        drives: bool = True,
        hear: Callable[[str, str], None] = ignore_text,
        think: Callable[[str, str], None] = ignore_text,
        wait: Callable[[str], None] = ignore_line,
        closing: Callable[[], bool] = lambda: False,
    ) -> "AbstractContextManager[Office]":
        """Open it; a process that `drives` becomes one of the company's drivers."""
        ...


@dataclass(frozen=True, kw_only=True)
class OpenCompany:
    """One company. What costs time is opened when it is first needed.

    `models` and `prices` load the clients and the price table; `duty` tells who runs
    the company, `machine` what this machine says of itself;
    `environment` are the variables of this process; `confirm_trust` shows the founder
    what the folder reaches and asks whether to trust it, False where nobody can answer.
    """

    files: CompanyFiles
    board: BoardStore
    memory: MemoryStore
    state: StateAccess
    trust: "TrustPort"
    clock: "Clock"
    open_office: OfficeOpener
    versions: "Callable[[], FileVersions]"
    models: "Callable[[], ModelPort]"
    prices: "Callable[[], Mapping[str, ShippedModel]]"
    duty: "Callable[[], DutyPort]"
    machine: "Callable[[], MachinePort]"
    find_holidays: Callable[[str | None, date], IsHoliday]
    environment: Mapping[str, str]
    confirm_trust: "Callable[[TrustStatus], bool]" = lambda _status: False

    @property
    def root(self) -> Path:
        """The company's folder."""
        return self.files.root

    @property
    def settings(self) -> Settings:
        """The settings. Raises CompanyBroken while they hold mistakes."""
        return self.files.settings().require_valid()

    @property
    def zone(self) -> ZoneInfo:
        """Where the company is; UTC while the settings do not say it."""
        return self.files.settings().settings.time_zone

    def now(self) -> datetime:
        """The present moment, in UTC."""
        return self.clock.now()

    def now_iso(self) -> str:
        """The present moment, as the state and the memory store it."""
        return self.clock.now().isoformat(timespec="seconds")

    def today(self) -> date:
        """Today, where the company is."""
        return self.clock.now().astimezone(self.settings.time_zone).date()

    def standing_at(self, moment: datetime, today: date) -> RunsOverview:
        """What the runs of the company come to; empty if none ever began."""
        if not self.state.exists():
            return RunsOverview()
        return self.state.overview(moment, today)

    def holidays_for(self, country: str | None, today: date) -> IsHoliday:
        """Which days around `today` are public holidays in a country."""
        return self.find_holidays(country, today)

    def require_writable(self) -> None:
        """Raise CompanyBroken unless agentco may write in this company."""
        if not self.files.is_adopted:
            raise CompanyBroken(
                f"{str(self.root)!r} has no {SETTINGS_FILE}, so nothing is written in it",
                hint="agentco init adopts the folder without overwriting a file",
            )
        self.files.settings().require_valid()

    def require_trust(self) -> None:
        """Raise NeedsFounder unless the founder trusts what the folder reaches.

        What changed since the founder trusted it is put to them first.
        """
        from agentco.ports.trust import require_trusted

        status = self.trust.status()
        changed = bool(status.before.hash) and not status.is_trusted
        if changed and self.confirm_trust(status):
            self.trust.grant(status.reach, at=self.now_iso())
            self.begin_signing(status)
            status = self.trust.status()
        require_trusted(status)

    def begin_signing(self, status: "TrustStatus") -> None:
        """Give the memory a key if it has none; what a trusted folder said before counts on."""
        if not status.before.key:
            self.memory.take_key(believed=bool(status.before.hash))

    def read_state(self, look: "Callable[[Transaction], T]", nothing: T) -> T:
        """Look at the state; return `nothing` if no run ever began."""
        if not self.state.exists():
            return nothing
        with self.state.open() as store:
            return store.read(look).result()

    def write_state(self, act: "Callable[[Transaction], T]") -> T:
        """Decide something in the state.

        Raises CompanyBroken where nothing may be written, NeedsFounder without trust.
        """
        self.require_writable()
        self.require_trust()
        with self.state.open() as store:
            return store.write(act).result()
