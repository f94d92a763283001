"""Calls in doubt are one thing to decide, however many a crash left, and the last."""

import pytest
from claims import claim
from hypothesis import given, strategies as st

from agentco.day import (
    StandupFacts,
    WaitingFact,
    calls_as_one,
    describe_settled,
    in_order,
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
    assert told[: len(others)] == others
    assert len(told) == len(others) + min(len(calls), 1)
    if len(calls) == 1:
        assert told[-1] == calls[0]
    if len(calls) > 1:
        assert told[-1].at_most_usd == 0.25 * len(calls)
        assert f"{len(calls)} calls may have been billed" in told[-1].what


def place_of(item: WaitingFact) -> str:
    if item.is_call:
        return "call"
    return "decision" if item.kind in {"approval", "in-doubt"} else item.kind


@claim("inbox:order")
@given(
    st.lists(
        st.sampled_from(
            ("approval", "question", "blocked", "interrupted", "call", "in-doubt")
        )
    )
)
def test_decisions_stand_before_held_work_and_doubtful_calls_last(
    kinds: list[str],
) -> None:
    items = [
        WaitingFact(
            id=f"r.{number}",
            kind="in-doubt" if kind == "call" else kind,
            run="r",
            agent="cfo",
            what="?",
            at_most_usd=0.1 if kind == "call" else None,
        )
        for number, kind in enumerate(kinds)
    ]
    told = in_order(items)
    order = ["question", "decision", "blocked", "interrupted", "call"]
    assert told == sorted(items, key=lambda item: order.index(place_of(item)))


@claim("inbox:doubt")
def test_the_day_plan_has_one_line_for_them() -> None:
    facts = StandupFacts(in_doubt=tuple(item(n, 0.1, f"a{n % 2}") for n in range(5)))
    [line] = make_day_plan(facts)
    assert line.title == ("a0, a1, in-doubt: 5 calls may have been billed, up to $0.50")
    assert line.action == "agentco inbox settle --all"


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
