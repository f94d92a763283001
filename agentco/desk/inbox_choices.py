"""What can be decided of each thing that waits, by key: for the terminal and other doors."""

from msgspec import Struct

from agentco.day.doubtful_calls import describe_settled
from agentco.day.facts import WaitingFact
from agentco.desk import deciding, runs
from agentco.desk.listener import Listener
from agentco.desk.open_company import OpenCompany
from agentco.desk.runs import Settlement
from agentco.kernel.errors import WrongUsage

WHY = "Why may it go out?"
SHOWN_LINES = 30
"""How many lines of a text are shown before a decision."""


class Choice(Struct, frozen=True, kw_only=True):
    """One decision: what it does, and the question that it needs an answer to."""

    label: str
    asks: str = ""


RELEASE = {
    "y": Choice(label="yes, release it", asks=WHY),
    "n": Choice(label="no, end the work"),
}
CHOICES = {
    "question": {
        "y": Choice(label="yes, answer", asks="Your answer?"),
        "n": Choice(label="no answer"),
    },
    "approval": {"y": Choice(label="yes, exactly this, once"), "n": Choice(label="no")},
    "proposal": {"y": Choice(label="yes, do it"), "n": Choice(label="no, drop it")},
    "owed-review": RELEASE,
    "blocked": RELEASE,
    "interrupted": {
        "y": Choice(label="yes, go on with it"),
        "n": Choice(label="no, end it"),
    },
    "in-doubt": {
        "y": Choice(label="yes, it was done"),
        "n": Choice(label="no, drop it"),
        "a": Choice(label="do it again"),
    },
}
CALLS = {"y": Choice(label="yes, billed"), "n": Choice(label="no, not billed")}
SETTLEMENTS = {"y": Settlement.DONE, "n": Settlement.DROP, "a": Settlement.AGAIN}


def choices_for(item: WaitingFact) -> dict[str, Choice]:
    """What the founder can decide of an item, by key."""
    return CALLS if item.is_call else CHOICES[item.kind]


def item_details(company: OpenCompany, item: WaitingFact) -> str:
    """What there is to know before deciding: what was asked, how it stands, what there is of it."""
    run = runs.show_run(company, item.run)
    parts = [item.what]
    if run.asked:
        parts.append(f"asked: {_beginning(run.asked)}")
    if run.reason:
        parts.append(f"why it stopped: {run.reason}")
    if run.text:
        parts.append(f"the draft:\n{_beginning(run.text)}")
    parts.append(f"in full: agentco runs show {item.run} --why")
    return "\n".join(parts)


def decide_item(
    company: OpenCompany, item: WaitingFact, key: str, text: str, listener: Listener
) -> str:
    """Carry out a choice; return in words what was done. `text` is what the choice asks for.

    Work that a decision lets go waits for a resume. Raises WrongUsage for a key that is no
    choice, and what the decision itself raises.
    """
    if key not in choices_for(item):
        raise WrongUsage(
            f"{key!r} is not a choice here", hint="agentco inbox shows them"
        )
    is_yes = key == "y"
    match item.kind:
        case "in-doubt" if not item.is_call:
            return f"settled: {deciding.settle(company, item.id, SETTLEMENTS[key])}"
        case "in-doubt":
            count, usd = runs.settle_calls(company, SETTLEMENTS[key])
            return describe_settled(count, usd, billed=is_yes)
        case "interrupted" if is_yes:
            outcome = runs.resume_named(company, item.run, listener)
            return f"run {item.run}: {outcome.status}"
        case "owed-review" | "blocked" | "interrupted" if not is_yes:
            return f"run {runs.cancel_run(company, item.run)} is cancelled"
        case _:
            decision = _decide(company, item, text, listener, is_yes=is_yes)
            return deciding.describe_decision(decision)


def _decide(
    company: OpenCompany,
    item: WaitingFact,
    text: str,
    listener: Listener,
    *,
    is_yes: bool,
) -> deciding.Decision:
    match item.kind:
        case "question" if is_yes:
            return deciding.answer(company, item.id, text, listener, later=True)
        case "owed-review" | "blocked":
            return deciding.waive(company, item.id, "", text, listener, later=True)
        case _ if is_yes:
            later = item.kind != "proposal"
            return deciding.approve(company, item.id, listener, later=later)
        case _:
            return deciding.deny(company, item.id, listener, later=True)


def _beginning(text: str) -> str:
    """The first lines of a text."""
    lines = text.splitlines()
    more = len(lines) - SHOWN_LINES
    told = [f"and {more} more lines"] if more > 0 else []
    return "\n".join([*lines[:SHOWN_LINES], *told])
