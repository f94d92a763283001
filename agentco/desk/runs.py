"""The company's runs: which there are, what one did, and how to end or settle it."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from enum import StrEnum
from typing import TypeVar

from msgspec import Struct

from agentco.desk.listener import Listener
from agentco.desk.open_company import OpenCompany
from agentco.desk.working import resume_run
from agentco.engine.cancel import cancel_run as cancel_engine_run, drop_run
from agentco.engine.decide import settle_by_founder
from agentco.engine.drive import record_outcomes
from agentco.engine.settle import answer_text, failure_reason
from agentco.kernel.errors import WrongUsage
from agentco.overview.inbox_items import effect_item
from agentco.overview.made_files import files_of_run
from agentco.overview.run_histories import run_histories
from agentco.overview.run_outcome import RunOutcome
from agentco.overview.run_status import find_run, work_root_of
from agentco.overview.run_story import RunStory, build_run_story
from agentco.ports.store import Transaction
from agentco.ports.stored_values import WrittenFile
from agentco.review.deliverable import split_answer
from agentco.runs.effects import AskModel, EffectRecord, EffectState
from agentco.runs.events import AnyEvent
from agentco.runs.run_summary import RunSummary, work_roots

T = TypeVar("T")
CANCELLED_WHY = "the founder cancelled it"


class StandingRun(Struct, frozen=True, kw_only=True):
    """A run with its status of appendix C."""

    run: RunSummary
    status: str


class Settlement(StrEnum):
    """What became of something in doubt: it happened, is done again, or is dropped."""

    DONE = "done"
    AGAIN = "again"
    DROP = "drop"

    @classmethod
    def chosen(cls, **answers: bool) -> "Settlement":
        """The one of these that the founder says. Raises WrongUsage if it is none or several."""
        said = [name for name, is_said in answers.items() if is_said]
        if len(said) != 1:
            options = [f"--{name}" for name in answers]
            hint = f"one of {', '.join(options[:-1])} and {options[-1]}"
            raise WrongUsage("say what became of it", hint=hint)
        return cls(said[0])


class Step(Struct, frozen=True, kw_only=True):
    """One effect of a run as the founder sees it; `result` is the text it brought.

    `diff` has the lines that it would change, or of the board has changed.
    """

    id: str
    what: str
    state: str
    rule: str
    cost_usd: float
    model: str | None
    why: str | None
    result: str | None
    diff: str | None = None


class RunDetails(Struct, frozen=True, kw_only=True):
    """A run with every step: what it was asked, why it ended so, what came of it.

    `asked` is empty once it was pruned; `restricted` says why its agent may only read, `outside`
    what it read that the founder did not write.
    """

    run: RunSummary
    status: str
    reason: str
    restricted: str
    outside: str
    asked: str
    text: str
    notes: str
    files: tuple[WrittenFile, ...]
    steps: tuple[Step, ...]


def list_runs(
    company: OpenCompany, *, limit: int = -1, everything: bool = False
) -> list[StandingRun]:
    """The runs that began last, the latest first; children only with `everything`."""
    now = company.now_iso()
    runs = company.read_state(
        lambda tx: list(tx.list_runs(now, limit=limit, everything=everything)), []
    )
    return [StandingRun(run=run, status=_status(company, run)) for run in runs]


def find_run_named(company: OpenCompany, name: str) -> RunSummary:
    """The run with an id, or the only one whose id begins so. Raises WrongUsage."""
    return _look_at_run(company, name, lambda _tx, run: run)


def find_run_to_decide(company: OpenCompany, name: str) -> RunSummary:
    """The same, for a decision: raises NeedsFounder without trust."""
    company.require_trust()
    return find_run_named(company, name)


def show_run(company: OpenCompany, name: str) -> RunDetails:
    """A run with its steps. Raises WrongUsage if there is none."""

    def look(tx: Transaction, run: RunSummary) -> RunDetails:
        head = tx.load_run(run.id)
        asked = tx.load_asked(run.id)
        said = split_answer(answer_text(tx, head))
        steps = tuple(load_step(tx, effect) for effect in tx.load_effects(run.root))
        return RunDetails(
            run=run,
            status=_status(company, run),
            reason=head.reason,
            restricted=tx.restriction_reason(head.agent),
            outside=head.outside,
            asked=asked.task if asked else "",
            text=said.text,
            notes=said.notes,
            files=files_of_run(tx, run.root, run.id),
            steps=steps,
        )

    return _look_at_run(company, name, look)


def tell_story(company: OpenCompany, name: str) -> RunStory:
    """Who did what for whom in a run, who reviewed it, and why."""
    now = company.now_iso()
    alive = company.state.is_driver_alive

    def look(tx: Transaction, run: RunSummary) -> RunStory:
        return build_run_story(run.id, run_histories(tx, run, now, alive))

    return _look_at_run(company, name, look)


def load_step(tx: Transaction, effect: EffectRecord) -> Step:
    """One effect with its last ruling, its cost and what it brought."""
    event = tx.load_event(effect.result) if effect.result else None
    cost = tx.cost_of_effect(effect)
    what = effect_item(effect).what
    if effect.model:
        tag = effect.wanted.__struct_config__.tag
        price = f"${cost:.6f}" if cost else ""
        what = f"{tag} {effect.model} {price}".strip()
    return Step(
        id=effect.id,
        what=what,
        state=str(effect.state),
        rule=tx.last_rule_applied(effect),
        cost_usd=cost,
        model=effect.model or None,
        why=failure_reason(event) or None if event else None,
        result=getattr(event, "text", None),
        diff=effect.image.diff or None if effect.image and is_done(event) else None,
    )


def is_done(event: AnyEvent | None) -> bool:
    """Whether nothing says that an effect was not done."""
    return event is None or getattr(event, "ok", True)


def interrupted_runs(company: OpenCompany) -> list[RunSummary]:
    """The pieces of work that were interrupted and can go on."""
    standing = list_runs(company, everything=True)
    status = {standing_run.run.id: standing_run.status for standing_run in standing}
    roots = work_roots([standing_run.run for standing_run in standing])
    return [run for run in roots if status[run.id] == "interrupted"]


def resume_named(company: OpenCompany, name: str, listener: Listener) -> RunOutcome:
    """Go on with a run whose process ended. Raises Locked while another drives it."""
    company.require_trust()
    return resume_run(company, find_run_named(company, name).id, listener)


def cancel_run(company: OpenCompany, name: str) -> str:
    """End a run and its children; return the id of the work that ended.

    A call that is under way counts as spent, in doubt. Raises WrongUsage for a run
    that is over.
    """
    run = find_run_to_decide(company, name)
    now = company.now_iso()
    is_blocked = run.phase == "blocked"
    root = run.id
    if not is_blocked:
        root = company.read_state(lambda tx: work_root_of(tx, run.id), run.id)

    def act(tx: Transaction) -> None:
        family = [tx.load_run(run.id), *tx.runs_of_root(root)]
        if not any(member.can_be_ended for member in family):
            raise WrongUsage(f"run {root} is over", hint="agentco runs lists them")
        if is_blocked and run.parent:
            drop_run(tx, tx.load_run(root), CANCELLED_WHY, now)
        elif company.state.is_driver_alive(tx.root_state(run.root)[1]):
            tx.update_root(run.root, cancel=CANCELLED_WHY)
        else:
            cancel_engine_run(tx, root, CANCELLED_WHY, now)

    company.write_state(act)
    if run.prompt and not run.parent:
        with company.open_office() as office:
            asyncio.run(record_outcomes(office, run.root))
    return root


def settle_effect(
    company: OpenCompany, run_name: str, effect: str, settlement: Settlement
) -> str:
    """Say what became of an effect in doubt; return its id.

    `effect` is its number, or its whole id. Raises WrongUsage if it is not in doubt.
    """
    run = find_run_to_decide(company, run_name).id
    number = effect.rpartition(".")[2]
    now = company.now_iso()

    def act(tx: Transaction) -> str:
        record = tx.load_effect(run, int(number) if number.isdecimal() else 0)
        settle_by_founder(tx, record, settlement, now)
        return record.id

    return company.write_state(act)


def settle_calls(company: OpenCompany, settlement: Settlement) -> tuple[int, int]:
    """Say of all calls in doubt whether they were billed.

    Returns how many there were, and the micro-dollars that they count for.
    """
    now = company.now_iso()

    def act(tx: Transaction) -> tuple[int, int]:
        rows = tx.open_effects(EffectState.IN_DOUBT)
        calls = [row for row in rows if isinstance(row.wanted, AskModel)]
        for row in calls:
            settle_by_founder(tx, row, settlement, now)
        return len(calls), sum(row.reserved for row in calls)

    return company.write_state(act)


def count_prunable(company: OpenCompany, days: int) -> int:
    """How many prompts, answers and results are older than so many days."""
    before = _days_ago(company, days)
    return company.read_state(lambda tx: len(tx.prunable_bodies(before)), 0)


def prune_runs(company: OpenCompany, days: int) -> int:
    """Forget prompts, answers and results older than so many days; return how many.

    The runs, their costs and the audit stay.
    """
    before = _days_ago(company, days)
    return company.write_state(lambda tx: tx.prune_bodies(before))


def _look_at_run(
    company: OpenCompany, name: str, look: Callable[[Transaction, RunSummary], T]
) -> T:
    """Find a run and look at it, with the state opened once. Raises WrongUsage."""
    if not company.state.exists():
        raise WrongUsage(f"no run {name!r}", hint="nothing has run yet")
    now = company.now_iso()
    with company.state.open() as store:
        return store.read(lambda tx: look(tx, find_run(tx, name, now))).result()


def _status(company: OpenCompany, run: RunSummary) -> str:
    return run.status(company.state.is_driver_alive)


def _days_ago(company: OpenCompany, days: int) -> str:
    moment = company.now() - timedelta(days=days)
    return moment.isoformat(timespec="seconds")
