"""Decide what waits for the founder, and go on with the work that a decision lets go."""

import asyncio

from msgspec import Struct
from msgspec.structs import replace

from agentco.day.facts import WaitingFact
from agentco.desk.listener import Listener
from agentco.desk.open_company import OpenCompany
from agentco.desk.runs import Settlement, find_run_to_decide, settle_effect
from agentco.desk.working import resume_run
from agentco.engine.decide import approve_effect, record_decision, waive_trigger
from agentco.engine.drive import carry_out_approved
from agentco.file_formats.redaction import redact_secrets
from agentco.kernel.errors import WrongUsage
from agentco.kernel.run_ids import root_of
from agentco.kernel.words import require_words
from agentco.overview.inbox_items import (
    Inbox,
    blocked_items,
    collect_inbox,
    effect_item,
    with_context,
)
from agentco.overview.run_outcome import RunOutcome
from agentco.overview.run_status import find_run
from agentco.ports.store import Transaction
from agentco.rules.secrets import secret_values
from agentco.runs.effects import (
    AskFounder,
    CarryOutProposal,
    EffectRecord,
    EffectState,
    OweReview,
)
from agentco.runs.events import Decided

NOT_WAITING_HINT = "agentco inbox lists what is"


class Decision(Struct, frozen=True, kw_only=True):
    """A decision that was recorded.

    `outcome` is how the work came out that it let go. `proposal` is what was proposed,
    once it was carried out (`is_approved`) or dropped. Without either the work goes on
    later, or elsewhere if `driven_elsewhere`.
    """

    id: str
    run: str
    driven_elsewhere: bool = False
    outcome: RunOutcome | None = None
    proposal: str = ""
    is_approved: bool = False


def describe_decision(decision: Decision) -> str:
    """What became of a decision that let no work go at once."""
    if decision.proposal:
        done = "done" if decision.is_approved else "dropped"
        return f"{done}: {decision.proposal}"
    if decision.driven_elsewhere:
        return "recorded; its process continues with it"
    return f"recorded; agentco runs resume {decision.run} continues it"


def read_inbox(company: OpenCompany) -> Inbox:
    """Everything that waits for the founder."""
    now = company.now_iso()

    def look(tx: Transaction) -> Inbox:
        found = collect_inbox(tx, now, company.state.is_driver_alive)
        items = tuple(with_context(tx, item) for item in found.items)
        return replace(found, items=items)

    return company.read_state(look, Inbox())


def answer(
    company: OpenCompany,
    item: str,
    text: str,
    listener: Listener,
    *,
    later: bool = False,
) -> Decision:
    """Answer a department's question. Raises WrongUsage if it does not wait for one."""
    require_words(text, hint='agentco answer ID "…"')
    said = redact_secrets(text, secret_values(company.settings, company.environment))

    def act(tx: Transaction) -> str:
        effect = load_waiting(tx, item, company.now_iso())
        if not isinstance(effect.wanted, AskFounder):
            hint = f"agentco approve {item}, agentco deny {item}"
            raise WrongUsage(f"{item!r} is not a question", hint=hint)
        decision = Decided(effect=effect.number, text=said, ok=True)
        record_decision(tx, effect, decision, company.now_iso())
        return effect.run

    run = company.write_state(act)
    return _go_on(company, item, run, listener, later=later)


def approve(
    company: OpenCompany, item: str, listener: Listener, *, later: bool = False
) -> Decision:
    """Allow what waits for a yes: exactly this, once. Raises WrongUsage otherwise.

    A proposal that was approved and not carried out, say for a halt, is carried out.
    """

    def act(tx: Transaction) -> EffectRecord:
        effect = load_decidable(tx, item, company.now_iso())
        if effect.is_approved_proposal:
            return effect
        require_waiting(effect, item, company.now_iso())
        if isinstance(effect.wanted, AskFounder):
            hint = f'agentco answer {item} "…"'
            raise WrongUsage(f"{item!r} is a question", hint=hint)
        approve_effect(tx, effect, company.now_iso())
        return tx.load_effect(effect.run, effect.number)

    effect = company.write_state(act)
    if isinstance(effect.wanted, CarryOutProposal):
        return _carry_out(company, effect, effect.wanted.what, later=later)
    return _go_on(company, item, effect.run, listener, later=later)


def deny(
    company: OpenCompany, item: str, listener: Listener, *, later: bool = False
) -> Decision:
    """Say no to what waits; the work goes on without it. Raises WrongUsage otherwise."""

    def act(tx: Transaction) -> EffectRecord:
        effect = load_waiting(tx, item, company.now_iso())
        decision = Decided(effect=effect.number, text="no", ok=False)
        record_decision(tx, effect, decision, company.now_iso())
        return effect

    effect = company.write_state(act)
    if isinstance(effect.wanted, CarryOutProposal):
        return Decision(id=item, run=effect.root, proposal=effect.wanted.what)
    return _go_on(company, item, effect.run, listener, later=later)


