"""A run: one agent's piece of work, as the few facts that say where it stands."""

from enum import StrEnum

from msgspec import Struct, field

from agentco.company.records import Reasoning, Tier
from agentco.public_text.findings import SOFT_RULES
from agentco.review.verdict import Verdict

RUN_FORMAT = 2
MAX_HEAD_BYTES = 4096


class RunPhase(StrEnum):
    """WORKING until it is over; whether it runs, waits or was interrupted, its effects say."""

    WORKING = "working"
    DONE = "done"
    BLOCKED = "blocked"
    REFUSED = "refused"
    OUT_OF_BUDGET = "out-of-budget"
    FAILED = "failed"
    CANCELLED = "cancelled"


class RunJob(StrEnum):
    """What a run is for: a deliverable, or something for the run that started it."""

    WORK = "work"
    GATHER = "gather"
    REVIEW = "review"
    CLASSIFY = "classify"
    IMPROVE = "improve"


class Review(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One review that is due: `verdict` is the last one, `round` the revision it was given on.

    `owed` says why nobody could review: then the founder decides, or the work that this one is
    part of. `heard` is True once the author was asked to answer it.
    """

    trigger: str
    agent: str = ""
    words: tuple[str, ...] = ()
    line: int = 0
    verdict: Verdict | None = None
    round: int = 0
    owed: str = ""
    heard: bool = False


class Run(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The head of a run.

    - `id`: of a child, the id of the effect that started it.
    - `max_output`, `reasoning`: the longest answer in tokens, and how much to think, as the
      agent's file says; 0 and None where it does not.
    - `under`: the triggers that a review is asked under. `decided`: those with a verdict so far.
    - `reviews`, `faults`, `waived`: reviews of the draft, the rules that code found broken in it,
      and what of both the founder overruled.
    - `round`: revisions so far. `children`: runs it started.
    - `waits_for`: numbers of the effects that are still out.
    - `misread`: tools whose last call could not be read.
    - `pressed`: it was asked once more, for the call that it is there for or for what it made up.
    - `elsewhere`: the effect from which on another model of its tier is asked for that call.
    - `goes_on`: the effect whose answer was cut and is gone on with. `cuts`: how often it was,
      `said`: the characters that there are of it. `longer`: it is asked with twice the room.
    - `lost`: calls in a row that brought nothing.
    - `ending`: how it ends once its last words are kept.
    - `alone`: whoever delegated it went on without it.
    - `outside`: the first thing it was told that the founder did not write; empty if none was.
    - `answer`: the effect whose answer is the deliverable, or as much as there is of one.
    """

    format: int = field(
        default_factory=lambda: RUN_FORMAT
    )  # stored always: a plain default would be left out
    id: str
    parent: str | None = None
    root: str
    agent: str
    chain: tuple[str, ...]
    prompt: str = ""
    title: str
    started: str
    follows: str = ""
    tier: Tier = Tier.MEDIUM
    model: str = ""
    max_output: int = 0
    reasoning: Reasoning | None = None
    tools: tuple[str, ...] = ()
    quick: bool = False
    job: RunJob = RunJob.WORK
    public: bool = False
    under: tuple[str, ...] = ()
    decided: tuple[str, ...] = ()
    reviews: tuple[Review, ...] = ()
    faults: tuple[str, ...] = ()
    waived: tuple[str, ...] = ()
    round: int = 0
    max_revisions: int = 2
    max_chain: int = 3
    children: int = 0
    max_children: int = 12
    turns: int = 0
    max_turns: int
    tool_calls: int = 0
    max_tool_calls: int
    next: int = 1
    waits_for: tuple[int, ...] = ()
    misread: tuple[str, ...] = ()
    pressed: bool = False
    elsewhere: int = 0
    goes_on: int = 0
    cuts: int = 0
    said: int = 0
    longer: bool = False
    lost: int = 0
    phase: RunPhase = RunPhase.WORKING
    ending: RunPhase | None = None
    alone: bool = False
    answer: int | None = None
    reason: str = ""
    outside: str = ""

    @property
    def repairs_answer(self) -> bool:
        """Whether its next call is a part of its last turn: that answer was cut."""
        return bool(self.goes_on) or self.longer

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen."""
        return self.phase is not RunPhase.WORKING

    @property
    def can_be_ended(self) -> bool:
        """Whether the founder can still end it: it is at work, or blocked."""
        return self.phase in {RunPhase.WORKING, RunPhase.BLOCKED}

    @property
    def parent_handles_reviews(self) -> bool:
        """Whether somebody above it sees to the reviews that nobody could do."""
        return self.parent is not None and not self.alone

    @property
    def open_reviews(self) -> tuple[Review, ...]:
        """The reviews that hold it back: not given yet, BLOCKING, or owed."""
        return tuple(
            review
            for review in self.reviews
            if review.trigger not in self.waived
            and review.verdict in {None, Verdict.BLOCKING}
        )

    @property
    def reviews_to_start(self) -> tuple[Review, ...]:
        """The open reviews that somebody can still be asked for."""
        return tuple(review for review in self.open_reviews if not review.owed)

    @property
    def blockers(self) -> tuple[str, ...]:
        """What a revision must mend: rules broken, and triggers under which a reviewer blocks."""
        names = list[str]()
        for fault in self.faults:
            if fault not in SOFT_RULES and fault not in self.waived:
                names.append(fault)
        for review in self.open_reviews:
            if review.verdict is Verdict.BLOCKING:
                names.append(review.trigger)
        return tuple(dict.fromkeys(names))

    @property
    def waivable_holds(self) -> tuple[str, ...]:
        """What keeps it from being delivered, by the names that the founder can waive."""
        triggers = [review.trigger for review in self.open_reviews]
        return tuple(dict.fromkeys((*self.blockers, *triggers)))
