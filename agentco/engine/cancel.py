"""End a run before it is done."""

from msgspec.structs import replace

from agentco.engine.call_money import charge_orphaned_calls
from agentco.engine.write_audit import audit_run
from agentco.kernel.run_ids import is_within, root_of
from agentco.ports.store import Transaction
from agentco.runs.advance import advance
from agentco.runs.effects import CarryOutProposal, EffectState, Remember
from agentco.runs.events import Cancelled
from agentco.runs.run import Run, RunPhase
from agentco.runs.steps import remember_failure

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
    runs = tx.runs_of_root(root)
    over = {run.id for run in runs if run.is_over}
    for row in tx.load_effects(root, *UNFINISHED):
        is_proposal = isinstance(row.wanted, CarryOutProposal)
        is_last_word = isinstance(row.wanted, Remember) and row.run in over
        if is_within(row.run, name) and not is_proposal and not is_last_word:
            tx.save_effect(replace(row, state=EffectState.SETTLED))
    for run in runs:
        if is_within(run.id, name):
            drop_run(tx, run, reason, at, phase)


def note_failures(tx: Transaction, agent: str, at: str) -> None:
    """Have it remembered that an agent's prompts failed whose runs may still go on one day."""
    for found in tx.list_runs(at, limit=-1, since=at):
        is_open = found.phase is RunPhase.WORKING and not found.is_left
        if found.agent == agent and found.prompt and is_open:
            run, wanted = remember_failure(tx.load_run(found.id))
            tx.save_run(run, at)
            tx.add_effects(run, wanted, at)


def drop_run(
    tx: Transaction,
    run: Run,
    reason: str,
    at: str,
    phase: RunPhase = RunPhase.CANCELLED,
) -> None:
    """End one run that is at work or blocked; what it started goes on."""
    if run.can_be_ended:
        ended, wanted = advance(run, Cancelled(reason=reason))
        tx.save_run(replace(ended, phase=phase), at)
        tx.add_effects(ended, wanted, at)
        audit_run(tx, run, at, str(phase), why=reason)
