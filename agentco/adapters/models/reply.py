"""A chat completion as its bytes arrive, as server-sent events or one JSON document, into one whole answer.

What does not say why it stopped is no answer. Calls are put together by index, but also where a server
sends them whole, without ids, or all under one index.
"""

import re
from collections.abc import Callable, Iterator
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from agentco.runs.model_messages import Answer, Request, Stop, ToolCall, Usage

Tokens = Annotated[int, Meta(ge=0, le=10_000_000)]
_DONE = b"[DONE]"
_END_OF_LINE = re.compile(rb"\r\n|\n|\r(?=[\s\S])")
_OTHER_FIELD = re.compile(rb"(?:event|id|retry|):")
_STOPS = {
    "length": Stop.LENGTH,
    "max_tokens": Stop.LENGTH,
    "model_context_window_exceeded": Stop.LENGTH,
    "pause_turn": Stop.LENGTH,
    "content_filter": Stop.REFUSED,
    "refusal": Stop.REFUSED,
}


class Garbled(ValueError):
    """What arrived is no answer, or tells of an error; the message says which."""


class Unbegun(Garbled):
    """The provider had no room for the request: no answer was begun, and none is billed."""


class Events:
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
            if line and not _OTHER_FIELD.match(line):
                self._data.append(line.removeprefix(b"data:").removeprefix(b" "))
            elif not line and self._data:
                yield b"\n".join(self._data)
                self._data = []


class _Function(Struct):
    name: str | None = None
    arguments: str | dict[str, Any] | None = None


class _Call(Struct):
    index: int | None = None
    id: str | None = None
    function: _Function | None = None


class _Message(Struct):
    content: str | None = None
    refusal: str | None = None
    tool_calls: list[_Call] | None = None


class _Choice(Struct):
    delta: _Message | None = None
    message: _Message | None = None
    finish_reason: str | None = None


class _Chunk(Struct):
    choices: list[_Choice] | None = None
    usage: Any = None
    error: Any = None


class _Details(Struct):
    cached_tokens: Tokens | None = None


class _Counted(Struct):
    prompt_tokens: Tokens
    completion_tokens: Tokens
    prompt_tokens_details: _Details | None = None


class Growing(Struct):
    """A call while its pieces come in."""

    id: str = ""
    name: str = ""
    arguments: list[str] = []


class Reply:
    """What one request was answered so far; `hear` is told each piece of text."""

    def __init__(self, request: Request, hear: Callable[[str], None]) -> None:
        self.done = False
        self._request = request
        self._hear = hear
        self._events = Events()
        self._text: list[str] = []
        self._refusal = ""
        self._calls: list[Growing] = []
        self._at: dict[int, Growing] = {}
        self._finish = ""
        self._usage: Any = None

    @property
    def heard(self) -> bool:
        """Whether any of the answer itself has arrived."""
        return bool(self._text or self._calls or self.done)

    def feed(self, piece: bytes) -> None:
        """Take the next bytes of the body; two empty lines end one that was not ended. Raises Garbled."""
        for data in self._events.feed(piece):
            self.done = self.done or data.strip() == _DONE
            if not self.done:
                self._take(data)

    def answer(self) -> Answer | None:
        """The answer, once the model said why it stopped."""
        if self._finish in {"", "error"}:
            return None
        calls = tuple(self._named())
        otherwise = Stop.TOOLS if calls else Stop.REFUSED if self._refusal else Stop.END
        return Answer(
            text="".join(self._text) or self._refusal,
            calls=calls,
            stop=_STOPS.get(self._finish, otherwise),
            usage=self._counted(),
        )

    def _take(self, data: bytes) -> None:
        try:
            chunk = msgspec.json.decode(data, type=_Chunk)
        except (ValueError, RecursionError) as error:
            raise Garbled("what arrived is no chat completion") from error
        if chunk.error:
            raise Garbled(f"it broke off with an error: {words_of(data)}")
        self._usage = chunk.usage or self._usage
        for choice in (chunk.choices or [])[:1]:
            self._message(choice.delta or choice.message or _Message())
            self._finish = choice.finish_reason or self._finish

    def _message(self, message: _Message) -> None:
        self._say(message.content)
        self._refusal += message.refusal or ""
        for call in message.tool_calls or []:
            function = call.function or _Function()
            self._growing(call, function.name or "").arguments.append(
                written(function.arguments or "")
            )

    def _say(self, text: str | None) -> None:
        if text:
            self._text.append(text)
            self._hear(text)

    def _growing(self, call: _Call, name: str) -> Growing:
        """The call that a piece goes on with: that of its index, else the last, unless it names another."""
        last = self._calls[-1] if self._calls else None
        known = last if call.index is None else self._at.get(call.index)
        another = (
            name
            and known
            and (call.index is None or known.id not in {"", call.id or known.id})
        )
        if known is None or another:
            known = Growing()
            self._calls.append(known)
        if call.index is not None:
            self._at[call.index] = known
        known.id = known.id or call.id or ""
        known.name = known.name or name
        return known

    def _named(self) -> Iterator[ToolCall]:
        """The calls, each with an id that no other call of the talk has."""
        taken = {
            call.id for message in self._request.messages for call in message.calls
        } | {""}
        for growing in self._calls:
            id_ = growing.id if growing.id not in taken else f"call_{len(taken)}"
            while id_ in taken:
                id_ += "x"
            taken.add(id_)
            yield ToolCall(
                id=id_, name=growing.name, arguments="".join(growing.arguments) or "{}"
            )

    def _counted(self) -> Usage | None:
        """What the provider counted, unless it cannot be: words out of nothing, or far more than asked."""
        claimed = self._claimed()
        least = 1 if self._text or self._calls else 0
        most = 2 * self._request.max_tokens + 100
        if claimed is None or not 0 < claimed.input >= claimed.cached + claimed.written:
            return None
        return claimed if least <= claimed.output <= most else None

    def _claimed(self) -> Usage | None:
        try:
            counted = msgspec.convert(self._usage, _Counted)
        except msgspec.ValidationError:
            return None
        cached = (counted.prompt_tokens_details or _Details()).cached_tokens or 0
        return Usage(
            input=counted.prompt_tokens, output=counted.completion_tokens, cached=cached
        )


def written(arguments: str | dict[str, Any]) -> str:
    """A call's arguments as text, however they were given."""
    return (
        arguments
        if isinstance(arguments, str)
        else msgspec.json.encode(arguments).decode()
    )


_MESSAGE = re.compile(rb'"(?:message|detail|error)"\s*:\s*("(?:[^"\\]|\\.)*")')


def words_of(body: bytes) -> str:
    """What an error says for people, in any form that servers use; a page for browsers says nothing."""
    try:
        if found := _MESSAGE.search(body):
            return msgspec.json.decode(found[1], type=str)
    except (ValueError, RecursionError):
        pass
    text = body.decode("utf-8", "replace").strip()
    return "" if text.startswith("<") else text
