"""init: the memory in the MCP configurations of editors, beside whatever they hold."""

import json
from pathlib import Path
from typing import Any

import pytest
from claims import claim
from hypothesis import given, strategies as st
from small_company import Place
from typed import Do

from agentco.cli.main import main
from agentco.file_formats import FileFindings, read_jsonc
from agentco.upkeep import MCP_CONFIGS, McpConfig, with_memory_server
from agentco.wiring import open_company

VSCODE = MCP_CONFIGS[0]
OURS = {"type": "stdio", "command": "agentco", "args": ["mcp", "--company", "${workspaceFolder}"]}  # fmt: skip
NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
SERVERS = st.dictionaries(NAMES.filter(lambda name: name != "memory"), NAMES)


def parsed(text: str) -> dict[str, Any]:
    value = read_jsonc(text, FileFindings("mcp.json"))
    return value if isinstance(value, dict) else {}


@claim("init:mcp")
def test_a_new_company_names_its_memory_for_both_editors(tmp_path: Path) -> None:
    root = tmp_path / "acme"
    assert main(["init", str(root)]) == 0
    assert json.loads((root / ".vscode" / "mcp.json").read_text()) == {
        "servers": {"memory": OURS}
    }
    servers = json.loads((root / ".mcp.json").read_text())["mcpServers"]
    assert servers == {"memory": {"command": "agentco", "args": ["mcp"]}}
    for agent in open_company(root).files.load().agents:
        assert "memory/*" in (root / agent.file).read_text()


@claim("init:mcp")
@pytest.mark.parametrize(
    "text",
    [
        '{"servers": {}}',
        '{"servers": {"x": {"command": "sh"}}}',
        '{\n\t"servers": {\n\t\t"x": {"url": "https://x.example"}, // mine\n\t},\n}\n',
        '// {"servers": {}}\n{"inputs": []}',
        "{}",
        "",
        '{"servers": {"x": {"command": "\\"servers\\": {"}}}\r\n',
        '{"a": {"servers": {}}, "servers": /* why */ {}}',
    ],
)
def test_what_a_configuration_holds_stays_with_its_comments(
    tmp_path: Path, text: str
) -> None:
    file = tmp_path / ".vscode" / "mcp.json"
    file.parent.mkdir()
    file.write_bytes(text.encode())
    file.chmod(0o600)
    for _ in range(2):
        assert main(["init", str(tmp_path)]) == 0
        changed = file.read_bytes().decode()
        before = parsed(text)
        servers = {**before.get("servers", {}), "memory": OURS}
        assert parsed(changed) == {**before, "servers": servers}
        assert changed.count('"memory"') == 1
        for comment in ("// mine", '// {"servers": {}}', "/* why */"):
            assert (comment in changed) == (comment in text)
    assert file.stat().st_mode & 0o777 == 0o600


@claim("init:mcp")
@pytest.mark.parametrize(
    "text", ["[1]", '{"servers": [1]}', "{broken", '{"servers": {}}\ufeff{']
)
def test_a_configuration_that_cannot_be_changed_is_left_alone_and_the_entry_printed(
    tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / ".vscode" / "mcp.json"
    file.parent.mkdir()
    file.write_text(text)
    assert main(["init", str(tmp_path)]) == 0
    assert file.read_text() == text
    said = capsys.readouterr().out
    assert ".vscode/mcp.json was left alone. Add this under 'servers'" in said
    assert VSCODE.entry_text() in said


@claim("init:mcp")
def test_a_memory_server_of_ones_own_stays(tmp_path: Path) -> None:
    text = '{"mcpServers": {"memory": {"command": "npx", "args": ["mine"]}}}'
    (tmp_path / ".mcp.json").write_text(text)
    assert main(["init", str(tmp_path)]) == 0
    assert (tmp_path / ".mcp.json").read_text() == text


@claim("init:mcp")
@given(SERVERS, st.sampled_from(MCP_CONFIGS), st.sampled_from([None, 1, "\t"]))
def test_any_configuration_gets_the_entry_and_keeps_the_rest(
    servers: dict[str, str], config: McpConfig, indent: int | str | None
) -> None:
    before = {config.root_key: servers, "more": [servers]}
    changed = with_memory_server(config, json.dumps(before, indent=indent))
    assert changed
    after = json.loads(changed)
    assert after.pop(config.root_key) == {**servers, "memory": config.entry}
    assert after == {"more": [servers]}


@claim("init:mcp")
@pytest.mark.parametrize(
    ("args", "warned"),
    [('["mcp"]', False), ('["mcp", "--as", "me"]', False), ('["serve"]', True)],
)
def test_one_server_in_the_files_of_two_editors_is_no_clash(
    place: Place, do: Do, args: str, *, warned: bool
) -> None:
    entry = f'"memory": {{"command": "agentco", "args": {args}}}'
    place.write(".mcp.json", f'{{"mcpServers": {{{entry}}}}}')
    place.write(
        ".vscode/mcp.json",
        '{"servers": {"memory": {"command": "agentco", "args": ["mcp"]}}}',
    )
    assert ("already set by" in do("check").out) is warned


@claim("cli:no-hang")
@pytest.mark.parametrize("remark", ["/**/", "//", "// x\n"])
def test_any_number_of_remarks_behind_a_comma_is_passed_over_at_once(
    remark: str,
) -> None:
    many = remark * 1_000 + "\n"
    assert parsed(f'{{"a": "1",{many}}}') == {"a": "1"}
    assert parsed(f'{{"a": "1",{many}"b": "2"}}') == {"a": "1", "b": "2"}
