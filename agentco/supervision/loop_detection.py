"""When a run goes round in circles: it calls for the same again, and hears nothing new.

A turn is all that one answer called for, with what it brought. The same turn three times with nothing new between
them is a loop, and so are two turns that alternate; another result is news, and a draft begins anew. Work that goes
to one department, to another and back in the same words is a loop whatever they answered.
"""

from collections.abc import Iterable, Sequence

import msgspec
from msgspec import Struct

from agentco.company.tool_table import callable_names
from agentco.runs.actions import Delegate, name_of
from agentco.runs.effects import AskModel, CallEffect, DelegateWork, Examine
from agentco.runs.events import Answered, AnyEvent
from agentco.runs.tool_calls import MisreadCall, read_call, tool_and_target
from agentco.runs.transcript import StoryEntry

MAX_REPEATS = 3
MAX_TURN_CHARS = 120


class TurnStep(Struct, frozen=True, kw_only=True):
    """One call: what it is used `on`, all that was wanted, and what it `brought`, or `to` whom work was given."""

    on: str
    what: str
    to: str = ""
    brought: str = ""


Turn = frozenset[TurnStep]


def describe_loop(story: Iterable[StoryEntry]) -> str:
    """How a run goes round in circles, in words; empty while it gets on."""
    turns = split_turns(story)
    last = turns[-1:]
    at = [i for i, turn in enumerate(turns) if [turn] == last][-MAX_REPEATS:]
    if len(at) == MAX_REPEATS and all(turns.count(turn) > 1 for turn in turns[at[0] :]):
        return f"it went round in a circle: {describe_turns(last)} brought nothing new, three times"
    if len(turns) > MAX_REPEATS and turns[-4:-2] == turns[-2:]:
        return f"it went round in a circle, to and fro: {describe_turns(turns[-2:])}"
    for one in last[0] & turns[-3] if len(turns) >= MAX_REPEATS else ():
        if one.to and (
            others := [
                step.to for step in turns[-2] if step.to and step.what == one.what
            ]
        ):
            return (
                f"it passed the same work to and fro: {one.to}, {others[0]}, {one.to}"
            )
    return ""


def split_turns(story: Iterable[StoryEntry]) -> list[Turn]:
    """The turns since the last draft."""
    found: list[set[TurnStep]] = []
    for told in story:
        match told.effect:
            case Examine():
                found = []
            case AskModel() if isinstance(told.event, Answered):
                found.append(set())
            case effect if isinstance(effect, CallEffect) and found:
                found[-1].add(to_turn_step(effect, told.event))
            case _:
                pass
    return [frozenset(turn) for turn in found if turn]


def to_turn_step(effect: CallEffect, event: AnyEvent | None) -> TurnStep:
    """A call in the one form in which it can be told whether it is the same."""
    if isinstance(effect, DelegateWork):
        what = " ".join(f"{effect.task} {effect.what}".casefold().split())
        return TurnStep(
            on=f"{name_of(Delegate)} {effect.agent.casefold()}",
            what=what,
            to=effect.agent.casefold(),
        )
    call, action, brought = (
        effect.call,
        read_call(effect.call, callable_names()),
        str(getattr(event, "text", "")),
    )
    if isinstance(action, MisreadCall):
        return TurnStep(on=call.name.casefold(), what=call.arguments, brought=brought)
    return TurnStep(
        on=" ".join(tool_and_target(action)).strip(),
        what=msgspec.json.encode(action).decode(),
        brought=brought,
    )


def describe_turns(turns: Sequence[Turn]) -> str:
    """What the turns called for, in short."""
    return ", then ".join(
        " and ".join(sorted(step.on for step in turn))[:MAX_TURN_CHARS]
        for turn in turns
    )
