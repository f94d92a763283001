"""`agentco inbox` and what decides its items: answer, approve, deny; and feedback on a run."""

from typing import Annotated

import msgspec
import typer
from msgspec.structs import asdict

from agentco.adapters.state import reports
from agentco.adapters.state.transaction import Transaction
from agentco.adapters.tools.memory import Mark, learn
from agentco.adapters.tools.tools import Tools
from agentco.cli import screen
from agentco.cli.options import Json, answer, fields
from agentco.cli.run_at_terminal import indented, resumed, told
from agentco.cli.state import alive, counted, looked, run_named, writing
from agentco.cli.trust import trusted_edges
from agentco.desk import current_company
from agentco.engine.settle import allowed, decided, waived
from agentco.kernel.errors import WrongUsage
from agentco.rules.redaction import redacted
from agentco.runs.actions import Lesson, LessonKind, Memory
from agentco.runs.effects import AskFounder, OweReview, State
from agentco.runs.events import Decided
from agentco.wiring import secrets_of

ItemId = Annotated[str, typer.Argument(metavar="ID", help="An id of agentco inbox.")]
Later = Annotated[
    bool, typer.Option("--later", help="Only record it; agentco runs resume goes on.")
]


def inbox(as_json: Json = False) -> None:
    """List what waits for you, each with the command that decides it, and the departments that may only read.

    Examples:
      agentco inbox
    """
    now = current_company.stamp()
    items, restricted = looked(
        lambda t: (reports.inbox(t, now), reports.restricted(t)), ([], [])
    )
    if as_json:
        waits = [
            fields(item, "id", "kind", "run", "agent", "what", "expires")
            for item in items
        ]
        screen.document(
            {"items": waits, "restricted": [asdict(one) for one in restricted]}
        )
        return
    for item in items:
        screen.say(f"{item.kind} {item.id}, {item.agent}", screen.Look.BOLD)
        screen.say(f"{indented(item.what)}\n{indented(item.command)}")
    for one in restricted:
        screen.say(f"restricted {one.agent}, since {one.since}", screen.Look.BOLD)
        screen.say(
            f"{indented(f'it may only read: {one.why}')}\n{indented(one.command)}"
        )
    screen.say(counted(len(items) + len(restricted)))


def answer_question(
    name: ItemId,
    text: Annotated[str, typer.Argument(help="Your answer, in quotes.")],
    later: Later = False,
    as_json: Json = False,
) -> None:
    """Answer a department's question; its work goes on with the answer.

    Examples:
      agentco answer k7m2ab.3 "nine euros a month"
    """
    if not text.strip():
        raise WrongUsage("the answer is empty", hint='agentco answer ID "…"')
    decide(name, text, ok=True, later=later, as_json=as_json)


def approve(name: ItemId, later: Later = False, as_json: Json = False) -> None:
    """Allow what waits for your yes: exactly this, once.

    Examples:
      agentco approve k7m2ab.3p1
    """
    decide(name, "", ok=True, later=later, as_json=as_json)


def deny(name: ItemId, later: Later = False, as_json: Json = False) -> None:
    """Say no to what waits for your yes; the work goes on without it.

    Examples:
      agentco deny k7m2ab.3p1
    """
    decide(name, "no", ok=False, later=later, as_json=as_json)


