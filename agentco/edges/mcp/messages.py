"""JSON-RPC, one message a line: what a line is, and the lines that answer it."""

import json
from typing import Any, cast

import msgspec
from msgspec import UNSET, Struct, UnsetType

PARSE, INVALID, METHOD, WRONG, INTERNAL = -32700, -32600, -32601, -32602, -32603


class Message(Struct, frozen=True, kw_only=True, tag_field="jsonrpc", tag="2.0"):
    """A request; without `id` a notification, without `method` an answer to something we never asked."""

    id: int | str | UnsetType = UNSET
    method: str = ""
    params: dict[str, Any] | None = None
    result: Any = UNSET
    error: Any = UNSET


class Bad(Struct, frozen=True, kw_only=True):
    """A line that is no message, and the code and words that say so."""

    code: int
    message: str
    id: int | str | None = None


Batch = tuple[Message | Bad, ...]
EVERY = msgspec.json.Decoder()


def parsed(line: bytes) -> Message | Bad | Batch:
    """The message of a line, or what is wrong with it; the messages of a batch."""
    try:
        value = EVERY.decode(line)
    except (msgspec.DecodeError, RecursionError):
        try:
            value = EVERY.decode(mended(line))
        except (ValueError, RecursionError):
            return Bad(code=PARSE, message="Parse error: a line is no JSON")
    return tuple(map(message, value)) if isinstance(value, list) and value else message(value)


def message(value: object) -> Message | Bad:
    """One message of a batch, or alone."""
    try:
        found = msgspec.convert(value, Message)
    except msgspec.ValidationError as error:
        asked = cast("dict[str, object]", value).get("id") if isinstance(value, dict) else None
        id_ = asked if isinstance(asked, int | str) and not isinstance(asked, bool) else None
        return Bad(code=INVALID, message=f"Invalid Request: {error}", id=id_)
    answers = found.result is not UNSET or found.error is not UNSET
    known = found.method or answers
    return found if known else Bad(code=INVALID, message="Invalid Request: there is no method", id=found.id or None)


def mended(line: bytes) -> bytes:
    """The same line where a client cut a character in two: its halves cannot be written, a sign stands for them.

    Raises ValueError for what is no JSON.
    """
    text = json.dumps(json.loads(line), ensure_ascii=False)
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()


def result(id_: int | str, value: object) -> bytes:
    """The answer to a request."""
    return msgspec.json.encode({"result": value, "jsonrpc": "2.0", "id": id_})


def failure(id_: int | str | None, code: int, words: str) -> bytes:
    """The answer to a request that nothing can be made of; without an id to a line that was none."""
    return msgspec.json.encode({"jsonrpc": "2.0", "id": id_, "error": {"code": code, "message": words}})


def notification(method: str, **params: object) -> bytes:
    """Something a client is told without having asked."""
    return msgspec.json.encode({"method": method, "params": params, "jsonrpc": "2.0"})


def pretty(value: object) -> str:
    """JSON for people, as the reference prints it."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
