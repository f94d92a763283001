"""The company's JSON files: MCP servers and their inputs; hooks are checked, never run."""

from collections.abc import Iterable

from agentco.company.file_locations import FileKind, FileLocation
from agentco.company.mcp_config import read_inputs, read_servers, servers_in
from agentco.company.records import McpInput, McpServer
from agentco.file_formats.document import read_text
from agentco.file_formats.jsonc import read_jsonc
from agentco.file_formats.source_file import FileFindings, SourceFile
from agentco.file_formats.struct_reader import StructReader
from agentco.file_formats.yaml_values import KeyPath
from agentco.kernel.errors import Diagnostic

MEMORY_VARIABLE = "MEMORY_FILE_PATH"
"""What a memory server is told its file with."""


def read_configurations(
    placed: Iterable[tuple[FileLocation, SourceFile]], diagnostics: list[Diagnostic]
) -> tuple[tuple[McpServer, ...], tuple[McpInput, ...]]:
    """The servers and inputs of these files; of servers with the same name the first counts."""
    servers: dict[str, McpServer] = {}
    inputs: list[McpInput] = []
    for place, source in placed:
        if place.kind not in {FileKind.MCP, FileKind.HOOKS}:
            continue
        findings = FileFindings(source.path, diagnostics)
        text = read_text(source, findings) or ""
        value = read_jsonc(text, findings)
        if place.kind is FileKind.HOOKS or not isinstance(value, dict):
            continue
        entries = servers_in(value)
        reader = StructReader(findings, _lines_of_names(entries, text), foreign=True)
        inputs += read_inputs(value.get("inputs"), reader)
        for server in read_servers(entries, reader):
            first = servers.setdefault(server.name, server)
            if not is_same_server(first, server):
                name = server.name
                what = (
                    f"the server {name!r} is already set by {first.file}, which counts"
                )
                hint = "rename or delete one of them"
                findings.warn("shadowed", what, hint, server.line)
    return tuple(servers.values()), tuple(inputs)


def is_same_server(one: McpServer, other: McpServer) -> bool:
    """Whether two entries start the same program, as two editors each name it in a file of theirs.

    One of the two may say more after the words that both have. A server with a memory file of
    its own serves what ours does, since `init` has the company use that file.
    """
    if any(map(_is_our_memory, (one, other))):
        shares = [
            _is_our_memory(each) or MEMORY_VARIABLE in each.env for each in (one, other)
        ]
        if all(shares):
            return True
    if (one.transport, one.command, one.url) != (
        other.transport,
        other.command,
        other.url,
    ):
        return False
    shared = min(len(one.args), len(other.args))
    return one.args[:shared] == other.args[:shared]


def _is_our_memory(server: McpServer) -> bool:
    return server.command.endswith("agentco") and server.args[:1] == ("mcp",)


def _lines_of_names(names: Iterable[str], text: str) -> dict[KeyPath, int]:
    """Where each name first stands in quotes, else the first line."""
    lines: dict[KeyPath, int] = {}
    for name in names:
        start = max(text.find(f'"{name}"'), 0)
        lines[name,] = text.count("\n", 0, start) + 1
    return lines
