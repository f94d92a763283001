"""What the state says that the founder should hear of unasked, and what they heard already."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from agentco.adapters.state import report_queries
from agentco.adapters.state.transaction import Transaction
from agentco.day.schedule_slots import SlotOutcome
from agentco.rules.budget import Cap
from agentco.rules.notices import Notice, budget_notices, notices_to_send

REPORT_TICKS_FOR, FORGET_AFTER = timedelta(days=2), timedelta(days=40)


def current_notices(
    tx: Transaction, now: datetime, caps: Sequence[Cap]
) -> list[Notice]:
    """Everything that the founder should know of as it stands now, whether they do or not."""
    every = budget_notices(tx.cap_levels(caps))
    for item in report_queries.inbox_items(tx, now.isoformat(timespec="seconds")):
        what = f"{item.agent} waits for you ({item.kind}): {item.what}"
        every.append(Notice(f"inbox:{item.agent}", item.id, (what,)))
    for scope, since in tx.fetch_rows("SELECT scope, since FROM halts"):
        every.append(Notice(f"halt:{scope}", since, (tx.halt_reason([scope]),)))
    for agent, since, why in tx.fetch_rows("SELECT agent, since, why FROM restricted"):
        every.append(
            Notice(
                f"restricted:{agent}",
                since,
                (f"{agent} may only read since {since}: {why}",),
            )
        )
    return [*every, *failed_tick_notices(tx, (now - REPORT_TICKS_FOR).isoformat())]


def failed_tick_notices(tx: Transaction, since: str) -> Iterator[Notice]:
    """Scheduled runs that could not begin, failed or brought no result."""
    for tick in tx.slot_history(since=since):
        bad = tick.outcome is SlotOutcome.FAILED or tick.ended not in {"", "ok"}
        how = (
            f"{tick.ended}: {tx.load_run(tick.run).reason}"
            if tick.run
            else f"could not begin: {tick.why}"
        )
        if bad:
            yield Notice(
                f"schedule:{tick.job}",
                str(tick.slot),
                (f"/{tick.job} at {tick.slot:%H:%M}: {how}",),
            )


def claim_notices(
    tx: Transaction,
    found: Iterable[Notice],
    now: datetime,
    quiet_hours: str | None,
    zone: ZoneInfo,
) -> tuple[list[Notice], datetime | None]:
    """What this process is to tell now, and when it should look again; no other process tells the same."""
    tx.db.execute(
        "DELETE FROM notices WHERE at < ?",
        ((now - FORGET_AFTER).isoformat(timespec="seconds"),),
    )
    told = {
        key: datetime.fromisoformat(at)
        for key, at in tx.fetch_rows("SELECT key, at FROM notices")
    }
    ready, later = notices_to_send(found, told, now, quiet_hours, zone)
    rows = [
        (key, now.isoformat(timespec="seconds"))
        for one in ready
        for key in (one.key, one.thing)
    ]
    tx.db.executemany("INSERT OR REPLACE INTO notices VALUES (?, ?)", rows)
    return ready, later


def unclaim_notices(tx: Transaction, lost: Iterable[Notice]) -> None:
    """Nobody could be told: it is news again, in an hour."""
    tx.db.executemany("DELETE FROM notices WHERE key = ?", [(one.key,) for one in lost])
