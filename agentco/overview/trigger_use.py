"""What each trigger came to: the reviews that were asked under it, what they changed and cost."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from msgspec import Struct

from agentco.kernel.run_ids import effect_id
from agentco.ports.store import Transaction
from agentco.review.deliverable import split_answer
from agentco.review.verdict import Verdict
from agentco.runs import effects, events
from agentco.runs.run import Run
from agentco.runs.run_record import StoryEntry


class AskedReview(Struct, frozen=True, kw_only=True):
    """A review that was asked for under a trigger; `verdict` is None while there is none.

    `run` is the reviewer's and `of` its author's. `changed` where the next draft says something
    else after CONCERNS or BLOCKING. `usd` are micro-dollars: a review under several triggers costs
    each of them its share.
    """

    run: str
    of: str
    started: str
    author: str
    agent: str
    verdict: Verdict | None
    because: str
    changed: bool
    usd: int


class TriggerUse(Struct, frozen=True, kw_only=True):
    """What a trigger came to: its reviews, the latest work first.

    `owed` and `waived` count pieces of work: whose review nobody could give, or the founder
    let go.
    """

    reviews: tuple[AskedReview, ...] = ()
    owed: int = 0
    waived: int = 0

    @property
    def changed(self) -> int:
        """How many of its reviews changed the text."""
        return sum(review.changed for review in self.reviews)

    @property
    def usd(self) -> int:
        """What its reviews cost, in micro-dollars."""
        return sum(review.usd for review in self.reviews)


def trigger_uses(tx: Transaction, since: str) -> dict[str, TriggerUse]:
    """What every trigger came to in work that began since then, by name."""
    reviews: dict[str, list[AskedReview]] = {}
    owed: list[str] = []
    waived: list[str] = []
    for run in tx.reviewed_runs(since):
        for trigger, review in asked_reviews(tx, run):
            reviews.setdefault(trigger, []).append(review)
        owed += owed_triggers(run)
        called = {review.trigger for review in run.reviews}
        waived += called.intersection(run.waived)
    return {
        name: TriggerUse(
            reviews=tuple(reviews.get(name, ())),
            owed=owed.count(name),
            waived=waived.count(name),
        )
        for name in dict.fromkeys((*reviews, *owed, *waived))
    }


def owed_triggers(run: Run) -> set[str]:
    """The triggers under which nobody could review work; a part leaves them to the whole."""
    if run.parent_handles_reviews:
        return set()
    owed = [review for review in run.reviews if review.owed and not review.verdict]
    return {review.trigger for review in owed}


def asked_reviews(tx: Transaction, run: Run) -> Iterator[tuple[str, AskedReview]]:
    """Yield every review that a piece of work asked for, with its trigger."""
    story = tx.load_story(run.id)
    revisions = later_drafts(story)
    for entry in story:
        effect = entry.effect
        if not isinstance(effect, effects.StartReview):
            continue
        child = effect_id(run.id, effect.number)
        usd = tx.cost_of_run(child)
        said = entry.event if isinstance(entry.event, events.Reviewed) else None
        opinions = {one.trigger: one for one in said.opinions} if said else {}
        for place, due in enumerate(effect.due):
            opinion = opinions.get(due.trigger)
            verdict = opinion.verdict if opinion else None
            review = AskedReview(
                run=child,
                of=run.id,
                started=run.started,
                author=run.agent,
                agent=effect.agent,
                verdict=verdict,
                because=opinion.because if opinion else "",
                changed=(
                    verdict in {Verdict.CONCERNS, Verdict.BLOCKING}
                    and effect.draft in revisions
                ),
                usd=share_of(usd, place, len(effect.due)),
            )
            yield due.trigger, review


def share_of(usd: int, place: int, parts: int) -> int:
    """One of so many parts of an amount; together they are the whole of it."""
    return usd * (place + 1) // parts - usd * place // parts


def later_drafts(story: Iterable[StoryEntry]) -> Mapping[int, str]:
    """The text of the draft after each one that was followed by another text."""
    texts: dict[int, str] = {}
    drafts: list[int] = []
    for entry in story:
        match entry.effect, entry.event:
            case effects.AskModel(number=number), events.Answered(text=text):
                texts[number] = split_answer(text).text
            case effects.Examine(draft=draft), _:
                drafts.append(draft)
            case _:
                pass
    return changed_drafts(drafts, texts)


def changed_drafts(drafts: Sequence[int], texts: Mapping[int, str]) -> dict[int, str]:
    """The next text of each draft that differs from it; a draft that is kept is the same one."""
    changed: dict[int, str] = {}
    for before, after in pairwise(drafts):
        words = texts.get(after, "").split()
        if words and words != texts.get(before, "").split():
            changed[before] = texts[after]
    return changed
