"""Calls in doubt are told as one: a crash leaves many, and the founder settles them together."""

from collections.abc import Iterable

from agentco.day.facts import WaitingFact
from agentco.kernel.money import format_dollars

SETTLE_ALL = "agentco inbox settle --done\nagentco inbox settle --drop"


def calls_as_one(items: Iterable[WaitingFact]) -> list[WaitingFact]:
    """What waits, with one item in the place of all calls in doubt; a single call stays itself."""
    kept = list[WaitingFact]()
    calls = list[WaitingFact]()
    for item in items:
        (kept if item.at_most_usd is None else calls).append(item)
    if len(calls) > 1:
        calls = [_one_item(calls)]
    return [*calls, *kept]


def describe_settled(count: int, usd: int, *, billed: bool) -> str:
    """What the founder hears of all calls that were just settled, for so many micro-dollars."""
    if not count:
        return "no call is in doubt"
    calls = "1 call is" if count == 1 else f"{count} calls are"
    fate = "counts as spent" if billed else "is taken back"
    return f"{calls} settled: {format_dollars(usd)} {fate}"


def _one_item(calls: list[WaitingFact]) -> WaitingFact:
    """All of them: whose they are, and what they may have cost together."""
    last = calls[-1]
    usd = sum(call.at_most_usd or 0 for call in calls)
    return WaitingFact(
        id=f"{last.id} and {len(calls) - 1} more",
        kind=last.kind,
        run=last.run,
        agent=", ".join(sorted({call.agent for call in calls})),
        what=f"{len(calls)} model calls, at most ${usd:.6f} in all: were they billed?",
        command=SETTLE_ALL,
        at_most_usd=usd,
    )
