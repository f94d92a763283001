"""When a run goes round in circles: it calls for the same again, and hears nothing new.

A turn is all that one answer called for, with what it brought. The same turn three times with
nothing new between them is a loop, and so are two turns that alternate; another result is news,
and a draft begins anew. Work that goes to one department, to another and back in the same words
is a loop whatever they answered.
"""

from collections.abc import Iterable, Sequence

import msgspec
from msgspec import Struct

from agentco.runs.actions import (
    ACTIONS_BY_NAME,
    MisreadCall,
    read_call,
    tool_and_target,
)
from agentco.runs.effects import AskModel, CallEffect, DelegateWork, Examine
from agentco.runs.events import Answered, AnyEvent
from agentco.runs.transcript import StoryEntry

MAX_REPEATS = 3
MAX_TURN_CHARS = 120
"""How much of a turn is told."""


class TurnStep(Struct, frozen=True, kw_only=True):
    """A call: what it is used `on`, all it wanted, what it `brought`, or `to` whom work went."""

    on: str
    what: str
    to: str = ""
    brought: str = ""


Turn = frozenset[TurnStep]


def describe_loop(story: Iterable[StoryEntry]) -> str:
    """How a run goes round in circles, in words; empty while it gets on."""
    turns = split_turns(story)
    if not turns:
        return ""
    last = turns[-1:]
    if repeats_last_turn(turns):
        return f"it went round in a circle: {describe_turns(last)} brought nothing new, three times"
    if len(turns) > MAX_REPEATS and turns[-4:-2] == turns[-2:]:
        return f"it went round in a circle, to and fro: {describe_turns(turns[-2:])}"
    if len(turns) >= MAX_REPEATS:
        return describe_passing(turns[-3], turns[-2], turns[-1])
    return ""


def repeats_last_turn(turns: Sequence[Turn]) -> bool:
    """Whether the last turn came three times, and only repeated turns between."""
    places = [place for place, turn in enumerate(turns) if turn == turns[-1]]
    if len(places) < MAX_REPEATS:
        return False
    since = turns[places[-MAX_REPEATS] :]
    return all(turns.count(turn) > 1 for turn in since)


def describe_passing(first: Turn, between: Turn, last: Turn) -> str:
    """How the same work went to one department, to another and back; empty when it did not."""
    for step in first & last:
        if not step.to:
            continue
        for other in between:
            if other.to and other.what == step.what:
                return f"it passed the same work to and fro: {step.to}, {other.to}, {step.to}"
    return ""


def split_turns(story: Iterable[StoryEntry]) -> list[Turn]:
    """The turns since the last draft."""
    turns: list[set[TurnStep]] = []
    for entry in story:
        match entry.effect:
            case Examine():
                turns = []
            case AskModel() if isinstance(entry.event, Answered):
                turns.append(set())
            case effect if isinstance(effect, CallEffect) and turns:
                turns[-1].add(to_turn_step(effect, entry.event))
            case _:
                pass
    return [frozenset(turn) for turn in turns if turn]


def to_turn_step(effect: CallEffect, event: AnyEvent | None) -> TurnStep:
    """A call in the one form in which it can be told whether it is the same."""
    if isinstance(effect, DelegateWork):
        words = f"{effect.task} {effect.what}".casefold().split()
        agent = effect.agent.casefold()
        return TurnStep(on=f"Delegate {agent}", what=" ".join(words), to=agent)
    call = effect.call
    action = read_call(call, ACTIONS_BY_NAME)
    brought = str(getattr(event, "text", ""))
    if isinstance(action, MisreadCall):
        return TurnStep(on=call.name.casefold(), what=call.arguments, brought=brought)
    used = " ".join(tool_and_target(action)).strip()
    what = msgspec.json.encode(action).decode()
    return TurnStep(on=used, what=what, brought=brought)


def describe_turns(turns: Iterable[Turn]) -> str:
    """What the turns called for, in short."""
    words: list[str] = []
    for turn in turns:
        calls = sorted(step.on for step in turn)
        words.append(" and ".join(calls)[:MAX_TURN_CHARS])
    return ", then ".join(words)
