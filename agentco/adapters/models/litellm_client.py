"""Asking every provider that is not spoken to directly, through LiteLLM: one request, answered all at once.

LiteLLM only translates: what goes over the wire is ours (`watched`), and so is what a failure means.
"""

import asyncio
import logging
import os
import sys
from collections.abc import Callable
from functools import cache
from importlib import import_module
from threading import Lock
from typing import TYPE_CHECKING, Any

import msgspec

from agentco.adapters.models.chat_client import (
    ChatClient,
    forced_tool_choice,
    request_body,
)
from agentco.adapters.models.streamed_reply import StreamedReply, UnreadableAnswer
from agentco.company.model_offers import ModelOffer
from agentco.kernel.errors import CallFailed, Trouble
from agentco.runs.model_messages import ModelAnswer, ModelRequest

if TYPE_CHECKING:
    from agentco.adapters.models.litellm_transport import WatchedCall

_NOT_SENT_STATUSES = frozenset({400, 401, 403, 404, 422})
_NO_KEY = b"API_KEY_INVALID"
_OWN_CREDENTIALS = frozenset({"bedrock", "vertex_ai"})
_HINT = "see what LiteLLM wants for such a model, or ask another"
_ENV = {"LITELLM_MODE": "PRODUCTION", "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
_LOAD_LOCK = Lock()


class LiteLLMClient(ChatClient):
    """The client of LiteLLM, which is loaded by the first call."""

    def missing(self, offer: ModelOffer) -> str | None:
        """Which key or address the environment lacks, in words."""
        if offer.provider == "azure" and not (
            offer.api_base or self._env.get("AZURE_API_BASE")
        ):
            return f"{offer.name} needs an address: write providers: {{azure: {{api_base: …}}}}, or set AZURE_API_BASE"
        return super().missing(offer)

    async def ask(
        self, offer: ModelOffer, request: ModelRequest, hear: Callable[[str], None]
    ) -> ModelAnswer:
        """One call. Raises CallFailed."""
        litellm = await asyncio.to_thread(load_litellm)
        from agentco.adapters.models.litellm_transport import CURRENT_CALL, WatchedCall

        reply, call = (
            StreamedReply(request, hear),
            WatchedCall(client=self._client_for(offer), asked=set()),
        )
        mine = CURRENT_CALL.set(call)
        try:
            async with asyncio.timeout(self._limits.whole):
                said = await litellm.acompletion(
                    **self._completion_arguments(offer, request, litellm)
                )
            reply.feed(said.model_dump_json().encode() + b"\n\n")
        except Exception as error:
            raise self._explain_failure(offer, call, error) from error
        finally:
            CURRENT_CALL.reset(mine)
        if answer := reply.finished_answer():
            return answer
        raise self._call_failure(offer, "gave no whole answer", Trouble.LOST)

    def _completion_arguments(
        self, offer: ModelOffer, request: ModelRequest, litellm: Any
    ) -> dict[str, Any]:
        """The arguments of a completion: those of a direct request, and that nothing is sent again.

        What a provider does not take is left out, but never the tools: without them it had better not be asked.
        """
        body = msgspec.json.decode(
            msgspec.json.encode(
                request_body(offer, request) | forced_tool_choice(request)
            ),
            type=dict[str, Any],
        )
        taken = litellm.get_supported_openai_params(offer.model, offer.provider) or ()
        # Without a key of ours LiteLLM would look for one, and send it to whatever address is named.
        key = self._api_key(offer) or (
            "none"
            if offer.api_base and offer.provider not in _OWN_CREDENTIALS
            else None
        )
        once = {
            "stream": False,
            "num_retries": 0,
            "max_retries": 0,
            "timeout": self._limits.whole,
        }
        where = {"api_base": offer.api_base or None, "api_key": key}
        return (
            body | once | where | {"model": offer.name, "drop_params": "tools" in taken}
        )

    def _explain_failure(
        self, offer: ModelOffer, call: "WatchedCall", error: Exception
    ) -> CallFailed:
        """What became of a call, by what is known of it; what may have been answered is lost."""
        answered = call.response is not None and call.response.is_success
        if call.response is not None and not answered:
            call.response.status_code = (
                401 if _NO_KEY in call.said else call.response.status_code
            )
            return self._status_failure(offer, call.response, call.said)
        if call.unreached:
            return self._call_failure(
                offer, f"cannot be reached: {call.unreached}", Trouble.UNREACHABLE
            )
        if not call.asked and getattr(error, "status_code", 0) in _NOT_SENT_STATUSES:
            return self._call_failure(
                offer, f"cannot be asked: {error}", Trouble.REFUSED, _HINT
            )
        why = call.broke or (
            "nothing more arrived in time"
            if isinstance(error, TimeoutError)
            else str(error)
        )
        why = (
            "LiteLLM cannot read what arrived"
            if answered and not isinstance(error, UnreadableAnswer)
            else why
        )
        return self._call_failure(offer, f"gave no whole answer: {why}", Trouble.LOST)


def load_litellm() -> Any:
    """LiteLLM, with everything off that it does beside its work; the first time takes seconds, and says so."""
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

    def transport(**_: object) -> WatchedTransport:
        return WatchedTransport()

    http.AsyncHTTPHandler.create_async_transport = staticmethod(transport)
    litellm.suppress_debug_info = litellm.disable_token_counter = True
    for name in ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy"):
        logging.getLogger(name).disabled = True
    return litellm
