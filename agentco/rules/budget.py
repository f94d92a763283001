"""What a call may cost: call ≤ run ≤ agent/day ≤ company/day ≤ company/month, in micro-dollars.

What is spent and what is reserved are counted apart: a call that fits once the open ones have
settled waits, one that never can is refused.
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
"""Tokens; an answer that may be no longer is not worth its prompt."""
MILLION = 1_000_000
"""Micro-dollars in a dollar, and tokens in the unit of a rate."""
WARNING_SHARE = 0.8
HOURLY_WRITE = 2
"""What Anthropic takes for a token that its cache keeps for an hour, in tokens of input."""
SMALLEST_DIFFERENCE = 10
"""Micro-dollars: amounts of one call that differ by no more, beside two percent, are the same."""


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
    """A model's day: calls, open ones included, micro-dollars spent and reserved, and tokens."""

    calls: int
    spent: int
    reserved: int
    tokens: int = 0


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


def call_scopes(root: str, agent: str, day: str) -> tuple[str, str, str, str]:
    """The keys under which a call counts: its run, its agent's day, the day and the month."""
    return f"run:{root}", f"agent:{agent}:{day}", f"day:{day}", f"month:{day[:7]}"


def caps_for_call(
    budget: Budget,
    *,
    root: str,
    run_cap: int | None,
    agent: str,
    day: date,
    own_day: int | None = None,
) -> tuple[Cap, ...]:
    """The caps of an agent's call, from its run to the month; `own_day` is of the agent's file."""
    run_scope, agent_scope, day_scope, month_scope = call_scopes(
        root, agent, day.isoformat()
    )
    run = Cap(
        scope=run_scope,
        name="the run's budget",
        cap=budget.run if run_cap is None else run_cap,
    )
    today = Cap(scope=day_scope, name="today's budget", cap=budget.company_day)
    month = Cap(scope=month_scope, name="this month's budget", cap=budget.company_month)
    agent_days = [
        cap for cap in (budget.agent_day.get(agent), own_day) if cap is not None
    ]
    if not agent_days:
        return run, today, month
    agent_day = Cap(
        scope=agent_scope, name=f"{agent}'s budget today", cap=min(agent_days)
    )
    return run, agent_day, today, month


def daily_limit_reached(
    limit: ModelLimit, used: ModelUsage, least: int, tokens: int = 0
) -> str:
    """Why a model may not be called today for at least `least`, with a prompt of `tokens`.

    Empty when it may.
    """
    if limit.calls_per_day is not None and used.calls >= limit.calls_per_day:
        return f"its {limit.calls_per_day} calls of today are used up"
    if limit.tokens_per_day is not None and used.tokens + tokens > limit.tokens_per_day:
        taken = f"{used.tokens:,} of its {limit.tokens_per_day:,} tokens today are used"
        return f"{taken}, this prompt has about {tokens:,}"
    if limit.usd_per_day is not None and used.spent + least > limit.usd_per_day:
        spent = format_dollars(used.spent)
        cap = format_dollars(limit.usd_per_day)
        cost = format_dollars(least)
        return f"{spent} of its {cap} today is spent, this may cost {cost}"
    return ""


def max_cost_of_runs(
    budget: Budget,
    owners: Collection[tuple[str, int | None]],
    day: date,
    spent: Callable[[str], int],
) -> int:
    """What new runs of these agents (id, own cap of a day) may cost together, by all caps.

    `spent` gives the micro-dollars that went against a scope.
    """
    total = most = 0
    for (agent, own_day), runs in Counter(owners).items():
        run, *agent_caps, today, month = caps_for_call(
            budget, root="", run_cap=None, agent=agent, day=day, own_day=own_day
        )
        agent_left = [cap.cap - spent(cap.scope) for cap in agent_caps]
        total += max(0, min([runs * run.cap, *agent_left]))
        most = min(cap.cap - spent(cap.scope) for cap in (today, month))
    return max(0, min(total, most))


def call_cost(rates: TokenRates, usage: TokenUsage) -> int:
    """What a call costs, rounded up to a whole micro-dollar."""
    rates = rates.for_prompt(usage.input)
    cached = rates.input if rates.cached is None else rates.cached
    written = rates.input if rates.written is None else rates.written
    media = rates.output if rates.media is None else rates.media
    prompt = (usage.input - usage.cached - usage.written) * rates.input
    writes = (usage.written - usage.kept) * written
    kept = usage.kept * HOURLY_WRITE * rates.input
    answer = (usage.output - usage.media) * rates.output + usage.media * media
    return round_up(prompt + usage.cached * cached + writes + kept + answer, MILLION)


