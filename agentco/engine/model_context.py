"""How much a model reads: its own server is asked before anything larger than usual is sent."""

from msgspec.structs import replace

from agentco.company.model_offers import ModelOffer
from agentco.engine.office import Office
from agentco.ports.store import Transaction
from agentco.rules.read_context import LearnedContext

USUAL_CONTEXT = 4096
"""Tokens that every server takes; for less than that nobody is asked."""


async def with_known_context(
    offer: ModelOffer, needed: int, office: Office
) -> ModelOffer:
    """Return an offer with the context that its server tells, or that its counts have shown.

    `needed` are tokens.
    """
    learned = await office.read(lambda tx: tx.learned_context(offer.name))
    usual = min(USUAL_CONTEXT, learned.tokens) if learned else USUAL_CONTEXT
    if offer.asks_context and needed <= usual:
        return offer
    told = await office.models.served_context(offer)
    if told:
        offer = replace(offer, context=told.tokens)
    if learned and learned.still_holds(offer.context, office.clock.now()):
        return replace(offer, context=learned.tokens)
    return offer


def remember_context(
    tx: Transaction, offer: ModelOffer, tokens: int, sent: int, office: Office
) -> None:
    """Remember how many tokens a model took of a prompt of about `sent`."""
    learned = LearnedContext(
        model=offer.name,
        tokens=tokens,
        sent=sent,
        claimed=offer.context,
        at=office.clock.now(),
    )
    tx.save_learned_context(learned)
