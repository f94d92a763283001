"""What a call may cost: tables for what people read, laws for what must hold."""

from datetime import date
from typing import Any

import pytest
from claims import claim
from hypothesis import given, strategies as st
from msgspec.structs import replace

from agentco.company import Budget, TokenRates
from agentco.kernel import format_dollars
from agentco.rules import (
    MILLION,
    MIN_ANSWER_TOKENS,
    CapLevel,
    Fit,
    call_cost,
    cap_warnings,
    caps_for_call,
    estimate_prompt_tokens,
    fit_call,
    prompt_tokens_to_reserve,
    worst_case_cost,
)
from agentco.runs import TokenUsage

DAY = date(2026, 11, 21)
RATES = TokenRates(input=3_000_000, output=15_000_000, cached=300_000)
FREE = TokenRates(input=0, output=0)


def level(
    cap: int, spent: int = 0, reserved: int = 0, name: str = "the run's budget"
) -> CapLevel:
    return CapLevel(scope="run:r", name=name, cap=cap, spent=spent, reserved=reserved)


AMOUNTS = st.integers(0, 5 * MILLION)
LEVELS = st.lists(st.builds(level, AMOUNTS, AMOUNTS, AMOUNTS), max_size=5)
PRICE: dict[str, Any] = {
    "input": st.integers(0, 20 * MILLION),
    "output": st.integers(0, 80 * MILLION),
    "cached": st.none() | st.integers(0, 2 * MILLION),
    "written": st.none() | st.integers(0, 25 * MILLION),
}
LONG = st.builds(TokenRates, **PRICE)
PRICES = st.builds(
    TokenRates, **PRICE, long_from=st.integers(0, 250_000), long=st.none() | LONG
)
ASKING: dict[str, Any] = {
    "prompt_tokens": st.integers(0, 200_000),
    "max_tokens": st.integers(1, 16_000),
}


@claim("budget:laws")
@given(levels=LEVELS, call_cap=AMOUNTS, rates=PRICES, **ASKING)
def test_a_call_that_fits_never_takes_any_cap_past_its_amount(
    levels: list[CapLevel],
    call_cap: int,
    rates: TokenRates,
    prompt_tokens: int,
    max_tokens: int,
) -> None:
    found = fit_call(
        levels, call_cap, rates, prompt_tokens=prompt_tokens, max_tokens=max_tokens
    )
    if found.fit is Fit.FITS:
        assert (
            found.worst
            == worst_case_cost(rates, prompt_tokens, found.max_tokens)
            <= call_cap
        )
        assert all(at.spent + at.reserved + found.worst <= at.cap for at in levels)


@claim("budget:laws")
@given(levels=LEVELS, call_cap=AMOUNTS, rates=PRICES, **ASKING)
def test_a_call_is_refused_exactly_when_a_thousand_tokens_pass_a_cap_with_nothing_else_open(
    levels: list[CapLevel],
    call_cap: int,
    rates: TokenRates,
    prompt_tokens: int,
    max_tokens: int,
) -> None:
    found = fit_call(
        levels, call_cap, rates, prompt_tokens=prompt_tokens, max_tokens=max_tokens
    )
    least = worst_case_cost(rates, prompt_tokens, min(MIN_ANSWER_TOKENS, max_tokens))
    never = least > call_cap or any(at.spent + least > at.cap for at in levels)
    assert (found.fit is Fit.REFUSED) == never


@claim("budget:laws")
@given(levels=LEVELS, call_cap=AMOUNTS, rates=PRICES, **ASKING)
def test_a_call_that_neither_fits_nor_is_refused_waits_for_open_ones_only(
    levels: list[CapLevel],
    call_cap: int,
    rates: TokenRates,
    prompt_tokens: int,
    max_tokens: int,
) -> None:
    asked: dict[str, Any] = {"prompt_tokens": prompt_tokens, "max_tokens": max_tokens}
    found = fit_call(levels, call_cap, rates, **asked)
    alone = fit_call(
        [level(at.cap, at.spent) for at in levels], call_cap, rates, **asked
    )
    if found.fit is Fit.WAITS:
        assert alone.fit is Fit.FITS
        assert any(at.spent + at.reserved + alone.worst > at.cap for at in levels)


