"""`agentco inbox` and what decides its items: answer, approve, deny, waive; feedback."""

from typing import Annotated, Literal

import typer

from agentco.cli import current_company
from agentco.cli.shared_options import JsonOption, print_answer
from agentco.day.doubtful_calls import calls_as_one, describe_settled
from agentco.desk import deciding
from agentco.desk.feedback import give_feedback
from agentco.desk.runs import Settlement, settle_calls
from agentco.documents.controls import decision_document, inbox_document
from agentco.kernel.documents import in_dollars
from agentco.kernel.errors import AgentcoError
from agentco.terminal import screen
from agentco.terminal.live_draft import LiveDraft
from agentco.terminal.outcome_screen import indent_text, print_outcome

ItemId = Annotated[str, typer.Argument(metavar="ID", help="An id from agentco inbox.")]
LaterOption = Annotated[
    bool,
    typer.Option(
        "--later",
        help="Only record the decision; agentco runs resume continues the run.",
    ),
]
SettleArgument = Annotated[
    Literal["settle"] | None,
    typer.Argument(metavar="[settle]", help="Settle all calls in doubt at once."),
]
DONE_HELP = "Your provider billed the calls in doubt: keep their cost."
DROP_HELP = "Your provider did not bill the calls in doubt: remove their cost."


def inbox(
    act: SettleArgument = None,
    done: Annotated[bool, typer.Option("--done", help=DONE_HELP)] = False,
    drop: Annotated[bool, typer.Option("--drop", help=DROP_HELP)] = False,
    as_json: JsonOption = False,
) -> None:
    """List what is waiting for you, each with the command that settles it.

    Calls in doubt, such as those a crash leaves behind, share one line and are settled
    together. Departments restricted to reading come last.

    Examples:
      agentco inbox
      agentco inbox settle --drop
    """
    company = current_company.open_current()
    if act or done or drop:
        chosen = Settlement.chosen(done=done, drop=drop)
        count, usd = settle_calls(company, chosen)
        words = describe_settled(count, usd, billed=done)
        document = {"settled": str(chosen), "calls": count, "cost_usd": in_dollars(usd)}
        print_answer(document, words, as_json=as_json)
        return
    found = deciding.read_inbox(company)
    if as_json:
        screen.print_json(inbox_document(found))
        return
    for item in calls_as_one(found.items):
        screen.print_text(f"{item.kind} {item.id}, {item.agent}", screen.Style.BOLD)
        screen.print_text(indent_text(item.what))
        screen.print_text(indent_text(item.command))
    for fact in found.restricted:
        heading = f"restricted {fact.agent}, since {fact.since}"
        screen.print_text(heading, screen.Style.BOLD)
        screen.print_text(indent_text(f"it may only read: {fact.why}"))
        screen.print_text(indent_text(fact.command))
    screen.print_text(describe_waiting(found.count))


def inbox_line() -> str:
    """How many items wait; whatever is wrong here is for other commands to say."""
    try:
        count = deciding.read_inbox(current_company.open_current()).count
    except AgentcoError:
        count = 0
    return f"inbox: {describe_waiting(count)}"


def describe_waiting(count: int) -> str:
    """How many items wait, in words."""
    if not count:
        return "nothing waits for you"
    return f"{count} item{' waits' if count == 1 else 's wait'} for you"


def answer_question(
    name: ItemId,
    text: Annotated[str, typer.Argument(help="Your answer, in quotes.")],
    later: LaterOption = False,
    as_json: JsonOption = False,
) -> None:
    """Answer a department's question; its work continues with the answer.

    Examples:
      agentco answer k7m2ab.3 "nine euros a month"
    """
    company = current_company.open_current()
    draft = LiveDraft(wanted=not as_json)
    decision = deciding.answer(company, name, text, draft, later=later)
    finish_decision(decision, as_json=as_json)


def approve(
    name: ItemId, later: LaterOption = False, as_json: JsonOption = False
) -> None:
    """Approve what is waiting for you: exactly this, once.

    Examples:
      agentco approve k7m2ab.7
    """
    company = current_company.open_current()
    draft = LiveDraft(wanted=not as_json)
    decision = deciding.approve(company, name, draft, later=later)
    finish_decision(decision, as_json=as_json)


def deny(name: ItemId, later: LaterOption = False, as_json: JsonOption = False) -> None:
    """Deny what is waiting for you; the work continues without it.

    Examples:
      agentco deny k7m2ab.7
    """
    company = current_company.open_current()
    draft = LiveDraft(wanted=not as_json)
    decision = deciding.deny(company, name, draft, later=later)
    finish_decision(decision, as_json=as_json)


def finish_decision(decision: deciding.Decision, *, as_json: bool) -> None:
    """Say that a decision was recorded, or how the work came out that it let go."""
    if decision.outcome:
        raise typer.Exit(print_outcome(decision.outcome, as_json=as_json))
    words = f"recorded; agentco runs resume {decision.run} goes on"
    if decision.proposal:
        done = "done" if decision.is_approved else "dropped"
        words = f"{done}: {decision.proposal}"
    elif decision.driven_elsewhere:
        words = "recorded; its process goes on with it"
    print_answer(decision_document(decision), words, as_json=as_json)


def waive(
    run: Annotated[
        str,
        typer.Argument(
            metavar="RUN", help="A run that is blocked or waiting for a review."
        ),
    ],
    trigger: Annotated[
        str,
        typer.Argument(
            metavar="TRIGGER", help="What is holding it, as named in agentco inbox."
        ),
    ],
    why: Annotated[
        str, typer.Option("--why", help="Why it may go out; recorded with the run.")
    ],
    later: LaterOption = False,
    as_json: JsonOption = False,
) -> None:
    """Release work held by a reviewer, a rule or a missing review.

    Examples:
      agentco waive k7m2ab legal --why "our own lawyer read it on Monday"
    """
    company = current_company.open_current()
    draft = LiveDraft(wanted=not as_json)
    decision = deciding.waive(company, run, trigger, why, draft, later=later)
    finish_decision(decision, as_json=as_json)


def feedback(
    run: Annotated[
        str, typer.Argument(metavar="RUN", help="A run's id, or the start of it.")
    ],
    text: Annotated[str, typer.Argument(help="What should be different next time.")],
    as_json: JsonOption = False,
) -> None:
    """Record a lesson from a run in your own words, for the Improver to work from.

    Examples:
      agentco feedback k7m2ab "the post promised a date we do not have"
    """
    lesson = give_feedback(current_company.open_current(), run, text)
    document = {"lesson": lesson.lesson, "run": lesson.run}
    print_answer(document, f"recorded as {lesson.lesson}", as_json=as_json)
