"""`agentco memory`: what the company knows, shown, added to, and taken back."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agentco.edges.cli import here, screen
from agentco.errors import WrongUsage

if TYPE_CHECKING:
    from agentco.edges.stores.memory_file import MemoryFile
    from agentco.memory.graph import Entity, Graph, Relation

LONGEST = 2000
MOST = 50

memory = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="What the company knows.")

Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


@memory.command()
def show(
    name: Annotated[str | None, typer.Argument(help="One entity, with everything said of it.")] = None,
    as_json: Json = False,
) -> None:
    """List what is known by type, or show one entity line by line: what, since when, from whom.

    Examples:
      agentco memory show
      agentco memory show Lumen
    """
    graph = opened().graph()
    entities = [existing(graph, name)] if name else graph.entities()
    relations = [r for r in graph.relations if name is None or name in {r.from_, r.to}]
    if as_json:
        screen.document(document(entities, relations, len(entities)))
    elif name:
        one(entities[0], relations)
    else:
        rows = [
            [e.type, e.name, str(len(e.observations))]
            for e in sorted(entities, key=lambda e: (e.type, e.name))
        ]
        screen.table(["type", "name", "observations"], rows)
        screen.say(f"{len(entities)} entities, {len(relations)} relations")


def one(entity: "Entity", relations: "Sequence[Relation]") -> None:
    """An entity as a story: each observation with its date and its author."""
    screen.say(f"{entity.name} ({entity.type})")
    rows = [[o.text, (o.at or "")[:10], o.by or "", (o.verified or "")[:10]] for o in entity.observations]
    screen.table(["observation", "since", "by", "verified"], rows)
    for r in relations:
        screen.say(f"  {r.from_} → {r.type} → {r.to}")


@memory.command()
def search(
    words: Annotated[
        list[str], typer.Argument(help="Every word must occur in the name, type or observations.")
    ],
    limit: Annotated[int, typer.Option(min=1, help="Show at most so many.")] = 20,
    as_json: Json = False,
) -> None:
    """Search names, types and observations; the best match comes first.

    Examples:
      agentco memory search annual plan
      agentco memory search lumen --limit 5 --json
    """
    from agentco.memory.search import between
    from agentco.memory.search import search as matches

    graph = opened().graph()
    found, total = matches(graph, " ".join(words), limit)
    relations = between(graph, {e.name for e in found})
    if as_json:
        screen.document(document(found, relations, total))
        return
    rows = [[e.type, e.name, e.observations[0].text if e.observations else ""] for e in found]
    screen.table(["type", "name", "first observation"], rows, clip=True)
    screen.say(f"{len(found)} of {total}" if total > len(found) else f"{total} found")


@memory.command()
def add(
    name: Annotated[str, typer.Argument(help="The entity; a new one needs --type.")],
    observations: Annotated[
        list[str] | None, typer.Argument(help="What to remember of it, one fact each.")
    ] = None,
    kind: Annotated[
        str | None, typer.Option("--type", help="What it is: product, decision, deadline, …")
    ] = None,
    as_json: Json = False,
) -> None:
    """Remember something. Saying a known fact again confirms that it still holds.

    Examples:
      agentco memory add decision:2026-11-21:annual-plan "Why: customers asked" --type decision
      agentco memory add deadline:iva-payment "Done: 2026-11-25"
    """
    from agentco.memory.lines import EntityLine

    texts = [clean("observation", text) for text in observations or []]
    store = opened(write=True)
    known = store.graph().entity(clean("name", name))
    if known is None and kind is None:
        raise WrongUsage(
            f"{name!r} is new: what is it?",
            hint="add --type product, decision, client, …, or correct the name",
        )
    if known and kind and kind != known.type:
        raise WrongUsage(
            f"{name!r} is a {known.type}, not a {kind}", hint="leave --type out, or choose another name"
        )
    stamp = here.stamp()
    line = EntityLine(
        name=name,
        entityType=known.type if known else clean("type", kind or ""),
        observations=texts,
        at=stamp,
        by="founder",
        verified=stamp,
    )
    store.add([line])
    done({"name": name, "added": texts}, f"remembered {len(texts)} about {name}", as_json=as_json)


def clean(what: str, text: str) -> str:
    """A text that fits in one line of the memory."""
    if not text.strip() or any(c < " " or "\x7f" <= c <= "\x9f" for c in text):
        raise WrongUsage(f"the {what} {text!r} is empty or holds a line break", hint="write it as one line")
    if len(text) > LONGEST:
        screen.note(f"warning: {len(text):,} characters; the memory is for facts, not for documents")
    return text


@memory.command()
def relate(
    source: Annotated[str, typer.Argument(metavar="FROM")], relation: str, to: str, as_json: Json = False
) -> None:
    """Connect two entities.

    Examples:
      agentco memory relate decision:2026-11-21:annual-plan concerns Lumen
    """
    from agentco.memory.lines import RelationLine

    store = opened(write=True)
    graph = store.graph()
    for name in (source, to):
        existing(graph, name)
    line = RelationLine(
        from_=source, to=to, relationType=clean("relation", relation), at=here.stamp(), by="founder"
    )
    store.add([line])
    shown = {"from": source, "to": to, "relationType": relation}
    done({"added": shown}, f"{source} → {relation} → {to}", as_json=as_json)


@memory.command()
def delete(
    name: Annotated[str, typer.Argument(help="The entity.")],
    observation: Annotated[
        list[str] | None, typer.Option(help="Only this observation; may be given several times.")
    ] = None,
    relation: Annotated[str | None, typer.Option(help="Only the relations of this type.")] = None,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Delete an entity with its relations, or only some of what is said of it. `memory undo` takes it back.

    Examples:
      agentco memory delete Lumen --observation "Status: beta"
      agentco memory delete client:old --yes
    """
    from agentco.memory.change import Removal

    store = opened(write=True)
    graph = store.graph()
    entity = existing(graph, name)
    texts = known_texts(entity, observation or [])
    mine = [
        r for r in graph.relations if name in {r.from_, r.to} and (relation is None or r.type == relation)
    ]
    if relation and not mine:
        raise WrongUsage(
            f"{name!r} has no relation {relation!r}", hint=f"agentco memory show {name!r} lists them"
        )
    if texts or relation:
        triples = frozenset((r.from_, r.to, r.type) for r in mine if relation)
        removal = Removal(observations=frozenset((name, text) for text in texts), relations=triples)
        what = [*texts, *(f"{r.from_} → {r.type} → {r.to}" for r in mine if relation)]
    else:
        removal = Removal(entities=frozenset({name}))
        what = [f"{name} ({entity.type}), {len(entity.observations)} observations, {len(mine)} relations"]
    for line in what:
        screen.note(f"  {line}")
    if not screen.agreed("delete this?", yes=yes):
        raise typer.Exit(1)
    store.remove(removal, at=here.stamp(), by="founder")
    done({"deleted": what}, "deleted; agentco memory undo takes it back", as_json=as_json)


