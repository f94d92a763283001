"""How a run stands when nobody drives it any more: one value for every face."""

from collections.abc import Iterable, Mapping

from msgspec import Struct

from agentco.day.facts import WaitingFact
from agentco.engine.office import Office
from agentco.engine.route import ready_at
from agentco.engine.settle import answer_event, answer_text
from agentco.kernel.errors import NeedsFounder
from agentco.overview.inbox_items import inbox_items
from agentco.overview.made_files import files_of_run
from agentco.overview.run_histories import run_histories
from agentco.overview.run_status import find_run
from agentco.overview.run_story import RunRecord, RunStory, build_run_story
from agentco.ports.store import Transaction
from agentco.ports.stored_values import WrittenFile
from agentco.review.deliverable import split_answer
from agentco.rules.budget import cap_warnings
from agentco.runs.events import ModelFailed
from agentco.runs.run import Run, RunJob
from agentco.runs.run_summary import RunSummary

EXIT_CODES = {"done": 0, "running": 0, "waiting": 6, "interrupted": 4}
"""The exit code of a status of appendix C; every other status is 1."""


class RunOutcome(Struct, frozen=True, kw_only=True):
    """How a run stands, with its children.

    `text` is the deliverable, `notes` what its author says beside it to the founder.
    `status` is that of appendix C, `reason` says why it is not done, `passed` why other
    models did not answer, `ready_at` when a model is tried again (ISO), `waits` what the
    founder can decide, `warnings` what else they should know, `files` what it wrote.
    """

    run: Run
    summary: RunSummary
    status: str
    text: str
    notes: str
    reason: str
    model: str | None
    passed: tuple[str, ...]
    ready_at: str | None
    halted: bool
    waits: tuple[WaitingFact, ...]
    warnings: tuple[str, ...]
    files: tuple[WrittenFile, ...]
    story: RunStory

    @property
    def exit_code(self) -> int:
        """What a command ends with; a halted run waits for the founder."""
        if self.halted:
            return NeedsFounder.exit_code
        return EXIT_CODES.get(self.status, 1)

    @property
    def delegations(self) -> list[RunStory]:
        """The pieces of work that the run gave to departments."""
        return [
            child for child in self.story.children if child.of.run.job is RunJob.WORK
        ]


def load_outcome(tx: Transaction, run_id: str, office: Office) -> RunOutcome:
    """Read how a run stands, with its children. Raises WrongUsage if there is none."""
    now = office.now_iso()

    def is_driven(driver: str | None) -> bool:
        ours = driver == office.drivers.mine
        return bool(driver) and not ours and office.drivers.is_alive(driver)

    summary = find_run(tx, run_id, now)
    run = tx.load_run(run_id)
    family = [
        member
        for member in tx.runs_of_root(run.root)
        if f"{member.id}.".startswith(f"{run_id}.")
    ]
    status = summary.status(is_driven)
    histories = run_histories(tx, summary, now, is_driven)
    interrupted = status == "interrupted"
    halt = _halt_of(tx, family) if interrupted else ""
    failure = _last_failure(histories) if interrupted else ""
    retry_at = ready_at(tx, run.root) if interrupted else None
    local_retry = retry_at and retry_at.astimezone(office.settings.time_zone)
    answer = answer_event(tx, run)
    said = split_answer(answer_text(tx, run))
    return RunOutcome(
        run=run,
        summary=summary,
        status=status,
        text=said.text,
        notes=said.notes,
        reason=run.reason or halt or failure,
        model=getattr(answer, "model", None),
        passed=getattr(answer, "passed", ()),
        ready_at=local_retry and local_retry.isoformat(timespec="seconds"),
        halted=bool(halt),
        waits=tuple(_waiting_in(tx, run_id, now)),
        warnings=tuple(_warnings(tx, run, family, office)),
        files=files_of_run(tx, run.root, run_id),
        story=build_run_story(run_id, histories),
    )


def restriction_notes(tx: Transaction, runs: Iterable[Run]) -> list[str]:
    """Which departments at work may only read, why, and what lifts it."""
    notes: list[str] = []
    for agent in dict.fromkeys(run.agent for run in runs):
        why = tx.restriction_reason(agent)
        if why:
            notes.append(f"{agent} may only read: {why}: agentco resume {agent}")
    return notes


def _halt_of(tx: Transaction, family: Iterable[Run]) -> str:
    agents = {agent for run in family for agent in run.chain}
    return tx.halt_reason(agents)


def _last_failure(histories: Mapping[str, RunRecord]) -> str:
    reason = ""
    for record in histories.values():
        for entry in record.entries:
            if isinstance(entry.event, ModelFailed):
                reason = entry.event.reason
    return reason


def _waiting_in(tx: Transaction, run_id: str, now: str) -> list[WaitingFact]:
    items = inbox_items(tx, now)
    return [item for item in items if f"{item.run}.".startswith(f"{run_id}.")]


def _warnings(
    tx: Transaction, run: Run, family: Iterable[Run], office: Office
) -> list[str]:
    run_cap, _, _ = tx.root_state(run.root)
    levels = tx.cap_levels(office.caps_for(run, run_cap, office.today()))
    return [*cap_warnings(levels), *restriction_notes(tx, family)]