def decide(name: str, text: str, *, ok: bool, later: bool, as_json: bool) -> None:
    """Decide an effect that is parked and go on with its run, or decide a proposal."""
    at, settings = (
        current_company.stamp(),
        current_company.edges().company.settings().usable(),
    )
    text = redacted(text, secrets_of(settings))
    run, _, number = name.rpartition(".")
    if run and "p" in number and not (text and ok):
        decide_proposal(name, approved=ok, as_json=as_json)
        return

    def act(t: Transaction) -> str:
        if any(item.id == name for item in reports.blocked(t, at)):
            hint = f'agentco waive {name} TRIGGER --why "…", agentco runs cancel {name}'
            raise WrongUsage(
                f"{name!r} is work that was held back: it takes no yes or no", hint=hint
            )
        row = t.effect(
            reports.run_named(t, run, at).id, int(number) if number.isdecimal() else 0
        )
        question = isinstance(row.wanted, AskFounder)
        if row.state is not State.PARKED or (row.expires and row.expires < at):
            raise WrongUsage(
                f"{name!r} does not wait for you", hint="agentco inbox lists what does"
            )
        if isinstance(row.wanted, OweReview):
            raise WrongUsage(
                f"{name!r} is a review that nobody could do",
                hint=reports.item(row).command,
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
            decided(t, row, Decided(effect=row.number, text=text, ok=ok), at)
        else:
            allowed(t, row, at)
        return row.run

    go_on(name, writing(act), later=later, as_json=as_json)


def go_on(name: str, run: str, *, later: bool, as_json: bool) -> None:
    """Go on with the work that a decision let go, and say how `run` comes out; ends with its exit code."""
    root = run.partition(".")[0]
    busy = alive(looked(lambda t: t.root(root)[1], None))
    if later or busy:
        said = (
            "recorded; its process goes on with it"
            if busy
            else f"recorded; agentco runs resume {root} goes on"
        )
        answer({"id": name, "run": root, "decided": True}, said, as_json=as_json)
        return
    raise typer.Exit(
        told(resumed(trusted_edges(), run, as_json=as_json), as_json=as_json)
    )


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
    later: Later = False,
    as_json: Json = False,
) -> None:
    """Let go what a reviewer, a rule or a review that nobody could do holds back.

    Examples:
      agentco waive k7m2ab legal --why "our own lawyer read it on Monday"
    """
    if not why.strip():
        raise WrongUsage(
            "the reason is empty", hint='agentco waive RUN TRIGGER --why "…"'
        )
    found, at = run_named(run, deciding=True).id, current_company.stamp()
    said = redacted(
        " ".join(why.split()),
        secrets_of(current_company.edges().company.settings().usable()),
    )
    writing(lambda t: waived(t, found, trigger, said, at))
    go_on(found, found, later=later, as_json=as_json)


def decide_proposal(name: str, *, approved: bool, as_json: bool) -> None:
    """Put a proposal into the memory with the founder's authority, or drop it."""
    edges, now, at = trusted_edges(), current_company.now(), current_company.stamp()
    what, action = writing(
        lambda t: t.decide_proposal(name, "approving" if approved else "denied", at)
    )
    if approved:
        tools = Tools(
            edges.company.root, edges.company, edges.board, edges.memory, lambda _: None
        )
        tools.approve(
            msgspec.json.decode(action, type=Memory), by="founder", run=name, at=now
        )
        writing(lambda t: t.decide_proposal(name, "approved", at))
    said = f"{'done' if approved else 'dropped'}: {what}"
    answer({"id": name, "approved": approved, "what": what}, said, as_json=as_json)


def feedback(
    run: Annotated[
        str, typer.Argument(metavar="RUN", help="A run's id, or the beginning of it.")
    ],
    text: Annotated[str, typer.Argument(help="What should be different next time.")],
    as_json: Json = False,
) -> None:
    """Record a lesson from a run, in your words; the Improver works from lessons.

    Examples:
      agentco feedback k7m2ab "the post promised a date we do not have"
    """
    if not text.strip():
        raise WrongUsage("the lesson is empty", hint='agentco feedback RUN "…"')
    edges, at, today = (
        current_company.writable(),
        current_company.stamp(),
        current_company.today(),
    )
    summary = run_named(run)
    said = " ".join(text.split())
    about = f"run {summary.id}: {summary.title}"
    lesson = Lesson(
        category=LessonKind.PROCESS,
        summary=said[:200],
        detail=f"{said} ({about})",
        action="",
    )
    recorded = learn(
        edges.memory,
        lesson,
        summary.agent,
        today,
        Mark(at=at, by="founder", run=f"feedback:{at}"),
    )
    answer(
        {"lesson": recorded.removeprefix("recorded as "), "run": summary.id},
        recorded,
        as_json=as_json,
    )
