"""Asks every provider that is not spoken to directly, through LiteLLM; nothing is streamed.

LiteLLM only translates: what goes over the wire is ours (`litellm_transport`), and so is what a
failure means.
"""

import asyncio
import logging
import os
import sys
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from threading import Lock, Timer
from typing import TYPE_CHECKING, Any

import msgspec

from agentco.adapters.answers.whole_answers import end_word, is_chat_completion
from agentco.adapters.models.call_failures import HttpStatusError
from agentco.adapters.models.chat_client import ChatClient
from agentco.adapters.models.chat_request import optional_fields, request_body
from agentco.adapters.models.streamed_reply import StreamedReply, UnreadableAnswer
from agentco.company.model_offers import ModelOffer
from agentco.company.providers import own_name
from agentco.kernel.errors import CallFailed, Trouble
from agentco.ports.outside import HearText
from agentco.runs.model_messages import ModelAnswer, ModelRequest

if TYPE_CHECKING:
    from agentco.adapters.models.litellm_transport import WatchedCall

_NOT_SENT_STATUSES = frozenset({400, 401, 403, 404, 422})
_OWN_CREDENTIALS = frozenset({"bedrock", "vertex_ai"})
_HINT = "see what LiteLLM needs for this model, or use another"
_ENV = {"LITELLM_MODE": "PRODUCTION", "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
_LOGGERS = ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy")
_LOAD_LOCK = Lock()
QUIET_S = 1.0
"""At a terminal nothing is said of what takes no longer."""


class LiteLLMClient(ChatClient):
    """The client of LiteLLM, which is loaded by the first call."""

    def missing(self, offer: ModelOffer) -> str | None:
        """Which key or address the environment lacks, in words."""
        address = offer.api_base or self._env.get("AZURE_API_BASE")
        if offer.provider == "azure" and not address:
            return (
                f"{offer.name} needs an address: write providers: {{azure: {{api_base: …}}}},"
                " or set AZURE_API_BASE"
            )
        return super().missing(offer)

    async def ask(
        self, offer: ModelOffer, request: ModelRequest, hear: HearText, think: HearText
    ) -> ModelAnswer:
        """One call. Raises CallFailed."""
        await asyncio.to_thread(load_litellm)
        return await super().ask(offer, request, hear, think)

    async def _send_and_read(
        self, offer: ModelOffer, request: ModelRequest, reply: StreamedReply
    ) -> bool:
        """Send a request and take its answer in; False when it must be sent otherwise."""
        from agentco.adapters.models.litellm_transport import CURRENT_CALL, WatchedCall

        request, extras = self._as_known(offer, request)
        call = WatchedCall(client=self._client_for(offer), asked=set())
        token = CURRENT_CALL.set(call)
        translated = b""
        # its types for Mistral make pydantic warn on the founder's screen
        warnings.filterwarnings("ignore", "Items? .*on TypedDict", UserWarning)
        try:
            litellm = load_litellm()
            arguments = self._completion_arguments(offer, request, extras, litellm)
            call.turns = arguments["messages"]
            completion = await litellm.acompletion(**arguments)
            translated = completion.model_dump_json().encode()
        except Exception as error:
            if call.response is None:
                if self._learns_from_litellm(offer, extras, call, error):
                    return False
                raise self._explain_failure(offer, call, error) from error
        finally:
            CURRENT_CALL.reset(token)
        if call.response is not None and not call.response.is_success:
            refusal = HttpStatusError(call.response, call.body)
            return self._take_refusal(offer, request, extras, reply, refusal)
        self._read_answer(offer, reply, call, translated)
        return True

    def _read_answer(
        self,
        offer: ModelOffer,
        reply: StreamedReply,
        call: "WatchedCall",
        translated: bytes,
    ) -> None:
        """Take an answer in: as its server wrote it where it speaks as OpenAI, else translated.

        LiteLLM takes every end that it does not know for a good one. Raises CallFailed.
        """
        is_plain = is_chat_completion(call.body)
        if not is_plain and not translated:
            what = "did not finish its answer: LiteLLM cannot read what arrived"
            raise self._call_failure(offer, what, Trouble.LOST)
        try:
            reply.feed((call.body if is_plain else translated) + b"\n\n")
        except UnreadableAnswer as error:
            raise self._lost_answer(offer, error) from error
        if not is_plain:
            reply.end_as(end_word(call.body))

    def _learns_from_litellm(
        self,
        offer: ModelOffer,
        extras: dict[str, Any],
        call: "WatchedCall",
        error: Exception,
    ) -> bool:
        """Whether LiteLLM itself refused a field, before anything was sent."""
        words = str(error).encode("utf-8", "replace")
        status = getattr(error, "status_code", 0)
        return not call.asked and self._learned.learn(offer, extras, status, words)

    def _optional_fields(
        self, offer: ModelOffer, request: ModelRequest
    ) -> dict[str, Any]:
        return optional_fields(offer, request)

    def _completion_arguments(
        self,
        offer: ModelOffer,
        request: ModelRequest,
        extras: dict[str, Any],
        litellm: Any,
    ) -> dict[str, Any]:
        """The arguments of a completion: those of a direct request, sent once.

        What a provider does not take is left out, but never the tools.
        """
        body = request_body(offer, request, extras)
        plain_body = msgspec.json.decode(msgspec.json.encode(body), type=dict[str, Any])
        taken = litellm.get_supported_openai_params(offer.model, offer.provider) or ()
        if "reasoning_effort" not in taken:
            plain_body.pop("reasoning_effort", None)
        return {
            **plain_body,
            "model": f"{own_name(offer.provider)}/{offer.model}",
            "api_base": offer.api_base or None,
            "api_key": self._key_for_litellm(offer),
            "drop_params": "tools" in taken,
            "stream": False,
            "num_retries": 0,
            "max_retries": 0,
            "timeout": self._limits.whole_call(offer),
        }

    def _key_for_litellm(self, offer: ModelOffer) -> str | None:
        """Our key. Without one LiteLLM would send one of its own to whatever address is named."""
        key = self._api_key(offer)
        if key:
            return key
        has_own_credentials = offer.provider in _OWN_CREDENTIALS
        return "none" if offer.api_base and not has_own_credentials else None

    def _explain_failure(
        self, offer: ModelOffer, call: "WatchedCall", error: Exception
    ) -> CallFailed:
        """Say what became of a call that was not answered; one that may be paid counts as lost."""
        if call.unreached:
            what = f"cannot be reached: {call.unreached}"
            return self._call_failure(offer, what, Trouble.UNREACHABLE)
        status = getattr(error, "status_code", 0)
        if not call.asked and status in _NOT_SENT_STATUSES:
            what = f"cannot be asked: {error}"
            return self._call_failure(offer, what, Trouble.REFUSED, _HINT)
        why = call.broke or str(error)
        return self._call_failure(
            offer, f"did not finish its answer: {why}", Trouble.LOST
        )


def load_litellm() -> Any:
    """Return LiteLLM, with everything off that it does beside its work.

    The first time takes seconds, and says so.
    """
    with _LOAD_LOCK:
        return _import_litellm()


@contextmanager
def _told_while_loading() -> Generator[None]:
    """Say what is waited for: in a file at once, at a terminal only where it takes long."""
    telling = Timer(QUIET_S, _say_loading)
    telling.daemon = True
    if sys.stderr.isatty():
        telling.start()
    else:
        _say_loading()
    try:
        yield
    finally:
        telling.cancel()


def _say_loading() -> None:
    sys.stderr.write("loading LiteLLM …\n")
    sys.stderr.flush()


@cache
def _import_litellm() -> Any:
    os.environ.update(_ENV)
    with _told_while_loading():
        litellm: Any = import_module("litellm")
        http: Any = import_module("litellm.llms.custom_httpx.http_handler")
    from agentco.adapters.models.litellm_transport import WatchedTransport

    def new_transport(**_: object) -> WatchedTransport:
        return WatchedTransport()

    http.AsyncHTTPHandler.create_async_transport = staticmethod(new_transport)
    litellm.suppress_debug_info = True
    litellm.disable_token_counter = True
    for name in _LOGGERS:
        logging.getLogger(name).disabled = True
    return litellm
