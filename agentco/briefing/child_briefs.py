"""What the runs that a run starts are asked: to read, classify, review, work or improve."""

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from agentco.briefing.prompt_format import escape_tags
from agentco.kernel import package_data
from agentco.review.deliverable import split_answer
from agentco.review.request import ReviewRequest, format_request
from agentco.review.reviews_due import DueReview
from agentco.runs import child_runs, effects, events
from agentco.runs.model_messages import ChatMessage, MessageRole
from agentco.runs.run import Run
from agentco.runs.run_record import StoryEntry

MAX_TASK_LENGTH = 4000
READER_PROMPT = package_data.load_text(__name__)
CLASSIFIER_PROMPT = package_data.load_text(__name__, "classify.md")


def gather_prompt(effect: effects.StartTask) -> events.TaskAsked:
    """What the reader of a large result is asked."""
    task = f"Handle: {effect.handle}\nQuestion: {effect.question}"
    return short_prompt(READER_PROMPT, effect.question, task)


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
            last_answer = child_runs.keep_answer(entry.event)
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


def delegation_request(caller: str, title: str, what: str) -> str:
    """What a department is asked that is given a piece of work; no title is no task yet."""
    header = f"From: {caller}\nTask: {title or 'a new one'}"
    return escape_tags(f"{header}\n\n{what}")


def improvement_request(caller: str, gap: str) -> str:
    """What the improver is asked."""
    said = f"From: {caller}\nA gap in our files: {gap}"
    return escape_tags(f"{said}\n\nSay what should change, and where.")
