"""Values for stores: runs, effects, payments, slots; and a way to do and look."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from agentco.day import SlotOutcome, Tick
from agentco.ports import StorePort, Transaction
from agentco.runs import (
    AskModel,
    ChatMessage,
    EffectRecord,
    EffectState,
    LedgerEntry,
    MessageRole,
    Run,
    TaskAsked,
)

T = TypeVar("T")
PATIENCE_S = 20.0
DAY = "2026-11-21"
AT, LATER = f"{DAY}T09:00:00+00:00", f"{DAY}T10:00:00+00:00"
NEXT_DAY = "2026-11-22T09:00:00+00:00"
ASKED = TaskAsked(
    task="What is due?",
    given=(
        ChatMessage(role=MessageRole.SYSTEM, text="You are the CFO."),
        ChatMessage(role=MessageRole.USER, text="What is due?"),
    ),
    stable=1,
)


def write(store: StorePort, act: Callable[[Transaction], T]) -> T:
    return store.write(act).result(PATIENCE_S)


def read(store: StorePort, act: Callable[[Transaction], T]) -> T:
    return store.read(act).result(PATIENCE_S)


def run_of(name: str, **facts: Any) -> Run:
    """A run; a child is named like the effect that started it, `root.2`."""
    root, _, _ = name.partition(".")
    known: dict[str, Any] = {
        "id": name,
        "root": root,
        "parent": name if "." in name else None,
        "agent": "cfo",
        "chain": ("cfo",),
        "title": f"work {name}",
        "started": AT,
        "max_turns": 40,
        "max_tool_calls": 100,
    }
    return Run(**known | facts)


def begin(tx: Transaction, name: str, **facts: Any) -> Run:
    """A run that begins, with its request."""
    run = run_of(name, **facts)
    tx.create_run(run, ASKED, at=AT, cap=500_000, driver="me")
    return run


def effect_of(
    run: str, number: int = 1, state: EffectState = EffectState.TODO, **facts: Any
) -> EffectRecord:
    """An effect; a call of a model unless it is said."""
    known: dict[str, Any] = {
        "run": run,
        "number": number,
        "root": run.partition(".")[0],
        "agent": "cfo",
        "state": state,
        "wanted": AskModel(number=number),
        "at": AT,
    }
    return EffectRecord(**known | facts)


def payment(run: str, usd: int, **facts: Any) -> LedgerEntry:
    """One line of the ledger."""
    known: dict[str, Any] = {
        "at": AT,
        "day": DAY,
        "root": run.partition(".")[0],
        "run": run,
        "effect": 1,
        "agent": "cfo",
        "prompt": "",
        "model": "a/b",
        "usd": usd,
        "input": 100,
        "output": 10,
    }
    return LedgerEntry(**known | facts)


def slot_of(
    hour: int,
    outcome: SlotOutcome = SlotOutcome.TAKEN,
    job: str = "weekly",
    why: str = "me",
) -> Tick:
    """A slot of a prompt at an hour of the day."""
    slot = datetime.fromisoformat(f"{DAY}T{hour:02}:00:00+00:00")
    return Tick(job=job, slot=slot, at=slot, outcome=outcome, why=why)
