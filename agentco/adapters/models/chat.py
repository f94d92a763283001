"""Asking OpenAI and every server that speaks like it."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any

import msgspec

from agentco.adapters.models.calls import Calls, sendable
from agentco.adapters.models.reply import Reply
from agentco.company.model_offers import Offer
from agentco.runs.model_messages import Message, Request, ToolSpec

if TYPE_CHECKING:
    import httpx2


class Chat(Calls):
    """The client of chat completions."""

    def _reply(self, request: Request, hear: Callable[[str], None]) -> Reply:
        return Reply(request, hear)

    def _extras(self, request: Request) -> dict[str, Any]:
        return {"stream_options": {"include_usage": True}} | forced(request)

    def _send(
        self, offer: Offer, request: Request, extras: dict[str, Any]
    ) -> AbstractAsyncContextManager["httpx2.Response"]:
        key = (
            {"authorization": f"Bearer {self._key(offer)}"} if offer.api_key_env else {}
        )
        headers = key | {
            "content-type": "application/json",
            "accept-encoding": "identity",
            "user-agent": "agentco",
        }
        url, body = (
            f"{offer.api_base}/chat/completions",
            msgspec.json.encode(body_of(offer, request) | {"stream": True} | extras),
        )
        return self._client(offer).stream("POST", url, content=body, headers=headers)


def forced(request: Request) -> dict[str, Any]:
    """That one tool has to be called, where one has to be."""
    return (
        {"tool_choice": {"type": "function", "function": {"name": request.must}}}
        if request.must
        else {}
    )


def body_of(offer: Offer, request: Request) -> dict[str, Any]:
    """The request; only OpenAI itself has renamed max_tokens."""
    body: dict[str, Any] = {
        "model": offer.model,
        "messages": [_message(message) for message in request.messages],
        "max_completion_tokens"
        if offer.provider == "openai"
        else "max_tokens": request.max_tokens,
    }
    if request.tools:
        body["tools"] = [
            {"type": "function", "function": _tool(tool)} for tool in request.tools
        ]
    return body


def _tool(tool: ToolSpec) -> dict[str, Any]:
    return msgspec.structs.asdict(tool) | {
        "parameters": msgspec.Raw(tool.parameters.encode())
    }


def _message(message: Message) -> dict[str, Any]:
    said: dict[str, Any] = {"role": message.role, "content": message.text}
    if message.call:
        said["tool_call_id"] = message.call
    if message.calls:
        said["content"] = message.text or None
        said["tool_calls"] = [
            {
                "id": c.id,
                "type": "function",
                "function": {"name": c.name, "arguments": sendable(c)},
            }
            for c in message.calls
        ]
    return said
