"""What a folder can reach outside itself, and the founder's word that it may."""

from msgspec import Struct

from agentco.desk.open_company import OpenCompany
from agentco.kernel.errors import NeedsFounder
from agentco.ports.trust import TrustStatus

ASIDE_NOTE = (
    "a state that came with the folder was set aside as .agentco/state.db.brought"
)


class TrustChange(Struct, frozen=True, kw_only=True):
    """How trust stands now.

    `foreign_state_aside` if a state that somebody else brought was moved away.
    """

    status: TrustStatus
    foreign_state_aside: bool = False


def show_trust(company: OpenCompany) -> TrustStatus:
    """Compare what the folder reaches with what it is trusted with."""
    return company.trust.status()


def grant_trust(company: OpenCompany, status: TrustStatus) -> TrustChange:
    """Trust the folder with exactly what was shown."""
    if not status.is_trusted:
        company.trust.grant(status.reach, at=company.now_iso())
    aside = company.state.set_foreign_aside()
    return TrustChange(status=company.trust.status(), foreign_state_aside=aside)


def grant_trust_by_hash(company: OpenCompany, wanted_hash: str) -> TrustChange:
    """Trust the folder with what has that hash, for servers without a terminal.

    Raises NeedsFounder if the folder reaches something else.
    """
    status = company.trust.status()
    if not status.is_trusted and wanted_hash != status.current_hash:
        raise NeedsFounder(
            f"the hash of what this folder reaches is {status.current_hash},"
            f" not {wanted_hash!r}",
            hint="agentco trust --show shows all of it",
        )
    return grant_trust(company, status)


def revoke_trust(company: OpenCompany) -> TrustStatus:
    """Trust the folder with nothing."""
    company.trust.revoke()
    return company.trust.status()
