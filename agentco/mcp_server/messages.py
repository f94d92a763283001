"""JSON-RPC, one message a line: the requests in a line, and what is wrong with it."""

import json
from typing import Any, cast

import msgspec
from msgspec import UNSET, Struct, UnsetType

from agentco.mcp_server.schema_check import PARAMS_SCHEMAS, schema_issues

PARSE_ERROR, INVALID_REQUEST, METHOD_NOT_FOUND, INVALID_PARAMS, INTERNAL_ERROR = (
    -32700,
    -32600,
    -32601,
    -32602,
    -32603,
)
decode_json = msgspec.json.Decoder().decode


class RpcRequest(Struct, frozen=True, kw_only=True, tag_field="jsonrpc", tag="2.0"):
    """A request; without `id` a notification, without `method` an answer to something we never asked."""

    id: int | str | UnsetType = UNSET
    method: str = ""
    params: dict[str, Any] | None = None


class RpcError(Struct, frozen=True, kw_only=True):
    """What nothing can be made of, and the code and words that say so."""

    code: int
    message: str
    id: object = None


def parse_line(
    line: bytes,
) -> RpcRequest | RpcError | list[RpcRequest | RpcError] | None:
    """The request in a line, or those of a batch; None for what wants no answer."""
    try:
        value: object = decode_json(line)
    except (msgspec.DecodeError, RecursionError):
        try:
            value = decode_json(mend_surrogates(line))
        except (ValueError, RecursionError):
            return RpcError(code=PARSE_ERROR, message="Parse error: a line is no JSON")
    if value and line.lstrip().startswith(b"["):
        return [
            asked
            for part in msgspec.convert(value, list[Any])
            if (asked := parse_request(part))
        ]
    return parse_request(value)


def parse_request(value: object) -> RpcRequest | RpcError | None:
    """One request that fits, or what is wrong with it; None for what wants no answer."""
    known = cast("dict[str, object]", value if isinstance(value, dict) else {})
    id_ = known.get("id") if type(known.get("id")) in {int, str} else None
    try:
        asked = msgspec.convert(value, RpcRequest)
    except msgspec.ValidationError as error:
        return RpcError(
            code=INVALID_REQUEST, message=f"Invalid Request: {error}", id=id_
        )
    if asked.id is UNSET or not asked.method:
        silent = asked.method or known.keys() & {"result", "error"}
        return (
            None
            if silent
            else RpcError(
                code=INVALID_REQUEST,
                message="Invalid Request: there is no method",
                id=id_,
            )
        )
    schema, params = (
        PARAMS_SCHEMAS.get(asked.method, {"type": "object"}),
        asked.params or {},
    )
    if wrong := [*schema_issues(schema, params, ("params",))]:
        return RpcError(code=INTERNAL_ERROR, message=format_json(wrong), id=asked.id)
    if "task" in params and asked.method == "tools/call":
        words = "Server does not support task creation (required for tools/call)"
        return RpcError(code=INTERNAL_ERROR, message=words, id=asked.id)
    return asked


def mend_surrogates(line: bytes) -> bytes:
    """The same line where a client cut a character in two: a sign stands for the halves. Raises ValueError."""
    text = json.dumps(json.loads(line), ensure_ascii=False)
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()


def format_json(value: object) -> str:
    """JSON for people, as the reference prints it."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
