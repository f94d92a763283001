"""Which folders the founder trusts: a file for each user, outside every company, that only they can write."""

import os
from collections.abc import Callable
from pathlib import Path

from msgspec import MsgspecError, Struct, json
from msgspec.structs import replace

from agentco.adapters.files.durable_disk import (
    Disk,
    sync_parent_folder,
    write_error,
    write_new_file,
)
from agentco.adapters.files.safe_read import open_regular, real_path
from agentco.company.company import Company
from agentco.company.settings import Settings
from agentco.kernel.errors import NeedsFounder
from agentco.rules.trust_scope import diff_reach, reach_hash, reach_lines

MAX_CHANGES_SHOWN = 3
WRITABLE_BY_OTHERS = 0o022
DISK = Disk()


class TrustRecord(Struct, frozen=True, kw_only=True):
    """What one folder is trusted with, since when, and which states this user's agentco made in it."""

    hash: str = ""
    reach: tuple[str, ...] = ()
    at: str = ""
    states: tuple[str, ...] = ()


class TrustStatus(Struct, frozen=True, kw_only=True):
    """What a folder reaches now and what it was trusted with; `doubt` says why the file is not believed."""

    reach: tuple[str, ...]
    before: TrustRecord
    doubt: str

    @property
    def current_hash(self) -> str:
        """The hash of what it reaches now."""
        return reach_hash(self.reach)

    @property
    def is_trusted(self) -> bool:
        """Whether it was trusted with exactly this."""
        return self.before.hash == self.current_hash

    @property
    def changes(self) -> tuple[str, ...]:
        """What changed since it was trusted, or everything that it reaches."""
        return diff_reach(self.before.reach, self.reach)


def trust_status(root: Path, company: Company, settings: Settings) -> TrustStatus:
    """How the company in `root` stands with this user. Raises NeedsFounder where there is no home."""
    entries, doubt = _read_entries(trust_file_path(root))
    before = entries.get(_folder_key(root), TrustRecord())
    return TrustStatus(reach=reach_lines(settings, company), before=before, doubt=doubt)


def require_trust(root: Path, company: Company, settings: Settings) -> None:
    """Raises NeedsFounder unless the founder trusts everything that this company reaches."""
    found = trust_status(root, company, settings)
    if found.is_trusted:
        return
    if found.doubt:
        what = f"{found.doubt}, so it is not believed"
    elif not found.before.hash:
        what = "this folder was never trusted, so nothing in it may reach the world"
    else:
        more = (
            f" and {rest} more"
            if (rest := len(found.changes[MAX_CHANGES_SHOWN:]))
            else ""
        )
        what = f"what this folder reaches changed since it was trusted: {'; '.join(found.changes[:MAX_CHANGES_SHOWN])}{more}"
    raise NeedsFounder(what, hint="agentco trust shows what it would reach, and asks")


def trust_folder(root: Path, lines: tuple[str, ...], *, at: str) -> None:
    """Trust a folder with exactly these lines."""
    _update_entry(
        root, lambda old: replace(old, hash=reach_hash(lines), reach=lines, at=at)
    )


def forget_trust(root: Path) -> None:
    """Trust a folder with nothing; its states stay known."""
    _update_entry(root, lambda old: TrustRecord(states=old.states))


def knows_state(root: Path, state: str) -> bool:
    """Whether this user's agentco made the state with this id in this folder."""
    try:
        return (
            state
            in _read_entries(trust_file_path(root))[0]
            .get(_folder_key(root), TrustRecord())
            .states
        )
    except NeedsFounder:
        return False


def remember_state(root: Path, state: str) -> None:
    """Keep that we made this state."""
    _update_entry(
        root,
        lambda old: replace(old, states=tuple(dict.fromkeys((*old.states, state)))),
    )


def trust_file_path(root: Path) -> Path:
    """Where the file lies: never inside the company, whose agents could write it.

    Raises NeedsFounder where there is no such place.
    """
    state, home = os.environ.get("XDG_STATE_HOME", ""), os.environ.get("HOME", "")
    if not state.startswith("/") and not (home.startswith("/") and Path(home).is_dir()):
        hint = (
            "set HOME, or XDG_STATE_HOME, to a folder of yours; then agentco trust asks"
        )
        raise NeedsFounder(
            "there is no home folder, so no folder is known to be trusted", hint=hint
        )
    folder = Path(
        os.path.realpath(state if state.startswith("/") else f"{home}/.local/state"),
        "agentco",
    )
    if folder.is_relative_to(os.path.realpath(root)):
        hint = "set XDG_STATE_HOME to a folder of yours that lies elsewhere"
        raise NeedsFounder(
            f"trust would be kept in {str(folder)!r}, inside the company", hint=hint
        )
    return folder / "trust.json"


def _folder_key(root: Path) -> str:
    return os.fsencode(os.path.realpath(root)).decode("utf-8", "backslashreplace")


def _read_entries(path: Path) -> tuple[dict[str, TrustRecord], str]:
    """What the file says by folder, and why it is not believed."""
    try:
        with open_regular(path) as file:
            data, infos = file.read(), (path.parent.stat(), os.fstat(file.fileno()))
        if any(
            info.st_uid != os.geteuid() or info.st_mode & WRITABLE_BY_OTHERS
            for info in infos
        ):
            return {}, f"{str(path)!r} or its folder can be written by others"
        return json.decode(data, type=dict[str, TrustRecord]), ""
    except FileNotFoundError:
        return {}, ""
    except (OSError, MsgspecError, ValueError) as error:
        return {}, f"{str(path)!r} cannot be read ({error})"


def _update_entry(root: Path, change: Callable[[TrustRecord], TrustRecord]) -> None:
    """Put a changed file in place of the old one; one that is not believed is kept beside it.

    Raises StateBroken when it cannot be written.
    """
    from agentco.adapters.files.rare_lock import hold_rare_lock

    path, key = trust_file_path(root), _folder_key(root)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        doubted = bool(_read_entries(path)[1])
        path.parent.chmod(0o700)
        with hold_rare_lock(real_path(path, path.parent)):
            entries = {} if doubted else _read_entries(path)[0]
            if doubted:
                DISK.rename(path, path.with_name("trust.refused.json"))
            entries[key] = change(entries.get(key, TrustRecord()))
            draft = path.with_name(".trust.json.tmp")
            draft.unlink(missing_ok=True)
            write_new_file(
                DISK, draft, json.format(json.encode(entries), indent=1), 0o600
            )
            DISK.rename(draft, path)
            sync_parent_folder(DISK, path)
    except OSError as error:
        raise write_error(path, error) from error
