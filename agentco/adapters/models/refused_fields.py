"""What a server refuses of a request, or wants beside it: learned from its own words.

A request is sent once more without the field that a refusal names, and from then on.
"""

import re
from collections.abc import Collection, Mapping
from typing import Any

from agentco.adapters.answers.echo import missing_filler
from agentco.company.model_offers import ModelOffer
from agentco.company.reasoning_fields import EFFORTS_FOR_OFF

CACHE_CONTROL = "cache_control"
TOOLS = "tools"
ECHO = "echo"
"""The optional part of a request that is what a provider gave with earlier turns."""
FULL_SCHEMA = "full schema"
"""The optional part of a request that is what its schemas say beside types and names."""
FILLERS = "fillers"
"""What a server wants in every turn, whoever wrote it, by the names of `echo.FILLERS`."""
REASONING = "reasoning"
"""The optional part of a request that says how much to think, in whichever fields."""
ADAPTIVE = "adaptive thinking"
"""The optional part of a request that leaves it to Claude how much it thinks."""
UNSENT = frozenset({ECHO, FULL_SCHEMA, FILLERS, REASONING, ADAPTIVE, *EFFORTS_FOR_OFF})
"""Optional parts that are no fields of the protocol."""
_NOT_UNDERSTOOD = frozenset({400, 404, 422, 501})
_REFUSALS = {
    "stream_options": "stream_options",
    "tool_choice": "tool_choice",
    "output_config": "output_config|effort",
    "max_tokens": "max_completion_tokens",
    "max_completion_tokens": "(?:nsupported|nrecognized|nknown|nexpected|xtra)"
    ".{0,80}max_completion_tokens|max_completion_tokens.{0,40}not (?:supported|permitted)",
    CACHE_CONTROL: "cache_control",
    **dict.fromkeys(
        EFFORTS_FOR_OFF,
        "effort.{0,60}(?:does not support|must be|should be|invalid)"
        "|(?:unsupported value|invalid value|one of).{0,80}effort",
    ),
    ADAPTIVE: "adaptive",
    REASONING: "reasoning_?effort|\\breasoning\\b|enable_thinking|thinking_budget"
    "|chat_template|\\bthinking\\b",
    ECHO: "reasoning|extra_content|thinking",
    FULL_SCHEMA: "additional_?properties|function_declarations|(?:min|max)(?:Length|Items)"
    "|json.schema|input_schema|unsupported schema|invalid schema",
    TOOLS: "support tool|support function call|tool (?:use|calling) is not supported"
    "|tools (?:are|is) not supported|--enable-auto-tool-choice",
}
OPTIONAL_FIELDS = {
    name: re.compile(words.encode(), re.IGNORECASE | re.DOTALL)
    for name, words in _REFUSALS.items()
}
"""What a request may say beside its messages, and the words by which a server refuses it."""


_INSTEAD = ((*EFFORTS_FOR_OFF, REASONING, ECHO), (ADAPTIVE, REASONING, ECHO))
"""Where one refusal may mean several of these, it means the first that was sent."""


class LearnedFields:
    """What is known of the servers that were asked, by the names of their models."""

    def __init__(self) -> None:
        self._refused: set[tuple[str, str]] = set()
        self._wanted: set[tuple[str, str]] = set()

    def refuses(self, offer: ModelOffer, name: str) -> bool:
        """Whether an optional field is known to be refused."""
        return (offer.name, name) in self._refused

    def usable(self, offer: ModelOffer, fields: Mapping[str, Any]) -> dict[str, Any]:
        """The optional fields that are not known to be refused, and what is wanted beside them."""
        usable = {
            name: value
            for name, value in fields.items()
            if not self.refuses(offer, name)
        }
        wanted = [name for model, name in self._wanted if model == offer.name]
        return usable | {FILLERS: wanted}

    def learn(
        self, offer: ModelOffer, sent: Collection[str], status: int, body: bytes
    ) -> bool:
        """Whether a refusal says something new, so that the request may be sent once more."""
        if status not in _NOT_UNDERSTOOD:
            return False
        filler = missing_filler(body)
        if filler:
            is_known = (offer.name, filler) in self._wanted
            self._wanted.add((offer.name, filler))
            return not is_known
        named = {
            name
            for name in sent
            if name in OPTIONAL_FIELDS and OPTIONAL_FIELDS[name].search(body)
        }
        for ladder in _INSTEAD:
            steps = [name for name in ladder if name in named]
            named.difference_update(steps[1:])
        self._refused |= {(offer.name, name) for name in named}
        return bool(named)
