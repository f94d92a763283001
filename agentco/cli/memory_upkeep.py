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

DRY_RUN_HELP = "Only list what would go."
DryRunOption = Annotated[bool, typer.Option("--dry-run", help=DRY_RUN_HELP)]
COMPACT_HELP = "One line for each entity and relation."
CompactOption = Annotated[bool, typer.Option("--compact", help=COMPACT_HELP)]
TRUSTED_HELP = "You vouch for what the file says."
TrustedOption = Annotated[bool, typer.Option("--trusted", help=TRUSTED_HELP)]
TARGET_HELP = "A new file; stdout if not named."
TargetFile = Annotated[str | None, typer.Argument(metavar="[FILE]", help=TARGET_HELP)]
SOURCE_HELP = "Lines of a memory; - for stdin."
SourceFile = Annotated[str, typer.Argument(metavar="FILE", help=SOURCE_HELP)]


def prune(
    dry_run: DryRunOption = False, yes: YesOption = False, as_json: JsonOption = False
) -> None:
    """Take away what the settings no longer keep, as each standup does.

    It stays in the trash for 30 days.

    Examples:
      agentco memory prune --dry-run
      agentco memory prune --yes
    """
    from agentco.desk import memory_edits
    from agentco.documents.memory import pruned_document

    company = current_company.open_current()
    expired = memory_edits.plan_pruning(company, writes=not dry_run)
    lines = [
        f"{memory_edits.describe_expired(gone)}, not kept since {gone.when}"
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
    """Write every record on a line of its own.

    Lines that hold no record move to rejected.jsonl beside the memory.

    --compact also makes one line of all that speak of the same, and loses nothing that was said.

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
    """Write the memory as the MCP reference memory server would.

    Each entity gets one line; who said what is left out.

    Examples:
      agentco memory export > memory.jsonl
      agentco memory export /tmp/memory.jsonl
    """
    from agentco.cli.ask import new_file
    from agentco.desk.memory import MemoryView
    from agentco.desk.memory_edits import export_memory
    from agentco.documents.memory import memory_document

    memory = export_memory(current_company.open_current())
    count = len(memory.entities)
    if memory.untrusted:
        what = f"{memory.untrusted} of the observations are untrusted"
        screen.print_note(f"{what}, which this form cannot say")
    if target is not None:
        with new_file(target) as place:
            place.write_bytes(b"".join(memory.lines))
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
    """Take in what another memory knows, of agentco or of the MCP reference server. Twice is once.

    Every line says that it came by import:FILE. It counts as untrusted, unless you vouch for it.

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
