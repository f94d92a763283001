"""What the founder should hear of unasked, and which process tells it."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from agentco.day.doubtful_calls import calls_as_one
from agentco.day.schedule_slots import SlotOutcome, Tick
from agentco.overview.inbox_items import inbox_items
from agentco.overview.made_files import latest_versions
from agentco.overview.notices import Notice, budget_notices, notices_to_send
from agentco.ports.store import Transaction
from agentco.rules.budget import Cap

REPORT_TICKS_FOR = timedelta(days=2)
"""How long a failed slot is news."""
FORGET_AFTER = timedelta(days=40)
"""How long it is remembered what was told: longer than a budget's month."""


def current_notices(
    tx: Transaction, now: datetime, caps: Sequence[Cap]
) -> list[Notice]:
    """Return everything that the founder should know of, whether they do or not."""
    return [
        *budget_notices(tx.cap_levels(caps)),
        *inbox_notices(tx, now.isoformat(timespec="seconds")),
        *control_notices(tx),
        *slot_notices(tx, (now - REPORT_TICKS_FOR).isoformat()),
    ]


def inbox_notices(tx: Transaction, now: str) -> Iterator[Notice]:
    """Yield what waits for the founder."""
    for item in calls_as_one(inbox_items(tx, now)):
        line = f"{item.agent} waits for you ({item.kind}): {item.what}"
        yield Notice(f"inbox:{item.agent}", item.id, (line,))


def control_notices(tx: Transaction) -> Iterator[Notice]:
    """Yield who is halted, and who may only read."""
    for halt in tx.halts():
        line = tx.halt_reason([halt.scope])
        yield Notice(f"halt:{halt.scope}", halt.since, (line,))
    for one in tx.restrictions():
        line = f"{one.agent} may only read since {one.since}: {one.why}"
        yield Notice(f"restricted:{one.agent}", one.since, (line,))


def slot_notices(tx: Transaction, since: str) -> Iterator[Notice]:
    """Yield scheduled runs that could not begin, failed, brought nothing, or wrote a file."""
    for tick in tx.slot_history(since=since):
        if tick.outcome is SlotOutcome.FAILED or tick.ended not in {"", "ok"}:
            line = f"/{tick.job} at {tick.slot:%H:%M}: {why_slot_failed(tx, tick)}"
            yield Notice(f"schedule:{tick.job}", str(tick.slot), (line,))
        files = tx.files_written_by(tick.run) if tick.run and tick.ended else ()
        paths = [file.path for file in latest_versions(files)]
        if paths:
            line = f"/{tick.job} wrote {', '.join(paths)}"
            yield Notice(f"made:{tick.job}", str(tick.slot), (line,))


def why_slot_failed(tx: Transaction, tick: Tick) -> str:
    """Say why a slot brought nothing."""
    if tick.run is None:
        return f"could not begin: {tick.why}"
    run = tx.load_run(tick.run)
    why = run.reason or tx.restriction_reason(run.agent) or "it is not over yet"
    return f"{tick.ended}: {why}"


def claim_notices(
    tx: Transaction,
    notices: Iterable[Notice],
    now: datetime,
    quiet_hours: str | None,
    zone: ZoneInfo,
) -> tuple[list[Notice], datetime | None]:
    """Return what this process is to tell now, and when it should look again.

    No other process tells the same.
    """
    tx.forget_notices((now - FORGET_AFTER).isoformat(timespec="seconds"))
    told = tx.told_notices()
    ready, later = notices_to_send(notices, told, now, quiet_hours, zone)
    keys = [key for notice in ready for key in (notice.key, notice.thing)]
    tx.save_notices(keys, now.isoformat(timespec="seconds"))
    return ready, later


def unclaim_notices(tx: Transaction, notices: Iterable[Notice]) -> None:
    """Make them news again in an hour: nobody could be told."""
    tx.remove_notices(notice.key for notice in notices)
