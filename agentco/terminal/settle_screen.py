"""What became of what is in doubt: as options say, else asked once at a terminal."""

from typing import TypeAlias

from agentco.day.doubtful_calls import describe_calls, describe_settled, split_calls
from agentco.desk import deciding
from agentco.desk.open_company import OpenCompany
from agentco.desk.runs import Settlement, settle_calls
from agentco.kernel.documents import Document, in_dollars
from agentco.terminal import screen

Answer: TypeAlias = tuple[Document, str]
"""A document, and the same in words."""
LATER: Answer = ({"settled": None}, "nothing changed: it still counts as spent")
KEYS = {"y": Settlement.DONE, "n": Settlement.DROP, "a": Settlement.AGAIN}


def settle(
    company: OpenCompany, item: str, options: dict[str, bool], *, can_ask: bool
) -> Answer:
    """Settle one thing in doubt, or all calls if `item` is empty.

    `options` says which settlement was named. Raises WrongUsage if none was and nobody can be
    asked.
    """
    if not item:
        return _settle_all(company, options, can_ask=can_ask)
    waiting = deciding.find_waiting(company, item)
    chosen = choose(
        waiting.what, options, can_ask=can_ask, can_repeat=not waiting.is_call
    )
    if chosen is None:
        return LATER
    name = deciding.settle(company, item, chosen)
    return {"effect": name, "settled": str(chosen)}, f"{name} is settled: {chosen}"


def choose(
    what: str, options: dict[str, bool], *, can_ask: bool, can_repeat: bool
) -> Settlement | None:
    """What the options say, or what the founder types; None for later."""
    answers = {name: options[name] for name in options if can_repeat or name != "again"}
    if any(options.values()) or not can_ask:
        return Settlement.chosen(**answers)
    repeat = ", a do it again" if can_repeat else ""
    said = screen.read_answer(f"{what}\ny yes, n no{repeat}, Enter for later")
    chosen = KEYS.get(said[:1].lower())
    return chosen if chosen in answers else None


def _settle_all(
    company: OpenCompany, options: dict[str, bool], *, can_ask: bool
) -> Answer:
    _, calls = split_calls(deciding.read_inbox(company).items)
    if not calls and can_ask:
        return {"settled": None}, describe_settled(0, 0, billed=True)
    what = f"{describe_calls(calls)}. Did your provider bill them?"
    chosen = choose(what, options, can_ask=can_ask, can_repeat=False)
    if chosen is None:
        return LATER
    count, usd = settle_calls(company, chosen)
    words = describe_settled(count, usd, billed=chosen is Settlement.DONE)
    document: Document = {
        "settled": str(chosen),
        "calls": count,
        "cost_usd": in_dollars(usd),
    }
    return document, words
