"""Puts a chat completion together as its bytes arrive, as server-sent events or one JSON document.

What does not say why it stopped is no answer. Calls are put together by index, but also where a
server sends them whole, without ids, or all under one index.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any, cast

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from agentco.adapters.answers.answer_ends import is_bad_sample, stop_reason
from agentco.adapters.answers.chat_chunks import (
    CallDelta,
    ChatChunk,
    ChunkMessage,
    Content,
    FunctionDelta,
    GroqNews,
    text_parts,
    thinking_parts,
    thought_text,
)
from agentco.adapters.answers.echo import (
    CALL_FIELDS,
    CONTENT,
    TURN_FIELDS,
    merge_echo,
    write_echo,
)
from agentco.adapters.answers.lenient_json import (
    HalfCharacters,
    decode_event,
    whole_characters,
)
from agentco.adapters.answers.thoughts import ThoughtSplitter
from agentco.adapters.answers.usage_counts import chat_usage, stated_cost
from agentco.adapters.answers.written_calls import find_written_calls, plain_name
from agentco.ports.outside import HearText, ignore_thought
from agentco.runs.model_messages import (
    ModelAnswer,
    ModelRequest,
    StopReason,
    TokenUsage,
    ToolCall,
)

_DONE = b"[DONE]"
_END_OF_LINE = re.compile(rb"\r\n|\n|\r(?=[\s\S])")
_OTHER_FIELD = re.compile(rb"(?:event|id|retry|):")
_NOT_BEGUN_CODES = frozenset(
    {
        "429",
        "502",
        "503",
        "529",
        "rate_limit_error",
        "rate_limit_exceeded",
        "overloaded_error",
    }
)
_UPSTREAM_ERROR = re.compile(rb'"raw"\s*:\s*("(?:[^"\\]|\\.)*")')
_ERROR_MESSAGE = re.compile(rb'"(?:message|detail|error)"\s*:\s*("(?:[^"\\]|\\.)*")')
MAX_END_CHARS = 40
"""Of a server's word for an end that nobody knows, as shown."""
SPARE_TOKENS = 100
"""What a count of an answer may exceed twice the asked limit by, and still be believed."""


class UnreadableAnswer(ValueError):
    """What arrived is no answer, or tells of an error; the message says which."""


class AnswerNotBegun(UnreadableAnswer):
    """The provider had no room for the request: no answer was begun, and none is billed."""


class EventStreamParser:
    """The data of server-sent events out of bytes, wherever these are cut.

    A line that no event could have is data too: a server that does not stream sends such ones only.
    """

    def __init__(self) -> None:
        self._rest = bytearray()
        self._data: list[bytes] = []

    def feed(self, piece: bytes) -> Iterator[bytes]:
        """The events that end in this piece."""
        self._rest += piece
        if b"\n" not in piece and b"\r" not in piece:
            return
        *lines, rest = _END_OF_LINE.split(bytes(self._rest))
        self._rest = bytearray(rest)
        for line in lines:
            if line.startswith(b"error:"):
                # a form of older servers of llama.cpp
                self._data.append(b'{"error":' + line.removeprefix(b"error:") + b"}")
            elif line and not _OTHER_FIELD.match(line):
                self._data.append(line.removeprefix(b"data:").removeprefix(b" "))
            elif not line and self._data:
                yield b"\n".join(self._data)
                self._data = []


class PartialCall(Struct):
    """A call while its pieces come in."""

    id: str = ""
    name: str = ""
    arguments: list[str] = []
    echo: dict[str, Any] = {}


