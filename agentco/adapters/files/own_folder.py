"""`.agentco` is ours: made on this machine by this user, brought along by nobody."""

import os
import stat
from pathlib import Path

from agentco.adapters.git.git_repository import tracked_path
from agentco.kernel.errors import StateBroken

OWN_FOLDERS = (".agentco", "memory/.agentco")
"""Where the state, locks and provenance of a company lie."""
STATE_FILE = ".agentco/state.db"


def require_own_folders(root: Path) -> None:
    """Raise StateBroken for a folder of ours that others made, or could have."""
    for name in OWN_FOLDERS:
        why = _find_stranger(root / name)
        if why:
            raise StateBroken(
                f"{str(root / name)!r} {why}",
                hint="move it away; agentco makes its own",
            )
        tracked = tracked_path(root, name) if os.path.lexists(root / name) else ""
        if tracked:
            raise StateBroken(
                f"git tracks {tracked!r}, so anyone with the repository could approve in your name",
                hint=f"git rm -r --cached {name} and commit that; "
                "if it came with a clone, also move it away",
            )


def _find_stranger(place: Path) -> str:
    """Why a folder is none of ours; empty for one that is, or is not there."""
    try:
        info = place.lstat()
    except OSError:
        return ""
    if stat.S_ISLNK(info.st_mode):
        return "is a link"
    if not stat.S_ISDIR(info.st_mode):
        return "is not a folder"
    if info.st_uid != os.geteuid():
        return "belongs to another user"
    return "is a repository of its own" if os.path.lexists(place / ".git") else ""
