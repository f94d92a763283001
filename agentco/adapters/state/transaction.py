"""What can be read and written of the state, inside one transaction."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from hashlib import sha256
from typing import Any

import msgspec
from msgspec.structs import asdict, replace

from agentco.adapters.state.schedule import Schedule
from agentco.kernel.errors import StateBroken, WrongUsage
from agentco.rules.audit import FIRST, Line, sealed
from agentco.rules.budget import Cap, Level, Used
from agentco.rules.model_health import Health
from agentco.runs.actions import Doable
from agentco.runs.effects import Image, Row, State, Wanted
from agentco.runs.events import Asked, Entry, Happened
from agentco.runs.model_messages import Message
from agentco.runs.run import FORMAT, LARGEST_HEAD, Run
from agentco.runs.transcript import Told

WANTED = msgspec.json.Decoder(Wanted)
EVENT = msgspec.json.Decoder(Happened)
DEAR, USUAL_OF = 3, 10
"""A run is dear at so many times the median of so many before it."""
COLUMNS = ", ".join(Row.__struct_fields__)


class Format(msgspec.Struct):
    """What is read of a head before anything else."""

    format: int


class Transaction(Schedule):
    """The state, for the length of one transaction; nothing here commits."""

    def about(self, key: str) -> str:
        """A fact about this state, such as its `name`."""
        return str(self.rows("SELECT value FROM about WHERE key = ?", key)[0][0])

    # bodies

    def put(self, data: bytes, at: str) -> str:
        """Keep a body, from now on if it is known already; returns its hash."""
        name = sha256(data).hexdigest()
        self.db.execute(
            "INSERT INTO bodies VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET at = excluded.at",
            (name, at, data),
        )
        return name

    def body(self, name: str) -> bytes | None:
        """A body; None when it was pruned."""
        found = self.rows("SELECT data FROM bodies WHERE hash = ?", name)
        return found[0][0] if found else None

    def event(self, name: str) -> Happened | None:
        """The event in a body; None when it was pruned."""
        data = self.body(name)
        return EVENT.decode(data) if data is not None else None

    def prunable(self, before: str) -> list[str]:
        """The bodies that only runs use which were over before a time."""
        sql = """
            WITH kept AS (SELECT id, asked, base FROM runs WHERE coalesce(ended, '9') >= ?)
            SELECT hash FROM bodies WHERE at < ? AND hash NOT IN (
              SELECT result FROM effects JOIN kept ON kept.id = effects.run WHERE result IS NOT NULL
              UNION SELECT asked FROM kept UNION SELECT base FROM kept)
        """
        return [name for (name,) in self.rows(sql, before, before)]

    def prune(self, before: str) -> int:
        """Forget them; what begins every call of an agent stays as long as a run needs it."""
        names = self.prunable(before)
        self.db.executemany(
            "DELETE FROM bodies WHERE hash = ?", [(name,) for name in names]
        )
        return len(names)

    # runs

    def create(
        self, run: Run, asked: Asked, *, at: str, cap: int | None, driver: str | None
    ) -> None:
        """A new run with what it was asked; what begins every call of its agent is stored once for all."""
        base = self.put(msgspec.json.encode(asked.given[: asked.stable]), at)
        rest = replace(asked, base=base, given=asked.given[asked.stable :])
        body = self.put(msgspec.json.encode(rest), at)
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
                *(cap, driver, body, base, head(run)),
            ],
        )

    def run(self, name: str) -> Run:
        """The head of a run. Raises WrongUsage when there is none."""
        found = self.rows("SELECT head FROM runs WHERE id = ?", name)
        if not found:
            raise WrongUsage(f"no run {name!r}", hint="agentco runs lists them")
        return run_of(found[0][0])

    def runs(self, root: str) -> list[Run]:
        """A root and its children, in the order in which they were started."""
        return [
            run_of(data)
            for (data,) in self.rows(
                "SELECT head FROM runs WHERE root = ? ORDER BY rowid", root
            )
        ]

    def save(self, run: Run, at: str) -> None:
        """The run as it is now."""
        self.db.execute(
            "UPDATE runs SET phase = ?, head = ?, ended = iif(?, ?, NULL) WHERE id = ?",
            (run.phase, head(run), run.over, at, run.id),
        )

    def asked(self, run: str) -> Asked | None:
        """What a run was asked, whole; None when it was pruned."""
        (name,) = self.rows("SELECT asked FROM runs WHERE id = ?", run)[0]
        event = self.event(name)
        if not isinstance(event, Asked):
            return None
        data = self.body(event.base)
        return (
            None
            if data is None
            else replace(event, given=(*base_of(data), *event.given))
        )

    def set_run(self, root: str, **columns: object) -> None:
        """Change `driver`, `cancel` or `cap` of a root."""
        for name, value in columns.items():
            self.db.execute(f"UPDATE runs SET {name} = ? WHERE id = ?", (value, root))  # noqa: S608  names are ours

    def root(self, name: str) -> tuple[int | None, str | None, str | None]:
        """The cap, the driver and the cancellation of a root."""
        found = self.rows("SELECT cap, driver, cancel FROM runs WHERE id = ?", name)
        if not found:
            raise WrongUsage(f"no run {name!r}", hint="agentco runs lists them")
        cap, driver, cancel = found[0]
        return cap, driver, cancel

    # effects

    def add(self, run: Run, wanted: Iterable[Wanted], at: str) -> None:
        """What a run wants done, in the state in which it begins."""
        for effect in wanted:
            state = State.HELD if effect.held else State.TODO
            self.keep(
                Row(
                    run=run.id,
                    number=effect.number,
                    root=run.root,
                    agent=run.agent,
                    state=state,
                    wanted=effect,
                    at=at,
                )
            )

    def keep(self, row: Row) -> None:
        """An effect as it stands now."""
        values = [stored(getattr(row, name)) for name in row.__struct_fields__]
        sql = f"INSERT OR REPLACE INTO effects ({COLUMNS}) VALUES ({marks(values)})"  # noqa: S608  names are ours
        self.db.execute(sql, values)

    def effect(self, run: str, number: int) -> Row:
        """One effect. Raises WrongUsage when there is none."""
        found = self._effects("run = ? AND number = ?", run, number)
        if not found:
            raise WrongUsage(
                f"no effect {run}.{number}", hint=f"agentco runs show {run} lists them"
            )
        return found[0]

    def effects(self, root: str, *states: State) -> list[Row]:
        """The effects of a root run and its children that stand in one of these states; all without any."""
        wanted = states or tuple(State)
        where = f"root = ? AND state IN ({marks(wanted)}) ORDER BY at, run, number"
        return self._effects(where, root, *wanted)

    def open(self, *states: State) -> list[Row]:
        """The effects of all runs that stand in one of these open states, oldest first."""
        return self._effects(
            f"state IN ({marks(states)}) ORDER BY at, run, number", *states
        )

    def stored(self, handle: str) -> str | None:
        """The whole text that an effect brought; None for a handle that nobody has."""
        run, _, number = handle.rpartition(".")
        found = self._effects(
            "run = ? AND number = ?", run, int(number) if number.isdecimal() else 0
        )
        event = self.event(found[0].result) if found and found[0].result else None
        return getattr(event, "text", None)

    def story(self, run: str) -> list[Told]:
        """Every effect of one run with what came of it, in their order."""
        rows = self._effects("run = ? ORDER BY number", run)
        return [
            Told(
                effect=row.wanted, event=self.event(row.result) if row.result else None
            )
            for row in rows
        ]

    def _effects(self, where: str, *values: object) -> list[Row]:
        sql = f"SELECT {COLUMNS} FROM effects WHERE {where}"  # noqa: S608  same
        return [row_of(found) for found in self.rows(sql, *values)]

    # money

    def levels(self, caps: Sequence[Cap]) -> tuple[Level, ...]:
        """What went against each cap: what is spent, and what open calls have reserved."""
        return tuple(
            Level(
                spent=self.spent(cap.scope),
                reserved=self._reserved(cap.scope),
                **asdict(cap),
            )
            for cap in caps
        )

    def dear(self, root: str) -> bool:
        """Whether a root run cost three times the median of its agent's last ten like it."""
        sql = """
            SELECT spent.usd FROM runs JOIN runs AS this ON this.id = ? JOIN spent ON spent.scope = 'run:' || runs.id
            WHERE runs.parent IS NULL AND runs.phase = 'done' AND (runs.agent, runs.prompt) = (this.agent, this.prompt)
            ORDER BY runs.started DESC LIMIT ?"""
        usual = sorted(usd for (usd,) in self.rows(sql, root, USUAL_OF))
        median = (
            sum(usual[USUAL_OF // 2 - 1 : USUAL_OF // 2 + 1]) / 2
            if len(usual) == USUAL_OF
            else 0
        )
        return self.spent(f"run:{root}") >= DEAR * median > 0

    def paid(self, row: Row) -> float:
        """What an effect cost, in dollars."""
        sql = "SELECT coalesce(sum(usd), 0) FROM ledger WHERE run = ? AND effect = ?"
        return self.rows(sql, row.run, row.number)[0][0] / 1e6

    def ruled(self, row: Row) -> str:
        """The rule that was last applied to an effect."""
        found = self.rows(
            "SELECT line FROM audit WHERE run = ? AND effect = ?", row.run, row.number
        )
        rules = [msgspec.json.decode(data, type=Line).rule for (data,) in found]
        return next(filter(None, reversed(rules)), "")

    def spent(self, scope: str) -> int:
        """Micro-dollars spent in a scope, calls in doubt included."""
        found = self.rows("SELECT usd FROM spent WHERE scope = ?", scope)
        return found[0][0] if found else 0

    def _reserved(self, scope: str) -> int:
        kind, _, rest = scope.partition(":")
        name, _, day = rest.rpartition(":")
        where, values = {
            "run": ("root = ?", (rest,)),
            "day": ("day = ?", (rest,)),
            "month": ("day BETWEEN ? AND ?", (f"{rest}-01", f"{rest}-31")),
            "agent": ("day = ? AND agent = ?", (day, name)),
        }[kind]
        sql = f"SELECT coalesce(sum(reserved), 0) FROM effects WHERE state = 'sent' AND {where}"  # noqa: S608  same
        return self.rows(sql, *values)[0][0]

    def pay(self, entry: Entry) -> None:
        """One line of the ledger, and what it adds to every scope; a model that answered is healthy."""
        names = entry.__struct_fields__
        sql = f"INSERT INTO ledger ({', '.join(names)}) VALUES ({marks(names)})"  # noqa: S608  same
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

    def used(self, model: str, day: str) -> Used:
        """What a model came to on a day: what the ledger holds, and the calls that are open."""
        paid = "SELECT coalesce(sum(calls), 0), coalesce(sum(usd), 0) FROM ledger WHERE day = ? AND model = ?"
        sent = """SELECT count(*), coalesce(sum(reserved), 0) FROM effects
            WHERE state = 'sent' AND day = ? AND model = ?"""
        [(calls, spent)], [(open_, reserved)] = (
            self.rows(paid, day, model),
            self.rows(sent, day, model),
        )
        return Used(calls=calls + open_, spent=spent, reserved=reserved)

    def health(self, model: str) -> Health | None:
        """How a model does that failed of late; None for one that answers."""
        found = self.rows(
            "SELECT model, failures, until, why FROM health WHERE model = ?", model
        )
        return (
            msgspec.convert(
                dict(zip(Health.__struct_fields__, found[0], strict=True)), Health
            )
            if found
            else None
        )

    def ails(self, health: Health) -> None:
        """How a model does after it failed."""
        values = (
            health.model,
            health.failures,
            health.until.isoformat(timespec="seconds"),
            health.why,
        )
        self.db.execute("INSERT OR REPLACE INTO health VALUES (?, ?, ?, ?)", values)

    def counted(self, model: str) -> tuple[int, int] | None:
        """The bytes of a prompt and the tokens that the provider last counted in it."""
        found = self.rows("SELECT bytes, tokens FROM counts WHERE model = ?", model)
        return (found[0][0], found[0][1]) if found else None

    def count(self, model: str, size: int, tokens: int) -> None:
        """What a provider counted."""
        self.db.execute(
            "INSERT OR REPLACE INTO counts VALUES (?, ?, ?)", (model, size, tokens)
        )

    # proposals, audit, halts, restrictions

    def propose(
        self, name: str, row: Row, what: str, action: Doable, *, at: str, expires: str
    ) -> None:
        """Something that an agent may not do by itself; put there once, however often it is tried."""
        self.db.execute(
            "INSERT OR IGNORE INTO proposals VALUES (?, ?, ?, ?, ?, ?, ?, 'open')",
            (name, row.run, row.agent, what, stored(action), at, expires),
        )

    def decide_proposal(self, name: str, how: str, at: str) -> tuple[str, bytes]:
        """Decide a proposal: denied, approving (it is being done), approved; returns what it is, and the action.

        Raises WrongUsage for one that does not wait: it was decided, or its time is over.
        """
        before = {"denied": "open", "approving": "open", "approved": "approving"}[how]
        sql = "UPDATE proposals SET state = ? WHERE id = ? AND state IN (?, ?) AND expires >= ? RETURNING what, action"
        again = "approving" if how == "approving" else before
        if not (found := self.rows(sql, how, name, before, again, at)):
            raise WrongUsage(
                f"{name!r} does not wait for you", hint="agentco inbox lists what does"
            )
        self.note(
            Line(
                seq=0,
                prev="",
                at=at,
                what=how,
                run=name.rpartition(".")[0],
                result=name,
            )
        )
        return found[0][0], found[0][1]

    def note(self, line: Line) -> None:
        """One more line of the audit, bound to the last; its number and bond are filled in here."""
        found = self.rows("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1")
        seq, prev = found[0] if found else (0, FIRST)
        data, name = sealed(replace(line, seq=seq + 1, prev=prev))
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
            self.note(Line(seq=0, prev="", at=at, what="halted", agent=scope, why=by))
        return done

    def unhalt(self, scope: str, *, at: str) -> bool:
        """Lift a halt; False when there was none."""
        done = (
            self.db.execute("DELETE FROM halts WHERE scope = ?", (scope,)).rowcount > 0
        )
        if done:
            self.note(Line(seq=0, prev="", at=at, what="resumed", agent=scope))
        return done

    def halts(self) -> bool:
        """Whether anybody is halted."""
        return bool(self.rows("SELECT 1 FROM halts LIMIT 1"))

    def halted(self, agents: Iterable[str]) -> str:
        """Since when and by whom the company, or one of these agents, is halted; empty when it is not."""
        for scope in ("", *agents):
            if found := self.rows("SELECT since, by FROM halts WHERE scope = ?", scope):
                return f"{scope or 'the company'} is halted since {found[0][0]} by {found[0][1]}"
        return ""

    def restrict(self, agent: str, at: str, why: str) -> bool:
        """Let an agent only read from now on; False when it was so."""
        done = (
            self.db.execute(
                "INSERT OR IGNORE INTO restricted VALUES (?, ?, ?)", (agent, at, why)
            ).rowcount
            > 0
        )
        if done:
            self.note(
                Line(seq=0, prev="", at=at, what="restricted", agent=agent, why=why)
            )
        return done

    def restricted(self, agent: str) -> str:
        """Why an agent may only read; empty when it may do more."""
        found = self.rows("SELECT why FROM restricted WHERE agent = ?", agent)
        return found[0][0] if found else ""

    def lift(self, agent: str, at: str) -> bool:
        """Let an agent act again; False when it might."""
        done = (
            self.db.execute("DELETE FROM restricted WHERE agent = ?", (agent,)).rowcount
            > 0
        )
        if done:
            self.note(Line(seq=0, prev="", at=at, what="lifted", agent=agent))
        return done


def head(run: Run) -> bytes:
    """A head as it is stored. It stays small, whatever a title or a reason holds."""
    data = msgspec.json.encode(run)
    if len(data) > LARGEST_HEAD:
        brief = tuple(replace(one, words=(), owed=one.owed[:50]) for one in run.reviews)
        data = msgspec.json.encode(
            replace(run, title=run.title[:100], reason=run.reason[:300], reviews=brief)
        )
    return data


def run_of(data: bytes) -> Run:
    """A stored head. Raises StateBroken for one of a format that this agentco does not know."""
    found = msgspec.json.decode(data, type=Format).format
    if found not in {1, FORMAT}:
        raise StateBroken(
            f"a run is stored in format {found}, this agentco knows {FORMAT}",
            hint="update agentco",
        )
    return replace(msgspec.json.decode(data, type=Run), format=FORMAT)


def marks(values: Sequence[object]) -> str:
    """As many places in a statement as there are values."""
    return ", ".join("?" * len(values))


def stored(value: object) -> object:
    """A value as a column holds it; what has fields, as JSON."""
    return msgspec.json.encode(value) if isinstance(value, msgspec.Struct) else value


def row_of(found: tuple[Any, ...]) -> Row:
    """An effect from its columns."""
    values = dict(zip(Row.__struct_fields__, found, strict=True))
    values["wanted"] = WANTED.decode(values["wanted"])
    values["image"] = (
        msgspec.json.decode(values["image"], type=Image) if values["image"] else None
    )
    values["state"] = State(values["state"])
    return Row(**values)


@lru_cache(maxsize=64)
def base_of(data: bytes) -> tuple[Message, ...]:
    """The messages that begin every call of an agent, shared by its runs."""
    return msgspec.json.decode(data, type=tuple[Message, ...])
