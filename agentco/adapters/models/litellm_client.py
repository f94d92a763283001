"""Asks every provider that is not spoken to directly, through LiteLLM; nothing is streamed.

LiteLLM only translates: what goes over the wire is ours (`litellm_transport`), and so is what a
failure means.
"""

import asyncio
import logging
import os
import sys
import warnings
from functools import cache
from importlib import import_module
from threading import Lock
from typing import TYPE_CHECKING, Any

import msgspec

from agentco.adapters.models.call_failures import (
    HttpStatusError,
    is_filtered,
    status_failure,
)
from agentco.adapters.models.chat_client import ChatClient
from agentco.adapters.models.chat_request import optional_fields, request_body
from agentco.adapters.models.streamed_reply import UnreadableAnswer, error_text
from agentco.company.model_offers import ModelOffer
from agentco.company.providers import own_name
from agentco.kernel.errors import CallFailed, Trouble
from agentco.ports.outside import Hearing, HearText
from agentco.runs.model_messages import ModelAnswer, ModelRequest

if TYPE_CHECKING:
    from agentco.adapters.models.litellm_transport import WatchedCall

_NOT_SENT_STATUSES = frozenset({400, 401, 403, 404, 422})
_OWN_CREDENTIALS = frozenset({"bedrock", "vertex_ai"})
_HINT = "see what LiteLLM wants for such a model, or ask another"
_ENV = {"LITELLM_MODE": "PRODUCTION", "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
_LOGGERS = ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy")
_LOAD_LOCK = Lock()


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
        litellm = await asyncio.to_thread(load_litellm)
        while True:
            request = self._within_output(offer, request)
            extras = self._learned.usable(offer, self._optional_fields(offer, request))
            outcome = await self._ask_once(
                offer, request, extras, Hearing(hear, think), litellm
            )
            if isinstance(outcome, ModelAnswer):
                return self._with_note(offer, request, outcome)

    async def _ask_once(
        self,
        offer: ModelOffer,
        request: ModelRequest,
        extras: dict[str, Any],
        hearing: Hearing,
        litellm: Any,
    ) -> ModelAnswer | None:
        """The answer; None when it must be asked with fewer extras. Raises CallFailed."""
        from anyio import fail_after

        from agentco.adapters.models.litellm_transport import CURRENT_CALL, WatchedCall

        reply = self._new_reply(offer, request, hearing.text)
        reply.hear_thoughts(hearing.thought)
        call = WatchedCall(client=self._client_for(offer), asked=set())
        token = CURRENT_CALL.set(call)
        # its types for Mistral make pydantic warn on the founder's screen
        warnings.filterwarnings("ignore", "Items? .*on TypedDict", UserWarning)
        try:
            arguments = self._completion_arguments(offer, request, extras, litellm)
            with fail_after(self._limits.whole_call(offer)):
                completion = await litellm.acompletion(**arguments)
            reply.feed(completion.model_dump_json().encode() + b"\n\n")
        except Exception as error:
            if self._learned.learn(offer, extras, *_refusal_of(call, error)):
                return None
            refusal = call.response and HttpStatusError(call.response, call.body)
            if refusal and self._learn_output(offer, request, refusal):
                return None
            if refusal and is_filtered(refusal):
                reply.refuse(error_text(call.body))
                return reply.finished_answer()
            raise self._explain_failure(offer, call, error) from error
        finally:
            CURRENT_CALL.reset(token)
        answer = reply.finished_answer()
        if not answer:
            what = f"gave no whole answer: {reply.why_unfinished}"
            raise self._call_failure(offer, what, Trouble.LOST)
        return answer

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
        """Say what became of a call; one that may have been answered counts as lost."""
        was_answered = call.response is not None and call.response.is_success
        if call.response is not None and not was_answered:
            refusal = HttpStatusError(call.response, call.body)
            return status_failure(offer, self._api_key(offer), refusal)
        if call.unreached:
            what = f"cannot be reached: {call.unreached}"
            return self._call_failure(offer, what, Trouble.UNREACHABLE)
        status = getattr(error, "status_code", 0)
        if not call.asked and status in _NOT_SENT_STATUSES:
            what = f"cannot be asked: {error}"
            return self._call_failure(offer, what, Trouble.REFUSED, _HINT)
        if was_answered and not isinstance(error, UnreadableAnswer):
            why = "LiteLLM cannot read what arrived"
        elif call.broke:
            why = call.broke
        elif isinstance(error, TimeoutError):
            return self._late_answer(offer)
        else:
            why = str(error)
        return self._call_failure(offer, f"gave no whole answer: {why}", Trouble.LOST)


def _refusal_of(call: "WatchedCall", error: Exception) -> tuple[int, bytes]:
    """The status and the words of a refusal, also of one by LiteLLM itself."""
    if call.asked:
        return call.response.status_code if call.response else 0, call.body
    return getattr(error, "status_code", 0), str(error).encode("utf-8", "replace")


def load_litellm() -> Any:
    """Return LiteLLM, with everything off that it does beside its work.

    The first time takes seconds, and says so.
    """
    with _LOAD_LOCK:
        return _import_litellm()


@cache
def _import_litellm() -> Any:
    sys.stderr.write("loading LiteLLM …\n")
    sys.stderr.flush()
    os.environ.update(_ENV)
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
