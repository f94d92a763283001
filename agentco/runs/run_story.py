"""The story of a run: who did what for whom, which words called for whose review, and what came of it."""

from collections.abc import Iterable, Mapping
from difflib import unified_diff

from msgspec import Struct
from msgspec.structs import replace

from agentco.review.findings import Finding
from agentco.review.reviews_due import DueReview
from agentco.runs import effects, events
from agentco.runs.child_runs import keep_answer
from agentco.runs.run import Review, Run
from agentco.runs.transcript import StoryEntry


class Waiver(Struct, frozen=True, kw_only=True):
    """What the founder overruled, and why."""

    trigger: str
    why: str


class RunRecord(Struct, frozen=True, kw_only=True):
    """What the state holds of one run; `usd` is what its own calls cost, in micro-dollars."""

    run: Run
    status: str
    task: str
    told: tuple[StoryEntry, ...]
    waived: tuple[Waiver, ...]
    usd: int


class DraftReview(Struct, frozen=True, kw_only=True):
    """One review of one draft: by whom, under which triggers, in which run, and what came back if it is through."""

    agent: str
    under: tuple[str, ...]
    by: RunRecord | None
    said: events.Reviewed | None


class ReviewedDraft(Struct, frozen=True, kw_only=True):
    """A draft, what code saw in it, and what reviewers said. `answer` is its author's, who kept the one before."""

    text: str
    answer: str
    diff: tuple[str, ...]
    due: tuple[DueReview, ...]
    findings: tuple[Finding, ...]
    reviews: tuple[DraftReview, ...] = ()


class ReviewStanding(Struct, frozen=True, kw_only=True):
    """How a review stands: why its last verdict was given, and what the author answered who kept its draft."""

    review: Review
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
        found = self.drafts[-1].findings if self.drafts else ()
        return tuple(one for one in found if one.rule not in self.of.run.waived)


def build_run_story(name: str, known: Mapping[str, RunRecord]) -> RunStory:
    """The story of a run, from what is known of it and of those it started."""
    this = known[name]
    seen, work = examined_drafts(this, known), effects.DelegateWork | effects.StartTask
    others = (
        f"{name}.{told.effect.number}"
        for told in this.told
        if isinstance(told.effect, work)
    )
    return RunStory(
        of=this,
        drafts=seen,
        reviews=tuple(review_standing(one, seen) for one in this.run.reviews),
        children=tuple(
            build_run_story(child, known) for child in others if child in known
        ),
        total_usd=this.usd
        + sum(each.usd for key, each in known.items() if key.startswith(f"{name}.")),
    )


def examined_drafts(
    this: RunRecord, known: Mapping[str, RunRecord]
) -> tuple[ReviewedDraft, ...]:
    """Every draft that was examined, in their order."""
    found, texts, answer = list[ReviewedDraft](), dict[int, str](), ""
    for told in this.told:
        match told.effect, told.event:
            case effects.AskModel(number=number, lesson=""), events.Answered() as said:
                texts[number], answer = said.text, keep_answer(said)
            case effects.Examine(draft=number), events.Examined(
                due=due, findings=findings
            ):
                text = texts.get(number, "")
                changed = diff_drafts(found[-1].text, text) if found else ()
                found.append(
                    ReviewedDraft(
                        text=text,
                        answer=answer,
                        diff=changed,
                        due=due,
                        findings=findings,
                    )
                )
            case effects.Classify(), events.Classified(due=due) if found:
                found[-1] = replace(found[-1], due=(*found[-1].due, *due))
            case effects.StartReview(agent=agent, due=due, number=number), event if (
                found
            ):
                said, by = (
                    event if isinstance(event, events.Reviewed) else None,
                    known.get(f"{this.run.id}.{number}"),
                )
                heard = DraftReview(
                    agent=agent,
                    under=tuple(one.trigger for one in due),
                    by=by,
                    said=said,
                )
                found[-1] = replace(found[-1], reviews=(*found[-1].reviews, heard))
            case _:
                pass
    return tuple(found)


def diff_drafts(before: str, after: str) -> tuple[str, ...]:
    """What became of a draft, as a unified diff."""
    return tuple(
        unified_diff(
            before.splitlines(), after.splitlines(), "before", "after", n=1, lineterm=""
        )
    )


def review_standing(review: Review, seen: Iterable[ReviewedDraft]) -> ReviewStanding:
    """How a review stands after all drafts."""
    because, answer = "", ""
    for draft in seen:
        answer = draft.answer or answer if because else ""
        for said in (
            one.said for one in draft.reviews if one.said and one.agent == review.agent
        ):
            for opinion in (
                one for one in said.opinions if one.trigger == review.trigger
            ):
                because, answer = opinion.because, ""
    return ReviewStanding(review=review, because=because, answer=answer)
