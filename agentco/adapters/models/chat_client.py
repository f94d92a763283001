"""Asking OpenAI and every server that speaks like it."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any

import msgspec

from agentco.adapters.models.chat_request import optional_fields, request_body
from agentco.adapters.models.http_client import HttpModelClient
from agentco.adapters.models.streamed_reply import StreamedReply
from agentco.company.model_offers import ModelOffer
from agentco.runs.model_messages import ModelRequest

if TYPE_CHECKING:
    import httpx2


class ChatClient(HttpModelClient):
    """The client of chat completions."""

    def _new_reply(
        self, offer: ModelOffer, request: ModelRequest, hear: Callable[[str], None]
    ) -> StreamedReply:
        return StreamedReply(
            request, hear, offer.provider, silent_end=offer.quirks.silent_end
        )

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
