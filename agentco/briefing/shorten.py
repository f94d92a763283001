"""A conversation that is too long for a model is shortened by rule, and what was is told.

First what tools returned before the last answer, then earlier turns, then files, then what came
last: each to its head and how to see the rest. Never the task, a rule or a draft.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from html import unescape

from msgspec import Struct
from msgspec.structs import replace

from agentco.briefing.prompt_size import measure_message
from agentco.kernel.run_ids import effect_id
from agentco.runs import effects
from agentco.runs.actions import Gather, Read, name_of
from agentco.runs.events import TaskAsked
from agentco.runs.model_messages import ChatMessage, MessageRole
from agentco.runs.run_record import StoryEntry

HEAD = 600
"""Characters of a result that are left."""
FILE_HEAD = 1500
TURNS_LEFT_OUT = "[earlier turns of this conversation are left out]"
_FILE = re.compile(
    r'(<file file="([^"]*)">\n)((?:(?!<file file=).)*?)(\n</file>)', re.DOTALL
)
_RESULT_HEAD = (
    "{head}\n[… shortened, stored as {handle}: "
    f"{name_of(Gather)} with this handle answers a question about it, "
    f"{name_of(Read)} with this handle shows more of it]"
)
_FILE_CUT = (
    "{head}\n[… the first {shown:,} of {size:,} characters; "
    f"{name_of(Read)} with the path shows more of a file of the company]"
)


class Shortened(Struct, frozen=True, kw_only=True):
    """The messages that are sent, and what of them was shortened, in words."""

    messages: tuple[ChatMessage, ...]
    what: tuple[str, ...] = ()


class _Step(Struct, frozen=True):
    """The message at a place becomes another one; `what` is the word for what is shortened."""

    place: int
    message: ChatMessage
    what: str


def result_handles(run: str, story: Iterable[StoryEntry]) -> dict[str, str]:
    """Return the handles under which results are stored, by the ids of their calls."""
    return {
        entry.effect.call.id: effect_id(run, entry.effect.number)
        for entry in story
        if isinstance(entry.effect, effects.CallEffect)
    }


def shorten_messages(
    messages: Sequence[ChatMessage],
    asked: TaskAsked,
    handles: Mapping[str, str],
    room: int,
) -> Shortened:
    """Shorten messages, step by step, until they are estimated at no more than `room` tokens.

    Where even that is not enough, all that may be is shortened.
    """
    kept = list(messages)
    sizes = [measure_message(message).tokens for message in kept]
    done = list[str]()
    for step in _steps(messages, asked, handles):
        if sum(sizes) <= room:
            break
        size = measure_message(step.message).tokens
        if size >= sizes[step.place]:
            continue
        kept[step.place] = step.message
        sizes[step.place] = size
        done.append(step.what)
    turns = range(asked.stable, len(asked.given) - 1)
    left_out = [place for place in turns if not kept[place].text]
    return Shortened(
        messages=tuple(_without_gaps(kept, left_out)), what=tuple(dict.fromkeys(done))
    )


def _steps(
    messages: Sequence[ChatMessage], asked: TaskAsked, handles: Mapping[str, str]
) -> Iterator[_Step]:
    """All that may be shortened, in the order in which it is."""
    task = len(asked.given) - 1
    last_answer = task
    for place, message in enumerate(messages):
        if message.role is MessageRole.ASSISTANT:
            last_answer = place
    results = list(_result_steps(messages, task, handles))
    yield from (step for step in results if step.place < last_answer)
    for place in range(asked.stable, task):
        yield _Step(place, replace(messages[place], text=""), "earlier turns")
    yield from _file_steps(messages[task], task)
    yield from (step for step in results if step.place > last_answer)


def _result_steps(
    messages: Sequence[ChatMessage], task: int, handles: Mapping[str, str]
) -> Iterator[_Step]:
    for place, message in enumerate(messages):
        handle = handles.get(message.call)
        if place > task and handle and len(message.text) > 2 * HEAD:
            text = _RESULT_HEAD.format(head=message.text[:HEAD], handle=handle)
            yield _Step(place, replace(message, text=text), "results of tools")


def _file_steps(message: ChatMessage, place: int) -> Iterator[_Step]:
    """The largest file first; each step holds those before it."""
    found = list(_FILE.finditer(message.text))
    found.sort(key=lambda match: len(match[3]), reverse=True)
    text = message.text
    for match in found:
        if len(match[3]) > 2 * FILE_HEAD:
            cut = _FILE_CUT.format(
                head=match[3][:FILE_HEAD], shown=FILE_HEAD, size=len(match[3])
            )
            text = text.replace(match[0], f"{match[1]}{cut}{match[4]}")
            yield _Step(place, replace(message, text=text), unescape(match[2]))


def _without_gaps(
    messages: Sequence[ChatMessage], left_out: Collection[int]
) -> Iterator[ChatMessage]:
    """The messages without turns that were left out; a line stands in the place of the first."""
    for place, message in enumerate(messages):
        if place not in left_out:
            yield message
        elif place == min(left_out):
            yield ChatMessage(role=MessageRole.USER, text=TURNS_LEFT_OUT)
