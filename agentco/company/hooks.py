"""Hooks of other tools: events and commands, kept as data and never run (FORMATS section 9)."""

from collections.abc import Iterator, Mapping

from agentco.company.jsonc import read_jsonc
from agentco.company.records import Hook
from agentco.company.source import Findings
from agentco.company.values import Value


def hooks_file(text: str, found: Findings) -> tuple[Hook, ...]:
    """The hooks of a JSON file, whichever tool it was written for."""
    value = read_jsonc(text, found)
    hooks = value.get("hooks") if isinstance(value, dict) else None
    return tuple(read_hooks(hooks, found.file)) if isinstance(hooks, dict) else ()


def read_hooks(events: Mapping[str, Value], file: str) -> Iterator[Hook]:
    """The hooks of a map from event to entries; `sessionEnd` and `SessionEnd` are the same event."""
    for event, entries in events.items():
        for entry in entries if isinstance(entries, list) else []:
            if isinstance(entry, dict):
                yield from _hooks(event[:1].upper() + event[1:], entry, file)


def _hooks(event: str, entry: dict[str, Value], file: str) -> Iterator[Hook]:
    matcher = entry.get("matcher")
    nested = entry.get("hooks")
    for one in nested if isinstance(nested, list) else [entry]:
        if isinstance(one, dict):
            yield Hook(file=file, event=event, matcher=matcher if isinstance(matcher, str) else "", entry=one)
