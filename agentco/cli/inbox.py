"""`agentco inbox` and what decides its items: answer, approve, deny, waive; feedback."""

from typing import Annotated, Literal

import typer

from agentco.cli import current_company
from agentco.cli.shared_options import JsonOption, print_answer
from agentco.desk import deciding
from agentco.desk.feedback import give_feedback
from agentco.documents.controls import decision_document, inbox_document
from agentco.kernel.errors import AgentcoError, WrongUsage
from agentco.terminal import inbox_screen, inbox_walk, screen, settle_screen
from agentco.terminal.live_draft import LiveDraft
from agentco.terminal.outcome_screen import print_outcome

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
    typer.Argument(metavar="[settle]", help="Say what became of something in doubt."),
]
DoubtId = Annotated[
    str,
    typer.Argument(metavar="[ID]", help="What to settle: an id from agentco inbox."),
]
DONE_HELP = "It happened: your provider billed the call, or the action was done."
AGAIN_HELP = "It did not happen: do it again (not for model calls)."
DROP_HELP = "It did not happen, and should not: the cost of a call is taken back."


def inbox(
    act: SettleArgument = None,
    item: DoubtId = "",
    everything: Annotated[
        bool, typer.Option("--all", help="Settle all calls that may have been billed.")
    ] = False,
    done: Annotated[bool, typer.Option("--done", help=DONE_HELP)] = False,
    again: Annotated[bool, typer.Option("--again", help=AGAIN_HELP)] = False,
    drop: Annotated[bool, typer.Option("--drop", help=DROP_HELP)] = False,
    as_json: JsonOption = False,
) -> None:
    """List what is waiting for you, each with the command that settles it.

    At a terminal it goes through the items with single keys: s shows, y is yes, n is no, l is
    later, q quits. Piped, it is a plain list.

    Decisions come first, then blocked work, then interrupted runs. Calls that may have been
    billed, such as those a crash leaves behind, stand last in one line and are settled together.

    Examples:
      agentco inbox
      agentco inbox settle --all --drop
      agentco inbox settle k7m2ab.3 --done
    """
    company = current_company.open_current()
    answers = {"done": done, "again": again, "drop": drop}
    if not (act or everything or any(answers.values())):
        found = deciding.read_inbox(company)
        if as_json:
            screen.print_json(inbox_document(found))
        elif found.items and screen.at_terminal():
            inbox_walk.walk(company, found)
        else:
            inbox_screen.print_inbox(found, company.zone)
        return
    if item and everything:
        raise WrongUsage("settle one, or all", hint="an ID or --all, not both")
    can_ask = screen.at_terminal() and not as_json
    document, words = settle_screen.settle(company, item, answers, can_ask=can_ask)
    print_answer(document, words, as_json=as_json)


def inbox_line() -> str:
    """How many items wait; whatever is wrong here is for other commands to say."""
    try:
        count = deciding.read_inbox(current_company.open_current()).count
    except AgentcoError:
        count = 0
    return f"inbox: {inbox_screen.describe_waiting(count)}"


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
    words = deciding.describe_decision(decision)
    print_answer(decision_document(decision), words, as_json=as_json)


def waive(
    name: Annotated[
        str,
        typer.Argument(
            metavar="ID", help="Work that is held back: an id from agentco inbox."
        ),
    ],
    why: Annotated[
        str, typer.Option("--why", help="Why it may go out; recorded with the run.")
    ],
    trigger: Annotated[
        str,
        typer.Argument(
            metavar="[TRIGGER]",
            help="What is holding it, if that is more than one thing.",
            show_default=False,
        ),
    ] = "",
    later: LaterOption = False,
    as_json: JsonOption = False,
) -> None:
    """Release work held by a reviewer, a rule or a missing review.

    Examples:
      agentco waive k7m2ab --why "our own lawyer read it on Monday"
      agentco waive k7m2ab legal --why "our own lawyer read it on Monday"
    """
    company = current_company.open_current()
    draft = LiveDraft(wanted=not as_json)
    decision = deciding.waive(company, name, trigger, why, draft, later=later)
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
