"""`agentco memory` commands for the file as a whole: prune, repair, export, import."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from agentco.cli import current_company, screen
from agentco.cli.memory_read import memory_document, open_memory
from agentco.cli.shared_options import JsonOption, YesOption, print_answer
from agentco.kernel.errors import WrongUsage

DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Only list what would go.")
]
CompactOption = Annotated[
    bool, typer.Option("--compact", help="One line for each entity and relation.")
]
TrustedOption = Annotated[
    bool, typer.Option("--trusted", help="You vouch for what the file says.")
]
TargetFile = Annotated[
    str | None,
    typer.Argument(metavar="[FILE]", help="A new file; stdout if not named."),
]
UNDO_HINT = (
    "agentco memory undo takes it back; the settings' retention: keeps it for longer"
)


def prune(
    dry_run: DryRunOption = False, yes: YesOption = False, as_json: JsonOption = False
) -> None:
    """Take away what the settings no longer keep, as each standup does; it lies in the trash for 30 days.

    Examples:
      agentco memory prune --dry-run
      agentco memory prune --yes
    """
    from agentco.day.memory_expiry import expired_today
    from agentco.memory.retention import remove_expired

    file, rules = (
        open_memory(write=not dry_run),
        current_company.open_current()
        .files.settings()
        .require_valid()
        .retention_by_type(),
    )
    going = expired_today(file.load_graph(), rules, current_company.today())
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
        print_answer(
            document, *lines, f"{len(going) or 'nothing'} to prune", as_json=as_json
        )
        return
    screen.print_note("\n".join(lines))
    if not screen.ask_yes_no(
        f"prune {'this' if len(going) == 1 else f'these {len(going)}'}?", yes=yes
    ):
        screen.print_note("nothing was pruned")
        return
    more = f" and {len(going) - 1} more" if len(going) > 1 else ""
    removal = file.remove(
        remove_expired(going),
        at=current_company.now_iso(),
        what=f"pruned: {named[0][0]}{more}",
    )
    print_answer(
        document | {"id": removal.id if removal else None},
        f"pruned; {UNDO_HINT}",
        as_json=as_json,
    )


def repair(compact: CompactOption = False, as_json: JsonOption = False) -> None:
    """Write every record on a line of its own; lines that are none move to rejected.jsonl beside the memory.

    --compact also makes one line of all that speak of the same, and loses nothing that was said.

    Examples:
      agentco memory repair
      agentco memory repair --compact
    """
    file = open_memory(write=True)
    moved = file.repair(compact=compact)
    said = f"repaired; {moved} bad lines moved to {file.rejected.name}"
    document = {
        "repaired": moved is not None,
        "rejected": moved or 0,
        "file": str(file.rejected),
    }
    print_answer(
        document, "nothing to repair" if moved is None else said, as_json=as_json
    )


def export(target: TargetFile = None, as_json: JsonOption = False) -> None:
    """Write the memory as the MCP reference memory server would: one line for each entity, who said it left out.

    Examples:
      agentco memory export > memory.jsonl
      agentco memory export /tmp/memory.jsonl
    """
    from agentco.cli.ask import new_file
    from agentco.memory.compact import export_lines
    from agentco.memory.lines import encode_line, is_untrusted

    graph = open_memory().load_graph()
    if doubtful := sum(
        is_untrusted(o) for entity in graph.entities() for o in entity.observations
    ):
        screen.print_note(
            f"{doubtful} of the observations are untrusted, which this form cannot say"
        )
    entities, ties = graph.entities(), graph.relations
    if target is None and as_json:
        screen.print_json(memory_document(entities, ties, len(entities)))
    elif target is None:
        for line in export_lines(graph):
            screen.print_escaped(encode_line(line).decode())
    else:
        with new_file(target) as place:
            place.write_bytes(b"".join(map(encode_line, export_lines(graph))))
        document = {"file": target, "entities": len(entities), "relations": len(ties)}
        print_answer(
            document,
            f"{len(entities)} entities, {len(ties)} relations in {target}",
            as_json=as_json,
        )


def import_(
    source: Annotated[
        str, typer.Argument(metavar="FILE", help="Lines of a memory; - for stdin.")
    ],
    trusted: TrustedOption = False,
    as_json: JsonOption = False,
) -> None:
    """Take in what another memory knows, of agentco or of the MCP reference server. Twice is once.

    Every line says that it came by import:FILE. It counts as untrusted, unless you vouch for it.

    Examples:
      agentco memory import other.jsonl
      agentco memory import old-company/memory/memory.jsonl --trusted
    """
    from agentco.memory.import_plan import plan_import
    from agentco.memory.lines import EntityLine, Provenance, TrustLevel

    file = open_memory(write=True)
    trust = TrustLevel.TRUSTED if trusted else TrustLevel.UNTRUSTED
    mark = Provenance(
        at=current_company.now_iso(), by=f"import:{source_label(source)}", trust=trust
    )
    found = plan_import(read_source(source), file.load_graph(), mark)
    if found.lines:
        file.apply_changes(records=found.lines, at=current_company.now_iso())
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
        screen.print_note(f"{source}:{row.number}: left out, {row.reason}")
    told = "{entities} new entities, {observations} observations and {relations} relations added, {known} known already"
    document = {
        "by": mark.by,
        "trust": trust,
        **counts,
        "new": list(found.new),
        "rejected": bad,
    }
    print_answer(
        document,
        f"{told.format(**counts)}; {len(bad) or 'no'} lines left out",
        as_json=as_json,
    )


def source_label(source: str) -> str:
    """What to call a file as a source."""
    name = "stdin" if source == "-" else Path(source).name
    return "".join(c if c.isprintable() else "?" for c in name)


def read_source(source: str) -> bytes:
    """The bytes of a file, or of stdin. Raises WrongUsage when it cannot be read."""
    from agentco.adapters.files.safe_read import read_regular

    try:
        return sys.stdin.buffer.read() if source == "-" else read_regular(Path(source))
    except (OSError, ValueError) as error:
        what = f"{source!r} cannot be read: {getattr(error, 'strerror', error)}"
        raise WrongUsage(
            what, hint="name a file of lines as agentco memory export writes them"
        ) from None
