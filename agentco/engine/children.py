"""Runs that a run starts, made from the state and the company's files: who may be called, and what it is told."""

from msgspec import Struct
from msgspec.structs import replace

from agentco.company.records import Agent
from agentco.engine.office import Office
from agentco.engine.route import usable_models
from agentco.engine.start import agent_tools, build_asked_event, company_context
from agentco.engine.store import Transaction
from agentco.review.chain import call_refusal
from agentco.review.triggers import format_triggers, merge_triggers
from agentco.runs import child_runs, effects, events
from agentco.runs.actions import Delegate as Action, read_call
from agentco.runs.effects import EffectRecord
from agentco.runs.prompt_format import escape_tags
from agentco.runs.prompt_parts import Assignment, build_prompt_parts
from agentco.runs.run import Run
from agentco.runs.transcript import StoryEntry, may_read_result


class ChildRun(Struct, frozen=True, kw_only=True):
    """A run that can begin, and what it is asked."""

    run: Run
    asked: events.TaskAsked


class ParentState(Struct, frozen=True, kw_only=True):
    """What the state says of a run that wants to start another."""

    run: Run
    asked: events.TaskAsked | None
    story: tuple[StoryEntry, ...]
    stored: str | None


async def prepare_child(row: EffectRecord, office: Office) -> ChildRun | str:
    """The run that an effect starts; else why it may not, empty for an effect that starts none."""
    wanted = row.wanted
    if not isinstance(wanted, effects.ChildEffect):
        return ""
    before = await office.read(load_parent, row)
    match wanted:
        case effects.StartTask():
            made = prepare_reader(wanted, before, office)
        case effects.Classify():
            made = prepare_classifier(wanted, before, office)
        case effects.StartReview():
            made = prepare_reviewer(wanted, before, office)
        case effects.ProposeImprovement():
            made = prepare_improver(wanted, before, office)
        case effects.DelegateWork():
            made = prepare_delegation(wanted, before, office)
    if isinstance(made, str):
        return made
    fallback = before.run.tier, before.run.model
    if not usable_models(made.run, office):
        made = replace(made, run=replace(made.run, tier=fallback[0], model=fallback[1]))
    return made


def load_parent(tx: Transaction, row: EffectRecord) -> ParentState:
    """What the state says of it."""
    run, wanted = tx.load_run(row.run), row.wanted
    handle = wanted.handle if isinstance(wanted, effects.StartTask) else ""
    draft = getattr(wanted, "draft", 0)
    return ParentState(
        run=run,
        asked=tx.load_asked(run.id),
        story=tuple(tx.load_story(run.id)),
        stored=tx.stored_text(handle or f"{run.id}.{draft}")
        if not handle or may_read_result(run.id, handle)
        else None,
    )


def prepare_reader(
    effect: effects.StartTask, before: ParentState, office: Office
) -> ChildRun | str:
    """Somebody who reads a large result."""
    if before.stored is None:
        return f"there is no stored result {effect.handle!r} in this run; use a handle word for word"
    run, asked = child_runs.gather_run(before.run, effect, office.now_iso())
    return ChildRun(
        run=replace(run, tier=before.run.tier, model=before.run.model)
        if before.run.model
        else run,
        asked=asked,
    )


def prepare_classifier(
    effect: effects.Classify, before: ParentState, office: Office
) -> ChildRun | str:
    """Somebody who says which reviews a draft calls for."""
    names = {due.trigger for due in effect.perhaps}
    triggers = [
        one for one in merge_triggers(office.settings.triggers) if one.name in names
    ]
    told = format_triggers(triggers, before.run.agent)
    run, asked = child_runs.classify_run(
        before.run, effect, before.stored or "", told, office.now_iso()
    )
    return ChildRun(run=run, asked=asked)


def prepare_reviewer(
    effect: effects.StartReview, before: ParentState, office: Office
) -> ChildRun | str:
    """Somebody who reviews a draft."""
    agent = office.company.find_agent(effect.agent)
    if agent is None or before.asked is None or before.stored is None:
        return (
            f"there is no agent {effect.agent!r}"
            if agent is None
            else "its draft is no longer kept"
        )
    if why := call_refusal(agent.id, before.run.chain, longest=before.run.max_chain):
        return why
    run = child_runs.review_run(before.run, effect, agent, office.now_iso())
    task = child_runs.review_request(
        before.run, effect, before.asked, before.story, before.stored
    )
    return ChildRun(run=run, asked=asked_event_for(agent, task, office))


def prepare_delegation(
    effect: effects.DelegateWork, before: ParentState, office: Office
) -> ChildRun | str:
    """A department that is given a piece of work."""
    agent, caller = (
        office.company.find_agent(effect.agent),
        office.company.find_agent(before.run.agent),
    )
    if agent is None:
        names = ", ".join(one.id for one in office.company.agents)
        return f"there is no agent {effect.agent!r}; there is {names}"
    if (
        caller
        and caller.agents is not None
        and agent.id
        not in {
            found.id
            for name in caller.agents
            if (found := office.company.find_agent(name))
        }
    ):
        return f"{before.run.agent} may not delegate to {agent.id}: its file does not list it"
    if why := call_refusal(agent.id, before.run.chain, longest=before.run.max_chain):
        return why
    action = read_call(effect.call, ("Delegate",))
    if not effect.task and not (isinstance(action, Action) and action.reason.strip()):
        return "name the `task` of the day plan that this is, or give a `reason` for a new one"
    budget = office.settings.budget
    turns = min(budget.turns, agent.max_turns or budget.turns)
    facts = {
        "max_turns": turns,
        "max_tool_calls": budget.tool_calls,
        "tools": agent_tools(agent, office),
    }
    run = child_runs.delegate_run(before.run, effect, agent, office.now_iso(), **facts)
    title = office.tools.open_task_title(effect.task) if effect.task else ""
    if title is None:
        return f"there is no open task {effect.task!r} on the board; leave `task` empty and give a reason for a new one"
    task = f"From: {before.run.agent}\nTask: {title or 'a new one'}\n\n{effect.what}"
    return ChildRun(run=run, asked=asked_event_for(agent, escape_tags(task), office))


def prepare_improver(
    effect: effects.ProposeImprovement, before: ParentState, office: Office
) -> ChildRun | str:
    """The improver, which a department tells of a gap."""
    agent = office.company.find_agent(office.settings.company.improver or "")
    if agent is None:
        return "nobody improves the company's files: no improver is set"
    if why := call_refusal(agent.id, before.run.chain, longest=before.run.max_chain):
        return why
    task = f"From: {before.run.agent}\nA gap in our files: {effect.gap}\n\nSay what should change, and where."
    return ChildRun(
        run=child_runs.improve_run(before.run, effect, agent, office.now_iso()),
        asked=asked_event_for(agent, escape_tags(task), office),
    )


def asked_event_for(agent: Agent, task: str, office: Office) -> events.TaskAsked:
    """What a department is told when another one calls it."""
    work = Assignment(task=task, today=office.today(), **company_context(office))
    return build_asked_event(
        build_prompt_parts(office.company, agent, work), agent, task, office
    )
