"""How many tokens a model's own server says it reads: asked once of each model, paid by nobody.

Only a server of the founder's is asked, where the table of providers says (`company/providers`).
"""

import asyncio
import re
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeAlias, cast
from urllib.parse import quote

import msgspec

from agentco.company.addresses import is_loopback
from agentco.company.model_offers import ModelOffer
from agentco.company.providers import ContextSource, context_sources
from agentco.ports.outside import ServedContext

if TYPE_CHECKING:
    import httpx2

ANSWER_TIMEOUT_S = 3.0
LOAD_TIMEOUT_S = 120.0
"""A model that is not loaded is first read from the disk."""
MAX_ANSWER_BYTES = 4 * 1024 * 1024
MAX_DEPTH = 6
Fields: TypeAlias = Mapping[str, Any]
_NOTHING: Fields = {}
_NOT_READY = 503
_PRESET = re.compile(r"^num_ctx\s+(\d{3,9})\s*$", re.MULTILINE)
_NAMES = ("id", "name", "model", "key", "model_name")
"""The fields by which servers name a model in a list."""


class _Unreached(Exception):
    """The server takes no connection, or is not ready."""


class ServedContexts:
    """What servers said of their models; keys are in `env`. Close it after use."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = env
        self._asked: dict[tuple[str, str], asyncio.Task[ServedContext | None]] = {}
        self._clients: dict[str, httpx2.AsyncClient] = {}

    async def find(self, offer: ModelOffer, *, load: bool) -> ServedContext | None:
        """What the server tells of a model; None if it does not tell, or cannot be reached.

        With `load` a server that only knows it of loaded models is asked to load it, and what it
        says is remembered.
        """
        if not load:
            with suppress(_Unreached):
                return await self._ask_server(offer, load=False)
            return None
        key = offer.api_base, offer.model
        if key not in self._asked:
            self._asked[key] = asyncio.create_task(self._ask_server(offer, load=True))
        try:
            return await asyncio.shield(self._asked[key])
        except _Unreached:
            self._asked.pop(key, None)
            return None

    async def aclose(self) -> None:
        """Close every connection."""
        for task in self._asked.values():
            task.cancel()
        for client in self._clients.values():
            await client.aclose()
        self._asked.clear()
        self._clients.clear()

    async def _ask_server(
        self, offer: ModelOffer, *, load: bool
    ) -> ServedContext | None:
        """Ask wherever such a server may tell; one that keeps silent once is not asked again."""
        sources = context_sources(offer.provider)
        answers: dict[str, Fields] = {}
        with suppress(TimeoutError):
            for source in sources:
                path = source.path.format(model=quote(offer.model, safe=""))
                if path not in answers:
                    answers[path] = await self._request(offer, path)
                answer = answers[path]
                tokens = find_context(answer, offer.model, source)
                if not tokens and source.preset and source.lists in answer:
                    tokens = await self._find_preset(offer, source)
                if not tokens and load and isinstance(answer.get(source.lists), list):
                    tokens = await self._load_and_ask(offer, path, source)
                    if len(sources) == 1:
                        tokens = tokens or source.unless_told
                if tokens:
                    setting = source.how_to_read(offer.model)
                    return ServedContext(tokens=tokens, setting=setting)
        return None

    async def _find_preset(self, offer: ModelOffer, source: ContextSource) -> int:
        """The context that the founder gave a model in its file; 0 for none."""
        body = msgspec.json.encode({"model": offer.model})
        shown = await self._request(offer, source.preset, body)
        found = _PRESET.search(str(shown.get("parameters")))
        return int(found[1]) if found else 0

    async def _load_and_ask(
        self, offer: ModelOffer, path: str, source: ContextSource
    ) -> int:
        """Have a server load a model, and ask again."""
        if not source.load:
            return 0
        body = msgspec.json.encode({"model": offer.model, "stream": False})
        with suppress(TimeoutError):
            await self._request(offer, source.load, body, LOAD_TIMEOUT_S)
        answer = await self._request(offer, path)
        return find_context(answer, offer.model, source)

    async def _request(
        self,
        offer: ModelOffer,
        path: str,
        body: bytes | None = None,
        seconds: float = ANSWER_TIMEOUT_S,
    ) -> Fields:
        """What a path of the server says; nothing where it says nothing of use.

        Raises TimeoutError, and _Unreached.
        """
        import httpx2

        headers = {"accept-encoding": "identity"}
        key = self._env.get(offer.api_key_env or "", "").strip()
        if key:
            headers["authorization"] = f"Bearer {key}"
        client = self._client_for(offer.api_base)
        request = client.stream(
            "POST" if body else "GET",
            offer.api_base.removesuffix("/v1") + path,
            content=body,
            headers=headers,
        )
        try:
            async with asyncio.timeout(seconds), request as response:
                if response.status_code == _NOT_READY:
                    raise _Unreached
                if response.is_success:
                    data = await _read_body(response)
                    return msgspec.json.decode(data, type=dict[str, Any])
        except httpx2.ConnectError as error:
            raise _Unreached from error
        except (httpx2.HTTPError, httpx2.InvalidURL, ValueError):
            pass
        return _NOTHING

    def _client_for(self, address: str) -> "httpx2.AsyncClient":
        import httpx2

        if address not in self._clients:
            self._clients[address] = httpx2.AsyncClient(
                trust_env=not is_loopback(address), timeout=None
            )
        return self._clients[address]


async def _read_body(response: "httpx2.Response") -> bytes:
    """A body. Raises ValueError for one that is too large."""
    body = b""
    async for piece in response.aiter_bytes():
        body += piece
        if len(body) > MAX_ANSWER_BYTES:
            raise ValueError(len(body))
    return body


def find_context(answer: Fields, model: str, source: ContextSource) -> int:
    """The tokens that an answer states for a model; 0 if it states none.

    Where it lists models, only the entry of the model counts.
    """
    listed = answer.get(source.lists)
    if isinstance(listed, list):
        entries = (each for each in cast("list[Any]", listed) if _is_of(each, model))
        answer = next(entries, _NOTHING)
    return max(_find_field(answer, source.field, MAX_DEPTH), 0)


def _is_of(entry: Any, model: str) -> bool:
    if not isinstance(entry, dict):
        return False
    names = {str(cast("Fields", entry).get(name)) for name in _NAMES}
    return not names.isdisjoint({model, f"{model}:latest"})


def _find_field(fields: Fields, field: str, depth: int) -> int:
    """The first whole number under a name, in an object or those inside of it; else 0."""
    number = fields.get(field)
    if isinstance(number, int):
        return number
    for value in fields.values():
        if depth and isinstance(value, dict):
            inner = _find_field(cast("Fields", value), field, depth - 1)
            if inner:
                return inner
    return 0