def waive(
    company: OpenCompany,
    item: str,
    trigger: str,
    why: str,
    listener: Listener,
    *,
    later: bool = False,
) -> Decision:
    """Let work go that a reviewer, a rule or a missing review holds; record why.

    `item` is a run, or the review that nobody could do. The trigger may be empty where only
    one holds it. Raises WrongUsage if the trigger holds nothing back in that run.
    """
    require_words(why, hint='agentco waive ID --why "…"')
    run, owed = find_held(company, item)
    trigger = trigger or owed
    secrets = secret_values(company.settings, company.environment)
    reason = redact_secrets(" ".join(why.split()), secrets)
    now = company.now_iso()
    company.write_state(lambda tx: waive_trigger(tx, run, trigger, reason, now))
    return _go_on(company, run, run, listener, later=later)


def find_held(company: OpenCompany, item: str) -> tuple[str, str]:
    """The run that an item holds back, and the trigger that an owed review names, else nothing.

    Raises WrongUsage if there is no such run.
    """

    def look(tx: Transaction) -> tuple[str, str]:
        for effect in tx.open_effects(EffectState.PARKED):
            if effect.id == item and isinstance(effect.wanted, OweReview):
                return effect.run, effect.wanted.trigger
        return item, ""

    run, trigger = company.read_state(look, (item, ""))
    return find_run_to_decide(company, run).id, trigger


def find_waiting(company: OpenCompany, item: str) -> WaitingFact:
    """What waits under an id. Raises WrongUsage if nothing does."""
    for waiting in read_inbox(company).items:
        if waiting.id == item:
            return waiting
    raise WrongUsage(f"{item!r} is not waiting for you", hint=NOT_WAITING_HINT)


def settle(company: OpenCompany, item: str, settlement: Settlement) -> str:
    """Say what became of something in doubt; return its id. Raises WrongUsage otherwise."""
    waiting = find_waiting(company, item)
    return settle_effect(company, waiting.run, item, settlement)


def load_waiting(tx: Transaction, item: str, now: str) -> EffectRecord:
    """The parked effect with that id. Raises WrongUsage if it waits for no decision."""
    effect = load_decidable(tx, item, now)
    require_waiting(effect, item, now)
    return effect


def load_decidable(tx: Transaction, item: str, now: str) -> EffectRecord:
    """The effect with that id. Raises WrongUsage for work that takes no yes or no."""
    if any(blocked.id == item for blocked in blocked_items(tx, now)):
        hint = f'agentco waive {item} TRIGGER --why "…", agentco runs cancel {item}'
        what = f"{item!r} is work that was held back: it cannot be approved or denied"
        raise WrongUsage(what, hint=hint)
    run_name, _, number = item.rpartition(".")
    if run_name and "p" in number:  # how proposals were numbered before format 3
        raise WrongUsage(f"{item!r} is not waiting for you", hint=NOT_WAITING_HINT)
    run = find_run(tx, run_name, now).id
    return tx.load_effect(run, int(number) if number.isdecimal() else 0)


def require_waiting(effect: EffectRecord, item: str, now: str) -> None:
    """Raise WrongUsage unless an effect waits for a yes, a no or an answer."""
    expired = effect.expires is not None and effect.expires < now
    if effect.state is not EffectState.PARKED or expired:
        raise WrongUsage(f"{item!r} is not waiting for you", hint=NOT_WAITING_HINT)
    if isinstance(effect.wanted, OweReview):
        what = f"{item!r} is a review that nobody could do"
        raise WrongUsage(what, hint=effect_item(effect).command)


def _carry_out(
    company: OpenCompany, effect: EffectRecord, what: str, *, later: bool
) -> Decision:
    """Carry out an approved proposal, and nothing else of its run."""
    if _is_driven(company, effect.root):
        return Decision(id=effect.id, run=effect.root, driven_elsewhere=True)
    if later:
        return Decision(id=effect.id, run=effect.root)
    company.require_trust()
    with company.open_office() as office:
        asyncio.run(carry_out_approved(effect, office))
    return Decision(id=effect.id, run=effect.root, proposal=what, is_approved=True)


def _is_driven(company: OpenCompany, root: str) -> bool:
    driver = company.read_state(lambda tx: tx.root_state(root)[1], None)
    return company.state.is_driver_alive(driver)


def _go_on(
    company: OpenCompany, item: str, run: str, listener: Listener, *, later: bool
) -> Decision:
    """Go on with the work that a decision let go, unless a process already drives it."""
    root = root_of(run)
    if _is_driven(company, root):
        return Decision(id=item, run=root, driven_elsewhere=True)
    if later:
        return Decision(id=item, run=root)
    company.require_trust()
    return Decision(id=item, run=root, outcome=resume_run(company, run, listener))
