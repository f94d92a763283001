"""What Copilot says while it answers: the events of one session."""

from datetime import datetime
from typing import Any

import msgspec
from msgspec import Raw, Struct

from agentco.adapters.answers.answer_ends import stop_reason
from agentco.adapters.models.streamed_reply import StreamedReply, arguments_text
from agentco.ports.outside import Hearing
from agentco.ports.plans import FULL, PlanWindow
from agentco.runs.model_messages import (
    ModelAnswer,
    ModelRequest,
    StopReason,
    TokenUsage,
)

BYTES_PER_TOKEN = 4
"""Of an answer: with more of them than its longest length allows, it is cut here."""
ALMOST_FULL = 99.9
"""Percent of a window that is used up though calls may go on: a model may not count in it."""
NANO_AIU = 100_000
"""Billionths of an AI credit in a micro-dollar: a credit is a cent."""
_ENDS_BY_ITSELF = frozenset({StopReason.END, StopReason.TOOLS})


class _ToolRequest(Struct, rename="camel"):
    tool_call_id: str = ""
    name: str = ""
    arguments: Any = None


class _Quota(Struct, rename="camel"):
    remaining_percentage: float | None = None
    reset_date: str | None = None
    is_unlimited_entitlement: bool = False


class _Credits(Struct, rename="camel"):
    total_nano_aiu: float = 0.0


class _EventData(Struct, rename="camel"):
    """The data of every event that matters here."""

    parent_tool_call_id: str | None = None
    delta_content: str | None = None
    input_delta: str | None = None
    content: str | None = None
    tool_requests: list[_ToolRequest] = []
    chunk_index: int = 0
    chunk_count: int = 1
    finish_reason: str | None = None
    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    copilot_usage: _Credits | None = None
    quota_snapshots: dict[str, _Quota] = {}
    status_code: int | None = None
    error_type: str | None = None
    error_code: str | None = None
    error_message: str | None = None
    message: str | None = None


class _ErrorWords(Struct):
    message: str


class _Event(Struct, frozen=True):
    type: str = ""
    data: Raw = Raw()


class SessionEvent(Struct, rename="camel"):
    """The parameters of `session.event`."""

    session_id: str = ""
    event: _Event = _Event()


class CopilotFailure(Struct, frozen=True, kw_only=True):
    """A call of the model that failed, in the program's words."""

    status: int | None
    kind: str
    words: str


class _Reply(StreamedReply):
    """A reply that is fed with what the program made of the provider's stream."""

    _cost: int | None = None

    def add(self, **message: Any) -> None:
        """Take a piece of the answer in."""
        self._feed({"choices": [{"delta": message}]})

    def finish(
        self, reason: str, usage: TokenUsage | None, cost: int | None = None
    ) -> None:
        """Take in why it ended, what it took and, in micro-dollars, what that cost."""
        self._usage = usage
        self._cost = cost
        self._feed({"choices": [{"finish_reason": reason}]})

    def _feed(self, chunk: dict[str, Any]) -> None:
        self.feed(b"data: " + msgspec.json.encode(chunk) + b"\n\n")

    def _reported_usage(self) -> TokenUsage | None:
        return self._usage

    def _stated_cost(self) -> int | None:
        return self._cost


