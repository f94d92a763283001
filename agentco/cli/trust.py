"""`agentco trust`: what a folder can reach, and the founder's word that it may."""

from typing import Annotated

import typer

from agentco.adapters.files import trust_file
from agentco.adapters.files.trust_file import TrustStatus
from agentco.adapters.state.open_state import set_foreign_state_aside
from agentco.cli import screen
from agentco.cli.shared_options import JsonOption
from agentco.desk import current_company
from agentco.kernel.errors import NeedsFounder, WrongUsage
from agentco.wiring import OpenCompany

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
    as_json: JsonOption = False,
) -> None:
    """Show what this folder can reach outside itself, and trust it with that.

    Nothing of an untrusted folder reaches the world. When what it reaches changes, you are asked again.

    Examples:
      agentco trust
      agentco trust --show
    """
    if show + forget + (hash_ is not None) > 1:
        raise WrongUsage(
            "--show, --hash and --forget do not go together", hint="give one of them"
        )
    edges = current_company.edges()
    if forget:
        trust_file.forget_trust(edges.files.root)
    found = trust_status(edges)
    if found.doubt:
        screen.print_note(f"warning: {found.doubt}, so it is not believed")
    if not (show or forget or found.is_trusted):
        if hash_ is None and not confirm_trust(found):
            screen.print_note("nothing was trusted")
            if as_json:
                print_trust(edges, as_json=True)
            raise typer.Exit(1)
        if hash_ is not None and hash_ != found.current_hash:
            screen.print_note("\n".join(found.changes))
            what = f"the hash of what this folder reaches is {found.current_hash}, not {hash_!r}"
            raise NeedsFounder(what, hint="agentco trust --show shows all of it")
        trust_file.trust_folder(
            edges.files.root, found.reach, at=current_company.now_iso()
        )
    if not (show or forget) and set_foreign_state_aside(edges.files.root):
        screen.print_note(
            "a state that came with the folder was set aside as .agentco/state.db.brought"
        )
    print_trust(edges, as_json=as_json)


def trusted_edges() -> OpenCompany:
    """The files of the company we stand in, once the founder trusts what they reach.

    What changed since is asked here at a terminal; else raises NeedsFounder.
    """
    edges = current_company.edges()
    found = trust_status(edges)
    if (
        found.before.hash
        and not found.is_trusted
        and screen.at_terminal()
        and confirm_trust(found)
    ):
        trust_file.trust_folder(
            edges.files.root, found.reach, at=current_company.now_iso()
        )
    trust_file.require_trust(
        edges.files.root, edges.files.load(), edges.files.settings().require_valid()
    )
    return edges


def trust_status(edges: OpenCompany) -> TrustStatus:
    """How this company stands with the founder."""
    return trust_file.trust_status(
        edges.files.root, edges.files.load(), edges.files.settings().require_valid()
    )


def confirm_trust(found: TrustStatus) -> bool:
    """Show what would be trusted, and ask. Raises NeedsFounder where there is no terminal."""
    if not screen.at_terminal():
        hint = "agentco trust --show prints the hash, agentco trust --hash H trusts exactly that"
        raise NeedsFounder(
            "only you can trust a folder, and there is no terminal to ask you",
            hint=hint,
        )
    since = f" since {found.before.at}" if found.before.hash else ""
    screen.print_note(
        "\n".join(
            (
                f"This folder reaches{since}:",
                *found.changes,
                f"hash: {found.current_hash}",
            )
        )
    )
    return screen.ask_yes_no("trust it with that?", yes=False)


def print_trust(edges: OpenCompany, *, as_json: bool) -> None:
    """What the folder reaches now, and whether it is trusted with that."""
    found = trust_status(edges)
    if as_json:
        said = {
            "trusted": found.is_trusted,
            "hash": found.current_hash,
            "reach": found.reach,
            "changes": found.changes,
        }
        screen.print_json({"company": str(edges.files.root), **said})
        return
    word = (
        "trusted"
        if found.is_trusted
        else "changed since it was trusted"
        if found.before.hash
        else "not trusted"
    )
    screen.print_text(
        "\n".join(
            (*found.reach, f"hash: {found.current_hash}", f"{edges.files.root}: {word}")
        )
    )