class StreamedReply:
    """What one request was answered so far; `hear` is told each piece of text."""

    def __init__(
        self,
        request: ModelRequest,
        hear: Callable[[str], None],
        provider: str = "",
        *,
        silent_end: bool = False,
    ) -> None:
        self.done = False
        self._provider = provider
        self._silent_end = silent_end
        self._echo: dict[str, Any] = {}
        self._request = request
        self._events = EventStreamParser()
        self._halves = HalfCharacters()
        self._said = ThoughtSplitter(hear, self._think, request.begun)
        self._hear_thought: HearText = ignore_thought
        self._has_text = False
        self._refusal = ""
        self._is_free = False
        self._calls: list[PartialCall] = []
        self._at: dict[int, PartialCall] = {}
        self._finish = ""
        self._usage: Any = None

    @property
    def has_begun(self) -> bool:
        """Whether any of the answer itself has arrived."""
        return self._has_text or bool(self._calls) or self.done

    @property
    def thought_without_mark(self) -> bool:
        """Whether the answer began with a thought that no mark opened."""
        return self._said.began_unmarked

    def hear_thoughts(self, hear: HearText) -> None:
        """Tell what is thought, piece by piece, apart from what is said."""
        self._hear_thought = hear

    def hold_back(self, chars: int) -> None:
        """Tell what is said only once it is no thought for certain, or after so many characters."""
        self._said.hold_back(chars)

    def _think(self, piece: str) -> None:
        self._hear_thought(piece)

    def refuse(self, why: str) -> None:
        """Take it that a filter refused the request: an answer that costs nothing."""
        self._finish, self._refusal = StopReason.REFUSED, why
        self._is_free = True

    def end_as(self, word: str) -> None:
        """Take the server's own word for why it stopped, where it has one."""
        self._finish = word or self._finish

    def feed(self, piece: bytes) -> None:
        """Take the next bytes of the body; two empty lines end one that was not ended.

        Raises UnreadableAnswer.
        """
        for data in self._events.feed(piece):
            self.done = self.done or data.strip() == _DONE
            if not self.done:
                self._read_event(data)
            elif self._silent_end and self._calls:
                self._finish = self._finish or "tool_calls"

    def finished_answer(self) -> ModelAnswer | None:
        """The answer, once the model said why it stopped, and that is known to be a good end."""
        stop = stop_reason(self._finish)
        if stop is None:
            return None
        self._said.feed(self._halves.rest())
        self._said.finish()
        text = self._said.text or self._refusal
        calls = tuple(self._finished_calls())
        if not calls and self._request.tools:
            names = [tool.name for tool in self._request.tools]
            written = find_written_calls(
                text, names, self._said.calls, must=self._request.must
            )
            if written:
                text, calls = written.text, tuple(self._with_ids(written.calls))
        if stop is StopReason.END and calls:
            stop = StopReason.TOOLS
        elif stop is StopReason.END and self._refusal:
            stop = StopReason.REFUSED
        call_echoes = [call.echo for call in self._calls]
        echo = write_echo(self._provider, self._echo, *call_echoes)
        if echo and calls:
            calls = (replace(calls[0], echo=echo), *calls[1:])
        return ModelAnswer(
            text=text,
            calls=calls,
            stop=stop,
            usage=self._plausible_usage(),
            stated_cost=self._stated_cost(),
        )

    @property
    def counted(self) -> TokenUsage | None:
        """The tokens that are billed, also where there is no answer; None if nobody counted."""
        return self._plausible_usage()

    @property
    def bad_sample(self) -> str:
        """The word by which a server said that it could not read a call; else empty."""
        return self._finish if is_bad_sample(self._finish) else ""

    @property
    def why_unfinished(self) -> str:
        """Why there is no answer, in words."""
        if not self._finish:
            return "it was cut off"
        return f"it ended with {self._finish[:MAX_END_CHARS]!r}"

    def _read_event(self, data: bytes) -> None:
        try:
            chunk = decode_event(data, ChatChunk)
        except (ValueError, RecursionError) as error:
            raise UnreadableAnswer("what arrived is not a chat completion") from error
        news = chunk.x_groq or GroqNews()
        if chunk.error or chunk.object == "error" or news.error:
            raise self._stream_error(chunk.error or news.error, data)
        self._usage = chunk.usage or news.usage or self._usage
        if chunk.choices:
            choice = chunk.choices[0]
            self._usage = choice.usage or self._usage
            self._add_message(choice.delta or choice.message or ChunkMessage())
            self._finish = choice.end or self._finish

    def _stream_error(self, error: Any, data: bytes) -> UnreadableAnswer:
        """What an error in the stream means: one that came before any answer costs nothing.

        A call that the server could not read is worth another try, whatever came before it.
        """
        what = f"it broke off with an error: {error_text(data)}"
        fields = cast("dict[str, Any]", error) if isinstance(error, dict) else {}
        codes = {str(fields.get(name)) for name in ("code", "type", "status_code")}
        is_begun = self.has_begun or bool(self._echo) or self._usage is not None
        is_bad = any(map(is_bad_sample, codes))
        if is_bad or (not is_begun and codes & _NOT_BEGUN_CODES):
            return AnswerNotBegun(what)
        return UnreadableAnswer(what)

    def _add_message(self, message: ChunkMessage) -> None:
        self._add_text(message.content, is_thought=message.is_thought)
        self._refusal += message.refusal or ""
        _keep(self._echo, message, TURN_FIELDS)
        thought = thought_text(message)
        if thought:
            self._said.hold_back(0)
            self._think(thought)
        thinking = thinking_parts(message.content)
        if thinking:
            self._echo[CONTENT] = merge_echo(self._echo.get(CONTENT, []), thinking)
        for delta in message.tool_calls or []:
            function = delta.function or FunctionDelta()
            call = self._partial_call_for(delta, function.name or "")
            call.arguments.append(arguments_text(function.arguments or ""))
            _keep(call.echo, delta, CALL_FIELDS)

    def _add_text(self, content: Content, *, is_thought: bool = False) -> None:
        """Take a piece of text, or parts of which only those of text are said."""
        for text in text_parts(content):
            self._has_text = self._has_text or bool(text)
            self._said.feed(self._halves.join(text), is_thought=is_thought)

    def _partial_call_for(self, delta: CallDelta, name: str) -> PartialCall:
        """The call that a piece goes on with, by index, id, or as the last; or a new one."""
        call = self._call_at(delta)
        if call is None or (name and _is_another_call(call, delta)):
            call = PartialCall()
            self._calls.append(call)
        if delta.index is not None:
            self._at[delta.index] = call
        call.id = call.id or delta.id or ""
        call.name = call.name or name
        return call

    def _call_at(self, delta: CallDelta) -> PartialCall | None:
        if delta.index is not None:
            return self._at.get(delta.index)
        named = [call for call in self._calls if delta.id and call.id == delta.id]
        return (named or self._calls or [None])[-1]

    def _finished_calls(self) -> Iterator[ToolCall]:
        """The calls under the names of tools, each with an id of its own."""
        names = [tool.name for tool in self._request.tools]
        calls = [
            ToolCall(
                id=call.id,
                name=plain_name(call.name, names),
                arguments=whole_characters("".join(call.arguments)) or "{}",
            )
            for call in self._calls
        ]
        return self._with_ids(calls)

    def _with_ids(self, calls: Iterable[ToolCall]) -> Iterator[ToolCall]:
        """The calls, each with an id that no other call of the talk has."""
        messages = self._request.messages
        taken = {call.id for message in messages for call in message.calls}
        taken.add("")
        for call in calls:
            call_id = call.id
            if call_id in taken:
                call_id = f"call_{len(taken)}"
            while call_id in taken:
                call_id += "x"
            taken.add(call_id)
            yield replace(call, id=call_id)

    def _plausible_usage(self) -> TokenUsage | None:
        """What the provider counted, unless it cannot be, such as far more than was asked."""
        if self._is_free:
            return TokenUsage(input=0, output=0)
        usage = self._reported_usage()
        if usage is None or usage.input <= 0:
            return None
        if usage.cached + usage.written > usage.input:
            return None
        least = 1 if self._has_text or self._calls else 0
        most = 2 * self._request.max_tokens + SPARE_TOKENS
        return usage if least <= usage.output <= most else None

    def _reported_usage(self) -> TokenUsage | None:
        return chat_usage(self._usage)

    def _stated_cost(self) -> int | None:
        return None if self._is_free else stated_cost(self._usage)


