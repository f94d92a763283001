"""The company's JSON files: MCP servers, what they ask for, and hooks; kept as data, never run."""

from collections.abc import Iterable, Iterator

from agentco.company import (
    document,
    file_locations,
    jsonc,
    mcp_config,
    records,
    struct_reader,
    yaml_values,
)
from agentco.company.company import Company
from agentco.company.source_file import FileFindings, SourceFile
from agentco.kernel.errors import Diagnostic


def read_configurations(
    placed: Iterable[tuple[file_locations.FileLocation, SourceFile]],
    diagnostics: list[Diagnostic],
) -> Company:
    """What the JSON files among these say of a company, the best place first: of servers of one name it counts."""
    servers: dict[str, records.McpServer] = {}
    inputs, hooks = list[records.McpInput](), list[records.Hook]()
    for place, source in placed:
        if place.kind not in {
            file_locations.FileKind.MCP,
            file_locations.FileKind.HOOKS,
        }:
            continue
        found = FileFindings(source.path, diagnostics)
        text = document.read_text(source, found) or ""
        value = jsonc.read_jsonc(text, found)
        keys = value if isinstance(value, dict) else {}
        if place.kind is file_locations.FileKind.HOOKS:
            hooks += read_hooks(keys.get("hooks"), source.path)
            continue
        entries = mcp_config.servers_in(keys)
        # A server stands on the line of its name in quotes, else on the first.
        at = {name: max(text.find(f'"{name}"'), 0) for name in entries}
        reader = struct_reader.StructReader(
            found,
            {(n,): text.count("\n", 0, i) + 1 for n, i in at.items()},
            foreign=True,
        )
        inputs += mcp_config.read_inputs(keys.get("inputs"), reader)
        for server in mcp_config.read_servers(entries, reader):
            if (first := servers.setdefault(server.name, server)) is not server:
                what = f"the server {server.name!r} is already set by {first.file}, which counts"
                found.warn(
                    "shadowed", what, "rename or delete one of them", server.line
                )
    return Company(
        servers=tuple(servers.values()), inputs=tuple(inputs), hooks=tuple(hooks)
    )


def read_hooks(events: yaml_values.Value, file: str) -> Iterator[records.Hook]:
    """The hooks of a map from event to entries; `sessionEnd` and `SessionEnd` are the same event (FORMATS 9)."""
    for event, entries in events.items() if isinstance(events, dict) else ():
        for entry in yaml_values.maps_in_list(entries):
            matcher, nested = entry.get("matcher"), entry.get("hooks")
            said = matcher if isinstance(matcher, str) else ""
            for one in (
                yaml_values.maps_in_list(nested)
                if isinstance(nested, list)
                else [entry]
            ):
                yield records.Hook(
                    file=file,
                    event=event[:1].upper() + event[1:],
                    matcher=said,
                    entry=one,
                )
