"""Runs that a run starts: who reads for it, reviews it, classifies it, or works for it."""

from collections.abc import Iterable
from typing import Any

from msgspec.structs import replace

from agentco.company.records import Agent, Tier
from agentco.kernel import package_data
from agentco.review.request import ReviewRequest, form
from agentco.review.reviews_due import Due
from agentco.review.verdict import opinions
from agentco.runs import actions, effects, events
from agentco.runs.grants import granted, pin_of, tier_of
from agentco.runs.model_messages import Message, Role
from agentco.runs.prompt_format import as_data
from agentco.runs.run import Job, Phase, Run
from agentco.runs.transcript import Told

TURNS = 8
READING = ("Read", "Search", "Skill", "Memory", "Board")
LONGEST_TASK = 4000
READER, CLASSIFIER = (
    package_data.text(__name__),
    package_data.text(__name__, "classify.md"),
)


def child(
    run: Run, effect: effects.Starts, job: Job, *, started: str, **more: Any
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
        "max_turns": TURNS,
        "max_tool_calls": TURNS * 2,
        "max_chain": run.max_chain,
        "max_revisions": run.max_revisions,
        "max_children": run.max_children,
    }
    return Run(**facts | more)


def of_agent(run: Run, agent: Agent) -> dict[str, Any]:
    """What a child run that is another agent's has of that agent."""
    tier, model = tier_of(agent), pin_of(agent)
    return {
        "agent": agent.id,
        "chain": (*run.chain, agent.id),
        "tier": tier,
        "model": model,
    }


def reading(
    run: Run, effect: effects.StartTask, started: str
) -> tuple[Run, events.Asked]:
    """Who reads a large result: the same agent on a light model, which may only read."""
    more = {"title": effect.question, "tier": Tier.LIGHT, "tools": ("Read", "Search")}
    task = f"Handle: {effect.handle}\nQuestion: {effect.question}"
    return child(run, effect, Job.GATHER, started=started, **more), briefly(
        READER, effect.question, task
    )


def classifying(
    run: Run, effect: effects.Classify, draft: str, table: str, started: str
) -> tuple[Run, events.Asked]:
    """Who says which reviews a draft calls for though no word does."""
    more = {
        "title": "which reviews are due?",
        "tier": Tier.LIGHT,
        "tools": ("Consult",),
        "max_turns": 2,
    }
    return child(run, effect, Job.CLASSIFY, started=started, **more), which_reviews(
        draft, table
    )


def which_reviews(draft: str, table: str) -> events.Asked:
    """What the classifier is asked of a draft, given the triggers that no word fired."""
    task = f"The triggers:\n{table}\n\n<draft>\n{as_data(draft)}\n</draft>"
    return briefly(CLASSIFIER, "which reviews?", task)


def briefly(system: str, task: str, said: str) -> events.Asked:
    """What somebody is asked who is told nothing of the company."""
    given = (Message(role=Role.SYSTEM, text=system), Message(role=Role.USER, text=said))
    return events.Asked(task=task, given=given, stable=1)


def reviewing(
    run: Run, effect: effects.StartReview, reviewer: Agent, started: str
) -> Run:
    """Who reviews a draft: the reviewer with its own files, and no tool that changes anything."""
    tools = (*(name for name in granted(reviewer) if name in READING), "Verdict")
    more = of_agent(run, reviewer) | {"title": f"review: {run.title}", "tools": tools}
    return child(
        run,
        effect,
        Job.REVIEW,
        started=started,
        under=tuple(d.trigger for d in effect.due),
        **more,
    )


def request(
    run: Run,
    effect: effects.StartReview,
    asked: events.Asked,
    story: Iterable[Told],
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
    if answer := kept_with(told):
        context.append(f"Its author kept it and answers: {answer}")
    task = (
        asked.task
        if len(asked.task) <= LONGEST_TASK
        else f"{asked.task[:LONGEST_TASK]} […]"
    )
    return form(
        ReviewRequest(
            author=run.agent,
            chain=(*run.chain, effect.agent),
            task=as_data(task),
            did=f"I revised the draft, revision {effect.round}."
            if effect.round
            else "I wrote the draft below.",
            due=tuple(
                replace(one, words=tuple(map(as_data, one.words))) for one in effect.due
            ),
            context=as_data("\n".join(context)),
            draft=as_data(draft),
        )
    )


def kept_with(story: Iterable[Told]) -> str:
    """What the author answered its reviewers last, when it kept its draft."""
    answers = [told.event for told in story if isinstance(told.event, events.Answered)]
    return kept(answers[-1]) if answers else ""


def kept(said: events.Answered) -> str:
    """What an author answers its reviewers in place of another draft; empty when there is one."""
    found = (actions.read_call(call, ("Keep",)) for call in said.calls)
    return next(
        (action.answer for action in found if isinstance(action, actions.Keep)), ""
    )


def improving(run: Run, effect: effects.Improve, improver: Agent, started: str) -> Run:
    """Who says what should change in the company's files; it only reads."""
    tools = tuple(name for name in granted(improver) if name in READING)
    return child(
        run,
        effect,
        Job.IMPROVE,
        started=started,
        title=effect.gap,
        tools=tools,
        **of_agent(run, improver),
    )


def working(
    run: Run, effect: effects.Delegate, agent: Agent, started: str, **more: Any
) -> Run:
    """Who works on a piece that was delegated."""
    title = f"{effect.task}: {effect.what}" if effect.task else effect.what
    facts = of_agent(run, agent) | {
        "title": title,
        "public": agent.own.public and not run.quick,
    }
    return child(run, effect, Job.WORK, started=started, **facts | more)


def outcome(
    run: Run, effect: effects.Wanted, last: events.Happened | None, text: str
) -> events.Happened:
    """What whoever started a run hears of its end; `last` is the event that its answer came with."""
    done, number = run.phase is Phase.DONE, effect.number
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
                opinions=opinions(given, run.under),
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
        case effects.Delegate():
            owed = tuple(
                Due(
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
