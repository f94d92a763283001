"""`agentco trust`: what a folder can reach, and the founder's word that it may."""

from typing import Annotated

import typer

from agentco.adapters.files import trust_file
from agentco.adapters.files.trust_file import Standing
from agentco.adapters.state.open_state import set_aside
from agentco.cli import screen
from agentco.cli.options import Json
from agentco.desk import current_company
from agentco.kernel.errors import NeedsFounder, WrongUsage
from agentco.wiring import Edges

Hash = Annotated[
    str | None,
    typer.Option(
        "--hash", metavar="H", help="Trust exactly what --show gave this hash."
    ),
]


def trust(
    show: Annotated[
        bool, typer.Option("--show", help="Only show it, with its hash.")
    ] = False,
    hash_: Hash = None,
    forget: Annotated[bool, typer.Option("--forget", help="Take trust back.")] = False,
    as_json: Json = False,
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
        trust_file.forget(edges.company.root)
    found = standing(edges)
    if found.doubt:
        screen.note(f"warning: {found.doubt}, so it is not believed")
    if not (show or forget or found.trusted):
        if hash_ is None and not agreed(found):
            screen.note("nothing was trusted")
            if as_json:
                tell(edges, as_json=True)
            raise typer.Exit(1)
        if hash_ is not None and hash_ != found.hash:
            screen.note("\n".join(found.changes))
            what = (
                f"the hash of what this folder reaches is {found.hash}, not {hash_!r}"
            )
            raise NeedsFounder(what, hint="agentco trust --show shows all of it")
        trust_file.trust(edges.company.root, found.reach, at=current_company.stamp())
    if not (show or forget) and set_aside(edges.company.root):
        screen.note(
            "a state that came with the folder was set aside as .agentco/state.db.brought"
        )
    tell(edges, as_json=as_json)


def trusted_edges() -> Edges:
    """The files of the company we stand in, once the founder trusts what they reach.

    What changed since is asked here at a terminal; else raises NeedsFounder.
    """
    edges = current_company.edges()
    found = standing(edges)
    if (
        found.before.hash
        and not found.trusted
        and screen.at_terminal()
        and agreed(found)
    ):
        trust_file.trust(edges.company.root, found.reach, at=current_company.stamp())
    trust_file.trusted(
        edges.company.root, edges.company.load(), edges.company.settings().usable()
    )
    return edges


def standing(edges: Edges) -> Standing:
    """How this company stands with the founder."""
    return trust_file.standing(
        edges.company.root, edges.company.load(), edges.company.settings().usable()
    )


def agreed(found: Standing) -> bool:
    """Show what would be trusted, and ask. Raises NeedsFounder where there is no terminal."""
    if not screen.at_terminal():
        hint = "agentco trust --show prints the hash, agentco trust --hash H trusts exactly that"
        raise NeedsFounder(
            "only you can trust a folder, and there is no terminal to ask you",
            hint=hint,
        )
    since = f" since {found.before.at}" if found.before.hash else ""
    screen.note(
        "\n".join(
            (f"This folder reaches{since}:", *found.changes, f"hash: {found.hash}")
        )
    )
    return screen.agreed("trust it with that?", yes=False)


def tell(edges: Edges, *, as_json: bool) -> None:
    """What the folder reaches now, and whether it is trusted with that."""
    found = standing(edges)
    if as_json:
        said = {
            "trusted": found.trusted,
            "hash": found.hash,
            "reach": found.reach,
            "changes": found.changes,
        }
        screen.document({"company": str(edges.company.root), **said})
        return
    word = (
        "trusted"
        if found.trusted
        else "changed since it was trusted"
        if found.before.hash
        else "not trusted"
    )
    screen.say(
        "\n".join(
            (*found.reach, f"hash: {found.hash}", f"{edges.company.root}: {word}")
        )
    )
