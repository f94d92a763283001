"""The head of the audit, kept outside the state too: an end that is cut off is found.

It stands in the user's trust file, and in the company's repository as `refs/agentco/audit/STATE`.
That is written without git, whose configuration and hooks could run programs.
"""

import os
import zlib
from collections.abc import Sequence
from contextlib import suppress
from hashlib import new as new_hash
from pathlib import Path

from agentco.adapters.files import trust_file
from agentco.adapters.files.durable_disk import Disk, write_new_file
from agentco.adapters.files.safe_read import read_regular
from agentco.adapters.git.git_repository import GitRepository, find_repository
from agentco.adapters.state.database import Database
from agentco.kernel.errors import NeedsFounder, StateBroken
from agentco.ports.trust import AnchorCheck, AuditAnchor

REF = "refs/agentco/audit"
MAX_REF_BYTES = 200
MAX_PACKED_BYTES = 50_000_000
AuditChain = Sequence[tuple[bytes, str]]


def anchor_audit(root: Path, database: Database) -> None:
    """Anchor the head of the audit, unless what was anchored before stands in it no longer.

    Where the trust file or the repository takes nothing, as on a full disk, the next one will.
    """
    head = database.read(lambda tx: tx.last_audit_link()).result()
    if head is None:
        return
    anchor = AuditAnchor(name=database.name, seq=head[0], hash=head[1])
    known = trust_file.audit_anchor(root, anchor.name)
    if known:
        seq = known.seq
        there = database.read(lambda tx: tx.find_audit_hash(seq)).result()
        if seq >= anchor.seq or there != known.hash:
            return
    with suppress(StateBroken, NeedsFounder):
        trust_file.keep_audit_anchor(root, anchor)
    repository = find_repository(root)
    if repository:
        with suppress(OSError):
            write_ref(repository, anchor)


def check_anchors(root: Path, chain: AuditChain) -> AnchorCheck:
    """Compare the chain of the state that must be in a folder with what was anchored of it."""
    state = trust_file.expected_state(root)
    broken, anchored = list[str](), 0
    known = trust_file.audit_anchor(root, state)
    if known:
        anchored = known.seq
        if known.seq > len(chain):
            broken.append(
                f"the audit ends at line {len(chain)}, and line {known.seq} was anchored:"
                " its end is gone"
            )
        elif chain[known.seq - 1][1] != known.hash:
            broken.append(f"line {known.seq} is not the one that was anchored")
    repository = find_repository(root)
    ref = read_ref(repository, state) if repository else ""
    if repository and ref:
        line = find_anchored_line(repository, state, chain, ref)
        anchored = max(anchored, line)
        if not line:
            broken.append(f"{REF}/{state} in git stands for no line of this audit")
    return AnchorCheck(anchored=anchored, broken=tuple(broken))


def find_anchored_line(
    repository: GitRepository, state: str, chain: AuditChain, ref: str
) -> int:
    """The number of the line that a ref stands for; 0 for none."""
    for number in range(len(chain), 0, -1):
        anchor = AuditAnchor(name=state, seq=number, hash=chain[number - 1][1])
        if object_name(repository, anchor_object(anchor)) == ref:
            return number
    return 0


def anchor_object(anchor: AuditAnchor) -> bytes:
    """What git keeps of an anchor: a blob with its header."""
    text = f"agentco audit of {anchor.name}\nline {anchor.seq}\n{anchor.hash}\n"
    data = text.encode()
    return b"blob %d\0%b" % (len(data), data)


def object_name(repository: GitRepository, data: bytes) -> str:
    """The name that a repository gives to an object."""
    formats = {*repository.config_values("extensions.objectformat")}
    digest = new_hash(
        "sha256" if "sha256" in formats else "sha1", usedforsecurity=False
    )
    digest.update(data)
    return digest.hexdigest()


def write_ref(repository: GitRepository, anchor: AuditAnchor) -> None:
    """Let the ref stand for an anchor. Raises OSError where it cannot be written.

    Nothing is written in a repository that keeps its refs otherwise, or through a link.
    """
    if "reftable" in {*repository.config_values("extensions.refstorage")}:
        return
    data = anchor_object(anchor)
    name = object_name(repository, data)
    place = Path("objects", name[:2], name[2:])
    write_inside(repository.common, place, zlib.compress(data), 0o444)
    ref = Path(REF, anchor.name)
    write_inside(repository.common, ref, f"{name}\n".encode(), 0o644)


def write_inside(folder: Path, place: Path, data: bytes, mode: int) -> None:
    """Put a file at a place below a folder, under git's own lock of it. Raises OSError."""
    path = folder / place
    home = Path(os.path.realpath(folder))
    if Path(os.path.realpath(path.parent)) != home / place.parent:
        raise OSError(f"{str(path.parent)!r} is a link")
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = path.with_name(f"{path.name}.lock")
    write_new_file(Disk(), lock, data, mode)
    try:
        lock.replace(path)
    finally:
        lock.unlink(missing_ok=True)


def read_ref(repository: GitRepository, state: str) -> str:
    """What the ref of a state stands for, also once git has packed it; empty for none."""
    name = f"{REF}/{state}"
    with suppress(OSError):
        return _text(repository.common / name, MAX_REF_BYTES).strip()
    with suppress(OSError):
        for line in _text(
            repository.common / "packed-refs", MAX_PACKED_BYTES
        ).splitlines():
            value, _, key = line.partition(" ")
            if key == name:
                return value
    return ""


def _text(path: Path, limit: int) -> str:
    return read_regular(path, limit).decode("ascii", "replace")
