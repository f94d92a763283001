"""Which machine this is, by a name that lasts: not the host's, which a network may change."""

import os
import re
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from secrets import token_hex
from socket import gethostname

from agentco.adapters.files.durable_disk import (
    Disk,
    sync_parent_folder,
    write_error,
    write_new_file,
)
from agentco.adapters.files.safe_read import read_regular
from agentco.adapters.files.trust_file import trust_file_path

MACHINE_ID = Path("/etc/machine-id")
CONTAINER_MARKS = (Path("/.dockerenv"), Path("/run/.containerenv"))
CONTAINER_VARIABLES = ("container", "KUBERNETES_SERVICE_HOST")
OWN_ID_FILE = "machine-id"
MAX_ID_BYTES = 64
is_machine_id = re.compile(r"[0-9a-f]{32}").fullmatch
SEAT_LETTERS = 16


def host_name() -> str:
    """How people call this machine; it may change."""
    return gethostname()


def seat_of(root: Path, state: str) -> str:
    """Who may run the schedules of the company in `root`: this machine, with this state.

    Tells nobody what the machine or the state is called. Raises StateBroken, NeedsFounder.
    """
    text = f"{machine_id(root)} {state}"
    return sha256(text.encode()).hexdigest()[:SEAT_LETTERS]


def machine_id(root: Path) -> str:
    """The system's own id; one beside the user's trust where containers come and go.

    Raises StateBroken, NeedsFounder.
    """
    in_container = any(mark.exists() for mark in CONTAINER_MARKS) or any(
        os.environ.get(name) for name in CONTAINER_VARIABLES
    )
    found = "" if in_container else read_id(MACHINE_ID)
    return found or own_machine_id(trust_file_path(root).with_name(OWN_ID_FILE))


def own_machine_id(path: Path) -> str:
    """The id in a file of ours, made if there is none. Raises StateBroken."""
    if found := read_id(path):
        return found
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = path.with_name(f".{OWN_ID_FILE}.{token_hex(4)}")
        write_new_file(Disk(), draft, f"{token_hex(16)}\n".encode(), 0o600)
        with suppress(OSError):
            os.link(draft, path)  # whoever is first names the machine
        if not read_id(path):
            draft.replace(path)
        draft.unlink(missing_ok=True)
        sync_parent_folder(Disk(), path)
    except OSError as error:
        raise write_error(path, error) from error
    return read_id(path)


def read_id(path: Path) -> str:
    """The id in a file; empty where there is none."""
    try:
        text = read_regular(path, MAX_ID_BYTES).decode("ascii", "replace").strip()
    except OSError:
        return ""
    return text if is_machine_id(text) else ""
