"""A run as the founder sees it: the draft while it is written, questions to answer, the outcome."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from msgspec import Struct

from agentco.adapters.state import report_queries
from agentco.adapters.state.transaction import Transaction
from agentco.cli import screen
from agentco.cli.shared_options import pick_fields
from agentco.cli.story_screen import remaining_remarks, review_fields
from agentco.day.facts import WaitingFact
from agentco.engine.decide import approve_effect, record_decision, waive_trigger
from agentco.engine.drive import drive_run, proceed_without_founder
from agentco.engine.route import ready_at
from agentco.engine.settle import answer_event, answer_text
from agentco.engine.take_over import take_over_run
from agentco.kernel.characters import terminal_safe
from agentco.kernel.errors import NeedsFounder, StateBroken
from agentco.rules.budget import cap_warnings, format_dollars
from agentco.rules.redaction import redact_secrets
from agentco.runs.effects import (
    AskFounder,
    CarryOutProposal,
    EffectRecord,
    EffectState,
    OweReview,
)
from agentco.runs.events import Decided, ModelFailed
from agentco.runs.run import Review, Run, RunJob
from agentco.runs.run_story import RunStory, build_run_story
from agentco.wiring import CompanyOffice, CompanyPorts, open_office

BeginRun = Callable[[CompanyOffice], Awaitable[str]]
EXIT_CODES = {"done": 0, "running": 0, "waiting": 6, "interrupted": 4}


class RunOutcome(Struct, frozen=True, kw_only=True):
    """How a run stands when nobody drives it any more."""

    run: Run
    summary: report_queries.RunSummary
    status: str
    text: str
    reason: str
    model: str | None
    passed: tuple[str, ...]
    ready_at: str | None
    halted: bool
    waits: tuple[WaitingFact, ...]
    warnings: tuple[str, ...]
    story: RunStory

    @property
    def exit_code(self) -> int:
        """The exit code of appendix C's status; a halted run waits for the founder."""
        return 6 if self.halted else EXIT_CODES.get(self.status, 1)

    @property
    def delegations(self) -> list[RunStory]:
        """The pieces of work that it gave to departments."""
        return [one for one in self.story.children if one.of.run.job is RunJob.WORK]

    def to_document(self) -> dict[str, object]:
        """The document of appendix C."""
        done = self.status == "done"
        return {
            "run": self.run.id,
            "agent": self.run.agent,
            "prompt": self.run.prompt or None,
            "status": self.status,
            "text": self.text if done else None,
            "partial": None if done else self.text or None,
            "reason": self.reason or None,
            **pick_fields(self, "model", "passed", "ready_at"),
            **review_fields(self.story),
            "delegations": [
                {
                    "agent": one.of.run.agent,
                    "task": one.of.run.title,
                    "run": one.of.run.id,
                    "status": one.of.status,
                }
                | {"cost_usd": one.total_usd / 1e6}
                for one in self.delegations
            ],
            "cost_usd": self.summary.usd / 1e6,
            **pick_fields(self.summary, "calls", "in_doubt"),
            "waits": [pick_fields(item, "id", "kind", "what") for item in self.waits],
            "warnings": list(self.warnings),
        }


class LiveDraft:
    """What a model says while it says it, on stderr, where somebody looks."""

    def __init__(self, *, wanted: bool) -> None:
        self._wanted = wanted and sys.stderr.isatty()
        self._run = ""
        self._known: dict[tuple[str, str], Review] = {}
        self._open: tuple[str, ...] = ()

    def __call__(self, run: str, text: str) -> None:
        """Another piece of what a run says; children are not shown."""
        if not self._wanted or "." in run:
            return
        if run != self._run:
            screen.print_note(f"{self.draft_label}:")
            self._run = run
        screen.print_partial(text)

    @property
    def draft_label(self) -> str:
        """What the text on the screen is."""
        count = len(self._open)
        return (
            f"draft, {count} review{'' if count == 1 else 's'} open"
            if count
            else "draft"
        )

    def update_reviews(self, run: Run) -> None:
        """How the root stands now: the verdicts that came, and whose reviews are open."""
        known = {(one.trigger, one.agent): one for one in run.reviews}
        open_ = tuple(
            f"{one.agent} ({one.trigger})" for one in run.open_reviews if not one.owed
        )
        lines = [
            f"{one.agent}: {one.verdict} ({one.trigger})"
            for key, one in known.items()
            if (before := self._known.get(key))
            and (before.verdict, before.round) != (one.verdict, one.round)
        ]
        told, self._known, self._open = self._open, known, open_
        lines += (
            [f"{self.draft_label}: {', '.join(open_)}"]
            if open_ and open_ != told
            else []
        )
        if self._wanted and lines:
            self.end_draft()
            screen.print_note("\n".join(lines))

    def end_draft(self) -> None:
        """The draft is over."""
        if self._run:
            screen.print_note("")
        self._run = ""


