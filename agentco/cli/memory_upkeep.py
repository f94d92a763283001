"""`agentco memory` commands for the file as a whole: prune, repair, export, import."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agentco.cli import current_company
from agentco.cli.memory_edit import UNDO_HINT, these
from agentco.cli.shared_options import JsonOption, YesOption, print_answer
from agentco.kernel.errors import WrongUsage
from agentco.terminal import screen

if TYPE_CHECKING:
    from agentco.desk.open_company import OpenCompany

STDIN = "-"

DRY_RUN_HELP = "Only list what would be deleted."
DryRunOption = Annotated[bool, typer.Option("--dry-run", help=DRY_RUN_HELP)]
COMPACT_HELP = "Write one line per entity and relation."
CompactOption = Annotated[bool, typer.Option("--compact", help=COMPACT_HELP)]
TRUSTED_HELP = "Trust what the file says."
TrustedOption = Annotated[bool, typer.Option("--trusted", help=TRUSTED_HELP)]
TARGET_HELP = "A new file; stdout if omitted."
TargetFile = Annotated[str | None, typer.Argument(metavar="[FILE]", help=TARGET_HELP)]
SOURCE_HELP = "A memory file; - reads stdin."
SourceFile = Annotated[str, typer.Argument(metavar="FILE", help=SOURCE_HELP)]


def prune(
    dry_run: DryRunOption = False, yes: YesOption = False, as_json: JsonOption = False
) -> None:
    """Delete what the retention settings no longer keep, as each standup does.

    Deleted entries stay in the trash for 30 days.

    Examples:
      agentco memory prune --dry-run
      agentco memory prune --yes
    """
    from agentco.desk import memory_edits
    from agentco.documents.memory import pruned_document

    company = current_company.open_current()
    expired = memory_edits.plan_pruning(company, writes=not dry_run)
    lines = [
        f"{memory_edits.describe_expired(gone)}, expired on {gone.when}"
        for gone in expired
    ]
    document = pruned_document(expired, dry_run=dry_run)
    if dry_run or not expired:
        lines.append(f"{len(expired) or 'nothing'} to prune")
        print_answer(document, *lines, as_json=as_json)
        return
    screen.print_note("\n".join(lines))
    if not screen.ask_yes_no(f"prune {these(len(expired))}?", yes=yes):
        screen.print_note("nothing was pruned")
        return
    removal = memory_edits.prune(company, expired)
    if removal:
        document["id"] = removal.id
    hint = f"{UNDO_HINT}; the settings' retention: keeps it for longer"
    print_answer(document, f"pruned; {hint}", as_json=as_json)


def repair(compact: CompactOption = False, as_json: JsonOption = False) -> None:
    """Rewrite the memory with one record per line.

    Invalid lines move to rejected.jsonl beside the memory. --compact also merges lines about the
    same entity, without losing anything.

    Examples:
      agentco memory repair
      agentco memory repair --compact
    """
    from agentco.desk.memory_edits import repair_memory

    repaired = repair_memory(current_company.open_current(), compact=compact)
    line = "nothing to repair"
    if repaired.repaired:
        line = f"repaired; {repaired.moved} bad lines moved to {repaired.file_name}"
    document = {
        "repaired": repaired.repaired,
        "rejected": repaired.moved,
        "file": repaired.file,
    }
    print_answer(document, line, as_json=as_json)


def export(target: TargetFile = None, as_json: JsonOption = False) -> None:
    """Export the memory in the format of the MCP reference memory server.

    Writes one line per entity, without authors.

    Examples:
      agentco memory export > memory.jsonl
      agentco memory export /tmp/memory.jsonl
    """
    from agentco.desk.memory import MemoryView
    from agentco.desk.memory_edits import export_memory
    from agentco.documents.memory import memory_document
    from agentco.terminal.out_file import claim_out_file

    memory = export_memory(current_company.open_current())
    count = len(memory.entities)
    if memory.untrusted:
        what = f"{memory.untrusted} of the observations are untrusted"
        screen.print_note(f"{what}, which this format cannot record")
    if target is not None:
        with claim_out_file(target) as place:
            place.path.write_bytes(b"".join(memory.lines))
        ties = len(memory.relations)
        document = {"file": target, "entities": count, "relations": ties}
        line = f"{count} entities, {ties} relations in {target}"
        print_answer(document, line, as_json=as_json)
    elif as_json:
        view = MemoryView(entities=memory.entities, relations=memory.relations)
        screen.print_json(memory_document(view, count))
    else:
        for line in memory.lines:
            screen.print_escaped(line.decode())


def import_(
    source: SourceFile, trusted: TrustedOption = False, as_json: JsonOption = False
) -> None:
    """Import another memory, from agentco or the MCP reference server.

    Importing it twice changes nothing.

    Every line is marked import:FILE and counts as untrusted, unless you pass --trusted.

    Examples:
      agentco memory import other.jsonl
      agentco memory import old-company/memory/memory.jsonl --trusted
    """
    from agentco.desk.memory_edits import import_memory
    from agentco.documents.memory import import_document

    company = current_company.open_writable()
    name = "stdin" if source == STDIN else Path(source).name
    data = read_source(company, source)
    result = import_memory(company, data, source=name, trusted=trusted)
    for bad in result.rejected:
        screen.print_note(f"{source}:{bad.number}: left out, {bad.reason}")
    new = f"{len(result.new)} new entities, {result.observations} observations"
    known = f"{result.relations} relations added, {result.known} known already"
    line = f"{new} and {known}; {len(result.rejected) or 'no'} lines left out"
    print_answer(import_document(result), line, as_json=as_json)


def read_source(company: "OpenCompany", source: str) -> bytes:
    """The bytes of a file, or of stdin. Raises WrongUsage if it cannot be read."""
    if source == STDIN:
        return sys.stdin.buffer.read()
    try:
        return company.files.read_anywhere(Path(source))
    except (OSError, ValueError) as error:
        what = f"{source!r} cannot be read: {getattr(error, 'strerror', error)}"
        hint = "name a file of lines as agentco memory export writes them"
        raise WrongUsage(what, hint=hint) from None
