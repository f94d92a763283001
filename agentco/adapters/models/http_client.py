"""Calls over HTTP: one request, streamed, sent again by nobody here, with limits of time and size.

Whoever cancels a call closes its connection. A key comes from the environment, goes into one header, and is
cut out of everything that a server says.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, suppress
from email.utils import parsedate_to_datetime
from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

from agentco.adapters.clock import RealClock
from agentco.adapters.models.streamed_reply import (
    AnswerNotBegun,
    StreamedReply,
    UnreadableAnswer,
    error_text,
)
from agentco.company.addresses import is_loopback
from agentco.company.model_offers import ModelOffer
from agentco.company.settings import SETTINGS_FILE
from agentco.kernel.errors import CallFailed, Trouble
from agentco.runs.model_messages import ModelAnswer, ModelRequest, ToolCall

if TYPE_CHECKING:
    import ssl

    import httpx2

MAX_ANSWER_BYTES = 16 * 1024 * 1024
MAX_ERROR_BYTES = 64 * 1024
MAX_ERROR_CHARS = 200
# Below the five seconds after which common servers close a connection that nobody uses.
KEEP_ALIVE_SECONDS = 4
# For what is left of a body when nothing in it matters any more.
LAST_BYTES_SECONDS = 1
_OK, _UNPAID, _BROKEN = 200, 402, 500
_BUSY = frozenset({408, 429})
_NO_CREDIT = (
    b"insufficient_quota",
    b"credit balance is too low",
    b"spend_limit_reached",
)
_NOT_UNDERSTOOD = frozenset({400, 422})
OPTIONAL_FIELDS = {
    "stream_options": (b"stream_options",),
    "tool_choice": (b"tool_choice",),
    "output_config": (b"output_config", b"effort"),
}
"""What a request may say beside its messages, and the words by which a server refuses it."""
_NEW_KEY_HINT = "put a key that it accepts into {key}"
_STATUS_MEANINGS = {
    401: ("refused the key", _NEW_KEY_HINT),
    _UNPAID: (
        "has no credit left",
        "add credit with the provider, or ask another model",
    ),
    403: ("refused the key", _NEW_KEY_HINT),
    404: (
        "is not known there",
        "correct the model's name, or the api_base {api_base}, in {file}",
    ),
    _BROKEN: ("cannot answer now", "try again later, or give the tier a second model"),
}
_OTHER_STATUS = (
    "refused the request",
    "see what {api_base} takes, or ask another model",
)
_HINTS = {
    Trouble.UNREACHABLE: "start the server, or correct the provider's api_base {api_base} in {file}",
    Trouble.LOST: "it may have been billed all the same; asking again may be paid twice",
    Trouble.BUSY: _STATUS_MEANINGS[_BROKEN][1],
}


class CallTimeouts(Struct, frozen=True, kw_only=True):
    """Seconds to connect, until the answer begins to arrive, and of silence while it does.

    `whole` is for an answer that arrives all at once.
    """

    connect: float = 10.0
    first_byte: float = 120.0
    silence: float = 60.0
    whole: float = 300.0


class HttpStatusError(Exception):
    """A status that is no answer, with as much of its body as is worth reading."""

    def __init__(self, response: "httpx2.Response", body: bytes) -> None:
        super().__init__(response.status_code)
        self.response = response
        self.body = body


@cache
def shared_ssl_context() -> "ssl.SSLContext":
    """Whom all clients trust; read once, since reading them takes longer than many an answer."""
    import httpx2

    return httpx2.create_ssl_context()


class HttpModelClient(ABC):
    """What all clients have in common: for each address one pool of connections and any number of calls."""

    def __init__(
        self, env: Mapping[str, str], limits: CallTimeouts | None = None
    ) -> None:
        self._env = env
        self._limits = limits or CallTimeouts()
        self._clients: dict[str, httpx2.AsyncClient] = {}
        self._not_taken: set[tuple[str, str]] = set()

    def missing(self, offer: ModelOffer) -> str | None:
        """Which key the environment lacks, in words."""
        key = self._api_key(offer)
        if offer.api_key_env and not (key and key.isascii() and key.isprintable()):
            return f"{offer.name} needs a key: {offer.api_key_env} is not set, or holds what cannot be one"
        return None

    async def ask(
        self, offer: ModelOffer, request: ModelRequest, hear: Callable[[str], None]
    ) -> ModelAnswer:
        """One call. Raises CallFailed."""
        reply = self._new_reply(request, hear)
        while not await self._send_and_read(offer, request, reply):
            pass
        if answer := reply.finished_answer():
            return answer
        raise self._call_failure(
            offer, "gave no whole answer: it was cut off", Trouble.LOST
        )

    async def aclose(self) -> None:
        """Close every connection."""
        for client in self._clients.values():
            await client.aclose()
        self._clients.clear()

    @abstractmethod
    def _new_reply(
        self, request: ModelRequest, hear: Callable[[str], None]
    ) -> StreamedReply:
        """What the answer is read into."""

    @abstractmethod
    def _optional_fields(self, request: ModelRequest) -> dict[str, Any]:
        """What a request says beside the messages that not every model takes, by the names of the protocol."""

    @abstractmethod
    def _send_request(
        self, offer: ModelOffer, request: ModelRequest, extras: dict[str, Any]
    ) -> AbstractAsyncContextManager["httpx2.Response"]:
        """Send it; the answer's body is not read yet. Raises Declined."""

    async def _send_and_read(
        self, offer: ModelOffer, request: ModelRequest, reply: StreamedReply
    ) -> bool:
        """Send a request and take its answer in; False when it must be sent with fewer extras."""
        import httpx2

        extras = {
            k: v
            for k, v in self._optional_fields(request).items()
            if (offer.name, k) not in self._not_taken
        }
        until = self._limits.connect + self._limits.first_byte
        try:
            async with (
                asyncio.timeout(until) as limit,
                self._send_request(offer, request, extras) as response,
            ):
                await self._read_body(response, reply, limit)
        except HttpStatusError as error:
            if self._learn_refused_fields(offer, extras, error):
                return False
            raise self._status_failure(offer, error.response, error.body) from None
        except (
            httpx2.ConnectError,
            httpx2.ConnectTimeout,
            httpx2.ProxyError,
            httpx2.InvalidURL,
        ) as error:
            raise self._call_failure(
                offer, f"cannot be reached: {error}", Trouble.UNREACHABLE
            ) from error
        except (httpx2.RequestError, TimeoutError, UnreadableAnswer) as error:
            if not reply.finished_answer():
                why = str(error) or "nothing more arrived in time"
                trouble = (
                    Trouble.BUSY if isinstance(error, AnswerNotBegun) else Trouble.LOST
                )
                raise self._call_failure(
                    offer, f"gave no whole answer: {why}", trouble
                ) from error
        return True

    def _learn_refused_fields(
        self, offer: ModelOffer, extras: Iterable[str], error: HttpStatusError
    ) -> bool:
        """Whether a refusal is of something extra; such a model is asked without it from then on."""
        if error.response.status_code not in _NOT_UNDERSTOOD:
            return False
        named = {
            (offer.name, name)
            for name in extras
            if any(word in error.body for word in OPTIONAL_FIELDS[name])
        }
        self._not_taken |= named
        return bool(named)

    async def _read_body(
        self, response: "httpx2.Response", reply: StreamedReply, limit: asyncio.Timeout
    ) -> None:
        """Take a body in. Until the first word a model may think in silence as long as `first_byte` says."""
        clock = asyncio.get_running_loop().time
        first, size = limit.when() or 0, 0
        async for piece in response.aiter_bytes():
            size += len(piece)
            if size > MAX_ANSWER_BYTES:
                raise UnreadableAnswer("it is larger than 16 MiB")
            reply.feed(piece)
            silent = clock() + (
                LAST_BYTES_SECONDS if reply.done else self._limits.silence
            )
            limit.reschedule(silent if reply.has_begun else max(first, silent))
        reply.feed(b"\n\n")

    def _client_for(self, offer: ModelOffer) -> "httpx2.AsyncClient":
        """The client of an address. This machine is asked directly, whatever proxy the environment names."""
        import ssl

        import httpx2

        if offer.api_base not in self._clients:
            plain = offer.api_base.lower().startswith("http:")
            try:
                self._clients[offer.api_base] = httpx2.AsyncClient(
                    verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
                    if plain
                    else shared_ssl_context(),
                    trust_env=not is_loopback(offer.api_base),
                    timeout=httpx2.Timeout(None, connect=self._limits.connect),
                    limits=httpx2.Limits(keepalive_expiry=KEEP_ALIVE_SECONDS),
                    event_hooks={"response": [_raise_for_status]},
                )
            except (ImportError, ValueError) as error:
                what = (
                    f"cannot be reached through the proxy of the environment: {error}"
                )
                raise self._call_failure(offer, what, Trouble.UNREACHABLE) from error
        return self._clients[offer.api_base]

    def _api_key(self, offer: ModelOffer) -> str:
        return self._env.get(offer.api_key_env or "", "").strip()

    def _status_failure(
        self, offer: ModelOffer, response: "httpx2.Response", body: bytes
    ) -> CallFailed:
        """What a status means; what is said to a key that is refused may show parts of it and is left out."""
        status, unpaid = (
            response.status_code,
            any(words in body for words in _NO_CREDIT),
        )
        busy = (status in _BUSY or status >= _BROKEN) and not unpaid
        code = _BROKEN if busy else _UNPAID if unpaid else status
        what, hint = _STATUS_MEANINGS.get(code, _OTHER_STATUS)
        said = "" if hint is _NEW_KEY_HINT else error_text(body)
        trouble = Trouble.CLOSED if code in _STATUS_MEANINGS else Trouble.REFUSED
        failed = self._call_failure(
            offer, f"{what} ({status}){said and ': '}{said}", trouble, hint
        )
        if busy:
            failed.trouble = Trouble.BUSY
            failed.retry_after = parse_retry_after(
                response.headers.get("retry-after", ""), RealClock().now().timestamp()
            )
        return failed

    def _call_failure(
        self, offer: ModelOffer, what: str, trouble: Trouble, hint: str = ""
    ) -> CallFailed:
        """An error of two short lines, without our key even where a server repeats it."""
        key = self._api_key(offer)
        text = what.replace(key, "[key]") if key else what
        line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
        named = {
            "api_base": offer.api_base,
            "key": offer.api_key_env or "a variable named as api_key_env",
        }
        return CallFailed(
            f"{offer.name} {line if len(line) <= MAX_ERROR_CHARS else line[:MAX_ERROR_CHARS] + '…'}",
            hint=(hint or _HINTS[trouble]).format(**named, file=SETTINGS_FILE),
            trouble=trouble,
        )


