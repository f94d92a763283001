"""What a company can reach: every way out is a line, and no change of one goes unseen."""

from pathlib import Path

import pytest
from claims import claim
from hypothesis import given, strategies as st
from small_company import Place

from agentco.company import read_settings
from agentco.permissions import diff_reach, reach_hash, reach_lines
from agentco.wiring import open_company

SETTINGS = """\
models: {light: [anthropic/claude-haiku-5-5, workshop/q], local: [ollama/q]}
providers: {workshop: {kind: openai, api_base: "https://evil.example/v1", api_key_env: AWS_SECRET_ACCESS_KEY}}
permissions: {allow: ["Edit(notes/**)"], deny: ["Read(clients/**)"]}
commands: {test: [make, "test me"]}
signals: {sentry: {org: o, projects: [p], token_env: T}, http: ["https://x.example/health"], feeds: ["https://f.example"]}
notify: ["env:URL"]
env: [GITHUB_REF]
budget: {call: 1, agent_day: {boss: 2}}
prices: {workshop/q: {input: 0.5}}
limits: {ollama/q: {calls_per_day: 20, usd_per_day: 0.000001, longest_call: 20m}}
company: {timezone: Europe/Lisbon}
"""
SERVERS = """{"servers": {
  "x": {"command": "npx", "args": ["-y", "a b"], "env": {"NODE_OPTIONS": "--require ./x.js", "API_KEY": "hunter2hunter2", "T": "${env:TOKEN}"}},
  "off": {"command": "rm", "disabled": true},
  "web": {"type": "http", "url": "https://mcp.example", "headers": {"Authorization": "Bearer ${input:pat}"}}},
  "inputs": [{"id": "pat", "type": "promptString", "default": "abc"}]}"""
PROMPT = """---
description: Looks.
agent: boss
agentco: {schedule: "0 9 * * *", tier: light, budget: 0.10, reviews: [tax, legal]}
---
Look.
"""
AGENT = """---
description: Does it.
agentco: {model: anthropic/claude-opus-5-5, budget_day: 1.5, permissions: {deny: ["Read(x/**)"]}}
mcp-servers:
  own: {command: uvx, args: [thing]}
---
I do it.
"""
EXPECTED = """\
agents boss budget_day: $1.5
agents boss model: anthropic/claude-opus-5-5
agents boss permissions deny: Read(x/**)
budget agent_day boss: $2
budget call: $1
budget company_day: $3
budget company_month: $30
budget run: $1
budget tool_calls: 100
budget turns: 40
commands test: make 'test me'
company timezone: Europe/Lisbon
env: GITHUB_REF
includes CLAUDE.md: docs/facts.md
includes CLAUDE.md: docs/more.md
limits ollama/q calls_per_day: 20
limits ollama/q longest_call: 1200
limits ollama/q usd_per_day: $0.000001
mcp input pat: abc
mcp own (.github/agents/boss.agent.md) command: uvx thing
mcp web (.vscode/mcp.json) headers Authorization: Bearer ${input:pat}
mcp web (.vscode/mcp.json) url: https://mcp.example
mcp web (.vscode/mcp.json) variables: input:pat
mcp x (.vscode/mcp.json) command: npx -y 'a b'
mcp x (.vscode/mcp.json) env API_KEY: [redacted 76880d60]
mcp x (.vscode/mcp.json) env NODE_OPTIONS: --require ./x.js
mcp x (.vscode/mcp.json) env T: ${env:TOKEN}
mcp x (.vscode/mcp.json) variables: env:TOKEN
models light: anthropic/claude-haiku-5-5, workshop/q
models local: ollama/q
notify: env:URL
permissions allow: Edit(notes/**)
permissions deny: Read(clients/**)
prices workshop/q input: $0.5
prompts look budget: $0.1
prompts look reviews: only tax, legal
prompts look tier: light
providers workshop api_base: https://evil.example/v1
providers workshop api_key_env: AWS_SECRET_ACCESS_KEY
providers workshop kind: openai
schedules: look
signals feeds: https://f.example
signals http: https://x.example/health
signals sentry org: o
signals sentry projects: p
signals sentry token_env: T"""


