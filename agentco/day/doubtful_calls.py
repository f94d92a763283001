"""What waits, in the order in which to see to it; calls in doubt are last, and told as one.

A crash leaves many of those, and the founder settles them together.
"""

from collections.abc import Iterable

from agentco.day.facts import WaitingFact
from agentco.kernel.money import MICROS_PER_USD, format_dollars

SETTLE_ALL = "agentco inbox settle --all"
LATER_KINDS = ("blocked", "interrupted")
"""What is seen to after the decisions, in this order."""
QUESTION, DECISION, LATER, CALL = 0, 1, 2, 9
"""Places in the order."""


def in_order(items: Iterable[WaitingFact]) -> list[WaitingFact]:
    """Decisions, questions first; then blocked work, interrupted runs, and calls in doubt.

    Among equals the order stays.
    """
    return sorted(items, key=_place)


def calls_as_one(items: Iterable[WaitingFact]) -> list[WaitingFact]:
    """What waits, with one item for all calls in doubt at its end; a single call stays itself."""
    kept, calls = split_calls(items)
    if len(calls) > 1:
        calls = [_one_item(calls)]
    return [*kept, *calls]


def split_calls(
    items: Iterable[WaitingFact],
) -> tuple[list[WaitingFact], list[WaitingFact]]:
    """What waits without the calls in doubt, and those."""
    kept = list[WaitingFact]()
    calls = list[WaitingFact]()
    for item in items:
        (calls if item.is_call else kept).append(item)
    return kept, calls


def describe_calls(calls: list[WaitingFact]) -> str:
    """What may have been billed, in a few words."""
    usd = sum(call.at_most_usd or 0 for call in calls)
    most = format_dollars(round(usd * MICROS_PER_USD))
    how_many = "1 call" if len(calls) == 1 else f"{len(calls)} calls"
    return f"{how_many} may have been billed, up to {most}"


def describe_settled(count: int, usd: int, *, billed: bool) -> str:
    """What the founder hears of all calls that were just settled, for so many micro-dollars."""
    if not count:
        return "no call is in doubt"
    calls = "1 call is" if count == 1 else f"{count} calls are"
    fate = "counts as spent" if billed else "is taken back"
    return f"{calls} settled: {format_dollars(usd)} {fate}"


def _place(item: WaitingFact) -> int:
    if item.is_call:
        return CALL
    if item.kind in LATER_KINDS:
        return LATER + LATER_KINDS.index(item.kind)
    return QUESTION if item.kind == "question" else DECISION


def _one_item(calls: list[WaitingFact]) -> WaitingFact:
    """All of them: whose they are, and what they may have cost together."""
    last = calls[-1]
    return WaitingFact(
        id=f"{last.id} and {len(calls) - 1} more",
        kind=last.kind,
        run=last.run,
        agent=", ".join(sorted({call.agent for call in calls})),
        what=describe_calls(calls),
        command=SETTLE_ALL,
        at_most_usd=sum(call.at_most_usd or 0 for call in calls),
    )
