"""The cheapest call of a model, to see whether it answers: reserved and paid like any other."""

import dataclasses

from msgspec import Struct
from msgspec.structs import replace

from agentco.company.model_offers import ModelOffer
from agentco.company.records import Tier
from agentco.engine.ask_model import ask_models
from agentco.engine.cancel import cancel_run
from agentco.engine.office import Office
from agentco.engine.settle import EffectResult, begin_run, settle_effect
from agentco.kernel.errors import CallFailed, Trouble
from agentco.ports.outside import HearText, ModelPort, ignore_thought
from agentco.ports.store import Transaction
from agentco.runs.effects import Deliver, EffectRecord, EffectState
from agentco.runs.events import Answered, AnyEvent, Delivered, Refused, TaskAsked
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
    """Whether a model answered; `why` it did not, and what to do, are empty if it did.

    `usd` is what the call cost, or may have cost, in micro-dollars.
    """

    offer: ModelOffer
    why: str
    hint: str
    seconds: float
    usd: int


class BriefModels:
    """The models of an office, asked for a few tokens and never twice: somebody is watching."""

    def __init__(self, models: ModelPort) -> None:
        self._models = models
        self.missing = models.missing
        self.served_context = models.served_context
        self.plan_windows = models.plan_windows
        self.program_state = models.program_state
        self.aclose = models.aclose
        self.hint = ""

    async def ask(
        self,
        offer: ModelOffer,
        request: ModelRequest,
        hear: HearText,
        think: HearText = ignore_thought,
    ) -> ModelAnswer:
        """Make one short call, which is an answer whatever was said. Raises CallFailed."""
        brief = replace(request, max_tokens=MAX_PROBE_TOKENS)
        try:
            answer = await self._models.ask(offer, brief, hear, think)
        except CallFailed as error:
            self.hint = error.hint
            if error.trouble is Trouble.BUSY:
                error.trouble = Trouble.REFUSED
            raise
        text = answer.text or PROBE_TEXT
        return replace(answer, text=text, calls=(), stop=StopReason.END)


async def ask_for_sign_of_life(offer: ModelOffer, office: Office) -> SignOfLife:
    """Ask one model to say ok, in a run of its own that ends with that."""
    begin = office.clock.now()
    models = BriefModels(office.models)
    row = await begin_probe(offer, office)
    done = await ask_models(row, dataclasses.replace(office, models=models))
    usd = await office.write(end_probe, row, done, office.now_iso())
    return SignOfLife(
        offer=offer,
        why=why_silent(done.event if done else None),
        hint=models.hint,
        seconds=(office.clock.now() - begin).total_seconds(),
        usd=usd,
    )


async def begin_probe(offer: ModelOffer, office: Office) -> EffectRecord:
    """Begin a run that asks one model to say ok, and return its call."""
    name = office.clock.new_name()
    at = office.now_iso()
    run = Run(
        id=name,
        root=name,
        agent=DOCTOR_AGENT,
        chain=(DOCTOR_AGENT,),
        title=f"does {offer.name} answer?",
        started=at,
        tier=Tier.LIGHT,
        model=offer.name,
        quick=True,
        max_turns=1,
        max_tool_calls=0,
    )
    message = ChatMessage(role=MessageRole.USER, text=PROBE_TEXT)
    asked = TaskAsked(task=PROBE_TEXT, given=(message,), stable=1)
    driver = office.drivers.mine
    await office.write(begin_run, run, asked, at=at, cap=None, driver=driver)
    return await office.read(lambda tx: tx.load_effect(name, 1))


def why_silent(event: AnyEvent | None) -> str:
    """Return why a model did not answer; empty if it did."""
    if isinstance(event, Answered):
        return ""
    why = str(getattr(event, "reason", "it is halted: agentco resume"))
    return "" if CUT_OFF_MESSAGE in why else why


def end_probe(
    tx: Transaction, row: EffectRecord, done: EffectResult | None, at: str
) -> int:
    """Settle the call and end its run. Returns what it cost, or may have cost."""
    if done and not isinstance(done.event, Refused):
        settle_effect(tx, done, at)
    for last in tx.load_effects(row.root, EffectState.TODO):
        if isinstance(last.wanted, Deliver):
            event = Delivered(effect=last.number)
            settle_effect(tx, EffectResult(row=last, event=event), at)
    cancel_run(tx, row.run, "a sign of life was all that was wanted", at)
    tx.update_root(row.root, driver=None)
    if done and done.usd is not None:
        return done.usd
    return tx.load_effect(row.run, row.number).reserved
