"""Calls in doubt are told as one: a crash leaves many, and the founder settles them together."""

from collections.abc import Iterable

from agentco.day.facts import WaitingFact

SETTLE_ALL = "agentco inbox settle --done   (or --drop)"


def calls_as_one(items: Iterable[WaitingFact]) -> list[WaitingFact]:
    """What waits, with one item in the place of all calls in doubt; a single call stays itself."""
    kept = list[WaitingFact]()
    calls = list[WaitingFact]()
    for item in items:
        (kept if item.at_most_usd is None else calls).append(item)
    if len(calls) > 1:
        calls = [_one_item(calls)]
    return [*calls, *kept]


def _one_item(calls: list[WaitingFact]) -> WaitingFact:
    """All of them: whose they are, and what they may have cost together."""
    last = calls[-1]
    usd = sum(call.at_most_usd or 0 for call in calls)
    return WaitingFact(
        id=f"{last.id} and {len(calls) - 1} more",
        kind=last.kind,
        run=last.run,
        agent=", ".join(sorted({call.agent for call in calls})),
        what=f"{len(calls)} calls of models, at most ${usd:.6f} in all: were they billed?",
        command=SETTLE_ALL,
        at_most_usd=usd,
    )
