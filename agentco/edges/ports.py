"""The world as the runtime wants it: one company's folder, its board and its memory."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from pathlib import Path

from agentco.board.document import FILE as BOARD
from agentco.company.company import Company
from agentco.company.load import load
from agentco.company.settings import FILE, SettingsFile, settings_of
from agentco.company.source import Source
from agentco.edges.company_files import Files, read_company
from agentco.edges.holidays import holidays_of
from agentco.edges.regular import read_regular
from agentco.edges.stores.board_file import BoardFile
from agentco.edges.stores.memory_file import MemoryFile
from agentco.errors import CompanyBroken
from agentco.memory.graph import FILE as MEMORY
from agentco.work.facts import Standing

LARGEST = 1024 * 1024
STATE = ".agentco/state.db"


@dataclass(frozen=True)
class CompanyFolder:
    """A company's own files, read once for each command."""

    root: Path

    @property
    def adopted(self) -> bool:
        """Whether agentco may write here: there is a settings file."""
        return self.exists(FILE)

    def settings(self) -> SettingsFile:
        """The settings, with what is wrong with them; the defaults where there is no file.

        Raises CompanyBroken when there is a file that cannot be read.
        """
        return self._settings

    def load(self) -> Company:
        """Everyone who works here, with what is wrong with their files."""
        return self._company

    def exists(self, path: str) -> bool:
        """Whether there is a file or folder at a path of this company."""
        try:
            return (self.root / path).exists()
        except (OSError, ValueError):
            return False

    def text(self, path: str) -> str:
        """The text of a file of this company, whatever its bytes; nothing where it cannot be read."""
        try:
            return read_regular(self.root / path).decode("utf-8", "replace")
        except OSError:
            return ""

    @cached_property
    def _settings(self) -> SettingsFile:
        try:
            data = read_regular(self.root / FILE, LARGEST)
        except FileNotFoundError:
            return SettingsFile()
        except OSError as error:
            raise CompanyBroken(f"cannot read {FILE}: {error.strerror}", hint="mend its permissions") from None
        return settings_of(Source(path=FILE, data=data))

    @cached_property
    def files(self) -> Files:
        """Every file of the company as it stands on the disk."""
        return read_company(self.root)

    @cached_property
    def _company(self) -> Company:
        return load(self.files.sources, self.files.diagnostics)


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
        from agentco.edges.state import standing_of

        return standing_of(self.company.root, moment, today)

    def holidays(self, country: str | None, today: date) -> Callable[[date], bool]:
        """Which days around `today` are public holidays in a country."""
        return holidays_of(country, today)


def edges_of(root: Path) -> Edges:
    """The edges of the company in `root`."""
    return Edges(
        company=CompanyFolder(root), board=BoardFile(root / BOARD, root), memory=MemoryFile(root / MEMORY, within=root)
    )
