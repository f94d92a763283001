"""The cheapest call of a model, to see whether it answers: reserved, paid and written down like any other."""

import dataclasses

from msgspec import Struct
from msgspec.structs import replace

from agentco.company.model_offers import Offer
from agentco.company.records import Tier
from agentco.engine.ask_model import ask_model
from agentco.engine.office import Office, Transaction
from agentco.engine.perform import context_of
from agentco.engine.ports import Hear, ModelPort
from agentco.engine.settle import Done, begun, cancelled, settled
from agentco.kernel.errors import CallFailed, Trouble
from agentco.runs.effects import Deliver, Row, State
from agentco.runs.events import Answered, Asked, Delivered, Refused
from agentco.runs.model_messages import Answer, Message, Request, Role, Stop
from agentco.runs.run import Run

WHO = "doctor"
SAY = "Say ok"
MOST_TOKENS = 16
CUT = "model output limit was reached"
"""What some models say instead of a short answer; they are there."""


class Sign(Struct, frozen=True, kw_only=True):
    """Whether a model answered, why not and what to do, after how many seconds, what it cost in micro-dollars."""

    offer: Offer
    why: str
    hint: str
    seconds: float
    usd: int


class Briefly:
    """The models of an office, asked for a few tokens and never twice: whoever asks them looks on."""

    def __init__(self, models: ModelPort) -> None:
        self._models = models
        self.missing = models.missing
        self.aclose = models.aclose
        self.hint = ""

    async def ask(self, offer: Offer, request: Request, hear: Hear) -> Answer:
        """One short call, which is an answer whatever was said. Raises CallFailed."""
        try:
            answer = await self._models.ask(
                offer, replace(request, max_tokens=MOST_TOKENS), hear
            )
        except CallFailed as error:
            self.hint = error.hint
            error.trouble = (
                Trouble.REFUSED if error.trouble is Trouble.BUSY else error.trouble
            )
            raise
        return replace(answer, text=answer.text or SAY, calls=(), stop=Stop.END)


async def sign_of_life(offer: Offer, office: Office) -> Sign:
    """Ask one model to say ok, in a run of its own that ends with that."""
    begin, at = office.clock.now(), office.stamp()
    name, brief = office.clock.name(), Briefly(office.models)
    title = f"does {offer.name} answer?"
    run = Run(
        id=name,
        root=name,
        agent=WHO,
        chain=(WHO,),
        title=title,
        started=at,
        max_turns=1,
        max_tool_calls=0,
    )
    run = replace(run, tier=Tier.LIGHT, model=offer.name, quick=True)
    asked = Asked(task=SAY, given=(Message(role=Role.USER, text=SAY),), stable=1)
    await office.write(begun, run, asked, at=at, cap=None, driver=office.drivers.mine)
    row = await office.read(lambda t: t.effect(name, 1))
    done = await ask_model(
        row,
        lambda run: context_of(run, None, office),
        dataclasses.replace(office, models=brief),
    )
    usd = await office.write(ended, row, done, office.stamp())
    event = done.event if done else None
    why = (
        ""
        if isinstance(event, Answered)
        else str(getattr(event, "reason", "it is halted: agentco resume"))
    )
    seconds = (office.clock.now() - begin).total_seconds()
    return Sign(
        offer=offer,
        why="" if CUT in why else why,
        hint=brief.hint,
        seconds=seconds,
        usd=usd,
    )


def ended(t: Transaction, row: Row, done: Done | None, at: str) -> int:
    """Keep what came, and end the run; what the call cost, or may have cost."""
    if done and not isinstance(done.event, Refused):
        settled(t, done, at)
    for last in t.effects(row.root, State.TODO):
        if isinstance(last.wanted, Deliver):
            settled(t, Done(row=last, event=Delivered(effect=last.number)), at)
    cancelled(t, row.run, "a sign of life was all that was wanted", at)
    t.set_run(row.root, driver=None)
    return (
        done.entry.usd
        if done and done.entry
        else t.effect(row.run, row.number).reserved
    )
