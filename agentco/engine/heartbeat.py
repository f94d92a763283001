"""The cheapest call of a model, to see whether it answers: reserved, paid and written down like any other."""

import dataclasses

from msgspec import Struct
from msgspec.structs import replace

from agentco.company.model_offers import ModelOffer
from agentco.company.records import Tier
from agentco.engine.ask_model import ask_model
from agentco.engine.office import Office
from agentco.engine.perform import ruling_context
from agentco.engine.ports import HearText, ModelPort
from agentco.engine.settle import EffectResult, begin_run, cancel_run, settle_effect
from agentco.engine.store import Transaction
from agentco.kernel.errors import CallFailed, Trouble
from agentco.runs.effects import Deliver, EffectRecord, EffectState
from agentco.runs.events import Answered, Delivered, Refused, TaskAsked
from agentco.runs.model_messages import (
    ChatMessage,
    MessageRole,
    ModelAnswer,
    ModelRequest,
    StopReason,
)
from agentco.runs.run import Run

DOCTOR_AGENT = "doctor"
PROBE_TEXT = "Say ok"
MAX_PROBE_TOKENS = 16
CUT_OFF_MESSAGE = "model output limit was reached"
"""What some models say instead of a short answer; they are there."""


class SignOfLife(Struct, frozen=True, kw_only=True):
    """Whether a model answered, why not and what to do, after how many seconds, what it cost in micro-dollars."""

    offer: ModelOffer
    why: str
    hint: str
    seconds: float
    usd: int


class BriefModels:
    """The models of an office, asked for a few tokens and never twice: whoever asks them looks on."""

    def __init__(self, models: ModelPort) -> None:
        self._models = models
        self.missing = models.missing
        self.aclose = models.aclose
        self.hint = ""

    async def ask(
        self, offer: ModelOffer, request: ModelRequest, hear: HearText
    ) -> ModelAnswer:
        """One short call, which is an answer whatever was said. Raises CallFailed."""
        try:
            answer = await self._models.ask(
                offer, replace(request, max_tokens=MAX_PROBE_TOKENS), hear
            )
        except CallFailed as error:
            self.hint = error.hint
            error.trouble = (
                Trouble.REFUSED if error.trouble is Trouble.BUSY else error.trouble
            )
            raise
        return replace(
            answer, text=answer.text or PROBE_TEXT, calls=(), stop=StopReason.END
        )


async def ask_for_sign_of_life(offer: ModelOffer, office: Office) -> SignOfLife:
    """Ask one model to say ok, in a run of its own that ends with that."""
    begin, at = office.clock.now(), office.now_iso()
    name, brief = office.clock.new_name(), BriefModels(office.models)
    title = f"does {offer.name} answer?"
    run = Run(
        id=name,
        root=name,
        agent=DOCTOR_AGENT,
        chain=(DOCTOR_AGENT,),
        title=title,
        started=at,
        max_turns=1,
        max_tool_calls=0,
    )
    run = replace(run, tier=Tier.LIGHT, model=offer.name, quick=True)
    asked = TaskAsked(
        task=PROBE_TEXT,
        given=(ChatMessage(role=MessageRole.USER, text=PROBE_TEXT),),
        stable=1,
    )
    await office.write(
        begin_run, run, asked, at=at, cap=None, driver=office.drivers.mine
    )
    row = await office.read(lambda tx: tx.load_effect(name, 1))
    done = await ask_model(
        row,
        lambda run: ruling_context(run, None, office),
        dataclasses.replace(office, models=brief),
    )
    usd = await office.write(end_probe, row, done, office.now_iso())
    event = done.event if done else None
    why = (
        ""
        if isinstance(event, Answered)
        else str(getattr(event, "reason", "it is halted: agentco resume"))
    )
    seconds = (office.clock.now() - begin).total_seconds()
    return SignOfLife(
        offer=offer,
        why="" if CUT_OFF_MESSAGE in why else why,
        hint=brief.hint,
        seconds=seconds,
        usd=usd,
    )


def end_probe(
    tx: Transaction, row: EffectRecord, done: EffectResult | None, at: str
) -> int:
    """Keep what came, and end the run; what the call cost, or may have cost."""
    if done and not isinstance(done.event, Refused):
        settle_effect(tx, done, at)
    for last in tx.load_effects(row.root, EffectState.TODO):
        if isinstance(last.wanted, Deliver):
            settle_effect(
                tx, EffectResult(row=last, event=Delivered(effect=last.number)), at
            )
    cancel_run(tx, row.run, "a sign of life was all that was wanted", at)
    tx.update_root(row.root, driver=None)
    return (
        done.entry.usd
        if done and done.entry
        else tx.load_effect(row.run, row.number).reserved
    )
