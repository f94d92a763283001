"""A piece of a chat completion as servers send it, and what of it is text or thought."""

from collections.abc import Iterator
from typing import Any, cast

from msgspec import Struct

from agentco.adapters.answers.answer_ends import is_bad_sample

Content = str | list[dict[str, Any] | str] | None
"""What is said: a text, or parts of which some are thoughts."""
_THINKING_TYPES = frozenset(
    {"thinking", "redacted_thinking", "reasoning", "reasoning_text"}
)


class FunctionDelta(Struct):
    """A piece of a call's name and arguments."""

    name: str | None = None
    arguments: str | dict[str, Any] | None = None


class CallDelta(Struct):
    """A piece of a call."""

    index: int | None = None
    id: str | None = None
    function: FunctionDelta | None = None
    extra_content: Any = None
    provider_specific_fields: Any = None


class ChunkMessage(Struct):
    """A piece of a message, or all of it."""

    content: Content = None
    refusal: str | None = None
    reasoning_content: Any = None
    reasoning: Any = None
    reasoning_details: Any = None
    thinking_blocks: Any = None
    extra_content: Any = None
    tool_calls: list[CallDelta] | None = None

    @property
    def is_thought(self) -> bool:
        """Whether the content is a thought: Gemini says so beside it."""
        google = _field(self.extra_content, "google")
        return _field(google, "thought") is True


class ChatChoice(Struct):
    """An answer as far as it has come."""

    delta: ChunkMessage | None = None
    message: ChunkMessage | None = None
    finish_reason: str | None = None
    native_finish_reason: Any = None
    usage: Any = None

    @property
    def end(self) -> str:
        """Why it stopped; a router may hide that its provider could not read a call."""
        native = self.native_finish_reason
        if self.finish_reason and isinstance(native, str) and is_bad_sample(native):
            return native
        return self.finish_reason or ""


class GroqNews(Struct):
    """What Groq says beside the protocol."""

    usage: Any = None
    error: Any = None


class ChatChunk(Struct):
    """One event of a stream, or a whole completion."""

    choices: list[ChatChoice] | None = None
    usage: Any = None
    error: Any = None
    object: Any = None
    x_groq: GroqNews | None = None


def text_parts(content: Content) -> Iterator[str]:
    """What of a content is said."""
    for part in [content] if isinstance(content, str) else content or []:
        if isinstance(part, str):
            yield part
        elif part.get("type") not in _THINKING_TYPES:
            yield _text_of(part)


def thinking_parts(content: Content) -> list[dict[str, Any]]:
    """The parts of a content that are thoughts, as the provider sent them."""
    parts = content if isinstance(content, list) else []
    return [
        part
        for part in parts
        if isinstance(part, dict) and part.get("type") in _THINKING_TYPES
    ]


def thought_text(message: ChunkMessage) -> str:
    """What of a piece is thought, where a server keeps it apart; said once if told twice."""
    details: Any = message.reasoning_details or []
    told = (
        message.reasoning_content,
        message.reasoning,
        _texts_in(details),
        _texts_in(thinking_parts(message.content)),
    )
    return next((text for text in told if isinstance(text, str) and text), "")


def _texts_in(parts: Any) -> str:
    """The texts of parts, which may be nested."""
    if isinstance(parts, str):
        return parts
    if not isinstance(parts, list):
        return ""
    items = cast("list[Any]", parts)
    names = ("text", "thinking", "summary")
    fields = [(_field(item, name) for name in names) for item in items]
    return "".join(_texts_in(value) for values in fields for value in values)


def _text_of(part: dict[str, Any]) -> str:
    text = part.get("text")
    return text if isinstance(text, str) else ""


def _field(value: Any, name: str) -> Any:
    return cast("dict[str, Any]", value).get(name) if isinstance(value, dict) else None
