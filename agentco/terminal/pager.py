"""Show what is longer than the screen in the founder's pager."""

import os
import shlex
import shutil
import subprocess

from agentco.terminal import screen

DEFAULT_PAGER = "less -FRX"


def show_paged(text: str, *, wanted: bool) -> None:
    """Print text, through $PAGER where it is longer than the terminal that shows it."""
    rows = screen.terminal_rows()
    command = shlex.split(os.environ.get("PAGER") or DEFAULT_PAGER)
    is_longer = rows is not None and text.count("\n") >= rows
    can_page = bool(command) and shutil.which(command[0]) is not None
    if not (wanted and is_longer and can_page and screen.at_terminal()):
        screen.write(text)
        return
    # For a $PAGER of less without options; as git does it.
    env = {"LESS": "FRX", **os.environ}
    with subprocess.Popen(command, stdin=subprocess.PIPE, env=env) as pager:
        try:
            pager.communicate(text.encode(errors="backslashreplace"))
        except BrokenPipeError:
            return
        except KeyboardInterrupt:
            # The terminal sends Ctrl-C to the pager as well, and less goes on.
            pager.wait()
