"""One client's session: every request gets its answer, and additions that came together share one sync."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from msgspec import UNSET

import agentco
from agentco.company import beside
from agentco.edges.mcp.arguments import PARAMS, issues
from agentco.edges.mcp.messages import (
    INTERNAL,
    INVALID,
    METHOD,
    WRONG,
    Bad,
    Batch,
    Message,
    failure,
    notification,
    parsed,
    pretty,
    result,
)
from agentco.edges.mcp.tools import TOOLS, Wanted, read, wanted
from agentco.edges.mcp.writing import ADDS, DELETED, Mark, additions, cut_of, too_long
from agentco.edges.stores.memory_file import MemoryFile
from agentco.errors import AgentcoError
from agentco.memory.graph import Graph
from agentco.memory.lines import Line, Trust

VERSIONS = ("2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05", "2024-10-07")
WITH_BATCHES = "2025-03-26"
RESOURCE = beside.table(__name__, dict[str, str])
URI = RESOURCE["uri"]
CAN = {"tools": {"listChanged": True}, "resources": {"listChanged": True, "subscribe": True}}
LONGEST_NAME = 60


class Session:
    """What a client was told and asked to be told. `name` is who writes, else the client's own name."""

    def __init__(self, file: MemoryFile, *, now: Callable[[], str], name: str = "", trusted: bool = False) -> None:
        self.file = file
        self._now = now
        self._name = name
        self._trusted = trusted
        self._client = "client"
        self._version = VERSIONS[0]
        self._told: set[str] = set()

    def replies(self, lines: Iterable[bytes]) -> bytes:
        """The lines that answer these; what they add is on the disk."""
        found = [parsed(line) for line in lines if line.strip()]
        return b"".join(line + b"\n" for line in self._answers(found))

    def _answers(self, found: Iterable[Message | Bad | Batch]) -> Iterator[bytes]:
        for adding, some in groupby(found, key=adds):
            for group in [[*some]] if adding else ([one] for one in some):
                try:
                    lines = self._added(group) if adding else [*self._answer(group[0])]
                except Exception as error:  # noqa: BLE001  a request fails alone, whatever broke it
                    asked = [one.id for one in group if isinstance(one, Message) and one.id is not UNSET]
                    lines = [failure(id_, INTERNAL, f"{type(error).__name__}: {error}") for id_ in asked]
                yield from lines

    def _answer(self, one: Message | Bad | Batch) -> Iterator[bytes]:
        if isinstance(one, tuple):
            yield from self._batch(one)
        elif isinstance(one, Bad):
            yield failure(one.id, one.code, one.message)
        elif one.id is not UNSET and one.method:
            found = self._result(one)
            if DELETED.get(tool(one)) and "isError" not in found:
                yield from self._update()
            yield failure(one.id, found.code, found.message) if isinstance(found, Bad) else result(one.id, found)

    def _batch(self, batch: Batch) -> Iterator[bytes]:
        if self._version != WITH_BATCHES:
            yield failure(None, INVALID, f"Invalid Request: {self._version} has no batches")
            return
        lines = [*self._answers(batch)]
        answers = [line for line in lines if not line.startswith(b'{"method"')]
        yield from (line for line in lines if line not in answers)
        if answers:
            yield b"[" + b",".join(answers) + b"]"

    def _result(self, asked: Message) -> Any:
        """What a request comes to, or what is wrong with it as Bad."""
        method = {
            "initialize": self._greeted,
            "ping": lambda _: {},
            "tools/list": lambda _: {"tools": [*TOOLS.values()]},
            "tools/call": self._called,
            "resources/list": lambda _: {"resources": [RESOURCE]},
            "resources/templates/list": lambda _: {"resourceTemplates": []},
            "resources/read": self._resource,
            "resources/subscribe": lambda params: self._told.add(params["uri"]) or {},
            "resources/unsubscribe": lambda params: self._told.discard(params["uri"]) or {},
        }.get(asked.method, lambda _: Bad(code=METHOD, message="Method not found"))
        return misfits(asked) or method(asked.params or {})

    def _greeted(self, params: dict[str, Any]) -> dict[str, object]:
        asked, self._client = params["protocolVersion"], params["clientInfo"]["name"]
        self._version = asked if asked in VERSIONS else VERSIONS[0]
        server = {"name": "agentco-memory", "version": agentco.__version__}
        return {"protocolVersion": self._version, "capabilities": CAN, "serverInfo": server}

    def _resource(self, params: dict[str, Any]) -> dict[str, object] | Bad:
        if (uri := params["uri"]) != URI:
            return Bad(code=WRONG, message=f"MCP error {WRONG}: Resource {uri} not found")
        text = pretty(read("read_graph", self.file.graph(), Wanted()))
        return {"contents": [{"uri": uri, "mimeType": RESOURCE["mimeType"], "text": text}]}

    def _called(self, params: dict[str, Any]) -> dict[str, object]:
        name = params["name"]
        try:
            call = wanted(name, params.get("arguments", {}))
            if not (message := DELETED.get(name)):
                found = read(name, self.file.graph(), call)
                return answered(found, found)
            cut, mark = cut_of(call, trusted=self._trusted), self._mark
            self.file.remove(cut, at=mark.at, what=f"{name} by {mark.by}", by=mark.by)
        except AgentcoError as error:
            return refused(error)
        return answered({"success": True, "message": message}, message)

    def _added(self, group: Sequence[Any]) -> list[bytes]:
        """The answers to additions that came together: decided one after the other, written at once."""
        answers: list[dict[str, object]] = []

        def maker(params: dict[str, Any]) -> Callable[[Graph], Sequence[Line]]:
            def make(graph: Graph) -> Sequence[Line]:
                try:
                    call = wanted(params["name"], params.get("arguments", {}))
                    lines, key, items = additions(params["name"], call, graph, self._mark)
                except AgentcoError as error:
                    answers.append(refused(error))
                    return ()
                answers.append(answered({key: items}, items, *too_long(lines)))
                return lines

            return make

        try:
            self.file.add_each([maker(message.params) for message in group])
        except AgentcoError as error:
            answers = [refused(error) for _ in group]
        told = zip(group, answers, strict=True)
        every = ([*([] if "isError" in found else self._update()), result(m.id, found)] for m, found in told)
        return [line for lines in every for line in lines]

    def _update(self) -> Iterator[bytes]:
        if URI in self._told:
            yield notification("notifications/resources/updated", uri=URI)

    @property
    def _mark(self) -> Mark:
        name = "".join(filter(str.isprintable, self._name or self._client))[:LONGEST_NAME]
        trust = Trust.TRUSTED if self._trusted else Trust.UNTRUSTED
        return Mark(at=self._now(), by=f"mcp:{name}", trust=trust)


