"""What the state holds of a run: its effects in their order, and what came of each."""

from collections.abc import Iterable

from msgspec import Struct

from agentco.kernel.run_ids import is_within, parent_of
from agentco.review.agent_lines import agent_line_prints
from agentco.runs import effects
from agentco.runs.events import Answered, AnyEvent, Reviewed
from agentco.runs.run import Run
from agentco.runs.tool_calls import written_texts


class StoryEntry(Struct, frozen=True, kw_only=True):
    """An effect, and what came of it so far."""

    effect: effects.AnyEffect
    event: AnyEvent | None = None


class Waiver(Struct, frozen=True, kw_only=True):
    """What the founder overruled, and why."""

    trigger: str
    why: str


class RunRecord(Struct, frozen=True, kw_only=True):
    """What the state holds of one run; `usd` is what its own calls cost, in micro-dollars."""

    run: Run
    status: str
    task: str
    entries: tuple[StoryEntry, ...]
    waived: tuple[Waiver, ...]
    usd: int


def drafts_of_verdicts(story: Iterable[StoryEntry]) -> dict[tuple[str, str], str]:
    """The text on which the last verdict under a trigger was given, by trigger and agent."""
    texts = dict[int, str]()
    drafts = dict[tuple[str, str], str]()
    for entry in story:
        match entry.effect, entry.event:
            case effects.AskModel(number=number), Answered(text=text):
                texts[number] = text
            case effects.StartReview(draft=draft), Reviewed() as said:
                for opinion in said.opinions:
                    drafts[opinion.trigger, said.agent] = texts.get(draft, "")
            case _:
                pass
    return drafts


def lines_written(
    event: Answered, heard: tuple[str, ...], tools: tuple[str, ...]
) -> tuple[str, ...]:
    """The fingerprints of what an agent wrote: its answer, and what goes into files."""
    texts = (event.text, *written_texts(event.calls, tools))
    return tuple(line for text in texts for line in agent_line_prints(text, heard))


def may_read_result(run: str, handle: str) -> bool:
    """Whether a run may read a stored result: its own, or of the work that it is a part of.

    Never of a department that it gave work to: what is held back there is told to nobody.
    """
    owner = parent_of(handle) or handle
    return is_within(run, owner)