@claim("budget:laws")
@given(levels=LEVELS, call_cap=AMOUNTS, rates=PRICES, **ASKING)
def test_the_answer_is_shortened_only_as_needed_and_not_below_a_thousand_tokens(
    levels: list[CapLevel],
    call_cap: int,
    rates: TokenRates,
    prompt_tokens: int,
    max_tokens: int,
) -> None:
    found = fit_call(
        levels, call_cap, rates, prompt_tokens=prompt_tokens, max_tokens=max_tokens
    )
    if found.fit is Fit.FITS:
        assert min(MIN_ANSWER_TOKENS, max_tokens) <= found.max_tokens <= max_tokens
        room = min([call_cap, *(at.cap - at.spent for at in levels)])
        assert (
            found.max_tokens == max_tokens
            or worst_case_cost(rates, prompt_tokens, found.max_tokens + 1) > room
        )


@claim("budget:fitting")
@pytest.mark.parametrize(
    ("levels", "call_cap", "fit", "tokens"),
    [
        ([], 250_000, Fit.FITS, 4000),
        ([level(1_000_000)], 250_000, Fit.FITS, 4000),
        (
            [],
            48_000,
            Fit.FITS,
            3000,
        ),  # 1,000 asked, 45,000 left at 15 for an answered token
        ([level(100_000, 70_000)], 250_000, Fit.FITS, 1800),
        ([], 18_000, Fit.FITS, 1000),
        ([], 17_999, Fit.REFUSED, 0),
        ([level(100_000, 85_000)], 250_000, Fit.REFUSED, 0),
        ([level(100_000, 0, 60_000)], 250_000, Fit.WAITS, 0),
        ([level(100_000, 200_000)], 250_000, Fit.REFUSED, 0),
    ],
)
def test_calls_fit_wait_or_are_refused(
    levels: list[CapLevel], call_cap: int, fit: Fit, tokens: int
) -> None:
    found = fit_call(levels, call_cap, RATES, prompt_tokens=1000, max_tokens=4000)
    assert (found.fit, found.max_tokens) == (fit, tokens)


@claim("budget:fitting")
def test_a_refusal_names_the_tightest_cap_and_all_amounts() -> None:
    month = level(30_000_000, 29_990_000, name="this month's budget")
    found = fit_call(
        [level(1_000_000), month], 250_000, RATES, prompt_tokens=1000, max_tokens=4000
    )
    assert found.reason == (
        "this month's budget is $30.00, $29.99 of it is spent, and this call may cost $0.018000"
    )


@claim("budget:fitting")
def test_what_waits_names_the_cap_and_what_is_reserved() -> None:
    found = fit_call(
        [level(100_000, 0, 60_000)], 250_000, RATES, prompt_tokens=1000, max_tokens=4000
    )
    assert found.reason == "the run's budget: $0.06 of it is reserved by open calls"


@claim("budget:fitting")
def test_what_costs_nothing_fits_with_all_its_tokens_under_caps_of_nothing() -> None:
    found = fit_call(
        [level(0), level(0)], 0, FREE, prompt_tokens=10**6, max_tokens=8000
    )
    assert (found.fit, found.max_tokens, found.worst) == (Fit.FITS, 8000, 0)


@claim("budget:cost")
@pytest.mark.parametrize(
    ("prompt", "answer", "cached", "written", "micro"),
    [
        (0, 0, 0, 0, 0),
        (1, 0, 0, 0, 3),
        (0, 1, 0, 0, 15),
        (1000, 100, 0, 0, 4500),
        (1000, 100, 1000, 0, 1800),
        (1, 0, 1, 0, 1),
        (1000, 0, 200, 500, 2835),  # 300 at 3, 200 at 0.3, 500 at 3.75
        (2000, 100, 0, 0, 7500),
        (
            2001,
            100,
            0,
            0,
            14256,
        ),  # every token of a longer prompt costs 6, of its answer 22.5
        (2001, 0, 1, 0, 12006),  # nothing said what a cached one costs there
    ],
)
def test_a_call_costs_whole_micro_dollars_rounded_up(
    prompt: int, answer: int, cached: int, written: int, micro: int
) -> None:
    long = TokenRates(input=6_000_000, output=22_500_000)
    rates = replace(RATES, written=3_750_000, long_from=2000, long=long)
    used = TokenUsage(input=prompt, output=answer, cached=cached, written=written)
    assert call_cost(rates, used) == micro


