"""Open the state of one company: ours, and not one that came with a clone."""

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from agentco.adapters.clock import RealClock
from agentco.adapters.files import trust_file
from agentco.adapters.files.durable_disk import write_error
from agentco.adapters.files.kept_halts import KeptHalts, move_halts
from agentco.adapters.files.own_folder import STATE_FILE
from agentco.adapters.state.anchors import anchor_audit
from agentco.adapters.state.backups import newest_backup, restore
from agentco.adapters.state.database import Database
from agentco.adapters.state.opening import move_aside, name_of_state
from agentco.kernel.errors import NeedsFounder, StateBroken
from agentco.ports.trust import TrustRecord
from agentco.rules.audit import AuditLine


def store_version() -> str:
    """Return the version of SQLite."""
    return sqlite3.sqlite_version


def has_state(root: Path) -> bool:
    """Whether anything was ever run in this company.

    Raises StateBroken for a state that this user's agentco made here and that is gone, and
    NeedsFounder while nobody can say whether it did.
    """
    if doubt := trust_file.trust_doubt(root):
        raise NeedsFounder(
            f"{doubt}, so nobody can tell whose state this is",
            hint="make it yours alone (chmod go-w) if nobody else wrote in it;"
            " agentco trust sets it aside, with everything known about your companies",
        )
    return is_state_there(root)


def is_state_there(root: Path) -> bool:
    """Whether there is a state. Raises StateBroken for one that is known and gone."""
    there = (root / STATE_FILE).exists()
    is_empty = not there or not (root / STATE_FILE).stat().st_size
    if is_empty and trust_file.expected_state(root):
        raise StateBroken(
            f"{STATE_FILE} was there before and is missing now", hint=restore_hint(root)
        )
    return there


@contextmanager
def open_state(root: Path) -> Generator[Database]:
    """The state of the company in `root`; a new one is remembered as ours before it is made.

    Raises NeedsFounder for a state that somebody else brought or that lay in another folder, and
    StateBroken for any but the one that must be there.
    """
    there = has_state(root)
    database = open_whosever(root)
    try:
        if there:
            require_ours(root, database.name)
        # where that cannot be kept, as on a full disk, the next one keeps it
        with suppress(StateBroken, NeedsFounder):
            trust_file.expect_state(root, database.name)
        yield database
        if database.has_written:
            anchor_audit(root, database)
    finally:
        database.close()


def restore_state(root: Path) -> datetime:
    """Put the newest whole backup in the place of a state that is gone; returns when it was made.

    Its audit tells so, and is anchored from now on. Raises as `restore` does.
    """
    made = restore(root)
    last = trust_file.audit_anchor(root, trust_file.expected_state(root))
    trust_file.forget_audit_anchor(root)
    words = f"from the backup of {made.isoformat()}"
    if last:
        words += f"; line {last.seq} was anchored before"
    line = AuditLine(
        seq=0, prev="", at=RealClock().now().isoformat(), what="restored", why=words
    )
    with open_state(root) as database:
        database.write(lambda tx: tx.append_audit(line)).result()
    return made


def open_whosever(root: Path) -> Database:
    """Open the state in `root`, whoever made it; whoever calls this closes it."""
    return Database(
        root,
        name=RealClock().new_name(),
        making=lambda name: begin_state(root, name),
        kept_halts=KeptHalts(root).read,
    )


def begin_state(root: Path, name: str) -> None:
    """Remember a new state as ours. Raises StateBroken where another one must be."""
    if trust_file.expected_state(root):
        raise not_the_state(root)
    trust_file.remember_state(root, name)


def require_ours(root: Path, name: str) -> None:
    """Raise NeedsFounder or StateBroken unless this user's agentco made the state in here."""
    if trust_file.knows_state(root, name):
        return
    other, was_moved = known_folder(root, name)
    if was_moved:
        raise NeedsFounder(
            f"this is the company that you knew in {path_of(other)}",
            hint="agentco trust moves it here, with its halts, spending, runs and inbox",
        )
    if trust_file.expected_state(root):
        raise not_the_state(root)
    if other:
        raise NeedsFounder(
            f"this folder is a copy of {other!r}, and two may not share a state",
            hint="agentco trust makes it a company of its own, and sets the copied state aside",
        )
    raise NeedsFounder(
        f"{STATE_FILE} was not made by you in this folder, so nothing in it counts",
        hint="agentco trust sets it aside, and asks what the folder may reach",
    )


