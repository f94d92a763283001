"""Asking Anthropic and every server that speaks like it, through its own SDK.

The SDK writes a request and sends it once. What comes back is read here: its own reader takes a cut
stream for a finished one, checks no types and knows no limits.
"""

import re
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, cast

import msgspec
from msgspec import Struct

from agentco.adapters.answers.echo import has_echo, read_echo
from agentco.adapters.answers.lenient_json import decode_event
from agentco.adapters.answers.usage_counts import claude_usage
from agentco.adapters.models.chat_request import will_be_repeated, wire_call_id
from agentco.adapters.models.http_client import HttpModelClient
from agentco.adapters.models.refused_fields import (
    ADAPTIVE,
    CACHE_CONTROL,
    ECHO,
    FULL_SCHEMA,
    REASONING,
    TOOLS,
    UNSENT,
)
from agentco.adapters.models.streamed_reply import (
    AnswerNotBegun,
    PartialCall,
    StreamedReply,
    UnreadableAnswer,
    arguments_text,
    error_text,
)
from agentco.adapters.models.tool_schema import sendable_arguments, tool_schema
from agentco.company.model_offers import ModelOffer
from agentco.company.reasoning_fields import claude_thinking, effort_in
from agentco.runs.model_messages import (
    ChatMessage,
    MessageRole,
    ModelRequest,
    TokenUsage,
    ToolSpec,
)

if TYPE_CHECKING:
    import httpx2
    from anthropic import AsyncAnthropic

_GO_ON_TURN = {"role": "user", "content": [{"type": "text", "text": "Go on."}]}
_OVERLOAD_ERRORS = frozenset({"overloaded_error", "rate_limit_error"})
THOUGHTS = "thoughts"
MAX_TOOL_NAME_CHARS = 128
_NOT_IN_A_NAME = re.compile(r"[^a-zA-Z0-9_-]")


class ClaudeClient(HttpModelClient):
    """The client of Anthropic's messages."""

    def _new_reply(
        self, offer: ModelOffer, request: ModelRequest, hear: Callable[[str], None]
    ) -> StreamedReply:
        return ClaudeReply(request, hear, offer.provider)

    def _optional_fields(
        self, offer: ModelOffer, request: ModelRequest
    ) -> dict[str, Any]:
        effort = effort_in(offer.reasoning, request.max_tokens)
        fields: dict[str, Any] = {"output_config": {"effort": str(effort)}}
        if offer.reasoning and not request.must:
            # with thoughts no tool can be demanded
            fields |= {REASONING: True, ADAPTIVE: True}
        if request.tools:
            fields |= {TOOLS: True, FULL_SCHEMA: True}
        if will_be_repeated(request):
            fields[CACHE_CONTROL] = True
        if has_echo(request.messages, offer.provider):
            fields[ECHO] = True
        if request.must:
            fields["tool_choice"] = {
                "type": "tool",
                "name": request.must,
                "disable_parallel_tool_use": True,
            }
        elif not request.tools and used_tool_names(request):
            fields["tool_choice"] = {"type": "none"}
        return fields

    @asynccontextmanager
    async def _send_request(
        self, offer: ModelOffer, request: ModelRequest, extras: dict[str, Any]
    ) -> AsyncGenerator["httpx2.Response"]:
        import anthropic

        headers: dict[str, Any] = {
            "accept-encoding": "identity",
            "user-agent": "agentco",
        }
        if not offer.api_key_env:
            headers["authorization"] = anthropic.omit
        plain = {
            key: extras[key] for key in extras.keys() - UNSENT - {CACHE_CONTROL, TOOLS}
        }
        if offer.reasoning and REASONING in extras:
            thinking = claude_thinking(
                offer.reasoning, request.max_tokens, adaptive=ADAPTIVE in extras
            )
            plain |= {"thinking": thinking} if thinking else {}
        caches = CACHE_CONTROL in extras
        is_full = FULL_SCHEMA in extras
        provider = offer.provider if ECHO in extras else ""
        messages = self._sdk_client(offer).messages
        sending = messages.with_streaming_response.create(
            model=offer.model,
            max_tokens=request.max_tokens,
            messages=conversation_turns(request, provider, caches=caches),
            stream=True,
            extra_body=tools_and_system(request, caches=caches, is_full=is_full)
            | plain,
            extra_headers=headers,
        )
        try:
            async with sending as response:
                yield response.http_response
        except anthropic.APIConnectionError as error:
            raise error.__cause__ or error from None

    def _sdk_client(self, offer: ModelOffer) -> "AsyncAnthropic":
        """The SDK over our own connections; without a key it would look for one by itself."""
        import anthropic

        return anthropic.AsyncAnthropic(
            api_key=self._api_key(offer) or "none",
            base_url=offer.api_base.removesuffix("/v1"),
            max_retries=0,
            http_client=self._client_for(offer),
        )


