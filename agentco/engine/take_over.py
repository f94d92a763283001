"""Take over a root run whose process is gone: nothing stored is bought again."""

from msgspec.structs import replace

from agentco.engine.office import Office
from agentco.engine.settle import EffectResult, advance_run, settle_effect
from agentco.kernel.errors import Locked, Trouble
from agentco.ports.store import Transaction
from agentco.runs.effects import AskModel, EffectRecord, EffectState
from agentco.runs.events import Decided, ModelFailed

RECOVERABLE = (
    EffectState.HELD,
    EffectState.SENT,
    EffectState.IN_DOUBT,
    EffectState.PARKED,
    EffectState.SETTLED,
)


async def take_over_run(root: str, office: Office) -> None:
    """Become the driver of a root and recover what its last process left.

    Raises Locked while another process drives it.
    """
    driver = await free_driver(root, office)

    def take(tx: Transaction) -> None:
        claim_root(tx, root, driver, office.drivers.mine)
        for row in tx.load_effects(root, *RECOVERABLE):
            recover_effect(tx, row, office.now_iso())

    await office.write(take)


async def free_driver(root: str, office: Office) -> str | None:
    """Return who drove a root last. Raises Locked if that process still runs."""
    _, driver, _ = await office.read(lambda tx: tx.root_state(root))
    if driver and driver != office.drivers.mine and office.drivers.is_alive(driver):
        raise Locked(
            f"run {root} is being driven by another process",
            hint=f"agentco runs show {root}",
        )
    return driver


def claim_root(
    tx: Transaction, root: str, last_driver: str | None, driver: str
) -> None:
    """Make a process the driver of a root. Raises Locked if another was faster."""
    if tx.root_state(root)[1] != last_driver:
        raise Locked(
            f"run {root} was just taken by another process",
            hint=f"agentco runs show {root}",
        )
    tx.update_root(root, driver=driver)


def recover_effect(tx: Transaction, row: EffectRecord, at: str) -> None:
    """Recover one effect: a lost call is asked again, the rest is done again."""
    is_call = isinstance(row.wanted, AskModel)
    if row.state is EffectState.HELD or (row.state is EffectState.SENT and not is_call):
        tx.save_effect(replace(row, state=EffectState.TODO))
    elif row.state is EffectState.PARKED:
        if row.expires and row.expires < at:
            late = Decided(effect=row.number, text="nobody answered in time", ok=False)
            settle_effect(tx, EffectResult(row=row, event=late), at)
    elif is_call and row.number in tx.load_run(row.run).waits_for:
        ask_again(tx, row, at)


def ask_again(tx: Transaction, row: EffectRecord, at: str) -> None:
    """Have a lost call asked again; one that was sent is charged first."""
    lost = ModelFailed(
        effect=row.number,
        trouble=Trouble.LOST,
        reason="its process ended",
        recovered=True,
    )
    if row.state is EffectState.SENT:
        settle_effect(tx, EffectResult(row=row, event=lost), at)
    else:
        advance_run(tx, row.run, lost, at)
