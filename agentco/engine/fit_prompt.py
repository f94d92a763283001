"""What one model is told: all that was said, or as much of it as the model takes."""

from msgspec.structs import replace

from agentco.briefing.prompt_size import PromptSize, measure_request, measure_tool
from agentco.briefing.shorten import result_handles, shorten_messages
from agentco.company.model_offers import ModelOffer
from agentco.engine.call_money import room_for_answer
from agentco.engine.effect_input import EffectInput
from agentco.rules.budget import largest_estimate
from agentco.runs.events import TaskAsked
from agentco.runs.model_messages import ModelRequest


def told_to(offer: ModelOffer, asked: TaskAsked) -> TaskAsked:
    """Return what a model has to know, in brief where it is told so."""
    if offer.brief and isinstance(asked.brief, tuple):
        return replace(asked, given=asked.brief)
    return asked


def fit_request(
    request: ModelRequest,
    offer: ModelOffer,
    told: TaskAsked,
    loaded: EffectInput,
    counted: tuple[int, int] | None,
) -> tuple[ModelRequest, PromptSize, str]:
    """Return a request that a model takes, its size, and what of it was shortened, in words.

    `counted` is the estimate and the count of the model's last prompt.
    """
    size = measure_request(request)
    free = offer.context - room_for_answer(offer)
    room = largest_estimate(free, counted)
    if size.tokens <= room:
        return request, size, ""
    tools = sum(measure_tool(tool).tokens for tool in request.tools)
    handles = result_handles(loaded.run.id, loaded.story)
    short = shorten_messages(request.messages, told, handles, room - tools)
    if not short.what:
        return request, size, ""
    request = replace(request, messages=short.messages)
    what = ", ".join(short.what)
    note = f"{offer.name} takes {offer.context:,} tokens, so the prompt was shortened: {what}"
    return request, measure_request(request), note
