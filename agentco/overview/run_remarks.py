"""What is left to say beside a deliverable, in words."""

from agentco.overview.run_story import RunStory
from agentco.review.request import describe_trigger
from agentco.review.verdict import Verdict

QUICK_NOTE = "quick: nobody reviewed this"


def standing_lines(found: RunStory) -> list[str]:
    """On which draft the last verdict of each reviewer stands."""
    return [
        f"{one.review.agent} ({one.review.trigger}): {one.review.verdict} on draft {one.draft}"
        for one in found.reviews
        if one.draft and one.review.verdict
    ]


def waiver_lines(found: RunStory) -> list[str]:
    """What the founder waived."""
    return [f"you waived {one.trigger}: {one.why}" for one in found.of.waived]


def remaining_remarks(found: RunStory) -> list[str]:
    """What reviewers and plain code leave to say beside a deliverable."""
    said = [QUICK_NOTE] if found.of.run.quick else []
    words: dict[Verdict | None, str] = {
        Verdict.CONCERNS: "concern of",
        Verdict.BLOCKING: "blocked by",
    }
    for one in found.reviews:
        verb, review = words.get(one.review.verdict), one.review
        if verb and review.trigger not in found.of.run.waived:
            on = (
                f" ({describe_trigger(review.words, review.line)})"
                if review.verdict is Verdict.BLOCKING
                else ""
            )
            said.append(f"{verb} {review.agent} ({review.trigger}){on}: {one.because}")
            said += (
                [f"  {found.of.run.agent} kept its draft: {one.answer}"]
                if one.answer
                else []
            )
    findings = [
        f'{one.rule}, line {one.line}, "{one.text}": {one.hint}'
        for one in found.open_findings
    ]
    return said + waiver_lines(found) + findings
