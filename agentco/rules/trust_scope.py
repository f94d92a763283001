"""What a company can reach: everything by which its files touch the world, one line each.

A line never ambiguously means two things: what is odd in a name or value is written as JSON.
"""

import re
import shlex
from collections.abc import Iterable, Iterator
from hashlib import sha256

from msgspec import json, to_builtins

from agentco.company.company import Company
from agentco.company.records import McpServer
from agentco.company.settings import Settings
from agentco.company.yaml_values import Value
from agentco.rules.redaction import redact_secrets

_SECTIONS = ("models", "providers", "permissions", "signals", "notify", "env")
_SERVERS = "mcp"
_OMITTED_KEYS = {
    "file",
    "line",
    "name",
    "type",
    "args",
    "tools",
    "disabled",
    "timeout",
    "extra",
}
_SECRET_NAME = re.compile(
    r"key|token|secret|pass|auth|credential|cookie", re.IGNORECASE
)


def reach_lines(settings: Settings, company: Company) -> tuple[str, ...]:
    """Models, providers, signals, notifications, permissions, commands, variables, servers.

    In order. A value whose name speaks of a secret is told by a digest, a known key not at all.
    """
    lines: set[str] = set()
    for key in _SECTIONS:
        lines.update(_value_lines((key,), to_builtins(getattr(settings, key))))
    for name, words in settings.commands.items():
        lines.update(_value_lines(("commands", name), shlex.join(words)))
    for agent in company.agents:
        lines.update(_value_lines(("agents", agent.id, "model"), agent.own.model))
        for server in agent.servers:
            lines.update(_server_lines(server))
    for asked in company.inputs:
        lines.update(_value_lines((_SERVERS, "input", asked.id), asked.default))
    for server in company.servers:
        lines.update(_server_lines(server))
    return tuple(sorted(lines))


def reach_hash(lines: Iterable[str]) -> str:
    """The SHA-256 of these lines, as 64 hexadecimal digits."""
    return sha256("\n".join(lines).encode("utf-8", "surrogatepass")).hexdigest()


def diff_reach(old: Iterable[str], new: Iterable[str]) -> tuple[str, ...]:
    """What went as `- line`, what came as `+ line`, side by side where it belongs together."""
    before = set(old)
    now = set(new)
    lines: list[str] = []
    for line in sorted(before ^ now):
        sign = "-" if line in before else "+"
        lines.append(f"{sign} {line}")
    return tuple(lines)


def _server_lines(server: McpServer) -> Iterator[str]:
    if server.disabled:
        return
    values = to_builtins(server)
    for key in _OMITTED_KEYS:
        values.pop(key, None)
    if server.command:
        values["command"] = shlex.join((server.command, *server.args))
    yield from _value_lines((_SERVERS, server.name, f"({server.file})"), values)


def _value_lines(
    path: tuple[str, ...], value: "Value | tuple[Value, ...]"
) -> Iterator[str]:
    """A line for every value below a path; what is empty reaches nothing."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _value_lines((*path, key), inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _value_lines(path, inner)
    elif value not in (None, ""):
        text = str(value)
        if path[0] == _SERVERS:
            text = _redact_value(path[-1], text)
        yield f"{' '.join(map(_quote_if_odd, path))}: {_quote_if_odd(text)}"


def _redact_value(name: str, value: str) -> str:
    """A value without the secrets in it; what only names a variable is none."""
    if _SECRET_NAME.search(name) and "$" not in value:
        return f"[redacted {reach_hash([value])[:8]}]"
    return redact_secrets(value, ())


def _quote_if_odd(text: str) -> str:
    is_odd = any(mark in text for mark in ('"', "\\", ": "))
    if text.isprintable() and text == text.strip() and not is_odd:
        return text
    return json.encode(text.encode("utf-8", "replace").decode()).decode()
