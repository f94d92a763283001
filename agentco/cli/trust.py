"""`agentco trust`: what a folder can reach, and the founder's word that it may."""

from collections.abc import Sequence
from getpass import getpass
from typing import TYPE_CHECKING, Annotated

import typer

from agentco.cli import current_company
from agentco.cli.shared_options import JsonOption, print_answer
from agentco.kernel.errors import NeedsFounder, WrongUsage
from agentco.terminal import screen
from agentco.terminal.local_time import local_text

if TYPE_CHECKING:
    from agentco.desk.open_company import OpenCompany
    from agentco.ports.plans import ProgramState
    from agentco.ports.trust import TrustStatus

NEW_STATE_HELP = "Start over without the runs and costs of a lost state."
NewStateOption = Annotated[bool, typer.Option("--new-state", help=NEW_STATE_HELP)]
HashOption = Annotated[
    str | None,
    typer.Option(
        "--hash", metavar="H", help="Trust exactly what --show printed with this hash."
    ),
]
EXPORT_HELP = "Print the memory key as a code."
ExportOption = Annotated[bool, typer.Option("--export", help=EXPORT_HELP)]
IMPORT_HELP = "Import the memory key from this code; - asks for it or reads stdin."
ImportOption = Annotated[
    str | None, typer.Option("--import", metavar="CODE", help=IMPORT_HELP)
]


def trust(
    show: Annotated[
        bool, typer.Option("--show", help="Only show it, with its hash.")
    ] = False,
    hash_: HashOption = None,
    forget: Annotated[bool, typer.Option("--forget", help="Revoke trust.")] = False,
    new_state: NewStateOption = False,
    export: ExportOption = False,
    code: ImportOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what this folder can reach outside itself, and trust it.

    An untrusted folder reaches nothing outside itself. When what it can reach changes, you are
    asked again. For a plan it shows the program, its version and whose login it has. A company
    that was moved keeps its runs, costs, halts and inbox. Its memory is signed with a key kept
    beside your trust file; --export gives your other machines the key as a code.

    Examples:
      agentco trust
      agentco trust --show
      agentco trust --export
      agentco trust --import -
    """
    from agentco.upkeep import trusting

    grants = new_state or hash_ is not None
    if show + forget + grants + export + (code is not None) > 1:
        what = "--show, --forget, --export, --import and what trusts cannot be combined"
        raise WrongUsage(what, hint="give one of them; --hash and --new-state trust")
    company = current_company.open_current()
    if export or code is not None:
        _carry_key(company, code, as_json=as_json)
        return
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


def confirm_trust(
    status: "TrustStatus", claims: Sequence[str] = (), programs: Sequence[str] = ()
) -> bool:
    """Show what would be trusted, and ask. Raises NeedsFounder without a terminal."""
    from agentco.upkeep.trusting import first_claims

    if not screen.at_terminal():
        hint = "agentco trust --show prints the hash, agentco trust --hash H trusts exactly that"
        what = "only you can trust a folder, and there is no terminal to ask you"
        raise NeedsFounder(what, hint=hint)
    told = ["What this folder can reach:", *status.changes]
    if status.before.hash:
        told[0] = local_text(
            f"Changed since you trusted this folder on {status.before.at}:"
        )
    told += programs
    told.append(f"hash: {status.current_hash}")
    if claims:
        told += ("Unsigned lines in its memory:", *first_claims(claims))
    screen.print_note("\n".join(told))
    return screen.ask_yes_no("Trust this folder?", yes=False)


def print_trust(company: "OpenCompany", *, as_json: bool) -> None:
    """Print what the folder reaches now, and whether it is trusted with that."""
    from agentco.documents.records import trust_document
    from agentco.upkeep.plan_programs import plan_program_states

    status = company.trust.status()
    programs = plan_program_states(company)
    if as_json:
        screen.print_json(trust_document(company.root, status, programs))
        return
    for line in status.reach:
        screen.print_text(line)
    for line in map(_program_line, programs):
        screen.print_text(line)
    if status.before.hash and not status.is_trusted:
        from agentco.terminal.local_time import local_moment

        since = local_moment(status.before.at, company.zone)
        screen.print_text(f"changed since {since}:")
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
    from agentco.upkeep import trusting
    from agentco.upkeep.plan_programs import plan_program_states

    if hash_ is not None:
        if not status.is_trusted and hash_ != status.current_hash:
            screen.print_note("\n".join(status.changes))
        change = trusting.grant_trust_by_hash(company, hash_, new_state=new_state)
    elif status.is_trusted:
        change = trusting.grant_trust(company, status, new_state=new_state)
    elif confirm_trust(
        status,
        claims := trusting.unsigned_claims(company, status),
        [_program_line(state) for state in plan_program_states(company)],
    ):
        change = trusting.grant_trust(
            company, status, adopts=claims, new_state=new_state
        )
    else:
        screen.print_note("nothing was trusted")
        if as_json:
            print_trust(company, as_json=True)
        raise typer.Exit(1)
    if change.state:
        screen.print_note(change.state)
    if change.unsigned:
        screen.print_note(trusting.UNSIGNED_NOTE.format(change.unsigned))


def _carry_key(company: "OpenCompany", code: str | None, *, as_json: bool) -> None:
    """Print the code of the company's key, or take the key that a code holds."""
    from agentco.cli.ask import read_stdin
    from agentco.upkeep import trusting

    if code is None:
        code = trusting.export_key(company)
        print_answer({"code": code}, code, as_json=as_json)
        return
    if code == "-":
        is_asked = screen.at_terminal()  # and what is pasted there is not shown
        code = getpass("the code: ") if is_asked else read_stdin("the code")
    signed, unsigned = trusting.import_key(company, code)
    line = f"the key was imported; memory lines that count now: {signed}"
    print_answer({"signed": signed, "unsigned": unsigned}, line, as_json=as_json)
    if unsigned:
        screen.print_note(trusting.UNSIGNED_NOTE.format(unsigned))


def _program_line(state: "ProgramState") -> str:
    """The program of a plan, whose login it has, and what to do where it has none."""
    hint = f" ({state.hint})" if state.hint else ""
    return f"plan {state.provider}: {state.words}{hint}"


def _trust_word(status: "TrustStatus") -> str:
    if status.is_trusted:
        return "trusted"
    return "changed since it was trusted" if status.before.hash else "not trusted"
