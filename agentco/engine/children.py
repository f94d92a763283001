"""Runs that a run starts, made from the state and the company's files: who may be called, and what it is told."""

from msgspec import Struct
from msgspec.structs import replace

from agentco.company.records import Agent
from agentco.engine.office import Office, Transaction
from agentco.engine.route import usable
from agentco.engine.start import about, asked_of, tools_of
from agentco.review.chain import refusal
from agentco.review.triggers import rendered, table
from agentco.runs import child_runs, effects, events
from agentco.runs.actions import Delegate as Action, read_call
from agentco.runs.effects import Row
from agentco.runs.prompt_format import as_data
from agentco.runs.prompt_parts import Assignment, parts
from agentco.runs.run import Run
from agentco.runs.transcript import Told, reaches


class Child(Struct, frozen=True, kw_only=True):
    """A run that can begin, and what it is asked."""

    run: Run
    asked: events.Asked


class Before(Struct, frozen=True, kw_only=True):
    """What the state says of a run that wants to start another."""

    run: Run
    asked: events.Asked | None
    story: tuple[Told, ...]
    stored: str | None


async def child_of(row: Row, office: Office) -> Child | str:
    """The run that an effect starts; else why it may not, empty for an effect that starts none."""
    wanted = row.wanted
    if not isinstance(wanted, effects.Starts):
        return ""
    before = await office.read(seen, row)
    match wanted:
        case effects.StartTask():
            made = gathering(wanted, before, office)
        case effects.Classify():
            made = classifying(wanted, before, office)
        case effects.StartReview():
            made = reviewing(wanted, before, office)
        case effects.Improve():
            made = improving(wanted, before, office)
        case effects.Delegate():
            made = delegated(wanted, before, office)
    if isinstance(made, str):
        return made
    fallback = before.run.tier, before.run.model
    if not usable(made.run, office):
        made = replace(made, run=replace(made.run, tier=fallback[0], model=fallback[1]))
    return made


def seen(t: Transaction, row: Row) -> Before:
    """What the state says of it."""
    run, wanted = t.run(row.run), row.wanted
    handle = wanted.handle if isinstance(wanted, effects.StartTask) else ""
    draft = getattr(wanted, "draft", 0)
    return Before(
        run=run,
        asked=t.asked(run.id),
        story=tuple(t.story(run.id)),
        stored=t.stored(handle or f"{run.id}.{draft}")
        if not handle or reaches(run.id, handle)
        else None,
    )


def gathering(effect: effects.StartTask, before: Before, office: Office) -> Child | str:
    """Somebody who reads a large result."""
    if before.stored is None:
        return f"there is no stored result {effect.handle!r} in this run; use a handle word for word"
    run, asked = child_runs.reading(before.run, effect, office.stamp())
    return Child(
        run=replace(run, tier=before.run.tier, model=before.run.model)
        if before.run.model
        else run,
        asked=asked,
    )


def classifying(
    effect: effects.Classify, before: Before, office: Office
) -> Child | str:
    """Somebody who says which reviews a draft calls for."""
    names = {due.trigger for due in effect.perhaps}
    triggers = [one for one in table(office.settings.triggers) if one.name in names]
    told = rendered(triggers, before.run.agent)
    run, asked = child_runs.classifying(
        before.run, effect, before.stored or "", told, office.stamp()
    )
    return Child(run=run, asked=asked)


def reviewing(
    effect: effects.StartReview, before: Before, office: Office
) -> Child | str:
    """Somebody who reviews a draft."""
    agent = office.company.agent(effect.agent)
    if agent is None or before.asked is None or before.stored is None:
        return (
            f"there is no agent {effect.agent!r}"
            if agent is None
            else "its draft is no longer kept"
        )
    if why := refusal(agent.id, before.run.chain, longest=before.run.max_chain):
        return why
    run = child_runs.reviewing(before.run, effect, agent, office.stamp())
    task = child_runs.request(
        before.run, effect, before.asked, before.story, before.stored
    )
    return Child(run=run, asked=asked(agent, task, office))


def delegated(effect: effects.Delegate, before: Before, office: Office) -> Child | str:
    """A department that is given a piece of work."""
    agent, caller = (
        office.company.agent(effect.agent),
        office.company.agent(before.run.agent),
    )
    if agent is None:
        names = ", ".join(one.id for one in office.company.agents)
        return f"there is no agent {effect.agent!r}; there is {names}"
    if (
        caller
        and caller.agents is not None
        and agent.id
        not in {
            found.id for name in caller.agents if (found := office.company.agent(name))
        }
    ):
        return f"{before.run.agent} may not delegate to {agent.id}: its file does not list it"
    if why := refusal(agent.id, before.run.chain, longest=before.run.max_chain):
        return why
    action = read_call(effect.call, ("Delegate",))
    if not effect.task and not (isinstance(action, Action) and action.reason.strip()):
        return "name the `task` of the day plan that this is, or give a `reason` for a new one"
    budget = office.settings.budget
    turns = min(budget.turns, agent.max_turns or budget.turns)
    facts = {
        "max_turns": turns,
        "max_tool_calls": budget.tool_calls,
        "tools": tools_of(agent, office),
    }
    run = child_runs.working(before.run, effect, agent, office.stamp(), **facts)
    title = office.tools.task(effect.task) if effect.task else ""
    if title is None:
        return f"there is no open task {effect.task!r} on the board; leave `task` empty and give a reason for a new one"
    task = f"From: {before.run.agent}\nTask: {title or 'a new one'}\n\n{effect.what}"
    return Child(run=run, asked=asked(agent, as_data(task), office))


def improving(effect: effects.Improve, before: Before, office: Office) -> Child | str:
    """The improver, which a department tells of a gap."""
    agent = office.company.agent(office.settings.company.improver or "")
    if agent is None:
        return "nobody improves the company's files: no improver is set"
    if why := refusal(agent.id, before.run.chain, longest=before.run.max_chain):
        return why
    task = f"From: {before.run.agent}\nA gap in our files: {effect.gap}\n\nSay what should change, and where."
    return Child(
        run=child_runs.improving(before.run, effect, agent, office.stamp()),
        asked=asked(agent, as_data(task), office),
    )


def asked(agent: Agent, task: str, office: Office) -> events.Asked:
    """What a department is told when another one calls it."""
    work = Assignment(task=task, today=office.today(), **about(office))
    return asked_of(parts(office.company, agent, work), agent, task, office)
