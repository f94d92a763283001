"""Whether a draft may go: reviews that are due, the revisions they lead to, what stays blocked or owed.

draft ──> examined by code ──> reviewed (side by side) ──> all through ──> deliver
              ▲                                               ├──> revise, at most as often as allowed
              └───────────────────────────────────────────────┘    blocked · owed to the founder
"""

from collections.abc import Iterable

from msgspec.structs import asdict, replace

from agentco.review import chain
from agentco.review.findings import SOFT_RULES
from agentco.review.reviews_due import DueReview
from agentco.review.verdict import Verdict
from agentco.runs import effects, events
from agentco.runs.run import Review, Run, RunJob, RunPhase
from agentco.runs.steps import NextStep, ask_model, end_run, order_effects

MAX_REASON_LENGTH = 200


def on_draft(run: Run) -> NextStep:
    """There is a draft. Nobody reviews a quick answer, or what is only for the run that asked for it."""
    draft = run.answer or 0
    if run.quick or run.job is not RunJob.WORK:
        return order_effects(run, [effects.Deliver(number=run.next, answer=draft)])
    return order_effects(run, [effects.Examine(number=run.next, draft=draft)])


def on_examined(run: Run, event: events.Examined) -> NextStep:
    """Add what became due; nothing that was due goes away because its words did."""
    faults = tuple(dict.fromkeys(str(finding.rule) for finding in event.findings))
    run = replace(with_due_reviews(run, event.due), faults=faults)
    reviewers = {one.agent for one in run.open_reviews if not one.owed}
    if event.perhaps and not chain.too_many_children(
        run.children + len(reviewers), run.max_children
    ):
        run = replace(run, children=run.children + 1)
        return order_effects(
            run,
            [
                effects.Classify(
                    number=run.next, draft=run.answer or 0, perhaps=event.perhaps
                )
            ],
        )
    return start_reviews(run)


def with_due_reviews(run: Run, due: Iterable[DueReview], *, anew: bool = False) -> Run:
    """The run with these reviews, each once; its own author needs none.

    `anew` when they are owed for work that nobody saw: what was said of earlier drafts does not count for it.
    """
    added = {
        (one.trigger, one.agent): Review(**asdict(one))
        for one in due
        if one.agent != run.agent
    }
    there = {(one.trigger, one.agent): one for one in run.reviews}
    every = {**there, **added} | ({} if anew else there)
    return replace(run, reviews=tuple(every.values()))


def start_reviews(run: Run) -> NextStep:
    """Have everything reviewed that is open, each reviewer once; whoever cannot be called leaves it owed."""
    orders: list[effects.AnyEffect] = []
    reviews = {(one.trigger, one.agent): one for one in run.reviews}
    open_ = [one for one in run.open_reviews if not one.owed]
    for agent in dict.fromkeys(one.agent for one in open_):
        mine = [one for one in open_ if one.agent == agent]
        started = run.children + len(orders)
        why = chain.call_refusal(
            agent, run.chain, longest=run.max_chain
        ) or chain.too_many_children(started, run.max_children)
        if why:
            reviews |= {(one.trigger, agent): replace(one, owed=why) for one in mine}
            continue
        due = tuple(
            DueReview(trigger=one.trigger, agent=agent, words=one.words, line=one.line)
            for one in mine
        )
        number, draft = run.next + len(orders), run.answer or 0
        orders.append(
            effects.StartReview(
                number=number, agent=agent, due=due, draft=draft, round=run.round
            )
        )
    run = replace(
        run, reviews=tuple(reviews.values()), children=run.children + len(orders)
    )
    return order_effects(run, orders) if orders else decide_on_draft(run)


def on_review(run: Run, event: events.Reviewed) -> NextStep:
    """One reviewer is through; when all are, the draft is decided on."""
    said = {opinion.trigger: opinion.verdict for opinion in event.opinions}

    def after(one: Review) -> Review:
        if one.agent != event.agent or one.trigger not in event.under:
            return one
        if event.failed or one.trigger not in said:
            return replace(
                one, owed=event.failed[:MAX_REASON_LENGTH] or "it gave no verdict"
            )
        return replace(one, verdict=said[one.trigger], round=run.round, heard=False)

    run = replace(
        stop_waiting_for(run, event.effect), reviews=tuple(map(after, run.reviews))
    )
    return (run, []) if run.waits_for else decide_on_draft(run)


def decide_on_draft(run: Run) -> NextStep:
    """Everybody is through: revise, deliver, or hold back what may not go."""
    concerns = any(
        c.verdict is Verdict.CONCERNS and not c.heard and c.trigger not in run.waived
        for c in run.reviews
    )
    soft = run.round == 0 and not {*SOFT_RULES}.isdisjoint(
        {*run.faults} - {*run.waived}
    )
    if (
        (run.blockers or concerns or soft)
        and run.round < run.max_revisions
        and run.turns < run.max_turns
    ):
        heard = tuple(
            replace(one, heard=one.verdict is Verdict.CONCERNS) for one in run.reviews
        )
        return ask_model(replace(run, round=run.round + 1, reviews=heard))
    if run.blockers:
        return end_run(run, RunPhase.BLOCKED, describe_blockers(run), learn=True)
    if (left := owed_reviews(run)) and not run.parent_handles_reviews:
        return order_effects(
            run,
            [
                effects.OweReview(
                    number=run.next + i, trigger=one.trigger, why=one.owed
                )
                for i, one in enumerate(left)
            ],
        )
    return order_effects(
        run, [effects.Deliver(number=run.next, answer=run.answer or 0)]
    )


def owed_reviews(run: Run) -> list[Review]:
    """The reviews that nobody could do, each trigger once."""
    return list(
        {
            one.trigger: one
            for one in run.open_reviews
            if one.owed and one.verdict is None
        }.values()
    )


def on_waiver(run: Run, event: events.Waived) -> NextStep:
    """The founder overruled something: of work that was blocked by it, or that waited for a review."""
    run = replace(
        stop_waiting_for(run, event.effect), waived=(*run.waived, event.trigger)
    )
    if run.phase is RunPhase.BLOCKED and run.waivable_holds:
        return replace(run, reason=describe_blockers(run)), []
    if run.waits_for:
        return run, []
    return decide_on_draft(replace(run, phase=RunPhase.WORKING, ending=None, reason=""))


def describe_blockers(run: Run) -> str:
    """Who and what holds a draft back, in words."""
    by = {
        one.trigger: f"{one.agent} ({one.trigger})"
        for one in run.open_reviews
        if one.agent
    }
    return f"blocked by {', '.join(by.get(hold, hold) for hold in run.waivable_holds)}"


def stop_waiting_for(run: Run, effect: int) -> Run:
    """The run that no longer waits for an effect."""
    return replace(
        run, waits_for=tuple(number for number in run.waits_for if number != effect)
    )
