"""What is said to a model and what it says, the same for every provider."""

from enum import StrEnum

from msgspec import Struct


class MessageRole(StrEnum):
    """Who speaks. What a tool returned answers one call of the assistant's."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"
    TOOL = "tool"


class ToolCall(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A tool that a model wants used; `arguments` is the JSON text exactly as it wrote it.

    `echo` of a turn's first call is what the provider wants back with the turn.
    """

    id: str
    name: str
    arguments: str
    echo: str = ""


class ChatMessage(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One turn. `calls` are the assistant's; `call` is the id that a tool's message answers."""

    role: MessageRole
    text: str = ""
    calls: tuple[ToolCall, ...] = ()
    call: str = ""


class ToolSpec(Struct, frozen=True, kw_only=True):
    """A tool as a model is told of it; `parameters` is the text of a JSON schema of type object."""

    name: str
    description: str
    parameters: str


class ModelRequest(Struct, frozen=True, kw_only=True):
    """One call of a model.

    The first `stable` messages are the same in every call of the run: cache them.

    `must` names the one tool that has to be called in the answer. `begun` is what the answer says
    so far, where it was cut and is to go on.
    """

    messages: tuple[ChatMessage, ...]
    tools: tuple[ToolSpec, ...] = ()
    max_tokens: int
    stable: int = 1
    must: str = ""
    begun: str = ""


class StopReason(StrEnum):
    """Why a model stopped: it was through, wants tools, was cut at max_tokens, or refused."""

    END = "end"
    TOOLS = "tools"
    LENGTH = "length"
    REFUSED = "refused"


class TokenUsage(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Tokens as the provider counted them.

    `cached` were read from its cache, `written` put there, `kept` of these for an hour; all are
    parts of `input`. `media` are the part of `output` that is no text, which nobody asked for.
    """

    input: int
    output: int
    cached: int = 0
    written: int = 0
    kept: int = 0
    media: int = 0


class ModelAnswer(Struct, frozen=True, kw_only=True):
    """A whole answer. `usage` is None when the provider did not say, or said what cannot be.

    `stated_cost` is what the answer itself says it cost, in micro-dollars. `note` tells the
    founder what the model was asked without.
    """

    text: str
    calls: tuple[ToolCall, ...] = ()
    stop: StopReason
    usage: TokenUsage | None = None
    stated_cost: int | None = None
    note: str = ""
