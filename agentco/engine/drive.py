"""Drive a run: perform what it wants, settle what came, until it is over or waits."""

from asyncio import FIRST_COMPLETED, Task, create_task, gather, wait
from collections.abc import Iterable, Sequence
from contextlib import suppress

from msgspec.structs import replace

from agentco.engine.call_money import charge_orphaned_calls
from agentco.engine.cancel import cancel_run
from agentco.engine.office import Office
from agentco.engine.perform import perform_effect
from agentco.engine.settle import EffectResult, settle_effect
from agentco.engine.take_over import claim_root, free_driver, take_over_run
from agentco.engine.waiting_for_founder import results_waiting_for_founder
from agentco.kernel.errors import Locked, NeedsFounder, StateBroken
from agentco.kernel.run_ids import parent_of
from agentco.ports.store import Transaction
from agentco.runs.effects import EffectRecord, EffectState, Remember, UseTool
from agentco.runs.run_summary import LEFT_TO_FOUNDER

POLL_S = 0.3
"""How long until a halt or a cancellation by another process is noticed."""


async def drive_run(root: str, office: Office) -> None:
    """Drive a root and its children, several effects at once, as far as they go."""
    doing = dict[Task[EffectResult | None], str]()
    rows: Sequence[EffectRecord] | None = await office.read(
        lambda tx: tx.load_effects(root, EffectState.TODO)
    )
    try:
        while rows is not None:
            if not office.closing():
                for row in startable_effects(rows, doing.values()):
                    doing[create_task(perform_effect(row, office))] = row.id
            if not doing:
                return
            finished, _ = await wait(doing, timeout=POLL_S, return_when=FIRST_COMPLETED)
            outcomes = [task.result() for task in finished]
            results = [result for result in outcomes if result]
            step = office.write if results else office.read
            rows = await step(save_results, root, results, office.now_iso())
            for task in finished:
                del doing[task]
    finally:
        for task in doing:
            task.cancel()
        outcomes = await gather(*doing, return_exceptions=True)
        # An answer that still came was paid for, though the run stops.
        results = [outcome for outcome in outcomes if isinstance(outcome, EffectResult)]
        with suppress(StateBroken):
            await office.write(stop_driving, root, results, office.now_iso())
    if rows is None:  # cancelled, perhaps
        await record_outcomes(office, root)


def startable_effects(
    rows: Iterable[EffectRecord], doing: Iterable[str]
) -> list[EffectRecord]:
    """Return what can begin: everything, but one tool of a run after the other."""
    begun = set(doing)
    busy_runs = {parent_of(effect) for effect in begun}
    startable = list[EffectRecord]()
    for row in rows:
        must_wait = isinstance(row.wanted, UseTool) and row.run in busy_runs
        if row.id not in begun and not must_wait:
            startable.append(row)
            busy_runs.add(row.run)
    return startable


def save_results(
    tx: Transaction, root: str, results: Iterable[EffectResult], at: str
) -> Sequence[EffectRecord] | None:
    """Settle results. Returns what is to be done next."""
    for result in results:
        settle_effect(tx, result, at)
    return effects_to_do(tx, root)


def effects_to_do(tx: Transaction, root: str) -> Sequence[EffectRecord] | None:
    """Return what is to be done; None if the founder wants the run to stop."""
    _, _, cancelled = tx.root_state(root)
    if cancelled or is_halted(tx, root):
        return None
    return tx.load_effects(root, EffectState.TODO)


def is_halted(tx: Transaction, root: str) -> bool:
    """Whether the company is halted, or an agent that a root or a child works for."""
    if not tx.anyone_halted():
        return False
    agents = {agent for run in tx.runs_of_root(root) for agent in run.chain}
    return bool(tx.halt_reason(agents))


def stop_driving(
    tx: Transaction,
    root: str,
    results: Iterable[EffectResult],
    at: str,
    *,
    driver: str | None = None,
) -> None:
    """Settle what still came, charge what was under way, and leave a root to a driver or nobody.

    A run that the founder cancelled ends.
    """
    for result in results:
        settle_effect(tx, result, at)
    charge_orphaned_calls(tx, tx.load_effects(root, EffectState.SENT), at)
    _, _, cancelled = tx.root_state(root)
    if cancelled:
        cancel_run(tx, root, cancelled, at)
    tx.update_root(root, driver=driver)


def leave_to_founder(tx: Transaction, root: str) -> None:
    """Have nobody go on with a root that the founder interrupted, until they say so."""
    _, driver, _ = tx.root_state(root)
    if not driver and not tx.load_run(root).is_over:
        tx.update_root(root, driver=LEFT_TO_FOUNDER)


async def record_outcomes(office: Office, root: str = "") -> None:
    """Tell the memory how prompts ended whose runs do not wait for it: all, or those of a root.

    What another process drives, or a halt forbids, is left for later.
    """
    for row in await office.read(outcomes_to_record, root):
        with suppress(Locked, NeedsFounder):
            await carry_out_approved(row, office)


def outcomes_to_record(tx: Transaction, root: str = "") -> list[EffectRecord]:
    """Return the ends of prompts that nobody will remember by themselves."""
    states = EffectState.TODO, EffectState.SENT
    rows = tx.load_effects(root, *states) if root else tx.open_effects(*states)
    outcomes = list[EffectRecord]()
    for row in rows:
        if isinstance(row.wanted, Remember):
            run = tx.load_run(row.run)
            if row.number not in run.waits_for and not tx.halt_reason(run.chain):
                outcomes.append(row)
    return outcomes


async def carry_out_approved(row: EffectRecord, office: Office) -> None:
    """Carry out one approved effect of a root that nobody drives, and nothing else of it.

    Raises NeedsFounder if a halt forbids it, and Locked while another process drives the
    root: it stays approved.
    """
    driver = await free_driver(row.root, office)
    await office.write(claim_root, row.root, driver, office.drivers.mine)
    results = list[EffectResult]()
    try:
        if result := await perform_effect(row, office):
            results.append(result)
    finally:
        left = LEFT_TO_FOUNDER if driver == LEFT_TO_FOUNDER else None
        await office.write(
            stop_driving, row.root, results, office.now_iso(), driver=left
        )
    if not results:
        run = await office.read(lambda tx: tx.load_run(row.run))
        halted = await office.read(lambda tx: tx.halt_reason(run.chain))
        raise NeedsFounder(halted, hint="agentco resume lifts it")


async def proceed_without_founder(root: str, office: Office) -> bool:
    """Let a run go on without the departments that only wait for the founder.

    Returns whether there were any. They stay open: decided later, they go on by themselves.
    Another process that took the run over sees to it itself.
    """
    if not await office.read(results_waiting_for_founder, root):
        return False
    try:
        await take_over_run(root, office)
    except Locked:
        return False
    await office.write(leave_waiting_work, root, office.now_iso())
    return True


def leave_waiting_work(tx: Transaction, root: str, at: str) -> None:
    """Tell whoever delegated work that it waits for the founder."""
    for result in results_waiting_for_founder(tx, root):
        child = tx.load_run(result.row.id)
        tx.save_run(replace(child, alone=True), at)
        settle_effect(tx, result, at)
