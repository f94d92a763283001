"""The story of a run: who did what for whom, who reviewed which draft, and what came of it."""

from collections.abc import Iterable, Mapping
from difflib import unified_diff

from msgspec import Struct
from msgspec.structs import replace

from agentco.kernel.run_ids import effect_id
from agentco.public_text.findings import Finding
from agentco.review.deliverable import split_answer
from agentco.review.reviews_due import DueReview
from agentco.runs import effects, events
from agentco.runs.child_runs import keep_answer
from agentco.runs.run import Review
from agentco.runs.run_record import RunRecord


class DraftReview(Struct, frozen=True, kw_only=True):
    """One review of one draft: by whom, under which triggers, in which run.

    `said` is None until the reviewer is through.
    """

    agent: str
    under: tuple[str, ...]
    by: RunRecord | None
    said: events.Reviewed | None


class ReviewedDraft(Struct, frozen=True, kw_only=True):
    """A draft, what code saw in it, and what reviewers said.

    `answer` is what its author answered who kept the draft before.
    """

    text: str
    notes: str
    answer: str
    diff: tuple[str, ...]
    due: tuple[DueReview, ...]
    findings: tuple[Finding, ...]
    reviews: tuple[DraftReview, ...] = ()


class ReviewStanding(Struct, frozen=True, kw_only=True):
    """How a review stands: why its last verdict was given, and what an author who kept it said.

    `draft` counts from 1: the one on which the verdict was given, 0 while there is none.
    """

    review: Review
    draft: int
    because: str
    answer: str


class RunStory(Struct, frozen=True, kw_only=True):
    """A run with all it had others do; `total_usd` is what all of it cost, in micro-dollars."""

    of: RunRecord
    drafts: tuple[ReviewedDraft, ...]
    reviews: tuple[ReviewStanding, ...]
    children: "tuple[RunStory, ...]"
    total_usd: int

    @property
    def open_findings(self) -> tuple[Finding, ...]:
        """What code found in the last draft, and still holds."""
        waived = self.of.run.waived
        findings = self.drafts[-1].findings if self.drafts else ()
        faults = [finding for finding in findings if not finding.is_remark]
        return tuple(finding for finding in faults if finding.rule not in waived)


def build_run_story(name: str, records: Mapping[str, RunRecord]) -> RunStory:
    """The story of a run, from the records of it and of those it started."""
    record = records[name]
    drafts = examined_drafts(record, records)
    children: list[RunStory] = []
    total_usd = record.usd
    for entry in record.entries:
        child = effect_id(name, entry.effect.number)
        is_work = isinstance(entry.effect, effects.DelegateWork | effects.StartTask)
        if is_work and child in records:
            children.append(build_run_story(child, records))
    for run_id, other in records.items():
        if run_id.startswith(f"{name}."):
            total_usd += other.usd
    reviews = [review_standing(review, drafts) for review in record.run.reviews]
    return RunStory(
        of=record,
        drafts=drafts,
        reviews=tuple(reviews),
        children=tuple(children),
        total_usd=total_usd,
    )


def examined_drafts(
    record: RunRecord, records: Mapping[str, RunRecord]
) -> tuple[ReviewedDraft, ...]:
    """Every draft that was examined, in their order."""
    drafts: list[ReviewedDraft] = []
    texts: dict[int, str] = {}
    answer = ""
    for entry in record.entries:
        match entry.effect, entry.event:
            case effects.AskModel(number=number, lesson=""), events.Answered() as event:
                texts[number] = event.text
                answer = keep_answer(event)
            case effects.Examine(draft=number), events.Examined() as event:
                said = split_answer(texts.get(number, ""))
                text = said.text
                diff = diff_drafts(drafts[-1].text, text) if drafts else ()
                draft = ReviewedDraft(
                    text=text,
                    notes=said.notes,
                    answer=answer,
                    diff=diff,
                    due=event.due,
                    findings=event.findings,
                )
                drafts.append(draft)
            case effects.Classify(), events.Classified(due=due) if drafts:
                drafts[-1] = replace(drafts[-1], due=(*drafts[-1].due, *due))
            case effects.StartReview(number=number) as effect, event if drafts:
                by = records.get(effect_id(record.run.id, number))
                review = draft_review(effect, event, by)
                reviews = (*drafts[-1].reviews, review)
                drafts[-1] = replace(drafts[-1], reviews=reviews)
            case _:
                pass
    return tuple(drafts)


def draft_review(
    effect: effects.StartReview, event: events.AnyEvent | None, by: RunRecord | None
) -> DraftReview:
    """A review that was asked for, with what came of it so far."""
    said = event if isinstance(event, events.Reviewed) else None
    under = tuple(review.trigger for review in effect.due)
    return DraftReview(agent=effect.agent, under=under, by=by, said=said)


def diff_drafts(before: str, after: str) -> tuple[str, ...]:
    """What became of a draft, as a unified diff."""
    diff = unified_diff(
        before.splitlines(),
        after.splitlines(),
        fromfile="before",
        tofile="after",
        n=1,
        lineterm="",
    )
    return tuple(diff)


def review_standing(review: Review, drafts: Iterable[ReviewedDraft]) -> ReviewStanding:
    """How a review stands after all drafts."""
    because = ""
    answer = ""
    judged = 0
    for number, draft in enumerate(drafts, 1):
        if because and draft.answer:
            answer = draft.answer
        for draft_review in draft.reviews:
            if draft_review.said is None or draft_review.agent != review.agent:
                continue
            for opinion in draft_review.said.opinions:
                if opinion.trigger == review.trigger:
                    because = opinion.because
                    answer = ""
                    judged = number
    return ReviewStanding(review=review, draft=judged, because=because, answer=answer)
