"""How a piece of work goes on, as the state has it: who is asked what, who reads it, what came."""

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from agentco.overview.tool_words import call_in_words
from agentco.overview.work_events import EventKind, WorkEvent, events_of_effect
from agentco.ports.store import Transaction
from agentco.review.deliverable import split_answer
from agentco.review.reviews_due import unite_triggers
from agentco.rules.budget import call_scopes
from agentco.runs import effects, events
from agentco.runs.effects import EffectRecord, EffectState
from agentco.runs.run import Run, RunJob, RunPhase

WAITING, READING = "waiting", "reading"
WORDS_OF_JOBS = {
    RunJob.WORK: "working",
    RunJob.GATHER: "reading",
    RunJob.CLASSIFY: "sorting",
    RunJob.IMPROVE: "improving",
}


class Call(Struct, frozen=True, kw_only=True):
    """A model that is asked now, since an ISO time."""

    model: str
    since: str


class Colleague(Struct, frozen=True, kw_only=True):
    """Somebody who works for the author: what they do in a word, about what.

    A reviewer is `waiting` or `reading`, or their `state` is a verdict, and `said` the reason.
    """

    agent: str
    state: str
    about: str
    said: str = ""
    call: Call | None = None

    @property
    def is_reviewing(self) -> bool:
        """Whether a review is still to come."""
        return self.state in {WAITING, READING}


class WorkProgress(Struct, frozen=True, kw_only=True):
    """How a root run stands; `usd` and `cap` are micro-dollars, `started` is an ISO time.

    `draft` counts from 1, `drafts` is how many there may be, 0 where nobody reviews. `text` is
    the last draft, and `written_by` the number of the effect that brought it. `doing` is a word
    for what the author does now, `uses` what they used, in words. `events` are those that were
    not told before. A `heading` stands in the place of which draft it is.
    """

    run: str
    agent: str
    phase: RunPhase
    started: str
    usd: int
    cap: int
    draft: int
    drafts: int
    doing: str
    call: Call | None
    uses: tuple[str, ...]
    text: str
    written_by: int
    colleagues: tuple[Colleague, ...]
    events: tuple[WorkEvent, ...]
    heading: str = ""

    @property
    def open_reviews(self) -> int:
        """How many reviewers have not said anything yet."""
        return sum(one.is_reviewing for one in self.colleagues)


class ProgressReader:
    """Reads how one root run stands, as often as somebody looks; each event is told once.

    `budget` is the cap of a run without one of its own, in micro-dollars.
    """

    def __init__(self, root: str, budget: int) -> None:
        self._root = root
        self._budget = budget
        self._came = dict[str, events.AnyEvent | None]()
        self._told = set[WorkEvent]()

    def read(self, tx: Transaction) -> WorkProgress:
        """Return how it stands now. Raises WrongUsage if there is no such run."""
        runs = {run.id: run for run in tx.runs_of_root(self._root)}
        author = runs.get(self._root) or tx.load_run(self._root)
        rows = tx.load_effects(self._root)
        cap, _, _ = tx.root_state(self._root)
        calls = dict(_open_calls(tx, rows))
        own = [row for row in rows if row.run == self._root]
        draft, number = self._last_draft(tx, own)
        return WorkProgress(
            run=author.id,
            agent=author.agent,
            phase=author.phase,
            started=author.started,
            usd=tx.spent_in_scope(call_scopes(self._root, "", "")[0]),
            cap=self._budget if cap is None else cap,
            draft=author.round + 1,
            drafts=0 if author.quick else author.max_revisions + 1,
            doing=_doing(own),
            call=calls.get(self._root),
            uses=tuple(_tools_used(own)),
            text=draft,
            written_by=number,
            colleagues=(
                *self._reviewers(tx, author, own, calls),
                *_helpers(runs, own, calls),
            ),
            events=tuple(self._new_events(tx, rows, runs)),
        )

    def _event(self, tx: Transaction, row: EffectRecord) -> events.AnyEvent | None:
        """What came of an effect; read once."""
        if row.result is None:
            return None
        if row.result not in self._came:
            self._came[row.result] = tx.load_event(row.result)
        return self._came[row.result]

    def _last_draft(
        self, tx: Transaction, own: Iterable[EffectRecord]
    ) -> tuple[str, int]:
        """The last text that the author wrote, and the effect that brought it."""
        answer, number = "", 0
        for row in own:
            if isinstance(row.wanted, effects.AskModel) and not row.wanted.lesson:
                event = self._event(tx, row)
                if isinstance(event, events.Answered) and event.text:
                    answer, number = event.text, row.number
        return split_answer(answer).text, number

    def _reviewers(
        self,
        tx: Transaction,
        author: Run,
        own: Sequence[EffectRecord],
        calls: dict[str, Call],
    ) -> Iterator[Colleague]:
        """Each reviewer of the draft, with what they do or said last, in the order of asking."""
        last = {
            row.wanted.agent: row
            for row in own
            if isinstance(row.wanted, effects.StartReview)
        }
        place = {agent: number for number, agent in enumerate(last)}
        due = [(review.trigger, review.agent) for review in author.reviews]
        due.sort(key=lambda review: place.get(review[1], len(place)))
        for triggers, agent in unite_triggers(due):
            row = last.get(agent)
            if row is None:
                state = WAITING if agent else "owed"
                yield Colleague(agent=agent or "nobody", state=state, about=triggers)
                continue
            event = self._event(tx, row)
            if not isinstance(event, events.Reviewed):
                state = READING if row.state is EffectState.STARTED else WAITING
                call = calls.get(row.id)
                yield Colleague(agent=agent, state=state, about=triggers, call=call)
                continue
            yield from _verdicts(event)

    def _end_of_work(self, tx: Transaction, author: Run) -> list[WorkEvent]:
        """That the work is over, if it is and was not told."""
        if not author.is_over:
            return []
        ended = WorkEvent(
            kind=EventKind.ENDED,
            at=_last_time(tx, author),
            id=author.id,
            agent=author.agent,
            what=f"{author.phase}: {author.reason}".removesuffix(": "),
        )
        if ended in self._told:
            return []
        self._told.add(ended)
        return [ended]

    def _new_events(
        self, tx: Transaction, rows: Iterable[EffectRecord], runs: dict[str, Run]
    ) -> list[WorkEvent]:
        """What was not told before, in its order."""
        new = list[WorkEvent]()
        for row in rows:
            for event in events_of_effect(row, runs[row.run], self._event(tx, row)):
                if event not in self._told:
                    self._told.add(event)
                    new.append(_at_its_time(tx, row, event))
        new += self._end_of_work(tx, runs[self._root])
        return sorted(new, key=lambda event: event.at)


