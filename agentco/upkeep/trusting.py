"""What a folder can reach outside itself, and the founder's word that it may."""

from collections.abc import Sequence

from msgspec import Struct

from agentco.desk.open_company import OpenCompany
from agentco.kernel.errors import NeedsFounder, WrongUsage
from agentco.memory.signatures import code_of_key, key_in_code
from agentco.memory.vouching import accept_claims, describe_claim
from agentco.ports.trust import TrustStatus

UNSIGNED_NOTE = (
    "unsigned in the memory: {}; none of it counts until agentco memory trust --new, or"
    " agentco trust --import with the key from your machine that signed it"
)
CLAIMS_SHOWN = 20


class TrustChange(Struct, frozen=True, kw_only=True):
    """How trust stands now.

    `state` is what became of the folder's state, empty if nothing did; `unsigned` is how much
    of the memory is nobody's word.
    """

    status: TrustStatus
    state: str = ""
    unsigned: int = 0


def show_trust(company: OpenCompany) -> TrustStatus:
    """Compare what the folder reaches with what it is trusted with."""
    return company.trust.status()


def grant_trust(
    company: OpenCompany,
    status: TrustStatus,
    *,
    adopts: Sequence[str] = (),
    new_state: bool = False,
) -> TrustChange:
    """Trust the folder with exactly what was shown, also with the claims that it `adopts`.

    With a `new_state` it begins without runs and costs. Raises StateBroken for a state that
    is missed otherwise.
    """
    # first, since what is kept of a company that was moved here comes along
    state = company.state.settle(anew=new_state)
    known = company.trust.status()
    if not known.is_trusted:
        company.trust.grant(status.reach, at=company.now_iso())
    company.begin_signing(known)
    if adopts:
        accepted = accept_claims(company.now_iso(), frozenset(adopts))
        company.memory.adopt_existing_lines(accepted)
    unsigned = len(company.memory.claims())
    return TrustChange(status=company.trust.status(), state=state, unsigned=unsigned)


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


def unsigned_claims(company: OpenCompany, status: TrustStatus) -> list[str]:
    """What trust would adopt of the memory, a line each: all that nobody signed."""
    # a company that was moved here brings its key along once it is trusted
    before = company.state.moved_from() or status.before
    if before.hash and not before.key:
        return []  # what counted before there were signatures is signed without a question
    if not company.memory.is_small_enough():
        return []  # read and counted once the folder is trusted
    claims = company.memory.claims(bytes.fromhex(before.key) or None)
    return [describe_claim(claim) for claim in claims]


def first_claims(claims: Sequence[str]) -> list[str]:
    """As many claims as a person reads, and how many more there are."""
    left_out = len(claims) - CLAIMS_SHOWN
    more = [f"and {left_out} more"] if left_out > 0 else []
    return [*claims[:CLAIMS_SHOWN], *more]


def export_key(company: OpenCompany) -> str:
    """The code with which another machine of the founder takes the company's key.

    Raises NeedsFounder if there is none.
    """
    key = company.memory.key()
    if not key:
        raise NeedsFounder(
            "the memory of this company has no key yet", hint="agentco trust makes one"
        )
    return code_of_key(key)


def import_key(company: OpenCompany, code: str) -> tuple[int, int]:
    """Take the key that a code holds; how much of the memory it signs, and how much it does not.

    Raises WrongUsage for another text.
    """
    key = key_in_code(code)
    if key is None:
        raise WrongUsage(
            "this is not the code of a company's key",
            hint="agentco trust --export prints it where the company is trusted",
        )
    company.memory.take_key(key)
    unsigned = len(company.memory.claims())
    return sum(1 for _ in company.memory.load_graph().trusted_part.lines), unsigned


def revoke_trust(company: OpenCompany) -> TrustStatus:
    """Trust the folder with nothing."""
    company.trust.revoke()
    return company.trust.status()
