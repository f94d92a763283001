"""What happened in a piece of work, one event for each step that begins or ends, in words."""

from collections.abc import Iterator
from enum import StrEnum

from msgspec import Struct

from agentco.kernel.words import count_of
from agentco.overview.inbox_items import effect_item
from agentco.overview.tool_words import call_in_words
from agentco.review.deliverable import split_answer
from agentco.review.reviews_due import unite_triggers
from agentco.runs import effects, events
from agentco.runs.effects import EffectRecord, EffectState
from agentco.runs.run import Run, RunJob

BEGUN = {
    EffectState.SENT,
    EffectState.STARTED,
    EffectState.IN_DOUBT,
    EffectState.DONE,
    EffectState.SETTLED,
}


class EventKind(StrEnum):
    """What kind of step began or ended."""

    ASKED = "asked"
    DRAFT = "draft"
    TOOL = "tool"
    READING = "reading"
    VERDICT = "verdict"
    DELEGATED = "delegated"
    RETURNED = "returned"
    WAITS = "waits"
    FAILED = "failed"
    ENDED = "ended"

    @property
    def begins(self) -> bool:
        """Whether something begins with it."""
        return self in {self.ASKED, self.READING, self.DELEGATED, self.WAITS}


class WorkEvent(Struct, frozen=True, kw_only=True):
    """One step of somebody: `at` is an ISO time, `id` the effect, or the run that ended."""

    kind: EventKind
    at: str
    id: str
    agent: str
    what: str


def events_of_effect(
    row: EffectRecord, run: Run, event: events.AnyEvent | None
) -> Iterator[WorkEvent]:
    """What is to be told of an effect so far; the times are those at which it was wanted."""
    for kind, agent, what in _begin_of(row, run):
        yield WorkEvent(kind=kind, at=row.at, id=row.id, agent=agent, what=what)
    for kind, agent, what in _end_of(row, run, event) if event else ():
        yield WorkEvent(kind=kind, at=row.at, id=row.id, agent=agent, what=what)


Told = Iterator[tuple[EventKind, str, str]]
"""Kinds of events, each with who and what."""


def _begin_of(row: EffectRecord, run: Run) -> Told:
    if row.state is EffectState.PARKED:
        item = effect_item(row)
        what = f"waits for you: {item.words or item.what}"
        yield EventKind.WAITS, row.agent, what
    if row.state not in BEGUN:
        return
    match row.wanted:
        case effects.AskModel() if row.model and run.job is RunJob.WORK:
            yield EventKind.ASKED, row.agent, f"asks {row.model}"
        case effects.StartReview(agent=agent, due=due):
            triggers = ", ".join(review.trigger for review in due)
            yield EventKind.READING, agent, f"reads the draft ({triggers})"
        case effects.DelegateWork(agent=agent, what=what):
            yield EventKind.DELEGATED, row.agent, f"gives {agent} this work: {what}"
        case _:
            pass


def _end_of(row: EffectRecord, run: Run, event: events.AnyEvent) -> Told:
    match row.wanted, event:
        case effects.AskModel(lesson=""), events.Answered(calls=()) if (
            run.job is RunJob.WORK
        ):
            words = len(split_answer(event.text).text.split())
            yield (
                EventKind.DRAFT,
                row.agent,
                f"wrote a draft, {count_of(words, 'word')}",
            )
        case effects.UseTool(call=call), events.ToolReturned(ok=ok) if (
            run.job is RunJob.WORK
        ):
            done = call_in_words(call.name, call.arguments) or call.name
            yield EventKind.TOOL, row.agent, done if ok else f"could not {done}"
        case _, events.Saved(file=file) if file:
            yield EventKind.TOOL, row.agent, f"wrote {file}"
        case _, events.Reviewed():
            for what in verdict_lines(event):
                yield EventKind.VERDICT, event.agent, what
        case _, events.Delegated(agent=agent, status=status):
            yield EventKind.RETURNED, agent, f"is through: {status}"
        case _, events.ModelFailed(reason=reason) | events.Refused(reason=reason):
            yield EventKind.FAILED, row.agent, reason
        case _:
            pass


def verdict_lines(said: events.Reviewed) -> list[str]:
    """What a reviewer said, once for the triggers under which it is the same."""
    if said.failed:
        return [f"gave no verdict: {said.failed}"]
    opinions = [(one.trigger, (one.verdict, one.because)) for one in said.opinions]
    return [
        f"{verdict} ({triggers}): {because}".removesuffix(": ")
        for triggers, (verdict, because) in unite_triggers(opinions)
    ]
