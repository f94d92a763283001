"""Carry a piece of work as far as it goes, with the founder's help where they can give it."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress

from agentco.desk.listener import FounderQuestion, Listener, QuestionKind, question_kind
from agentco.desk.open_company import OpenCompany
from agentco.engine.decide import approve_effect, record_decision, waive_trigger
from agentco.engine.drive import drive_run, leave_to_founder, proceed_without_founder
from agentco.engine.office import Office
from agentco.engine.take_over import take_over_run
from agentco.file_formats.redaction import redact_secrets
from agentco.kernel.run_ids import root_of
from agentco.overview.inbox_items import effect_item
from agentco.overview.run_outcome import RunOutcome, load_outcome
from agentco.overview.run_status import work_root_of
from agentco.overview.work_progress import ProgressReader, WorkProgress
from agentco.ports.store import Transaction
from agentco.runs.effects import CarryOutProposal, EffectRecord, EffectState, OweReview
from agentco.runs.events import Decided

BeginRun = Callable[[Office], Awaitable[str]]
"""Begins or takes over a run inside an open office; returns its id."""
LOOK_S = 0.25
"""How often whoever looks on sees how the work stands, in seconds."""
NO = frozenset({"n", "no"})
YES = frozenset({"y", "yes"})


def carry_out(company: OpenCompany, begin: BeginRun, listener: Listener) -> RunOutcome:
    """Begin or take over a run, drive it as far as it goes, and say how it stands."""
    with company.open_office(
        hear=listener.hear, think=listener.think, wait=listener.wait
    ) as office:
        try:
            return asyncio.run(carry_out_in(office, begin, listener))
        finally:
            listener.pause()


async def carry_out_in(
    office: Office, begin: BeginRun, listener: Listener
) -> RunOutcome:
    """The same in an open office, whose models are closed at the end.

    What waits for the founder is put to the listener once; what gets no answer there
    stays parked.
    """
    offered = set[str]()
    root = ""
    try:
        run_id = await begin(office)
        root = root_of(run_id)
        listener.begin(root)
        reader = ProgressReader(root, office.settings.budget.run)
        while True:
            await drive_shown(reader.read, office, listener, root)
            listener.pause()
            parked = await office.read(
                lambda tx: tx.load_effects(root, EffectState.PARKED)
            )
            new = [
                effect
                for effect in parked
                if effect.id not in offered
                and not isinstance(effect.wanted, CarryOutProposal)
            ]
            offered.update(effect.id for effect in new)
            if await put_to_founder(new, office, listener):
                await take_over_run(root, office)
            elif not await proceed_without_founder(root, office):
                return await office.read(lambda tx: load_outcome(tx, run_id, office))
    except asyncio.CancelledError:
        if root:
            await office.write(leave_to_founder, root)
        listener.tell("\ninterrupted: agentco runs resume continues it")
        raise
    finally:
        await office.models.aclose()


async def drive_shown(
    read: Callable[[Transaction], WorkProgress],
    office: Office,
    listener: Listener,
    *roots: str,
) -> None:
    """Drive roots side by side while the listener looks on, a last time when all are over or wait.

    `read` says how the work stands.
    """

    async def look() -> None:
        listener.watch(await office.read(read))

    async def drive_all() -> None:
        await asyncio.gather(*(drive_run(root, office) for root in roots))

    async def keep_looking() -> None:
        while True:
            await look()
            await office.clock.pause(LOOK_S)

    if not listener.looks_on:
        await drive_all()
        return
    looking = asyncio.create_task(keep_looking())
    try:
        await drive_all()
    finally:
        looking.cancel()
        with suppress(asyncio.CancelledError):
            await looking
        await look()


def resume_run(company: OpenCompany, run_id: str, listener: Listener) -> RunOutcome:
    """Go on with the work that a run is part of.

    Raises Locked while another process drives it.
    """

    async def begin(office: Office) -> str:
        work_root = await office.read(lambda tx: work_root_of(tx, run_id))
        await take_over_run(root_of(work_root), office)
        return work_root

    return carry_out(company, begin, listener)


async def put_to_founder(
    parked: Iterable[EffectRecord], office: Office, listener: Listener
) -> bool:
    """Put what is parked to the founder; return whether anything was decided."""
    decided = False
    for effect in parked:
        item = effect_item(effect)
        question = FounderQuestion(
            id=effect.id,
            kind=question_kind(effect),
            agent=effect.agent,
            what=(item.diff and item.words) or item.what,
            diff=item.diff,
        )
        line = await listener.ask(question)
        if line is not None and await apply_answer(effect, question, line, office):
            decided = True
    return decided


async def apply_answer(
    effect: EffectRecord, question: FounderQuestion, line: str, office: Office
) -> bool:
    """Decide a parked effect by the line the founder typed; False if it says nothing.

    An empty line (the end of input) decides nothing. A bare newline is a no to an
    approval.
    """
    text = line.strip()
    now = office.now_iso()
    match question.kind:
        case QuestionKind.WAIVER:
            if (
                not text
                or text.lower() in NO
                or not isinstance(effect.wanted, OweReview)
            ):
                return False
            why = redact_secrets(text, office.secrets)
            trigger = effect.wanted.trigger
            await office.write(waive_trigger, effect.run, trigger, why, now)
        case QuestionKind.ANSWER:
            if not text:
                return False
            answer = redact_secrets(text, office.secrets)
            decision = Decided(effect=effect.number, text=answer, ok=True)
            await office.write(record_decision, effect, decision, now)
        case QuestionKind.APPROVAL:
            if not line:
                return False
            if text.lower() in YES:
                await office.write(approve_effect, effect, now)
            else:
                decision = Decided(effect=effect.number, text="no", ok=False)
                await office.write(record_decision, effect, decision, now)
    return True
