"""Runs that a run starts: who reads for it, reviews it, classifies it, or works for it."""

from collections.abc import Iterable

from msgspec.structs import replace

from agentco.company.records import Agent, Tier
from agentco.company.tool_table import reader_tools
from agentco.kernel.run_ids import effect_id
from agentco.review.reviews_due import DueReview
from agentco.review.verdict import Opinion
from agentco.runs import actions, effects, events
from agentco.runs.actions import name_of
from agentco.runs.grants import granted_tools, pinned_model, tier_of
from agentco.runs.model_messages import StopReason
from agentco.runs.run import Run, RunJob, RunPhase
from agentco.runs.tool_calls import read_call, verdicts_in_answer

MAX_CHILD_TURNS = 8


def child_run(
    run: Run, effect: effects.ChildEffect, job: RunJob, *, title: str, started: str
) -> Run:
    """A run that belongs to another one; its id is that of the effect that starts it."""
    name = effect_id(run.id, effect.number)
    return Run(
        id=name,
        parent=name,
        root=run.root,
        agent=run.agent,
        chain=run.chain,
        prompt=run.prompt,
        title=title,
        started=started,
        job=job,
        quick=run.quick,
        max_turns=MAX_CHILD_TURNS,
        max_tool_calls=MAX_CHILD_TURNS * 2,
        max_chain=run.max_chain,
        max_revisions=run.max_revisions,
        max_children=run.max_children,
        outside=run.outside,
    )


def give_to_agent(run: Run, agent: Agent) -> Run:
    """The child run as another agent's."""
    return replace(
        run,
        agent=agent.id,
        chain=(*run.chain, agent.id),
        tier=tier_of(agent),
        model=pinned_model(agent),
        max_output=agent.own.max_output or 0,
        reasoning=agent.own.reasoning,
    )


def gather_run(run: Run, effect: effects.StartTask, started: str) -> Run:
    """Who reads a large result: the same agent on a light model, which may only read."""
    child = child_run(
        run, effect, RunJob.GATHER, title=effect.question, started=started
    )
    tools = (name_of(actions.Read), name_of(actions.Search))
    return replace(child, tier=Tier.LIGHT, tools=tools)


def classify_run(run: Run, effect: effects.Classify, started: str) -> Run:
    """Who says which reviews a draft calls for though no word does."""
    title = "which reviews are due?"
    child = child_run(run, effect, RunJob.CLASSIFY, title=title, started=started)
    tools = (name_of(actions.Consult),)
    return replace(child, tier=Tier.LIGHT, tools=tools, max_turns=2)


def review_run(
    run: Run, effect: effects.StartReview, reviewer: Agent, started: str
) -> Run:
    """Who reviews a draft: the reviewer with its own files, and no tool that changes anything."""
    title = f"review: {run.title}"
    child = child_run(run, effect, RunJob.REVIEW, title=title, started=started)
    reading = reader_tools(granted_tools(reviewer))
    return replace(
        give_to_agent(child, reviewer),
        tools=(*reading, name_of(actions.GiveVerdict)),
        under=tuple(review.trigger for review in effect.due),
    )


def keep_answer(event: events.Answered) -> str:
    """What an author answers its reviewers in place of another draft; empty when there is one."""
    for call in event.calls:
        action = read_call(call, (name_of(actions.Keep),))
        if isinstance(action, actions.Keep):
            return action.answer
    return ""


def improve_run(
    run: Run, effect: effects.ProposeImprovement, improver: Agent, started: str
) -> Run:
    """Who says what should change in the company's files; it only reads."""
    child = child_run(run, effect, RunJob.IMPROVE, title=effect.gap, started=started)
    tools = reader_tools(granted_tools(improver))
    return replace(give_to_agent(child, improver), tools=tools)


def delegate_run(
    run: Run, effect: effects.DelegateWork, agent: Agent, started: str
) -> Run:
    """Who works on a piece that was delegated."""
    title = f"{effect.task}: {effect.what}" if effect.task else effect.what
    child = child_run(run, effect, RunJob.WORK, title=title, started=started)
    public = agent.own.public and not run.quick
    return replace(give_to_agent(child, agent), public=public)


def event_for_parent(
    run: Run, effect: effects.AnyEffect, answers: Iterable[events.Answered], text: str
) -> events.AnyEvent:
    """What the run that started this one hears of its end; `text` is its deliverable."""
    event = event_of_end(run, effect, answers, text)
    if run.outside and isinstance(event, events.FromOutside):
        return replace(event, outside=run.outside)
    return event


def event_of_end(
    run: Run, effect: effects.AnyEffect, answers: Iterable[events.Answered], text: str
) -> events.AnyEvent:
    """The same, without what the run was told from outside."""
    number = effect.number
    match effect:
        case effects.StartReview():
            return review_result(run, number, answers)
        case effects.Classify(perhaps=perhaps):
            named = consulted_triggers(run, answers)
            due = tuple(review for review in perhaps if review.trigger in named)
            return events.Classified(effect=number, due=due)
        case effects.DelegateWork():
            return delegation_result(run, number, text)
        case _:
            ok = bool(text)
            return events.ChildFinished(effect=number, text=text or run.reason, ok=ok)


def review_result(
    run: Run, number: int, answers: Iterable[events.Answered]
) -> events.Reviewed:
    """What a reviewer said, its last word under each trigger."""
    event = events.Reviewed(effect=number, agent=run.agent, under=run.under)
    if run.phase is not RunPhase.DONE:
        return replace(event, failed=f"its review ended {run.phase}: {run.reason}")
    opinions = dict[str, Opinion]()
    for answer in answers:
        if answer.stop is StopReason.LENGTH:
            continue
        for opinion in verdicts_in_answer(answer.text, answer.calls, run.under):
            opinions[opinion.trigger] = opinion
    return replace(event, opinions=tuple(opinions.values()))


def consulted_triggers(run: Run, answers: Iterable[events.Answered]) -> set[str]:
    """The triggers that a classifier named."""
    triggers = set[str]()
    for answer in answers:
        if answer.effect != run.answer or run.phase is not RunPhase.DONE:
            continue
        for call in answer.calls:
            action = read_call(call, (name_of(actions.Consult),))
            if isinstance(action, actions.Consult):
                triggers.update(action.triggers)
    return triggers


def delegation_result(run: Run, number: int, text: str) -> events.Delegated:
    """What a department hands back: its deliverable and what nobody reviewed, or why none."""
    event = events.Delegated(
        effect=number, agent=run.agent, status=str(run.phase), text=run.reason
    )
    if run.phase is not RunPhase.DONE:
        return event
    owed = list[DueReview]()
    for review in run.open_reviews:
        why = "" if review.agent else review.owed
        owed.append(
            DueReview(
                trigger=review.trigger, agent=review.agent, words=review.words, owed=why
            )
        )
    return replace(event, text=text, owed=tuple(owed))
