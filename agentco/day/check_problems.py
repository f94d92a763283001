"""A problem of the company's files, on the line of what it is about."""

from collections.abc import Iterable

from agentco.company.records import Record
from agentco.company.settings import SETTINGS_FILE, SettingsFile
from agentco.file_formats.yaml_values import KeyPath
from agentco.kernel.errors import Diagnostic, Severity


def record_problem(
    record: Record,
    key: str,
    code: str,
    message: str,
    hint: str,
    level: Severity = Severity.WARNING,
) -> Diagnostic:
    """A problem on the line of one of a record's keys."""
    return Diagnostic(
        file=record.file,
        line=record.lines.get(key),
        level=level,
        code=code,
        message=message,
        hint=hint,
    )


def setting_problem(
    file: SettingsFile, path: KeyPath, code: str, message: str, hint: str
) -> Diagnostic:
    """A problem on the line of a setting, or of the nearest one around it that has a line."""
    around = [path[:length] for length in range(len(path), 0, -1)]
    lines = [file.lines[key] for key in around if key in file.lines]
    return Diagnostic(
        file=SETTINGS_FILE,
        line=lines[0] if lines else None,
        level=Severity.WARNING,
        code=code,
        message=message,
        hint=hint,
    )


def known_names_hint(kind: str, names: Iterable[str]) -> str:
    """A hint that lists everything that could have been meant."""
    return f"the {kind} here are {', '.join(sorted(names)) or 'none'}"
