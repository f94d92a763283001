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
    """Models, providers, signals, notifications, permissions, commands, variables and servers, in order.

    A value whose name speaks of a secret is told by a digest, a known key not at all.
    """
    servers = (
        *company.servers,
        *(s for agent in company.agents for s in agent.servers),
    )
    lines = {
        *(
            line
            for key in _SECTIONS
            for line in _value_lines((key,), to_builtins(getattr(settings, key)))
        ),
        *_value_lines(
            ("commands",),
            {name: shlex.join(words) for name, words in settings.commands.items()},
        ),
        *(
            line
            for a in company.agents
            for line in _value_lines(("agents", a.id, "model"), a.own.model)
        ),
        *(
            line
            for i in company.inputs
            for line in _value_lines((_SERVERS, "input", i.id), i.default)
        ),
        *(
            line
            for server in servers
            if not server.disabled
            for line in _server_lines(server)
        ),
    }
    return tuple(sorted(lines))


def reach_hash(lines: Iterable[str]) -> str:
    """The SHA-256 of these lines, as 64 hexadecimal digits."""
    return sha256("\n".join(lines).encode("utf-8", "surrogatepass")).hexdigest()


def diff_reach(old: Iterable[str], new: Iterable[str]) -> tuple[str, ...]:
    """What went as `- line`, what came as `+ line`, with what belongs together side by side."""
    before, now = set(old), set(new)
    changed = [(line, "-") for line in before - now] + [
        (line, "+") for line in now - before
    ]
    return tuple(
        f"{sign} {line}"
        for line, sign in sorted(changed, key=lambda c: (c[0], c[1] == "+"))
    )


def _server_lines(server: McpServer) -> Iterator[str]:
    said = {
        key: value
        for key, value in to_builtins(server).items()
        if key not in _OMITTED_KEYS
    }
    if server.command:
        said["command"] = shlex.join((server.command, *server.args))
    return _value_lines((_SERVERS, server.name, f"({server.file})"), said)


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
        text = (
            _redact_value(path[-1], str(value)) if path[0] == _SERVERS else str(value)
        )
        yield f"{' '.join(map(_quote_if_odd, path))}: {_quote_if_odd(text)}"


def _redact_value(name: str, value: str) -> str:
    """A value without the secrets in it; what only names a variable is none."""
    return (
        f"[redacted {reach_hash([value])[:8]}]"
        if _SECRET_NAME.search(name) and "$" not in value
        else redact_secrets(value, ())
    )


def _quote_if_odd(text: str) -> str:
    plain = (
        text.isprintable()
        and text == text.strip()
        and not any(odd in text for odd in ('"', "\\", ": "))
    )
    return (
        text
        if plain
        else json.encode(text.encode("utf-8", "replace").decode()).decode()
    )
