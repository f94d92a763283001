"""Hooks of other tools: events and commands, kept as data and never run (FORMATS section 9)."""

from collections.abc import Iterator

from agentco.company.records import Hook
from agentco.company.values import Value


def read_hooks(events: Value, file: str) -> Iterator[Hook]:
    """The hooks of a map from event to entries; `sessionEnd` and `SessionEnd` are the same event."""
    for event, entries in events.items() if isinstance(events, dict) else ():
        for entry in entries if isinstance(entries, list) else ():
            if isinstance(entry, dict):
                yield from _hooks(event[:1].upper() + event[1:], entry, file)


def _hooks(event: str, entry: dict[str, Value], file: str) -> Iterator[Hook]:
    matcher, nested = entry.get("matcher"), entry.get("hooks")
    for one in nested if isinstance(nested, list) else [entry]:
        if isinstance(one, dict):
            yield Hook(file=file, event=event, matcher=matcher if isinstance(matcher, str) else "", entry=one)