def known_texts(entity: "Entity", wanted: Sequence[str]) -> list[str]:
    """Observations by their text, each of which must be there."""
    texts = [o.text for o in entity.observations]
    for text in wanted:
        if text not in texts:
            raise here.unknown("observation", text, texts)
    return list(wanted)


@memory.command()
def undo(as_json: Json = False) -> None:
    """Bring back what the last deletion took; repeat it for the one before.

    Examples:
      agentco memory undo
    """
    lines = opened(write=True).undo(by="founder")
    if not lines:
        raise WrongUsage(
            "there is no deletion to undo", hint="deletions stay in memory/trash.jsonl for 30 days"
        )
    done({"restored": len(lines)}, f"{len(lines)} lines are back", as_json=as_json)


@memory.command()
def check(as_json: Json = False) -> None:
    """Name every line that cannot be read and every relation that leads nowhere.

    Exit code 5 when the file cannot be used at all.

    Examples:
      agentco memory check
    """
    graph = opened().graph()
    problems = graph.problems
    if as_json:
        from msgspec import to_builtins

        screen.document(
            {
                "problems": to_builtins(problems),
                "bad_lines": len(graph.rejected),
                "dangling": len(graph.dangling),
            }
        )
        return
    for p in problems:
        screen.say(f"{p.level:<8}{p.file}{f':{p.line}' if p.line else ''}: {p.message}\n        {p.hint}")
    screen.say(f"{len(graph.rejected)} bad lines, {len(graph.dangling)} dangling relations")