@claim("budget:cost")
@given(
    rates=PRICES,
    prompt=st.integers(0, 10**6),
    answer=st.integers(0, 10**5),
    data=st.data(),
)
def test_nothing_is_ever_rounded_in_the_founders_favour(
    rates: TokenRates, prompt: int, answer: int, data: st.DataObject
) -> None:
    cached = data.draw(st.integers(0, prompt))
    used = TokenUsage(
        input=prompt,
        output=answer,
        cached=cached,
        written=data.draw(st.integers(0, prompt - cached)),
    )
    at = rates.for_prompt(prompt)
    dear = {
        kind: at.input if price is None else price
        for kind, price in (("c", at.cached), ("w", at.written))
    }
    exact = (
        (prompt - cached - used.written) * at.input
        + cached * dear["c"]
        + used.written * dear["w"]
    )
    assert (
        0 <= call_cost(rates, used) * MILLION - (exact + answer * at.output) < MILLION
    )
    if dear["c"] <= at.dearest_input:
        assert call_cost(rates, used) <= worst_case_cost(rates, prompt, answer)


@claim("budget:cost")
@pytest.mark.parametrize(
    ("estimate", "counted", "shown", "reserved"),
    [
        (0, None, 0, 0),
        (500, None, 500, 1000),
        (500, (0, 0), 500, 1000),
        (500, (2000, 1000), 250, 313),
        (500, (1000, 2000), 1000, 1250),
        (500, (2000, 1), 1, 250),
        (0, (10, 5), 0, 1),
    ],
)
def test_the_margin_of_a_reservation_stands_apart_from_the_tokens_that_are_shown(
    estimate: int, counted: tuple[int, int] | None, shown: int, reserved: int
) -> None:
    assert estimate_prompt_tokens(estimate, counted) == shown
    assert prompt_tokens_to_reserve(estimate, counted) == reserved


@claim("budget:caps")
def test_a_call_passes_run_day_and_month_and_the_agents_own_day_where_one_is_set() -> (
    None
):
    budget = Budget(agent_day={"marketing": 2_000_000})
    scopes = [
        [
            (cap.scope, cap.cap)
            for cap in caps_for_call(
                budget, root="r", run_cap=run_cap, agent=agent, day=DAY
            )
        ]
        for agent, run_cap in (("cfo", None), ("marketing", 40_000), ("cfo", 0))
    ]
    company = [("day:2026-11-21", 3_000_000), ("month:2026-11", 30_000_000)]
    assert scopes == [
        [("run:r", 1_000_000), *company],
        [("run:r", 40_000), ("agent:marketing:2026-11-21", 2_000_000), *company],
        [("run:r", 0), *company],
    ]


@claim("budget:warnings")
@pytest.mark.parametrize(
    ("spent", "warns"),
    [
        (0, False),
        (799_999, False),
        (800_000, True),
        (1_000_000, True),
        (1_500_000, True),
    ],
)
def test_four_fifths_of_a_cap_warn(spent: int, warns: bool) -> None:
    found = cap_warnings([level(1_000_000, spent), level(0, 0)])
    assert found == (
        (f"the run's budget: {format_dollars(spent)} of $1.00 is spent",)
        if warns
        else ()
    )


@claim("budget:warnings")
@pytest.mark.parametrize(
    ("micro", "words"),
    [
        (0, "$0.00"),
        (1, "$0.000001"),
        (10_000, "$0.01"),
        (18_000, "$0.018000"),
        (1_234_567, "$1.23"),
    ],
)
def test_amounts_are_cents_or_all_six_places(micro: int, words: str) -> None:
    assert format_dollars(micro) == words
