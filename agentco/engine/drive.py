"""Drive a run: perform what it wants, keep what came of it, until it is over or waits for somebody."""

from asyncio import FIRST_COMPLETED, Task, create_task, gather, wait
from collections.abc import Iterable, Sequence
from contextlib import suppress

from msgspec.structs import replace

from agentco.engine.office import Office, Transaction
from agentco.engine.perform import perform
from agentco.engine.settle import Done, cancelled, orphaned, recovered, settled
from agentco.engine.waiting_for_founder import waiting_only
from agentco.kernel.errors import Locked, StateBroken
from agentco.runs.effects import Row, State, UseTool
from agentco.runs.run import Run

WATCH_S = 0.3


async def drive(root: str, office: Office) -> None:
    """Go on with a root run and its children, several at once, as long as something can be done."""
    doing: dict[Task[Done | None], str] = {}
    rows: Sequence[Row] | None = await office.read(
        lambda t: t.effects(root, State.TODO)
    )
    try:
        while rows is not None:
            for row in () if office.closing() else ready(rows, doing.values()):
                doing[create_task(perform(row, office))] = row.id
            if not doing:
                return
            finished, _ = await wait(
                doing, timeout=WATCH_S, return_when=FIRST_COMPLETED
            )
            done = [came for task in finished if (came := task.result())]
            look = office.write if done else office.read
            rows, head = await look(kept, root, done, office.stamp())
            office.watch(head)
            for task in finished:
                del doing[task]
    finally:
        for task in doing:
            task.cancel()
        came = await gather(*doing, return_exceptions=True)
        answered = [
            done for done in came if isinstance(done, Done)
        ]  # paid for, though the run stops
        with suppress(StateBroken):
            await office.write(stopped, root, answered, office.stamp())


def ready(rows: Iterable[Row], doing: Iterable[str]) -> list[Row]:
    """What can be begun: all at once, but the tools of one run in the order in which they were called for."""
    busy, found = set(doing), list[Row]()
    using = {name.rpartition(".")[0] for name in busy}
    for row in rows:
        in_turn = not isinstance(row.wanted, UseTool) or row.run not in using
        if row.id not in busy and in_turn:
            found.append(row)
            using.add(row.run)
    return found


def kept(
    t: Transaction, root: str, done: Iterable[Done], at: str
) -> tuple[Sequence[Row] | None, Run]:
    """Keep what came; what is to be done next, and how the root stands."""
    for came in done:
        settled(t, came, at)
    return wanted(t, root), t.run(root)


def wanted(t: Transaction, root: str) -> Sequence[Row] | None:
    """What is to be done; None when the founder wants the run to stop."""
    if t.root(root)[2] or (
        t.halts() and t.halted({agent for run in t.runs(root) for agent in run.chain})
    ):
        return None
    return t.effects(root, State.TODO)


def stopped(t: Transaction, root: str, done: Iterable[Done], at: str) -> None:
    """Keep what still came; what was under way is in doubt, and a run that the founder cancelled ends."""
    for came in done:
        settled(t, came, at)
    orphaned(t, t.effects(root, State.SENT), at)
    if reason := t.root(root)[2]:
        cancelled(t, root, reason, at)
    t.set_run(root, driver=None)


async def went_without(root: str, office: Office) -> bool:
    """Let a run go on without the departments that only wait for the founder; whether there were any.

    They stay open: decided later, they go on by themselves. A process that took the run over sees to it itself.
    """
    if not await office.read(waiting_only, root):
        return False
    try:
        await taken_over(root, office)
    except Locked:
        return False

    def go_on(t: Transaction) -> None:
        for done in waiting_only(t, root):
            t.save(replace(t.run(done.row.id), alone=True), office.stamp())
            settled(t, done, office.stamp())

    await office.write(go_on)
    return True


async def taken_over(root: str, office: Office) -> None:
    """Become the driver of a root run whose process is gone. Raises Locked while that one is alive."""
    _, driver, _ = await office.read(lambda t: t.root(root))
    if driver and driver != office.drivers.mine and office.drivers.alive(driver):
        raise Locked(
            f"run {root} is being driven by another process",
            hint=f"agentco runs show {root}",
        )

    def take(t: Transaction) -> None:
        if t.root(root)[1] != driver:
            raise Locked(
                f"run {root} was just taken by another process",
                hint=f"agentco runs show {root}",
            )
        recovered(t, root, driver=office.drivers.mine, at=office.stamp())

    await office.write(take)