def parse_retry_after(text: str, now: float) -> float | None:
    """A Retry-After header, seconds or a date, as seconds from `now`; None when it is neither."""
    if text.strip().isdecimal():
        return float(text)
    try:
        return max(parsedate_to_datetime(text).timestamp() - now, 0.0)
    except (ValueError, OverflowError):
        return None


async def _raise_for_status(response: "httpx2.Response") -> None:
    """Let nothing through but an answer. Raises Declined."""
    if response.status_code != _OK:
        raise HttpStatusError(response, await _read_error_body(response))


async def _read_error_body(response: "httpx2.Response") -> bytes:
    """As much of an error's body as is worth waiting for."""
    import httpx2

    body = b""
    with suppress(httpx2.RequestError, TimeoutError):
        async with asyncio.timeout(LAST_BYTES_SECONDS):
            async for piece in response.aiter_bytes():
                body += piece
                if len(body) > MAX_ERROR_BYTES:
                    break
    return body[:MAX_ERROR_BYTES]


def sendable_arguments(call: ToolCall) -> str:
    """A call's arguments as servers take them back: some fail at what their own model wrote wrongly."""
    try:
        msgspec.json.decode(call.arguments, type=dict[str, Any])
    except (ValueError, RecursionError):
        return msgspec.json.encode({"invalid": call.arguments}).decode()
    return call.arguments