def _keep(echo: dict[str, Any], piece: Struct, names: Iterable[str]) -> None:
    """Keep what of a piece the provider wants back."""
    for name in names:
        value = getattr(piece, name)
        if value is not None:
            echo[name] = merge_echo(echo.get(name), value)


def _is_another_call(call: PartialCall, delta: CallDelta) -> bool:
    """Whether a piece that bears a name begins a call of its own."""
    if delta.index is None:
        return not delta.id or call.id != delta.id
    return bool(call.id) and bool(delta.id) and call.id != delta.id


def arguments_text(arguments: str | dict[str, Any]) -> str:
    """A call's arguments as text, however they were given."""
    if isinstance(arguments, str):
        return arguments
    return msgspec.json.encode(arguments).decode()


def error_text(body: bytes) -> str:
    """The message of an error, in any form that servers use; empty for a page of HTML.

    A router that only says that its provider failed gives that one's own words beside it.
    """
    upstream = _UPSTREAM_ERROR.search(body)
    if upstream:
        with suppress(ValueError, RecursionError):
            body = msgspec.json.decode(upstream[1], type=str).encode()
    match = _ERROR_MESSAGE.search(body)
    if match:
        with suppress(ValueError, RecursionError):
            return msgspec.json.decode(match[1], type=str)
    text = body.decode("utf-8", "replace").strip()
    return "" if text.startswith("<") else text
