"""What was said in a run so far, as the next call must hear it."""

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from agentco.runs import advance, effects, prompt_format
from agentco.runs.events import (
    Answered,
    AnyEvent,
    ChildFinished,
    Decided,
    Delegated,
    TaskAsked,
    ToolReturned,
)
from agentco.runs.feedback import feedback_text
from agentco.runs.model_messages import ChatMessage, MessageRole, ToolCall

LARGE_RESULT = 8192
RESULT_HEAD = 2048
NOT_TAKEN_UP = f"not done: at most {advance.MAX_CALLS_PER_ANSWER} calls at once, and no more than the run's own cap"
ANSWER_NOW = "No more tools from here on. Give your answer now, with what you know."


class StoryEntry(Struct, frozen=True, kw_only=True):
    """An effect, and what came of it so far."""

    effect: effects.AnyEffect
    event: AnyEvent | None = None


def build_conversation(
    run: str, asked: TaskAsked, story: Iterable[StoryEntry], *, last: bool = False
) -> tuple[ChatMessage, ...]:
    """The messages of the next call; every call of a tool has exactly one reply."""
    said = list(story)
    replies = {
        told.effect.call.id: reply_text(run, told)
        for told in said
        if isinstance(told.effect, effects.CallEffect)
    }
    end = (ChatMessage(role=MessageRole.USER, text=ANSWER_NOW),) if last else ()
    return (
        *asked.given,
        *(m for i in range(len(said)) for m in turn_messages(said, i, replies)),
        *end,
    )


def turn_messages(
    said: Sequence[StoryEntry], at: int, replies: dict[str, str]
) -> Iterator[ChatMessage]:
    """What a call is told of its last draft, its answer, and what the answer's calls came to, in their order."""
    effect, answer = said[at].effect, said[at].event
    if not isinstance(effect, effects.AskModel) or not (
        isinstance(answer, Answered) or at == len(said) - 1
    ):
        return
    if effect.revise or effect.lesson or effect.must:
        last = max(
            (i for i in range(at) if isinstance(said[i].event, Answered)), default=-1
        )
        if told := feedback_text(effect, (each.event for each in said[last + 1 : at])):
            yield ChatMessage(role=MessageRole.USER, text=told)
    if isinstance(answer, Answered):
        yield ChatMessage(
            role=MessageRole.ASSISTANT, text=answer.text, calls=answer.calls
        )
        yield from (
            ChatMessage(
                role=MessageRole.TOOL, text=replies.get(c.id, NOT_TAKEN_UP), call=c.id
            )
            for c in answer.calls
        )


def reply_text(run: str, told: StoryEntry) -> str:
    """What a model hears of a tool: all of it, or the head and the handle of what is large."""
    match told.event:
        case ToolReturned(text=text, ok=ok) | ChildFinished(text=text, ok=ok):
            said = text if ok else f"error: {text}"
        case Delegated(text=text, status=status):
            said = text if status == "done" else f"{status}: {text}"
        case Decided(text=text):
            return f"<founder>\n{prompt_format.escape_tags(text)}\n</founder>"
        case _:
            said = "not done"
    if len(said.encode("utf-8", "replace")) <= LARGE_RESULT:
        return prompt_format.escape_tags(said)
    head, handle = (
        prompt_format.escape_tags(said[:RESULT_HEAD]),
        f"{run}.{told.effect.number}",
    )
    return (
        f"{head}\n[… {len(said):,} characters in all, stored as {handle}: "
        f"Gather with this handle answers a question about it, Read with this handle shows more of it]"
    )


def may_read_result(run: str, handle: str) -> bool:
    """Whether a run may read a stored result: its own, or of the work that it is a part of.

    Never of a department that it gave work to: what is held back there is told to nobody.
    """
    return f"{run}.".startswith(f"{handle.rpartition('.')[0] or handle}.")


def renumber_calls(calls: Iterable[ToolCall], effect: int) -> tuple[ToolCall, ...]:
    """The calls under ids of ours: those of a model may be missing or repeat."""
    return tuple(
        ToolCall(id=f"call_{effect}_{i}", name=c.name, arguments=c.arguments)
        for i, c in enumerate(calls)
    )
