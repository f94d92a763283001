"""Asking OpenAI and every server that speaks like it."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any

import msgspec

from agentco.adapters.models.http_client import HttpModelClient, sendable_arguments
from agentco.adapters.models.streamed_reply import StreamedReply
from agentco.company.model_offers import ModelOffer
from agentco.runs.model_messages import ChatMessage, ModelRequest, ToolSpec

if TYPE_CHECKING:
    import httpx2


class ChatClient(HttpModelClient):
    """The client of chat completions."""

    def _new_reply(
        self, request: ModelRequest, hear: Callable[[str], None]
    ) -> StreamedReply:
        return StreamedReply(request, hear)

    def _optional_fields(self, request: ModelRequest) -> dict[str, Any]:
        return {"stream_options": {"include_usage": True}} | forced_tool_choice(request)

    def _send_request(
        self, offer: ModelOffer, request: ModelRequest, extras: dict[str, Any]
    ) -> AbstractAsyncContextManager["httpx2.Response"]:
        key = (
            {"authorization": f"Bearer {self._api_key(offer)}"}
            if offer.api_key_env
            else {}
        )
        headers = key | {
            "content-type": "application/json",
            "accept-encoding": "identity",
            "user-agent": "agentco",
        }
        url, body = (
            f"{offer.api_base}/chat/completions",
            msgspec.json.encode(
                request_body(offer, request) | {"stream": True} | extras
            ),
        )
        return self._client_for(offer).stream(
            "POST", url, content=body, headers=headers
        )


def forced_tool_choice(request: ModelRequest) -> dict[str, Any]:
    """That one tool has to be called, where one has to be."""
    return (
        {"tool_choice": {"type": "function", "function": {"name": request.must}}}
        if request.must
        else {}
    )


def request_body(offer: ModelOffer, request: ModelRequest) -> dict[str, Any]:
    """The request; only OpenAI itself has renamed max_tokens."""
    body: dict[str, Any] = {
        "model": offer.model,
        "messages": [_message_json(message) for message in request.messages],
        "max_completion_tokens"
        if offer.provider == "openai"
        else "max_tokens": request.max_tokens,
    }
    if request.tools:
        body["tools"] = [
            {"type": "function", "function": _tool_json(tool)} for tool in request.tools
        ]
    return body


def _tool_json(tool: ToolSpec) -> dict[str, Any]:
    return msgspec.structs.asdict(tool) | {
        "parameters": msgspec.Raw(tool.parameters.encode())
    }


def _message_json(message: ChatMessage) -> dict[str, Any]:
    said: dict[str, Any] = {"role": message.role, "content": message.text}
    if message.call:
        said["tool_call_id"] = message.call
    if message.calls:
        said["content"] = message.text or None
        said["tool_calls"] = [
            {
                "id": c.id,
                "type": "function",
                "function": {"name": c.name, "arguments": sendable_arguments(c)},
            }
            for c in message.calls
        ]
    return said
