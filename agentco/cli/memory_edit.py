"""`agentco memory` commands that write: what the founder adds, ties together, removes, puts back and trusts."""

from typing import TYPE_CHECKING, Annotated

import typer

from agentco.cli import current_company, screen
from agentco.cli.memory_read import find_entity, format_minute, open_memory
from agentco.cli.shared_options import JsonOption, YesOption, print_answer
from agentco.kernel.errors import WrongUsage

if TYPE_CHECKING:
    from agentco.memory.graph import MemoryEntity, MemoryGraph
    from agentco.memory.lines import MemoryLine
    from agentco.memory.rewrite import RecordRewrite

LONG_OBSERVATION = 2000
OBSERVATION_HELP, RELATION_HELP = "What to remember.", "Only this relation from NAME."
LIST_HINT = "agentco memory show NAME lists them"


def require_plain_line(*texts: str) -> None:
    """Raises WrongUsage for a text that would not stay on its line, or is empty."""
    from unicodedata import category

    for text in texts:
        if not text.strip():
            raise WrongUsage(
                "an empty text says nothing", hint="put the words in quotes"
            )
        if odd := next(
            (c for c in text if category(c) in {"Cc", "Cs", "Zl", "Zp"}), None
        ):
            what = f"{text!r} holds the control character {odd!r}"
            raise WrongUsage(what, hint="write one line of plain text")


