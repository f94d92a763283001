"""What a provider wants back with a turn: reasoning, signatures. Nobody here reads it.

DeepSeek and Kimi want the reasoning of a turn that called tools, Gemini a signature with each
call, OpenRouter its details, Anthropic the blocks of thought with their signatures.
"""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import msgspec
from msgspec import Struct

from agentco.runs.model_messages import ChatMessage

TURN_FIELDS = ("reasoning_content", "reasoning", "reasoning_details", "thinking_blocks")
CALL_FIELDS = ("extra_content", "provider_specific_fields")
MAX_ECHO_CHARS = 400_000


class TurnEcho(Struct, frozen=True, omit_defaults=True):
    """The fields of a turn and of each of its calls, and whose they are."""

    provider: str
    fields: dict[str, Any] = {}
    calls: tuple[dict[str, Any], ...] = ()


def write_echo(
    provider: str, fields: Mapping[str, Any], *calls: Mapping[str, Any]
) -> str:
    """A turn's echo as it is kept; empty where there is nothing to give back."""
    if not fields and not any(calls):
        return ""
    echo = TurnEcho(provider, dict(fields), tuple(map(dict, calls)))
    text = msgspec.json.encode(echo).decode()
    return text if len(text) <= MAX_ECHO_CHARS else ""


def read_echo(message: ChatMessage, provider: str) -> TurnEcho:
    """What goes back to a provider with a turn; nothing of another's."""
    first = next(iter(message.calls), None)
    if first and first.echo:
        # a secret that was cut out of it may leave what is no JSON
        with suppress(ValueError, RecursionError):
            echo = msgspec.json.decode(first.echo, type=TurnEcho)
            if echo.provider == provider:
                return echo
    return TurnEcho(provider)


def merge_echo(known: Any, piece: Any) -> Any:
    """A field as far as it has come: texts and lists go on, all else is replaced."""
    if isinstance(known, str) and isinstance(piece, str):
        return known + piece
    if isinstance(known, list) and isinstance(piece, list):
        return [*known, *piece]
    return piece
