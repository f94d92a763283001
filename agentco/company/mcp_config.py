"""MCP configurations, read and never started: servers and what they ask for (FORMATS section 5)."""

import re
from collections.abc import Iterator, Mapping

from agentco.company.records import McpInput, McpServer
from agentco.file_formats.struct_reader import StructReader
from agentco.file_formats.yaml_values import KeyPath, Value, maps_in_list, value_as_text

_ROOTS = (
    ("servers",),
    ("mcpServers",),
    ("mcp", "servers"),
    ("customizations", "vscode", "mcp", "servers"),
)
_TRANSPORTS = frozenset({"stdio", "http", "sse"})
_ALIASES = {"local": "stdio", "streamable-http": "http", "remote": "http"}
_VARIABLE = re.compile(
    r"\$\{\{\s*(?:secrets|vars)\.(\w+)\s*\}\}"
    r"|\$\{((?:env|input):[\w.-]+|\w+)(?::-[^}]*)?\}"
    r"|\$([A-Za-z_]\w*)"
)
_LOCAL_SCHEMES = ("unix:", "pipe:")


def read_servers(
    entries: Mapping[str, Value], reader: StructReader, path: KeyPath = ()
) -> Iterator[McpServer]:
    """One server for each entry that can be one; the others are reported."""
    for name, entry in entries.items():
        entry_path = (*path, name)
        keys = entry if isinstance(entry, dict) else {}
        transport = _transport_of(keys)
        server = reader.read_struct(
            McpServer,
            keys,
            entry_path,
            file=reader.findings.file,
            line=reader.lines.get(entry_path),
            name=name,
            transport=transport,
            variables=tuple(dict.fromkeys(_variable_names(entry))),
        )
        target = server.command if transport == "stdio" else server.url
        if transport and target and not target.startswith(_LOCAL_SCHEMES):
            yield server
        else:
            what = f"the server {name!r} cannot be reached this way"
            hint = "give it a command, or a type and an http url"
            reader.report(entry_path, "mcp-server", what, hint)


def _transport_of(keys: Mapping[str, Value]) -> str | None:
    """How a server is spoken to; None for a transport that we do not know."""
    stated = keys.get("type")
    if not stated:
        return "stdio" if keys.get("command") else "http"
    word = value_as_text(stated).strip().lower()
    transport = _ALIASES.get(word, word)
    return transport if transport in _TRANSPORTS else None


def servers_in(value: dict[str, Value]) -> dict[str, Value]:
    """The map of servers, wherever a tool keeps it; a file of nothing else is one itself."""
    for root in _ROOTS:
        inner: Value = value
        for key in root:
            inner = inner.get(key) if isinstance(inner, dict) else None
        if isinstance(inner, dict):
            return inner
    return value if all(map(_looks_like_server, value.values())) else {}


def _looks_like_server(value: Value) -> bool:
    return isinstance(value, dict) and ("command" in value or "url" in value)


def _variable_names(value: Value) -> Iterator[str]:
    """The names in `${…}`, `$NAME` and `${{ secrets.NAME }}`, in values only."""
    if isinstance(value, str):
        for match in _VARIABLE.finditer(value):
            yield match[1] or match[2] or match[3]
    elif isinstance(value, dict):
        for item in value.values():
            yield from _variable_names(item)
    elif isinstance(value, list):
        for item in value:
            yield from _variable_names(item)


def read_inputs(entries: Value, reader: StructReader) -> Iterator[McpInput]:
    """Each input that has a name."""
    for entry in maps_in_list(entries):
        if entry.get("id"):
            file = reader.findings.file
            yield reader.read_struct(McpInput, entry, ("inputs",), file=file)
