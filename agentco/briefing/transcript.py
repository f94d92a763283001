"""What was said in a run so far, as the next call must hear it."""

from collections.abc import Iterable, Iterator, Sequence

from agentco.briefing import prompt_format
from agentco.briefing.feedback import feedback_text, look_up_request
from agentco.kernel.run_ids import effect_id
from agentco.kernel.text_seam import last_words
from agentco.runs import advance, effects
from agentco.runs.actions import Gather, Read, name_of
from agentco.runs.events import (
    Answered,
    AnyEvent,
    ChildFinished,
    Decided,
    Delegated,
    TaskAsked,
    ToolReturned,
)
from agentco.runs.model_messages import ChatMessage, MessageRole, StopReason
from agentco.runs.run_record import StoryEntry

LARGE_RESULT = 8192
RESULT_HEAD = 2048
NOT_TAKEN_UP = (
    f"not done: at most {advance.MAX_CALLS_PER_ANSWER} calls at once, no more than "
    "the run's own cap, and none beside a verdict"
)
ANSWER_NOW = "No more tools from here on. Give your answer now, with what you know."
GO_ON = (
    "Your answer was cut off at its longest length. Go on where it stopped: begin by repeating "
    "its last words to the letter, which are\n{words}\nand continue from there, in the same "
    "sentence, list or block. No introduction, nothing else of what was said, and no tag or "
    "fence that is open already."
)
HEAD_OF_LARGE = (
    "{head}\n[… {size:,} characters in all, stored as {handle}: "
    f"{name_of(Gather)} with this handle answers a question about it, "
    f"{name_of(Read)} with this handle shows more of it]"
)


def build_conversation(
    run: str,
    asked: TaskAsked,
    story: Iterable[StoryEntry],
    *,
    last: bool = False,
    begun: str = "",
) -> tuple[ChatMessage, ...]:
    """The messages of the next call; every call of a tool has exactly one reply.

    `begun` is an answer that was cut, which is to go on.
    """
    entries = list(story)
    replies = dict[str, str]()
    for entry in entries:
        if isinstance(entry.effect, effects.CallEffect):
            replies[entry.effect.call.id] = reply_text(run, entry)
    messages = [*asked.given]
    for i in range(len(entries)):
        messages += turn_messages(entries, i, replies)
    if last:
        messages.append(ChatMessage(role=MessageRole.USER, text=ANSWER_NOW))
    if begun:
        words = last_words(begun)
        messages.append(ChatMessage(role=MessageRole.ASSISTANT, text=begun))
        messages.append(
            ChatMessage(role=MessageRole.USER, text=GO_ON.format(words=words))
        )
    return tuple(messages)


def turn_messages(
    entries: Sequence[StoryEntry], i: int, replies: dict[str, str]
) -> Iterator[ChatMessage]:
    """What a call is told of its last draft, its answer, and its calls' results in their order."""
    effect, answer = entries[i].effect, entries[i].event
    is_answered = isinstance(answer, Answered)
    is_next = i == len(entries) - 1
    if not isinstance(effect, effects.AskModel) or not (is_answered or is_next):
        return
    feedback = ""
    if effect.revise or effect.lesson or effect.must:
        feedback = feedback_text(effect, events_since_answer(entries[:i]))
    elif why := why_last_made_up(entries[:i]):
        feedback = look_up_request(why)
    if feedback:
        yield ChatMessage(role=MessageRole.USER, text=feedback)
    if isinstance(answer, Answered) and not was_repaired(answer, entries[i + 1 :]):
        calls = answer.calls
        yield ChatMessage(role=MessageRole.ASSISTANT, text=answer.text, calls=calls)
        for call in calls:
            reply = replies.get(call.id, NOT_TAKEN_UP)
            yield ChatMessage(role=MessageRole.TOOL, text=reply, call=call.id)


def was_repaired(answer: Answered, later: Sequence[StoryEntry]) -> bool:
    """Whether an answer was cut and asked for once more: another one holds what it said."""
    if answer.stop is not StopReason.LENGTH:
        return False
    next_calls = (
        one.effect for one in later if isinstance(one.effect, effects.AskModel)
    )
    following = next(next_calls, None)
    return following is not None and not following.lesson


def why_last_made_up(entries: Sequence[StoryEntry]) -> str:
    """Why the model's last answer was none, if it was made up; else empty."""
    answers = (
        one.event for one in reversed(entries) if isinstance(one.event, Answered)
    )
    last = next(answers, None)
    return last.made_up or "" if last else ""


def events_since_answer(entries: Sequence[StoryEntry]) -> list[AnyEvent | None]:
    """What happened since the model last answered."""
    events = list[AnyEvent | None]()
    for entry in entries:
        if isinstance(entry.event, Answered):
            events.clear()
        else:
            events.append(entry.event)
    return events


def reply_text(run: str, entry: StoryEntry) -> str:
    """What a model hears of a tool: all of it, or the head and the handle of what is large."""
    match entry.event:
        case ToolReturned(text=text, ok=ok) | ChildFinished(text=text, ok=ok):
            reply = text if ok else f"error: {text}"
        case Delegated(text=text, status=status):
            reply = text if status == "done" else f"{status}: {text}"
        case Decided(text=text):
            return f"<founder>\n{prompt_format.escape_tags(text)}\n</founder>"
        case _:
            reply = "not done"
    if len(reply.encode("utf-8", "replace")) <= LARGE_RESULT:
        return prompt_format.escape_tags(reply)
    head = prompt_format.escape_tags(reply[:RESULT_HEAD])
    handle = effect_id(run, entry.effect.number)
    return HEAD_OF_LARGE.format(head=head, size=len(reply), handle=handle)
