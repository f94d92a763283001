"""What a folder can reach outside itself, and the founder's word that it may."""

from msgspec import Struct

from agentco.desk.open_company import OpenCompany
from agentco.kernel.errors import NeedsFounder
from agentco.ports.trust import TrustStatus


class TrustChange(Struct, frozen=True, kw_only=True):
    """How trust stands now, and what became of the folder's state; empty if nothing did."""

    status: TrustStatus
    state: str = ""


def show_trust(company: OpenCompany) -> TrustStatus:
    """Compare what the folder reaches with what it is trusted with."""
    return company.trust.status()


def grant_trust(
    company: OpenCompany, status: TrustStatus, *, new_state: bool = False
) -> TrustChange:
    """Trust the folder with exactly what was shown.

    With a `new_state` it begins without runs and costs. Raises StateBroken for a state that
    is missed otherwise.
    """
    # first, since what is kept of a company that was moved here comes along
    state = company.state.settle(anew=new_state)
    if not company.trust.status().is_trusted:
        company.trust.grant(status.reach, at=company.now_iso())
    return TrustChange(status=company.trust.status(), state=state)


def grant_trust_by_hash(
    company: OpenCompany, wanted_hash: str, *, new_state: bool = False
) -> TrustChange:
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
    return grant_trust(company, status, new_state=new_state)


def revoke_trust(company: OpenCompany) -> TrustStatus:
    """Trust the folder with nothing."""
    company.trust.revoke()
    return company.trust.status()
