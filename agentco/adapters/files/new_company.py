"""A folder that becomes a company, and the files that ship with agentco."""

import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from agentco.adapters.countries import Countries
from agentco.adapters.files import template_files
from agentco.adapters.files.company_files import read_company
from agentco.adapters.files.file_lock import hold_lock
from agentco.company.settings import SETTINGS_FILE
from agentco.file_formats.source_file import SourceFile
from agentco.kernel.errors import StateBroken


def _raise(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        raise error


@dataclass(frozen=True)
class NewCompanyFolder:
    """A folder, which may not be there yet."""

    root: Path

    def template_files(self) -> Mapping[str, str]:
        """The texts of the sample company, by path."""
        return dict(template_files.template_files())

    def starter_files(self) -> Mapping[str, Mapping[str, str]]:
        """The templates of a company of one's own by path, for all and for each country."""
        return template_files.starter_files()

    @property
    def countries(self) -> Countries:
        """The countries of the world and their time zones."""
        return Countries()

    def is_possible(self) -> bool:
        """Whether there is a folder, or may be one."""
        try:
            return self.root.is_dir() or not self.root.exists()
        except OSError:
            return False

    def has_files(self) -> bool:
        """Whether there is anything in the folder. Raises StateBroken."""
        try:
            return self.root.is_dir() and any(self.root.iterdir())
        except OSError as error:
            what = f"cannot list {str(self.root)!r}: {error.strerror}"
            raise StateBroken(what, hint="check its permissions") from None

    def has_other_files(self, ours: Collection[str]) -> bool:
        """Whether there is anything else than these paths and git. Raises StateBroken."""
        known = {".git", ".agentco"}
        try:
            for folder, folders, names in os.walk(self.root, onerror=_raise):
                folders[:] = [name for name in folders if name not in known]
                inside = Path(folder).relative_to(self.root)
                if any((inside / name).as_posix() not in ours for name in names):
                    return True
        except OSError as error:
            what = f"cannot list {str(self.root)!r}: {error.strerror}"
            raise StateBroken(what, hint="check its permissions") from None
        return False

    def exists(self, path: str) -> bool:
        """Whether there is something at a path of the folder."""
        return (self.root / path).exists()

    def own_sources(self) -> Iterator[SourceFile]:
        """The folder's own company files."""
        for source in read_company(self.root).sources:
            if not source.path.startswith("~/"):
                yield source

    def write_if_missing(self, path: str, text: str) -> bool:
        """Write a file that is not there yet, whole or not at all; False if there is one."""
        return template_files.write_if_missing(self.root, path, text)

    def read_file(self, path: str) -> bytes | None:
        """A file of the folder, None where there is none. Raises StateBroken."""
        return template_files.read_inside(self.root, path)

    def replace_file(self, path: str, data: bytes) -> None:
        """Put other bytes in the place of a file. Raises StateBroken."""
        template_files.replace_inside(self.root, path, data)

    def is_taken(self, path: str) -> bool:
        """Whether anything is at a path, also a link that leads nowhere."""
        return os.path.lexists(self.root / path)

    def path_inside(self, path: str) -> str | None:
        """Where a path of the folder, or one of the disk, leads in it; None if out of it."""
        try:
            real = os.path.realpath(self.root / path)
            inside = Path(real).relative_to(os.path.realpath(self.root))
        except (OSError, ValueError):
            return None
        return inside.as_posix()

    def link_file(self, path: str, leads_to: str) -> None:
        """Make a link to another path of the folder. Raises StateBroken."""
        template_files.link_inside(self.root, path, leads_to)

    def set_union_merge(self, rule: str) -> bool:
        """Add a rule to the attributes that are there; False if they have it."""
        return template_files.set_union_merge(self.root, rule)

    def is_repository(self) -> bool:
        """Whether the folder lies in a git repository."""
        folders = (self.root, *self.root.parents)
        return any((folder / ".git").exists() for folder in folders)

    def company_above(self) -> Path | None:
        """The first folder above this one that is a company too."""
        for folder in self.root.parents:
            # Unlike Path's, this check never raises.
            if os.path.isfile(folder / SETTINGS_FILE):  # noqa: PTH113
                return folder
        return None

    def hold_lock(self, path: str) -> AbstractContextManager[None]:
        """Keep every other process from writing a file."""
        return hold_lock(self.root / path)