def add(
    name: Annotated[str, typer.Argument(help="What it is about.")],
    observations: Annotated[
        list[str] | None,
        typer.Argument(metavar="[OBSERVATION]…", help=OBSERVATION_HELP),
    ] = None,
    type_: Annotated[
        str | None, typer.Option("--type", metavar="T", help="A new entity's type.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Remember something. Saying it again confirms that it still holds.

    Examples:
      agentco memory add "Acme Ltd" "pays in 30 days" --type client
    """
    from agentco.memory.lines import EntityLine

    texts = observations or []
    require_plain_line(name, *texts, *filter(None, [type_]))
    file = open_memory(write=True)
    entity = file.load_graph().find_entity(name)
    kind = entity_type_for(name, entity, type_)
    if entity and not texts:
        hint = 'give an observation: agentco memory add NAME "…"'
        raise WrongUsage(f"nothing to add to {name!r}", hint=hint)
    for text in (text for text in texts if len(text) > LONG_OBSERVATION):
        screen.print_note(
            f"warning: an observation of {len(text):,} characters; a memory is for short facts"
        )
    told, said = current_company.now_iso(), tuple(dict.fromkeys(texts))
    file.add(
        [
            EntityLine(
                name=name,
                type=kind,
                observations=said,
                at=told,
                by="founder",
                verified=told,
            )
        ]
    )
    before = {o.text for o in entity.observations} if entity else set[str]()
    renewed = len(before.intersection(said))
    added = len(said) - renewed
    print_answer(
        {
            "name": name,
            "entityType": kind,
            "added": added,
            "renewed": renewed,
            "new": not entity,
        },
        f"{name} ({kind}): {added} added"
        + (f", {renewed} confirmed" if renewed else ""),
        as_json=as_json,
    )


def entity_type_for(
    name: str, entity: "MemoryEntity | None", wanted: str | None
) -> str:
    """The type to write. Raises WrongUsage when a new entity has none, or an old one another."""
    if entity is None and wanted is None:
        what = f"{name!r} is new, and a new entity needs a type"
        raise WrongUsage(what, hint="add --type, such as --type client")
    if entity and wanted and entity.type != wanted:
        raise WrongUsage(
            f"{name!r} is a {entity.type!r}, not a {wanted!r}", hint="leave --type out"
        )
    return entity.type if entity else wanted or ""


def relate(
    from_: Annotated[
        str, typer.Argument(metavar="FROM", help="Where the arrow begins.")
    ],
    relation: Annotated[str, typer.Argument(help="What it says, as a verb.")],
    to: Annotated[str, typer.Argument(help="Where it ends.")],
    as_json: JsonOption = False,
) -> None:
    """Tie two names together.

    Examples:
      agentco memory relate "Acme Ltd" uses Lumen
    """
    from agentco.memory.lines import RelationLine

    require_plain_line(relation)
    file = open_memory(write=True)
    graph = file.load_graph()
    find_entity(graph, from_)
    find_entity(graph, to)
    told = current_company.now_iso()
    file.add(
        [
            RelationLine(
                from_=from_, to=to, type=relation, at=told, by="founder", verified=told
            )
        ]
    )
    print_answer(
        {"from": from_, "to": to, "relationType": relation},
        f"{from_} {relation} {to}",
        as_json=as_json,
    )


def delete(
    name: Annotated[str, typer.Argument(help="The entity.")],
    observation: Annotated[
        list[str] | None, typer.Option(metavar="TEXT", help="Only this about it.")
    ] = None,
    relation: Annotated[
        tuple[str, str] | None, typer.Option(metavar="RELATION TO", help=RELATION_HELP)
    ] = None,
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Remove an entity with its relations, or one thing about it. It stays in the trash for 30 days.

    Examples:
      agentco memory delete "Acme Ltd" --observation "pays in 30 days"
    """
    file = open_memory(write=True)
    cut, going = plan_deletion(file.load_graph(), name, observation or [], relation)
    screen.print_note("\n".join(going))
    if not screen.ask_yes_no(
        f"delete {'this' if len(going) == 1 else f'these {len(going)}'}?", yes=yes
    ):
        screen.print_note("nothing was deleted")
        return
    removal = file.remove(cut, at=current_company.now_iso(), what=going[0])
    document = {"deleted": going, "id": removal.id if removal else None}
    print_answer(
        document, "deleted; agentco memory undo takes it back", as_json=as_json
    )


def plan_deletion(
    graph: "MemoryGraph",
    name: str,
    observations: list[str],
    relation: tuple[str, str] | None,
) -> "tuple[RecordRewrite, list[str]]":
    """What to cut, and what goes with it, a line each. Raises WrongUsage when it is not there."""
    from agentco.memory import rewrite

    if observations and relation:
        raise WrongUsage(
            "--observation and --relation at once", hint="delete one after the other"
        )
    if relation:
        kind, to = relation
        if not any(
            (r.from_, r.type, r.to) == (name, kind, to) for r in graph.relations
        ):
            raise WrongUsage(f"no relation {name!r} {kind} {to!r}", hint=LIST_HINT)
        return rewrite.remove_relations({(name, kind, to)}), [
            f"relation {name} {kind} {to}"
        ]
    entity = find_entity(graph, name)
    texts = [o.text for o in entity.observations]
    if missing := [text for text in observations if text not in texts]:
        raise WrongUsage(
            f"{name!r} has no observation {missing[0]!r}",
            hint=f"{LIST_HINT}; give it word for word",
        )
    if observations:
        return rewrite.remove_observations(name, observations), [
            f"observation of {name}: {t}" for t in observations
        ]
    ties = [
        f"relation {r.from_} {r.type} {r.to}"
        for r in graph.relations
        if name in {r.from_, r.to}
    ]
    going = [
        f"{entity.type} {name}",
        *(f"observation: {text}" for text in texts),
        *ties,
    ]
    return rewrite.remove_entities({name}), going


def undo(yes: YesOption = False, as_json: JsonOption = False) -> None:
    """Put back what was deleted last; again for the one before.

    Examples:
      agentco memory undo
    """
    file = open_memory(write=True)
    last = file.last_removal()
    if last is None:
        raise WrongUsage(
            "there is no deletion to take back",
            hint="the trash keeps deletions for 30 days",
        )
    screen.print_note(f"deleted {last.at[:16].replace('T', ' ')}: {last.what}")
    if not screen.ask_yes_no("put it back?", yes=yes):
        screen.print_note("nothing was put back")
        return
    back = file.undo_removal() or last
    document = {"restored": back.what, "id": back.id, "lines": len(back.edits)}
    print_answer(
        document,
        f"back: {back.what}; agentco memory delete removes it again",
        as_json=as_json,
    )


def trust(
    name: Annotated[str, typer.Argument(help="The entity.")],
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Vouch for what is untrusted of an entity and its relations. What nobody signed becomes your own word.

    Examples:
      agentco memory trust "Acme Ltd"
    """
    from agentco.memory.lines import is_untrusted
    from agentco.memory.provenance import trust_entity

    file = open_memory(write=True)
    graph = file.load_graph()
    doubted = [line for line in graph.lines_about(name) if is_untrusted(line)]
    if not doubted:
        find_entity(graph, name)
    shown = [
        {"by": x.by, "at": x.at, "text": text}
        for x in doubted
        for text in texts_of_line(x)
    ]
    for each in shown:
        when = format_minute(each["at"]) if each["at"] else "at an unknown time"
        screen.print_note(
            f"{each['by'] or 'by nobody we know'}, {when}: {each['text']}"
        )
    document: dict[str, object] = {"name": name, "trusted": shown, "id": None}
    if not doubted:
        print_answer(document, f"nothing of {name} is untrusted", as_json=as_json)
        return
    if not screen.ask_yes_no(
        f"trust {'this' if len(shown) == 1 else f'these {len(shown)}'}?", yes=yes
    ):
        screen.print_note("nothing was changed")
        return
    at = current_company.now_iso()
    removal = file.remove(
        trust_entity(name, at),
        at=at,
        what=f"trust in {len(shown)} things said of {name}",
    )
    document["id"] = removal.id if removal else None
    print_answer(
        document, "trusted; agentco memory undo takes it back", as_json=as_json
    )


def texts_of_line(line: "MemoryLine") -> tuple[str, ...]:
    """What a line says, each thing as a text."""
    from agentco.memory.lines import RelationLine

    if isinstance(line, RelationLine):
        return (f"{line.from_} {line.type} {line.to}",)
    return line.observations or (f"it is a {line.type}",)
