"""MCP configurations, read and never started: servers and what they ask for (FORMATS section 5)."""

import re
from collections.abc import Callable, Iterator, Mapping

from agentco.company.jsonc import read_jsonc
from agentco.company.records import McpInput, McpServer, Transport
from agentco.company.source import Findings
from agentco.company.values import Value, written

_ROOTS = (("servers",), ("mcpServers",), ("mcp", "servers"), ("customizations", "vscode", "mcp", "servers"))
_TRANSPORTS = {
    "stdio": Transport.STDIO,
    "local": Transport.STDIO,
    "http": Transport.HTTP,
    "streamable-http": Transport.HTTP,
    "remote": Transport.HTTP,
    "sse": Transport.SSE,
}
_VARIABLE = re.compile(
    r"\$\{\{\s*(?:secrets|vars)\.(\w+)\s*\}\}|\$\{((?:env|input):[\w.-]+|\w+)(?::-[^}]*)?\}|\$([A-Za-z_]\w*)"
)
_TAKEN = frozenset(
    {
        "type",
        "command",
        "args",
        "env",
        "envFile",
        "cwd",
        "url",
        "headers",
        "oauth",
        "tools",
        "disabled",
        "timeout",
    }
)
_NO_HOST = ("unix:", "pipe:")


def mcp_file(text: str, found: Findings) -> tuple[tuple[McpServer, ...], tuple[McpInput, ...]]:
    """The servers and the inputs of a JSON file."""
    value = read_jsonc(text, found)
    if not isinstance(value, dict):
        return (), ()
    servers = read_servers(_servers(value), found, lambda name: _line_of(name, text))
    return tuple(servers), tuple(_inputs(value.get("inputs"), found.file))


def read_servers(
    entries: Mapping[str, Value], found: Findings, line_of: Callable[[str], int | None]
) -> Iterator[McpServer]:
    """One server for each entry that can be one; the others are told."""
    for name, entry in entries.items():
        line = line_of(name)
        if not isinstance(entry, dict):
            found.warn("mcp-server", f"the server {name!r} is no map", "give it a command or a url", line)
        elif server := _server(name, entry, found, line):
            yield server


def _servers(value: dict[str, Value]) -> dict[str, Value]:
    """The map of servers, wherever a tool keeps it; a file that is nothing else is one itself."""
    for root in _ROOTS:
        inner: Value = value
        for key in root:
            inner = inner.get(key) if isinstance(inner, dict) else None
        if isinstance(inner, dict):
            return inner
    bare = all(isinstance(v, dict) and v.keys() & {"command", "url"} for v in value.values())
    return value if bare else {}


def _server(name: str, entry: dict[str, Value], found: Findings, line: int | None) -> McpServer | None:
    command, url = _text(entry, "command"), _text(entry, "url")
    stated = _text(entry, "type").lower()
    transport = _TRANSPORTS.get(stated or ("stdio" if command else "http"))
    if not transport or not (command if transport is Transport.STDIO else url) or url.startswith(_NO_HOST):
        what = f"the server {name!r} cannot be reached this way"
        found.warn("mcp-server", what, "give it a command, or a type and an http url", line)
        return None
    return McpServer(
        file=found.file,
        line=line,
        name=name,
        transport=transport,
        command=command,
        args=_texts(entry.get("args")) or (),
        env=_strings(entry.get("env")),
        env_file=_text(entry, "envFile"),
        cwd=_text(entry, "cwd"),
        url=url,
        headers={k: v for k, v in _strings(entry.get("headers")).items() if v is not None},
        oauth=o if isinstance(o := entry.get("oauth"), dict) else {},
        tools=_texts(entry.get("tools")),
        disabled=_text(entry, "disabled") == "true" or entry.get("disabled") is True,
        timeout=_text(entry, "timeout"),
        variables=tuple(dict.fromkeys(_variables(entry))),
        extra={k: v for k, v in entry.items() if k not in _TAKEN},
    )


def _text(entry: Mapping[str, Value], key: str) -> str:
    value = entry.get(key)
    return value.strip() if isinstance(value, str) else ""


def _texts(value: Value) -> tuple[str, ...] | None:
    if isinstance(value, str):
        return (value,)
    return tuple(str(item) for item in value) if isinstance(value, list) else None


def _strings(value: Value) -> dict[str, str | None]:
    """A map to strings; null unsets a name, other values are written out."""
    entries = value.items() if isinstance(value, dict) else ()
    return {k: None if v is None else written(v) for k, v in entries}


def _variables(value: Value) -> Iterator[str]:
    """The names in `${…}`, `$NAME` and `${{ secrets.NAME }}`, in values only."""
    if isinstance(value, str):
        yield from (m[1] or m[2] or m[3] for m in _VARIABLE.finditer(value))
    elif isinstance(value, list):
        for item in value:
            yield from _variables(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _variables(item)


def _inputs(value: Value, file: str) -> Iterator[McpInput]:
    for entry in value if isinstance(value, list) else []:
        if isinstance(entry, dict) and (id_ := _text(entry, "id")):
            yield McpInput(
                file=file,
                id=id_,
                type=_text(entry, "type"),
                description=_text(entry, "description"),
                default=_text(entry, "default"),
                password=entry.get("password") is True,
                options=_texts(entry.get("options")) or (),
            )


def _line_of(name: str, text: str) -> int | None:
    at = text.find(f'"{name}"')
    return text.count("\n", 0, at) + 1 if at >= 0 else None
