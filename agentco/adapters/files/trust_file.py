"""Which folders the founder trusts: one file per user, outside every company, theirs alone."""

import errno
import os
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import MsgspecError, json
from msgspec.structs import replace

from agentco.adapters.files.durable_disk import (
    Disk,
    sync_parent_folder,
    write_error,
    write_new_file,
)
from agentco.adapters.files.safe_read import open_regular, real_path
from agentco.kernel.errors import NeedsFounder
from agentco.ports.trust import AuditAnchor, TrustRecord, TrustStatus

if TYPE_CHECKING:
    from agentco.company.company import Company
    from agentco.company.settings import Settings

WRITABLE_BY_OTHERS = 0o022
DISK = Disk()
PASSING_ERRORS = {errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EIO, errno.ESTALE}


def trust_status(root: Path, company: "Company", settings: "Settings") -> TrustStatus:
    """How the company in `root` stands with this user. Raises NeedsFounder without a home."""
    from agentco.permissions.trust_scope import reach_lines

    records, doubt = _read_records(trust_file_path(root))
    return TrustStatus(
        reach=reach_lines(settings, company),
        before=records.get(folder_key(root), TrustRecord()),
        doubt=doubt,
    )


def trust_folder(root: Path, lines: tuple[str, ...], *, at: str) -> None:
    """Trust a folder with exactly these lines."""
    from agentco.permissions.trust_scope import reach_hash

    def trust(record: TrustRecord) -> TrustRecord:
        return replace(record, hash=reach_hash(lines), reach=lines, at=at)

    _update_record(root, trust)


def forget_trust(root: Path) -> None:
    """Trust a folder with nothing; its states stay known, and whose word its memory is."""
    _update_record(root, lambda record: replace(record, hash="", reach=(), at=""))


def is_trusted(root: Path) -> bool:
    """Whether the user trusts a folder, with whatever it reached then."""
    return bool(_record_of(root).hash)


def company_key(root: Path) -> bytes:
    """The key that the memory of a company is signed with; empty if the user has none."""
    return bytes.fromhex(_record_of(root).key)


def set_company_key(root: Path, key: bytes) -> None:
    """Sign what a company's memory says with this key from now on. Raises NeedsFounder."""
    _update_record(root, lambda record: replace(record, key=key.hex()))


def knows_state(root: Path, state: str) -> bool:
    """Whether this user's agentco made the state with this id in this folder."""
    return state in _record_of(root).states


def expected_state(root: Path) -> str:
    """The id of the state that must be in this folder; empty if none was ever made in it."""
    return _record_of(root).state


def remember_state(root: Path, state: str) -> None:
    """Keep that we made this state, or are about to."""

    def remember(record: TrustRecord) -> TrustRecord:
        states = dict.fromkeys((*record.states, state))
        return replace(record, states=tuple(states))

    _update_record(root, remember)


def expect_state(root: Path, state: str) -> None:
    """Keep that this state is the one in this folder, so that it is missed once it is gone."""
    if expected_state(root) != state:
        _update_record(root, lambda record: replace(record, state=state))


def expect_none(root: Path) -> None:
    """Miss no state in this folder; the next one may be new.

    Should the one that was here come to light elsewhere, it is known there with all it had.
    """

    def begin(records: dict[str, TrustRecord]) -> None:
        record = records.get(here, TrustRecord())
        records[displaced_key(here, record)] = record
        records[here] = replace(record, states=(), state="")

    here = folder_key(root)
    if expected_state(root):
        _update_file(root, begin)


def audit_anchor(root: Path, state: str) -> AuditAnchor | None:
    """The last anchor of the audit of the state with this id."""
    anchor = _record_of(root).audit
    return anchor if anchor and anchor.name == state else None


def keep_audit_anchor(root: Path, anchor: AuditAnchor) -> None:
    """Keep an anchor, unless a later one of its state is kept. Raises StateBroken, NeedsFounder."""

    def keep(record: TrustRecord) -> TrustRecord:
        known = record.audit
        if known and known.name == anchor.name and known.seq > anchor.seq:
            return record
        return replace(record, audit=anchor)

    _update_record(root, keep)


def forget_audit_anchor(root: Path) -> None:
    """Keep no anchor: the audit of a backup ends earlier. Raises StateBroken, NeedsFounder."""
    _update_record(root, lambda record: replace(record, audit=None))


def folders_of_state(root: Path, state: str) -> list[str]:
    """The other folders in which this user's agentco knows a state."""
    here = folder_key(root)
    return [
        key
        for key, record in _known_records(root).items()
        if state in record.states and key != here
    ]


def trust_doubt(root: Path) -> str:
    """Why nothing is known of any folder though something is kept; empty if it is believed."""
    try:
        _, doubt = _read_records(trust_file_path(root))
    except NeedsFounder:
        return ""
    return doubt


def record_of_folder(root: Path, folder: str) -> TrustRecord:
    """What is kept of another folder than `root`, by its key."""
    records, _ = _read_records(trust_file_path(root))
    return records.get(folder, TrustRecord())


