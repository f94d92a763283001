"""JSON-RPC, one message a line: the requests in a line, and what is wrong with it."""

import json
from typing import Any, TypeAlias, cast

import msgspec
from msgspec import UNSET, Struct, UnsetType

from agentco.mcp_server.schema_check import PARAMS_SCHEMAS, schema_issues

# the codes of the JSON-RPC 2.0 specification, section 5.1
PARSE_ERROR = -32700
INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
INTERNAL_ERROR = -32603
NO_TASKS = "Server does not support task creation (required for tools/call)"
_decode_json = msgspec.json.Decoder().decode


class RpcRequest(Struct, frozen=True, kw_only=True, tag_field="jsonrpc", tag="2.0"):
    """A request; without `id` a notification, without `method` an answer we never asked for."""

    id: int | str | UnsetType = UNSET
    method: str = ""
    params: dict[str, Any] | None = None


class RpcError(Struct, frozen=True, kw_only=True):
    """The error that answers a message, by its code and words; `id` is the message's."""

    code: int
    message: str
    id: object = None


RpcMessage: TypeAlias = RpcRequest | RpcError
ParsedLine: TypeAlias = RpcMessage | list[RpcMessage] | None
"""A message, a batch of them, or None for what wants no answer."""


def parse_line(line: bytes) -> ParsedLine:
    """The request in a line, or those of a batch; None for what wants no answer."""
    try:
        value = decode_line(line)
    except (ValueError, RecursionError):
        return RpcError(code=PARSE_ERROR, message="Parse error: a line is not JSON")
    if not value or not line.lstrip().startswith(b"["):
        return parse_request(value)
    messages = map(parse_request, msgspec.convert(value, list[Any]))
    return [message for message in messages if message]


def decode_line(line: bytes) -> object:
    """The JSON value of a line, mended where it can be. Raises ValueError, RecursionError."""
    try:
        return _decode_json(line)
    except (msgspec.DecodeError, RecursionError):
        return _decode_json(mend_surrogates(line))


def mend_surrogates(line: bytes) -> bytes:
    """The line with a sign for each half of a character that a client cut. Raises ValueError."""
    text = json.dumps(json.loads(line), ensure_ascii=False)
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()


def parse_request(value: object) -> RpcMessage | None:
    """One request that fits, or what is wrong with it; None for what wants no answer."""
    fields = cast("dict[str, object]", value if isinstance(value, dict) else {})
    id_ = fields.get("id")
    id_ = id_ if type(id_) in {int, str} else None
    try:
        request = msgspec.convert(value, RpcRequest)
    except msgspec.ValidationError as error:
        return RpcError(
            code=INVALID_REQUEST, message=f"Invalid Request: {error}", id=id_
        )
    if request.id is not UNSET and request.method:
        return check_params(request)
    if request.method or fields.keys() & {"result", "error"}:
        return None
    return RpcError(
        code=INVALID_REQUEST, message="Invalid Request: there is no method", id=id_
    )


def check_params(request: RpcRequest) -> RpcMessage:
    """The request, or the error that its params do not fit its method."""
    params = request.params or {}
    schema = PARAMS_SCHEMAS.get(request.method, {"type": "object"})
    issues = [*schema_issues(schema, params, ("params",))]
    if issues:
        return RpcError(code=INTERNAL_ERROR, message=format_json(issues), id=request.id)
    if "task" in params and request.method == "tools/call":
        return RpcError(code=INTERNAL_ERROR, message=NO_TASKS, id=request.id)
    return request


def format_json(value: object) -> str:
    """JSON for people, as the reference prints it."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