class CopilotTalk:
    """One call as far as the program has told of it."""

    def __init__(self, session: str, request: ModelRequest, hearing: Hearing) -> None:
        self._session = session
        self._reply = _Reply(request, hearing.text)
        self._reply.hear_thoughts(hearing.thought)
        self._most_bytes = request.max_tokens * BYTES_PER_TOKEN
        self._size = 0
        self._heard_text = False
        self._end: StopReason | None = None
        self.windows: list[PlanWindow] = []
        self.failure: CopilotFailure | None = None
        self.would_go_on = False
        self._has_message = False
        self._is_idle = False

    @property
    def has_begun(self) -> bool:
        """Whether any of the answer has arrived."""
        return self._size > 0 or self._reply.has_begun

    @property
    def is_over(self) -> bool:
        """Whether nothing more is worth reading, or the program has to be ended now."""
        is_whole = self._end in _ENDS_BY_ITSELF and self._has_message
        is_stopped = self.failure is not None or self.would_go_on or self._is_idle
        return is_whole or is_stopped

    def answer(self) -> ModelAnswer | None:
        """The whole answer; None if there is none."""
        return None if self.failure else self._reply.finished_answer()

    @property
    def why_unfinished(self) -> str:
        """Why there is no answer, in words."""
        return self._reply.why_unfinished

    def read(self, params: Raw) -> None:
        """Take an event in; one of another session, or that cannot be read, says nothing."""
        try:
            told = msgspec.json.decode(params, type=SessionEvent)
            data = msgspec.json.decode(told.event.data, type=_EventData)
        except (ValueError, RecursionError):
            return
        if told.session_id == self._session and not data.parent_tool_call_id:
            self._read_event(told.event.type, data)

    def _read_event(self, kind: str, data: _EventData) -> None:
        match kind:
            case "assistant.message_delta":
                self._heard_text = True
                self._add_text(data.delta_content or "")
            case "assistant.tool_call_delta":
                self._grow(data.input_delta or "")
            case "assistant.usage":
                self._read_end(data)
            case "assistant.message":
                self._read_message(data)
            case "model.call_failure" | "session.error":
                self._read_failure(data)
            case "session.idle" | "session.shutdown":
                self._is_idle = True
            case _:
                pass

    def _add_text(self, text: str) -> None:
        if text:
            self._reply.add(content=text)
            self._grow(text)

    def _grow(self, piece: str) -> None:
        """Count a piece; a longer answer than was asked for is cut: the program sends no cap."""
        self._size += len(piece.encode("utf-8", "replace"))
        if self._size > self._most_bytes and not self.would_go_on:
            self.would_go_on = True
            self._end = StopReason.LENGTH
            self._reply.finish("length", None)

    def _read_end(self, data: _EventData) -> None:
        """Take in how the model's answer ended. After any other end it would be asked again."""
        self._read_windows(data)
        if self._end is not None:
            return
        reason = data.finish_reason or ""
        self._end = stop_reason(reason)
        self.would_go_on = self._end not in _ENDS_BY_ITSELF
        cached, written = data.cache_read_tokens, data.cache_write_tokens
        prompt = data.input_tokens
        if cached + written > prompt:  # Anthropic's own count leaves them out
            prompt += cached + written
        usage = TokenUsage(
            input=prompt, output=data.output_tokens, cached=cached, written=written
        )
        credits_used = data.copilot_usage
        cost = round(credits_used.total_nano_aiu / NANO_AIU) if credits_used else None
        self._reply.finish(reason, usage, cost)

    def _read_message(self, data: _EventData) -> None:
        """Take in a part of the answer as the program put it together, its calls above all."""
        if not self._heard_text:
            self._add_text(data.content or "")
        calls = [
            {
                "id": request.tool_call_id,
                "function": {
                    "name": request.name,
                    "arguments": arguments_text(request.arguments or {}),
                },
            }
            for request in data.tool_requests
        ]
        if calls:
            self._reply.add(tool_calls=calls)
        self._has_message = data.chunk_index + 1 >= data.chunk_count

    def _read_failure(self, data: _EventData) -> None:
        self._read_windows(data)
        if self._end is None:
            self.failure = CopilotFailure(
                status=data.status_code,
                kind=f"{data.error_type or ''} {data.error_code or ''}".strip(),
                words=data.message or _plain_words(data.error_message or ""),
            )

    def _read_windows(self, data: _EventData) -> None:
        self.windows = [
            PlanWindow(
                name=name,
                used=min(FULL - (quota.remaining_percentage or 0.0), ALMOST_FULL),
                resets=_unix_time(quota.reset_date),
            )
            for name, quota in data.quota_snapshots.items()
            if not quota.is_unlimited_entitlement
            and quota.remaining_percentage is not None
        ]


def _plain_words(text: str) -> str:
    """An error's own words, out of the JSON in which the program quotes it."""
    try:
        told = msgspec.json.decode(text, type=str | _ErrorWords)
    except (ValueError, RecursionError):
        return text
    return told if isinstance(told, str) else told.message


def _unix_time(date: str | None) -> float:
    try:
        return datetime.fromisoformat(date or "").timestamp()
    except ValueError:
        return 0.0
