"""One client's session: every request gets its answer, and additions that came together share one sync."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import chain, groupby
from typing import Any

import msgspec

import agentco
from agentco.adapters.files.memory_file import MemoryFile
from agentco.kernel import package_data
from agentco.kernel.errors import AgentcoError, WrongUsage
from agentco.mcp_server.messages import (
    INVALID_PARAMS,
    INVALID_REQUEST,
    METHOD_NOT_FOUND,
    RpcError,
    RpcRequest,
    format_json,
    parse_line,
)
from agentco.mcp_server.reading_tools import CallArguments, run_reading_tool
from agentco.mcp_server.schema_check import schema_issues
from agentco.mcp_server.writing_tools import (
    DELETED_MESSAGES,
    RESULT_KEYS,
    build_additions,
    deletion_cut,
    length_warnings,
)
from agentco.memory.graph import MemoryGraph
from agentco.memory.lines import MemoryLine, TrustLevel

VERSIONS = ("2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05", "2024-10-07")
BATCH_VERSION = "2025-03-26"
MAX_NAME_CHARS = 60
FIXED_ANSWERS = package_data.load_table(__name__, dict[str, dict[str, Any]])
"""What is answered always, by method; of the first the part that is."""
TOOL_SCHEMAS = {
    tool["name"]: tool["inputSchema"] for tool in FIXED_ANSWERS["tools/list"]["tools"]
}
URI, JSON = (
    FIXED_ANSWERS["resources/list"]["resources"][0][key] for key in ("uri", "mimeType")
)
ParsedLine = RpcRequest | RpcError | list[RpcRequest | RpcError] | None


class Session:
    """What a client was told and asked to be told. `name` is who writes, else the client's own name."""

    def __init__(
        self,
        file: MemoryFile,
        *,
        now: Callable[[], str],
        name: str = "",
        trusted: bool = False,
    ) -> None:
        self.file = file
        self._now = now
        self._name = name
        self._trusted = trusted
        self._version = VERSIONS[0]
        self._told: set[str] = set()

    def reply_to(self, lines: Iterable[bytes]) -> bytes:
        """The lines that answer these; what they add is on the disk."""
        asked = [parse_line(line) for line in lines if line.strip()]
        return b"".join(
            msgspec.json.encode(answer) + b"\n" for answer in self._answer_all(asked)
        )

    def _answer_all(self, asked: Iterable[ParsedLine]) -> Iterator[Any]:
        for adding, some in groupby(asked, key=is_addition):
            if adding:
                yield from self._answer_additions(
                    [one for one in some if isinstance(one, RpcRequest)]
                )
            else:
                yield from chain.from_iterable(map(self._answer_one, some))

    def _answer_one(self, one: ParsedLine) -> Iterator[Any]:
        if isinstance(one, list):
            yield from self._answer_batch(one)
        elif one:
            found = (
                self._call_method(one.method, one.params or {})
                if isinstance(one, RpcRequest)
                else one
            )
            changed = (
                isinstance(one, RpcRequest)
                and one.method == "tools/call"
                and (one.params or {})["name"] in DELETED_MESSAGES
            )
            yield from self._build_response(one.id, found, changed=changed)

    def _answer_batch(self, batch: Sequence[RpcRequest | RpcError]) -> Iterator[Any]:
        if self._version != BATCH_VERSION:
            yield from self._build_response(
                None,
                RpcError(
                    code=INVALID_REQUEST,
                    message=f"Invalid Request: {self._version} has no batches",
                ),
            )
            return
        found = [*self._answer_all(batch)]
        yield from (one for one in found if "method" in one)
        if answers := [one for one in found if "method" not in one]:
            yield answers

    def _build_response(
        self, id_: object, found: CallArguments | RpcError, *, changed: bool = False
    ) -> Iterator[Any]:
        """The answer to a request, and before it to whom it matters that the memory changed."""
        if isinstance(found, RpcError):
            yield {
                "jsonrpc": "2.0",
                "id": id_,
                "error": {"code": found.code, "message": found.message},
            }
            return
        if changed and URI in self._told and "isError" not in found:
            yield {
                "method": "notifications/resources/updated",
                "params": {"uri": URI},
                "jsonrpc": "2.0",
            }
        yield {"result": found, "jsonrpc": "2.0", "id": id_}

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
                self._told.add(params["uri"])
            case "resources/unsubscribe":
                self._told.discard(params["uri"])
            case _:
                return FIXED_ANSWERS.get(
                    method, RpcError(code=METHOD_NOT_FOUND, message="Method not found")
                )
        return {}

    def _handle_initialize(self, params: CallArguments) -> CallArguments:
        self._version = (
            asked if (asked := params["protocolVersion"]) in VERSIONS else VERSIONS[0]
        )
        self._name = self._name or params["clientInfo"]["name"]
        server = {"name": "agentco-memory", "version": agentco.__version__}
        return {
            "protocolVersion": self._version,
            "serverInfo": server,
            **FIXED_ANSWERS["initialize"],
        }

    def _read_resource(self, uri: str) -> CallArguments | RpcError:
        if uri != URI:
            return RpcError(
                code=INVALID_PARAMS,
                message=f"MCP error {INVALID_PARAMS}: Resource {uri} not found",
            )
        text = format_json(run_reading_tool("read_graph", self.file.load_graph(), {}))
        return {"contents": [{"uri": uri, "mimeType": JSON, "text": text}]}

    def _call_tool(self, tool: str, call: CallArguments) -> CallArguments:
        try:
            check_tool_call(tool, call)
            if not (message := DELETED_MESSAGES.get(tool)):
                found = run_reading_tool(tool, self.file.load_graph(), call)
                return tool_result(found, format_json(found))
            mark, cut = self._line_authorship, deletion_cut(call, trusted=self._trusted)
            self.file.remove(
                cut, at=mark["at"], what=f"{tool} by {mark['by']}", by=mark["by"]
            )
        except AgentcoError as error:
            return tool_error(error)
        return tool_result({"success": True, "message": message}, message)

    def _answer_additions(self, group: Sequence[RpcRequest]) -> Iterator[Any]:
        """Additions that came together: decided one after the other, written at once, then answered."""
        found: list[CallArguments] = []

        def made(params: CallArguments, graph: MemoryGraph) -> Sequence[MemoryLine]:
            tool, call = params["name"], params.get("arguments", {})
            try:
                check_tool_call(tool, call)
                lines, heard = build_additions(tool, call, graph, self._line_authorship)
            except AgentcoError as error:
                found.append(tool_error(error))
                return ()
            found.append(
                tool_result(
                    {RESULT_KEYS[tool]: heard},
                    format_json(heard),
                    *length_warnings(lines),
                )
            )
            return lines

        try:
            self.file.add_each([partial(made, one.params or {}) for one in group])
        except AgentcoError as error:
            found = [tool_error(error) for _ in group]
        for one, answer in zip(group, found, strict=True):
            yield from self._build_response(one.id, answer, changed=True)

    @property
    def _line_authorship(self) -> dict[str, Any]:
        name = "".join(filter(str.isprintable, self._name))[:MAX_NAME_CHARS] or "client"
        return {
            "at": self._now(),
            "by": f"mcp:{name}",
            "trust": TrustLevel.TRUSTED if self._trusted else TrustLevel.UNTRUSTED,
        }


