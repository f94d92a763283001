"""What a folder reaches, what it was trusted with, and when it may act."""

from typing import Annotated, Protocol

from msgspec import Meta, Struct

from agentco.kernel.errors import NeedsFounder

MAX_CHANGES_SHOWN = 3
HexDigits = Annotated[str, Meta(pattern="^([0-9a-f]{2})*$")]


class AuditAnchor(Struct, frozen=True, kw_only=True):
    """The head of the audit in the state of a name: the number of a line, and its hash."""

    name: str
    seq: int
    hash: str


class AnchorCheck(Struct, frozen=True, kw_only=True):
    """How many lines of an audit were anchored, and what in it is not what the anchors say."""

    anchored: int = 0
    broken: tuple[str, ...] = ()


class TrustRecord(Struct, frozen=True, kw_only=True):
    """What a folder is trusted with, since when, and the states made in it by us.

    `state` is the one that must be there now; empty as long as none was made.
    `key` signs what its memory says, in hexadecimal digits. `audit` is the last anchor.
    """

    hash: str = ""
    reach: tuple[str, ...] = ()
    at: str = ""
    states: tuple[str, ...] = ()
    state: str = ""
    key: HexDigits = ""
    audit: AuditAnchor | None = None


class TrustStatus(Struct, frozen=True, kw_only=True):
    """What a folder reaches now and what it was trusted with.

    `doubt` says why the user's trust file is not believed; empty if it is.
    """

    reach: tuple[str, ...]
    before: TrustRecord
    doubt: str

    @property
    def current_hash(self) -> str:
        """The hash of what the folder reaches now."""
        # late: a server of the memory reads its key from the records and waits for no rules
        from agentco.permissions.trust_scope import reach_hash

        return reach_hash(self.reach)

    @property
    def is_trusted(self) -> bool:
        """Whether the folder is trusted with exactly what it reaches now."""
        return self.before.hash == self.current_hash

    @property
    def changes(self) -> tuple[str, ...]:
        """What changed since the folder was trusted, or everything it reaches."""
        from agentco.permissions.trust_scope import diff_reach

        return diff_reach(self.before.reach, self.reach)


class TrustPort(Protocol):
    """The user's own record of which folders they trust."""

    def status(self) -> TrustStatus:
        """Compare what the folder reaches with what it is trusted with.

        Raises NeedsFounder where the user has no home folder.
        """
        ...

    def grant(self, reach: tuple[str, ...], *, at: str) -> None:
        """Trust the folder with exactly these lines."""
        ...

    def revoke(self) -> None:
        """Trust the folder with nothing; its states stay known."""
        ...


def require_trusted(status: TrustStatus) -> None:
    """Raise NeedsFounder unless the founder trusts everything that is reached."""
    if status.is_trusted:
        return
    raise NeedsFounder(
        describe_distrust(status),
        hint="agentco trust shows what it would reach, and asks",
    )


def describe_distrust(status: TrustStatus) -> str:
    """Why nothing in the folder may reach the world."""
    if status.doubt:
        return f"{status.doubt}, so it is not believed"
    if not status.before.hash:
        return "this folder was never trusted, so nothing in it may reach the world"
    changes = "; ".join(status.changes[:MAX_CHANGES_SHOWN])
    left_out = len(status.changes[MAX_CHANGES_SHOWN:])
    if left_out:
        changes = f"{changes} and {left_out} more"
    return f"what this folder reaches changed since it was trusted: {changes}"
