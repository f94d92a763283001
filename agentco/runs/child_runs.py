"""Runs that a run starts: who reads for it, reviews it, classifies it, or works for it."""

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from agentco.company.records import Agent, Tier
from agentco.company.tool_table import reader_tools
from agentco.kernel import package_data
from agentco.kernel.run_ids import effect_id
from agentco.review.deliverable import split_answer
from agentco.review.request import ReviewRequest, format_request
from agentco.review.reviews_due import DueReview
from agentco.runs import actions, effects, events
from agentco.runs.actions import name_of
from agentco.runs.grants import granted_tools, pinned_model, tier_of
from agentco.runs.model_messages import ChatMessage, MessageRole, ToolCall
from agentco.runs.prompt_format import escape_tags
from agentco.runs.run import Run, RunJob, RunPhase
from agentco.runs.tool_calls import read_call, verdicts_in_answer
from agentco.runs.transcript import StoryEntry

MAX_CHILD_TURNS = 8
MAX_TASK_LENGTH = 4000
READER_PROMPT = package_data.load_text(__name__)
CLASSIFIER_PROMPT = package_data.load_text(__name__, "classify.md")


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
    )


def give_to_agent(run: Run, agent: Agent) -> Run:
    """The child run as another agent's."""
    return replace(
        run,
        agent=agent.id,
        chain=(*run.chain, agent.id),
        tier=tier_of(agent),
        model=pinned_model(agent),
    )


def gather_run(
    run: Run, effect: effects.StartTask, started: str
) -> tuple[Run, events.TaskAsked]:
    """Who reads a large result: the same agent on a light model, which may only read."""
    child = child_run(
        run, effect, RunJob.GATHER, title=effect.question, started=started
    )
    tools = (name_of(actions.Read), name_of(actions.Search))
    task = f"Handle: {effect.handle}\nQuestion: {effect.question}"
    asked = short_prompt(READER_PROMPT, effect.question, task)
    return replace(child, tier=Tier.LIGHT, tools=tools), asked


def classify_run(
    run: Run, effect: effects.Classify, draft: str, table: str, started: str
) -> tuple[Run, events.TaskAsked]:
    """Who says which reviews a draft calls for though no word does."""
    title = "which reviews are due?"
    child = child_run(run, effect, RunJob.CLASSIFY, title=title, started=started)
    tools = (name_of(actions.Consult),)
    child = replace(child, tier=Tier.LIGHT, tools=tools, max_turns=2)
    return child, classify_prompt(draft, table)


def classify_prompt(draft: str, table: str) -> events.TaskAsked:
    """What the classifier is asked of a draft, given the triggers that no word fired."""
    task = f"The triggers:\n{table}\n\n<draft>\n{escape_tags(draft)}\n</draft>"
    return short_prompt(CLASSIFIER_PROMPT, "which reviews?", task)


def short_prompt(system: str, task: str, text: str) -> events.TaskAsked:
    """What somebody is asked who is told nothing of the company."""
    messages = (
        ChatMessage(role=MessageRole.SYSTEM, text=system),
        ChatMessage(role=MessageRole.USER, text=text),
    )
    return events.TaskAsked(task=task, given=messages, stable=1)


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


def review_request(
    run: Run,
    effect: effects.StartReview,
    asked: events.TaskAsked,
    story: Sequence[StoryEntry],
    draft: str,
) -> str:
    """What the reviewer is asked, in the one form."""
    task = asked.task
    if len(task) > MAX_TASK_LENGTH:
        task = f"{task[:MAX_TASK_LENGTH]} […]"
    answer = split_answer(draft)
    did = "I wrote the draft below."
    if effect.round:
        did = f"I revised the draft, revision {effect.round}."
    due = list[DueReview]()
    for review in effect.due:
        words = tuple(map(escape_tags, review.words))
        due.append(replace(review, words=words))
    context = "\n".join(review_context(run, effect.agent, story))
    return format_request(
        ReviewRequest(
            author=run.agent,
            chain=(*run.chain, effect.agent),
            task=escape_tags(task),
            did=did,
            due=tuple(due),
            context=escape_tags(context),
            draft=escape_tags(answer.text),
            notes=escape_tags(answer.notes),
        )
    )


def review_context(run: Run, reviewer: str, story: Iterable[StoryEntry]) -> list[str]:
    """What a reviewer has to know: who will read the text, and what was said of it so far."""
    last_review, last_answer = None, ""
    for entry in story:
        if isinstance(entry.event, events.Reviewed) and entry.event.agent == reviewer:
            last_review = entry.event
        elif isinstance(entry.event, events.Answered):
            last_answer = keep_answer(entry.event)
    lines = ["It is for use inside the company."]
    if run.public:
        lines = ["It is a public text."]
    if last_review:
        lines.append("You have seen it before, and said:")
        for opinion in last_review.opinions:
            lines.append(f"- {opinion.verdict} ({opinion.trigger}): {opinion.because}")
    if last_answer:
        lines.append(f"Its author kept it and answers: {last_answer}")
    return lines


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
    run: Run, effect: effects.AnyEffect, last: events.AnyEvent | None, text: str
) -> events.AnyEvent:
    """What the run that started this one hears of its end; `last` is the event of its answer."""
    calls: tuple[ToolCall, ...] = ()
    if isinstance(last, events.Answered) and run.phase is RunPhase.DONE:
        calls = last.calls
    number = effect.number
    match effect:
        case effects.StartReview():
            return review_result(run, number, text, calls)
        case effects.Classify(perhaps=perhaps):
            named = consulted_triggers(calls)
            due = tuple(review for review in perhaps if review.trigger in named)
            return events.Classified(effect=number, due=due)
        case effects.DelegateWork():
            return delegation_result(run, number, text)
        case _:
            ok = bool(text)
            return events.ChildFinished(effect=number, text=text or run.reason, ok=ok)


def review_result(
    run: Run, number: int, text: str, calls: Iterable[ToolCall]
) -> events.Reviewed:
    """What a reviewer said."""
    event = events.Reviewed(effect=number, agent=run.agent, under=run.under)
    if run.phase is not RunPhase.DONE:
        return replace(event, failed=f"its review ended {run.phase}: {run.reason}")
    return replace(event, opinions=verdicts_in_answer(text, calls, run.under))


def consulted_triggers(calls: Iterable[ToolCall]) -> set[str]:
    """The triggers that a classifier named."""
    triggers = set[str]()
    for call in calls:
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
