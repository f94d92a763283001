"""MCP configurations, read and never started: servers and what they ask for (FORMATS section 5)."""

import re
from collections.abc import Iterator, Mapping

from agentco.company import records, struct_reader
from agentco.company.yaml_values import KeyPath, Value, maps_in_list, value_as_text

_ROOTS = (
    ("servers",),
    ("mcpServers",),
    ("mcp", "servers"),
    ("customizations", "vscode", "mcp", "servers"),
)
_TRANSPORTS = frozenset({"stdio", "http", "sse"})
_ALIASES = {"local": "stdio", "streamable-http": "http", "remote": "http"}
_VARIABLE = re.compile(
    r"\$\{\{\s*(?:secrets|vars)\.(\w+)\s*\}\}|\$\{((?:env|input):[\w.-]+|\w+)(?::-[^}]*)?\}|\$([A-Za-z_]\w*)"
)
_LOCAL_SCHEMES = ("unix:", "pipe:")


def read_servers(
    entries: Mapping[str, Value], reader: struct_reader.StructReader, path: KeyPath = ()
) -> Iterator[records.McpServer]:
    """One server for each entry that can be one; the others are told."""
    for name, entry in entries.items():
        here, keys = (*path, name), entry if isinstance(entry, dict) else {}
        stated = keys.get("type") or ("stdio" if keys.get("command") else "http")
        kind = value_as_text(stated).strip().lower()
        kind = _ALIASES.get(kind, kind)
        transport = kind if kind in _TRANSPORTS else None
        place = {
            "file": reader.found.file,
            "line": reader.lines.get(here),
            "name": name,
        }
        wanted = tuple(dict.fromkeys(_variable_names(entry)))
        server = reader.read_struct(
            records.McpServer,
            keys,
            here,
            **place,
            transport=transport,
            variables=wanted,
        )
        target = server.command if transport == "stdio" else server.url
        if transport and target and not target.startswith(_LOCAL_SCHEMES):
            yield server
        else:
            what = f"the server {name!r} cannot be reached this way"
            reader.report(
                here, "mcp-server", what, "give it a command, or a type and an http url"
            )


def servers_in(value: dict[str, Value]) -> dict[str, Value]:
    """The map of servers, wherever a tool keeps it; a file that is nothing else is one itself."""
    for root in _ROOTS:
        inner: Value = value
        for key in root:
            inner = inner.get(key) if isinstance(inner, dict) else None
        if isinstance(inner, dict):
            return inner
    return (
        value
        if all(
            isinstance(v, dict) and v.keys() & {"command", "url"}
            for v in value.values()
        )
        else {}
    )


def _variable_names(value: Value) -> Iterator[str]:
    """The names in `${…}`, `$NAME` and `${{ secrets.NAME }}`, in values only."""
    if isinstance(value, str):
        yield from (m[1] or m[2] or m[3] for m in _VARIABLE.finditer(value))
    elif isinstance(value, list | dict):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _variable_names(item)


def read_inputs(
    entries: Value, reader: struct_reader.StructReader
) -> Iterator[records.McpInput]:
    """Each input that has a name."""
    named = (entry for entry in maps_in_list(entries) if entry.get("id"))
    return (
        reader.read_struct(records.McpInput, entry, ("inputs",), file=reader.found.file)
        for entry in named
    )
