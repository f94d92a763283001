"""How LiteLLM reaches a provider: over our own client, nothing twice, and watched.

LiteLLM has many names for the same failure, and sends some requests again by itself. Only the wire
tells what was billed.
"""

from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from typing import Any

import httpx
import httpx2
from msgspec import Struct

from agentco.adapters.answers.echo import restore_echoes
from agentco.adapters.models.call_failures import HttpStatusError
from agentco.adapters.models.http_client import MAX_ANSWER_BYTES
from agentco.company.addresses import is_allowed_address

_DROPPED_HEADERS = frozenset(
    {"content-length", "content-encoding", "transfer-encoding", "location"}
)
_NOT_REACHED = (
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
    httpx2.ProxyError,
    httpx2.InvalidURL,
)


class WatchedCall(Struct):
    """What is known of one call: the addresses that were asked, and how the last exchange ended.

    `turns` are those of the talk, as LiteLLM was given them. Without a `response` it was not
    answered: `unreached` says why it never went out, `broke` what happened after.
    """

    client: httpx2.AsyncClient
    asked: set[str]
    turns: Sequence[Mapping[str, Any]] = ()
    unreached: str = ""
    broke: str = ""
    response: httpx2.Response | None = None
    body: bytes = b""

    def begin_exchange(self, url: str) -> None:
        """Take note of one more exchange."""
        self.asked.add(url)
        self.unreached = ""
        self.broke = ""
        self.response = None


CURRENT_CALL: ContextVar[WatchedCall] = ContextVar("CALL")


class WatchedTransport(httpx.AsyncBaseTransport):
    """A transport for the call that is being made; outside of one nothing reaches the network."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """One exchange. Redirects are not followed: the founder did not name where they lead."""
        call, url = CURRENT_CALL.get(), str(request.url)
        if url in call.asked or not is_allowed_address(url):
            host = request.url.host
            raise httpx.ReadError(f"{host} was asked already, or not over https")
        call.begin_exchange(url)
        try:
            response, body = await _exchange(call, request)
        except HttpStatusError as error:
            response, body = error.response, error.body
        except _NOT_REACHED as error:
            call.unreached = str(error) or "no answer"
            raise httpx.ReadError(call.unreached) from error
        except httpx2.RequestError as error:
            call.broke = str(error) or "it was cut off"
            raise httpx.ReadError(call.broke) from error
        call.response = response
        call.body = body
        return httpx.Response(
            response.status_code,
            headers=_kept_headers(response),
            content=body,
            request=request,
        )


async def _exchange(
    call: WatchedCall, request: httpx.Request
) -> tuple[httpx2.Response, bytes]:
    """Send a request of LiteLLM's over our client; return the answer and its body.

    For some providers LiteLLM leaves out what they want back with a turn: that is put back.
    """
    headers = {
        **request.headers,
        "accept-encoding": "identity",
        "user-agent": "agentco",
    }
    content = restore_echoes(await request.aread(), call.turns)
    if content != request.content:
        headers["content-length"] = str(len(content))
    async with call.client.stream(
        request.method, str(request.url), content=content, headers=headers
    ) as response:
        return response, await _read_whole_body(response)


def _kept_headers(response: httpx2.Response) -> list[tuple[str, str]]:
    return [
        (name, value)
        for name, value in response.headers.items()
        if name not in _DROPPED_HEADERS
    ]


async def _read_whole_body(response: httpx2.Response) -> bytes:
    body = bytearray()
    async for piece in response.aiter_bytes():
        body += piece
        if len(body) > MAX_ANSWER_BYTES:
            raise httpx2.ReadError("it is larger than 16 MiB")
    return bytes(body)
