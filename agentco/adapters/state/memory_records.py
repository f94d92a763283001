"""Costs, audit, controls, schedule, notices, models and agents' lines, in memory."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from agentco.adapters.state.memory_tables import MemoryTables, StoredLine
from agentco.day.schedule_slots import SlotOutcome, Tick
from agentco.kernel.money import MICROS_PER_USD
from agentco.kernel.run_ids import is_within
from agentco.ports.stored_values import CostTotal, DayUsage, Halt, Restriction
from agentco.rules.audit import AuditLine
from agentco.rules.budget import ModelUsage, call_scopes
from agentco.rules.model_health import ModelHealth
from agentco.rules.read_context import LearnedContext
from agentco.runs.effects import EffectRecord, EffectState, Remember
from agentco.runs.events import LedgerEntry
from agentco.runs.run import Run, RunPhase


class MemoryRecords:
    """What is asked and changed of all else."""

    tables: MemoryTables

    # costs

    def insert_payment(self, entry: LedgerEntry) -> None:
        """Add one line of the ledger."""
        self.tables.ledger.append(entry)

    def add_to_scope(self, scope: str, usd: int) -> None:
        """Add to what was spent in a scope."""
        self.tables.spent[scope] = self.spent_in_scope(scope) + usd

    def spent_in_scope(self, scope: str) -> int:
        """Return what was spent in a scope, calls in doubt included."""
        return self.tables.spent.get(scope, 0)

    def spent_by_plans(self, first: str, last: str) -> int:
        """Return the list price of what plans answered, from one day to another."""
        return sum(
            entry.usd
            for entry in self.tables.ledger
            if entry.plan and first <= entry.day <= last
        )

    def reserved_in_scope(self, scope: str) -> int:
        """Return what open calls have reserved in a scope."""
        reserved = 0
        for row in self._open_calls():
            scopes = call_scopes(row.root, row.agent, row.day)
            if scope in scopes:
                reserved += row.reserved
        return reserved

    def _open_calls(self) -> Iterator[EffectRecord]:
        for row in self.tables.effects.values():
            if row.state is EffectState.SENT:
                yield row

    def sum_costs(self, by: str, *, since: str = "") -> list[CostTotal]:
        """Return the ledger since a day, summed by one of COST_KEYS."""
        groups = defaultdict[str, list[LedgerEntry]](list)
        for entry in self.tables.ledger:
            if entry.day >= since:
                groups[getattr(entry, by)].append(entry)
        totals = [cost_total(key, groups[key]) for key in sorted(groups)]
        if by != "day":
            totals.sort(key=lambda total: total.usd, reverse=True)
        return totals

    def sum_usage(self, first: str, last: str) -> list[DayUsage]:
        """Return what each model came to on each day of UTC, without what plans answered."""
        groups = defaultdict[tuple[str, str], list[LedgerEntry]](list)
        for entry in self.tables.ledger:
            day = entry.at[: len("2026-11-25")]
            if not entry.plan and first <= day <= last:
                groups[day, entry.model].append(entry)
        return [
            DayUsage(day=day, model=model, **ledger_sums(groups[day, model]))
            for day, model in sorted(groups)
        ]

    def cost_of_run(self, run: str) -> int:
        """Return what the calls of one run cost, without its children."""
        usd = 0
        for entry in self.tables.ledger:
            if entry.run == run:
                usd += entry.usd
        return usd

    def cost_of_effect(self, row: EffectRecord) -> float:
        """Return what an effect cost, in dollars."""
        usd = 0
        for entry in self.tables.ledger:
            if entry.run == row.run and entry.effect == row.number:
                usd += entry.usd
        return usd / MICROS_PER_USD

    def costs_of_prompt(self, prompt: str, limit: int) -> list[int]:
        """Return what the last root runs of a prompt cost that are over, the latest first."""
        runs = [
            run for run in self._latest_roots() if run.prompt == prompt and run.is_over
        ]
        latest = runs[:limit]
        return [self.spent_in_scope(f"run:{run.id}") for run in latest]

    def costs_of_similar_runs(self, root: str, limit: int) -> list[int]:
        """Return what the last done root runs of the same agent and prompt cost."""
        model = self.tables.runs[root].head
        costs: list[int] = []
        for run in self._latest_roots():
            is_similar = run.agent == model.agent and run.prompt == model.prompt
            scope = f"run:{run.id}"
            if is_similar and run.phase is RunPhase.DONE and scope in self.tables.spent:
                costs.append(self.spent_in_scope(scope))
        return costs[:limit]

    def _latest_roots(self) -> list[Run]:
        roots = [
            stored.head
            for stored in reversed(self.tables.runs.values())
            if stored.head.parent is None
        ]
        return sorted(roots, key=lambda run: run.started, reverse=True)

    # audit

    def last_audit_link(self) -> tuple[int, str] | None:
        """Return number and hash of the last line."""
        if not self.tables.audit:
            return None
        last = self.tables.audit[-1]
        return last.line.seq, last.hash

    def insert_audit(self, line: AuditLine, data: bytes, name: str) -> None:
        """Add a line as `data`, whose hash is `name`."""
        self.tables.audit.append(StoredLine(line, data, name))

    def audit_lines(self, run: str = "") -> list[AuditLine]:
        """Return the lines of all runs, or of one and its children, in order."""
        return [
            stored.line
            for stored in self.tables.audit
            if not run or is_within(stored.line.run, run)
        ]

    def audit_of_effect(self, run: str, effect: int) -> list[AuditLine]:
        """Return the lines of one effect in order."""
        return [
            line
            for line in self.audit_lines()
            if line.run == run and line.effect == effect
        ]

    def audit_chain(self) -> list[tuple[bytes, str]]:
        """Return every line as it is stored, with its hash."""
        return [(stored.data, stored.hash) for stored in self.tables.audit]

    # controls

    def insert_halt(self, halt: Halt) -> bool:
        """Add a halt; False if there was one."""
        return self.tables.halts.setdefault(halt.scope, halt) is halt

    def delete_halt(self, scope: str) -> bool:
        """Delete a halt; False if there was none."""
        return self.tables.halts.pop(scope, None) is not None

    def halts(self) -> list[Halt]:
        """Return every halt, by scope."""
        halts = self.tables.halts.values()
        return sorted(halts, key=lambda halt: halt.scope)

    def insert_restriction(self, restriction: Restriction) -> bool:
        """Add a restriction; False if there was one."""
        stored = self.tables.restrictions.setdefault(restriction.agent, restriction)
        return stored is restriction

    def delete_restriction(self, agent: str) -> bool:
        """Delete a restriction; False if there was none."""
        return self.tables.restrictions.pop(agent, None) is not None

    def restrictions(self) -> list[Restriction]:
        """Return every restriction, the oldest first."""
        restrictions = self.tables.restrictions.values()
        return sorted(
            restrictions, key=lambda restriction: (restriction.since, restriction.agent)
        )

    # schedule

    def slot_history(
        self, job: str = "", *, since: str = "", before: str = "A", limit: int = -1
    ) -> list[Tick]:
        """Return the slots of a prompt, or of all, between two local times, the latest first."""
        keys = sorted(self.tables.slots)
        keys.sort(key=lambda key: key[1], reverse=True)
        ticks: list[Tick] = []
        for key in keys:
            name, slot = key
            if job in {"", name} and since <= slot < before:
                tick = self.tables.slots[key]
                ticks.append(replace(tick, ended=self._outcome_of(tick)))
        return ticks if limit < 0 else ticks[:limit]

    def _outcome_of(self, tick: Tick) -> str:
        ended = ""
        for row in self.tables.effects.values():
            if row.run != tick.run or row.state is EffectState.SETTLED:
                continue
            if isinstance(row.wanted, Remember):
                ended = row.wanted.outcome
        return ended

    def save_slot(self, tick: Tick) -> None:
        """Add a slot, or replace it as long as it is TAKEN or QUEUED."""
        key = tick.job, tick.slot.isoformat()
        stored = self.tables.slots.get(key)
        unsettled = {SlotOutcome.TAKEN, SlotOutcome.QUEUED}
        if stored is None or stored.outcome in unsettled:
            at = tick.at.replace(microsecond=0)
            self.tables.slots[key] = replace(tick, at=at)

    def give_slot_its_run(self, job: str, slot: datetime, run: str) -> bool:
        """Give a slot that is TAKEN its run; False if it is not."""
        key = job, slot.isoformat()
        tick = self.tables.slots.get(key)
        if tick is None or tick.outcome is not SlotOutcome.TAKEN:
            return False
        begun = replace(tick, outcome=SlotOutcome.RUN, run=run)
        self.tables.slots[key] = begun
        return True

    def last_skipped_slots(self) -> dict[str, datetime]:
        """Return for each prompt the last slot at which nothing had changed."""
        skipped: dict[str, datetime] = {}
        ticks = sorted(self.tables.slots.values(), key=lambda tick: tick.at)
        for tick in ticks:
            if tick.outcome is SlotOutcome.SKIPPED:
                skipped[tick.job] = tick.slot
        return skipped

    def forget_slots(self, before: str, *, kept: int) -> None:
        """Delete slots before a local time, but never the last `kept` of a prompt."""
        by_job = defaultdict[str, list[str]](list)
        for job, slot in sorted(self.tables.slots, reverse=True):
            by_job[job].append(slot)
        for job, slots in by_job.items():
            for slot in slots[kept:]:
                if slot < before:
                    del self.tables.slots[job, slot]

    # notices

    def told_notices(self) -> dict[str, datetime]:
        """Return when each key was last told."""
        times: dict[str, datetime] = {}
        for key, at in self.tables.notices.items():
            times[key] = datetime.fromisoformat(at)
        return times

    def save_notices(self, keys: Iterable[str], at: str) -> None:
        """Remember that these were told."""
        self.tables.notices.update(dict.fromkeys(keys, at))

    def remove_notices(self, keys: Iterable[str]) -> None:
        """Forget that these were told."""
        for key in keys:
            self.tables.notices.pop(key, None)

    def forget_notices(self, before: str) -> None:
        """Forget what was told before then."""
        notices = self.tables.notices.items()
        old = [key for key, at in notices if at < before]
        self.remove_notices(old)

    # models

    def model_usage(self, model: str, day: str) -> ModelUsage:
        """Return what a model came to on a day of the company, open calls included."""
        calls = 0
        spent = 0
        tokens = 0
        for entry in self.tables.ledger:
            if entry.day == day and entry.model == model:
                calls += entry.calls
                spent += entry.usd
                tokens += (entry.input or 0) + (entry.output or 0)
        reserved = 0
        for row in self._open_calls():
            if row.day == day and row.model == model:
                calls += 1
                reserved += row.reserved
        return ModelUsage(calls=calls, spent=spent, reserved=reserved, tokens=tokens)

    def model_health(self, model: str) -> ModelHealth | None:
        """Return how a model failed of late, None for one that answers."""
        return self.tables.health.get(model)

    def save_model_health(self, health: ModelHealth) -> None:
        """Replace how a model failed."""
        until = health.until.replace(microsecond=0)
        self.tables.health[health.model] = replace(health, until=until)

    def delete_model_health(self, model: str) -> None:
        """Forget that a model failed."""
        self.tables.health.pop(model, None)

    def last_token_count(self, model: str) -> tuple[int, int] | None:
        """Return what a prompt was last estimated at, and the tokens that were counted in it."""
        return self.tables.token_counts.get(model)

    def save_token_count(self, model: str, estimate: int, tokens: int) -> None:
        """Replace what a provider counted in a prompt that was estimated."""
        self.tables.token_counts[model] = estimate, tokens

    def learned_context(self, model: str) -> LearnedContext | None:
        """Return how many tokens a model was seen to take; None where nothing was seen."""
        return self.tables.learned_contexts.get(model)

    def save_learned_context(self, learned: LearnedContext) -> None:
        """Replace how many tokens a model was seen to take."""
        kept = replace(learned, at=learned.at.replace(microsecond=0))
        self.tables.learned_contexts[learned.model] = kept


def cost_total(key: str, entries: Sequence[LedgerEntry]) -> CostTotal:
    """Return what some lines of the ledger come to."""
    return CostTotal(
        key=key,
        calls=sum(entry.calls for entry in entries),
        plan_usd=sum(entry.usd for entry in entries if entry.plan),
        **ledger_sums(entries),
    )


def ledger_sums(entries: Sequence[LedgerEntry]) -> dict[str, Any]:
    """Return the fields of LedgerSum for some lines of the ledger."""
    says = [entry for entry in entries if entry.stated is not None]
    return {
        "usd": sum(entry.usd for entry in entries),
        "input_tokens": sum(entry.input or 0 for entry in entries),
        "output_tokens": sum(entry.output or 0 for entry in entries),
        "stated_usd": sum(entry.stated or 0 for entry in says) if says else None,
        "stated_booked_usd": sum(entry.usd for entry in says),
    }