def cost_difference(stated: int | None, booked: int) -> str:
    """How the cost that an answer states differs from its booking; empty if it hardly does."""
    if stated is None:
        return ""
    close = max(stated, booked) // 50 + SMALLEST_DIFFERENCE
    if abs(stated - booked) <= close:
        return ""
    amounts = format_dollars(stated), format_dollars(booked)
    return "its answer says that it cost {}, and {} is booked".format(*amounts)


def worst_case_cost(rates: TokenRates, prompt_tokens: int, answer_tokens: int) -> int:
    """The most that such a call can cost, whatever the provider caches; rounded up."""
    rates = rates.for_prompt(prompt_tokens)
    prompt = prompt_tokens * rates.dearest_input
    return round_up(prompt + answer_tokens * rates.output, MILLION)


def round_up(amount: int, unit: int) -> int:
    """How many units hold an amount."""
    return -(-amount // unit)


def fit_call(
    levels: Iterable[CapLevel],
    call_cap: int,
    rates: TokenRates,
    *,
    prompt_tokens: int,
    max_tokens: int,
) -> FitResult:
    """Whether a call fits. One that is too dear is first allowed fewer tokens, not under 1,000."""
    own = CapLevel(
        scope="call", name="the budget of one call", cap=call_cap, spent=0, reserved=0
    )
    passed = [own, *levels]
    tightest = min(passed, key=lambda level: level.cap - level.spent)
    affordable = affordable_tokens(rates, prompt_tokens, tightest.cap - tightest.spent)
    tokens = min(max_tokens, affordable)
    fewest = min(MIN_ANSWER_TOKENS, max_tokens)
    if tokens < fewest:
        least = worst_case_cost(rates, prompt_tokens, fewest)
        return FitResult(fit=Fit.REFUSED, reason=_why_refused(tightest, least))
    most = worst_case_cost(rates, prompt_tokens, tokens)
    for level in passed:
        if level.spent + level.reserved + most > level.cap:
            reserved = format_dollars(level.reserved)
            why = f"{level.name}: {reserved} of it is reserved by open calls"
            return FitResult(fit=Fit.WAITS, reason=why)
    return FitResult(fit=Fit.FITS, max_tokens=tokens, worst=most)


def _why_refused(level: CapLevel, least: int) -> str:
    cap = format_dollars(level.cap)
    spent = format_dollars(level.spent)
    cost = format_dollars(least)
    return (
        f"{level.name} is {cap}, {spent} of it is spent, and this call may cost {cost}"
    )


def affordable_tokens(rates: TokenRates, prompt_tokens: int, room: int) -> int:
    """How many answered tokens `room` micro-dollars pay beside the prompt; -1 if not even it."""
    rates = rates.for_prompt(prompt_tokens)
    left = room * MILLION - prompt_tokens * rates.dearest_input
    if left < 0:
        return -1
    return left // rates.output if rates.output else MILLION


def estimate_prompt_tokens(estimate: int, counted: tuple[int, int] | None) -> int:
    """An estimate, corrected by a model's last call: what was estimated, what was counted."""
    if not counted or not counted[0]:
        return estimate
    estimated, tokens = counted
    return round_up(estimate * tokens, estimated)


def with_margin(tokens: int) -> int:
    """A quarter more than a prompt's estimate: it holds for prose, code and JSON."""
    return round_up(tokens * 5, 4)


def largest_estimate(tokens: int, counted: tuple[int, int] | None) -> int:
    """The estimate of a prompt that has no more than so many tokens, with its margin."""
    estimate = tokens * 4 // 5
    if counted and counted[0] and counted[1]:
        estimate = estimate * counted[0] // counted[1]
    return max(estimate, 0)


def prompt_tokens_to_reserve(estimate: int, counted: tuple[int, int] | None) -> int:
    """The tokens that a prompt may have at most.

    Twice the estimate, or a quarter more than the corrected one once a provider has counted;
    never fewer than half the estimate, whatever was counted.
    """
    if not counted or not counted[0]:
        return 2 * estimate
    corrected = estimate_prompt_tokens(estimate, counted)
    return max(1, with_margin(corrected), round_up(estimate, 2))


def cap_warnings(levels: Iterable[CapLevel]) -> tuple[str, ...]:
    """Which caps are used up to four fifths or more, in words."""
    warnings: list[str] = []
    for level in levels:
        if level.cap and level.spent >= level.cap * WARNING_SHARE:
            spent = format_dollars(level.spent)
            cap = format_dollars(level.cap)
            warnings.append(f"{level.name}: {spent} of {cap} is spent")
    return tuple(warnings)
