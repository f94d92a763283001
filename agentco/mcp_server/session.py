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
from agentco.mcp_server.arguments import issues
from agentco.mcp_server.messages import (
    INVALID,
    METHOD,
    WRONG,
    Bad,
    Message,
    parsed,
    pretty,
)
from agentco.mcp_server.reading import Call, read
from agentco.mcp_server.writing import ADDS, DELETED, additions, cut_of, too_long
from agentco.memory.graph import Graph
from agentco.memory.lines import Line, Trust

VERSIONS = ("2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05", "2024-10-07")
WITH_BATCHES = "2025-03-26"
LONGEST_NAME = 60
FIXED = package_data.table(__name__, dict[str, dict[str, Any]])
"""What is answered always, by method; of the first the part that is."""
TOOLS = {tool["name"]: tool["inputSchema"] for tool in FIXED["tools/list"]["tools"]}
URI, JSON = (
    FIXED["resources/list"]["resources"][0][key] for key in ("uri", "mimeType")
)
Asked = Message | Bad | list[Message | Bad] | None


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

    def replies(self, lines: Iterable[bytes]) -> bytes:
        """The lines that answer these; what they add is on the disk."""
        asked = [parsed(line) for line in lines if line.strip()]
        return b"".join(
            msgspec.json.encode(answer) + b"\n" for answer in self._answers(asked)
        )

    def _answers(self, asked: Iterable[Asked]) -> Iterator[Any]:
        for adding, some in groupby(asked, key=adds):
            if adding:
                yield from self._added(
                    [one for one in some if isinstance(one, Message)]
                )
            else:
                yield from chain.from_iterable(map(self._answer, some))

    def _answer(self, one: Asked) -> Iterator[Any]:
        if isinstance(one, list):
            yield from self._batch(one)
        elif one:
            found = (
                self._result(one.method, one.params or {})
                if isinstance(one, Message)
                else one
            )
            changed = (
                isinstance(one, Message)
                and one.method == "tools/call"
                and (one.params or {})["name"] in DELETED
            )
            yield from self._said(one.id, found, changed=changed)

    def _batch(self, batch: Sequence[Message | Bad]) -> Iterator[Any]:
        if self._version != WITH_BATCHES:
            yield from self._said(
                None,
                Bad(
                    code=INVALID,
                    message=f"Invalid Request: {self._version} has no batches",
                ),
            )
            return
        found = [*self._answers(batch)]
        yield from (one for one in found if "method" in one)
        if answers := [one for one in found if "method" not in one]:
            yield answers

    def _said(
        self, id_: object, found: Call | Bad, *, changed: bool = False
    ) -> Iterator[Any]:
        """The answer to a request, and before it to whom it matters that the memory changed."""
        if isinstance(found, Bad):
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

    def _result(self, method: str, params: Call) -> Call | Bad:
        match method:
            case "initialize":
                return self._greeted(params)
            case "tools/call":
                return self._called(params["name"], params.get("arguments", {}))
            case "resources/read":
                return self._resource(params["uri"])
            case "resources/subscribe":
                self._told.add(params["uri"])
            case "resources/unsubscribe":
                self._told.discard(params["uri"])
            case _:
                return FIXED.get(method, Bad(code=METHOD, message="Method not found"))
        return {}

    def _greeted(self, params: Call) -> Call:
        self._version = (
            asked if (asked := params["protocolVersion"]) in VERSIONS else VERSIONS[0]
        )
        self._name = self._name or params["clientInfo"]["name"]
        server = {"name": "agentco-memory", "version": agentco.__version__}
        return {
            "protocolVersion": self._version,
            "serverInfo": server,
            **FIXED["initialize"],
        }

    def _resource(self, uri: str) -> Call | Bad:
        if uri != URI:
            return Bad(
                code=WRONG, message=f"MCP error {WRONG}: Resource {uri} not found"
            )
        text = pretty(read("read_graph", self.file.graph(), {}))
        return {"contents": [{"uri": uri, "mimeType": JSON, "text": text}]}

    def _called(self, tool: str, call: Call) -> Call:
        try:
            refuse_misuse(tool, call)
            if not (message := DELETED.get(tool)):
                found = read(tool, self.file.graph(), call)
                return answered(found, pretty(found))
            mark, cut = self._mark, cut_of(call, trusted=self._trusted)
            self.file.remove(
                cut, at=mark["at"], what=f"{tool} by {mark['by']}", by=mark["by"]
            )
        except AgentcoError as error:
            return refused(error)
        return answered({"success": True, "message": message}, message)

    def _added(self, group: Sequence[Message]) -> Iterator[Any]:
        """Additions that came together: decided one after the other, written at once, then answered."""
        found: list[Call] = []

        def made(params: Call, graph: Graph) -> Sequence[Line]:
            tool, call = params["name"], params.get("arguments", {})
            try:
                refuse_misuse(tool, call)
                lines, heard = additions(tool, call, graph, self._mark)
            except AgentcoError as error:
                found.append(refused(error))
                return ()
            found.append(answered({ADDS[tool]: heard}, pretty(heard), *too_long(lines)))
            return lines

        try:
            self.file.add_each([partial(made, one.params or {}) for one in group])
        except AgentcoError as error:
            found = [refused(error) for _ in group]
        for one, answer in zip(group, found, strict=True):
            yield from self._said(one.id, answer, changed=True)

    @property
    def _mark(self) -> dict[str, Any]:
        name = "".join(filter(str.isprintable, self._name))[:LONGEST_NAME] or "client"
        return {
            "at": self._now(),
            "by": f"mcp:{name}",
            "trust": Trust.TRUSTED if self._trusted else Trust.UNTRUSTED,
        }


def adds(one: Asked) -> bool:
    """Whether a message adds to the memory."""
    return (
        isinstance(one, Message)
        and one.method == "tools/call"
        and (one.params or {})["name"] in ADDS
    )


def refuse_misuse(tool: str, call: Call) -> None:
    """Raises WrongUsage for a tool or arguments that there are not, in the reference's words."""
    if tool not in TOOLS:
        raise WrongUsage(f"MCP error {WRONG}: Tool {tool} not found", hint="")
    if wrong := "\n".join(map(str, issues(TOOLS[tool], call))):
        told = f"Input validation error: Invalid arguments for tool {tool}: {wrong}"
        raise WrongUsage(f"MCP error {WRONG}: {told}", hint="")


def answered(document: Call, *texts: str) -> Call:
    """What a tool answers: a document, and texts that say the same and more."""
    return {
        "content": [{"type": "text", "text": text} for text in texts],
        "structuredContent": document,
    }


def refused(error: AgentcoError) -> Call:
    """What a tool answers that did nothing."""
    words = f"{error.what}: {error.hint}" if error.hint else error.what
    return {"content": [{"type": "text", "text": words}], "isError": True}
