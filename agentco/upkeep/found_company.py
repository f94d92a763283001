"""What a folder has already when it becomes a company, in counts, paths and words."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress

from msgspec import Struct, to_builtins

from agentco.board.document import BOARD_FILE, TaskBoard
from agentco.company.company import Company
from agentco.company.records import Record
from agentco.company.settings import CompanyProfile
from agentco.desk.open_company import OpenCompany
from agentco.kernel.errors import AgentcoError
from agentco.upkeep.found_boards import OtherBoard, find_other_boards
from agentco.upkeep.found_memory import FoundMemory, memory_lines
from agentco.upkeep.making_company import CompanyPlan
from agentco.upkeep.trusting import UNSIGNED_NOTE

PATHS_SHOWN = 3


class FoundRecords(Struct, frozen=True, kw_only=True):
    """The company files of a folder, by kind and in words: `agents` to their paths."""

    agents: tuple[str, ...] = ()
    prompts: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    instructions: tuple[str, ...] = ()


def find_records(company: Company) -> FoundRecords:
    """The agents, prompts, skills and instructions of a folder, without the founder's own."""
    return FoundRecords(
        agents=_paths(company.agents),
        prompts=_paths(company.prompts),
        skills=_paths(company.skills),
        instructions=_paths(company.instructions),
    )


class FoundCompany(Struct, frozen=True, kw_only=True):
    """What `init` tells of a folder: what was there, who leads it, and what does not count.

    `board` is one that was there, None where ours was written; `other_boards` are lists of tasks
    that are not read; `unsigned` is how much of the memory is nobody's word.
    """

    records: FoundRecords
    memory: FoundMemory
    board: TaskBoard | None
    profile: CompanyProfile
    other_boards: tuple[OtherBoard, ...] = ()
    unsigned: int = 0


def look_around(
    company: OpenCompany,
    plan: CompanyPlan,
    records: FoundRecords,
    read_file: Callable[[str], bytes | None],
) -> FoundCompany:
    """What there was before the plan was carried out; what cannot be read, `check` tells.

    `read_file` gives a file of the folder, None where there is none.
    """
    board: TaskBoard | None = None
    unsigned = 0
    if BOARD_FILE not in plan.new:
        with suppress(AgentcoError):
            board = company.board.read()
    with suppress(AgentcoError):
        if company.memory.is_small_enough():
            unsigned = len(company.memory.claims())
    return FoundCompany(
        records=records,
        memory=plan.memory,
        board=board,
        profile=company.files.settings().settings.company,
        other_boards=find_other_boards(read_file),
        unsigned=unsigned,
    )


def found_lines(found: FoundCompany) -> Iterator[str]:
    """What was found, a line each; nothing where there was nothing."""
    there = [*_records_lines(found.records)]
    if found.board is not None:
        there.append(_board_line(found.board))
    if there:
        yield "Found and left as it is:"
        yield from there
    if there and found.profile.orchestrator:
        yield f"  hands out work: {found.profile.orchestrator}"
    if there and found.profile.improver:
        yield f"  improves the files: {found.profile.improver}"
    yield from (board.in_words for board in found.other_boards)
    yield from memory_lines(found.memory)
    if found.unsigned:
        yield UNSIGNED_NOTE.format(found.unsigned)


def found_document(found: FoundCompany) -> dict[str, object]:
    """What was found, as a document."""
    used = found.memory.used
    return {
        **to_builtins(found.records),
        "board_tasks": len(found.board.tasks) if found.board else None,
        "other_boards": to_builtins(found.other_boards),
        "orchestrator": found.profile.orchestrator,
        "improver": found.profile.improver,
        "memories": to_builtins(found.memory.places),
        "memory_used": used.path if used else None,
        "unsigned": found.unsigned,
    }


def _records_lines(found: FoundRecords) -> Iterator[str]:
    """How many files of each kind there are, with the first paths."""
    kinds = {
        "agent": found.agents,
        "prompt": found.prompts,
        "skill": found.skills,
        "instruction file": found.instructions,
    }
    for kind, paths in kinds.items():
        if not paths:
            continue
        counted = f"1 {kind}" if len(paths) == 1 else f"{len(paths)} {kind}s"
        shown = ", ".join(paths[:PATHS_SHOWN])
        more = len(paths) - PATHS_SHOWN
        rest = f" and {more} more" if more > 0 else ""
        yield f"  {counted}: {shown}{rest}"


def _board_line(board: TaskBoard) -> str:
    """What the board that was there holds."""
    still_open = sum(1 for task in board.tasks if task.is_open)
    counted = "1 open task" if still_open == 1 else f"{still_open} open tasks"
    return f"  a board: {BOARD_FILE}, {counted}"


def _paths(records: Iterable[Record]) -> tuple[str, ...]:
    return tuple(each.file for each in records if not each.file.startswith("~/"))
