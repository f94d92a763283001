"""One company's own files, read once for each command."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from agentco.adapters.files.company_files import CompanySources, read_company
from agentco.adapters.files.hard_links import SeenNames
from agentco.adapters.files.safe_read import read_regular
from agentco.adapters.git.gitignore import GitIgnore
from agentco.company.company import Company
from agentco.company.load import load_company
from agentco.company.settings import SETTINGS_FILE, SettingsFile, read_settings_file
from agentco.file_formats.plain_text import PlainText, read_plain_text
from agentco.file_formats.source_file import SourceFile
from agentco.kernel.errors import CompanyBroken
from agentco.permissions.rule_problems import (
    hold_agents_to_examples,
    hold_settings_to_examples,
)

MAX_SETTINGS_BYTES = 1024 * 1024
MAX_TEXT_BYTES = 64_000_000


@dataclass(frozen=True)
class CompanyFolder:
    """A company's own files, read once for each command."""

    root: Path

    @property
    def is_adopted(self) -> bool:
        """Whether agentco may write here: there is a settings file."""
        return self.exists(SETTINGS_FILE)

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

    def resolve_links(self, path: str) -> str:
        """Where a path of this company leads; one that leads out begins with a slash."""
        home = os.path.realpath(self.root)
        real = os.path.realpath(f"{home}/{path}")
        return "." if real == home else real.removeprefix(f"{home}/")

    def is_ignored(self, path: str) -> bool:
        """Whether git leaves out a path of this company."""
        return self._ignored.ignores_path(path)

    def names_of(self, path: str) -> Sequence[str] | None:
        """All names of a file, if it has several; None if agents do not see them all."""
        try:
            status = os.lstat(self.root / path)
        except (OSError, ValueError):
            return ()
        return self._seen_names.names_of(status)

    def is_executable(self, path: str) -> bool:
        """Whether there is a file at a path that can be run as a program."""
        file = self.root / path
        return file.is_file() and bool(file.stat().st_mode & 0o111)

    def read_text(self, path: str) -> str:
        """The text of a file of this company.

        Empty if it cannot be read, is no text or larger than 64 MB.
        """
        try:
            data = read_regular(self.root / path, most=MAX_TEXT_BYTES)
        except OSError:
            return ""
        text = read_plain_text(data)
        return text.text if text else ""

    def count_files(self) -> int:
        """How many files of the company were read."""
        return len(self.scan.sources)

    def read_anywhere(self, path: Path, limit: int = -1) -> bytes:
        """At most `limit` bytes of a file that the founder named, also outside the company.

        Raises OSError for anything else.
        """
        return read_regular(path, limit)

    def text_of(self, name: str, data: bytes) -> PlainText:
        """The text of a file of any kind that can be read. Raises WrongUsage for any other."""
        from agentco.adapters.papers.paper_reader import read_file_text

        return read_file_text(name, data)

    @cached_property
    def _settings(self) -> SettingsFile:
        try:
            data = read_regular(self.root / SETTINGS_FILE, MAX_SETTINGS_BYTES)
        except FileNotFoundError:
            return SettingsFile()
        except OSError as error:
            raise CompanyBroken(
                f"cannot read {SETTINGS_FILE}: {error.strerror}",
                hint="fix its permissions",
            ) from None
        file = read_settings_file(SourceFile(path=SETTINGS_FILE, data=data))
        return hold_settings_to_examples(file)

    @cached_property
    def _ignored(self) -> GitIgnore:
        return GitIgnore(str(self.root))

    @cached_property
    def _seen_names(self) -> SeenNames:
        return SeenNames(self.root, self._ignored.closes)

    @cached_property
    def scan(self) -> CompanySources:
        """Every file of the company as it stands on the disk."""
        return read_company(self.root)

    @cached_property
    def _company(self) -> Company:
        company = load_company(self.scan.sources, self.scan.diagnostics)
        return hold_agents_to_examples(company)