def adopt_record(root: Path, old: str) -> str:
    """Carry all that is kept of a folder over to another one, to which it was moved.

    What was kept of a company that lay here before stays under the name that is returned, since it
    may come to light elsewhere; the name is empty if there was none.
    """
    here = folder_key(root)
    known = _record_of(root)
    displaced = displaced_key(here, known) if known.state else ""

    def move(records: dict[str, TrustRecord]) -> None:
        before = records.pop(here, None)
        if before and displaced:
            records[displaced] = before
        records[here] = records.pop(old)

    _update_file(root, move)
    return displaced


def displaced_key(folder: str, record: TrustRecord) -> str:
    """The name for what is kept of a company that lies in a folder no longer."""
    return f"{folder}\n{record.state}"


def trust_file_path(root: Path) -> Path:
    """Where the file lies: never inside the company, whose agents could write it.

    Raises NeedsFounder where there is no such place.
    """
    folder = Path(os.path.realpath(_state_home()), "agentco")
    if folder.is_relative_to(os.path.realpath(root)):
        raise NeedsFounder(
            f"trust would be kept in {str(folder)!r}, inside the company",
            hint="set XDG_STATE_HOME to a folder of yours that lies elsewhere",
        )
    return folder / "trust.json"


def _state_home() -> str:
    """Where this user's programs keep what they must not lose. Raises NeedsFounder."""
    state_home = os.environ.get("XDG_STATE_HOME", "")
    if state_home.startswith("/"):
        return state_home
    home = os.environ.get("HOME", "")
    if home.startswith("/") and Path(home).is_dir():
        return f"{home}/.local/state"
    raise NeedsFounder(
        "there is no home folder, so no folder is known to be trusted",
        hint="set HOME, or XDG_STATE_HOME, to a folder of yours; then agentco trust asks",
    )


def folder_key(root: Path) -> str:
    """The name under which a folder is known: where it really lies."""
    return os.fsencode(os.path.realpath(root)).decode("utf-8", "backslashreplace")


def _record_of(root: Path) -> TrustRecord:
    """What is kept of a folder; nothing where there is no home."""
    return _known_records(root).get(folder_key(root), TrustRecord())


def _known_records(root: Path) -> dict[str, TrustRecord]:
    """What is kept of each folder; nothing where there is no home."""
    try:
        records, _ = _read_records(trust_file_path(root))
    except NeedsFounder:
        return {}
    return records


def _read_records(path: Path) -> tuple[dict[str, TrustRecord], str]:
    """What the file says by folder, and why it is not believed."""
    try:
        with open_regular(path) as file:
            data = file.read()
            infos = (path.parent.stat(), os.fstat(file.fileno()))
        if not all(_is_ours_alone(info) for info in infos):
            return {}, f"{str(path)!r} or its folder can be written by others"
        return json.decode(data, type=dict[str, TrustRecord]), ""
    except FileNotFoundError:
        return {}, ""
    except (OSError, MsgspecError, ValueError) as error:
        return {}, f"{str(path)!r} cannot be read ({error})"


def _is_ours_alone(info: os.stat_result) -> bool:
    return info.st_uid == os.geteuid() and not info.st_mode & WRITABLE_BY_OTHERS


def _update_record(root: Path, change: Callable[[TrustRecord], TrustRecord]) -> None:
    """Change what is kept of one folder. Raises StateBroken when it cannot be written."""
    key = folder_key(root)

    def update(records: dict[str, TrustRecord]) -> None:
        records[key] = change(records.get(key, TrustRecord()))

    _update_file(root, update)


def _update_file(root: Path, change: Callable[[dict[str, TrustRecord]], None]) -> None:
    """Put a changed file in place of the old one; one that is not believed is kept beside it.

    Raises StateBroken when it cannot be written.
    """
    from agentco.adapters.files.rare_lock import hold_rare_lock

    path = trust_file_path(root)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        require_readable_now(path)
        _, doubt = _read_records(path)
        path.parent.chmod(0o700)
        with hold_rare_lock(real_path(path, path.parent)):
            records = dict[str, TrustRecord]()
            if doubt:
                DISK.rename(path, _unused_place(path))
            else:
                records, _ = _read_records(path)
            change(records)
            _replace_file(path, json.format(json.encode(records), indent=1))
    except OSError as error:
        raise write_error(path, error) from error


def require_readable_now(path: Path) -> None:
    """Raise OSError for what says nothing of the file, as too many open files: then it stays."""
    try:
        open_regular(path).close()
    except OSError as error:
        if error.errno in PASSING_ERRORS:
            raise


def _unused_place(path: Path) -> Path:
    """Where a file that is not believed goes: it may hold keys, so none replaces another."""
    place = path.with_name("trust.refused.json")
    numbers = count(2)
    while os.path.lexists(place):
        place = path.with_name(f"trust.refused-{next(numbers)}.json")
    return place


def _replace_file(path: Path, data: bytes) -> None:
    """Put data in place of the file, whole. Raises OSError, StateBroken."""
    draft = path.with_name(".trust.json.tmp")
    draft.unlink(missing_ok=True)
    write_new_file(DISK, draft, data, 0o600)
    DISK.rename(draft, path)
    sync_parent_folder(DISK, path)
