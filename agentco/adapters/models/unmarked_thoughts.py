"""Which models may begin to think without a mark, so that nothing is drawn too early.

Where a template opens the thought, only its end shows in the text (`</think>`). A server that
knows its model sends the thought apart; only the founder's own servers, and ones that nobody
knows, let it through. What was seen of a model once decides from then on.
"""

import re

from agentco.adapters.models.streamed_reply import StreamedReply
from agentco.company.addresses import is_loopback
from agentco.company.model_offers import ModelOffer
from agentco.company.providers import is_known

FIRST_HELD = 4_000
"""Characters of a first answer that may be a thought: about a page."""
LATER_HELD = 60_000
"""Characters of the answers of a model that is known to begin with one."""
_THINKERS = re.compile(
    r"\br1\b|qwq|qvq|qwen3|think|reason|magistral|nemotron|deepseek|glm|minimax|exaone"
    r"|hunyuan|mimo|ernie|smollm3|olmo",
    re.IGNORECASE,
)


class UnmarkedThoughts:
    """What is known of the models that were asked, by their names."""

    def __init__(self) -> None:
        self._begins_so: dict[str, bool] = {}

    def most_held(self, offer: ModelOffer) -> int:
        """How much of an answer waits until it is known to be no thought; 0 for none."""
        known = self._begins_so.get(offer.name)
        if known is not None:
            return LATER_HELD if known else 0
        lets_through = is_loopback(offer.api_base) or not is_known(offer.provider)
        return FIRST_HELD if lets_through and _THINKERS.search(offer.model) else 0

    def learn(self, offer: ModelOffer, reply: StreamedReply) -> None:
        """Take in how an answer began."""
        began_so = self._begins_so.get(offer.name, False)
        self._begins_so[offer.name] = began_so or reply.thought_without_mark
