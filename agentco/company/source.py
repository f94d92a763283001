"""One file of the company as it came from the disk, and the list of what is found wrong in it."""

from msgspec import Struct

from agentco.errors import Diagnostic, Level


class Source(Struct, frozen=True, kw_only=True):
    """A file's bytes. `path` is POSIX and relative to the company; the founder's own are `~/…`."""

    path: str
    data: bytes


class Findings:
    """What one file has wrong with it, gathered while it is read. After an error the file is left out."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.diagnostics: list[Diagnostic] = []

    @property
    def broken(self) -> bool:
        """Whether the file must be left out."""
        return any(d.level is Level.ERROR for d in self.diagnostics)

    def error(self, code: str, message: str, hint: str, line: int | None = None) -> None:
        """Leave the file out."""
        self._add(Level.ERROR, code, message, hint, line)

    def warn(self, code: str, message: str, hint: str, line: int | None = None) -> None:
        """Go on, but the founder should look."""
        self._add(Level.WARNING, code, message, hint, line)

    def info(self, code: str, message: str, hint: str, line: int | None = None) -> None:
        """Worth a line in `agentco check`, nothing else."""
        self._add(Level.INFO, code, message, hint, line)

    def _add(self, level: Level, code: str, message: str, hint: str, line: int | None) -> None:
        found = Diagnostic(file=self.file, line=line, level=level, code=code, message=message, hint=hint)
        self.diagnostics.append(found)
