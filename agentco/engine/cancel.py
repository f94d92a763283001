"""End a run before it is done."""

from msgspec.structs import replace

from agentco.engine.call_money import charge_orphaned_calls
from agentco.engine.write_audit import audit_run
from agentco.kernel.run_ids import is_within, root_of
from agentco.ports.store import Transaction
from agentco.runs.advance import advance
from agentco.runs.effects import CarryOutProposal, EffectState
from agentco.runs.events import Cancelled
from agentco.runs.run import Run, RunPhase

UNFINISHED = (
    EffectState.TODO,
    EffectState.HELD,
    EffectState.PARKED,
    EffectState.SENT,
    EffectState.STARTED,
)


def cancel_run(
    tx: Transaction,
    name: str,
    reason: str,
    at: str,
    phase: RunPhase = RunPhase.CANCELLED,
) -> None:
    """End a run and its children in a phase.

    A call that is under way is in doubt; what was proposed can still be approved.
    """
    root = root_of(name)
    sent = tx.load_effects(root, EffectState.SENT)
    calls = [row for row in sent if is_within(row.run, name)]
    charge_orphaned_calls(tx, calls, at)
    for row in tx.load_effects(root, *UNFINISHED):
        outlives_run = isinstance(row.wanted, CarryOutProposal)
        if is_within(row.run, name) and not outlives_run:
            tx.save_effect(replace(row, state=EffectState.SETTLED))
    for run in tx.runs_of_root(root):
        if is_within(run.id, name):
            drop_run(tx, run, reason, at, phase)


def drop_run(
    tx: Transaction,
    run: Run,
    reason: str,
    at: str,
    phase: RunPhase = RunPhase.CANCELLED,
) -> None:
    """End one run that is at work or blocked; what it started goes on."""
    if run.can_be_ended:
        ended, _ = advance(run, Cancelled(reason=reason))
        tx.save_run(replace(ended, phase=phase), at)
        audit_run(tx, run, at, str(phase), why=reason)
