"""Whether a draft may go: reviews due, the revisions they lead to, what stays blocked or owed.

draft ──> examined by code ──> reviewed (side by side) ──> all through ──> deliver
              ▲                                               ├──> revise, if that is allowed
              └───────────────────────────────────────────────┘    blocked · owed to the founder
"""

from collections.abc import Iterable

from msgspec.structs import asdict, replace

from agentco.public_text.findings import SOFT_RULES, faults_of
from agentco.review import chain
from agentco.review.reviews_due import DueReview
from agentco.review.verdict import Verdict
from agentco.runs import effects, events
from agentco.runs.run import Review, Run, RunJob, RunPhase
from agentco.runs.steps import NextStep, ask_model, end_run, order_effects

MAX_REASON_LENGTH = 200


def on_draft(run: Run) -> NextStep:
    """Examine a draft. Nobody reviews a quick answer, or what is only for another run.

    But a quick one is examined too once it was told something from outside.
    """
    is_plain = run.quick and not run.outside
    if is_plain or run.job is not RunJob.WORK:
        return deliver(run)
    return order_effects(run, effects.Examine(number=run.next, draft=run.answer or 0))


def deliver(run: Run) -> NextStep:
    """Hand over the draft."""
    return order_effects(run, effects.Deliver(number=run.next, answer=run.answer or 0))


def on_examined(run: Run, event: events.Examined) -> NextStep:
    """Add what became due; nothing that was due goes away because its words did."""
    faults = faults_of(event.findings)
    run = replace(with_due_reviews(run, event.due), faults=faults)
    reviewers = {review.agent for review in run.reviews_to_start}
    children = run.children + len(reviewers)
    if not event.perhaps or chain.too_many_children(children, run.max_children):
        return start_reviews(run)
    order = effects.Classify(
        number=run.next, draft=run.answer or 0, perhaps=event.perhaps
    )
    return order_effects(replace(run, children=run.children + 1), order)


def with_due_reviews(run: Run, due: Iterable[DueReview], *, anew: bool = False) -> Run:
    """The run with these reviews, each once; its own author needs none.

    `anew` when they are owed for work that nobody saw: verdicts on earlier drafts do not count.
    """
    reviews = {(review.trigger, review.agent): review for review in run.reviews}
    kept = () if anew else tuple(reviews)
    for review in due:
        key = (review.trigger, review.agent)
        if review.agent == run.agent:
            continue
        if review.again and key in reviews:
            reviews[key] = reopened_review(reviews[key], review)
        elif key not in kept:
            reviews[key] = due_review(review)
    return replace(run, reviews=tuple(reviews.values()))


def due_review(due: DueReview) -> Review:
    """A review that nobody has given so far."""
    facts = asdict(due)
    del facts["again"], facts["sentence"]
    return Review(**facts)


def reopened_review(review: Review, due: DueReview) -> Review:
    """A review whose verdict does not cover the text any more.

    A concern that its author has heard leads to no further revision when it stays.
    """
    return replace(due_review(due), round=review.round, heard=review.heard)


def start_reviews(run: Run) -> NextStep:
    """Start every open review, each reviewer once; one who cannot be called leaves it owed."""
    orders: list[effects.AnyEffect] = []
    for agent, reviews in reviews_by_agent(run.reviews_to_start).items():
        why = why_not_callable(run, agent, run.children + len(orders))
        if why:
            run = owe_reviews(run, reviews, why)
            continue
        order = effects.StartReview(
            number=run.next + len(orders),
            agent=agent,
            due=tuple(map(as_due_review, reviews)),
            draft=run.answer or 0,
            round=run.round,
        )
        orders.append(order)
    if not orders:
        return decide_on_draft(run)
    return order_effects(replace(run, children=run.children + len(orders)), *orders)


def reviews_by_agent(reviews: Iterable[Review]) -> dict[str, list[Review]]:
    """What each reviewer is to look at."""
    grouped = dict[str, list[Review]]()
    for review in reviews:
        grouped.setdefault(review.agent, []).append(review)
    return grouped


def why_not_callable(run: Run, agent: str, children: int) -> str:
    """Why a run that has started so many `children` may not call an agent; empty when it may."""
    refusal = chain.call_refusal(agent, run.chain, longest=run.max_chain)
    return refusal or chain.too_many_children(children, run.max_children)


