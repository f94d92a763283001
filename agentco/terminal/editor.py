"""The founder's own editor, for a file that they change by hand."""

import os
import shlex
import shutil
from pathlib import Path

from agentco.kernel.errors import WrongUsage

USUAL_EDITORS = ("sensible-editor", "editor", "nano", "vim", "vi")
EDITOR_HINT = "set EDITOR to the program that opens text files, such as nano"


def edit_file(path: Path) -> None:
    """Open a file in VISUAL, EDITOR or a usual editor, and wait until it is closed.

    Raises WrongUsage where there is none, or it ended with a failure.
    """
    import subprocess

    command = find_editor()
    try:
        ended = subprocess.run([*command, str(path)], check=False)
    except OSError as error:
        what = f"{command[0]!r} cannot be started: {error.strerror or error}"
        raise WrongUsage(what, hint=EDITOR_HINT) from None
    if ended.returncode:
        what = f"{command[0]!r} ended with {ended.returncode}"
        raise WrongUsage(what, hint="what it saved stays in the file")


def find_editor() -> list[str]:
    """The words of the editor's command. Raises WrongUsage without one."""
    chosen = os.environ.get("VISUAL") or os.environ.get("EDITOR")
    try:
        words = shlex.split(chosen or "")
    except ValueError:
        raise WrongUsage(f"{chosen!r} is not a command", hint=EDITOR_HINT) from None
    if words:
        return words
    for name in USUAL_EDITORS:
        if shutil.which(name):
            return [name]
    raise WrongUsage("no editor was found", hint=EDITOR_HINT)