def _last_time(tx: Transaction, run: Run) -> str:
    """When something last happened to a run itself."""
    lines = tx.audit_of_effect(run.id, 0)
    return lines[-1].at if lines else run.started


def _verdicts(said: events.Reviewed) -> Iterator[Colleague]:
    """What a reviewer said, a line for each verdict that differs."""
    decided = {one.trigger for one in said.opinions}
    left = ", ".join(trigger for trigger in said.under if trigger not in decided)
    if left:
        yield Colleague(
            agent=said.agent, state="no verdict", about=left, said=said.failed
        )
    opinions = [(one.trigger, (one.verdict, one.because)) for one in said.opinions]
    for triggers, (verdict, because) in unite_triggers(opinions):
        yield Colleague(
            agent=said.agent, state=str(verdict), about=triggers, said=because
        )


def _helpers(
    runs: dict[str, Run], own: Iterable[EffectRecord], calls: dict[str, Call]
) -> Iterator[Colleague]:
    """Whoever else works for the author now."""
    for row in own:
        run = runs.get(row.id)
        if run and not run.is_over and run.job in WORDS_OF_JOBS:
            yield Colleague(
                agent=run.agent,
                state=WORDS_OF_JOBS[run.job],
                about=run.title,
                call=calls.get(run.id),
            )


def _open_calls(
    tx: Transaction, rows: Iterable[EffectRecord]
) -> Iterator[tuple[str, Call]]:
    """The models that are asked now, by the run that asks; the ruling says since when."""
    for row in rows:
        is_call = isinstance(row.wanted, effects.AskModel)
        if is_call and row.state is EffectState.SENT:
            lines = tx.audit_of_effect(row.run, row.number)
            since = lines[-1].at if lines else row.at
            yield row.run, Call(model=row.model, since=since)


def _doing(own: Sequence[EffectRecord]) -> str:
    """What the author does now, in a word."""
    open_rows = [row for row in own if row.is_under_way]
    for row in open_rows:
        if isinstance(row.wanted, effects.AskModel):
            return "revising" if row.wanted.revise else "writing"
        if isinstance(row.wanted, effects.UseTool):
            return "working"
    if any(row.state is EffectState.STARTED for row in own):
        return WAITING
    if any(row.state is EffectState.PARKED for row in own):
        return "asks you"
    return "working" if open_rows else ""


def _tools_used(own: Iterable[EffectRecord]) -> Iterator[str]:
    """What the author uses or used, in words."""
    for row in own:
        if isinstance(row.wanted, effects.UseTool):
            call = row.wanted.call
            yield call_in_words(call.name, call.arguments) or call.name


def _at_its_time(tx: Transaction, row: EffectRecord, event: WorkEvent) -> WorkEvent:
    """An event with the time at which its step began or ended."""
    lines = tx.audit_of_effect(row.run, row.number)
    if not lines:
        return event
    begins = event.kind.begins
    return replace(event, at=lines[0 if begins else -1].at)
