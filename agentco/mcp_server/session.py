"""One client's session: every request is answered, additions that came together share a sync."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import msgspec

import agentco
from agentco.kernel import package_data
from agentco.kernel.errors import AgentcoError, WrongUsage
from agentco.mcp_server.messages import (
    INVALID_PARAMS,
    INVALID_REQUEST,
    METHOD_NOT_FOUND,
    ParsedLine,
    RpcError,
    RpcMessage,
    RpcRequest,
    format_json,
    parse_line,
)
from agentco.mcp_server.reading_tools import CallArguments, run_reading_tool
from agentco.mcp_server.schema_check import schema_issues, unwrap_strings
from agentco.mcp_server.writing_tools import (
    DELETED_MESSAGES,
    RESULT_KEYS,
    build_additions,
    deletion_cut,
    length_warnings,
)
from agentco.memory.graph import MemoryGraph
from agentco.memory.lines import MemoryLine, TrustLevel
from agentco.memory.rewrite import RecordRewrite

VERSIONS = ("2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05", "2024-10-07")
"""The protocol's versions that are spoken, the newest first."""
BATCH_VERSION = "2025-03-26"
"""The only version that has batches."""
MAX_NAME_CHARS = 60
FIXED_ANSWERS = package_data.load_table(__name__, dict[str, dict[str, Any]])
"""What is answered always, by method; of the first the part that is."""
TOOL_SCHEMAS = {
    tool["name"]: tool["inputSchema"] for tool in FIXED_ANSWERS["tools/list"]["tools"]
}
_RESOURCE = FIXED_ANSWERS["resources/list"]["resources"][0]
URI: str = _RESOURCE["uri"]
MIME_TYPE: str = _RESOURCE["mimeType"]
UPDATE_NOTIFICATION = {
    "method": "notifications/resources/updated",
    "params": {"uri": URI},
    "jsonrpc": "2.0",
}
Answers: TypeAlias = Iterator[Any]
"""JSON values, each a line for the client."""


class SharedMemory(Protocol):
    """A memory that other processes write too."""

    @property
    def path(self) -> Path:
        """Where it lies."""
        ...

    def load_graph(self) -> MemoryGraph:
        """All that is known now. Raises StateBroken."""
        ...

    def add_each(
        self, makers: Sequence[Callable[[MemoryGraph], Sequence[MemoryLine]]]
    ) -> None:
        """Append what each maker makes of all that was said before it, with one sync."""
        ...

    def remove(self, cut: RecordRewrite, *, at: str, what: str, by: str) -> object:
        """Take records away and keep them in the trash; `at` is now (ISO)."""
        ...