def run_to_outcome(
    edges: CompanyPorts, begin: BeginRun, *, as_json: bool
) -> RunOutcome:
    """Begin or take over a run, drive it as far as it goes, and say how it stands."""
    draft = LiveDraft(wanted=not as_json)
    with open_office(edges, hear=draft, watch=draft.update_reviews) as office:
        return asyncio.run(
            drive_to_outcome(
                office, begin, draft, can_ask=not as_json and screen.at_terminal()
            )
        )


async def drive_to_outcome(
    office: CompanyOffice, begin: BeginRun, draft: LiveDraft, *, can_ask: bool
) -> RunOutcome:
    """The same with an open office; what waits is put to the founder as long as somebody can answer."""
    offered = set[str]()
    try:
        name = await begin(office)
        root = name.partition(".")[0]
        while True:
            await drive_run(root, office)
            draft.end_draft()
            rows = await office.read(
                lambda tx: tx.load_effects(root, EffectState.PARKED)
            )
            parked = [
                row
                for row in rows
                if row.id not in offered
                and not isinstance(row.wanted, CarryOutProposal)
            ]
            offered |= {row.id for row in parked}
            if can_ask and parked and await put_to_founder(parked, office):
                await take_over_run(root, office)
            elif not await proceed_without_founder(root, office):
                return await asyncio.wrap_future(
                    office.store.read(lambda tx: build_outcome(tx, name, office))
                )
    except asyncio.CancelledError:
        screen.print_note("\ninterrupted: agentco runs resume goes on with it")
        raise
    finally:
        await office.models.aclose()


async def put_to_founder(rows: Sequence[EffectRecord], office: CompanyOffice) -> bool:
    """Put what is parked to the founder; False when nothing was decided. What gets no answer stays parked."""
    some = False
    for row in rows:
        question, owed = (
            isinstance(row.wanted, AskFounder),
            isinstance(row.wanted, OweReview),
        )
        line = await read_typed_line(parked_question(row))
        text, at = line.strip(), office.now_iso()
        if not (text if question or owed else line) or (
            owed and text.lower() in {"n", "no"}
        ):
            continue
        if isinstance(row.wanted, OweReview):
            await office.write(
                waive_trigger,
                row.run,
                row.wanted.trigger,
                redact_secrets(text, office.secrets),
                at,
            )
        elif not question and text.lower() in {"y", "yes"}:
            await office.write(approve_effect, row, at)
        else:
            said = Decided(
                effect=row.number,
                text=redact_secrets(text, office.secrets) if question else "no",
                ok=question,
            )
            await office.write(record_decision, row, said, at)
        some = True
    return some


def parked_question(row: EffectRecord) -> str:
    """What is parked, as a question."""
    what = report_queries.effect_item(row).what
    match row.wanted:
        case AskFounder():
            return f"{row.agent} asks: {what}"
        case OweReview():
            return f"{row.agent}: {what}. Why may it go without? Nothing leaves it waiting."
        case _:
            return f"{row.agent} wants to: {what}. Allow? [y/N]"


async def read_typed_line(question: str) -> str:
    """The line that the founder types, empty at the end of input; no thread waits, so Ctrl-C ends it at once."""
    screen.print_partial(f"{terminal_safe(question)}\n> ")
    loop, ready = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(sys.stdin, ready.set)
    try:
        await ready.wait()
    finally:
        loop.remove_reader(sys.stdin)
    return sys.stdin.readline()


def build_outcome(tx: Transaction, name: str, office: CompanyOffice) -> RunOutcome:
    """How a run stands, with its children."""
    summary = report_queries.find_run(tx, name, office.now_iso())
    run = tx.load_run(name)
    runs = [
        one for one in tx.runs_of_root(run.root) if f"{one.id}.".startswith(f"{name}.")
    ]

    def driven(driver: str | None) -> bool:
        return (
            bool(driver)
            and driver != office.drivers.mine
            and office.drivers.is_alive(driver)
        )

    status, known = (
        summary.status(driven),
        report_queries.run_histories(tx, summary, office.now_iso(), driven),
    )
    failed = [
        told.event
        for one in known.values()
        for told in one.told
        if isinstance(told.event, ModelFailed)
    ]
    stopped = status == "interrupted"
    halted = (
        tx.halt_reason({agent for one in runs for agent in one.chain})
        if stopped
        else ""
    )
    reason = run.reason or halted or (failed[-1].reason if failed and stopped else "")
    last, again = answer_event(tx, run), ready_at(tx, run.root) if stopped else None
    return RunOutcome(
        run=run,
        status=status,
        text=answer_text(tx, run),
        reason=reason,
        model=getattr(last, "model", None),
        passed=getattr(last, "passed", ()),
        ready_at=again
        and again.astimezone(office.settings.time_zone).isoformat(timespec="seconds"),
        halted=bool(halted),
        summary=summary,
        waits=tuple(
            i
            for i in report_queries.inbox_items(tx, office.now_iso())
            if f"{i.run}.".startswith(f"{name}.")
        ),
        warnings=(
            *cap_warnings(
                tx.cap_levels(
                    office.caps_for(run, tx.root_state(run.root)[0], office.today())
                )
            ),
            *restriction_notes(tx, runs),
        ),
        story=build_run_story(name, known),
    )