def tools_and_system(
    request: ModelRequest, *, caches: bool = True, is_full: bool = True
) -> dict[str, Any]:
    """The tools and the system's text, marked for the cache.

    A talk in which tools were used has to name tools to its end, whether they may be used or not.
    """
    tools = [_tool_json(tool, is_full=is_full) for tool in request.tools]
    if not tools:
        tools = [_unusable_tool_json(name) for name in used_tool_names(request)]
    messages = [m for m in request.messages if m.role is MessageRole.SYSTEM]
    stable = _all_content_blocks(messages[: request.stable])
    later = _all_content_blocks(messages[request.stable :])
    if caches and will_be_repeated(request):
        tools = _mark_for_cache(tools)
        stable = _mark_for_cache(stable)
    fields = {"tools": tools, "system": stable + later}
    return {name: blocks for name, blocks in fields.items() if blocks}


def conversation_turns(
    request: ModelRequest, provider: str = "", *, caches: bool = True
) -> list[Any]:
    """The talk as the protocol wants it, with what the provider gave with its turns.

    The user begins and ends, one side speaks after the other, and nobody says nothing.
    """
    turns: list[dict[str, Any]] = []
    for message in request.messages:
        thoughts = read_echo(message, provider).fields.get(THOUGHTS, [])
        blocks = [*thoughts, *_content_blocks(message)]
        if message.role is MessageRole.SYSTEM or not blocks:
            continue
        is_answer = message.role is MessageRole.ASSISTANT
        role = "assistant" if is_answer else "user"
        if turns and turns[-1]["role"] == role:
            turns[-1]["content"] += blocks
        else:
            turns.append({"role": role, "content": blocks})
    if not turns or turns[0]["role"] == "assistant":
        turns.insert(0, _GO_ON_TURN)
    if turns[-1]["role"] == "assistant":
        turns.append(_GO_ON_TURN)
    if caches and will_be_repeated(request) and not request.must:
        last_turn = turns[-1]
        turns[-1] = {**last_turn, "content": _mark_for_cache(last_turn["content"])}
    return turns


def used_tool_names(request: ModelRequest) -> list[str]:
    """The names of the tools that were used, as the protocol takes them."""
    calls = (call for message in request.messages for call in message.calls)
    return list(dict.fromkeys(_tool_name(call.name) for call in calls))


def _tool_json(tool: ToolSpec, *, is_full: bool) -> dict[str, Any]:
    return {
        "name": tool.name,
        "description": tool.description,
        "input_schema": tool_schema(tool, is_full=is_full),
    }


def _unusable_tool_json(name: str) -> dict[str, Any]:
    return {"name": name, "input_schema": {"type": "object"}}


