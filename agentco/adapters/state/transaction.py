"""What can be read and written of the state, inside one transaction."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from hashlib import sha256
from typing import Any

import msgspec
from msgspec.structs import asdict, replace

from agentco.adapters.state.schedule_queries import ScheduleQueries
from agentco.kernel.errors import StateBroken, WrongUsage
from agentco.rules.audit import GENESIS_HASH, AuditLine, encode_and_hash
from agentco.rules.budget import Cap, CapLevel, ModelUsage
from agentco.rules.model_health import ModelHealth
from agentco.runs.effects import AnyEffect, EffectRecord, EffectState, FileImage
from agentco.runs.events import AnyEvent, LedgerEntry, TaskAsked
from agentco.runs.model_messages import ChatMessage
from agentco.runs.run import MAX_HEAD_BYTES, RUN_FORMAT, Run
from agentco.runs.transcript import StoryEntry

EFFECT_DECODER = msgspec.json.Decoder(AnyEffect)
EVENT_DECODER = msgspec.json.Decoder(AnyEvent)
EXPENSIVE_FACTOR, MEDIAN_OF_RUNS = 3, 10
"""A run is dear at so many times the median of so many before it."""
EFFECT_COLUMNS = ", ".join(EffectRecord.__struct_fields__)


class StoredFormat(msgspec.Struct):
    """What is read of a head before anything else."""

    format: int


class Transaction(ScheduleQueries):
    """The state, for the length of one transaction; nothing here commits."""

    def state_info(self, key: str) -> str:
        """A fact about this state, such as its `name`."""
        return str(self.fetch_rows("SELECT value FROM about WHERE key = ?", key)[0][0])

    # bodies

    def save_body(self, data: bytes, at: str) -> str:
        """Keep a body, from now on if it is known already; returns its hash."""
        name = sha256(data).hexdigest()
        self.db.execute(
            "INSERT INTO bodies VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET at = excluded.at",
            (name, at, data),
        )
        return name

    def load_body(self, name: str) -> bytes | None:
        """A body; None when it was pruned."""
        found = self.fetch_rows("SELECT data FROM bodies WHERE hash = ?", name)
        return found[0][0] if found else None

    def load_event(self, name: str) -> AnyEvent | None:
        """The event in a body; None when it was pruned."""
        data = self.load_body(name)
        return EVENT_DECODER.decode(data) if data is not None else None

    def prunable_bodies(self, before: str) -> list[str]:
        """The bodies that only runs use which were over before a time."""
        sql = """
            WITH kept AS (SELECT id, asked, base FROM runs WHERE coalesce(ended, '9') >= ?)
            SELECT hash FROM bodies WHERE at < ? AND hash NOT IN (
              SELECT result FROM effects JOIN kept ON kept.id = effects.run WHERE result IS NOT NULL
              UNION SELECT asked FROM kept UNION SELECT base FROM kept)
        """
        return [name for (name,) in self.fetch_rows(sql, before, before)]

    def prune_bodies(self, before: str) -> int:
        """Forget them; what begins every call of an agent stays as long as a run needs it."""
        names = self.prunable_bodies(before)
        self.db.executemany(
            "DELETE FROM bodies WHERE hash = ?", [(name,) for name in names]
        )
        return len(names)

    # runs

    def create_run(
        self,
        run: Run,
        asked: TaskAsked,
        *,
        at: str,
        cap: int | None,
        driver: str | None,
    ) -> None:
        """A new run with what it was asked; what begins every call of its agent is stored once for all."""
        base = self.save_body(msgspec.json.encode(asked.given[: asked.stable]), at)
        rest = replace(asked, base=base, given=asked.given[asked.stable :])
        body = self.save_body(msgspec.json.encode(rest), at)
        self.db.execute(
            "INSERT INTO runs"
            " (id, root, parent, agent, prompt, title, phase, started, cap, driver, asked, base, head)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                *(
                    run.id,
                    run.root,
                    run.parent,
                    run.agent,
                    run.prompt,
                    run.title,
                    run.phase,
                    run.started,
                ),
                *(cap, driver, body, base, encode_run(run)),
            ],
        )

    def load_run(self, name: str) -> Run:
        """The head of a run. Raises WrongUsage when there is none."""
        found = self.fetch_rows("SELECT head FROM runs WHERE id = ?", name)
        if not found:
            raise WrongUsage(f"no run {name!r}", hint="agentco runs lists them")
        return decode_run(found[0][0])

    def runs_of_root(self, root: str) -> list[Run]:
        """A root and its children, in the order in which they were started."""
        return [
            decode_run(data)
            for (data,) in self.fetch_rows(
                "SELECT head FROM runs WHERE root = ? ORDER BY rowid", root
            )
        ]

    def save_run(self, run: Run, at: str) -> None:
        """The run as it is now."""
        self.db.execute(
            "UPDATE runs SET phase = ?, head = ?, ended = iif(?, ?, NULL) WHERE id = ?",
            (run.phase, encode_run(run), run.is_over, at, run.id),
        )

    def load_asked(self, run: str) -> TaskAsked | None:
        """What a run was asked, whole; None when it was pruned."""
        (name,) = self.fetch_rows("SELECT asked FROM runs WHERE id = ?", run)[0]
        event = self.load_event(name)
        if not isinstance(event, TaskAsked):
            return None
        data = self.load_body(event.base)
        return (
            None
            if data is None
            else replace(event, given=(*decode_base_messages(data), *event.given))
        )

    def update_root(self, root: str, **columns: object) -> None:
        """Change `driver`, `cancel` or `cap` of a root."""
        for name, value in columns.items():
            self.db.execute(f"UPDATE runs SET {name} = ? WHERE id = ?", (value, root))  # noqa: S608  names are ours

    def root_state(self, name: str) -> tuple[int | None, str | None, str | None]:
        """The cap, the driver and the cancellation of a root."""
        found = self.fetch_rows(
            "SELECT cap, driver, cancel FROM runs WHERE id = ?", name
        )
        if not found:
            raise WrongUsage(f"no run {name!r}", hint="agentco runs lists them")
        cap, driver, cancel = found[0]
        return cap, driver, cancel

    # effects

    def add_effects(self, run: Run, wanted: Iterable[AnyEffect], at: str) -> None:
        """What a run wants done, in the state in which it begins."""
        for effect in wanted:
            state = EffectState.HELD if effect.held else EffectState.TODO
            self.save_effect(
                EffectRecord(
                    run=run.id,
                    number=effect.number,
                    root=run.root,
                    agent=run.agent,
                    state=state,
                    wanted=effect,
                    at=at,
                )
            )

    def save_effect(self, row: EffectRecord) -> None:
        """An effect as it stands now."""
        values = [to_column_value(getattr(row, name)) for name in row.__struct_fields__]
        sql = f"INSERT OR REPLACE INTO effects ({EFFECT_COLUMNS}) VALUES ({placeholders(values)})"  # noqa: S608  names are ours
        self.db.execute(sql, values)

    def load_effect(self, run: str, number: int) -> EffectRecord:
        """One effect. Raises WrongUsage when there is none."""
        found = self._find_effects("run = ? AND number = ?", run, number)
        if not found:
            raise WrongUsage(
                f"no effect {run}.{number}", hint=f"agentco runs show {run} lists them"
            )
        return found[0]

    def load_effects(self, root: str, *states: EffectState) -> list[EffectRecord]:
        """The effects of a root run and its children that stand in one of these states; all without any."""
        wanted = states or tuple(EffectState)
        where = (
            f"root = ? AND state IN ({placeholders(wanted)}) ORDER BY at, run, number"
        )
        return self._find_effects(where, root, *wanted)

    def open_effects(self, *states: EffectState) -> list[EffectRecord]:
        """The effects of all runs that stand in one of these open states, oldest first."""
        return self._find_effects(
            f"state IN ({placeholders(states)}) ORDER BY at, run, number", *states
        )

    def stored_text(self, handle: str) -> str | None:
        """The whole text that an effect brought; None for a handle that nobody has."""
        run, _, number = handle.rpartition(".")
        found = self._find_effects(
            "run = ? AND number = ?", run, int(number) if number.isdecimal() else 0
        )
        event = self.load_event(found[0].result) if found and found[0].result else None
        return getattr(event, "text", None)

    def load_story(self, run: str) -> list[StoryEntry]:
        """Every effect of one run with what came of it, in their order."""
        rows = self._find_effects("run = ? ORDER BY number", run)
        return [
            StoryEntry(
                effect=row.wanted,
                event=self.load_event(row.result) if row.result else None,
            )
            for row in rows
        ]

    def _find_effects(self, where: str, *values: object) -> list[EffectRecord]:
        sql = f"SELECT {EFFECT_COLUMNS} FROM effects WHERE {where}"  # noqa: S608  same
        return [decode_effect(found) for found in self.fetch_rows(sql, *values)]

    # money

    def cap_levels(self, caps: Sequence[Cap]) -> tuple[CapLevel, ...]:
        """What went against each cap: what is spent, and what open calls have reserved."""
        return tuple(
            CapLevel(
                spent=self.spent_in_scope(cap.scope),
                reserved=self._reserved_in_scope(cap.scope),
                **asdict(cap),
            )
            for cap in caps
        )

    def is_unusually_costly(self, root: str) -> bool:
        """Whether a root run cost three times the median of its agent's last ten like it."""
        sql = """
            SELECT spent.usd FROM runs JOIN runs AS this ON this.id = ? JOIN spent ON spent.scope = 'run:' || runs.id
            WHERE runs.parent IS NULL AND runs.phase = 'done' AND (runs.agent, runs.prompt) = (this.agent, this.prompt)
            ORDER BY runs.started DESC LIMIT ?"""
        usual = sorted(usd for (usd,) in self.fetch_rows(sql, root, MEDIAN_OF_RUNS))
        median = (
            sum(usual[MEDIAN_OF_RUNS // 2 - 1 : MEDIAN_OF_RUNS // 2 + 1]) / 2
            if len(usual) == MEDIAN_OF_RUNS
            else 0
        )
        return self.spent_in_scope(f"run:{root}") >= EXPENSIVE_FACTOR * median > 0

    def cost_of_effect(self, row: EffectRecord) -> float:
        """What an effect cost, in dollars."""
        sql = "SELECT coalesce(sum(usd), 0) FROM ledger WHERE run = ? AND effect = ?"
        return self.fetch_rows(sql, row.run, row.number)[0][0] / 1e6

    def last_rule_applied(self, row: EffectRecord) -> str:
        """The rule that was last applied to an effect."""
        found = self.fetch_rows(
            "SELECT line FROM audit WHERE run = ? AND effect = ?", row.run, row.number
        )
        rules = [msgspec.json.decode(data, type=AuditLine).rule for (data,) in found]
        return next(filter(None, reversed(rules)), "")

    def spent_in_scope(self, scope: str) -> int:
        """Micro-dollars spent in a scope, calls in doubt included."""
        found = self.fetch_rows("SELECT usd FROM spent WHERE scope = ?", scope)
        return found[0][0] if found else 0

    def _reserved_in_scope(self, scope: str) -> int:
        kind, _, rest = scope.partition(":")
        name, _, day = rest.rpartition(":")
        where, values = {
            "run": ("root = ?", (rest,)),
            "day": ("day = ?", (rest,)),
            "month": ("day BETWEEN ? AND ?", (f"{rest}-01", f"{rest}-31")),
            "agent": ("day = ? AND agent = ?", (day, name)),
        }[kind]
        sql = f"SELECT coalesce(sum(reserved), 0) FROM effects WHERE state = 'sent' AND {where}"  # noqa: S608  same
        return self.fetch_rows(sql, *values)[0][0]

    def record_payment(self, entry: LedgerEntry) -> None:
        """One line of the ledger, and what it adds to every scope; a model that answered is healthy."""
        names = entry.__struct_fields__
        sql = f"INSERT INTO ledger ({', '.join(names)}) VALUES ({placeholders(names)})"  # noqa: S608  same
        self.db.execute(sql, tuple(getattr(entry, name) for name in names))
        day = (
            f"day:{entry.day}",
            f"month:{entry.day[:7]}",
            f"agent:{entry.agent}:{entry.day}",
        )
        for scope in (f"run:{entry.root}", *day):
            self.db.execute(
                "INSERT INTO spent VALUES (?, ?) ON CONFLICT DO UPDATE SET usd = usd + excluded.usd",
                (scope, entry.usd),
            )
        if not entry.in_doubt:
            self.db.execute("DELETE FROM health WHERE model = ?", (entry.model,))

    def model_usage(self, model: str, day: str) -> ModelUsage:
        """What a model came to on a day: what the ledger holds, and the calls that are open."""
        paid = "SELECT coalesce(sum(calls), 0), coalesce(sum(usd), 0) FROM ledger WHERE day = ? AND model = ?"
        sent = """SELECT count(*), coalesce(sum(reserved), 0) FROM effects
            WHERE state = 'sent' AND day = ? AND model = ?"""
        [(calls, spent)], [(open_, reserved)] = (
            self.fetch_rows(paid, day, model),
            self.fetch_rows(sent, day, model),
        )
        return ModelUsage(calls=calls + open_, spent=spent, reserved=reserved)

    def model_health(self, model: str) -> ModelHealth | None:
        """How a model does that failed of late; None for one that answers."""
        found = self.fetch_rows(
            "SELECT model, failures, until, why FROM health WHERE model = ?", model
        )
        return (
            msgspec.convert(
                dict(zip(ModelHealth.__struct_fields__, found[0], strict=True)),
                ModelHealth,
            )
            if found
            else None
        )

    def save_model_health(self, health: ModelHealth) -> None:
        """How a model does after it failed."""
        values = (
            health.model,
            health.failures,
            health.until.isoformat(timespec="seconds"),
            health.why,
        )
        self.db.execute("INSERT OR REPLACE INTO health VALUES (?, ?, ?, ?)", values)

    def last_token_count(self, model: str) -> tuple[int, int] | None:
        """The bytes of a prompt and the tokens that the provider last counted in it."""
        found = self.fetch_rows(
            "SELECT bytes, tokens FROM counts WHERE model = ?", model
        )
        return (found[0][0], found[0][1]) if found else None

    def save_token_count(self, model: str, size: int, tokens: int) -> None:
        """What a provider counted."""
        self.db.execute(
            "INSERT OR REPLACE INTO counts VALUES (?, ?, ?)", (model, size, tokens)
        )

    # audit, halts, restrictions

    def append_audit(self, line: AuditLine) -> None:
        """One more line of the audit, bound to the last; its number and bond are filled in here."""
        found = self.fetch_rows("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1")
        seq, prev = found[0] if found else (0, GENESIS_HASH)
        data, name = encode_and_hash(replace(line, seq=seq + 1, prev=prev))
        self.db.execute(
            "INSERT INTO audit VALUES (?, ?, ?, ?, ?)",
            (seq + 1, line.run, line.effect, data, name),
        )

    def halt(self, scope: str, *, at: str, by: str) -> bool:
        """Halt an agent, or with an empty scope everybody; False when it was."""
        done = (
            self.db.execute(
                "INSERT OR IGNORE INTO halts VALUES (?, ?, ?)", (scope, at, by)
            ).rowcount
            > 0
        )
        if done:
            self.append_audit(
                AuditLine(seq=0, prev="", at=at, what="halted", agent=scope, why=by)
            )
        return done

    def lift_halt(self, scope: str, *, at: str) -> bool:
        """Lift a halt; False when there was none."""
        done = (
            self.db.execute("DELETE FROM halts WHERE scope = ?", (scope,)).rowcount > 0
        )
        if done:
            self.append_audit(
                AuditLine(seq=0, prev="", at=at, what="resumed", agent=scope)
            )
        return done

    def anyone_halted(self) -> bool:
        """Whether anybody is halted."""
        return bool(self.fetch_rows("SELECT 1 FROM halts LIMIT 1"))

    def halt_reason(self, agents: Iterable[str]) -> str:
        """Since when and by whom the company, or one of these agents, is halted; empty when it is not."""
        for scope in ("", *agents):
            if found := self.fetch_rows(
                "SELECT since, by FROM halts WHERE scope = ?", scope
            ):
                return f"{scope or 'the company'} is halted since {found[0][0]} by {found[0][1]}"
        return ""

    def restrict_agent(self, agent: str, at: str, why: str) -> bool:
        """Let an agent only read from now on; False when it was so."""
        done = (
            self.db.execute(
                "INSERT OR IGNORE INTO restricted VALUES (?, ?, ?)", (agent, at, why)
            ).rowcount
            > 0
        )
        if done:
            self.append_audit(
                AuditLine(
                    seq=0, prev="", at=at, what="restricted", agent=agent, why=why
                )
            )
        return done

    def restriction_reason(self, agent: str) -> str:
        """Why an agent may only read; empty when it may do more."""
        found = self.fetch_rows("SELECT why FROM restricted WHERE agent = ?", agent)
        return found[0][0] if found else ""

    def lift_restriction(self, agent: str, at: str) -> bool:
        """Let an agent act again; False when it might."""
        done = (
            self.db.execute("DELETE FROM restricted WHERE agent = ?", (agent,)).rowcount
            > 0
        )
        if done:
            self.append_audit(
                AuditLine(seq=0, prev="", at=at, what="lifted", agent=agent)
            )
        return done


def encode_run(run: Run) -> bytes:
    """A head as it is stored. It stays small, whatever a title or a reason holds."""
    data = msgspec.json.encode(run)
    if len(data) > MAX_HEAD_BYTES:
        brief = tuple(replace(one, words=(), owed=one.owed[:50]) for one in run.reviews)
        data = msgspec.json.encode(
            replace(run, title=run.title[:100], reason=run.reason[:300], reviews=brief)
        )
    return data


def decode_run(data: bytes) -> Run:
    """A stored head. Raises StateBroken for one of a format that this agentco does not know."""
    found = msgspec.json.decode(data, type=StoredFormat).format
    if found not in {1, RUN_FORMAT}:
        raise StateBroken(
            f"a run is stored in format {found}, this agentco knows {RUN_FORMAT}",
            hint="update agentco",
        )
    return replace(msgspec.json.decode(data, type=Run), format=RUN_FORMAT)


def placeholders(values: Sequence[object]) -> str:
    """As many places in a statement as there are values."""
    return ", ".join("?" * len(values))


def to_column_value(value: object) -> object:
    """A value as a column holds it; what has fields, as JSON."""
    return msgspec.json.encode(value) if isinstance(value, msgspec.Struct) else value


def decode_effect(found: tuple[Any, ...]) -> EffectRecord:
    """An effect from its columns."""
    values = dict(zip(EffectRecord.__struct_fields__, found, strict=True))
    values["wanted"] = EFFECT_DECODER.decode(values["wanted"])
    values["image"] = (
        msgspec.json.decode(values["image"], type=FileImage)
        if values["image"]
        else None
    )
    values["state"] = EffectState(values["state"])
    return EffectRecord(**values)


@lru_cache(maxsize=64)
def decode_base_messages(data: bytes) -> tuple[ChatMessage, ...]:
    """The messages that begin every call of an agent, shared by its runs."""
    return msgspec.json.decode(data, type=tuple[ChatMessage, ...])
