"""Asking OpenAI and every server that speaks like it."""

import hashlib
import re
from collections.abc import Callable, Iterable
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any

import msgspec

from agentco.adapters.models.http_client import HttpModelClient, sendable_arguments
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


class ChatClient(HttpModelClient):
    """The client of chat completions."""

    def _new_reply(
        self, request: ModelRequest, hear: Callable[[str], None]
    ) -> StreamedReply:
        return StreamedReply(request, hear)

    def _optional_fields(self, request: ModelRequest) -> dict[str, Any]:
        usage_wanted = {"stream_options": {"include_usage": True}}
        return usage_wanted | forced_tool_choice(request)

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
        body = request_body(offer, request) | {"stream": True} | extras
        return self._client_for(offer).stream(
            "POST",
            f"{offer.api_base}/chat/completions",
            content=msgspec.json.encode(body),
            headers=headers,
        )


def forced_tool_choice(request: ModelRequest) -> dict[str, Any]:
    """Say that one tool has to be called, where one has to be."""
    if not request.must:
        return {}
    return {"tool_choice": {"type": "function", "function": {"name": request.must}}}


def request_body(offer: ModelOffer, request: ModelRequest) -> dict[str, Any]:
    """The request; only OpenAI itself has renamed max_tokens."""
    is_openai = offer.provider == "openai"
    limit_field = "max_completion_tokens" if is_openai else "max_tokens"
    body: dict[str, Any] = {
        "model": offer.model,
        "messages": _messages_json(request.messages),
        limit_field: request.max_tokens,
    }
    if request.tools:
        body["tools"] = [_tool_json(tool) for tool in request.tools]
    return body


def _messages_json(messages: Iterable[ChatMessage]) -> list[dict[str, Any]]:
    """The talk; some servers refuse a user's turn right behind that of a tool."""
    turns: list[dict[str, Any]] = []
    for message in messages:
        follows_tool = bool(turns) and turns[-1]["role"] == MessageRole.TOOL
        if follows_tool and message.role is MessageRole.USER:
            turns.append({"role": MessageRole.ASSISTANT, "content": "I have read it."})
        turns.append(_message_json(message))
    return turns


def _tool_json(tool: ToolSpec) -> dict[str, Any]:
    function = msgspec.structs.asdict(tool)
    function["parameters"] = msgspec.Raw(tool.parameters.encode())
    return {"type": "function", "function": function}


def _message_json(message: ChatMessage) -> dict[str, Any]:
    fields: dict[str, Any] = {"role": message.role, "content": message.text}
    if message.call:
        fields["tool_call_id"] = wire_call_id(message.call)
    if message.calls:
        fields["content"] = message.text or None
        fields["tool_calls"] = [_call_json(call) for call in message.calls]
    return fields


def _call_json(call: ToolCall) -> dict[str, Any]:
    function = {"name": call.name, "arguments": sendable_arguments(call)}
    return {"id": wire_call_id(call.id), "type": "function", "function": function}


def wire_call_id(call_id: str) -> str:
    """The id of a call as every server takes it: nine letters and digits."""
    if re.fullmatch("[A-Za-z0-9]{9}", call_id):
        return call_id
    return hashlib.sha256(call_id.encode()).hexdigest()[:9]
