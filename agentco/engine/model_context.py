"""How much a model reads: its own server is asked before anything larger than usual is sent."""

from msgspec.structs import replace

from agentco.company.model_offers import ModelOffer
from agentco.engine.office import Office

USUAL_CONTEXT = 4096
"""Tokens that every server takes; for less than that nobody is asked."""


async def with_known_context(
    offer: ModelOffer, needed: int, office: Office
) -> ModelOffer:
    """Return an offer with the context that its server tells; `needed` are tokens."""
    if offer.asks_context and needed <= USUAL_CONTEXT:
        return offer
    told = await office.models.served_context(offer)
    return replace(offer, context=told.tokens) if told else offer