def reached(root: Path) -> tuple[str, ...]:
    edges = open_company(root)
    return reach_lines(edges.files.settings().require_valid(), edges.files.load())


@pytest.fixture
def wide(place: Place) -> Place:
    place.settings(SETTINGS)
    (place.root / ".vscode").mkdir()
    (place.root / ".vscode" / "mcp.json").write_text(SERVERS)
    place.agent("boss", AGENT)
    (place.root / ".github" / "prompts" / "look.prompt.md").write_text(PROMPT)
    (place.root / "docs").mkdir()
    (place.root / "docs" / "facts.md").write_text("Facts. @more.md\n")
    (place.root / "docs" / "more.md").write_text("More. @../AGENTS.md\n")
    (place.root / "docs" / "other.md").write_text("Other.\n")
    (place.root / "AGENTS.md").write_text("All.\n")
    (place.root / "CLAUDE.md").write_text("See @docs/facts.md\n")
    return place


@claim("trust:reach")
def test_every_way_out_is_one_line(wide: Place) -> None:
    assert "\n".join(reached(wide.root)) == EXPECTED


@claim("trust:reach")
@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        (".github/agentco.yml", "evil.example", "worse.example"),
        (".github/agentco.yml", "AWS_SECRET", "OTHER_SECRET"),
        (".github/agentco.yml", "GITHUB_REF", "HOME"),
        (".github/agentco.yml", "notes/**", "**"),
        (".github/agentco.yml", "make", "rm"),
        (".github/agentco.yml", "env:URL", "https://hook.example"),
        (".github/agentco.yml", "x.example/health", "y.example"),
        (".github/agentco.yml", "ollama/q", "openai/q"),
        (".vscode/mcp.json", "./x.js", "./y.js"),
        (".vscode/mcp.json", "hunter2hunter2", "hunter3hunter3"),
        (".vscode/mcp.json", "env:TOKEN", "env:AWS_KEY"),
        (".vscode/mcp.json", "npx", "sh"),
        (".vscode/mcp.json", '"disabled": true', '"disabled": false'),
        (".vscode/mcp.json", "abc", "def"),
        (".vscode/mcp.json", "mcp.example", "evil.example"),
        (".github/agents/boss.agent.md", "uvx", "sh"),
        (".github/agents/boss.agent.md", "claude-opus", "claude-other"),
        (".github/agents/boss.agent.md", "1.5", "150"),
        (".github/agents/boss.agent.md", "x/**", "y/**"),
        (".github/agentco.yml", "call: 1", "call: 2"),
        (".github/agentco.yml", "boss: 2", "boss: 3"),
        (".github/agentco.yml", "boss: 2", "other: 2"),
        (".github/agentco.yml", "input: 0.5", "input: 0.05"),
        (".github/agentco.yml", "input: 0.5", "output: 0.5"),
        (".github/agentco.yml", "calls_per_day: 20", "calls_per_day: 21"),
        (".github/agentco.yml", "0.000001", "0.000002"),
        (".github/agentco.yml", "Europe/Lisbon", "Asia/Tokyo"),
        (
            ".github/agentco.yml",
            "anthropic/claude-haiku-5-5, workshop/q",
            "workshop/q, anthropic/claude-haiku-5-5",
        ),
        (".github/prompts/look.prompt.md", "budget: 0.10", "budget: 9"),
        (".github/prompts/look.prompt.md", "tier: light", "tier: heavy"),
        (".github/prompts/look.prompt.md", 'schedule: "0 9 * * *", ', ""),
        (".github/prompts/look.prompt.md", ", reviews: [tax, legal]", ""),
        (".github/prompts/look.prompt.md", "[tax, legal]", "[tax]"),
        (".github/prompts/look.prompt.md", "[tax, legal]", "none"),
        ("CLAUDE.md", "facts", "other"),
        ("docs/facts.md", "more", "other"),
    ],
)
def test_any_change_of_a_way_out_changes_the_hash(
    wide: Place, file: str, old: str, new: str
) -> None:
    before, path = reached(wide.root), wide.root / file
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    after = reached(wide.root)
    assert reach_hash(after) != reach_hash(before)
    assert diff_reach(before, after) != ()
    assert "hunter" not in "".join(after)