def _mark_for_cache(blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Mark the last block: the provider keeps all up to it for five minutes."""
    if not blocks:
        return []
    *before, last = blocks
    return [*before, {**last, "cache_control": {"type": "ephemeral"}}]


def _all_content_blocks(messages: Iterable[ChatMessage]) -> list[dict[str, Any]]:
    return [block for message in messages for block in _content_blocks(message)]


def _content_blocks(message: ChatMessage) -> Iterator[dict[str, Any]]:
    text_block = {"type": "text", "text": message.text}
    has_text = bool(message.text.strip())
    if message.role is MessageRole.TOOL:
        yield {
            "type": "tool_result",
            "tool_use_id": wire_call_id(message.call),
            "content": [text_block] if has_text else [],
        }
    elif has_text:
        yield text_block
    for call in message.calls:
        yield {
            "type": "tool_use",
            "id": wire_call_id(call.id),
            "name": _tool_name(call.name),
            "input": msgspec.json.decode(sendable_arguments(call)),
        }


def _tool_name(tool: str) -> str:
    return _NOT_IN_A_NAME.sub("_", tool)[:MAX_TOOL_NAME_CHARS] or "_"


class _ContentBlock(Struct):
    type: str = ""
    thinking: str | None = None
    signature: str | None = None
    data: str | None = None
    id: str = ""
    name: str = ""
    text: str | None = None
    input: dict[str, Any] | None = None


class _ContentDelta(Struct):
    text: str | None = None
    thinking: str | None = None
    signature: str | None = None
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


class ClaudeReply(StreamedReply):
    """A message of Anthropic's as its bytes arrive."""

    def __init__(
        self, request: ModelRequest, hear: Callable[[str], None], provider: str = ""
    ) -> None:
        super().__init__(request, hear, provider)
        self._thoughts: dict[int, dict[str, Any]] = {}

    def _read_event(self, data: bytes) -> None:
        try:
            event = decode_event(data, _ClaudeEvent)
        except (ValueError, RecursionError) as error:
            raise UnreadableAnswer("what arrived is not a message") from error
        if event.error:
            raise self._stream_error(event.error, data)
        message = event.message or event
        blocks = list(message.content)
        if event.content_block:
            blocks.append(event.content_block)
        for block in blocks:
            self._add_block(event.index, block)
        delta = event.delta or _ContentDelta()
        self._add_text(delta.text)
        if delta.thinking or delta.signature:
            self._add_thought(event.index, delta)
        if delta.partial_json and event.index in self._at:
            self._at[event.index].arguments.append(delta.partial_json)
        self._merge_usage(message.usage, is_start=event.message is not None)
        self._finish = delta.stop_reason or message.stop_reason or self._finish
        self.done = event.type == "message_stop"

    def _stream_error(self, error: _ClaudeError, data: bytes) -> UnreadableAnswer:
        what = f"it broke off with an error: {error_text(data)}"
        if self._usage is None and error.type in _OVERLOAD_ERRORS:
            return AnswerNotBegun(what)
        return UnreadableAnswer(what)

    def _add_block(self, index: int, block: _ContentBlock) -> None:
        if block.type == "tool_use":
            call = PartialCall(id=block.id, name=block.name, arguments=[])
            if block.input:
                call.arguments.append(arguments_text(block.input))
            self._at[index] = call
            self._calls.append(call)
        if block.type in {"thinking", "redacted_thinking"}:
            self._add_thought(index, block)
        self._add_text(block.text)

    def _add_thought(self, index: int, piece: _ContentBlock | _ContentDelta) -> None:
        """Keep a block of thought as it came; it goes back with its signature."""
        block = self._thoughts.setdefault(index, {"type": "thinking"})
        if isinstance(piece, _ContentBlock):
            block["type"] = piece.type
        for name in ("thinking", "signature", "data"):
            value = getattr(piece, name, None)
            if value is not None:
                block[name] = block.get(name, "") + value
        if piece.thinking:
            self._think(piece.thinking)
        self._echo[THOUGHTS] = [self._thoughts[at] for at in sorted(self._thoughts)]

    def _merge_usage(self, usage: Any, *, is_start: bool) -> None:
        """Let later counts replace earlier ones.

        What is said before anything was answered is no count of answers.
        """
        if usage is None and not is_start:
            return
        counts = cast("dict[str, Any]", usage) if isinstance(usage, dict) else {}
        known = {name: count for name, count in counts.items() if count is not None}
        if is_start:
            known.pop("output_tokens", None)
        self._usage = {**(self._usage or {}), **known}

    def _reported_usage(self) -> TokenUsage | None:
        return claude_usage(self._usage)