def is_addition(one: ParsedLine) -> bool:
    """Whether a message adds to the memory."""
    return (
        isinstance(one, RpcRequest)
        and one.method == "tools/call"
        and (one.params or {})["name"] in RESULT_KEYS
    )


def check_tool_call(tool: str, call: CallArguments) -> None:
    """Raises WrongUsage for a tool or arguments that there are not, in the reference's words."""
    if tool not in TOOL_SCHEMAS:
        raise WrongUsage(f"MCP error {INVALID_PARAMS}: Tool {tool} not found", hint="")
    if wrong := "\n".join(map(str, schema_issues(TOOL_SCHEMAS[tool], call))):
        told = f"Input validation error: Invalid arguments for tool {tool}: {wrong}"
        raise WrongUsage(f"MCP error {INVALID_PARAMS}: {told}", hint="")


def tool_result(document: CallArguments, *texts: str) -> CallArguments:
    """What a tool answers: a document, and texts that say the same and more."""
    return {
        "content": [{"type": "text", "text": text} for text in texts],
        "structuredContent": document,
    }


def tool_error(error: AgentcoError) -> CallArguments:
    """What a tool answers that did nothing."""
    words = f"{error.what}: {error.hint}" if error.hint else error.what
    return {"content": [{"type": "text", "text": words}], "isError": True}
