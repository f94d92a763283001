"""Rule on an effect, and store the ruling before anything is done."""

from typing import assert_never

from msgspec import Struct
from msgspec.structs import replace

from agentco.board.document import BOARD_FILE
from agentco.company.records import Permissions
from agentco.engine.call_money import ModelCall, fit_into_limits
from agentco.engine.children import ChildRun
from agentco.engine.effect_input import EffectInput
from agentco.engine.office import Office
from agentco.engine.route import NoAnswer
from agentco.engine.settle import (
    EffectResult,
    begin_run,
    decision_deadline,
    settle_effect,
)
from agentco.engine.write_audit import audit_ruling
from agentco.engine.written_files import not_saved
from agentco.kernel.company_paths import normalize_path
from agentco.permissions.ruling import Ruling, RulingDetails
from agentco.ports.outside import ToolResult
from agentco.ports.store import Transaction
from agentco.rules.budget import Fit, FitResult
from agentco.rules.rule import CHAIN, HALT, RulingContext, denied_by_permission, rule
from agentco.runs import effects, events
from agentco.runs.actions import Action
from agentco.runs.effects import EffectRecord, EffectState
from agentco.runs.run import Run, RunJob
from agentco.runs.tool_calls import MisreadCall, tool_and_target

MAX_DENIALS = 3
"""An agent that is denied so often in one run may only read until the founder lifts it."""
READING_JOBS = frozenset({RunJob.REVIEW, RunJob.IMPROVE})
"""Work that only reads."""


class PreparedEffect(Struct, frozen=True, kw_only=True):
    """An effect with everything that its ruling and its act depend on.

    `action` is what a call asks for; `image` what a file will become, `versions` what is kept of
    it; `child` the run to start. `event` is the result of an effect that only looks: it is
    settled with its ruling.
    """

    input: EffectInput
    context: RulingContext
    action: Action | MisreadCall | None
    image: effects.FileImage | None
    child: ChildRun | None
    versions: tuple[bytes, ...]
    event: events.AnyEvent | None

    @property
    def row(self) -> EffectRecord:
        """The effect as it is stored."""
        return self.input.row

    @property
    def shown_image(self) -> effects.FileImage | None:
        """The image that is kept for the founder's yes, which holds for nothing else."""
        return self.image if self.image and self.image.diff else None


def ruling_context(
    run: Run,
    action: Action | MisreadCall | None,
    office: Office,
    *,
    refused: str = "",
    approved: bool = False,
    planned: effects.FileImage | ToolResult | None = None,
) -> RulingContext:
    """Return what a ruling depends on, except for halts and restrictions.

    `action` is what a call asks for, `planned` what it makes of a file, or why it cannot;
    `refused` says why the run may start no other run.
    """
    agent = office.company.find_agent(run.agent)
    target = ""
    if isinstance(planned, effects.FileImage):
        target = planned.file
    elif action is not None and not isinstance(action, MisreadCall):
        target = tool_and_target(action)[1]
    path = normalize_path(target)
    return RulingContext(
        untrusted=office.untrusted,
        rules=office.settings.permissions,
        own=agent.own.permissions if agent else Permissions(),
        action=action,
        image=planned if isinstance(planned, effects.FileImage) else None,
        impossible=isinstance(planned, ToolResult),
        ignored=bool(path) and office.ignored(path),
        reviewer=run.job in READING_JOBS,
        refused=refused,
        outside=run.outside,
        holds=run.blockers if run.parent_handles_reviews else run.waivable_holds,
        approved=approved,
    )


def rule_and_mark(
    tx: Transaction, effect: PreparedEffect, office: Office
) -> RulingDetails | None:
    """Rule on an effect, store the ruling, and mark what may be done: one transaction.

    Returns None if nothing is left to do now: the effect waits for the founder, for a child
    run or for the end of a halt, or was settled with its ruling.
    """
    row = effect.row
    at = office.now_iso()
    context = replace(
        effect.context,
        halted=tx.halt_reason(effect.input.run.chain),
        restricted=tx.restriction_reason(row.agent),
    )
    ruling = rule(row.wanted, context)
    audit_ruling(tx, row, ruling, at)
    match ruling.ruling:
        case Ruling.ASK:
            park_effect(tx, replace(row, image=effect.shown_image), ruling, at)
            return None
        case Ruling.DENY:
            if denied_by_permission(ruling):
                count_denial(tx, row, ruling, at)
            return None if ruling.rule == HALT else ruling
        case Ruling.ALLOW:
            return ruling if mark_allowed(tx, effect, office) else None
        case _:
            assert_never(ruling.ruling)


