"""Asking OpenAI and every server that speaks like it: one request, streamed, sent again by nobody here.

Whoever cancels a call closes its connection. A key comes from the environment, goes into one header, and is
cut out of everything that a server says.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from email.utils import parsedate_to_datetime
from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

from agentco.company.addresses import loopback
from agentco.company.offers import Offer
from agentco.company.settings import FILE
from agentco.edges.models.reply import Garbled, Reply, words_of
from agentco.errors import CallFailed, Trouble
from agentco.work.talk import Answer, Message, Request, ToolCall, ToolSpec

if TYPE_CHECKING:
    import ssl

    import httpx2

LARGEST = 16 * 1024 * 1024
LARGEST_ERROR = 64 * 1024
LONGEST_WORDS = 200
# Below the five seconds after which common servers close a connection that nobody uses.
KEPT_OPEN = 4
# For what is left of a body when nothing in it matters any more.
LAST_BYTES = 1
_OK, _UNPAID, _BROKEN = 200, 402, 500
_BUSY = frozenset({408, 429})
_NOT_UNDERSTOOD = frozenset({400, 422})
_NEW_KEY = "put a key that it accepts into {key}"
_WORDS = {
    401: ("refused the key", _NEW_KEY),
    _UNPAID: ("has no credit left", "add credit with the provider, or ask another model"),
    403: ("refused the key", _NEW_KEY),
    404: ("is not known there", "correct the model's name, or the api_base {api_base}, in {file}"),
    _BROKEN: ("cannot answer now", "try again later, or give the tier a second model"),
}
_OTHERWISE = ("refused the request", "see what {api_base} takes, or ask another model")
_HINTS = {
    Trouble.UNREACHABLE: "start the server, or correct the provider's api_base {api_base} in {file}",
    Trouble.LOST: "it may have been billed all the same; asking again may be paid twice",
}


class Limits(Struct, frozen=True, kw_only=True):
    """Seconds to connect, until the answer begins to arrive, and of silence while it does."""

    connect: float = 10.0
    first_byte: float = 120.0
    silence: float = 60.0


@cache
def certificates() -> "ssl.SSLContext":
    """Whom all clients trust; read once, since reading them takes longer than many an answer."""
    import httpx2

    return httpx2.create_ssl_context()


class Chat:
    """The client of chat completions: for each address one pool of connections and any number of calls."""

    def __init__(self, env: Mapping[str, str], limits: Limits | None = None) -> None:
        self._env = env
        self._limits = limits or Limits()
        self._clients: dict[str, httpx2.AsyncClient] = {}
        self._without_options: set[str] = set()

    def missing(self, offer: Offer) -> str | None:
        """Which key the environment lacks, in words."""
        key = self._key(offer)
        if offer.api_key_env and not (key and key.isascii() and key.isprintable()):
            return f"{offer.name} needs a key: {offer.api_key_env} is not set, or holds what cannot be one"
        return None

    async def ask(self, offer: Offer, request: Request, hear: Callable[[str], None]) -> Answer:
        """One call. Raises CallFailed."""
        reply = Reply(request, hear)
        while not await self._exchange(offer, request, reply):
            pass
        if answer := reply.answer():
            return answer
        raise self._failed(offer, "gave no whole answer: it was cut off", Trouble.LOST)

    async def aclose(self) -> None:
        """Close every connection."""
        for client in self._clients.values():
            await client.aclose()
        self._clients.clear()

    async def _exchange(self, offer: Offer, request: Request, reply: Reply) -> bool:
        """Send a request and take its answer in; False when it must be sent without `stream_options`."""
        import httpx2

        options = offer.api_base not in self._without_options
        body, headers = _body(offer, request, options=options), self._headers(offer)
        url, until = f"{offer.api_base}/chat/completions", self._limits.connect + self._limits.first_byte
        try:
            client = self._client(offer)
            async with (
                asyncio.timeout(until) as limit,
                client.stream("POST", url, content=body, headers=headers) as response,
            ):
                if response.status_code == _OK:
                    await self._take(response, reply, limit)
                    return True
                said = await _beginning(response)
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.ProxyError, httpx2.InvalidURL) as error:
            raise self._failed(offer, f"cannot be reached: {error}", Trouble.UNREACHABLE) from error
        except (httpx2.RequestError, TimeoutError, Garbled) as error:
            if reply.answer():
                return True
            why = str(error) or "nothing more arrived in time"
            raise self._failed(offer, f"gave no whole answer: {why}", Trouble.LOST) from error
        if options and response.status_code in _NOT_UNDERSTOOD and b"stream_options" in said:
            self._without_options.add(offer.api_base)
            return False
        raise self._refused(offer, response, said)

    async def _take(self, response: "httpx2.Response", reply: Reply, limit: asyncio.Timeout) -> None:
        """Take a body in. Until the first word a model may think in silence as long as `first_byte` says."""
        clock = asyncio.get_running_loop().time
        first, size = limit.when() or 0, 0
        async for piece in response.aiter_bytes():
            size += len(piece)
            if size > LARGEST:
                raise Garbled("it is larger than 16 MiB")
            reply.feed(piece)
            silent = clock() + (LAST_BYTES if reply.done else self._limits.silence)
            limit.reschedule(silent if reply.heard else max(first, silent))
        reply.feed(b"\n\n")

    def _client(self, offer: Offer) -> "httpx2.AsyncClient":
        """The client of an address. This machine is asked directly, whatever proxy the environment names."""
        import ssl

        import httpx2

        if offer.api_base not in self._clients:
            plain = offer.api_base.lower().startswith("http:")
            try:
                self._clients[offer.api_base] = httpx2.AsyncClient(
                    verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if plain else certificates(),
                    trust_env=not loopback(offer.api_base),
                    timeout=httpx2.Timeout(None, connect=self._limits.connect),
                    limits=httpx2.Limits(keepalive_expiry=KEPT_OPEN),
                )
            except (ImportError, ValueError) as error:
                what = f"cannot be reached through the proxy of the environment: {error}"
                raise self._failed(offer, what, Trouble.UNREACHABLE) from error
        return self._clients[offer.api_base]

    def _key(self, offer: Offer) -> str:
        return self._env.get(offer.api_key_env or "", "").strip()

    def _headers(self, offer: Offer) -> dict[str, str]:
        key = {"authorization": f"Bearer {self._key(offer)}"} if offer.api_key_env else {}
        return key | {"content-type": "application/json", "accept-encoding": "identity", "user-agent": "agentco"}

    def _refused(self, offer: Offer, response: "httpx2.Response", body: bytes) -> CallFailed:
        """What a status means; what is said to a key that is refused may show parts of it and is left out."""
        status = response.status_code
        busy = (status in _BUSY or status >= _BROKEN) and b"insufficient_quota" not in body
        code = _BROKEN if busy else _UNPAID if status in _BUSY else status
        what, hint = _WORDS.get(code, _OTHERWISE)
        said = "" if hint is _NEW_KEY else words_of(body)
        trouble = Trouble.CLOSED if code in _WORDS else Trouble.REFUSED
        failed = self._failed(offer, f"{what} ({status}){said and ': '}{said}", trouble, hint)
        if busy:
            failed.trouble = Trouble.BUSY
            failed.retry_after = seconds_asked(response.headers.get("retry-after", ""), time.time())
        return failed

    def _failed(self, offer: Offer, what: str, trouble: Trouble, hint: str = "") -> CallFailed:
        """An error of two short lines, without our key even where a server repeats it."""
        key = self._key(offer)
        text = what.replace(key, "[key]") if key else what
        line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
        named = {"api_base": offer.api_base, "key": offer.api_key_env or "a variable named as api_key_env"}
        return CallFailed(
            f"{offer.name} {line if len(line) <= LONGEST_WORDS else line[:LONGEST_WORDS] + '…'}",
            hint=(hint or _HINTS[trouble]).format(**named, file=FILE),
            trouble=trouble,
        )


def seconds_asked(text: str, now: float) -> float | None:
    """A Retry-After header, seconds or a date, as seconds from `now`; None when it is neither."""
    if text.strip().isdecimal():
        return float(text)
    try:
        return max(parsedate_to_datetime(text).timestamp() - now, 0.0)
    except (ValueError, OverflowError):
        return None


async def _beginning(response: "httpx2.Response") -> bytes:
    """As much of an error's body as is worth waiting for."""
    import httpx2

    body = b""
    with suppress(httpx2.RequestError, TimeoutError):
        async with asyncio.timeout(LAST_BYTES):
            async for piece in response.aiter_bytes():
                body += piece
                if len(body) > LARGEST_ERROR:
                    break
    return body[:LARGEST_ERROR]


