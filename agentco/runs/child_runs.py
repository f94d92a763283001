"""Runs that a run starts: who reads for it, reviews it, classifies it, or works for it."""

from collections.abc import Iterable
from typing import Any

from msgspec.structs import replace

from agentco.company.records import Agent, Tier
from agentco.kernel import package_data
from agentco.review.request import ReviewRequest, format_request
from agentco.review.reviews_due import DueReview
from agentco.review.verdict import opinion_per_trigger
from agentco.runs import actions, effects, events
from agentco.runs.grants import granted_tools, pinned_model, tier_of
from agentco.runs.model_messages import ChatMessage, MessageRole
from agentco.runs.prompt_format import escape_tags
from agentco.runs.run import Run, RunJob, RunPhase
from agentco.runs.transcript import StoryEntry

MAX_CHILD_TURNS = 8
READING_TOOLS = ("Read", "Search", "Skill", "Memory", "Board")
MAX_TASK_LENGTH = 4000
READER_PROMPT, CLASSIFIER_PROMPT = (
    package_data.load_text(__name__),
    package_data.load_text(__name__, "classify.md"),
)


def child_run(
    run: Run, effect: effects.ChildEffect, job: RunJob, *, started: str, **more: Any
) -> Run:
    """A run that belongs to another one; its id is that of the effect that starts it."""
    name = f"{run.id}.{effect.number}"
    facts: dict[str, Any] = {
        "id": name,
        "parent": name,
        "root": run.root,
        "agent": run.agent,
        "chain": run.chain,
        "prompt": run.prompt,
        "started": started,
        "job": job,
        "quick": run.quick,
        "max_turns": MAX_CHILD_TURNS,
        "max_tool_calls": MAX_CHILD_TURNS * 2,
        "max_chain": run.max_chain,
        "max_revisions": run.max_revisions,
        "max_children": run.max_children,
    }
    return Run(**facts | more)


def agent_fields(run: Run, agent: Agent) -> dict[str, Any]:
    """What a child run that is another agent's has of that agent."""
    tier, model = tier_of(agent), pinned_model(agent)
    return {
        "agent": agent.id,
        "chain": (*run.chain, agent.id),
        "tier": tier,
        "model": model,
    }


def gather_run(
    run: Run, effect: effects.StartTask, started: str
) -> tuple[Run, events.TaskAsked]:
    """Who reads a large result: the same agent on a light model, which may only read."""
    more = {"title": effect.question, "tier": Tier.LIGHT, "tools": ("Read", "Search")}
    task = f"Handle: {effect.handle}\nQuestion: {effect.question}"
    return child_run(run, effect, RunJob.GATHER, started=started, **more), short_prompt(
        READER_PROMPT, effect.question, task
    )


def classify_run(
    run: Run, effect: effects.Classify, draft: str, table: str, started: str
) -> tuple[Run, events.TaskAsked]:
    """Who says which reviews a draft calls for though no word does."""
    more = {
        "title": "which reviews are due?",
        "tier": Tier.LIGHT,
        "tools": ("Consult",),
        "max_turns": 2,
    }
    return child_run(
        run, effect, RunJob.CLASSIFY, started=started, **more
    ), classify_prompt(draft, table)


def classify_prompt(draft: str, table: str) -> events.TaskAsked:
    """What the classifier is asked of a draft, given the triggers that no word fired."""
    task = f"The triggers:\n{table}\n\n<draft>\n{escape_tags(draft)}\n</draft>"
    return short_prompt(CLASSIFIER_PROMPT, "which reviews?", task)


def short_prompt(system: str, task: str, said: str) -> events.TaskAsked:
    """What somebody is asked who is told nothing of the company."""
    given = (
        ChatMessage(role=MessageRole.SYSTEM, text=system),
        ChatMessage(role=MessageRole.USER, text=said),
    )
    return events.TaskAsked(task=task, given=given, stable=1)


def review_run(
    run: Run, effect: effects.StartReview, reviewer: Agent, started: str
) -> Run:
    """Who reviews a draft: the reviewer with its own files, and no tool that changes anything."""
    tools = (
        *(name for name in granted_tools(reviewer) if name in READING_TOOLS),
        "Verdict",
    )
    more = agent_fields(run, reviewer) | {
        "title": f"review: {run.title}",
        "tools": tools,
    }
    return child_run(
        run,
        effect,
        RunJob.REVIEW,
        started=started,
        under=tuple(d.trigger for d in effect.due),
        **more,
    )