class Session:
    """One client's version and subscriptions; `name` is who writes, else what it calls itself."""

    def __init__(
        self,
        memory: SharedMemory,
        *,
        now: Callable[[], str],
        name: str = "",
        trusted: bool = False,
    ) -> None:
        self.memory = memory
        self._now = now
        self._name = name
        self._trusted = trusted
        self._version = VERSIONS[0]
        self._subscribed: set[str] = set()

    def reply_to(self, lines: Iterable[bytes]) -> bytes:
        """The lines that answer these; what they add is on the disk."""
        messages = [parse_line(line) for line in lines if line.strip()]
        encoded = map(msgspec.json.encode, self._answer_all(messages))
        return b"".join(answer + b"\n" for answer in encoded)

    def _answer_all(self, messages: Iterable[ParsedLine]) -> Answers:
        for adding, group in groupby(messages, key=is_addition):
            if adding:
                additions = [
                    message for message in group if isinstance(message, RpcRequest)
                ]
                yield from self._answer_additions(additions)
                continue
            for message in group:
                yield from self._answer_one(message)

    def _answer_one(self, message: ParsedLine) -> Answers:
        match message:
            case list():
                yield from self._answer_batch(message)
            case RpcRequest():
                params = message.params or {}
                answer = self._call_method(message.method, params)
                deleting = (
                    message.method == "tools/call"
                    and params["name"] in DELETED_MESSAGES
                )
                yield from self._build_response(message.id, answer, changed=deleting)
            case RpcError():
                yield from self._build_response(message.id, message)
            case None:
                pass

    def _answer_batch(self, batch: Sequence[RpcMessage]) -> Answers:
        if self._version != BATCH_VERSION:
            words = f"Invalid Request: {self._version} has no batches"
            yield from self._build_response(
                None, RpcError(code=INVALID_REQUEST, message=words)
            )
            return
        answers: list[Any] = []
        for answer in self._answer_all(batch):
            if "method" in answer:
                yield answer
            else:
                answers.append(answer)
        if answers:
            yield answers

    def _build_response(
        self, id_: object, answer: CallArguments | RpcError, *, changed: bool = False
    ) -> Answers:
        """The answer to a request, and before it the notification that the memory changed."""
        if isinstance(answer, RpcError):
            error = {"code": answer.code, "message": answer.message}
            yield {"jsonrpc": "2.0", "id": id_, "error": error}
            return
        if changed and URI in self._subscribed and "isError" not in answer:
            yield UPDATE_NOTIFICATION
        yield {"result": answer, "jsonrpc": "2.0", "id": id_}

    def _call_method(
        self, method: str, params: CallArguments
    ) -> CallArguments | RpcError:
        match method:
            case "initialize":
                return self._handle_initialize(params)
            case "tools/call":
                return self._call_tool(params["name"], params.get("arguments", {}))
            case "resources/read":
                return self._read_resource(params["uri"])
            case "resources/subscribe":
                self._subscribed.add(params["uri"])
                return {}
            case "resources/unsubscribe":
                self._subscribed.discard(params["uri"])
                return {}
            case _:
                unknown = RpcError(code=METHOD_NOT_FOUND, message="Method not found")
                return FIXED_ANSWERS.get(method, unknown)

    def _handle_initialize(self, params: CallArguments) -> CallArguments:
        version = params["protocolVersion"]
        self._version = version if version in VERSIONS else VERSIONS[0]
        self._name = self._name or params["clientInfo"]["name"]
        server = {"name": "agentco-memory", "version": agentco.__version__}
        answer = {"protocolVersion": self._version, "serverInfo": server}
        return {**answer, **FIXED_ANSWERS["initialize"]}

    def _read_resource(self, uri: str) -> CallArguments | RpcError:
        if uri != URI:
            words = f"MCP error {INVALID_PARAMS}: Resource {uri} not found"
            return RpcError(code=INVALID_PARAMS, message=words)
        text = format_json(run_reading_tool("read_graph", self.memory.load_graph(), {}))
        return {"contents": [{"uri": uri, "mimeType": MIME_TYPE, "text": text}]}

    def _call_tool(self, tool: str, call: CallArguments) -> CallArguments:
        try:
            call = checked_arguments(tool, call)
            if tool in DELETED_MESSAGES:
                return self._delete(tool, call)
            document = run_reading_tool(tool, self.memory.load_graph(), call)
        except AgentcoError as error:
            return tool_error(error)
        return tool_result(document, format_json(document))

    def _delete(self, tool: str, call: CallArguments) -> CallArguments:
        message = DELETED_MESSAGES[tool]
        author = self._author
        cut = deletion_cut(call, author=author, trusted=self._trusted)
        self.memory.remove(cut, at=self._now(), what=f"{tool} by {author}", by=author)
        return tool_result({"success": True, "message": message}, message)

    def _answer_additions(self, requests: Sequence[RpcRequest]) -> Answers:
        """Additions that came together: decided in order, written at once, then answered."""
        answers: list[CallArguments] = []
        add = partial(self._add, answers=answers)
        try:
            self.memory.add_each(
                [partial(add, request.params or {}) for request in requests]
            )
        except AgentcoError as error:
            answers = [tool_error(error)] * len(requests)
        for request, answer in zip(requests, answers, strict=True):
            yield from self._build_response(request.id, answer, changed=True)

    def _add(
        self, params: CallArguments, graph: MemoryGraph, *, answers: list[CallArguments]
    ) -> Sequence[MemoryLine]:
        """The lines that one call adds; its answer is put behind `answers`."""
        tool: str = params["name"]
        call: CallArguments = params.get("arguments", {})
        try:
            call = checked_arguments(tool, call)
            additions = build_additions(tool, call, graph, self._line_authorship)
        except AgentcoError as error:
            answers.append(tool_error(error))
            return ()
        texts = [format_json(additions.told), *length_warnings(additions.lines)]
        answers.append(tool_result({RESULT_KEYS[tool]: additions.told}, *texts))
        return additions.lines

    @property
    def _author(self) -> str:
        name = "".join(filter(str.isprintable, self._name))[:MAX_NAME_CHARS]
        return f"mcp:{name or 'client'}"

    @property
    def _line_authorship(self) -> dict[str, Any]:
        trust = TrustLevel.TRUSTED if self._trusted else TrustLevel.UNTRUSTED
        return {"at": self._now(), "by": self._author, "trust": trust}


def is_addition(message: ParsedLine) -> bool:
    """Whether a message adds to the memory."""
    if not isinstance(message, RpcRequest) or message.method != "tools/call":
        return False
    return (message.params or {})["name"] in RESULT_KEYS


def checked_arguments(tool: str, call: CallArguments) -> CallArguments:
    """A call's arguments, with what was encoded once too often unwrapped.

    Raises WrongUsage for an unknown tool or unfit arguments, in the reference's words.
    """
    if tool not in TOOL_SCHEMAS:
        raise WrongUsage(f"MCP error {INVALID_PARAMS}: Tool {tool} not found", hint="")
    meant: CallArguments = unwrap_strings(TOOL_SCHEMAS[tool], call)
    issues = "\n".join(map(str, schema_issues(TOOL_SCHEMAS[tool], meant)))
    if issues:
        words = f"Input validation error: Invalid arguments for tool {tool}: {issues}"
        raise WrongUsage(f"MCP error {INVALID_PARAMS}: {words}", hint="")
    return meant


def tool_result(document: CallArguments, *texts: str) -> CallArguments:
    """What a tool answers: a document, and texts that say the same and more."""
    content = [{"type": "text", "text": text} for text in texts]
    return {"content": content, "structuredContent": document}


def tool_error(error: AgentcoError) -> CallArguments:
    """What a tool answers that did nothing."""
    words = f"{error.what}: {error.hint}" if error.hint else error.what
    return {"content": [{"type": "text", "text": words}], "isError": True}
