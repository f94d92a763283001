"""What an effect needs of the state, loaded in one look."""

from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from agentco.company.tool_table import ResultSource, callable_names, find_tool
from agentco.engine.delayed_ticks import pending_ticks
from agentco.engine.founder_words import is_founders_file
from agentco.engine.run_costs import is_unusually_costly
from agentco.kernel.run_ids import effect_id
from agentco.ports.store import Transaction
from agentco.runs import effects
from agentco.runs.actions import Board, Memory, Read, tool_of
from agentco.runs.effects import EffectRecord
from agentco.runs.events import Decided, TaskAsked, ToolReturned
from agentco.runs.run import Run
from agentco.runs.tool_calls import MisreadCall, read_call
from agentco.runs.transcript import StoryEntry, may_read_result

StoryEffect = effects.AskModel | effects.ChildEffect | effects.Examine | effects.Deliver
"""What depends on everything that the run was asked and did."""


class EffectInput(Struct, frozen=True, kw_only=True):
    """An effect with its run, what that was asked and did, and the text that it is about.

    `text` is a draft or a stored result. `words` are the founder's and those of trusted
    results: what they hold may be repeated as verified. `ticks` come with a delivery.
    """

    row: EffectRecord
    run: Run
    asked: TaskAsked | None = None
    story: tuple[StoryEntry, ...] = ()
    text: str | None = None
    words: tuple[str, ...] = ()
    ticks: tuple[Board, ...] = ()
    is_costly: bool = False


def load_effect_input(tx: Transaction, row: EffectRecord) -> EffectInput:
    """Load what an effect needs; the story and the task only if it depends on them."""
    run = tx.load_run(row.run)
    loaded = EffectInput(row=row, run=run)
    if writes_memory(row.wanted):
        return replace(loaded, words=trusted_words(tx, run, tx.load_story(run.id)))
    if not isinstance(row.wanted, StoryEffect):
        return loaded
    loaded = replace(
        loaded,
        asked=tx.load_asked(run.id),
        story=tuple(tx.load_story(run.id)),
        text=text_of_effect(tx, row),
    )
    if isinstance(row.wanted, effects.Examine) and run.public:
        return replace(loaded, words=trusted_words(tx, run, loaded.story))
    if isinstance(row.wanted, effects.Deliver):
        is_root = row.run == row.root
        return replace(
            loaded,
            ticks=pending_ticks(tx, run, loaded.story),
            is_costly=is_root and is_unusually_costly(tx, row.root),
        )
    return loaded


def writes_memory(wanted: effects.AnyEffect) -> bool:
    """Whether an effect is a call of the memory's tool."""
    if not isinstance(wanted, effects.UseTool):
        return False
    return find_tool(wanted.call.name) == tool_of(Memory)


def text_of_effect(tx: Transaction, row: EffectRecord) -> str | None:
    """Return the draft or stored result that an effect is about; None if it is not kept."""
    match row.wanted:
        case effects.StartTask(handle=handle):
            readable = may_read_result(row.run, handle)
            return tx.stored_text(handle) if readable else None
        case (
            effects.Examine(draft=draft)
            | effects.Classify(draft=draft)
            | effects.StartReview(draft=draft)
        ):
            return tx.stored_text(effect_id(row.run, draft))
        case _:
            return None


def trusted_words(
    tx: Transaction, run: Run, story: Iterable[StoryEntry]
) -> tuple[str, ...]:
    """Return the founder's words, and what was read of what the founder keeps.

    What one department asks of another is no founder's word: for delegated work it is what
    the root was asked. Drafts are agents' words.
    """
    task = ""
    if len(tx.load_run(run.root).chain) == 1:
        asked = tx.load_asked(run.root)
        task = asked.task if asked else ""
    words = [task]
    for entry in story:
        match entry.event:
            case Decided(text=text, ok=True):
                words.append(text)
            case ToolReturned(text=text, ok=True):
                words.extend(founder_text(entry.effect, text))
            case _:
                pass
    return tuple(words)


def founder_text(effect: effects.AnyEffect, text: str) -> Iterable[str]:
    """Yield what a tool returned of the founder's own files."""
    if not isinstance(effect, effects.UseTool):
        return
    action = read_call(effect.call, callable_names())
    if isinstance(action, MisreadCall):
        return
    if tool_of(action).source is ResultSource.FOUNDER:
        yield text
    elif isinstance(action, Read) and not action.handle:
        # The first line counts lines, as the agent chose.
        _, _, lines = text.partition("\n")
        yield lines if is_founders_file(action.path) else ""
