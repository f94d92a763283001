"""What the founder decides: an answer, a yes or no, a waiver, what became of a doubtful act."""

from msgspec.structs import replace

from agentco.engine.call_money import charge_doubtful
from agentco.engine.settle import EffectResult, advance_run, settle_effect
from agentco.engine.write_audit import audit_effect, audit_run
from agentco.kernel.errors import WrongUsage
from agentco.ports.store import Transaction
from agentco.runs import effects
from agentco.runs.effects import APPROVED, EffectRecord, EffectState
from agentco.runs.events import Decided, ToolReturned, Waived
from agentco.runs.run import Run, RunPhase


def can_decide(tx: Transaction, row: EffectRecord, at: str) -> bool:
    """Whether an effect still waits: each is decided once, and not after its deadline."""
    stored = tx.load_effect(row.run, row.number)
    if stored.state is not EffectState.PARKED or not stored.waits_for_founder(at):
        return False
    outlives_run = isinstance(stored.wanted, effects.CarryOutProposal)
    return outlives_run or not tx.load_run(row.run).is_over


def record_decision(
    tx: Transaction, row: EffectRecord, event: Decided, at: str
) -> None:
    """Store the founder's answer, or their no."""
    if can_decide(tx, row, at):
        settle_effect(tx, EffectResult(row=row, event=event), at)


def approve_effect(tx: Transaction, row: EffectRecord, at: str) -> None:
    """Store the founder's yes: whoever drives the run next carries the effect out."""
    if can_decide(tx, row, at):
        approved = replace(row, state=EffectState.TODO, ruling=APPROVED, expires=None)
        tx.save_effect(approved)
        audit_effect(tx, row, at, "approved")


def waive_trigger(tx: Transaction, name: str, trigger: str, why: str, at: str) -> None:
    """Let go what a trigger holds of a run that is blocked or waits for a review.

    Raises WrongUsage if it holds nothing back, or the draft is no longer kept.
    """
    run = tx.load_run(name)
    owed = owed_reviews(tx, run)
    held = list(owed)
    if run.phase is RunPhase.BLOCKED:
        held.extend(run.waivable_holds)
    waived = find_hold(held, trigger, name)
    if tx.stored_text(f"{name}.{run.answer}") is None:
        raise WrongUsage(
            f"the draft of run {name} is no longer kept", hint="ask for it again"
        )
    audit_run(tx, run, at, "waived", rule=waived, why=why)
    if row := owed.get(waived):
        event = Waived(effect=row.number, trigger=waived, why=why)
        settle_effect(tx, EffectResult(row=row, event=event), at)
    else:
        advance_run(tx, name, Waived(trigger=waived, why=why), at)


def owed_reviews(tx: Transaction, run: Run) -> dict[str, EffectRecord]:
    """Return the reviews that a run waits for and nobody could do, by trigger."""
    owed = dict[str, EffectRecord]()
    for row in tx.load_effects(run.root, EffectState.PARKED):
        if row.run == run.id and isinstance(row.wanted, effects.OweReview):
            owed[row.wanted.trigger] = row
    return owed


def find_hold(held: list[str], trigger: str, run: str) -> str:
    """Return the trigger as the run names it; without one, all that holds it, if that is one.

    Raises WrongUsage if it holds nothing.
    """
    if not trigger and len(held) == 1:
        return held[0]
    for hold in held:
        if hold.casefold() == trigger.casefold():
            return hold
    hint = "agentco inbox lists what is"
    if held:
        hint = f"what holds it: {', '.join(held)}"
    what = f"{trigger!r} holds nothing back in run {run}"
    if not trigger:
        what = f"{len(held) or 'no'} triggers hold run {run} back"
    raise WrongUsage(what, hint=hint)


def settle_by_founder(tx: Transaction, row: EffectRecord, how: str, at: str) -> None:
    """Settle what is in doubt: it was `done`, is done `again`, or is to `drop`.

    Raises WrongUsage if it is not in doubt, or cannot be done again.
    """
    if row.state is not EffectState.IN_DOUBT:
        raise WrongUsage(
            f"{row.id} is not in doubt",
            hint="agentco runs show lists the effects that are",
        )
    if isinstance(row.wanted, effects.AskModel):
        settle_call_by_founder(tx, row, how, at)
        return
    if how == "again" and tx.load_run(row.run).is_over:
        raise WrongUsage(f"the run of {row.id} is over", hint="--done or --drop")
    audit_effect(tx, row, at, f"settled: {how}")
    if how == "again":
        tx.save_effect(replace(row, state=EffectState.TODO, image=None))
        return
    text = "The founder dropped it; it was not done."
    if how == "done":
        text = "The founder says that it was done."
    tx.save_effect(replace(row, state=EffectState.SENT))
    event = ToolReturned(effect=row.number, text=text, ok=how == "done")
    settle_effect(tx, EffectResult(row=row, event=event), at)


def settle_call_by_founder(
    tx: Transaction, row: EffectRecord, how: str, at: str
) -> None:
    """Settle a model call: it was billed, or its charge is taken back."""
    if how == "again":
        raise WrongUsage(
            "a lost model call is repeated by itself when its run continues",
            hint="--done when it was billed, --drop when it was not",
        )
    tx.save_effect(replace(row, state=EffectState.SETTLED, reserved=0))
    if how == "drop":
        charge_doubtful(tx, row, at, sign=-1)
    audit_effect(tx, row, at, f"settled: {how}")