def tool(asked: Message) -> str:
    """The tool that a request calls; empty when it calls none."""
    call = asked.method == "tools/call" and asked.id is not UNSET and not misfits(asked)
    return asked.params["name"] if call and asked.params else ""


def adds(one: Message | Bad | Batch) -> bool:
    """Whether a message adds to the memory."""
    return isinstance(one, Message) and tool(one) in ADDS


def misfits(asked: Message) -> Bad | None:
    """What is wrong with the params of a request, as the reference tells it."""
    params = asked.params or {}
    schema = PARAMS.get(asked.method)
    if wrong := [*issues(schema, params, ("params",))] if schema else []:
        return Bad(code=INTERNAL, message=pretty(wrong))
    if schema and "task" in params:
        return Bad(code=INTERNAL, message=f"Server does not support task creation (required for {asked.method})")
    return None


def answered(document: object, text: object, *warnings: str) -> dict[str, object]:
    """What a tool answers: the document, and the same or a part of it as text."""
    said = (text if isinstance(text, str) else pretty(text), *warnings)
    return {"content": [{"type": "text", "text": words} for words in said], "structuredContent": document}


def refused(error: AgentcoError) -> dict[str, object]:
    """What a tool answers that did nothing."""
    words = f"{error.what}: {error.hint}" if error.hint else error.what
    return {"content": [{"type": "text", "text": words}], "isError": True}
