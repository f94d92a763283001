"""What is kept of a file that an act changes, so that a run can be undone: never a key."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from agentco.adapters.tools.edit_tool import hold_files
from agentco.adapters.tools.written_file import (
    MAX_BYTES,
    read_version,
    remove_version,
    write_version,
)
from agentco.file_formats.api_keys import describe_key
from agentco.kernel.errors import WrongUsage
from agentco.ports.outside import FileImage


def kept_versions(image: FileImage, versions: Iterable[bytes]) -> tuple[bytes, ...]:
    """Those versions that an image speaks of and that may be kept."""
    spoken_of = {image.before, image.after}
    return tuple(
        data
        for data in versions
        if sha256(data).hexdigest() in spoken_of and may_be_kept(data)
    )


def may_be_kept(data: bytes) -> bool:
    """Whether a version is small enough, and holds nothing that looks like a key."""
    if len(data) > MAX_BYTES:
        return False
    return not describe_key([data.decode("utf-8", "replace")])


@dataclass(frozen=True)
class CompanyVersions:
    """The files of the company in `root` in the hands of an undo."""

    root: Path
    is_ignored: Callable[[str], bool]

    def read(self, path: str) -> bytes | None:
        """What stands at a path, None for no file. Raises WrongUsage where no agent may write."""
        return read_version(self.root, path).data

    def put(self, path: str, before: str, data: bytes | None, mark: str) -> None:
        """Put bytes, or no file, in the place of the version with the hash `before`, once.

        Raises WrongUsage if another version stands there.
        """
        with hold_files(self.root, path):
            now = read_version(self.root, path, mark=mark)
            if now.data == data:
                return
            if now.hash != before:
                what = f"{path!r} was changed meanwhile, and stays as it is"
                raise WrongUsage(what, hint="look at it, then undo again")
            if data is None:
                remove_version(self.root, path, now)
            else:
                write_version(self.root, path, data, now, mark=mark)

    def may_be_kept(self, path: str, data: bytes) -> bool:
        """Whether a version may be kept to be put back: never a key, nor what git ignores."""
        return may_be_kept(data) and not self.is_ignored(path)
