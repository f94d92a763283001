"""Asking OpenAI and every server that speaks like it."""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager
from itertools import chain, repeat
from typing import TYPE_CHECKING, Any

import msgspec

from agentco.adapters.models.echo import TurnEcho, read_echo
from agentco.adapters.models.http_client import (
    ECHO,
    HttpModelClient,
    sendable_arguments,
)
from agentco.adapters.models.streamed_reply import StreamedReply
from agentco.company.model_offers import ModelOffer
from agentco.runs.model_messages import (
    ChatMessage,
    MessageRole,
    ModelRequest,
    ToolCall,
    ToolSpec,
)

if TYPE_CHECKING:
    import httpx2

_NOTHING: Mapping[str, Any] = {}


class ChatClient(HttpModelClient):
    """The client of chat completions."""

    def _new_reply(
        self, offer: ModelOffer, request: ModelRequest, hear: Callable[[str], None]
    ) -> StreamedReply:
        return StreamedReply(request, hear, offer.provider)

    def _optional_fields(
        self, offer: ModelOffer, request: ModelRequest
    ) -> dict[str, Any]:
        usage_wanted = {"stream_options": {"include_usage": True}}
        return usage_wanted | optional_fields(offer, request)

    def _send_request(
        self, offer: ModelOffer, request: ModelRequest, extras: dict[str, Any]
    ) -> AbstractAsyncContextManager["httpx2.Response"]:
        headers = {
            "content-type": "application/json",
            "accept-encoding": "identity",
            "user-agent": "agentco",
        }
        if offer.api_key_env:
            headers["authorization"] = f"Bearer {self._api_key(offer)}"
        body = request_body(offer, request, extras) | {"stream": True}
        return self._client_for(offer).stream(
            "POST",
            f"{offer.api_base}/chat/completions",
            content=msgspec.json.encode(body),
            headers=headers,
        )


def optional_fields(offer: ModelOffer, request: ModelRequest) -> dict[str, Any]:
    """What of a request a server may not know; OpenAI itself has renamed max_tokens."""
    fields: dict[str, Any] = {}
    if offer.provider != "openai":
        fields["max_tokens"] = request.max_tokens
    if request.tools:
        fields["tools"] = [_tool_json(tool) for tool in request.tools]
    if request.must:
        function = {"name": request.must}
        fields["tool_choice"] = {"type": "function", "function": function}
    if any(read_echo(each, offer.provider).fields for each in request.messages):
        fields[ECHO] = True
    return fields


def request_body(
    offer: ModelOffer, request: ModelRequest, extras: Mapping[str, Any]
) -> dict[str, Any]:
    """The request with those of its optional fields that the server takes."""
    fields = {name: value for name, value in extras.items() if name != ECHO}
    if "tools" not in fields:
        fields.pop("tool_choice", None)
    if "max_tokens" not in fields:
        fields["max_completion_tokens"] = request.max_tokens
    to = offer.provider if ECHO in extras else ""
    has_tools = "tools" in fields or not request.tools
    messages = request.messages if has_tools else without_tools(request.messages)
    return {"model": offer.model, "messages": _messages_json(messages, to)} | fields


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
    messages: Iterable[ChatMessage], provider: str
) -> list[dict[str, Any]]:
    """The talk; some servers refuse a user's turn right behind that of a tool."""
    turns: list[dict[str, Any]] = []
    for message in messages:
        follows_tool = bool(turns) and turns[-1]["role"] == MessageRole.TOOL
        if follows_tool and message.role is MessageRole.USER:
            turns.append({"role": MessageRole.ASSISTANT, "content": "I have read it."})
        turns.append(_message_json(message, read_echo(message, provider)))
    return turns


def _tool_json(tool: ToolSpec) -> dict[str, Any]:
    function = msgspec.structs.asdict(tool)
    function["parameters"] = msgspec.Raw(tool.parameters.encode())
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
        fields |= echo.fields
    return fields


def _call_json(call: ToolCall) -> dict[str, Any]:
    function = {"name": call.name, "arguments": sendable_arguments(call)}
    return {"id": wire_call_id(call.id), "type": "function", "function": function}


def wire_call_id(call_id: str) -> str:
    """The id of a call as every server takes it: nine letters and digits."""
    if re.fullmatch("[A-Za-z0-9]{9}", call_id):
        return call_id
    return hashlib.sha256(call_id.encode()).hexdigest()[:9]
