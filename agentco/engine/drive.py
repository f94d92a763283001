"""Drive a run: perform what it wants, keep what came of it, until it is over or waits for somebody."""

from asyncio import FIRST_COMPLETED, Task, create_task, gather, wait
from collections.abc import Iterable, Sequence
from contextlib import suppress

from msgspec.structs import replace

from agentco.engine.office import Office
from agentco.engine.perform import perform_effect
from agentco.engine.settle import (
    EffectResult,
    cancel_run,
    charge_orphaned_calls,
    recover_run,
    settle_effect,
)
from agentco.engine.store import Transaction
from agentco.engine.waiting_for_founder import results_waiting_for_founder
from agentco.kernel.errors import Locked, StateBroken
from agentco.runs.effects import EffectRecord, EffectState, UseTool
from agentco.runs.run import Run

POLL_S = 0.3


async def drive_run(root: str, office: Office) -> None:
    """Go on with a root run and its children, several at once, as long as something can be done."""
    doing: dict[Task[EffectResult | None], str] = {}
    rows: Sequence[EffectRecord] | None = await office.read(
        lambda tx: tx.load_effects(root, EffectState.TODO)
    )
    try:
        while rows is not None:
            for row in (
                () if office.closing() else startable_effects(rows, doing.values())
            ):
                doing[create_task(perform_effect(row, office))] = row.id
            if not doing:
                return
            finished, _ = await wait(doing, timeout=POLL_S, return_when=FIRST_COMPLETED)
            done = [came for task in finished if (came := task.result())]
            look = office.write if done else office.read
            rows, head = await look(save_results, root, done, office.now_iso())
            office.watch(head)
            for task in finished:
                del doing[task]
    finally:
        for task in doing:
            task.cancel()
        came = await gather(*doing, return_exceptions=True)
        answered = [
            done for done in came if isinstance(done, EffectResult)
        ]  # paid for, though the run stops
        with suppress(StateBroken):
            await office.write(stop_driving, root, answered, office.now_iso())


def startable_effects(
    rows: Iterable[EffectRecord], doing: Iterable[str]
) -> list[EffectRecord]:
    """What can be begun: all at once, but the tools of one run in the order in which they were called for."""
    busy, found = set(doing), list[EffectRecord]()
    using = {name.rpartition(".")[0] for name in busy}
    for row in rows:
        in_turn = not isinstance(row.wanted, UseTool) or row.run not in using
        if row.id not in busy and in_turn:
            found.append(row)
            using.add(row.run)
    return found


def save_results(
    tx: Transaction, root: str, done: Iterable[EffectResult], at: str
) -> tuple[Sequence[EffectRecord] | None, Run]:
    """Keep what came; what is to be done next, and how the root stands."""
    for came in done:
        settle_effect(tx, came, at)
    return effects_to_do(tx, root), tx.load_run(root)


def effects_to_do(tx: Transaction, root: str) -> Sequence[EffectRecord] | None:
    """What is to be done; None when the founder wants the run to stop."""
    if tx.root_state(root)[2] or (
        tx.anyone_halted()
        and tx.halt_reason(
            {agent for run in tx.runs_of_root(root) for agent in run.chain}
        )
    ):
        return None
    return tx.load_effects(root, EffectState.TODO)


def stop_driving(
    tx: Transaction, root: str, done: Iterable[EffectResult], at: str
) -> None:
    """Keep what still came; what was under way is in doubt, and a run that the founder cancelled ends."""
    for came in done:
        settle_effect(tx, came, at)
    charge_orphaned_calls(tx, tx.load_effects(root, EffectState.SENT), at)
    if reason := tx.root_state(root)[2]:
        cancel_run(tx, root, reason, at)
    tx.update_root(root, driver=None)


async def proceed_without_founder(root: str, office: Office) -> bool:
    """Let a run go on without the departments that only wait for the founder; whether there were any.

    They stay open: decided later, they go on by themselves. A process that took the run over sees to it itself.
    """
    if not await office.read(results_waiting_for_founder, root):
        return False
    try:
        await take_over_run(root, office)
    except Locked:
        return False

    def go_on(tx: Transaction) -> None:
        for done in results_waiting_for_founder(tx, root):
            tx.save_run(replace(tx.load_run(done.row.id), alone=True), office.now_iso())
            settle_effect(tx, done, office.now_iso())

    await office.write(go_on)
    return True


async def take_over_run(root: str, office: Office) -> None:
    """Become the driver of a root run whose process is gone. Raises Locked while that one is alive."""
    _, driver, _ = await office.read(lambda tx: tx.root_state(root))
    if driver and driver != office.drivers.mine and office.drivers.is_alive(driver):
        raise Locked(
            f"run {root} is being driven by another process",
            hint=f"agentco runs show {root}",
        )

    def take(tx: Transaction) -> None:
        if tx.root_state(root)[1] != driver:
            raise Locked(
                f"run {root} was just taken by another process",
                hint=f"agentco runs show {root}",
            )
        recover_run(tx, root, driver=office.drivers.mine, at=office.now_iso())

    await office.write(take)