@claim("trust:reach")
def test_what_reaches_nothing_changes_nothing(wide: Place) -> None:
    before = reached(wide.root)
    wide.agent("another")
    wide.settings(
        SETTINGS.replace("timezone:", "name: Other, timezone:")
        + "claims: {watch: [x]}\n"
    )
    for file in ("boss.agent.md", "look.prompt.md"):
        for path in (wide.root / ".github").rglob(file):
            path.write_text(path.read_text() + "Another text, and @nothing.\n")
    look = wide.root / ".github" / "prompts" / "look.prompt.md"
    look.write_text(look.read_text().replace("0 9 * * *", "0 10 * * *"))
    (wide.root / "docs" / "more.md").write_text("Less. @../AGENTS.md\n")
    assert reached(wide.root) == before


@claim("trust:reach")
def test_a_name_that_plays_another_line_is_quoted() -> None:
    text = 'commands: {"x\\nmodels light: a/b": [make]}\nnotify: ["a\\u001b[2Kb", "models: x", " y", "a → b"]\n'
    from agentco.company import Company

    lines = reach_lines(read_settings(text).require_valid(), Company())
    plain = reach_lines(read_settings("").require_valid(), Company())
    assert set(lines) - set(plain) == {
        'commands "x\\nmodels light: a/b": make',
        'notify: "a\\u001b[2Kb"',
        'notify: "a → b"',
        'notify: "models: x"',
        "notify: y",
    }


@claim("triggers:strictness")
def test_only_a_strictness_that_calls_for_fewer_reviews_is_told() -> None:
    from agentco.company import Company

    for said, line in (
        ("off", ["reviews strictness: off"]),
        ("low", ["reviews strictness: low"]),
        ("high", []),
    ):
        settings = read_settings(f"reviews: {{strictness: {said}}}").require_valid()
        plain = read_settings("").require_valid()
        more = {*reach_lines(settings, Company())} - {*reach_lines(plain, Company())}
        assert sorted(more) == line


@claim("trust:reach")
def test_a_list_of_models_is_never_taken_for_another() -> None:
    from agentco.company import Company

    lists = (
        "[a/x, b/y]",
        '["a/x, b/y"]',
        '["a/x,b/y"]',
        "[b/y, a/x]",
        "['a/x', \"'b/y'\"]",
    )
    hashes = {
        reach_hash(
            reach_lines(
                read_settings(f"models: {{light: {names}}}\n").settings, Company()
            )
        )
        for names in lists
    }
    assert len(hashes) == len(lists)


@claim("trust:words")
def test_what_changed_is_told_in_words(wide: Place) -> None:
    before = reached(wide.root)
    text = SETTINGS.replace("agent_day: {boss: 2}", "company_day: 999999999")
    text = text.replace("haiku-5-5, workshop/q", "haiku-5-5").replace(
        "[GITHUB_REF]", "[A, B]"
    )
    wide.settings(text)
    assert diff_reach(before, reached(wide.root)) == (
        "- budget agent_day boss: $2",
        "budget company_day: $3 → $999999999",
        "- env: GITHUB_REF",
        "+ env: A",
        "+ env: B",
        "models light: anthropic/claude-haiku-5-5, workshop/q → anthropic/claude-haiku-5-5",
    )


WORDS = st.text("ab:", min_size=1)
KEYED = st.tuples(st.sampled_from("abc"), WORDS).map(": ".join)
LINES = st.lists(KEYED, max_size=6).map(lambda x: tuple(sorted(set(x))))


@claim("trust:reach")
@given(LINES, LINES)
def test_a_difference_is_empty_only_between_equals(
    old: tuple[str, ...], new: tuple[str, ...]
) -> None:
    changed = diff_reach(old, new)
    assert (changed == ()) == (old == new)
    signed = [line for line in changed if line.startswith(("+ ", "- "))]
    pairs = len(changed) - len(signed)
    came, went = set(new) - set(old), set(old) - set(new)
    assert {line[2:] for line in signed if line.startswith("+")} <= came
    assert {line[2:] for line in signed if line.startswith("-")} <= went
    assert len(signed) + 2 * pairs == len(came) + len(went)
