"""A deliverable as a file: where its prompt says, over nothing but what that prompt wrote."""

from collections.abc import Iterable
from pathlib import PurePosixPath
from posixpath import splitext

from agentco.briefing.prompt_parts import skills_on_demand
from agentco.engine.delayed_ticks import ticks_wait
from agentco.engine.effect_input import EffectInput
from agentco.engine.office import Office
from agentco.ports.outside import DeliveredPage, ToolCaller, ToolResult
from agentco.ports.stored_values import WrittenFile
from agentco.review.deliverable import split_answer
from agentco.runs.effects import EffectRecord, FileImage, SaveDeliverable
from agentco.runs.run import Run

MAX_NOTE = 200
"""Characters of a line that reports what was done."""


async def plan_deliverable(
    loaded: EffectInput, order: SaveDeliverable, office: Office
) -> FileImage | ToolResult:
    """Return what a file becomes by a deliverable, or why it cannot be written."""
    run, answer = loaded.run, loaded.text
    if answer is None:
        return ToolResult(text="the deliverable is no longer kept", ok=False)
    stem, _suffix = splitext(order.path)
    files = await office.read(lambda tx: tx.files_written_between(stem, f"{stem}/"))
    page = DeliveredPage(
        path=order.path,
        text=split_answer(answer).text,
        own=own_versions(files, run),
        written=version_written_itself(files, run, order.path, answer),
    )
    return await office.tools.plan_deliverable(page, tool_caller(loaded.row, office))


def version_written_itself(
    files: Iterable[WrittenFile], run: Run, path: str, answer: str
) -> str:
    """Return the hash of the page that a run wrote by a tool, if its answer only says so.

    After a revision the answer must name the page: the text itself may be as short.
    """
    own = [file.after for file in files if (file.root, file.path) == (run.root, path)]
    is_plain = split_answer(answer).text.strip() == answer.strip()
    names_it = PurePosixPath(path).name.casefold() in answer.casefold()
    is_note = len(answer) <= MAX_NOTE and "\n" not in answer.strip() and not run.round
    return own[-1] if own and is_plain and (names_it or is_note) else ""


def own_versions(files: Iterable[WrittenFile], run: Run) -> dict[str, frozenset[str]]:
    """Return the hashes of what a run, or another of the same prompt, wrote, by path."""
    own = dict[str, frozenset[str]]()
    for file in files:
        if file.root == run.root or file.is_of_prompt(run.prompt):
            own[file.path] = own.get(file.path, frozenset()) | {file.after}
    return own


def tool_caller(
    row: EffectRecord, office: Office, run: Run | None = None
) -> ToolCaller:
    """Return who acts, for which effect; a row with a driver was begun before.

    What a `run` that can still be blocked marks as done waits for its delivery.
    """
    agent = office.company.find_agent(row.agent)
    skills = skills_on_demand(office.company, agent) if agent else ()
    return ToolCaller(
        effect=row.id,
        agent=row.agent,
        at=office.clock.now(),
        skills=tuple(skill.id for skill in skills),
        again=bool(row.driver),
        shown=row.approved_diff,
        ticks_wait=run is not None and ticks_wait(run),
    )
