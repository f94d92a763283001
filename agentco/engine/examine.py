"""What plain code sees in a draft: whose reviews are due, and what a public one may not say."""

from collections.abc import Sequence

from msgspec.structs import replace

from agentco.company.settings import Trigger
from agentco.engine.effect_input import EffectInput
from agentco.engine.office import Office
from agentco.engine.outside import strange_in_draft
from agentco.memory.graph import MemoryGraph
from agentco.public_text.check import build_standards, check_public_text
from agentco.public_text.findings import Finding, TextRule
from agentco.review.changed_text import review_of_new_sentences
from agentco.review.deliverable import split_answer
from agentco.review.reviews_due import DueReview, reviews_due
from agentco.review.triggers import (
    FiredTrigger,
    fired_triggers,
    nearly_fired,
    triggers_for,
)
from agentco.runs.draft_decision import as_due_review
from agentco.runs.events import Examined
from agentco.runs.run import Run
from agentco.runs.run_record import drafts_of_verdicts


async def examine_draft(draft: EffectInput, office: Office) -> Examined:
    """Examine a draft: whose review is due, and what it may not say in public."""
    run = draft.run
    answer = split_answer(draft.text or "")
    text = answer.text
    if run.quick:
        return Examined(effect=draft.row.number, findings=outside_findings(draft))
    task = draft.asked.task if draft.asked else ""
    prompt = None if run.parent else office.company.find_prompt(run.prompt)
    only = prompt.own.held_triggers if prompt else None
    triggers = triggers_for(office.settings, run.agent, public=run.public, only=only)
    fired = fired_by_draft_or_task(run, text, task, triggers)
    findings = outside_findings(draft)
    if run.public:
        hint = "\n".join((*answer.channel_lines, task))
        findings += tuple(await public_findings(draft, text, hint, office))
    perhaps: tuple[DueReview, ...] = ()
    if office.settings.reviews.classifier:
        near = nearly_fired(text, triggers, fired, public=run.public)
        perhaps = due_for(run, near, office)
    return Examined(
        effect=draft.row.number,
        due=(*due_for(run, fired, office), *reviews_to_repeat(draft, text, triggers)),
        findings=findings,
        perhaps=perhaps,
    )


def outside_findings(draft: EffectInput) -> tuple[Finding, ...]:
    """Return the addresses in an untrusted run's draft that the founder did not give."""
    text = split_answer(draft.text or "").text
    return tuple(
        Finding(
            rule=TextRule.OUTSIDE_LINKS,
            line=text.count("\n", 0, max(text.find(address), 0)) + 1,
            text=address,
            hint=f"leave it out: it comes from {draft.run.outside}, not from the founder",
        )
        for address in strange_in_draft(draft)
    )


def reviews_to_repeat(
    draft: EffectInput, text: str, triggers: Sequence[Trigger]
) -> tuple[DueReview, ...]:
    """Return the reviews whose verdict does not cover a draft.

    A sentence in which their trigger fires is new since; where no word called for one, any is.
    """
    run = draft.run
    verdict_drafts = drafts_of_verdicts(draft.story)
    repeat = list[DueReview]()
    for review in run.reviews:
        if review.verdict is None or review.trigger in run.waived:
            continue
        before = verdict_drafts.get((review.trigger, review.agent), "")
        before = split_answer(before).text
        again = review_of_new_sentences(
            as_due_review(review), before, text, triggers, run.agent, public=run.public
        )
        if again:
            repeat.append(again)
    return tuple(repeat)


def fired_by_draft_or_task(
    run: Run, text: str, task: str, triggers: Sequence[Trigger]
) -> list[FiredTrigger]:
    """Return the triggers that a draft fires, and those that only its task does."""
    fired = list(fired_triggers(text, triggers, author=run.agent, public=run.public))
    names = {trigger.trigger for trigger in fired}
    by_task = fired_triggers(task, triggers, author=run.agent, public=run.public)
    others = [trigger for trigger in by_task if trigger.trigger not in names]
    return [*fired, *(replace(trigger, line=0) for trigger in others)]


def due_for(
    run: Run, fired: Sequence[FiredTrigger], office: Office
) -> tuple[DueReview, ...]:
    """Return the reviews that triggers call for."""
    return reviews_due(fired, run.chain, office.agent_id, run.agent)


async def public_findings(
    draft: EffectInput, text: str, hint: str, office: Office
) -> Sequence[Finding]:
    """Return what a public text may not say."""
    today = office.today()

    def check(graph: MemoryGraph) -> Sequence[Finding]:
        standards = build_standards(
            office.settings, graph, words=draft.words, today=today, hint=hint
        )
        return check_public_text(text, standards)

    return await office.tools.read_memory(check)
