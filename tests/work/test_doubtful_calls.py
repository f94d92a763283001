"""Calls in doubt are one thing to decide, however many a crash left."""

import pytest
from claims import claim
from hypothesis import given, strategies as st

from agentco.day import (
    StandupFacts,
    WaitingFact,
    calls_as_one,
    describe_settled,
    make_day_plan,
)


def item(number: int, usd: float | None, agent: str = "cfo") -> WaitingFact:
    return WaitingFact(
        id=f"r.{number}",
        kind="question" if usd is None else "in-doubt",
        run="r",
        agent=agent,
        what="?",
        command=f"agentco runs settle r {number} --done",
        at_most_usd=usd,
    )


@claim("inbox:doubt")
@given(st.lists(st.one_of(st.none(), st.just(0.25))))
def test_all_calls_are_one_item_with_their_sum_and_nothing_else_changes(
    prices: list[float | None],
) -> None:
    items = [item(number, usd) for number, usd in enumerate(prices)]
    told = calls_as_one(items)
    calls = [one for one in items if one.at_most_usd is not None]
    others = [one for one in items if one.at_most_usd is None]
    assert told[min(len(calls), 1) :] == others
    if len(calls) == 1:
        assert told[0] == calls[0]
    if len(calls) > 1:
        assert told[0].at_most_usd == 0.25 * len(calls)
        assert f"{len(calls)} model calls" in told[0].what


@claim("inbox:doubt")
def test_the_day_plan_has_one_line_for_them() -> None:
    facts = StandupFacts(in_doubt=tuple(item(n, 0.1, f"a{n % 2}") for n in range(5)))
    [line] = make_day_plan(facts)
    assert line.title == (
        "a0, a1, in-doubt: 5 model calls, at most $0.500000 in all: were they billed?"
    )
    assert line.action == "agentco inbox settle --done\nagentco inbox settle --drop"


@claim("inbox:doubt")
@pytest.mark.parametrize(
    ("count", "usd", "billed", "words"),
    [
        (0, 0, True, "no call is in doubt"),
        (1, 28_738, False, "1 call is settled: $0.028738 is taken back"),
        (3, 90_000, True, "3 calls are settled: $0.09 counts as spent"),
    ],
)
def test_what_became_of_the_money_is_said_when_calls_are_settled(
    count: int, usd: int, billed: bool, words: str
) -> None:
    assert describe_settled(count, usd, billed=billed) == words