@memory.command()
def repair(as_json: Json = False) -> None:
    """Write every readable line as a line of its own and move the others to memory/rejected.jsonl.

    Examples:
      agentco memory repair
    """
    bad = opened(write=True).repair(at=here.stamp())
    said = f"{len(bad)} bad lines moved to memory/rejected.jsonl" if bad else "nothing to repair"
    done({"rejected": [{"line": b.number, "reason": b.reason} for b in bad]}, said, as_json=as_json)


@memory.command()
def stats(as_json: Json = False) -> None:
    """Count what is known: by type, by month, and the heaviest entities.

    Examples:
      agentco memory stats
    """
    store = opened()
    numbers = counted(store)
    if as_json:
        screen.document(numbers)
        return
    screen.table(
        ["type", "entities", "observations"], [[str(v) for v in row.values()] for row in numbers["types"]]
    )
    screen.table(["month", "lines"], [[str(v) for v in row.values()] for row in numbers["months"]])
    screen.table(["heaviest", "characters"], [[str(v) for v in row.values()] for row in numbers["heaviest"]])
    screen.say(
        f"{numbers['entities']} entities, {numbers['relations']} relations, {numbers['bytes']:,} bytes"
    )


def counted(store: "MemoryFile") -> dict[str, Any]:
    """The numbers of `memory stats`."""
    from collections import Counter

    graph = store.graph()
    entities = graph.entities()
    kinds = Counter(e.type for e in entities)
    said = Counter(dict.fromkeys(kinds, 0))
    said.update(e.type for e in entities for _ in e.observations)
    months = Counter((line.at or "unknown")[:7] for lines in graph.contributions() for line in lines)
    weights = sorted(((sum(len(o.text) for o in e.observations), e.name) for e in entities), reverse=True)[:5]
    return {
        "entities": len(entities),
        "relations": len(graph.relations),
        "bytes": store.path.stat().st_size if store.path.exists() else 0,
        "types": [{"type": k, "entities": n, "observations": said[k]} for k, n in kinds.most_common()],
        "months": [{"month": m, "lines": n} for m, n in sorted(months.items())],
        "heaviest": [{"name": name, "characters": n} for n, name in weights],
    }


def opened(*, write: bool = False) -> "MemoryFile":
    """The memory of the company we stand in."""
    from agentco.edges.stores.memory_file import MemoryFile

    root = here.adopted(here.root()) if write else here.root()
    return MemoryFile(root / "memory" / "memory.jsonl")


def existing(graph: "Graph", name: str) -> "Entity":
    """The entity of this name.

    Raises WrongUsage with the names that come close.
    """
    if entity := graph.entity(name):
        return entity
    raise here.unknown("entity", name, list(graph.names))


def document(entities: "Iterable[Entity]", relations: "Iterable[Relation]", total: int) -> dict[str, object]:
    """Appendix C: entities and relations in the words of the memory file."""
    return {
        "entities": [
            {"name": e.name, "entityType": e.type, "observations": [o.text for o in e.observations]}
            for e in entities
        ],
        "relations": [{"from": r.from_, "to": r.to, "relationType": r.type} for r in relations],
        "total": total,
    }


def done(data: dict[str, object], sentence: str, *, as_json: bool) -> None:
    """What a change did, as a document or in a sentence."""
    if as_json:
        screen.document(data)
    else:
        screen.say(sentence)
