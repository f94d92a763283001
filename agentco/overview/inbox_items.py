"""What waits for the founder: one list, from which the inbox, the standup and notices are made."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from agentco.board.document import BOARD_FILE
from agentco.day.doubtful_calls import calls_as_one, in_order
from agentco.day.facts import RestrictedFact, WaitingFact
from agentco.kernel.documents import in_dollars
from agentco.kernel.run_ids import number_of
from agentco.kernel.words import shell_quote
from agentco.overview.tool_words import call_in_words
from agentco.ports.store import Transaction
from agentco.review.deliverable import split_answer
from agentco.runs.effects import (
    AskFounder,
    AskModel,
    CallEffect,
    CarryOutProposal,
    DelegateWork,
    EffectRecord,
    EffectState,
    OweReview,
    SaveDeliverable,
    StartTask,
    UseTool,
)
from agentco.runs.run import Run
from agentco.runs.run_summary import work_roots

SHOW_BLOCKED_FOR = timedelta(days=30)
"""How long blocked work stays in the inbox; `agentco runs` lists it longer."""

CONTEXT_LINES = 3
"""How many lines of what was written before a question are shown with it."""


class Inbox(Struct, frozen=True, kw_only=True):
    """What waits for the founder, in the order to see to it, and who may only read."""

    items: tuple[WaitingFact, ...] = ()
    restricted: tuple[RestrictedFact, ...] = ()

    @property
    def count(self) -> int:
        """How many things wait; all calls in doubt are one."""
        return len(calls_as_one(self.items)) + len(self.restricted)


def collect_inbox(
    tx: Transaction, now: str, alive: Callable[[str | None], bool]
) -> Inbox:
    """Everything that waits for the founder; `alive` says whether a driver runs."""
    items = [*inbox_items(tx, now), *interrupted_items(tx, now, alive)]
    return Inbox(items=tuple(in_order(items)), restricted=tuple(restricted_agents(tx)))


def inbox_items(tx: Transaction, now: str) -> list[WaitingFact]:
    """Return everything that waits for the founder, the oldest first."""
    effects = tx.open_effects(
        EffectState.PARKED, EffectState.IN_DOUBT, EffectState.TODO, EffectState.SENT
    )
    waiting = [effect for effect in effects if effect.waits_for_founder(now)]
    return [*(effect_item(effect) for effect in waiting), *blocked_items(tx, now)]


def blocked_items(tx: Transaction, now: str) -> Iterator[WaitingFact]:
    """Yield work that was held back of late: the founder can let it go, or drop it."""
    since = datetime.fromisoformat(now).astimezone(UTC) - SHOW_BLOCKED_FOR
    for run in tx.blocked_runs(since.isoformat(timespec="seconds")):
        yield blocked_item(run)


def blocked_item(run: Run) -> WaitingFact:
    """Return a blocked run with the commands that show it, let it go and drop it."""
    commands = [
        f"agentco runs show {run.id} --why",
        *(waive_command(run.id, trigger) for trigger in run.waivable_holds),
        f"agentco runs cancel {run.id}",
    ]
    return WaitingFact(
        id=run.id,
        kind="blocked",
        run=run.id,
        agent=run.agent,
        what=f"{run.title}: {run.reason}",
        command="\n".join(commands),
    )


def interrupted_items(
    tx: Transaction, now: str, alive: Callable[[str | None], bool]
) -> Iterator[WaitingFact]:
    """Yield the work that was interrupted and can go on; `alive` says whether a driver runs."""
    for run in work_roots(tx.list_runs(now, limit=-1, since=now, everything=True)):
        if run.status(alive) == "interrupted":
            yield WaitingFact(
                id=run.id,
                kind="interrupted",
                run=run.id,
                agent=run.agent,
                what=run.title,
                command=f"agentco runs resume {run.id}\nagentco runs cancel {run.id}",
            )


def with_context(tx: Transaction, item: WaitingFact) -> WaitingFact:
    """Return an item with what was asked of whom, a question with what was written before it."""
    if item.is_call:
        return item
    run = tx.load_run(item.run)
    asked_by = run.chain[-2] if len(run.chain) > 1 else "you"
    is_told = asked_by == "you" and run.title in item.what
    lines = [] if is_told else [f"{asked_by} asked {run.agent}: {run.title}"]
    if run.outside and item.kind in {"approval", "proposal"}:
        lines.append(f"this work read {run.outside}, which you did not write")
    if item.kind == "question":
        lines += last_lines_before(tx, run, number_of(item.id))
    return replace(item, context="\n".join(lines))


def last_lines_before(tx: Transaction, run: Run, number: int) -> list[str]:
    """Return the end of what a run's agent wrote last before an effect of the run."""
    told = list[str]()
    for row in tx.load_effects(run.root):
        is_earlier = row.run == run.id and row.number < number
        if is_earlier and row.result and isinstance(row.wanted, AskModel):
            event = tx.load_event(row.result)
            told = split_answer(getattr(event, "text", "")).text.splitlines() or told
    return [line for line in told if line.strip()][-CONTEXT_LINES:]


