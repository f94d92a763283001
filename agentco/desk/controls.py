"""Stop everything or one department, go on, and read what was ruled and done."""

from datetime import timedelta

from msgspec import Struct

from agentco.desk.lookups import find_agent
from agentco.desk.open_company import OpenCompany
from agentco.kernel.errors import AgentcoError, NeedsFounder, StateBroken, WrongUsage
from agentco.overview.inbox_items import halted_or_restricted
from agentco.overview.run_status import find_run
from agentco.ports.store import Transaction
from agentco.ports.stored_values import COST_KEYS, CostTotal, Halt, LedgerSum
from agentco.rules.audit import (
    AuditLine,
    StoredRows,
    decode_lines,
    find_tampering,
    first_broken_line,
)
from agentco.rules.budget import cost_difference

MAX_SHOWN = 5
"""How much of what was changed past agentco is named."""


class HaltChange(Struct, frozen=True, kw_only=True):
    """What a halt or its lifting changed; an empty `scope` is the whole company.

    `changed` is False where it was so already; `unrestricted` when an agent that might
    only read may act again; `outside` says why the state did not take a halt, which
    holds all the same.
    """

    scope: str
    halted: bool
    changed: bool
    unrestricted: bool = False
    outside: str = ""


class VerifiedAudit(Struct, frozen=True, kw_only=True):
    """How many lines hold, and how many of them came after the last anchor."""

    lines: int
    unanchored: int


class Costs(Struct, frozen=True, kw_only=True):
    """The ledger summed by a key, in micro-dollars; `plan` is the list price of plans' part."""

    by: str
    rows: tuple[CostTotal, ...]

    @property
    def total(self) -> int:
        """All that was spent, in micro-dollars."""
        return sum(row.usd for row in self.rows)

    @property
    def plan(self) -> int:
        """What of it a plan answered, in micro-dollars at list price."""
        return sum(row.plan_usd for row in self.rows)

    @property
    def by_answers(self) -> int | None:
        """What answers say that it came to, in micro-dollars; None where that hardly differs."""
        if not any(is_stated_otherwise(row) for row in self.rows):
            return None
        amounts = (row.usd_by_answers for row in self.rows)
        return sum(
            row.usd if said is None else said
            for row, said in zip(self.rows, amounts, strict=True)
        )


def is_stated_otherwise(row: LedgerSum) -> bool:
    """Whether answers say that they cost something else than is booked for them."""
    return bool(cost_difference(row.stated_usd, row.stated_booked_usd))


def halt(company: OpenCompany, agent: str | None, *, by: str) -> HaltChange:
    """Stop all agents, or one, until `resume`; needs no trust, and no room on the disk.

    Raises WrongUsage for an unknown agent.
    """
    company.require_writable()
    scope = find_agent(company.files.load(), agent).id if agent else ""
    halt = Halt(scope=scope, since=company.now_iso(), by=by)
    lost: AgentcoError | None = None
    try:
        company.state.keep_halt(halt)
    except (NeedsFounder, StateBroken) as error:
        lost = error
    try:
        with company.state.open() as store:
            act = store.write(lambda tx: tx.halt(scope, at=halt.since, by=by))
            return HaltChange(scope=scope, halted=True, changed=act.result())
    except (NeedsFounder, StateBroken) as error:
        # a folder whose state is not believed yet is halted all the same
        if lost:
            raise
        return HaltChange(scope=scope, halted=True, changed=True, outside=error.what)


def resume(company: OpenCompany, agent: str | None) -> HaltChange:
    """Lift a halt, and let a restricted agent act again; needs no trust.

    Also takes the name of an agent whose file is gone. Raises WrongUsage for a name
    that is neither known nor held.
    """
    company.require_writable()
    held = company.read_state(halted_or_restricted, set[str]())
    scope = agent or ""
    if agent and agent not in held:
        scope = find_agent(company.files.load(), agent).id
    now = company.now_iso()

    def act(tx: Transaction) -> HaltChange:
        for halt in tx.halts():
            # one that the state could not take when it was made stands in the audit now
            tx.halt(halt.scope, at=halt.since, by=halt.by)
        return HaltChange(
            scope=scope,
            halted=False,
            changed=tx.lift_halt(scope, at=now),
            unrestricted=tx.lift_restriction(scope, now),
        )

    with company.state.open() as store:
        change = store.write(act).result()
        company.state.lift_kept_halt(scope)
    return change


def read_audit(company: OpenCompany, run_name: str = "") -> list[AuditLine]:
    """The lines of the audit, or those of one run and its children.

    Raises WrongUsage for an unknown run.
    """
    now = company.now_iso()

    def look(tx: Transaction) -> list[AuditLine]:
        run = find_run(tx, run_name, now).id if run_name else ""
        return list(tx.audit_lines(run))

    return company.read_state(look, [])


def verify_audit(company: OpenCompany) -> VerifiedAudit:
    """Check the chain of the audit, what it binds of the state, and its anchors.

    Raises StateBroken, naming what is not as it was written.
    """
    chain, rows = company.read_state(
        lambda tx: (list(tx.audit_chain()), tx.stored_rows()), ([], StoredRows())
    )
    broken = first_broken_line(chain)
    if broken is not None:
        raise StateBroken(
            f"line {broken} of the audit was changed, lost or put in",
            hint="what came before it is intact; agentco audit shows all of it",
        )
    anchors = company.state.check_anchors(chain)
    found = [*anchors.broken, *find_tampering(decode_lines(chain), rows)]
    if found:
        rest = f"; and {len(found) - MAX_SHOWN} more" if len(found) > MAX_SHOWN else ""
        raise StateBroken(
            f"past agentco, {'; '.join(found[:MAX_SHOWN])}{rest}",
            hint="agentco halt stops all work; a backup from before lies beside your trust file",
        )
    unanchored = len(chain) - anchors.anchored
    return VerifiedAudit(lines=len(chain), unanchored=unanchored)


def sum_costs(company: OpenCompany, by: str, days: int | None = None) -> Costs:
    """What was spent by agent, model, prompt or day; calls in doubt count as spent.

    `days` counts today and the days before. Raises WrongUsage for any other key.
    """
    if by not in COST_KEYS:
        hint = f"--by {', '.join(COST_KEYS)}"
        raise WrongUsage(f"costs cannot be grouped by {by!r}", hint=hint)
    since = ""
    if days:
        since = (company.today() - timedelta(days=days - 1)).isoformat()
    rows = company.read_state(lambda tx: tuple(tx.sum_costs(by, since=since)), ())
    return Costs(by=by, rows=rows)
