"""What an effect needs of the state, loaded in one look."""

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from agentco.company.tool_table import ResultSource, callable_names, find_tool
from agentco.engine.delayed_ticks import pending_ticks
from agentco.engine.run_costs import is_unusually_costly
from agentco.kernel.figures import figures_in_sources, find_figures, unsaid_figures
from agentco.kernel.run_ids import effect_id
from agentco.ports.store import Transaction
from agentco.review.agent_lines import found_lines, without_agent_lines
from agentco.review.founder_files import (
    founders_files,
    is_founders_file,
    is_founders_text,
)
from agentco.runs import effects
from agentco.runs.actions import Action, Board, Compute, Memory, Read, Search, tool_of
from agentco.runs.effects import EffectRecord
from agentco.runs.events import Decided, Delegated, TaskAsked, ToolReturned
from agentco.runs.run import Run, RunJob
from agentco.runs.run_record import StoryEntry, may_read_result
from agentco.runs.tool_calls import MisreadCall, read_call, without_note

StoryEffect = effects.AskModel | effects.ChildEffect | effects.Examine | effects.Deliver
"""What depends on everything that the run was asked and did."""


class EffectInput(Struct, frozen=True, kw_only=True):
    """An effect with its run, what that was asked and did, and the text that it is about.

    `text` is a draft or a stored result. `words` are the founder's and those of trusted
    results: what they hold may be repeated as verified. `heard` is what an author may repeat
    without having written it. `ticks` come with a delivery. `founders` is what the founder wrote of
    all that a run was told, where it was told something else as well.
    """

    row: EffectRecord
    run: Run
    asked: TaskAsked | None = None
    story: tuple[StoryEntry, ...] = ()
    text: str | None = None
    words: tuple[str, ...] = ()
    heard: tuple[str, ...] = ()
    founders: tuple[str, ...] = ()
    ticks: tuple[Board, ...] = ()
    is_costly: bool = False


def load_effect_input(tx: Transaction, row: EffectRecord) -> EffectInput:
    """Load what an effect needs; the story and the task only if it depends on them."""
    run = tx.load_run(row.run)
    loaded = EffectInput(row=row, run=run)
    if writes_memory(row.wanted):
        return replace(loaded, words=trusted_words(tx, run, tx.load_story(run.id)))
    if not isinstance(row.wanted, StoryEffect):
        return replace(loaded, text=text_of_effect(tx, row))
    loaded = replace(
        loaded,
        asked=tx.load_asked(run.id),
        story=tuple(tx.load_story(run.id)),
        text=text_of_effect(tx, row),
    )
    given = given_words(run, loaded.asked)
    if isinstance(row.wanted, effects.Examine) and run.public:
        return replace(loaded, words=trusted_words(tx, run, loaded.story, given))
    if isinstance(row.wanted, effects.AskModel) and run.job is RunJob.WORK:
        return replace(loaded, heard=heard_words(tx, run, loaded.story, given))
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
            | effects.SaveDeliverable(answer=draft)
        ):
            return tx.stored_text(effect_id(row.run, draft))
        case _:
            return None


def given_words(run: Run, asked: TaskAsked | None) -> tuple[str, ...]:
    """Return what an agent was given of the founder's files; other work gives none."""
    messages = asked.given[: asked.stable] if asked else ()
    if asked and len(run.chain) == 1:
        messages += asked.given[-1:]
    return founders_files(message.text for message in messages)


def trusted_words(
    tx: Transaction, run: Run, story: Sequence[StoryEntry], given: Iterable[str] = ()
) -> tuple[str, ...]:
    """Return what the founder said, and what files say that no agent wrote."""
    task, is_file = task_of_founder(tx, run)
    said = list(decisions(story))
    read = [*given, *texts_read(story)]
    (read if is_file else said).append(task)
    known = (*said, *without_agent_lines(read, tx.known_agent_lines))
    return (*known, *computed_texts(story, known))


def computed_texts(story: Iterable[StoryEntry], known: Iterable[str]) -> Iterator[str]:
    """Yield the calculations whose terms are known, in order: a result is known from then on."""
    figures = figures_in_sources(known)
    for action, text in tool_results(story):
        if not isinstance(action, Compute):
            continue
        if action.file and not is_founders_file(action.file):
            continue
        terms = find_figures(" ".join((*action.numbers, *action.dates)))
        counted = {str(abs(action.count))} if action.count else set[str]()
        if not unsaid_figures(terms | counted, figures):
            figures |= figures_in_sources((text,))
            yield text


def heard_words(
    tx: Transaction, run: Run, story: Sequence[StoryEntry], given: Iterable[str]
) -> tuple[str, ...]:
    """Return what an author may repeat without having written it.

    Lines of another department's answer are known as its own, unless they are the founder's.
    """
    task, _ = task_of_founder(tx, run)
    answers = (
        entry.event.text for entry in story if isinstance(entry.event, Delegated)
    )
    read = texts_read(story, found=True)
    return (task, *decisions(story), *given, *read, *answers)


def task_of_founder(tx: Transaction, run: Run) -> tuple[str, bool]:
    """Return what the root was asked, and whether that stands in the file of a prompt.

    What one department asks of another is no founder's word.
    """
    root = tx.load_run(run.root)
    asked = tx.load_asked(root.id) if len(root.chain) == 1 else None
    return asked.task if asked else "", bool(root.prompt)


def decisions(story: Iterable[StoryEntry]) -> Iterator[str]:
    """Yield what the founder answered."""
    for entry in story:
        if isinstance(entry.event, Decided) and entry.event.ok:
            yield entry.event.text


def texts_read(story: Iterable[StoryEntry], *, found: bool = False) -> Iterator[str]:
    """Yield what tools returned of the founder's own files, with `found` also hits in them."""
    for action, text in tool_results(story):
        if tool_of(action).source is ResultSource.FOUNDER:
            yield text
        elif isinstance(action, Read) and not action.handle:
            # The first line counts lines, as the agent chose.
            _, _, lines = text.partition("\n")
            yield lines if is_founders_text(action.path, text) else ""
        elif isinstance(action, Search) and found:
            yield found_lines(text, is_founders_file)


def tool_results(story: Iterable[StoryEntry]) -> Iterator[tuple[Action, str]]:
    """Yield each use of a tool that succeeded, with what it returned."""
    for entry in story:
        effect, event = entry.effect, entry.event
        if not isinstance(effect, effects.UseTool):
            continue
        if not isinstance(event, ToolReturned) or not event.ok:
            continue
        action = read_call(effect.call, callable_names())
        if not isinstance(action, MisreadCall):
            yield action, without_note(effect.call, event.text)
