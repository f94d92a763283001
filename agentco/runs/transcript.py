"""What was said in a run so far, as the next call must hear it."""

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from agentco.runs import advance, effects, prompt_format
from agentco.runs.events import (
    Answered,
    Asked,
    ChildFinished,
    Decided,
    Delegated,
    Happened,
    ToolReturned,
)
from agentco.runs.feedback import feedback
from agentco.runs.model_messages import Message, Role, ToolCall

LARGE = 8192
HEAD = 2048
NOT_TAKEN = f"not done: at most {advance.AT_ONCE} calls at once, and no more than the run's own cap"
ANSWER_NOW = "No more tools from here on. Give your answer now, with what you know."


class Told(Struct, frozen=True, kw_only=True):
    """An effect, and what came of it so far."""

    effect: effects.Wanted
    event: Happened | None = None


def conversation(
    run: str, asked: Asked, story: Iterable[Told], *, last: bool = False
) -> tuple[Message, ...]:
    """The messages of the next call; every call of a tool has exactly one reply."""
    said = list(story)
    replies = {
        told.effect.call.id: reply(run, told)
        for told in said
        if isinstance(told.effect, effects.Spoken)
    }
    end = (Message(role=Role.USER, text=ANSWER_NOW),) if last else ()
    return (
        *asked.given,
        *(m for i in range(len(said)) for m in turn(said, i, replies)),
        *end,
    )


def turn(said: Sequence[Told], at: int, replies: dict[str, str]) -> Iterator[Message]:
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
        if told := feedback(effect, (each.event for each in said[last + 1 : at])):
            yield Message(role=Role.USER, text=told)
    if isinstance(answer, Answered):
        yield Message(role=Role.ASSISTANT, text=answer.text, calls=answer.calls)
        yield from (
            Message(role=Role.TOOL, text=replies.get(c.id, NOT_TAKEN), call=c.id)
            for c in answer.calls
        )


def reply(run: str, told: Told) -> str:
    """What a model hears of a tool: all of it, or the head and the handle of what is large."""
    match told.event:
        case ToolReturned(text=text, ok=ok) | ChildFinished(text=text, ok=ok):
            said = text if ok else f"error: {text}"
        case Delegated(text=text, status=status):
            said = text if status == "done" else f"{status}: {text}"
        case Decided(text=text):
            return f"<founder>\n{prompt_format.as_data(text)}\n</founder>"
        case _:
            said = "not done"
    if len(said.encode("utf-8", "replace")) <= LARGE:
        return prompt_format.as_data(said)
    return (
        f"{prompt_format.as_data(said[:HEAD])}\n[… {len(said):,} characters in all, stored as {run}.{told.effect.number}: "
        f"Gather with this handle answers a question about it, Read with this handle shows more of it]"
    )


def reaches(run: str, handle: str) -> bool:
    """Whether a run may read a stored result: its own, or of the work that it is a part of.

    Never of a department that it gave work to: what is held back there is told to nobody.
    """
    return f"{run}.".startswith(f"{handle.rpartition('.')[0] or handle}.")


def numbered(calls: Iterable[ToolCall], effect: int) -> tuple[ToolCall, ...]:
    """The calls under ids of ours: those of a model may be missing or repeat."""
    return tuple(
        ToolCall(id=f"call_{effect}_{i}", name=c.name, arguments=c.arguments)
        for i, c in enumerate(calls)
    )
