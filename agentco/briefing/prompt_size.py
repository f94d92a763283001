"""How large a request is, before any provider counted it."""

from msgspec import Struct

from agentco.kernel.token_estimate import count_tokens, fewest_tokens
from agentco.runs.model_messages import ChatMessage, ModelRequest, ToolSpec

MESSAGE_TOKENS = 4
"""Of what a model's template writes around a message."""
TOOL_TOKENS = 15
"""Of what a model's template writes around a tool."""


class PromptSize(Struct, frozen=True, kw_only=True):
    """The UTF-8 bytes of what is sent, about how many tokens they are, and the fewest possible."""

    bytes: int = 0
    tokens: int = 0
    fewest: int = 0

    def __add__(self, other: "PromptSize") -> "PromptSize":
        return PromptSize(
            bytes=self.bytes + other.bytes,
            tokens=self.tokens + other.tokens,
            fewest=self.fewest + other.fewest,
        )


def measure_request(request: ModelRequest) -> PromptSize:
    """Measure the messages and tools of a request."""
    size = PromptSize()
    for message in request.messages:
        size += measure_message(message)
    for tool in request.tools:
        size += measure_tool(tool)
    return size


def measure_message(message: ChatMessage) -> PromptSize:
    """Measure a message with its calls."""
    size = _measure(message.text, MESSAGE_TOKENS)
    for call in message.calls:
        size += _measure(call.name + call.arguments, MESSAGE_TOKENS)
    return size


def measure_tool(tool: ToolSpec) -> PromptSize:
    """Measure a tool as a model is told of it."""
    return _measure(tool.name + tool.description + tool.parameters, TOOL_TOKENS)


def _measure(text: str, more: int) -> PromptSize:
    size = len(text.encode("utf-8", "replace"))
    return PromptSize(
        bytes=size, tokens=count_tokens(text) + more, fewest=fewest_tokens(text)
    )
