"""`agentco memory` commands for the file as a whole: prune, repair, export, import."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from agentco.cli import screen
from agentco.cli.memory_show import memory, shown
from agentco.cli.options import Json, Yes, answer
from agentco.desk import current_company
from agentco.kernel.errors import WrongUsage

DryRun = Annotated[bool, typer.Option("--dry-run", help="Only list what would go.")]
Compact = Annotated[
    bool, typer.Option("--compact", help="One line for each entity and relation.")
]
Trusted = Annotated[
    bool, typer.Option("--trusted", help="You vouch for what the file says.")
]
Target = Annotated[
    str | None,
    typer.Argument(metavar="[FILE]", help="A new file; stdout if not named."),
]
BACK = "agentco memory undo takes it back; the settings' retention: keeps it for longer"


def prune(dry_run: DryRun = False, yes: Yes = False, as_json: Json = False) -> None:
    """Take away what the settings no longer keep, as each standup does; it lies in the trash for 30 days.

    Examples:
      agentco memory prune --dry-run
      agentco memory prune --yes
    """
    from agentco.day.memory_expiry import expired
    from agentco.memory.retention import cut

    file, rules = (
        memory(write=not dry_run),
        current_company.edges().company.settings().usable().kept(),
    )
    going = expired(file.graph(), rules, current_company.today())
    named = [
        (f"{len(g.texts)} runs of {g.name}" if g.texts else f"{g.type} {g.name}", g)
        for g in going
    ]
    lines = [f"{what}, not kept since {g.when}" for what, g in named]
    gone = [
        {
            "name": g.name,
            "type": g.type,
            "since": str(g.when),
            "observations": list(g.texts),
        }
        for g in going
    ]
    document: dict[str, object] = {"pruned": gone, "dry_run": dry_run, "id": None}
    if dry_run or not going:
        answer(document, *lines, f"{len(going) or 'nothing'} to prune", as_json=as_json)
        return
    screen.note("\n".join(lines))
    if not screen.agreed(
        f"prune {'this' if len(going) == 1 else f'these {len(going)}'}?", yes=yes
    ):
        screen.note("nothing was pruned")
        return
    more = f" and {len(going) - 1} more" if len(going) > 1 else ""
    removal = file.remove(
        cut(going), at=current_company.stamp(), what=f"pruned: {named[0][0]}{more}"
    )
    answer(
        document | {"id": removal.id if removal else None},
        f"pruned; {BACK}",
        as_json=as_json,
    )


def repair(compact: Compact = False, as_json: Json = False) -> None:
    """Write every record on a line of its own; lines that are none move to rejected.jsonl beside the memory.

    --compact also makes one line of all that speak of the same, and loses nothing that was said.

    Examples:
      agentco memory repair
      agentco memory repair --compact
    """
    file = memory(write=True)
    moved = file.repair(compact=compact)
    said = f"repaired; {moved} bad lines moved to {file.rejected.name}"
    document = {
        "repaired": moved is not None,
        "rejected": moved or 0,
        "file": str(file.rejected),
    }
    answer(document, "nothing to repair" if moved is None else said, as_json=as_json)


def export(target: Target = None, as_json: Json = False) -> None:
    """Write the memory as the MCP reference memory server would: one line for each entity, who said it left out.

    Examples:
      agentco memory export > memory.jsonl
      agentco memory export /tmp/memory.jsonl
    """
    from agentco.cli.ask import new_file
    from agentco.memory.compact import exported
    from agentco.memory.lines import encoded, untrusted

    graph = memory().graph()
    if doubtful := sum(
        untrusted(o) for entity in graph.entities() for o in entity.observations
    ):
        screen.note(
            f"{doubtful} of the observations are untrusted, which this form cannot say"
        )
    entities, ties = graph.entities(), graph.relations
    if target is None and as_json:
        screen.document(shown(entities, ties, len(entities)))
    elif target is None:
        for line in exported(graph):
            screen.exact(encoded(line).decode())
    else:
        with new_file(target) as place:
            place.write_bytes(b"".join(map(encoded, exported(graph))))
        document = {"file": target, "entities": len(entities), "relations": len(ties)}
        answer(
            document,
            f"{len(entities)} entities, {len(ties)} relations in {target}",
            as_json=as_json,
        )


def import_(
    source: Annotated[
        str, typer.Argument(metavar="FILE", help="Lines of a memory; - for stdin.")
    ],
    trusted: Trusted = False,
    as_json: Json = False,
) -> None:
    """Take in what another memory knows, of agentco or of the MCP reference server. Twice is once.

    Every line says that it came by import:FILE. It counts as untrusted, unless you vouch for it.

    Examples:
      agentco memory import other.jsonl
      agentco memory import old-company/memory/memory.jsonl --trusted
    """
    from agentco.memory.import_plan import incoming
    from agentco.memory.lines import EntityLine, Provenance, Trust

    file = memory(write=True)
    trust = Trust.TRUSTED if trusted else Trust.UNTRUSTED
    mark = Provenance(
        at=current_company.stamp(), by=f"import:{named(source)}", trust=trust
    )
    found = incoming(read(source), file.graph(), mark)
    if found.lines:
        file.replace(records=found.lines, at=current_company.stamp())
    counts = {
        "entities": len(found.new),
        "observations": sum(
            len(line.observations)
            for line in found.lines
            if isinstance(line, EntityLine)
        ),
        "relations": sum(not isinstance(line, EntityLine) for line in found.lines),
        "known": found.known,
    }
    bad = [{"line": row.number, "reason": row.reason} for row in found.rejected]
    for row in found.rejected:
        screen.note(f"{source}:{row.number}: left out, {row.reason}")
    told = "{entities} new entities, {observations} observations and {relations} relations added, {known} known already"
    document = {
        "by": mark.by,
        "trust": trust,
        **counts,
        "new": list(found.new),
        "rejected": bad,
    }
    answer(
        document,
        f"{told.format(**counts)}; {len(bad) or 'no'} lines left out",
        as_json=as_json,
    )


def named(source: str) -> str:
    """What to call a file as a source."""
    name = "stdin" if source == "-" else Path(source).name
    return "".join(c if c.isprintable() else "?" for c in name)


def read(source: str) -> bytes:
    """The bytes of a file, or of stdin. Raises WrongUsage when it cannot be read."""
    from agentco.adapters.files.safe_read import read_regular

    try:
        return sys.stdin.buffer.read() if source == "-" else read_regular(Path(source))
    except (OSError, ValueError) as error:
        what = f"{source!r} cannot be read: {getattr(error, 'strerror', error)}"
        raise WrongUsage(
            what, hint="name a file of lines as agentco memory export writes them"
        ) from None
