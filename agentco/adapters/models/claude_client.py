"""Asking Anthropic and every server that speaks like it, through its own SDK.

The SDK writes a request and sends it once. What comes back is read here: its own reader takes a stream that was
cut for a finished one, checks no types and knows no limits.
"""

import re
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, cast

import msgspec
from msgspec import Struct

from agentco.adapters.models.http_client import HttpModelClient, sendable_arguments
from agentco.adapters.models.streamed_reply import (
    AnswerNotBegun,
    PartialCall,
    StreamedReply,
    TokenCount,
    UnreadableAnswer,
    arguments_text,
    error_text,
)
from agentco.company.model_offers import ModelOffer
from agentco.runs.model_messages import (
    ChatMessage,
    MessageRole,
    ModelRequest,
    TokenUsage,
)

if TYPE_CHECKING:
    import httpx2
    from anthropic import AsyncAnthropic

ROOM_TO_THINK = 8000
"""Tokens of an answer that leave room to think: what a model thinks is a part of its answer."""
_GO_ON_TURN = {"role": "user", "content": [{"type": "text", "text": "Go on."}]}
_OVERLOAD_ERRORS = frozenset({"overloaded_error", "rate_limit_error"})
_NOT_IN_A_NAME = re.compile(r"[^a-zA-Z0-9_-]")


class ClaudeClient(HttpModelClient):
    """The client of Anthropic's messages."""

    def _new_reply(
        self, request: ModelRequest, hear: Callable[[str], None]
    ) -> StreamedReply:
        return ClaudeReply(request, hear)

    def _optional_fields(self, request: ModelRequest) -> dict[str, Any]:
        extras: dict[str, Any] = {
            "output_config": {
                "effort": "medium" if request.max_tokens >= ROOM_TO_THINK else "low"
            }
        }
        if request.must:
            extras["tool_choice"] = {
                "type": "tool",
                "name": request.must,
                "disable_parallel_tool_use": True,
            }
        elif not request.tools and used_tool_names(request):
            extras["tool_choice"] = {"type": "none"}
        return extras

    @asynccontextmanager
    async def _send_request(
        self, offer: ModelOffer, request: ModelRequest, extras: dict[str, Any]
    ) -> AsyncGenerator["httpx2.Response"]:
        import anthropic

        headers = {"accept-encoding": "identity", "user-agent": "agentco"}
        nobody = {} if offer.api_key_env else {"authorization": anthropic.omit}
        asked = self._sdk_client(offer).messages.with_streaming_response.create(
            model=offer.model,
            max_tokens=request.max_tokens,
            messages=conversation_turns(request),
            stream=True,
            extra_body=tools_and_system(request) | extras,
            extra_headers=headers | nobody,
        )
        try:
            async with asked as response:
                yield response.http_response
        except anthropic.APIConnectionError as error:
            raise error.__cause__ or error from None

    def _sdk_client(self, offer: ModelOffer) -> "AsyncAnthropic":
        """The SDK over our own connections; a key is always given, or it would look for one by itself."""
        import anthropic

        return anthropic.AsyncAnthropic(
            api_key=self._api_key(offer) or "none",
            base_url=offer.api_base.removesuffix("/v1"),
            max_retries=0,
            http_client=self._client_for(offer),
        )


def tools_and_system(request: ModelRequest) -> dict[str, Any]:
    """The tools and the system's text, marked for the cache.

    A talk in which tools were used has to name tools to its end, whether they may be used or not.
    """
    tools: list[dict[str, Any]] = [
        {
            "name": t.name,
            "description": t.description,
            "input_schema": msgspec.json.decode(t.parameters),
        }
        for t in request.tools
    ] or [
        {"name": name, "input_schema": {"type": "object"}}
        for name in used_tool_names(request)
    ]
    system = [
        message for message in request.messages if message.role is MessageRole.SYSTEM
    ]
    stable = [
        block
        for message in system[: request.stable]
        for block in _content_blocks(message)
    ]
    later = [
        block
        for message in system[request.stable :]
        for block in _content_blocks(message)
    ]
    if will_be_repeated(request):
        tools, stable = _mark_for_cache(tools), _mark_for_cache(stable)
    return {
        name: blocks
        for name, blocks in (("tools", tools), ("system", stable + later))
        if blocks
    }


def conversation_turns(request: ModelRequest) -> list[Any]:
    """The talk as the protocol wants it: the user begins and ends, one side after the other, nobody says nothing."""
    found: list[dict[str, Any]] = []
    for message in request.messages:
        role = "assistant" if message.role is MessageRole.ASSISTANT else "user"
        blocks = (
            [] if message.role is MessageRole.SYSTEM else list(_content_blocks(message))
        )
        if blocks and found and found[-1]["role"] == role:
            found[-1]["content"] += blocks
        elif blocks:
            found.append({"role": role, "content": blocks})
    if not found or found[0]["role"] == "assistant":
        found.insert(0, _GO_ON_TURN)
    if found[-1]["role"] == "assistant":
        found.append(_GO_ON_TURN)
    if will_be_repeated(request) and not request.must:
        found[-1] = found[-1] | {"content": _mark_for_cache(found[-1]["content"])}
    return found


