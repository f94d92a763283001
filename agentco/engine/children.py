"""Which run an effect starts: who may be called, and what that run is told."""

from msgspec import Struct
from msgspec.structs import replace

from agentco.briefing import child_briefs
from agentco.briefing.prompt_parts import Assignment, build_prompt_parts
from agentco.company.records import Agent
from agentco.engine.effect_input import EffectInput
from agentco.engine.office import Office
from agentco.engine.route import models_for_run, usable_models
from agentco.engine.start import agent_tools, build_asked_event, company_context
from agentco.review.chain import call_refusal
from agentco.review.deliverable import split_answer
from agentco.review.triggers import format_triggers, merge_triggers
from agentco.runs import child_runs, effects
from agentco.runs.actions import Delegate, name_of
from agentco.runs.events import TaskAsked
from agentco.runs.run import Run
from agentco.runs.tool_calls import read_call


class ChildRun(Struct, frozen=True, kw_only=True):
    """A run that can begin, and what it is asked."""

    run: Run
    asked: TaskAsked


async def prepare_child(parent: EffectInput, office: Office) -> ChildRun | str | None:
    """Return the run that an effect starts, or why it may not start; None if it starts none.

    A child whose own models cannot be asked gets those of its parent.
    """
    match parent.row.wanted:
        case effects.StartTask() as effect:
            child = prepare_reader(effect, parent, office)
        case effects.Classify() as effect:
            child = prepare_classifier(effect, parent, office)
        case effects.StartReview() as effect:
            child = prepare_reviewer(effect, parent, office)
        case effects.ProposeImprovement() as effect:
            child = prepare_improver(effect, parent, office)
        case effects.DelegateWork() as effect:
            child = await prepare_delegation(effect, parent, office)
        case _:
            return None
    if isinstance(child, str) or usable_models(child.run, office):
        return child
    run = replace(child.run, tier=parent.run.tier, model=parent.run.model)
    return replace(child, run=run)


def prepare_reader(
    effect: effects.StartTask, parent: EffectInput, office: Office
) -> ChildRun | str:
    """Prepare a run that reads a large result."""
    if parent.text is None:
        missing = f"there is no stored result {effect.handle!r} in this run"
        return f"{missing}; copy a handle exactly"
    run = child_runs.gather_run(parent.run, effect, office.now_iso())
    if parent.run.model:
        run = replace(run, tier=parent.run.tier, model=parent.run.model)
    return ChildRun(run=run, asked=child_briefs.gather_prompt(effect))


def prepare_classifier(
    effect: effects.Classify, parent: EffectInput, office: Office
) -> ChildRun:
    """Prepare a run that says which further reviews a draft calls for."""
    names = {review.trigger for review in effect.perhaps}
    triggers = merge_triggers(office.settings.triggers)
    table = format_triggers(
        [trigger for trigger in triggers if trigger.name in names], parent.run.agent
    )
    draft = split_answer(parent.text or "").text
    run = child_runs.classify_run(parent.run, effect, office.now_iso())
    return ChildRun(run=run, asked=child_briefs.classify_prompt(draft, table))


def prepare_reviewer(
    effect: effects.StartReview, parent: EffectInput, office: Office
) -> ChildRun | str:
    """Prepare a run that reviews a draft."""
    reviewer = office.company.find_agent(effect.agent)
    if reviewer is None:
        return f"there is no agent {effect.agent!r}"
    if parent.asked is None or parent.text is None:
        return "its draft is no longer kept"
    if why := refusal_to_call(reviewer, parent.run):
        return why
    run = child_runs.review_run(parent.run, effect, reviewer, office.now_iso())
    request = child_briefs.review_request(
        parent.run, effect, parent.asked, parent.story, parent.text
    )
    return ChildRun(run=run, asked=asked_event_for(run, reviewer, request, office))


async def prepare_delegation(
    effect: effects.DelegateWork, parent: EffectInput, office: Office
) -> ChildRun | str:
    """Prepare the run of a department that is given a piece of work."""
    agent = office.company.find_agent(effect.agent)
    if agent is None:
        names = ", ".join(known.id for known in office.company.agents)
        return f"there is no agent {effect.agent!r}; the agents are {names}"
    if why := refusal_to_delegate(agent, parent.run, office):
        return why
    if why := refusal_to_call(agent, parent.run):
        return why
    title = ""
    if effect.task:
        title = await office.tools.open_task_title(effect.task)
        if title is None:
            missing = f"there is no open task {effect.task!r} on the board"
            return f"{missing}; leave `task` empty and give a reason for a new one"
    elif not has_reason(effect):
        return "name the `task` of the day plan that this is, or give a `reason` for a new one"
    budget = office.settings.budget
    run = replace(
        child_runs.delegate_run(parent.run, effect, agent, office.now_iso()),
        max_turns=min(budget.turns, agent.max_turns or budget.turns),
        max_tool_calls=budget.tool_calls,
        tools=agent_tools(agent, office),
    )
    task = child_briefs.delegation_request(parent.run.agent, title, effect.what)
    return ChildRun(run=run, asked=asked_event_for(run, agent, task, office))


def prepare_improver(
    effect: effects.ProposeImprovement, parent: EffectInput, office: Office
) -> ChildRun | str:
    """Prepare the run of the improver, which hears of a gap in the company's files."""
    improver = office.company.find_agent(office.settings.company.improver or "")
    if improver is None:
        return "nobody improves the company's files: no improver is set"
    if why := refusal_to_call(improver, parent.run):
        return why
    task = child_briefs.improvement_request(parent.run.agent, effect.gap)
    run = child_runs.improve_run(parent.run, effect, improver, office.now_iso())
    return ChildRun(run=run, asked=asked_event_for(run, improver, task, office))


def refusal_to_call(agent: Agent, caller: Run) -> str:
    """Return why a run may not call an agent by its chain; empty if it may."""
    return call_refusal(agent.id, caller.chain, longest=caller.max_chain)


def refusal_to_delegate(agent: Agent, caller: Run, office: Office) -> str:
    """Return why the caller's file keeps it from delegating to an agent; empty if it does not."""
    author = office.company.find_agent(caller.agent)
    if author is None or author.agents is None:
        return ""
    listed = {office.agent_id(name) for name in author.agents}
    if agent.id in listed:
        return ""
    return f"{caller.agent} may not delegate to {agent.id}: its file does not list it"


def has_reason(effect: effects.DelegateWork) -> bool:
    """Whether work that is no task of the board says why it is wanted."""
    action = read_call(effect.call, (name_of(Delegate),))
    return isinstance(action, Delegate) and bool(action.reason.strip())


def asked_event_for(run: Run, agent: Agent, task: str, office: Office) -> TaskAsked:
    """Return what a department is told when another one calls it, for a run of its own."""
    work = Assignment(task=task, today=office.today(), **company_context(office))
    may_read = office.reading_right(agent)
    parts = build_prompt_parts(office.company, agent, work, may_read)
    offers = models_for_run(run, office)
    return build_asked_event(parts, agent, task, offers, office)
