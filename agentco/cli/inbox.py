"""`agentco inbox` and what decides its items: answer, approve, deny; and feedback on a run."""

import asyncio
from typing import Annotated

import typer
from msgspec.structs import asdict

from agentco.adapters.state import report_queries
from agentco.adapters.state.transaction import Transaction
from agentco.adapters.tools.memory_tool import Authorship, write_lesson
from agentco.cli import screen
from agentco.cli.run_at_terminal import indent_text, print_outcome, resume_run
from agentco.cli.shared_options import JsonOption, pick_fields, print_answer
from agentco.cli.state_access import (
    describe_waiting,
    find_run,
    is_driver_alive,
    read_state,
    write_state,
)
from agentco.cli.trust import trusted_edges
from agentco.desk import current_company
from agentco.engine.decide import approve_effect, record_decision, waive_trigger
from agentco.engine.drive import carry_out_approved
from agentco.kernel.errors import WrongUsage
from agentco.rules.redaction import redact_secrets
from agentco.runs.actions import Lesson, LessonKind
from agentco.runs.effects import (
    AskFounder,
    CarryOutProposal,
    EffectRecord,
    EffectState,
    OweReview,
)
from agentco.runs.events import Decided
from agentco.wiring import open_office, secret_values

ItemId = Annotated[str, typer.Argument(metavar="ID", help="An id of agentco inbox.")]
LaterOption = Annotated[
    bool, typer.Option("--later", help="Only record it; agentco runs resume goes on.")
]


def inbox(as_json: JsonOption = False) -> None:
    """List what waits for you, each with the command that decides it, and the departments that may only read.

    Examples:
      agentco inbox
    """
    now = current_company.now_iso()
    items, restricted = read_state(
        lambda tx: (
            report_queries.inbox_items(tx, now),
            report_queries.restricted_agents(tx),
        ),
        ([], []),
    )
    if as_json:
        waits = [
            pick_fields(item, "id", "kind", "run", "agent", "what", "expires")
            for item in items
        ]
        screen.print_json(
            {"items": waits, "restricted": [asdict(one) for one in restricted]}
        )
        return
    for item in items:
        screen.print_text(f"{item.kind} {item.id}, {item.agent}", screen.Style.BOLD)
        screen.print_text(f"{indent_text(item.what)}\n{indent_text(item.command)}")
    for one in restricted:
        screen.print_text(
            f"restricted {one.agent}, since {one.since}", screen.Style.BOLD
        )
        screen.print_text(
            f"{indent_text(f'it may only read: {one.why}')}\n{indent_text(one.command)}"
        )
    screen.print_text(describe_waiting(len(items) + len(restricted)))


def answer_question(
    name: ItemId,
    text: Annotated[str, typer.Argument(help="Your answer, in quotes.")],
    later: LaterOption = False,
    as_json: JsonOption = False,
) -> None:
    """Answer a department's question; its work goes on with the answer.

    Examples:
      agentco answer k7m2ab.3 "nine euros a month"
    """
    if not text.strip():
        raise WrongUsage("the answer is empty", hint='agentco answer ID "…"')
    decide_item(name, text, ok=True, later=later, as_json=as_json)


def approve(
    name: ItemId, later: LaterOption = False, as_json: JsonOption = False
) -> None:
    """Allow what waits for your yes: exactly this, once.

    Examples:
      agentco approve k7m2ab.7
    """
    decide_item(name, "", ok=True, later=later, as_json=as_json)


def deny(name: ItemId, later: LaterOption = False, as_json: JsonOption = False) -> None:
    """Say no to what waits for your yes; the work goes on without it.

    Examples:
      agentco deny k7m2ab.7
    """
    decide_item(name, "no", ok=False, later=later, as_json=as_json)


def decide_item(name: str, text: str, *, ok: bool, later: bool, as_json: bool) -> None:
    """Decide an effect that is parked, and go on with its run or carry it out."""
    at, settings = (
        current_company.now_iso(),
        current_company.edges().company.settings().require_valid(),
    )
    text = redact_secrets(text, secret_values(settings))
    run, _, number = name.rpartition(".")

    def act(tx: Transaction) -> EffectRecord:
        if any(item.id == name for item in report_queries.blocked_items(tx, at)):
            hint = f'agentco waive {name} TRIGGER --why "…", agentco runs cancel {name}'
            raise WrongUsage(
                f"{name!r} is work that was held back: it takes no yes or no", hint=hint
            )
        if run and "p" in number:  # how proposals were numbered before
            raise WrongUsage(
                f"{name!r} does not wait for you", hint="agentco inbox lists what does"
            )
        row = tx.load_effect(
            report_queries.find_run(tx, run, at).id,
            int(number) if number.isdecimal() else 0,
        )
        if row.is_approved_proposal and ok and not text:
            return row
        question = isinstance(row.wanted, AskFounder)
        if row.state is not EffectState.PARKED or (row.expires and row.expires < at):
            raise WrongUsage(
                f"{name!r} does not wait for you", hint="agentco inbox lists what does"
            )
        if isinstance(row.wanted, OweReview):
            raise WrongUsage(
                f"{name!r} is a review that nobody could do",
                hint=report_queries.effect_item(row).command,
            )
        if question != bool(text and ok) and not (question and not ok):
            hint = (
                f'agentco answer {name} "…"'
                if question
                else f"agentco approve {name}, agentco deny {name}"
            )
            raise WrongUsage(
                f"{name!r} is {'a question' if question else 'no question'}", hint=hint
            )
        if text:
            record_decision(tx, row, Decided(effect=row.number, text=text, ok=ok), at)
        else:
            approve_effect(tx, row, at)
        return tx.load_effect(row.run, row.number)

    row = write_state(act)
    if isinstance(row.wanted, CarryOutProposal):
        finish_proposal(row, row.wanted.what, later=later, as_json=as_json)
    else:
        continue_after_decision(name, row.run, later=later, as_json=as_json)


