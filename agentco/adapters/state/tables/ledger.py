"""What was paid or may have been, and what open calls have reserved."""

from msgspec.structs import asdict

from agentco.adapters.state.tables.statements import Statements
from agentco.kernel.money import MICROS_PER_USD
from agentco.kernel.run_ids import root_of
from agentco.ports.stored_values import CostTotal, DayUsage
from agentco.runs.effects import EffectRecord
from agentco.runs.events import LedgerEntry


class LedgerTable(Statements):
    """One row for each call that was paid or may have been, and the sums of them by scope."""

    def insert_payment(self, entry: LedgerEntry) -> None:
        """Add one line."""
        self.change("insert_payment", **asdict(entry))

    def add_to_scope(self, scope: str, usd: int) -> None:
        """Add to what was spent in a scope."""
        self.change("add_to_scope", scope=scope, usd=usd)

    def spent_in_scope(self, scope: str) -> int:
        """Return what was spent in a scope, calls in doubt included."""
        return self.select_number("spent_in_scope", scope=scope)

    def spent_by_plans(self, first: str, last: str) -> int:
        """Return the list price of what plans answered, from one day to another."""
        return self.select_number("spent_by_plans", first=first, last=last)

    def reserved_in_scope(self, scope: str) -> int:
        """Return what open calls have reserved in a scope."""
        kind, _, rest = scope.partition(":")
        match kind:
            case "run":
                return self.select_number("reserved_by_run", root=rest)
            case "agent":
                agent, _, day = rest.rpartition(":")
                return self.select_number("reserved_by_agent", agent=agent, day=day)
            case "month":
                first = f"{rest}-01"
                last = f"{rest}-31"
                return self.select_number("reserved_on_days", first=first, last=last)
            case _:
                return self.select_number("reserved_on_days", first=rest, last=rest)

    def sum_costs(self, by: str, *, since: str = "") -> list[CostTotal]:
        """Return the ledger since a day, summed by one of COST_KEYS."""
        return self.select_as(CostTotal, "sum_costs", by=by, since=since)

    def sum_usage(self, first: str, last: str) -> list[DayUsage]:
        """Return what each model came to on each day of UTC, without what plans answered."""
        return self.select_as(DayUsage, "sum_usage", first=first, last=last)

    def cost_of_run(self, run: str) -> int:
        """Return what the calls of one run cost, without its children."""
        root = root_of(run)
        return self.select_number("cost_of_run", root=root, run=run)

    def cost_of_effect(self, row: EffectRecord) -> float:
        """Return what an effect cost, in dollars."""
        usd = self.select_number(
            "cost_of_effect", root=row.root, run=row.run, effect=row.number
        )
        return usd / MICROS_PER_USD

    def costs_of_prompt(self, prompt: str, limit: int) -> list[int]:
        """Return what the last root runs of a prompt cost that are over, the latest first."""
        rows = self.select("costs_of_prompt", prompt=prompt, limit=limit)
        return [usd for (usd,) in rows]

    def costs_of_similar_runs(self, root: str, limit: int) -> list[int]:
        """Return what the last done root runs of the same agent and prompt cost."""
        rows = self.select("costs_of_similar_runs", root=root, limit=limit)
        return [usd for (usd,) in rows]
