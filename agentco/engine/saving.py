"""A deliverable as a file: where its prompt says, over nothing but what that prompt wrote."""

from collections.abc import Iterable

from agentco.briefing.prompt_parts import skills_on_demand
from agentco.engine.effect_input import EffectInput
from agentco.engine.office import Office
from agentco.ports.outside import ToolCaller, ToolResult
from agentco.ports.stored_values import WrittenFile
from agentco.review.deliverable import split_answer
from agentco.runs.effects import EffectRecord, FileImage, SaveDeliverable
from agentco.runs.run import Run


async def plan_deliverable(
    loaded: EffectInput, order: SaveDeliverable, office: Office
) -> FileImage | ToolResult:
    """Return what a file becomes by a deliverable, or why it cannot be written."""
    run, answer = loaded.run, loaded.text
    if answer is None:
        return ToolResult(text="the deliverable is no longer kept", ok=False)
    said = split_answer(answer)
    files = await office.read(lambda tx: tx.files_written_at(order.path))
    own = [file.after for file in files if file.root == run.root]
    if own and said.text.strip() == answer.strip():
        # it wrote the page itself, and its answer only says so
        return FileImage(file=order.path, before=own[-1], after=own[-1])
    caller = tool_caller(loaded.row, office)
    return await office.tools.plan_deliverable(
        order.path, said.text, own_versions(files, run), caller
    )


def own_versions(files: Iterable[WrittenFile], run: Run) -> frozenset[str]:
    """Return the hashes of what a run, or another of the same prompt, wrote."""
    return frozenset(
        file.after
        for file in files
        if file.root == run.root or file.is_of_prompt(run.prompt)
    )


def tool_caller(row: EffectRecord, office: Office) -> ToolCaller:
    """Return who acts, for which effect; a row with a driver was begun before."""
    agent = office.company.find_agent(row.agent)
    skills = skills_on_demand(office.company, agent) if agent else ()
    return ToolCaller(
        effect=row.id,
        agent=row.agent,
        at=office.clock.now(),
        skills=tuple(skill.id for skill in skills),
        again=bool(row.driver),
    )