def restriction_notes(tx: Transaction, runs: Sequence[Run]) -> list[str]:
    """Who of those at work may only read, why, and what lifts it."""
    agents = dict.fromkeys(run.agent for run in runs)
    return [
        f"{one} may only read: {why}: agentco resume {one}"
        for one in agents
        if (why := tx.restriction_reason(one))
    ]


def resume_run(edges: CompanyPorts, name: str, *, as_json: bool) -> RunOutcome:
    """Go on with the work that a run is part of, when nobody drives it."""

    async def begin(office: CompanyOffice) -> str:
        piece = await asyncio.wrap_future(
            office.store.read(lambda tx: report_queries.work_root_of(tx, name))
        )
        await take_over_run(piece.partition(".")[0], office)
        return piece

    return run_to_outcome(edges, begin, as_json=as_json)


def print_outcome(found: RunOutcome, *, as_json: bool, out: Path | None = None) -> int:
    """Say how a run came out: the deliverable once on stdout or in a file, all else on stderr.

    Returns the exit code. What cannot be written into the file is told on stdout.
    """
    done, lost = found.status == "done", None
    if done and out:
        try:
            out.write_text(found.text.rstrip("\n") + "\n", encoding="utf-8")
            screen.print_note(f"written to {out}")
        except OSError as error:
            lost = f"error: {str(out)!r} cannot be written: {error.strerror}\nhint:  the deliverable is on stdout"
            screen.print_note(lost)
    if as_json:
        screen.print_json(found.to_document())
    elif done and (lost or not out):
        if sys.stdout.isatty() and sys.stderr.isatty():
            screen.print_note("deliverable:")
        screen.print_text(found.text.rstrip("\n"))
    for line in () if as_json else outcome_notes(found):
        screen.print_note(line)
    return StateBroken.exit_code if lost else found.exit_code


def outcome_notes(found: RunOutcome) -> list[str]:
    """What is worth saying beside the deliverable."""
    status = "" if found.status == "done" else found.status
    lines = (
        [": ".join(filter(None, (status or "note", found.reason)))]
        if status or found.reason
        else []
    )
    lines += (
        [f"{found.model} answered; {'; '.join(found.passed)}"] if found.passed else []
    )
    lines += remaining_remarks(found.story)
    lines += [delegation_line(one) for one in found.delegations]
    if found.status not in {"done", "waiting"} and found.text:
        lines.append(f"what there is of an answer: agentco runs show {found.run.id}")
    waits = [item for item in found.waits if item.kind != "in-doubt"]
    lines += [
        f"waits for you: {item.what}\n{indent_text(item.command)}" for item in waits
    ]
    if found.status == "interrupted":
        soon = (
            found.ready_at
            and f" (a model is tried again at {found.ready_at[:16].replace('T', ' ')})"
        )
        lines.append(f"it goes on with: agentco runs resume {found.run.id}{soon or ''}")
    if found.summary.in_doubt:
        lines.append(
            f"{found.summary.in_doubt} in doubt, counted as spent: agentco inbox"
        )
    lines += [f"warning: {warning}" for warning in found.warnings]
    calls = f"{found.summary.calls} call{'' if found.summary.calls == 1 else 's'}"
    scripted = ", scripted" if found.run.model.startswith("scripted/") else ""
    lines.append(
        f"{found.run.agent}, run {found.run.id}: {calls}, {format_dollars(found.summary.usd)}{scripted}"
    )
    return lines


def delegation_line(one: RunStory) -> str:
    """A piece of work that a department was given."""
    run = one.of.run
    return f"{run.agent}, run {run.id}: {one.of.status}, {format_dollars(one.total_usd)}: {run.title}"


def indent_text(text: str) -> str:
    """Lines that belong to the one above."""
    return "\n".join(f"  {line}" for line in text.split("\n"))


def refuse_if_halted(office: CompanyOffice, agent: str) -> None:
    """Raises NeedsFounder while the company or the agent is halted."""
    if halted := office.store.read(lambda tx: tx.halt_reason([agent])).result():
        raise NeedsFounder(halted, hint="agentco resume lifts it")
