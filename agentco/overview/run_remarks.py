"""What is left to say beside a deliverable, in words."""

from agentco.overview.run_story import RunStory
from agentco.review.request import describe_trigger
from agentco.review.reviews_due import unite_triggers
from agentco.review.verdict import Verdict

QUICK_NOTE = "quick: nobody reviewed this"


def standing_lines(found: RunStory) -> list[str]:
    """On which draft the last verdict of each reviewer stands."""
    standing = [
        (one.review.trigger, (one.review.agent, one.review.verdict, one.draft))
        for one in found.reviews
        if one.draft and one.review.verdict
    ]
    return [
        f"{agent} ({triggers}): {verdict} on draft {draft}"
        for triggers, (agent, verdict, draft) in unite_triggers(standing)
    ]


def waiver_lines(found: RunStory) -> list[str]:
    """What the founder waived."""
    return [f"you waived {one.trigger}: {one.why}" for one in found.of.waived]


def remaining_remarks(found: RunStory) -> list[str]:
    """What reviewers and plain code leave to say beside a deliverable."""
    said = [QUICK_NOTE] if found.of.run.quick else []
    verbs: dict[Verdict | None, str] = {
        Verdict.CONCERNS: "concern of",
        Verdict.BLOCKING: "blocked by",
    }
    left: list[tuple[str, tuple[str, str, str]]] = []
    for one in found.reviews:
        verb, review = verbs.get(one.review.verdict), one.review
        if verb and review.trigger not in found.of.run.waived:
            words = describe_trigger(review.words, review.line)
            on = f" ({words})" if review.verdict is Verdict.BLOCKING else ""
            remark = f"{verb} {review.agent}", f"{on}: {one.because}", one.answer
            left.append((review.trigger, remark))
    for triggers, (who, why, answer) in unite_triggers(left):
        said.append(f"{who} ({triggers}){why}")
        if answer:
            said.append(f"  {found.of.run.agent} kept its draft: {answer}")
    findings = [
        f'{one.rule}, line {one.line}, "{one.text}": {one.hint}'
        for one in found.open_findings
    ]
    return said + waiver_lines(found) + findings
