"""What a call may cost: call ≤ run ≤ agent/day ≤ company/day ≤ company/month, in integer micro-dollars.

What is spent and what is reserved are counted apart: a call that fits once the open ones have settled waits,
one that never can is refused.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from datetime import date
from enum import StrEnum

from msgspec import Struct

from agentco.company.model_offers import TokenRates
from agentco.company.settings import Budget, ModelLimit
from agentco.kernel.money import format_dollars
from agentco.runs.model_messages import TokenUsage

MIN_ANSWER_TOKENS = 1000
MILLION = 1_000_000
WARNING_SHARE = 0.8


class Cap(Struct, frozen=True, kw_only=True):
    """One cap. `scope` is its key in the store, `name` what the founder calls it."""

    scope: str
    name: str
    cap: int


class CapLevel(Cap, frozen=True, kw_only=True):
    """A cap with what went against it so far; `reserved` is what open calls may still cost."""

    spent: int
    reserved: int


class ModelUsage(Struct, frozen=True, kw_only=True):
    """What a model came to in a day: calls, open ones included, micro-dollars spent and reserved."""

    calls: int
    spent: int
    reserved: int


class Fit(StrEnum):
    """Whether a call may be made now, once others have settled, or never."""

    FITS = "fits"
    WAITS = "waits"
    REFUSED = "refused"


class FitResult(Struct, frozen=True, kw_only=True):
    """The verdict, the tokens that may be answered, their worst case, and the cap in the way."""

    fit: Fit
    max_tokens: int = 0
    worst: int = 0
    reason: str = ""


def caps_for_call(
    budget: Budget,
    *,
    root: str,
    run_cap: int | None,
    agent: str,
    day: date,
    own_day: int | None = None,
) -> tuple[Cap, ...]:
    """The caps that a call of an agent's passes, from its run to the month; `own_day` is of the agent's file."""
    agent_day = min(
        (cap for cap in (budget.agent_day.get(agent), own_day) if cap is not None),
        default=None,
    )
    found = (
        (f"run:{root}", "the run's budget", budget.run if run_cap is None else run_cap),
        (f"agent:{agent}:{day}", f"{agent}'s budget today", agent_day),
        (f"day:{day}", "today's budget", budget.company_day),
        (f"month:{day:%Y-%m}", "this month's budget", budget.company_month),
    )
    return tuple(
        Cap(scope=scope, name=name, cap=cap)
        for scope, name, cap in found
        if cap is not None
    )


def daily_limit_reached(limit: ModelLimit, used: ModelUsage, least: int) -> str:
    """Why a model may not be called again today, when a call costs `least` at least; empty when it may."""
    if limit.calls_per_day is not None and used.calls >= limit.calls_per_day:
        return f"its {limit.calls_per_day} calls of today are used up"
    if limit.usd_per_day is not None and used.spent + least > limit.usd_per_day:
        spent, cap = format_dollars(used.spent), format_dollars(limit.usd_per_day)
        return f"{spent} of its {cap} today is spent, this may cost {format_dollars(least)}"
    return ""


def max_cost_of_runs(
    budget: Budget,
    owners: Collection[tuple[str, int | None]],
    day: date,
    spent: Callable[[str], int],
) -> int:
    """What new runs of these agents (id, own cap of a day) may cost together, by all caps and what is spent of them."""
    total = most = 0
    for owner, times in Counter(owners).items():
        run, *agent, today, month = caps_for_call(
            budget, root="", run_cap=None, agent=owner[0], day=day, own_day=owner[1]
        )
        total += max(
            0, min([times * run.cap, *(one.cap - spent(one.scope) for one in agent)])
        )
        most = min(one.cap - spent(one.scope) for one in (today, month))
    return max(0, min(total, most))


def call_cost(rates: TokenRates, usage: TokenUsage) -> int:
    """What a call costs, rounded up to a whole micro-dollar."""
    rates = rates.for_prompt(usage.input)
    cached = rates.input if rates.cached is None else rates.cached
    written = rates.input if rates.written is None else rates.written
    plain = usage.input - usage.cached - usage.written
    prompt = plain * rates.input + usage.cached * cached + usage.written * written
    return -(-(prompt + usage.output * rates.output) // MILLION)


def worst_case_cost(rates: TokenRates, prompt_tokens: int, answer_tokens: int) -> int:
    """The most that such a call can cost, whatever the provider caches; rounded up like `cost`."""
    rates = rates.for_prompt(prompt_tokens)
    return -(
        -(prompt_tokens * rates.dearest_input + answer_tokens * rates.output) // MILLION
    )


def fit_call(
    levels: Iterable[CapLevel],
    call_cap: int,
    rates: TokenRates,
    *,
    prompt_tokens: int,
    max_tokens: int,
) -> FitResult:
    """Whether a call fits. One that is too dear is first allowed fewer tokens, not under 1,000."""
    found = [
        CapLevel(
            scope="call",
            name="the budget of one call",
            cap=call_cap,
            spent=0,
            reserved=0,
        ),
        *levels,
    ]
    tightest = min(found, key=lambda level: level.cap - level.spent)
    tokens = min(
        max_tokens,
        affordable_tokens(rates, prompt_tokens, (tightest.cap - tightest.spent)),
    )
    if tokens < min(MIN_ANSWER_TOKENS, max_tokens):
        least = worst_case_cost(
            rates, prompt_tokens, min(MIN_ANSWER_TOKENS, max_tokens)
        )
        why = f"{tightest.name} is {format_dollars(tightest.cap)}, {format_dollars(tightest.spent)} of it is spent"
        return FitResult(
            fit=Fit.REFUSED,
            reason=f"{why}, and this call may cost {format_dollars(least)}",
        )
    most = worst_case_cost(rates, prompt_tokens, tokens)
    if full := next(
        (level for level in found if level.spent + level.reserved + most > level.cap),
        None,
    ):
        why = f"{full.name}: {format_dollars(full.reserved)} of it is reserved by open calls"
        return FitResult(fit=Fit.WAITS, reason=why)
    return FitResult(fit=Fit.FITS, max_tokens=tokens, worst=most)


def affordable_tokens(rates: TokenRates, prompt_tokens: int, room: int) -> int:
    """How many answered tokens fit into `room` micro-dollars beside the prompt; negative when not even it."""
    rates = rates.for_prompt(prompt_tokens)
    left = room * MILLION - prompt_tokens * rates.dearest_input
    if left < 0:
        return -1
    return left // rates.output if rates.output else MILLION


def estimate_prompt_tokens(size: int, counted: tuple[int, int] | None) -> int:
    """The tokens of a prompt of `size` UTF-8 bytes.

    Half its bytes, or a quarter more than the provider's last count says: (bytes, tokens) of one call; never
    fewer than an eighth of its bytes, whatever was counted.
    """
    if not counted or not counted[0]:
        return -(-size // 2)
    seen, tokens = counted
    return max(1, -(-size // 8), -(-size * tokens * 5 // (seen * 4)))


def cap_warnings(levels: Iterable[CapLevel]) -> tuple[str, ...]:
    """Which caps are used up to four fifths or more, in words."""
    full = (
        level
        for level in levels
        if level.cap and level.spent >= level.cap * WARNING_SHARE
    )
    return tuple(
        f"{level.name}: {format_dollars(level.spent)} of {format_dollars(level.cap)} is spent"
        for level in full
    )
