"""What a store keeps: every question that the house asks of it, and every change it makes.

Times are ISO 8601 strings in UTC with seconds, days are the company's as `2026-11-25`, and amounts
are micro-dollars, except where a docstring says otherwise. A store never reads the clock.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from datetime import datetime
from typing import Protocol, TypeVar

from agentco.day.schedule_slots import Tick
from agentco.ports.stored_values import (
    CostTotal,
    DayUsage,
    Halt,
    Restriction,
    StartedRun,
)
from agentco.ports.stored_writings import StoredAgentLines, StoredFiles, StoredVersions
from agentco.rules.audit import AuditLine, StoredRows
from agentco.rules.budget import Cap, CapLevel, ModelUsage
from agentco.rules.model_health import ModelHealth
from agentco.rules.read_context import LearnedContext
from agentco.runs.effects import AnyEffect, EffectRecord, EffectState
from agentco.runs.events import AnyEvent, LedgerEntry, TaskAsked
from agentco.runs.run import Run
from agentco.runs.run_record import StoryEntry
from agentco.runs.run_summary import RunSummary

T = TypeVar("T")


class StoredRuns(Protocol):
    """The heads of all runs, and what each was asked."""

    def create_run(
        self,
        run: Run,
        asked: TaskAsked,
        *,
        at: str,
        cap: int | None,
        driver: str | None,
    ) -> None:
        """Add a run with what it was asked; of a root also its cap and its driver."""
        ...

    def load_run(self, name: str) -> Run:
        """Return the head of a run. Raises WrongUsage if there is none."""
        ...

    def save_run(self, run: Run, at: str) -> None:
        """Replace the head of a run; one that is over ended `at`."""
        ...

    def runs_of_root(self, root: str) -> Sequence[Run]:
        """Return a root and its children in the order in which they started."""
        ...

    def load_asked(self, run: str) -> TaskAsked | None:
        """Return what a run was asked, None if that was pruned."""
        ...

    def root_state(self, name: str) -> tuple[int | None, str | None, str | None]:
        """Return cap, driver and cancellation of a root. Raises WrongUsage if there is none."""
        ...

    def update_root(self, root: str, **columns: object) -> None:
        """Change `driver`, `cancel` or `cap` of a root."""
        ...

    def list_runs(
        self, now: str, *, limit: int = 20, everything: bool = False, since: str = ""
    ) -> Sequence[RunSummary]:
        """Return the root runs that started last, the latest first, at most `limit` (-1: all).

        `everything` adds their children. Runs that ended before `since` are left out, and what
        expired before `now` no longer counts as waiting.
        """
        ...

    def find_runs(self, name: str, now: str) -> Sequence[RunSummary]:
        """Return the run with this id and roots whose id begins with it, at most three, by id."""
        ...

    def blocked_runs(self, since: str) -> Sequence[Run]:
        """Return the runs that were blocked since then, the oldest first."""
        ...

    def reviewed_runs(self, since: str) -> Sequence[Run]:
        """Return the runs started since then whose drafts called for reviews, the latest first."""
        ...

    def runs_started_since(
        self, since: str, *, but_driver: str = ""
    ) -> Sequence[StartedRun]:
        """Return what started since then, but not what that driver drives."""
        ...


class StoredEffects(Protocol):
    """What every run wants done, and what came of it."""

    def add_effects(self, run: Run, wanted: Iterable[AnyEffect], at: str) -> None:
        """Add what a run wants done, each as TODO or HELD."""
        ...

    def save_effect(self, row: EffectRecord) -> None:
        """Add an effect, or replace it."""
        ...

    def load_effect(self, run: str, number: int) -> EffectRecord:
        """Return one effect. Raises WrongUsage if there is none."""
        ...

    def load_effects(self, root: str, *states: EffectState) -> Sequence[EffectRecord]:
        """Return the effects of a root and its children in these states or all, oldest first."""
        ...

    def open_effects(self, *states: EffectState) -> Sequence[EffectRecord]:
        """Return the effects of all runs in these open states, oldest first."""
        ...

    def load_story(self, run: str) -> Sequence[StoryEntry]:
        """Return every effect of one run with what came of it, in order."""
        ...


class StoredTexts(Protocol):
    """Prompts, answers and results: by their hash, so that equal ones are stored once."""

    def save_body(self, data: bytes, at: str) -> str:
        """Keep a body, from now on if it is known already; returns its hash."""
        ...

    def load_event(self, name: str) -> AnyEvent | None:
        """Return the event in a body, None if it was pruned."""
        ...

    def stored_text(self, handle: str) -> str | None:
        """Return the whole text that the effect `handle` brought, None for an unknown handle."""
        ...

    def prunable_bodies(self, before: str) -> Sequence[str]:
        """Return the bodies that only runs use which were over before then."""
        ...

    def prune_bodies(self, before: str) -> int:
        """Delete them; returns how many."""
        ...

    def forget_runs(self, before: str) -> int:
        """Delete work that was over before then, unless a slot names it or it waits for somebody.

        Returns how many roots; ledger and audit keep what is theirs.
        """
        ...


class StoredCosts(Protocol):
    """The ledger: what was paid, or may have been, and what open calls have reserved."""

    def record_payment(self, entry: LedgerEntry) -> None:
        """Add one line; a model that answered is healthy again."""
        ...

    def cap_levels(self, caps: Sequence[Cap]) -> tuple[CapLevel, ...]:
        """Return what is spent of each cap, and what open calls have reserved of it."""
        ...

    def spent_in_scope(self, scope: str) -> int:
        """Return what was spent in a scope such as `day:2026-11-25`, calls in doubt included."""
        ...

    def spent_by_plans(self, first: str, last: str) -> int:
        """Return the list price of what plans answered, from one day to another."""
        ...

    def sum_costs(self, by: str, *, since: str = "") -> Sequence[CostTotal]:
        """Return the ledger since a day, summed by one of COST_KEYS.

        The most expensive first; days in their order.
        """
        ...

    def sum_usage(self, first: str, last: str) -> Sequence[DayUsage]:
        """Return what each model came to on each day of UTC, from one to another."""
        ...

    def cost_of_run(self, run: str) -> int:
        """Return what the calls of one run cost, without its children."""
        ...

    def cost_of_effect(self, row: EffectRecord) -> float:
        """Return what an effect cost, in dollars."""
        ...

    def costs_of_prompt(self, prompt: str, limit: int) -> Sequence[int]:
        """Return what the last root runs of a prompt cost that are over, the latest first."""
        ...

    def costs_of_similar_runs(self, root: str, limit: int) -> Sequence[int]:
        """Return what the last done root runs of the same agent and prompt cost."""
        ...


class StoredAudit(Protocol):
    """The chain of all that was ruled, done, decided or stopped."""

    def append_audit(self, line: AuditLine) -> None:
        """Add a line; the store fills in its number and the hash of the line before."""
        ...

    def audit_lines(self, run: str = "") -> Sequence[AuditLine]:
        """Return the lines of all runs, or of one and its children, in order."""
        ...

    def audit_of_effect(self, run: str, effect: int) -> Sequence[AuditLine]:
        """Return the lines of one effect in order; effect 0 are those of the run itself."""
        ...

    def audit_chain(self) -> Sequence[tuple[bytes, str]]:
        """Return every line as it is stored, with its hash."""
        ...

    def stored_rows(self) -> StoredRows:
        """Read every row, to compare it with what the lines bound."""
        ...

    def last_rule_applied(self, row: EffectRecord) -> str:
        """Return the rule that was last applied to an effect, empty if none was."""
        ...


class StoredControls(Protocol):
    """Who is halted, and who may only read."""

    def halt(self, scope: str, *, at: str, by: str) -> bool:
        """Halt an agent, or with an empty scope everybody; False if that was so."""
        ...

    def lift_halt(self, scope: str, *, at: str) -> bool:
        """Lift a halt; False if there was none."""
        ...

    def halts(self) -> Sequence[Halt]:
        """Return every halt, by scope."""
        ...

    def anyone_halted(self) -> bool:
        """Whether anybody is halted."""
        ...

    def halt_reason(self, agents: Iterable[str]) -> str:
        """Say since when and by whom the company, or one of these agents, is halted."""
        ...

    def restrict_agent(self, agent: str, at: str, why: str) -> bool:
        """Let an agent only read from now on; False if that was so."""
        ...

    def lift_restriction(self, agent: str, at: str) -> bool:
        """Let an agent act again; False if it might."""
        ...

    def restrictions(self) -> Sequence[Restriction]:
        """Return every restriction, the oldest first."""
        ...

    def restriction_reason(self, agent: str) -> str:
        """Say why an agent may only read; empty if it may do more."""
        ...


class StoredSchedule(Protocol):
    """What became of every slot of every scheduled prompt."""

    def slot_history(
        self, job: str = "", *, since: str = "", before: str = "A", limit: int = -1
    ) -> Sequence[Tick]:
        """Return the slots of a prompt, or of all, between two local times, the latest first."""
        ...

    def save_slot(self, tick: Tick) -> None:
        """Add a slot, or replace it as long as it is TAKEN or QUEUED."""
        ...

    def assign_run_to_slot(self, job: str, slot: datetime, run: str) -> None:
        """Give a slot that is TAKEN its run. Raises WrongUsage if it is not."""
        ...

    def last_skipped_slots(self) -> Mapping[str, datetime]:
        """Return for each prompt the last slot at which nothing had changed."""
        ...

    def forget_slots(self, before: str, *, kept: int) -> None:
        """Delete slots before a local time, but never the last `kept` of a prompt."""
        ...


class StoredNotices(Protocol):
    """When the founder was last told of what."""

    def told_notices(self) -> Mapping[str, datetime]:
        """Return when each key was last told."""
        ...

    def save_notices(self, keys: Iterable[str], at: str) -> None:
        """Remember that these were told."""
        ...

    def remove_notices(self, keys: Iterable[str]) -> None:
        """Forget that these were told."""
        ...

    def forget_notices(self, before: str) -> None:
        """Forget what was told before then."""
        ...


class StoredModels(Protocol):
    """How the models do: what they were asked today, how they failed, how they count."""

    def model_usage(self, model: str, day: str) -> ModelUsage:
        """Return what a model came to on a day of the company, open calls included."""
        ...

    def model_health(self, model: str) -> ModelHealth | None:
        """Return how a model failed of late, None for one that answers."""
        ...

    def save_model_health(self, health: ModelHealth) -> None:
        """Replace how a model failed."""
        ...

    def last_token_count(self, model: str) -> tuple[int, int] | None:
        """Return what a prompt was last estimated at, and the tokens that were counted in it."""
        ...

    def save_token_count(self, model: str, estimate: int, tokens: int) -> None:
        """Replace what a provider counted in a prompt that was estimated."""
        ...

    def learned_context(self, model: str) -> LearnedContext | None:
        """Return how many tokens a model was seen to take; None where nothing was seen."""
        ...

    def save_learned_context(self, learned: LearnedContext) -> None:
        """Replace how many tokens a model was seen to take."""
        ...


class Transaction(
    StoredRuns,
    StoredEffects,
    StoredTexts,
    StoredCosts,
    StoredAudit,
    StoredControls,
    StoredSchedule,
    StoredNotices,
    StoredModels,
    StoredAgentLines,
    StoredFiles,
    StoredVersions,
    Protocol,
):
    """The whole state inside one transaction: its changes are kept together or not at all."""

    def find_damage(self) -> str:
        """Say what is wrong with the stored data itself; empty if nothing is."""
        ...

    def change_mark(self) -> int:
        """Return a number that changes whenever another process has written."""
        ...


class StorePort(Protocol):
    """Where the state is kept."""

    def write(self, act: Callable[[Transaction], T]) -> Future[T]:
        """Do it in one transaction; what it did is on the disk when the outcome arrives."""
        ...

    def read(self, act: Callable[[Transaction], T]) -> Future[T]:
        """Look at one moment of the state."""
        ...