def finish_proposal(
    row: EffectRecord, what: str, *, later: bool, as_json: bool
) -> None:
    """Carry out a proposal that was approved, and nothing else of its run."""
    if row.is_approved_proposal:
        if later or is_driving(row.root):
            say_recorded(row.id, row.root, as_json=as_json)
            return
        with open_office(trusted_edges()) as office:
            asyncio.run(carry_out_approved(row, office))
    approved = row.state is not EffectState.DONE
    print_answer(
        {"id": row.id, "approved": approved, "what": what},
        f"{'done' if approved else 'dropped'}: {what}",
        as_json=as_json,
    )


def continue_after_decision(name: str, run: str, *, later: bool, as_json: bool) -> None:
    """Go on with the work that a decision let go, and say how `run` comes out; ends with its exit code."""
    root = run.partition(".")[0]
    if later or is_driving(root):
        say_recorded(name, root, as_json=as_json)
        return
    raise typer.Exit(
        print_outcome(
            resume_run(trusted_edges(), run, as_json=as_json), as_json=as_json
        )
    )


def is_driving(root: str) -> bool:
    """Whether a process drives a root."""
    return is_driver_alive(read_state(lambda tx: tx.root_state(root)[1], None))


def say_recorded(name: str, root: str, *, as_json: bool) -> None:
    """Say that a decision is recorded, and who goes on with it."""
    said = f"recorded; agentco runs resume {root} goes on"
    if is_driving(root):
        said = "recorded; its process goes on with it"
    print_answer({"id": name, "run": root, "decided": True}, said, as_json=as_json)


def waive(
    run: Annotated[
        str,
        typer.Argument(
            metavar="RUN", help="A run that is blocked, or that waits for a review."
        ),
    ],
    trigger: Annotated[
        str,
        typer.Argument(
            metavar="TRIGGER", help="What holds it back, as agentco inbox names it."
        ),
    ],
    why: Annotated[str, typer.Option("--why", help="Why it may go; it is recorded.")],
    later: LaterOption = False,
    as_json: JsonOption = False,
) -> None:
    """Let go what a reviewer, a rule or a review that nobody could do holds back.

    Examples:
      agentco waive k7m2ab legal --why "our own lawyer read it on Monday"
    """
    if not why.strip():
        raise WrongUsage(
            "the reason is empty", hint='agentco waive RUN TRIGGER --why "…"'
        )
    found, at = find_run(run, deciding=True).id, current_company.now_iso()
    said = redact_secrets(
        " ".join(why.split()),
        secret_values(current_company.edges().company.settings().require_valid()),
    )
    write_state(lambda tx: waive_trigger(tx, found, trigger, said, at))
    continue_after_decision(found, found, later=later, as_json=as_json)


def feedback(
    run: Annotated[
        str, typer.Argument(metavar="RUN", help="A run's id, or the beginning of it.")
    ],
    text: Annotated[str, typer.Argument(help="What should be different next time.")],
    as_json: JsonOption = False,
) -> None:
    """Record a lesson from a run, in your words; the Improver works from lessons.

    Examples:
      agentco feedback k7m2ab "the post promised a date we do not have"
    """
    if not text.strip():
        raise WrongUsage("the lesson is empty", hint='agentco feedback RUN "…"')
    edges, at, today = (
        current_company.writable_edges(),
        current_company.now_iso(),
        current_company.today(),
    )
    summary = find_run(run)
    said = " ".join(text.split())
    about = f"run {summary.id}: {summary.title}"
    lesson = Lesson(
        category=LessonKind.PROCESS,
        summary=said[:200],
        detail=f"{said} ({about})",
        action="",
    )
    recorded = write_lesson(
        edges.memory,
        lesson,
        summary.agent,
        today,
        Authorship(at=at, by="founder", run=f"feedback:{at}"),
    )
    print_answer(
        {"lesson": recorded.removeprefix("recorded as "), "run": summary.id},
        recorded,
        as_json=as_json,
    )
