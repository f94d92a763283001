"""What every store does the same way: hash and encode texts, audit what is decided, sum up.

A store inherits this and brings the abstract methods; the rest of `ports.store.Transaction` it
implements itself. The tests in tests/state hold each store to all of it.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import sha256

import msgspec
from msgspec.structs import asdict, replace

from agentco.adapters.state.stored_forms import EVENT_DECODER, decode_base_messages
from agentco.kernel.errors import WrongUsage
from agentco.kernel.run_ids import number_of, parent_of
from agentco.ports.stored_values import KEPT_VERSION_BYTES, Halt, Restriction
from agentco.rules.audit import GENESIS_HASH, AuditLine, encode_and_hash
from agentco.rules.budget import Cap, CapLevel, call_scopes
from agentco.runs.effects import AnyEffect, EffectRecord, EffectState
from agentco.runs.events import AnyEvent, LedgerEntry, TaskAsked
from agentco.runs.run import Run
from agentco.runs.run_record import StoryEntry


class SharedTransaction(ABC):
    """The methods of a transaction that need nothing but those of the store below them."""

    last_line: AuditLine | None = None
    """The last one that this transaction wrote."""

    # texts

    @abstractmethod
    def put_body(self, name: str, data: bytes, at: str) -> None:
        """Add a body under its hash; one that is known already is kept from now on."""

    @abstractmethod
    def find_body(self, name: str) -> bytes | None:
        """Return a body, None if it was pruned."""

    @abstractmethod
    def prunable_bodies(self, before: str) -> Sequence[str]:
        """Return the bodies that only runs use which were over before then."""

    @abstractmethod
    def delete_bodies(self, names: Iterable[str]) -> None:
        """Delete bodies."""

    def save_body(self, data: bytes, at: str) -> str:
        """Keep a body, from now on if it is known already; returns its hash."""
        name = sha256(data).hexdigest()
        self.put_body(name, data, at)
        return name

    def load_event(self, name: str) -> AnyEvent | None:
        """Return the event in a body, None if it was pruned."""
        data = self.find_body(name)
        return None if data is None else EVENT_DECODER.decode(data)

    def prune_bodies(self, before: str) -> int:
        """Delete what is prunable; returns how many."""
        names = self.prunable_bodies(before)
        self.delete_bodies(names)
        return len(names)

    # versions of files

    @abstractmethod
    def insert_version(self, name: str, data: bytes, at: str) -> None:
        """Add a version under its hash; one that is known already is kept from now on."""

    @abstractmethod
    def find_version(self, name: str) -> bytes | None:
        """Return a version, None if it was dropped."""

    @abstractmethod
    def kept_bytes(self) -> int:
        """Return how large all versions are together."""

    @abstractmethod
    def drop_oldest_version(self) -> None:
        """Delete the version that was kept the longest ago."""

    def save_version(self, data: bytes, at: str) -> None:
        """Keep what a file was; the oldest beyond KEPT_VERSION_BYTES are dropped."""
        self.insert_version(sha256(data).hexdigest(), data, at)
        while self.kept_bytes() > KEPT_VERSION_BYTES:
            self.drop_oldest_version()

    def load_version(self, name: str) -> bytes | None:
        """Return what a file was by its hash, None if that was dropped or is damaged."""
        data = self.find_version(name)
        if data is None or sha256(data).hexdigest() != name:
            return None
        return data

    # runs

    @abstractmethod
    def insert_run(
        self, run: Run, *, asked: str, base: str, cap: int | None, driver: str | None
    ) -> None:
        """Add a run whose request is in the bodies `asked` and `base`."""

    @abstractmethod
    def find_head(self, name: str) -> Run | None:
        """Return the head of a run."""

    @abstractmethod
    def asked_body(self, run: str) -> str | None:
        """Return the hash of what a run was asked."""

    @abstractmethod
    def find_root_state(
        self, name: str
    ) -> tuple[int | None, str | None, str | None] | None:
        """Return cap, driver and cancellation of a root."""

    def create_run(
        self,
        run: Run,
        asked: TaskAsked,
        *,
        at: str,
        cap: int | None,
        driver: str | None,
    ) -> None:
        """Add a run with what it was asked.

        What begins every call of its agent is a body of its own, stored once for all runs.
        """
        shared = asked.given[: asked.stable]
        own = asked.given[asked.stable :]
        base = self.save_body(msgspec.json.encode(shared), at)
        rest = replace(asked, base=base, given=own)
        body = self.save_body(msgspec.json.encode(rest), at)
        self.insert_run(run, asked=body, base=base, cap=cap, driver=driver)

    def load_run(self, name: str) -> Run:
        """Return the head of a run. Raises WrongUsage if there is none."""
        run = self.find_head(name)
        if run is None:
            raise WrongUsage(f"no run {name!r}", hint="agentco runs lists them")
        return run

    def root_state(self, name: str) -> tuple[int | None, str | None, str | None]:
        """Return cap, driver and cancellation of a root. Raises WrongUsage if there is none."""
        state = self.find_root_state(name)
        if state is None:
            raise WrongUsage(f"no run {name!r}", hint="agentco runs lists them")
        return state

    def load_asked(self, run: str) -> TaskAsked | None:
        """Return what a run was asked, None if that was pruned."""
        body = self.asked_body(run)
        event = self.load_event(body) if body else None
        if not isinstance(event, TaskAsked):
            return None
        base = self.find_body(event.base)
        if base is None:
            return None
        return replace(event, given=(*decode_base_messages(base), *event.given))

    # effects

    @abstractmethod
    def save_effect(self, row: EffectRecord) -> None:
        """Add an effect, or replace it."""

    @abstractmethod
    def find_effect(self, run: str, number: int) -> EffectRecord | None:
        """Return one effect."""

    @abstractmethod
    def effects_of_run(self, run: str) -> Sequence[EffectRecord]:
        """Return the effects of one run in order."""

    def add_effects(self, run: Run, wanted: Iterable[AnyEffect], at: str) -> None:
        """Add what a run wants done, each as TODO or HELD."""
        for effect in wanted:
            row = EffectRecord(
                run=run.id,
                number=effect.number,
                root=run.root,
                agent=run.agent,
                state=EffectState.HELD if effect.held else EffectState.TODO,
                wanted=effect,
                at=at,
            )
            self.save_effect(row)

    def load_effect(self, run: str, number: int) -> EffectRecord:
        """Return one effect. Raises WrongUsage if there is none."""
        row = self.find_effect(run, number)
        if row is None:
            hint = f"agentco runs show {run} lists them"
            raise WrongUsage(f"no effect {run}.{number}", hint=hint)
        return row

    def load_story(self, run: str) -> list[StoryEntry]:
        """Return every effect of one run with what came of it, in order."""
        return [
            StoryEntry(effect=row.wanted, event=self._result_of(row))
            for row in self.effects_of_run(run)
        ]

    def stored_text(self, handle: str) -> str | None:
        """Return the whole text that the effect `handle` brought, None for an unknown handle."""
        row = self.find_effect(parent_of(handle), number_of(handle))
        event = self._result_of(row) if row else None
        return getattr(event, "text", None)

    def _result_of(self, row: EffectRecord) -> AnyEvent | None:
        return self.load_event(row.result) if row.result else None

    # costs

    @abstractmethod
    def insert_payment(self, entry: LedgerEntry) -> None:
        """Add one line of the ledger."""

    @abstractmethod
    def add_to_scope(self, scope: str, usd: int) -> None:
        """Add to what was spent in a scope."""

    @abstractmethod
    def spent_in_scope(self, scope: str) -> int:
        """Return what was spent in a scope, calls in doubt included."""

    @abstractmethod
    def reserved_in_scope(self, scope: str) -> int:
        """Return what open calls have reserved in a scope."""

    @abstractmethod
    def delete_model_health(self, model: str) -> None:
        """Forget that a model failed."""

    def record_payment(self, entry: LedgerEntry) -> None:
        """Add one line, and its amount to every scope; a model that answered is healthy again."""
        self.insert_payment(entry)
        scopes = call_scopes(entry.root, entry.agent, entry.day)
        for scope in scopes:
            self.add_to_scope(scope, entry.usd)
        if not entry.in_doubt:
            self.delete_model_health(entry.model)

    def cap_levels(self, caps: Sequence[Cap]) -> tuple[CapLevel, ...]:
        """Return what is spent of each cap, and what open calls have reserved of it."""
        return tuple(
            CapLevel(
                spent=self.spent_in_scope(cap.scope),
                reserved=self.reserved_in_scope(cap.scope),
                **asdict(cap),
            )
            for cap in caps
        )

    # audit

    @abstractmethod
    def last_audit_link(self) -> tuple[int, str] | None:
        """Return number and hash of the last line."""

    @abstractmethod
    def insert_audit(self, line: AuditLine, data: bytes, name: str) -> None:
        """Add a line as `data`, whose hash is `name`."""

    @abstractmethod
    def audit_of_effect(self, run: str, effect: int) -> Sequence[AuditLine]:
        """Return the lines of one effect in order."""

    def append_audit(self, line: AuditLine) -> None:
        """Add a line, bound to the one before; its number and its bond are filled in here."""
        seq, before = self.last_audit_link() or (0, GENESIS_HASH)
        bound = replace(line, seq=seq + 1, prev=before)
        data, name = encode_and_hash(bound)
        self.insert_audit(bound, data, name)
        self.last_line = bound

    def last_rule_applied(self, row: EffectRecord) -> str:
        """Return the rule that was last applied to an effect, empty if none was."""
        lines = self.audit_of_effect(row.run, row.number)
        rules = [line.rule for line in lines if line.rule]
        return rules[-1] if rules else ""

    def _audit_control(self, what: str, agent: str, at: str, why: str = "") -> None:
        line = AuditLine(seq=0, prev="", at=at, what=what, agent=agent, why=why)
        self.append_audit(line)

    # controls

    @abstractmethod
    def insert_halt(self, halt: Halt) -> bool:
        """Add a halt; False if there was one."""

    @abstractmethod
    def delete_halt(self, scope: str) -> bool:
        """Delete a halt; False if there was none."""

    @abstractmethod
    def halts(self) -> Sequence[Halt]:
        """Return every halt, by scope."""

    @abstractmethod
    def insert_restriction(self, restriction: Restriction) -> bool:
        """Add a restriction; False if there was one."""

    @abstractmethod
    def delete_restriction(self, agent: str) -> bool:
        """Delete a restriction; False if there was none."""

    @abstractmethod
    def restrictions(self) -> Sequence[Restriction]:
        """Return every restriction, the oldest first."""

    def halt(self, scope: str, *, at: str, by: str) -> bool:
        """Halt an agent, or with an empty scope everybody; False if that was so."""
        is_new = self.insert_halt(Halt(scope=scope, since=at, by=by))
        if is_new:
            self._audit_control("halted", scope, at, by)
        return is_new

    def lift_halt(self, scope: str, *, at: str) -> bool:
        """Lift a halt; False if there was none."""
        was_there = self.delete_halt(scope)
        if was_there:
            self._audit_control("resumed", scope, at)
        return was_there

    def anyone_halted(self) -> bool:
        """Whether anybody is halted."""
        return bool(self.halts())

    def halt_reason(self, agents: Iterable[str]) -> str:
        """Say since when and by whom the company, or one of these agents, is halted."""
        halts = {halt.scope: halt for halt in self.halts()}
        for scope in ("", *agents):
            if scope in halts:
                halt = halts[scope]
                who = scope or "the company"
                return f"{who} is halted since {halt.since} by {halt.by}"
        return ""

    def restrict_agent(self, agent: str, at: str, why: str) -> bool:
        """Let an agent only read from now on; False if that was so."""
        is_new = self.insert_restriction(Restriction(agent=agent, since=at, why=why))
        if is_new:
            self._audit_control("restricted", agent, at, why)
        return is_new

    def lift_restriction(self, agent: str, at: str) -> bool:
        """Let an agent act again; False if it might."""
        was_there = self.delete_restriction(agent)
        if was_there:
            self._audit_control("lifted", agent, at)
        return was_there

    def restriction_reason(self, agent: str) -> str:
        """Say why an agent may only read; empty if it may do more."""
        reasons = {one.agent: one.why for one in self.restrictions()}
        return reasons.get(agent, "")

    # schedule

    @abstractmethod
    def give_slot_its_run(self, job: str, slot: datetime, run: str) -> bool:
        """Give a slot that is TAKEN its run; False if it is not."""

    def assign_run_to_slot(self, job: str, slot: datetime, run: str) -> None:
        """Give a slot that is TAKEN its run. Raises WrongUsage if it is not."""
        if not self.give_slot_its_run(job, slot, run):
            what = f"{job!r} was begun for {slot} already, or was given up"
            raise WrongUsage(what, hint="agentco schedule")
