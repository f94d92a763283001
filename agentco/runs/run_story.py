"""The story of a run: who did what for whom, which words called for whose review, and what came of it."""

from collections.abc import Iterable, Mapping
from difflib import unified_diff

from msgspec import Struct
from msgspec.structs import replace

from agentco.review.findings import Finding
from agentco.review.reviews_due import Due
from agentco.runs import effects, events
from agentco.runs.child_runs import kept
from agentco.runs.run import Review, Run
from agentco.runs.transcript import Told


class Waiver(Struct, frozen=True, kw_only=True):
    """What the founder overruled, and why."""

    trigger: str
    why: str


class Known(Struct, frozen=True, kw_only=True):
    """What the state holds of one run; `usd` is what its own calls cost, in micro-dollars."""

    run: Run
    status: str
    task: str
    told: tuple[Told, ...]
    waived: tuple[Waiver, ...]
    usd: int


class Heard(Struct, frozen=True, kw_only=True):
    """One review of one draft: by whom, under which triggers, in which run, and what came back if it is through."""

    agent: str
    under: tuple[str, ...]
    by: Known | None
    said: events.Reviewed | None


class Draft(Struct, frozen=True, kw_only=True):
    """A draft, what code saw in it, and what reviewers said. `answer` is its author's, who kept the one before."""

    text: str
    answer: str
    diff: tuple[str, ...]
    due: tuple[Due, ...]
    findings: tuple[Finding, ...]
    reviews: tuple[Heard, ...] = ()


class Stand(Struct, frozen=True, kw_only=True):
    """How a review stands: why its last verdict was given, and what the author answered who kept its draft."""

    review: Review
    because: str
    answer: str


class Story(Struct, frozen=True, kw_only=True):
    """A run with all it had others do; `total_usd` is what all of it cost, in micro-dollars."""

    of: Known
    drafts: tuple[Draft, ...]
    reviews: tuple[Stand, ...]
    children: "tuple[Story, ...]"
    total_usd: int

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What code found in the last draft, and still holds."""
        found = self.drafts[-1].findings if self.drafts else ()
        return tuple(one for one in found if one.rule not in self.of.run.waived)


def story(name: str, known: Mapping[str, Known]) -> Story:
    """The story of a run, from what is known of it and of those it started."""
    this = known[name]
    seen, work = drafts(this, known), effects.Delegate | effects.StartTask
    others = (
        f"{name}.{told.effect.number}"
        for told in this.told
        if isinstance(told.effect, work)
    )
    return Story(
        of=this,
        drafts=seen,
        reviews=tuple(stand(one, seen) for one in this.run.reviews),
        children=tuple(story(child, known) for child in others if child in known),
        total_usd=this.usd
        + sum(each.usd for key, each in known.items() if key.startswith(f"{name}.")),
    )


def drafts(this: Known, known: Mapping[str, Known]) -> tuple[Draft, ...]:
    """Every draft that was examined, in their order."""
    found, texts, answer = list[Draft](), dict[int, str](), ""
    for told in this.told:
        match told.effect, told.event:
            case effects.AskModel(number=number, lesson=""), events.Answered() as said:
                texts[number], answer = said.text, kept(said)
            case effects.Examine(draft=number), events.Examined(
                due=due, findings=findings
            ):
                text = texts.get(number, "")
                changed = difference(found[-1].text, text) if found else ()
                found.append(
                    Draft(
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
                heard = Heard(
                    agent=agent,
                    under=tuple(one.trigger for one in due),
                    by=by,
                    said=said,
                )
                found[-1] = replace(found[-1], reviews=(*found[-1].reviews, heard))
            case _:
                pass
    return tuple(found)


def difference(before: str, after: str) -> tuple[str, ...]:
    """What became of a draft, as a unified diff."""
    return tuple(
        unified_diff(
            before.splitlines(), after.splitlines(), "before", "after", n=1, lineterm=""
        )
    )


def stand(review: Review, seen: Iterable[Draft]) -> Stand:
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
    return Stand(review=review, because=because, answer=answer)