def will_be_repeated(request: ModelRequest) -> bool:
    """Whether another call will likely repeat this one, so that writing it to the cache, a quarter dearer, pays."""
    return len(request.tools) > 1


def used_tool_names(request: ModelRequest) -> list[str]:
    """The names of the tools that were used, as the protocol takes them."""
    return list(
        dict.fromkeys(
            _tool_name(call.name)
            for message in request.messages
            for call in message.calls
        )
    )


def _mark_for_cache(blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The blocks, with the mark behind the last that has the provider keep all before it for five minutes."""
    return [
        *blocks[:-1],
        *(block | {"cache_control": {"type": "ephemeral"}} for block in blocks[-1:]),
    ]


def _content_blocks(message: ChatMessage) -> Iterator[dict[str, Any]]:
    text = {"type": "text", "text": message.text}
    if message.role is MessageRole.TOOL:
        yield {
            "type": "tool_result",
            "tool_use_id": message.call,
            "content": [text] if message.text.strip() else [],
        }
    elif message.text.strip():
        yield text
    for call in message.calls:
        yield {
            "type": "tool_use",
            "id": call.id,
            "name": _tool_name(call.name),
            "input": msgspec.json.decode(sendable_arguments(call)),
        }


def _tool_name(tool: str) -> str:
    return _NOT_IN_A_NAME.sub("_", tool)[:128] or "_"


class _ContentBlock(Struct):
    type: str = ""
    id: str = ""
    name: str = ""
    text: str | None = None
    input: dict[str, Any] | None = None


class _ContentDelta(Struct):
    text: str | None = None
    partial_json: str | None = None
    stop_reason: str | None = None


class _ClaudeMessage(Struct):
    content: list[_ContentBlock] = []
    stop_reason: str | None = None
    usage: Any = None


class _ClaudeError(Struct):
    type: str = ""


class _ClaudeEvent(_ClaudeMessage):
    """A piece of a stream, or a whole message at once."""

    type: str = ""
    index: int = 0
    message: _ClaudeMessage | None = None
    content_block: _ContentBlock | None = None
    delta: _ContentDelta | None = None
    error: _ClaudeError | None = None


class _ClaudeUsage(Struct):
    input_tokens: TokenCount
    output_tokens: TokenCount
    cache_read_input_tokens: TokenCount = 0
    cache_creation_input_tokens: TokenCount = 0


class ClaudeReply(StreamedReply):
    """A message of Anthropic's as its bytes arrive."""

    def _read_event(self, data: bytes) -> None:
        try:
            event = msgspec.json.decode(data, type=_ClaudeEvent)
        except (ValueError, RecursionError) as error:
            raise UnreadableAnswer("what arrived is no message") from error
        if event.error:
            begun = self._usage is not None or event.error.type not in _OVERLOAD_ERRORS
            raise (UnreadableAnswer if begun else AnswerNotBegun)(
                f"it broke off with an error: {error_text(data)}"
            )
        said, delta = event.message or event, event.delta or _ContentDelta()
        for block in [
            *said.content,
            *([event.content_block] if event.content_block else []),
        ]:
            self._add_block(event.index, block)
        self._add_text(delta.text)
        if delta.partial_json and (call := self._at.get(event.index)):
            call.arguments.append(delta.partial_json)
        self._merge_usage(said.usage, start=event.message is not None)
        self._finish = delta.stop_reason or said.stop_reason or self._finish
        self.done = event.type == "message_stop"

    def _add_block(self, index: int, block: _ContentBlock) -> None:
        if block.type == "tool_use":
            whole = [arguments_text(block.input)] if block.input else []
            self._at[index] = PartialCall(id=block.id, name=block.name, arguments=whole)
            self._calls.append(self._at[index])
        self._add_text(block.text)

    def _merge_usage(self, usage: Any, *, start: bool) -> None:
        """Later counts replace earlier ones; what is said before anything was answered is no count of answers."""
        if usage is not None or start:
            now = cast("dict[str, Any]", usage if isinstance(usage, dict) else {})
            told = {
                k: v
                for k, v in now.items()
                if v is not None and not (start and k == "output_tokens")
            }
            self._usage = (self._usage or {}) | told

    def _reported_usage(self) -> TokenUsage | None:
        try:
            counted = msgspec.convert(self._usage, _ClaudeUsage)
        except msgspec.ValidationError:
            return None
        read, new = counted.cache_read_input_tokens, counted.cache_creation_input_tokens
        return TokenUsage(
            input=counted.input_tokens + read + new,
            output=counted.output_tokens,
            cached=read,
            written=new,
        )
