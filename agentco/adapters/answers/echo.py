"""What a provider wants back with a turn: reasoning, signatures. Nobody here reads it.

DeepSeek and Kimi want the reasoning of a turn that called tools, Gemini a signature with each
call, OpenRouter its details, Mistral the parts of the content that are thoughts, Anthropic the
blocks of thought with their signatures.
"""

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any, cast

import msgspec
from msgspec import Struct

from agentco.runs.model_messages import ChatMessage

TURN_FIELDS = ("reasoning_content", "reasoning", "reasoning_details", "thinking_blocks")
CONTENT = "content"
"""The field of a turn whose parts of thought go before what was said."""
CALL_FIELDS = ("extra_content", "provider_specific_fields")
MAX_ECHO_CHARS = 400_000
_GROWING = frozenset({"text", "thinking", "summary", "data"})
"""What of an item comes in pieces."""


class TurnEcho(Struct, frozen=True, omit_defaults=True):
    """The fields of a turn and of each of its calls, and whose they are."""

    provider: str
    fields: dict[str, Any] = {}
    calls: tuple[dict[str, Any], ...] = ()


class Filler(Struct, frozen=True, kw_only=True):
    """What stands for the thoughts of a turn that another model wrote."""

    fields: dict[str, Any] = {}
    call: dict[str, Any] = {}


_SKIPPED_SIGNATURE = {
    "google": {"thought_signature": "skip_thought_signature_validator"}
}
FILLERS = {
    "reasoning_content": Filler(fields={"reasoning_content": " "}),
    "thought_signature": Filler(call={"extra_content": _SKIPPED_SIGNATURE}),
}
"""By the names under which servers miss it: DeepSeek and Kimi the first, Gemini 3 the second."""
_IS_MISSED = re.compile(
    rb"missing|must be (?:passed|provided)|is required", re.IGNORECASE
)


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


def has_echo(messages: Iterable[ChatMessage], provider: str) -> bool:
    """Whether a talk holds anything that a provider wants back."""
    echoes = (read_echo(message, provider) for message in messages)
    return any(echo.fields or any(echo.calls) for echo in echoes)


def restore_echoes(body: bytes, turns: Iterable[Mapping[str, Any]]) -> bytes:
    """A request with what a translator left out of its turns that called tools.

    `turns` are all of the talk, as they were given to it. A body in another form than theirs stays
    as it is.
    """
    given = [turn for turn in turns if turn.get("tool_calls")]
    if not given:
        return body
    try:
        request = msgspec.json.decode(body, type=dict[str, Any])
        talk = msgspec.convert(request.get("messages"), list[dict[str, Any]])
    except (ValueError, RecursionError):
        return body
    sent = [turn for turn in talk if turn.get("tool_calls")]
    if len(sent) != len(given):
        return body
    for turn, whole in zip(sent, given, strict=True):
        _restore(turn, whole, TURN_FIELDS)
        if isinstance(whole.get(CONTENT), list):  # its thoughts are parts of it
            turn[CONTENT] = whole[CONTENT]
        for call, whole_call in zip(
            turn["tool_calls"], whole["tool_calls"], strict=False
        ):
            _restore(call, whole_call, CALL_FIELDS)
    return msgspec.json.encode(request | {"messages": talk})


def _restore(
    sent: dict[str, Any], whole: Mapping[str, Any], names: Iterable[str]
) -> None:
    """Put back those fields that are missing."""
    for name in names:
        if name in whole and sent.get(name) is None:
            sent[name] = whole[name]


def merge_echo(known: Any, piece: Any) -> Any:
    """A field as far as it has come: texts and lists go on, all else is replaced."""
    if isinstance(known, str) and isinstance(piece, str):
        return known + piece
    if isinstance(known, list) and isinstance(piece, list):
        items = list(cast("list[Any]", known))
        for item in cast("list[Any]", piece):
            if items and _goes_on(items[-1], item):
                items[-1] = _merge_item(items[-1], item)
            else:
                items.append(item)
        return items
    return piece


def _goes_on(known: Any, piece: Any) -> bool:
    """Whether an item is more of the one before it: of its kind, and in its place."""
    if not (isinstance(known, dict) and isinstance(piece, dict)):
        return False
    before, now = cast("dict[str, Any]", known), cast("dict[str, Any]", piece)
    has_place = "index" in now or now.get("type") in {"text", "thinking"}
    alike = all(before.get(name) == now.get(name) for name in ("type", "index"))
    return has_place and alike and now.get("id") in {None, before.get("id")}


def _merge_item(known: dict[str, Any], piece: dict[str, Any]) -> dict[str, Any]:
    merged = dict(known)
    for name, value in piece.items():
        if name in _GROWING:
            merged[name] = merge_echo(known.get(name), value)
        elif value is not None:
            merged[name] = value
    return merged


def missing_filler(refusal: bytes) -> str:
    """What a server misses in a turn that another model wrote; empty if it is something else."""
    if not _IS_MISSED.search(refusal):
        return ""
    return next((name for name in FILLERS if name.encode() in refusal), "")


def filled_turn(echo: TurnEcho, fillers: Iterable[str]) -> TurnEcho:
    """A turn's echo with what its server wants in every turn, whoever wrote it."""
    for name in fillers:
        filler = FILLERS[name]
        fields, calls = dict(filler.fields), list(echo.calls)
        if filler.call and not any(calls):
            calls = [filler.call]
        given = {name: value for name, value in echo.fields.items() if value}
        echo = TurnEcho(echo.provider, fields | given, tuple(calls))
    return echo
