"""One file of the company as it came from the disk, and the list of what is found wrong in it."""

from collections.abc import Iterable

from msgspec import Struct

from agentco.kernel.errors import Diagnostic, Severity


class SourceFile(Struct, frozen=True, kw_only=True):
    """A file's bytes. `path` is POSIX, relative to the company; the founder's own are `~/…`."""

    path: str
    data: bytes


class FileFindings:
    """What is wrong with one file, added to `diagnostics`; an error makes it `broken`: left out."""

    def __init__(self, file: str, diagnostics: list[Diagnostic] | None = None) -> None:
        self.file = file
        self.diagnostics = [] if diagnostics is None else diagnostics
        self.broken = False

    def error(
        self, code: str, message: str, hint: str, line: int | None = None
    ) -> None:
        """Leave the file out."""
        self.report(Severity.ERROR, code, message, hint, line)

    def warn(self, code: str, message: str, hint: str, line: int | None = None) -> None:
        """Go on, but the founder should look."""
        self.report(Severity.WARNING, code, message, hint, line)

    def info(self, code: str, message: str, hint: str, line: int | None = None) -> None:
        """Say it in `agentco check`, nowhere else."""
        self.report(Severity.INFO, code, message, hint, line)

    def report(
        self, level: Severity, code: str, message: str, hint: str, line: int | None
    ) -> None:
        """Add one diagnostic."""
        diagnostic = Diagnostic(
            file=self.file,
            line=line,
            level=level,
            code=code,
            message=message,
            hint=hint,
        )
        self.add_all([diagnostic])

    def add_all(self, diagnostics: Iterable[Diagnostic]) -> None:
        """Add what another reader of the file reported."""
        for diagnostic in diagnostics:
            self.diagnostics.append(diagnostic)
            self.broken |= diagnostic.level is Severity.ERROR
