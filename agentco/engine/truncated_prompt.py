"""A prompt of which a server dropped a part: what came back is paid, and is no answer."""

from agentco.company.model_offers import ModelOffer, WireFormat
from agentco.company.providers import how_to_read
from agentco.engine.call_money import MAX_BYTES_PER_TOKEN, ModelCall, book_usage
from agentco.engine.model_context import remember_context
from agentco.engine.office import Office
from agentco.engine.route import NoAnswer
from agentco.engine.write_audit import audit_effect
from agentco.ports.store import Transaction
from agentco.rules.budget import with_margin
from agentco.rules.read_context import is_truncated
from agentco.runs.model_messages import ModelAnswer, TokenUsage


def truncated_usage(call: ModelCall, answer: ModelAnswer) -> TokenUsage | None:
    """Return the usage of an answer to a part of the prompt; None if all of it was read.

    A script's counts are what its author wrote, and say nothing of a server.
    """
    if call.offer.wire is WireFormat.SCRIPTED:
        return None
    usage = answer.usage
    least = call.size.bytes // MAX_BYTES_PER_TOKEN
    if usage and is_truncated(usage, call.size.fewest, least):
        return usage
    return None


def record_truncated(
    tx: Transaction, call: ModelCall, usage: TokenUsage, office: Office
) -> NoAnswer:
    """Book what was read and said, free the reservation, and remember how much the model reads."""
    at = office.now_iso()
    offer = call.offer
    sent = call.size.tokens
    needed = with_margin(sent) + call.offer.max_output
    why = describe_truncation(offer, read=usage.input, sent=sent, needed=needed)
    usd = book_usage(tx, call, usage, at)
    tx.save_effect(call.row)
    audit_effect(tx, call.row, at, "truncated", usd=usd, why=why)
    remember_context(tx, offer, usage.input, sent, office)
    return NoAnswer(offer=offer, why=why, large=True)


def describe_truncation(offer: ModelOffer, *, read: int, sent: int, needed: int) -> str:
    """Return what became of a prompt of about `sent` tokens, and what to set."""
    advice = how_to_read(offer.provider, offer.model, needed)
    return (
        f"{offer.name} read only {read:,} of about {sent:,} tokens, so what it said is no"
        f" answer; {advice}"
    )
