"""What a company can reach and spend: all by which its files touch the world, one line each.

A line never ambiguously means two things: what is odd in a name or value is written as JSON.
"""

import re
import shlex
from collections import defaultdict
from collections.abc import Iterable, Iterator
from hashlib import sha256

from msgspec import json, to_builtins

from agentco.company.company import Company
from agentco.company.file_locations import location_of
from agentco.company.records import AlwaysOn, McpServer, Prompt
from agentco.company.settings import Settings
from agentco.file_formats.redaction import redact_secrets
from agentco.file_formats.yaml_values import Value
from agentco.kernel.money import MICROS_PER_USD

_SECTIONS = ("providers", "limits", "prices", "budget", "signals", "notify", "env")
_SPENDING = {"limits", "prices", "budget", "agents", "prompts"}
_COUNTS = {
    *("calls_per_day", "tokens_per_day", "leave", "longest_call"),
    *("turns", "tool_calls"),
}
"""Every other number of those sections is an amount, in micro-dollars; a call's is of seconds."""
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
    """Whom it asks, tells, calls and starts, what it may spend, when, and what files it gives.

    And where no review is asked for.

    In order; no text of an agent is among them. A value whose name speaks of a secret is told by a
    digest, a known key not at all.
    """
    lines = set(_settings_lines(settings))
    for agent in company.agents:
        own = to_builtins(agent.own) | {"permissions": agent.own.permissions.texts()}
        for key in ("model", "tier", "budget_day", "permissions"):
            lines.update(_value_lines(("agents", agent.id, key), own[key]))
        for server in agent.servers:
            lines.update(_server_lines(server))
    for prompt in company.prompts:
        lines.update(_prompt_lines(prompt))
    for record in company.always_on:
        lines.update(_include_lines(record))
    for asked in company.inputs:
        lines.update(_value_lines((_SERVERS, "input", asked.id), asked.default))
    for server in company.servers:
        lines.update(_server_lines(server))
    return tuple(sorted(lines))


def reach_hash(lines: Iterable[str]) -> str:
    """The SHA-256 of these lines, as 64 hexadecimal digits."""
    return sha256("\n".join(lines).encode("utf-8", "surrogatepass")).hexdigest()


def diff_reach(old: Iterable[str], new: Iterable[str]) -> tuple[str, ...]:
    """What went as `- line`, what came as `+ line`, and one value for another as `old → new`."""
    before, now = set(old), set(new)
    changed = defaultdict[str, list[str]](list)
    for line in sorted(before ^ now, key=lambda line: (line in now, line)):
        changed[line.partition(": ")[0]].append(line)
    lines: list[str] = []
    for name, (first, *others) in sorted(changed.items()):
        if first in before and len(others) == 1 and others[0] in now:
            value = others[0].removeprefix(f"{name}: ")
            lines.append(f"{first} → {value}")
            continue
        for line in (first, *others):
            sign = "-" if line in before else "+"
            lines.append(f"{sign} {line}")
    return tuple(lines)


def _settings_lines(settings: Settings) -> Iterator[str]:
    yield from _value_lines(("company", "timezone"), settings.company.timezone)
    lowered = settings.reviews.lowered_strictness
    yield from _value_lines(("reviews", "strictness"), lowered)
    for key in _SECTIONS:
        yield from _value_lines((key,), to_builtins(getattr(settings, key)))
    yield from _value_lines(("permissions",), to_builtins(settings.permissions.texts()))
    for tier, names in to_builtins(settings.models).items():
        # the order counts: the first that can answer is asked
        yield from _value_lines(("models", tier), ", ".join(map(shlex.quote, names)))
    for name, words in settings.commands.items():
        yield from _value_lines(("commands", name), shlex.join(words))


def _prompt_lines(prompt: Prompt) -> Iterator[str]:
    """What a prompt may spend, which reviews hold for it, and whether it runs by itself."""
    own = to_builtins(prompt.own)
    for key in ("tier", "budget"):
        yield from _value_lines(("prompts", prompt.id, key), own[key])
    reviews = prompt.own.reviews_in_words
    yield from _value_lines(("prompts", prompt.id, "reviews"), reviews)
    if prompt.own.schedule:
        yield from _value_lines(("schedules",), prompt.id)


def _include_lines(record: AlwaysOn) -> Iterator[str]:
    """What a file gives to models that is none of the company's own files."""
    for included in record.includes:
        if not location_of(included.file):
            yield from _value_lines(("includes", record.file), included.file)


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
        is_amount = path[0] in _SPENDING and path[-1] not in _COUNTS
        if is_amount and isinstance(value, int):
            text = _format_amount(value)
        if path[0] == _SERVERS:
            text = _redact_value(path[-1], text)
        yield f"{' '.join(map(_quote_if_odd, path))}: {_quote_if_odd(text)}"


def _format_amount(micros: int) -> str:
    """An amount to the last micro-dollar."""
    return f"${micros / MICROS_PER_USD:f}".rstrip("0").rstrip(".")


def _redact_value(name: str, value: str) -> str:
    """A value without the secrets in it; what only names a variable is none."""
    if _SECRET_NAME.search(name) and "$" not in value:
        return f"[redacted {reach_hash([value])[:8]}]"
    return redact_secrets(value, ())


def _quote_if_odd(text: str) -> str:
    is_odd = any(mark in text for mark in ('"', "\\", ": ", "→"))
    if text.isprintable() and text == text.strip() and not is_odd:
        return text
    return json.encode(text.encode("utf-8", "replace").decode()).decode()
