"""When a run goes round in circles or gets nowhere: it hears nothing new.

A turn is all that one answer called for, with what it brought. The same turn three times with
nothing new between them is a loop, and so are two turns that alternate; another result is news,
and a draft begins anew. Spaces, case and the spelling of a path make no other turn. Many turns in
a row that brought nothing new, whatever they called for, are no progress. Work that goes to one
department, to another and back in the same words is a loop whatever they answered.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, cast

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from agentco.company.tool_table import ResultSource, callable_names
from agentco.runs.actions import Action, Delegate, name_of, tool_of
from agentco.runs.effects import AskModel, CallEffect, DelegateWork, Examine
from agentco.runs.events import Answered, AnyEvent, Refused
from agentco.runs.model_messages import StopReason
from agentco.runs.run_record import StoryEntry
from agentco.runs.tool_calls import MisreadCall, read_call, tool_and_target

MAX_REPEATS = 3
MAX_BARREN_TURNS = 8
"""So many turns in a row may bring nothing new; whoever searches for something may miss a while."""
MAX_TURN_CHARS = 120
"""How much of a turn is told."""


class TurnStep(Struct, frozen=True, kw_only=True):
    """A call: what it is used `on`, all it wanted, what it `brought`, or `to` whom work went.

    It `counts` as progress also when it brings what is known; what did not work `failed`.
    """

    on: str
    what: str
    to: str = ""
    brought: str = ""
    counts: bool = False
    failed: bool = False


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
    barren = count_barren(turns)
    if barren >= MAX_BARREN_TURNS:
        called = describe_turns(last)
        return f"it got nowhere: {barren} turns in a row brought nothing new, the last {called}"
    if len(turns) >= MAX_REPEATS:
        return describe_passing(turns[-3], turns[-2], turns[-1])
    return ""


def count_barren(turns: Iterable[Turn]) -> int:
    """How many turns at the end brought nothing that was not known before."""
    known: set[tuple[str, str]] = set()
    barren = 0
    for turn in turns:
        found = {news for step in turn for news in news_of(step)}
        barren = 0 if found - known else barren + 1
        known |= found
    return barren


def news_of(step: TurnStep) -> Iterator[tuple[str, str]]:
    """What is new with a step, if none before had the same."""
    tool = step.on.partition(" ")[0]
    if not step.failed:
        yield tool, step.brought
        if step.counts:
            yield f"{tool} for", step.what


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


def is_whole_answer(event: AnyEvent | None) -> bool:
    """Whether an event is an answer that was not cut: the rest of one is no turn of its own."""
    return isinstance(event, Answered) and event.stop is not StopReason.LENGTH


def split_turns(story: Iterable[StoryEntry]) -> list[Turn]:
    """The turns since the last draft."""
    turns: list[set[TurnStep]] = []
    spelt: dict[str, str] = {}
    for entry in story:
        match entry.effect:
            case Examine():
                turns = []
            case AskModel() if is_whole_answer(entry.event):
                turns.append(set())
            case effect if isinstance(effect, CallEffect) and turns:
                step = to_turn_step(effect, entry.event)
                first = spelt.setdefault(step.what, step.on)
                turns[-1].add(replace(step, on=first))
            case _:
                pass
    return [frozenset(turn) for turn in turns if turn]


def to_turn_step(effect: CallEffect, event: AnyEvent | None) -> TurnStep:
    """A call in the one form in which it can be told whether it is the same."""
    if isinstance(effect, DelegateWork):
        words = f"{effect.task} {effect.what}".casefold().split()
        agent = effect.agent.casefold()
        name = f"{name_of(Delegate)} {agent}"
        return TurnStep(on=name, what=" ".join(words), to=agent, counts=True)
    call = effect.call
    brought = str(getattr(event, "text", ""))
    action = read_call(call, callable_names())
    if isinstance(action, MisreadCall):
        name = call.name.casefold()
        is_known = name in {known.casefold() for known in callable_names()}
        what = call.arguments if is_known else name
        return TurnStep(on=name, what=what, brought=brought, failed=True)
    tool, target = tool_and_target(action)
    wanted = plain_wish(msgspec.to_builtins(action))
    return TurnStep(
        on=f"{tool} {target}".strip(),
        what=f"{tool} {msgspec.json.encode(wanted).decode()}",
        brought=brought.replace(target, "") if target else brought,
        counts=counts_as_wanted(action),
        failed=isinstance(event, Refused) or not getattr(event, "ok", True),
    )


def counts_as_wanted(action: Action) -> bool:
    """Whether an action is a step forward though another one brought the same words.

    So is what changes something, and another file of the same content.
    """
    tool = tool_of(action)
    operation = str(getattr(action, "operation", ""))
    return tool.is_change(operation) or tool.source is ResultSource.FILE


def plain_wish(value: Any) -> Any:
    """What is wanted, without what makes no difference: case, spaces, the spelling of a path."""
    if isinstance(value, dict):
        fields = cast("dict[str, Any]", value)
        return {name: plain_wish(part) for name, part in fields.items()}
    if isinstance(value, list | tuple):
        return [plain_wish(part) for part in cast("list[Any]", value)]
    if not isinstance(value, str):
        return value
    words = " ".join(value.casefold().split())
    steps = [step for step in words.split("/") if step not in {"", "."}]
    return "/".join(steps)


def describe_turns(turns: Iterable[Turn]) -> str:
    """What the turns called for, in short."""
    words: list[str] = []
    for turn in turns:
        calls = sorted(step.on for step in turn)
        words.append(" and ".join(calls)[:MAX_TURN_CHARS])
    return ", then ".join(words)