def _body(offer: Offer, request: Request, *, options: bool) -> bytes:
    """The request as JSON; only OpenAI itself has renamed max_tokens."""
    body: dict[str, Any] = {
        "model": offer.model,
        "messages": [_message(message) for message in request.messages],
        "max_completion_tokens" if offer.provider == "openai" else "max_tokens": request.max_tokens,
        "stream": True,
    }
    if options:
        body["stream_options"] = {"include_usage": True}
    if request.tools:
        body["tools"] = [{"type": "function", "function": _tool(tool)} for tool in request.tools]
    return msgspec.json.encode(body)


def _tool(tool: ToolSpec) -> dict[str, Any]:
    return msgspec.structs.asdict(tool) | {"parameters": msgspec.Raw(tool.parameters.encode())}


def _message(message: Message) -> dict[str, Any]:
    said: dict[str, Any] = {"role": message.role, "content": message.text}
    if message.call:
        said["tool_call_id"] = message.call
    if message.calls:
        said["content"] = message.text or None
        said["tool_calls"] = [
            {"id": c.id, "type": "function", "function": {"name": c.name, "arguments": _sendable(c)}}
            for c in message.calls
        ]
    return said


def _sendable(call: ToolCall) -> str:
    """A call's arguments as servers take them back: some fail at what their own model wrote wrongly."""
    try:
        msgspec.json.decode(call.arguments, type=dict[str, Any])
    except (ValueError, RecursionError):
        return msgspec.json.encode({"invalid": call.arguments}).decode()
    return call.arguments
