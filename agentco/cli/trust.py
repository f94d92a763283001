"""`agentco trust`: what a folder can reach, and the founder's word that it may."""

from typing import TYPE_CHECKING, Annotated

import typer

from agentco.cli import current_company, screen
from agentco.cli.shared_options import JsonOption
from agentco.kernel.errors import NeedsFounder, WrongUsage

if TYPE_CHECKING:
    from agentco.desk.open_company import OpenCompany
    from agentco.ports.trust import TrustStatus

NEW_STATE_HELP = "Begin without the runs and costs of a state that is lost."
NewStateOption = Annotated[bool, typer.Option("--new-state", help=NEW_STATE_HELP)]
HashOption = Annotated[
    str | None,
    typer.Option(
        "--hash", metavar="H", help="Trust exactly what --show gave this hash."
    ),
]


def trust(
    show: Annotated[
        bool, typer.Option("--show", help="Only show it, with its hash.")
    ] = False,
    hash_: HashOption = None,
    forget: Annotated[bool, typer.Option("--forget", help="Take trust back.")] = False,
    new_state: NewStateOption = False,
    as_json: JsonOption = False,
) -> None:
    """Show what this folder can reach outside itself, and trust it with that.

    Nothing of an untrusted folder reaches the world. When what it reaches changes, you are asked
    again. A company that was moved here keeps its runs, costs, halts and inbox.

    Examples:
      agentco trust
      agentco trust --show
    """
    from agentco.desk import trusting

    if show + forget + (hash_ is not None) > 1:
        raise WrongUsage(
            "--show, --hash and --forget do not go together", hint="give one of them"
        )
    company = current_company.open_current()
    if forget:
        trusting.revoke_trust(company)
    status = trusting.show_trust(company)
    if status.doubt:
        screen.print_note(f"warning: {status.doubt}, so it is not believed")
    if not (show or forget):
        _grant(company, status, hash_, new_state=new_state, as_json=as_json)
    print_trust(company, as_json=as_json)


def confirm_at_terminal(status: "TrustStatus") -> bool:
    """Show what changed since the founder trusted a folder, and ask; False elsewhere."""
    return screen.at_terminal() and confirm_trust(status)


def confirm_trust(status: "TrustStatus") -> bool:
    """Show what would be trusted, and ask. Raises NeedsFounder without a terminal."""
    if not screen.at_terminal():
        hint = "agentco trust --show prints the hash, agentco trust --hash H trusts exactly that"
        raise NeedsFounder(
            "only you can trust a folder, and there is no terminal to ask you",
            hint=hint,
        )
    since = f" since {status.before.at}" if status.before.hash else ""
    screen.print_note(f"This folder reaches{since}:")
    for change in status.changes:
        screen.print_note(change)
    screen.print_note(f"hash: {status.current_hash}")
    return screen.ask_yes_no("trust it with that?", yes=False)


def print_trust(company: "OpenCompany", *, as_json: bool) -> None:
    """Print what the folder reaches now, and whether it is trusted with that."""
    status = company.trust.status()
    if as_json:
        document = {
            "company": str(company.root),
            "trusted": status.is_trusted,
            "hash": status.current_hash,
            "reach": status.reach,
            "changes": status.changes,
        }
        screen.print_json(document)
        return
    for line in status.reach:
        screen.print_text(line)
    if status.before.hash and not status.is_trusted:
        screen.print_text(f"changed since {status.before.at}:")
        for change in status.changes:
            screen.print_text(change)
    screen.print_text(f"hash: {status.current_hash}")
    screen.print_text(f"{company.root}: {_trust_word(status)}")


def _grant(
    company: "OpenCompany",
    status: "TrustStatus",
    hash_: str | None,
    *,
    new_state: bool,
    as_json: bool,
) -> None:
    from agentco.desk import trusting

    if hash_ is not None:
        if not status.is_trusted and hash_ != status.current_hash:
            screen.print_note("\n".join(status.changes))
        change = trusting.grant_trust_by_hash(company, hash_, new_state=new_state)
    elif status.is_trusted or confirm_trust(status):
        change = trusting.grant_trust(company, status, new_state=new_state)
    else:
        screen.print_note("nothing was trusted")
        if as_json:
            print_trust(company, as_json=True)
        raise typer.Exit(1)
    if change.state:
        screen.print_note(change.state)


def _trust_word(status: "TrustStatus") -> str:
    if status.is_trusted:
        return "trusted"
    return "changed since it was trusted" if status.before.hash else "not trusted"
