"""A request as chat completions have it, with what is odd about its provider."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, repeat
from typing import Any

import msgspec

from agentco.adapters.answers.echo import (
    CONTENT,
    TurnEcho,
    filled_turn,
    has_echo,
    read_echo,
)
from agentco.adapters.models.refused_fields import (
    CACHE_CONTROL,
    ECHO,
    FILLERS,
    FULL_SCHEMA,
    REASONING,
    UNSENT,
)
from agentco.adapters.models.tool_schema import sendable_arguments, tool_schema
from agentco.company.model_offers import ModelOffer, WireFormat
from agentco.company.reasoning_fields import EFFORTS_FOR_OFF, reasoning_fields
from agentco.company.records import Reasoning
from agentco.runs.model_messages import (
    ChatMessage,
    MessageRole,
    ModelRequest,
    ToolCall,
    ToolSpec,
)

_NOTHING: Mapping[str, Any] = {}
_OTHER_LIMIT = {
    "max_tokens": "max_completion_tokens",
    "max_completion_tokens": "max_tokens",
}
_READ_IT = ChatMessage(role=MessageRole.ASSISTANT, text="I have read it.")


def optional_fields(offer: ModelOffer, request: ModelRequest) -> dict[str, Any]:
    """What of a request a server may not know."""
    fields: dict[str, Any] = {offer.quirks.answer_limit: request.max_tokens}
    if request.tools:
        fields["tools"] = request.tools
        fields[FULL_SCHEMA] = True
    if request.must:
        function = {"name": request.must}
        fields["tool_choice"] = {"type": "function", "function": function}
    if caches_by_mark(offer) and will_be_repeated(request):
        fields[CACHE_CONTROL] = {"type": "ephemeral"}
    if has_echo(request.messages, offer.provider):
        fields[ECHO] = True
    if offer.reasoning:
        fields[REASONING] = True
        if offer.reasoning is Reasoning.OFF and offer.quirks.reasoning == "effort":
            fields |= dict.fromkeys(EFFORTS_FOR_OFF, True)
    return fields


def caches_by_mark(offer: ModelOffer) -> bool:
    """Whether the model keeps only what it is told to, at a price for writing that is known."""
    has_price = offer.rates is not None and offer.rates.written is not None
    is_direct = offer.wire is WireFormat.OPENAI
    return has_price and is_direct and offer.model.startswith(offer.quirks.cache_marks)


def will_be_repeated(request: ModelRequest) -> bool:
    """Whether a later call will likely repeat this one, so that paying for the cache pays."""
    return len(request.tools) > 1


def request_body(
    offer: ModelOffer, request: ModelRequest, extras: Mapping[str, Any]
) -> dict[str, Any]:
    """The request with those of its optional fields that the server takes."""
    fields = {name: value for name, value in extras.items() if name not in UNSENT}
    if "tools" in fields:
        is_full = FULL_SCHEMA in extras
        fields["tools"] = [_tool_json(tool, is_full=is_full) for tool in request.tools]
    limit = offer.quirks.answer_limit
    if limit not in fields:
        fields[_OTHER_LIMIT[limit]] = request.max_tokens
    if offer.reasoning and REASONING in extras:
        fields |= reasoning_fields(
            offer.quirks.reasoning, offer.reasoning, request.max_tokens, extras
        )
    provider = offer.provider if ECHO in extras else ""
    turns = _messages_json(request.messages, provider, extras.get(FILLERS, ()))
    return {"model": _model_name(offer), "messages": turns} | fields


def _model_name(offer: ModelOffer) -> str:
    """The model as its provider names it."""
    return (
        offer.model if "/" in offer.model else offer.quirks.model_prefix + offer.model
    )


def without_tools(messages: Iterable[ChatMessage]) -> Iterator[ChatMessage]:
    """A talk as a model hears it that knows no tools: what they returned was said."""
    for message in messages:
        if message.role is MessageRole.TOOL:
            text = f"<tool_result>\n{message.text}\n</tool_result>"
            yield ChatMessage(role=MessageRole.USER, text=text)
        elif message.calls:
            names = ", ".join(call.name for call in message.calls)
            text = message.text or f"I look at it with {names}."
            yield ChatMessage(role=MessageRole.ASSISTANT, text=text)
        else:
            yield message


def _messages_json(
    messages: Iterable[ChatMessage], provider: str, fillers: Iterable[str]
) -> list[dict[str, Any]]:
    """The talk, each turn with what the provider wants back of it."""
    return [
        _message_json(message, filled_turn(read_echo(message, provider), fillers))
        for message in _read_aloud(messages)
    ]


def _read_aloud(messages: Iterable[ChatMessage]) -> Iterator[ChatMessage]:
    """The talk; some servers refuse a user's turn right behind that of a tool."""
    before = MessageRole.SYSTEM
    for message in messages:
        if before is MessageRole.TOOL and message.role is MessageRole.USER:
            yield _READ_IT
        yield message
        before = message.role


def _tool_json(tool: ToolSpec, *, is_full: bool) -> dict[str, Any]:
    function = msgspec.structs.asdict(tool)
    function["parameters"] = tool_schema(tool, is_full=is_full)
    return {"type": "function", "function": function}


def _message_json(message: ChatMessage, echo: TurnEcho) -> dict[str, Any]:
    fields: dict[str, Any] = {"role": message.role, "content": message.text}
    if message.call:
        fields["tool_call_id"] = wire_call_id(message.call)
    if message.calls:
        fields["content"] = message.text or None
        echoes = chain(echo.calls, repeat(_NOTHING))
        fields["tool_calls"] = [
            _call_json(call) | dict(extra)
            for call, extra in zip(message.calls, echoes, strict=False)
        ]
    if message.role is MessageRole.ASSISTANT:
        fields |= echo.fields
        if CONTENT in echo.fields and message.text:
            said = {"type": "text", "text": message.text}
            fields[CONTENT] = [*echo.fields[CONTENT], said]
    return fields


def _call_json(call: ToolCall) -> dict[str, Any]:
    function = {"name": call.name, "arguments": sendable_arguments(call)}
    return {"id": wire_call_id(call.id), "type": "function", "function": function}


def wire_call_id(call_id: str) -> str:
    """The id of a call as every server takes it: nine letters and digits."""
    if re.fullmatch("[A-Za-z0-9]{9}", call_id):
        return call_id
    return hashlib.sha256(call_id.encode()).hexdigest()[:9]
