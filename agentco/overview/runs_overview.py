"""What the runs of a company come to: what waits, what failed since yesterday, what was spent."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from agentco.day.facts import RunFact, RunsOverview, StandupFacts, WaitingFact
from agentco.overview.inbox_items import inbox_items, restricted_agents
from agentco.overview.made_files import made_files
from agentco.ports.store import Transaction
from agentco.runs.run_summary import work_roots

FAILED_STATUSES = {"failed", "refused", "out-of-budget", "interrupted"}
"""What went wrong; what is blocked stands in the inbox."""
REPORT_FAILED_FOR = timedelta(days=1)


def runs_overview(
    tx: Transaction, moment: datetime, today: date, alive: Callable[[str | None], bool]
) -> RunsOverview:
    """Return what a standup says of runs at a moment; `alive` says whether a driver runs."""
    inbox: list[WaitingFact] = []
    in_doubt: list[WaitingFact] = []
    for item in inbox_items(tx, moment.isoformat(timespec="seconds")):
        if item.kind == "in-doubt":
            in_doubt.append(item)
        else:
            inbox.append(item)
    facts = StandupFacts(
        inbox=tuple(inbox),
        in_doubt=tuple(in_doubt),
        restricted=tuple(restricted_agents(tx)),
        runs_failed=tuple(failed_runs(tx, moment, alive)),
        made=made_files(tx, moment),
    )
    return RunsOverview(
        facts=facts,
        day=tx.spent_in_scope(f"day:{today}"),
        month=tx.spent_in_scope(f"month:{today:%Y-%m}"),
        day_plan=tx.spent_by_plans(f"{today}", f"{today}"),
        month_plan=tx.spent_by_plans(f"{today:%Y-%m}-01", f"{today}"),
        passed=dict(tx.last_skipped_slots()),
    )


def failed_runs(
    tx: Transaction, moment: datetime, alive: Callable[[str | None], bool]
) -> list[RunFact]:
    """Return the pieces of work that failed since yesterday, or were interrupted."""
    now = moment.isoformat(timespec="seconds")
    since = (moment - REPORT_FAILED_FOR).isoformat(timespec="seconds")
    summaries = tx.list_runs(now, limit=-1, since=since, everything=True)
    failed: list[RunFact] = []
    for run in work_roots(summaries):
        status = run.status(alive)
        if status in FAILED_STATUSES:
            fact = RunFact(id=run.id, agent=run.agent, title=run.title, status=status)
            failed.append(fact)
    return failed