def owe_reviews(run: Run, owed: Iterable[Review], why: str) -> Run:
    """The run to which these reviews are owed."""
    reviews = list(run.reviews)
    for review in owed:
        reviews[reviews.index(review)] = replace(review, owed=why)
    return replace(run, reviews=tuple(reviews))


def as_due_review(review: Review) -> DueReview:
    """A review as its reviewer is asked for it."""
    return DueReview(
        trigger=review.trigger, agent=review.agent, words=review.words, line=review.line
    )


def on_review(run: Run, event: events.Reviewed) -> NextStep:
    """One reviewer is through; when all are, the draft is decided on."""
    reviews = tuple(review_after(review, event, run.round) for review in run.reviews)
    run = replace(stop_waiting_for(run, event.effect), reviews=reviews)
    if run.waits_for:
        return run, []
    return decide_on_draft(run)


def review_after(review: Review, event: events.Reviewed, revision: int) -> Review:
    """A review once its reviewer is through; one without a verdict is owed."""
    if review.agent != event.agent or review.trigger not in event.under:
        return review
    verdicts = {opinion.trigger: opinion.verdict for opinion in event.opinions}
    verdict = verdicts.get(review.trigger)
    if event.failed or verdict is None:
        why = event.failed[:MAX_REASON_LENGTH] or "it gave no verdict"
        return replace(review, owed=why)
    heard = review.heard and verdict is Verdict.CONCERNS
    return replace(review, verdict=verdict, round=revision, heard=heard)


def decide_on_draft(run: Run) -> NextStep:
    """Everybody is through: revise, deliver, or hold back what may not go."""
    can_revise = run.round < run.max_revisions and run.turns < run.max_turns
    if can_revise and wants_revision(run):
        return ask_model(start_revision(run))
    if run.blockers:
        return end_run(run, RunPhase.BLOCKED, describe_blockers(run), learn=True)
    owed = owed_reviews(run)
    if not owed or run.parent_handles_reviews:
        return deliver(run)
    orders: list[effects.AnyEffect] = []
    for number, review in enumerate(owed, run.next):
        order = effects.OweReview(
            number=number, trigger=review.trigger, why=review.owed
        )
        orders.append(order)
    return order_effects(run, *orders)


def wants_revision(run: Run) -> bool:
    """Whether something holds the draft back, or its author has not heard every concern."""
    soft_faults = {*run.faults}.intersection(SOFT_RULES).difference(run.waived)
    if run.blockers or (run.round == 0 and soft_faults):
        return True
    for review in run.reviews:
        is_new = review.verdict is Verdict.CONCERNS and not review.heard
        if is_new and review.trigger not in run.waived:
            return True
    return False


def start_revision(run: Run) -> Run:
    """The run in its next revision, in which its author hears every concern."""
    reviews = tuple(
        replace(review, heard=review.verdict is Verdict.CONCERNS)
        for review in run.reviews
    )
    return replace(run, round=run.round + 1, reviews=reviews)


def owed_reviews(run: Run) -> list[Review]:
    """The reviews that nobody could do, each trigger once."""
    owed = dict[str, Review]()
    for review in run.open_reviews:
        if review.owed and review.verdict is None:
            owed[review.trigger] = review
    return list(owed.values())


def on_waiver(run: Run, event: events.Waived) -> NextStep:
    """The founder overruled what blocked the work, or a review that it waited for."""
    waived = (*run.waived, event.trigger)
    run = replace(stop_waiting_for(run, event.effect), waived=waived)
    if run.phase is RunPhase.BLOCKED and run.waivable_holds:
        return replace(run, reason=describe_blockers(run)), []
    if run.waits_for:
        return run, []
    return decide_on_draft(replace(run, phase=RunPhase.WORKING, ending=None, reason=""))


def describe_blockers(run: Run) -> str:
    """Who and what holds a draft back, in words."""
    holds = {hold: hold for hold in run.waivable_holds}
    for review in run.open_reviews:
        if review.agent:
            holds[review.trigger] = f"{review.agent} ({review.trigger})"
    return f"blocked by {', '.join(holds.values())}"


def stop_waiting_for(run: Run, effect: int) -> Run:
    """The run that no longer waits for an effect."""
    numbers = tuple(number for number in run.waits_for if number != effect)
    return replace(run, waits_for=numbers)