def rule_and_reserve(
    tx: Transaction, call: ModelCall, office: Office
) -> FitResult | NoAnswer | None:
    """Rule on a call, and mark it sent with its reservation: one transaction."""
    row = call.row
    at = office.now_iso()
    halted = tx.halt_reason(call.run.chain)
    context = replace(ruling_context(call.run, None, office), halted=halted)
    ruling = rule(row.wanted, context)
    if ruling.ruling is not Ruling.ALLOW:
        audit_ruling(tx, row, ruling, at)
        tx.save_effect(replace(row, state=EffectState.HELD))
        return None
    fitted = fit_into_limits(tx, call, office)
    if isinstance(fitted, FitResult) and fitted.fit is Fit.FITS:
        sent = replace(
            row,
            state=EffectState.SENT,
            model=call.offer.name,
            reserved=fitted.worst,
            day=office.today().isoformat(),
            driver=office.drivers.mine,
            plan=call.offer.wire.is_plan,
        )
        tx.save_effect(sent)
        why = f"{call.offer.name}, reserved in full"
        audit_ruling(tx, row, replace(ruling, why=why), at, fitted.worst)
    return fitted


def park_effect(
    tx: Transaction, row: EffectRecord, ruling: RulingDetails, at: str
) -> None:
    """Have an effect wait for the founder; an owed review waits without a deadline."""
    expires = (
        None if isinstance(row.wanted, effects.OweReview) else decision_deadline(at)
    )
    parked = replace(row, state=EffectState.PARKED, expires=expires, ruling=ruling.rule)
    tx.save_effect(parked)


def mark_allowed(tx: Transaction, effect: PreparedEffect, office: Office) -> bool:
    """Mark an effect sent, start its child, or settle what only looks.

    Returns whether something is left to do.
    """
    row = effect.row
    at = office.now_iso()
    if effect.child:
        tx.save_effect(replace(row, state=EffectState.STARTED))
        child = effect.child
        begin_run(tx, child.run, child.asked, at=at, cap=None, driver=None)
        return False
    if effect.event:
        settle_effect(tx, EffectResult(row=row, event=effect.event), at)
        return False
    driver = office.drivers.mine
    image = effect.image
    if image and image.file != BOARD_FILE:
        image = replace(image, diff="")
    sent = replace(row, state=EffectState.SENT, driver=driver, image=image)
    tx.save_effect(sent)
    for data in effect.versions:
        tx.save_version(data, at)
    return True


def count_denial(
    tx: Transaction, row: EffectRecord, ruling: RulingDetails, at: str
) -> None:
    """Store a denial, and restrict an agent that was denied too often in this run."""
    tx.save_effect(replace(row, ruling=Ruling.DENY))
    denied = (row.run, Ruling.DENY)
    rows = tx.load_effects(row.root)
    count = [(other.run, other.ruling) for other in rows].count(denied)
    if count >= MAX_DENIALS:
        times = f"asked {count} times for what is denied"
        why = f"in run {row.run} it {times}, last by {ruling.rule}"
        tx.restrict_agent(row.agent, at, why)


def denial_event(row: EffectRecord, ruling: RulingDetails) -> events.AnyEvent:
    """Return what a run hears of an effect that was denied."""
    number = row.number
    match row.wanted:
        case effects.StartReview(agent=agent, due=due):
            triggers = tuple(review.trigger for review in due)
            return events.Reviewed(
                effect=number, agent=agent, under=triggers, failed=ruling.why
            )
        case effects.Classify():
            return events.Classified(effect=number)
        case effects.Deliver():
            return events.Refused(
                effect=number, limit=events.CallLimit.REVIEWS, reason=ruling.why
            )
        case effects.SaveDeliverable() as order:
            return not_saved(order, f"not allowed: {ruling.why}")
        case _:
            text = f"not allowed: {ruling.why}"
            if ruling.rule == CHAIN:
                text = ruling.why
            return events.ToolReturned(effect=number, text=text, ok=False)
