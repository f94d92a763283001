"""Calls over HTTP: one request, streamed, never retried here, with limits of time and size.

Cancelling a call closes its connection. A key comes from the environment and goes into one header.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager, suppress
from functools import cache
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from agentco.adapters.models.call_failures import (
    HttpStatusError,
    bad_sample,
    call_failure,
    is_filtered,
    is_loading,
    status_failure,
)
from agentco.adapters.models.chat_request import without_tools
from agentco.adapters.models.refused_context import (
    read_refused_context,
    read_refused_output,
)
from agentco.adapters.models.refused_fields import LearnedFields
from agentco.adapters.models.silence_limit import SilenceLimit, silence_limit
from agentco.adapters.models.streamed_reply import (
    AnswerNotBegun,
    StreamedReply,
    UnreadableAnswer,
    error_text,
)
from agentco.adapters.models.unmarked_thoughts import UnmarkedThoughts
from agentco.company.addresses import is_loopback
from agentco.company.model_offers import ModelOffer
from agentco.kernel.errors import CallFailed, Trouble
from agentco.ports.outside import HearText
from agentco.runs.model_messages import ModelAnswer, ModelRequest

if TYPE_CHECKING:
    import ssl

    import httpx2

MAX_ANSWER_BYTES = 16 * 1024 * 1024
MAX_ERROR_BYTES = 64 * 1024
KEEP_ALIVE_SECONDS = 4
"""Below the five seconds after which common servers close a connection that nobody uses."""
_LATE_HINT = (
    "it may have been billed anyway;"
    " a model that needs longer gets a longest_call under limits: in {file}"
)
_OK = 200
LOADING_PAUSE_S = 0.5
"""Between two questions whether a server on this machine has loaded its model."""


class _AskAgain(Exception):
    """The same request may be answered with a shorter answer, or in a while; else `failure`."""

    def __init__(
        self, failure: CallFailed, max_tokens: int, pause: float = 0.0
    ) -> None:
        super().__init__()
        self.failure = failure
        self.max_tokens = max_tokens
        self.pause = pause

    def helps(self, request: ModelRequest, *, in_time: bool) -> bool:
        """Whether asking again may bring something else."""
        return self.max_tokens < request.max_tokens or (bool(self.pause) and in_time)


class CallTimeouts(Struct, frozen=True, kw_only=True):
    """Seconds to connect, until the answer begins to arrive, and of silence while it does.

    `whole` is for all of a call, however little and often its answer arrives; `last_bytes` for what
    is left of a body when nothing in it matters any more.
    """

    connect: float = 10.0
    first_byte: float = 120.0
    silence: float = 60.0
    whole: float = 600.0
    last_bytes: float = 1.0

    def whole_call(self, offer: ModelOffer) -> float:
        """The most that a call of a model may take; the founder may have said how much."""
        return offer.longest_call or self.whole


@cache
def shared_ssl_context() -> "ssl.SSLContext":
    """Whom all clients trust; read once, since reading them takes longer than many an answer."""
    import httpx2

    return httpx2.create_ssl_context()


def _ssl_context_for(address: str) -> "ssl.SSLContext":
    """Whom a client of an address trusts; what is not encrypted needs no certificates."""
    import ssl

    if address.lower().startswith("http:"):
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return shared_ssl_context()


class HttpModelClient(ABC):
    """What all clients share: one pool of connections for each address, any number of calls."""

    def __init__(
        self, env: Mapping[str, str], limits: CallTimeouts | None = None
    ) -> None:
        self._env = env
        self._limits = limits or CallTimeouts()
        self._clients: dict[str, httpx2.AsyncClient] = {}
        self._learned = LearnedFields()
        self._most_output: dict[str, int] = {}
        self._unmarked = UnmarkedThoughts()

    def missing(self, offer: ModelOffer) -> str | None:
        """Which key the environment lacks, in words."""
        key = self._api_key(offer)
        is_usable = bool(key) and key.isascii() and key.isprintable()
        if offer.api_key_env and not is_usable:
            return (
                f"{offer.name} needs a key: {offer.api_key_env} is not set,"
                " or does not hold a valid key"
            )
        return None

    async def ask(
        self, offer: ModelOffer, request: ModelRequest, hear: HearText, think: HearText
    ) -> ModelAnswer:
        """One call. Raises CallFailed."""
        from anyio import fail_after

        reply = self._new_reply(offer, request, hear)
        reply.hear_thoughts(think)
        reply.hold_back(self._unmarked.most_held(offer))
        now = asyncio.get_running_loop().time
        loaded_by = now() + self._limits.first_byte
        is_read = False
        try:
            with fail_after(self._limits.whole_call(offer)):
                while not is_read:
                    try:
                        is_read = await self._send_and_read(offer, request, reply)
                    except _AskAgain as again:
                        if not again.helps(request, in_time=now() < loaded_by):
                            raise again.failure from None
                        request = replace(request, max_tokens=again.max_tokens)
                        await asyncio.sleep(again.pause)
        except TimeoutError as error:
            if not reply.finished_answer():
                raise self._late_answer(offer) from error
        answer = reply.finished_answer()
        if not answer and reply.bad_sample:
            failure = bad_sample(offer, self._api_key(offer), reply.bad_sample)
            usage = reply.counted
            failure.counted = (usage.input, usage.output) if usage else None
            raise failure
        if not answer:
            what = f"did not finish its answer: {reply.why_unfinished}"
            raise self._call_failure(offer, what, Trouble.LOST)
        self._unmarked.learn(offer, reply)
        return self._with_note(offer, request, answer)

    def _with_note(
        self, offer: ModelOffer, request: ModelRequest, answer: ModelAnswer
    ) -> ModelAnswer:
        """The answer, which says so where the model had to do without its tools."""
        if request.tools and self._learned.refuses(offer, "tools"):
            return replace(
                answer, note=f"{offer.name} cannot use tools, so it worked without them"
            )
        return answer

    async def aclose(self) -> None:
        """Close every connection."""
        for client in self._clients.values():
            await client.aclose()
        self._clients.clear()

    @abstractmethod
    def _new_reply(
        self, offer: ModelOffer, request: ModelRequest, hear: Callable[[str], None]
    ) -> StreamedReply:
        """What the answer is read into."""

    @abstractmethod
    def _optional_fields(
        self, offer: ModelOffer, request: ModelRequest
    ) -> dict[str, Any]:
        """Fields beside the messages that not every model takes, by the names of the protocol."""

    @abstractmethod
    def _send_request(
        self, offer: ModelOffer, request: ModelRequest, extras: dict[str, Any]
    ) -> AbstractAsyncContextManager["httpx2.Response"]:
        """Send it; the answer's body is not read yet. Raises HttpStatusError."""

    async def _send_and_read(
        self, offer: ModelOffer, request: ModelRequest, reply: StreamedReply
    ) -> bool:
        """Send a request and take its answer in; False when it must be sent with fewer extras."""
        import httpx2

        request, extras = self._as_known(offer, request)
        first_byte_s = self._limits.connect + self._limits.first_byte
        first_word_by = asyncio.get_running_loop().time() + first_byte_s
        try:
            async with (
                silence_limit(first_byte_s) as limit,
                self._send_request(offer, request, extras) as response,
            ):
                await self._read_body(response, reply, limit, first_word_by)
        except HttpStatusError as error:
            return self._take_refusal(offer, request, extras, reply, error)
        except (
            httpx2.ConnectError,
            httpx2.ConnectTimeout,
            httpx2.ProxyError,
            httpx2.InvalidURL,
        ) as error:
            what = f"cannot be reached: {self._why_unreached(error)}"
            raise self._call_failure(offer, what, Trouble.UNREACHABLE) from error
        except (httpx2.RequestError, TimeoutError, UnreadableAnswer) as error:
            # An answer that is whole stays one, whatever came after its end.
            if not reply.finished_answer():
                raise self._lost_answer(offer, error) from error
        return True

    def _take_refusal(
        self,
        offer: ModelOffer,
        request: ModelRequest,
        extras: Mapping[str, Any],
        reply: StreamedReply,
        error: HttpStatusError,
    ) -> bool:
        """Whether a refusal is the answer; False when it taught how the request must be sent.

        Raises CallFailed.
        """
        status = error.response.status_code
        if self._learned.learn(offer, extras, status, error.body):
            return False
        if self._learn_output(offer, request, error):
            return False
        if is_filtered(error):
            reply.refuse(error_text(error.body))
            return True
        failure = status_failure(offer, self._api_key(offer), error)
        if is_loading(error) and is_loopback(offer.api_base):
            raise _AskAgain(failure, request.max_tokens, LOADING_PAUSE_S)
        refused = read_refused_context(error)
        failure.context = refused.tokens
        shorter = refused.shorter_answer(request.max_tokens)
        if shorter:
            raise _AskAgain(failure, shorter)
        raise failure

    def _as_known(
        self, offer: ModelOffer, request: ModelRequest
    ) -> tuple[ModelRequest, dict[str, Any]]:
        """A request as its server is known to take it, and its optional fields."""
        most = self._most_output.get(offer.name, request.max_tokens)
        request = replace(request, max_tokens=min(request.max_tokens, most))
        if self._learned.refuses(offer, "tools"):
            messages = tuple(without_tools(request.messages))
            request = replace(request, messages=messages, tools=(), must="")
        fields = self._optional_fields(offer, request)
        return request, self._learned.usable(offer, fields)

    def _learn_output(
        self, offer: ModelOffer, request: ModelRequest, error: HttpStatusError
    ) -> bool:
        """Whether a refusal says how long an answer may be, and that it is less than was asked."""
        most = read_refused_output(error)
        if not most or most >= request.max_tokens:
            return False
        self._most_output[offer.name] = most
        return True

    async def _read_body(
        self,
        response: "httpx2.Response",
        reply: StreamedReply,
        limit: SilenceLimit,
        first_word_by: float,
    ) -> None:
        """Take a body in.

        Until the first word a model may think in silence as long as `first_byte` says.
        """
        now = asyncio.get_running_loop().time
        size = 0
        async for piece in response.aiter_bytes():
            size += len(piece)
            if size > MAX_ANSWER_BYTES:
                raise UnreadableAnswer("it is larger than 16 MiB")
            reply.feed(piece)
            silence = self._limits.last_bytes if reply.done else self._limits.silence
            if not reply.has_begun:
                silence = max(first_word_by - now(), silence)
            limit.set(silence)
        # what is read to its end is only put away, and nothing must cut that short
        limit.clear()
        reply.feed(b"\n\n")

    def _client_for(self, offer: ModelOffer) -> "httpx2.AsyncClient":
        """The client of an address."""
        client = self._clients.get(offer.api_base)
        if client is None:
            try:
                client = self._new_client(offer.api_base)
            except (ImportError, ValueError) as error:
                what = (
                    f"cannot be reached through the proxy of the environment: {error}"
                )
                raise self._call_failure(offer, what, Trouble.UNREACHABLE) from error
            self._clients[offer.api_base] = client
        return client

    def _new_client(self, address: str) -> "httpx2.AsyncClient":
        """A client that asks this machine directly, whatever proxy the environment names."""
        import httpx2

        return httpx2.AsyncClient(
            verify=_ssl_context_for(address),
            trust_env=not is_loopback(address),
            timeout=httpx2.Timeout(None, connect=self._limits.connect),
            limits=httpx2.Limits(keepalive_expiry=KEEP_ALIVE_SECONDS),
            event_hooks={"response": [self._raise_for_status]},
        )

    async def _raise_for_status(self, response: "httpx2.Response") -> None:
        """Let nothing through but an answer. Raises HttpStatusError."""
        if response.status_code != _OK:
            body = await _read_error_body(response, self._limits.last_bytes)
            raise HttpStatusError(response, body)

    def _api_key(self, offer: ModelOffer) -> str:
        return self._env.get(offer.api_key_env or "", "").strip()

    def _lost_answer(self, offer: ModelOffer, error: Exception) -> CallFailed:
        why = str(error) or "nothing more arrived in time"
        was_begun = not isinstance(error, AnswerNotBegun)
        trouble = Trouble.LOST if was_begun else Trouble.BUSY
        return self._call_failure(offer, f"did not finish its answer: {why}", trouble)

    def _late_answer(self, offer: ModelOffer) -> CallFailed:
        limit_s = self._limits.whole_call(offer)
        what = f"did not finish its answer: it took longer than {limit_s:g} s"
        return self._call_failure(offer, what, Trouble.LOST, _LATE_HINT)

    def _why_unreached(self, error: Exception) -> str:
        return str(error) or f"no connection within {self._limits.connect:g} s"

    def _call_failure(
        self, offer: ModelOffer, what: str, trouble: Trouble, hint: str = ""
    ) -> CallFailed:
        return call_failure(offer, self._api_key(offer), what, trouble, hint)


async def _read_error_body(response: "httpx2.Response", seconds: float) -> bytes:
    """As much of an error's body as is worth waiting for."""
    import httpx2

    body = b""
    with suppress(httpx2.RequestError, TimeoutError):
        async with silence_limit(seconds):
            async for piece in response.aiter_bytes():
                body += piece
                if len(body) > MAX_ERROR_BYTES:
                    break
    return body[:MAX_ERROR_BYTES]