def review_request(
    run: Run,
    effect: effects.StartReview,
    asked: events.TaskAsked,
    story: Iterable[StoryEntry],
    draft: str,
) -> str:
    """What the reviewer is asked, in the one form."""
    told = list(story)
    before = [
        t.event
        for t in told
        if isinstance(t.event, events.Reviewed) and t.event.agent == effect.agent
    ]
    context = [
        "It is a public text." if run.public else "It is for use inside the company."
    ]
    if before:
        context.append("You have seen it before, and said:")
        context += [
            f"- {one.verdict} ({one.trigger}): {one.because}"
            for one in before[-1].opinions
        ]
    if answer := answer_to_reviewers(told):
        context.append(f"Its author kept it and answers: {answer}")
    task = (
        asked.task
        if len(asked.task) <= MAX_TASK_LENGTH
        else f"{asked.task[:MAX_TASK_LENGTH]} […]"
    )
    return format_request(
        ReviewRequest(
            author=run.agent,
            chain=(*run.chain, effect.agent),
            task=escape_tags(task),
            did=f"I revised the draft, revision {effect.round}."
            if effect.round
            else "I wrote the draft below.",
            due=tuple(
                replace(one, words=tuple(map(escape_tags, one.words)))
                for one in effect.due
            ),
            context=escape_tags("\n".join(context)),
            draft=escape_tags(draft),
        )
    )


def answer_to_reviewers(story: Iterable[StoryEntry]) -> str:
    """What the author answered its reviewers last, when it kept its draft."""
    answers = [told.event for told in story if isinstance(told.event, events.Answered)]
    return keep_answer(answers[-1]) if answers else ""


def keep_answer(said: events.Answered) -> str:
    """What an author answers its reviewers in place of another draft; empty when there is one."""
    found = (actions.read_call(call, ("Keep",)) for call in said.calls)
    return next(
        (action.answer for action in found if isinstance(action, actions.Keep)), ""
    )


def improve_run(
    run: Run, effect: effects.ProposeImprovement, improver: Agent, started: str
) -> Run:
    """Who says what should change in the company's files; it only reads."""
    tools = tuple(name for name in granted_tools(improver) if name in READING_TOOLS)
    return child_run(
        run,
        effect,
        RunJob.IMPROVE,
        started=started,
        title=effect.gap,
        tools=tools,
        **agent_fields(run, improver),
    )


def delegate_run(
    run: Run, effect: effects.DelegateWork, agent: Agent, started: str, **more: Any
) -> Run:
    """Who works on a piece that was delegated."""
    title = f"{effect.task}: {effect.what}" if effect.task else effect.what
    facts = agent_fields(run, agent) | {
        "title": title,
        "public": agent.own.public and not run.quick,
    }
    return child_run(run, effect, RunJob.WORK, started=started, **facts | more)


def event_for_parent(
    run: Run, effect: effects.AnyEffect, last: events.AnyEvent | None, text: str
) -> events.AnyEvent:
    """What whoever started a run hears of its end; `last` is the event that its answer came with."""
    done, number = run.phase is RunPhase.DONE, effect.number
    calls = last.calls if isinstance(last, events.Answered) and done else ()
    match effect:
        case effects.StartReview() if not done:
            failed = f"its review ended {run.phase}: {run.reason}"
            return events.Reviewed(
                effect=number, agent=run.agent, under=run.under, failed=failed
            )
        case effects.StartReview():
            said = [
                actions.read_call(call, ("Verdict",))
                for call in calls
                if call.name.casefold() == "verdict"
            ]
            clear = [
                action for action in said if isinstance(action, actions.GiveVerdict)
            ]
            given = (
                (one for action in clear for one in action.verdicts)
                if len(clear) == len(said)
                else ()
            )
            return events.Reviewed(
                effect=number,
                agent=run.agent,
                under=run.under,
                opinions=opinion_per_trigger(given, run.under),
            )
        case effects.Classify(perhaps=perhaps):
            found = [
                a
                for call in calls
                if isinstance(
                    a := actions.read_call(call, ("Consult",)), actions.Consult
                )
            ]
            named = {trigger for action in found for trigger in action.triggers}
            return events.Classified(
                effect=number, due=tuple(due for due in perhaps if due.trigger in named)
            )
        case effects.DelegateWork():
            owed = tuple(
                DueReview(
                    trigger=one.trigger,
                    agent=one.agent,
                    words=one.words,
                    owed="" if one.agent else one.owed,
                )
                for one in (run.open_reviews if done else ())
            )
            said_ = text if done else run.reason
            return events.Delegated(
                effect=number,
                agent=run.agent,
                status=str(run.phase),
                text=said_,
                owed=owed,
            )
        case _:
            return events.ChildFinished(
                effect=number, text=text or run.reason, ok=bool(text)
            )