def effect_item(row: EffectRecord) -> WaitingFact:
    """Return an effect that waits, with the command that decides it."""
    kind, what = describe_effect(row)
    words = ""
    if kind == "approval" and isinstance(row.wanted, CallEffect):
        words = call_in_words(row.wanted.call.name, row.wanted.call.arguments)
    if kind == "question":
        command = f'agentco answer {row.id} "…"'
    elif isinstance(row.wanted, OweReview):
        command = f'agentco waive {row.id} --why "…"'
    elif kind == "in-doubt":
        command = settle_commands(row)
    else:
        command = approval_commands(row.id)
    is_call = kind == "in-doubt" and isinstance(row.wanted, AskModel)
    diff = ""
    if row.image and row.image.diff:
        diff = row.image.diff
        if isinstance(row.wanted, UseTool) and row.image.file != BOARD_FILE:
            what, words = f"{row.wanted.call.name} {row.image.file}", ""
    return WaitingFact(
        id=row.id,
        kind=kind,
        run=row.run,
        agent=row.agent,
        what=what,
        expires=row.expires,
        command=command,
        at_most_usd=in_dollars(row.reserved) if is_call else None,
        words=words,
        diff=diff,
    )


def describe_effect(row: EffectRecord) -> tuple[str, str]:
    """Return the kind of a waiting effect, and what it is in words."""
    in_doubt = row.state is EffectState.IN_DOUBT
    kind = "in-doubt" if in_doubt else "approval"
    match row.wanted:
        case AskFounder(question=question):
            return ("in-doubt" if in_doubt else "question"), question
        case OweReview(trigger=trigger, why=why):
            return "owed-review", f"nobody reviewed it ({trigger}): {why}"
        case CarryOutProposal(what=what):
            return "proposal", what
        case UseTool(call=call) | StartTask(call=call) | DelegateWork(call=call):
            return kind, f"{call.name} {call.arguments}"
        case AskModel() if in_doubt:
            most = f"up to ${row.reserved / 1e6:.6f}"
            return kind, f"a call of {row.model}, {most}: did your provider bill it?"
        case _:
            return kind, order_in_words(row)


def order_in_words(row: EffectRecord) -> str:
    """Say what an order of the runtime is, and where a deliverable and the one before it go."""
    if not isinstance(row.wanted, SaveDeliverable):
        return f"{row.wanted.__struct_config__.tag} {row.model}".strip()
    image = row.image
    words = f"Write the deliverable to {image.file if image else row.wanted.path}"
    if image and image.kept:
        words += f"; the version there now goes to {image.kept}"
    return words


def approval_commands(name: str) -> str:
    """Return what the founder types to say yes or no."""
    return f"agentco approve {name}\nagentco deny {name}"


def settle_commands(row: EffectRecord) -> str:
    """Return what the founder types to say what became of something; a call is made anew anyway."""
    answers = (
        ("done", "drop")
        if isinstance(row.wanted, AskModel)
        else ("done", "again", "drop")
    )
    settle = f"agentco inbox settle {row.id}"
    return "\n".join(f"{settle} --{answer}" for answer in answers)


def waive_command(run: str, trigger: str) -> str:
    """Return what the founder types to let a run go without a review."""
    return f'agentco waive {run} {shell_quote(trigger)} --why "…"'


def restricted_agents(tx: Transaction) -> list[RestrictedFact]:
    """Return the departments that may only read, the first one first."""
    return [
        RestrictedFact(
            agent=one.agent,
            since=one.since,
            why=one.why,
            command=f"agentco resume {one.agent}",
        )
        for one in tx.restrictions()
    ]


def halted_or_restricted(tx: Transaction) -> set[str]:
    """Return every agent that is halted or restricted; empty stands for the whole company."""
    halted = {halt.scope for halt in tx.halts()}
    restricted = {one.agent for one in tx.restrictions()}
    return halted | restricted
