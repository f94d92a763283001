"""The company's memory in the MCP configurations of editors, beside whatever they hold already.

A file is changed by inserting one entry into its text, so that comments and layout stay; the
result is read again and must say the same and the entry, or nothing is changed.
"""

import json
import re
from collections.abc import Iterator, Mapping
from itertools import islice

from msgspec import Struct

from agentco.company.mcp_config import servers_in
from agentco.file_formats.jsonc import read_jsonc
from agentco.file_formats.source_file import FileFindings
from agentco.file_formats.yaml_values import Value

MEMORY_SERVER = "memory"
GAP = r"(?:\s|//[^\n]*|/\*[\s\S]*?\*/)*"
MOST_TRIES = 20
"""How many places are tried; comments may hold others than the right one."""


class McpConfig(Struct, frozen=True, kw_only=True):
    """A configuration file: the key that its servers stand under, and our entry in it."""

    path: str
    root_key: str
    entry: Mapping[str, str | list[str]]

    def new_text(self) -> str:
        """The file where there was none."""
        whole = {self.root_key: {MEMORY_SERVER: self.entry}}
        return json.dumps(whole, indent=2) + "\n"

    def entry_text(self) -> str:
        """The entry as it stands in the file."""
        return f'"{MEMORY_SERVER}": {json.dumps(self.entry)}'


MCP_CONFIGS = (
    McpConfig(
        path=".vscode/mcp.json",
        root_key="servers",
        entry={
            "type": "stdio",
            "command": "agentco",
            "args": ["mcp", "--company", "${workspaceFolder}"],
        },
    ),
    McpConfig(
        path=".mcp.json",
        root_key="mcpServers",
        entry={"command": "agentco", "args": ["mcp"]},
    ),
)


def has_memory_server(config: McpConfig, text: str) -> bool:
    """Whether a configuration starts a server called memory, ours or another."""
    value = _parse(config, text)
    servers = servers_in(value) if isinstance(value, dict) else {}
    return MEMORY_SERVER in servers


def with_memory_server(config: McpConfig, text: str) -> str | None:
    """A configuration with our entry inserted; None where that cannot be done without a loss."""
    if not text.strip():
        return config.new_text()
    before = _parse(config, text)
    if not isinstance(before, dict):
        return None
    servers = before.get(config.root_key, {})
    if not isinstance(servers, dict):
        return None
    entry = _parse(config, json.dumps(config.entry))
    wanted = {**before, config.root_key: {**servers, MEMORY_SERVER: entry}}
    for changed in _insertions(config, text):
        if _parse(config, changed) == wanted:
            return changed
    return None


def _insertions(config: McpConfig, text: str) -> Iterator[str]:
    """The text with the entry in every place in which it may belong."""
    end = "\r\n" if "\r\n" in text else "\n"
    indent = re.search(r"^[ \t]+(?=\")", text, re.MULTILINE)
    step = indent[0] if indent else "  "
    entry = config.entry_text()
    key = re.escape(json.dumps(config.root_key))
    for place in islice(re.finditer(rf"{key}{GAP}:{GAP}\{{", text), MOST_TRIES):
        inside = text[: place.end()] + f"{end}{step * 2}{entry}"
        rest = text[place.end() :]
        yield f"{inside}{end}{step}{rest.lstrip()}"
        yield f"{inside},{rest}"
    whole = f'"{config.root_key}": {{{end}{step * 2}{entry}{end}{step}}}'
    for place in islice(re.finditer(r"\{", text), MOST_TRIES):
        inside = text[: place.end()] + f"{end}{step}{whole}"
        yield f"{inside}{end}{text[place.end() :].lstrip()}"
        yield f"{inside},{text[place.end() :]}"


def _parse(config: McpConfig, text: str) -> Value:
    return read_jsonc(text, FileFindings(config.path))