def settle_state(root: Path, *, anew: bool = False) -> str:
    """Decide, as the founder trusts a folder, which state counts; returns what was done.

    A company that was moved here keeps its own. One that came along is set aside, and `anew`
    whatever is there or is missed.
    """
    other = adopt_moved(root)  # whose halts and key stay, also with a new state
    keep_halts_of_before(root)
    if anew:
        aside = set_aside(root, "before")
        trust_file.expect_none(root)
        show_kept_halts(root)
        words = f"; the old one lies in {aside}" if aside else ""
        return f"a new state begins here: no runs, no inbox, nothing spent{words}"
    if other:
        return (
            f"this is the company that you knew in {path_of(other)}; all of it is kept"
        )
    if not is_state_there(root):
        show_kept_halts(root)
        return ""
    database = open_whosever(root)
    database.close()
    if trust_file.knows_state(root, database.name):
        return ""
    if trust_file.expected_state(root):
        raise not_the_state(root)
    aside = set_aside(root, "brought")
    show_kept_halts(root)
    return f"a state that came with the folder was set aside as {aside}"


def show_kept_halts(root: Path) -> None:
    """Make the state, where a halt is kept, so that whoever looks is shown the halt."""
    if KeptHalts(root).read():
        with open_state(root):
            pass


def keep_halts_of_before(root: Path) -> None:
    """Keep the halts of our own state outside it as well, which programs of before did not."""
    if not (root / STATE_FILE).exists():
        return
    with suppress(StateBroken, NeedsFounder), open_state(root) as state:
        for halt in state.read(lambda tx: tx.halts()).result():
            KeptHalts(root).keep(halt)


def adopt_moved(root: Path) -> str:
    """Carry what is kept of a company over to where it was moved; from which folder, if it was."""
    other = folder_moved_from(root)
    if other:
        here = trust_file.folder_key(root)
        if displaced := trust_file.adopt_record(root, other):
            move_halts(root, here, displaced)
        move_halts(root, other, here)
    return other


def folder_moved_from(root: Path) -> str:
    """The key of the folder from which the company in `root` was moved; empty if from none."""
    name = name_of_state(root / STATE_FILE)
    if not name or trust_file.knows_state(root, name):
        return ""
    folder, was_moved = known_folder(root, name)
    return folder if was_moved else ""


def record_moved_here(root: Path) -> TrustRecord | None:
    """What is kept of the company in `root` under the folder from which it was moved."""
    folder = folder_moved_from(root)
    return trust_file.record_of_folder(root, folder) if folder else None


def known_folder(root: Path, name: str) -> tuple[str, bool]:
    """Where else this user's agentco knows a state, and whether it lies there no longer."""
    folders = trust_file.folders_of_state(root, name)
    here = trust_file.folder_key(root)
    for folder in folders:
        # a link in the old place, which leads to the new one, is no second company
        is_elsewhere = trust_file.folder_key(Path(folder)) != here
        if is_elsewhere and name_of_state(Path(folder, STATE_FILE)) == name:
            return folder, False
    return next(iter(folders), ""), bool(folders)


def path_of(folder: str) -> str:
    """The path in the key of a folder, quoted."""
    return repr(folder.partition("\n")[0])


def set_aside(root: Path, why: str) -> str:
    """Move a state out of the way, whosever it is; returns its new place, empty if none was.

    Raises StateBroken.
    """
    place = root / STATE_FILE
    if not place.exists():
        return ""
    try:
        move_aside(place, why)
    except OSError as error:
        raise write_error(place, error) from error
    return f"{STATE_FILE}.{why}"


def not_the_state(root: Path) -> StateBroken:
    """The error for a file in the place of a state that we made."""
    return StateBroken(
        f"{STATE_FILE} is not the one that agentco made here", hint=restore_hint(root)
    )


def restore_hint(root: Path) -> str:
    """What the founder can do about a state that is gone."""
    newest = newest_backup(root, trust_file.expected_state(root))
    if not newest:
        return "put it back from a backup of yours, or agentco trust --new-state begins anew"
    return (
        f"agentco doctor --restore puts back the backup {str(newest)!r};"
        " agentco trust --new-state begins anew"
    )
