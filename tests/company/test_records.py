import pytest
from claims import claim
from making import AGENT, agent_of, company_of, errors, said

from agentco.company import (
    Grant,
    Handoff,
    McpInput,
    MentionKind,
    Permissions,
    Tier,
    find_inputs,
    find_references,
    matches_any_glob,
)

FULL = """---
name: RPI Agent
description: Researches
argument-hint: topic
tools: [read, 'Bash(git:*)', context7, github/*, nonsense, problems]
agents: [coder, '*']
model: [GPT-5, inherit]
user-invocable: false
disable-model-invocation: 'true'
target: vscode
mcp-servers:
  context7:
    command: npx
    args: [-y, ctx]
    env: {KEY: "${{ secrets.CTX }}", PORT: 8080, OFF: null}
    tools: ['*']
handoffs:
  - {label: Go, agent: coder, prompt: Now, send: true, model: GPT-5}
  - {target: tester, description: Test it}
  - {label: lost}
hooks:
  PreToolUse:
    - {type: command, command: ./check.sh}
metadata: {a: b}
disallowedTools: Write, mcp__github__push
skills: tax, voice
maxTurns: 12
memory: project
color: red
agentco:
  tier: heavy
  model: anthropic/claude-opus-5-5
  skills: [tax]
  public: true
  budget_day: 2.5
  permissions: {ask: ["Edit(notes/**)"], deny: [Fetch]}
---
Body
"""


@claim("company:agents")
def test_an_agent_has_every_column_of_the_table() -> None:
    company = company_of({AGENT: FULL})
    (agent,) = company.agents
    assert (agent.id, agent.name, agent.description, agent.argument_hint) == (
        "cmo",
        "RPI Agent",
        "Researches",
        "topic",
    )
    assert agent.tools
    assert agent.tools.grants == (
        Grant(tool="Read"),
        Grant(tool="Run", pattern="git:*"),
        Grant(tool="mcp__context7__*"),
        Grant(tool="mcp__github__*"),
    )
    assert agent.without == (Grant(tool="Edit"), Grant(tool="mcp__github__push"))
    assert agent.agents is None
    assert agent.models == ("GPT-5", "inherit")
    assert (agent.user_invocable, agent.model_invocable) == (False, False)
    assert (agent.skills, agent.max_turns) == (("tax", "voice"), 12)
    assert agent.handoffs == (
        Handoff(label="Go", agent="coder", prompt="Now", send=True, model="GPT-5"),
        Handoff(label="Test it", agent="tester", prompt="", send=False, model=""),
    )
    assert agent.extra == {
        "target": "vscode",
        "hooks": {"PreToolUse": [{"type": "command", "command": "./check.sh"}]},
        "metadata": {"a": "b"},
        "memory": "project",
        "color": "red",
    }
    assert agent.lines["maxTurns"] == 27
    assert agent.lines["agentco.tier"] == 31
    assert said(company) == [
        "info ignored-tool 5",
        "info unknown-tool 5",
        "warning handoff 17",
    ]


@claim("company:own-keys")
def test_an_agents_own_keys_are_read_with_amounts_in_micro_dollars() -> None:
    own = agent_of(FULL).own
    assert (own.tier, own.model, own.skills, own.public) == (
        Tier.HEAVY,
        "anthropic/claude-opus-5-5",
        ("tax",),
        True,
    )
    assert own.budget_day == 2_500_000
    assert own.permissions == Permissions(ask=("Edit(notes/**)",), deny=("Fetch",))


@claim("company:agents")
def test_an_agent_that_says_nothing_has_the_defaults() -> None:
    agent = agent_of("---\ndescription: x\n---\n")
    assert (agent.tools, agent.agents, agent.models, agent.own.tier) == (
        None,
        None,
        (),
        None,
    )
    assert (agent.user_invocable, agent.model_invocable) == (True, True)


@claim("company:agents")
@pytest.mark.parametrize(
    ("header", "shown_and_open"),
    [
        ("infer: false", (True, False)),
        ("infer: user", (True, False)),
        ("infer: agent", (False, True)),
        ("infer: hidden", (False, False)),
        ("infer: false\ndisable-model-invocation: false", (True, True)),
        ("hidden: true", (False, True)),
        ("mode: subagent", (False, True)),
        ("mode: primary", (True, True)),
        ("hidden: true\nuser-invocable: true", (True, True)),
    ],
)
def test_who_may_call_an_agent_is_understood_in_every_dialect(
    header: str, shown_and_open: tuple[bool, bool]
) -> None:
    agent = agent_of(f"---\ndescription: x\n{header}\n---\n")
    assert (agent.user_invocable, agent.model_invocable) == shown_and_open


@claim("company:agents")
def test_bypassing_permissions_is_ignored_with_a_warning() -> None:
    company = company_of(
        {AGENT: "---\ndescription: x\npermissionMode: bypassPermissions\n---\n"}
    )
    assert company.agents[0].extra == {"permissionMode": "bypassPermissions"}
    assert said(company) == ["warning bypass-permissions 3"]


@claim("company:agents")
def test_faults_1_the_first_paragraph_stands_in_for_a_description() -> None:
    agent = agent_of("# Title\n\nYou sell\nthings.\n\nMore.\n")
    assert (agent.name, agent.description, agent.tools) == (
        "cmo",
        "You sell things.",
        None,
    )


@claim("company:agents")
def test_faults_6_an_unknown_model_is_told_and_a_value_of_the_wrong_type_is_ignored() -> (
    None
):
    company = company_of(
        {AGENT: "---\ndescription: x\nmodel: zorg-9\nuser-invocable: maybe\n---\n"}
    )
    assert said(company) == ["info unknown-model 3", "warning wrong-value 4"]
    assert company.agents[0].user_invocable


@claim("company:agents")
def test_a_list_that_narrows_but_cannot_be_read_never_widens() -> None:
    assert agent_of("---\ndescription: x\nagents: {a: b}\n---\n").agents == ()
    company = company_of(
        {AGENT: "---\ndescription: x\ndisallowedTools: {Bash: true}\n---\n"}
    )
    assert [(e.code, e.line) for e in errors(company)] == [("disallowed-tools", 3)]


PROMPT = ".github/prompts/p.prompt.md"


@claim("company:prompts")
def test_a_prompt_has_its_keys_and_its_own() -> None:
    header = (
        "name: Weekly Review\nagent: cmo\nmodel: GPT-5\ntools: [search]\nargument-hint: '[week]'\ntitle: t\n"
        "agentco:\n  schedule: '0 9 * * 1'\n  timezone: Europe/Lisbon\n  catch_up: once\n  overlap: queue\n  wake: facts\n"
        "  tier: light\n  budget: 1\n  public: false\n  produces: [drafts/*.md]\n  reviews: [tax, Legal]"
    )
    company = company_of({PROMPT: f"---\n{header}\n---\nDo it.\n", AGENT: FULL})
    (prompt,) = company.prompts
    assert (prompt.id, prompt.name, prompt.aliases, prompt.agent) == (
        "weekly-review",
        "Weekly Review",
        ("p",),
        "cmo",
    )
    assert (prompt.description, prompt.argument_hint, prompt.extra) == (
        "Do it.",
        "[week]",
        {"title": "t"},
    )
    own = prompt.own
    assert (own.schedule, own.timezone, own.catch_up, own.wake) == (
        "0 9 * * 1",
        "Europe/Lisbon",
        "once",
        "facts",
    )
    assert own.overlap == "queue"
    assert (own.tier, own.budget, own.public, own.produces) == (
        Tier.LIGHT,
        1_000_000,
        False,
        ("drafts/*.md",),
    )
    assert own.held_triggers == ("tax", "Legal")
    assert prompt.lines["agentco.schedule"] == 9
    assert (
        company.find_prompt("/p".strip("/"))
        == company.find_prompt("weekly review")
        == prompt
    )


@claim("triggers:prompt")
@pytest.mark.parametrize(
    ("written", "held"),
    [("none", ()), ("[]", ()), ("[a, B c]", ("a", "B c")), ("", None), (None, None)],
)
def test_a_prompt_says_which_triggers_hold(
    written: str | None, held: tuple[str, ...] | None
) -> None:
    own = "" if written is None else f"agentco:\n  reviews: {written}\n"
    (prompt,) = company_of({PROMPT: f"---\nagent: ask\n{own}---\n"}).prompts
    assert prompt.own.held_triggers == held


@claim("triggers:prompt")
@pytest.mark.parametrize("written", ["all", "no", "3", "{legal: no}", "[[a]]"])
def test_what_is_neither_none_nor_a_list_leaves_the_prompt_out(written: str) -> None:
    page = f"---\nagent: ask\nagentco:\n  reviews: {written}\n---\n"
    company = company_of({PROMPT: page})
    assert company.prompts == ()
    (problem,) = company.diagnostics
    assert (problem.line, problem.code) == (4, "wrong-value")
    assert written == "[[a]]" or "none, or a list" in problem.hint


@claim("company:prompts")
def test_agent_wins_over_mode() -> None:
    assert (
        company_of({PROMPT: "---\nmode: ask\nagent: edit\n---\n"}).prompts[0].agent
        == "edit"
    )


@claim("company:prompts")
def test_inputs_are_found_once_with_default_and_line() -> None:
    body = "${input:a}\n${input:project-slug:my thing, x=1} ${input:b|no}\n${input:a} ${VAR:-} ${{ x }} $1"
    assert [(i.id, i.default, i.line) for i in find_inputs(body, 5)] == [
        ("a", None, 5),
        ("project-slug", "my thing, x=1", 6),
        ("b", "no", 6),
    ]


@claim("company:prompts")
def test_references_are_found_outside_code_only() -> None:
    body = (
        "[a](docs/a.md#part) ![img](i.png) [web](https://x.y) [here](#top) `[c](c.md)`\n"
        "```\n[d](d.md)\n```\n#file:src/x.py and #tool:search/codebase, ``#file:no``\n[m](mailto:a@b.c)"
    )
    assert [(r.mention, r.target, r.line) for r in find_references(body)] == [
        (MentionKind.LINK, "docs/a.md", 1),
        (MentionKind.FILE, "src/x.py", 5),
        (MentionKind.TOOL, "search/codebase", 5),
    ]


HOSTILE = [
    "[",
    "` ",
    "`a``b",
    "[a](",
    "${input:",
    "${input:a:",
    "#file:",
    "#tool:",
    "```\n",
]


@claim("company:prompts")
@pytest.mark.parametrize("part", HOSTILE)
def test_a_hostile_body_is_searched_to_its_end(part: str) -> None:
    body = part * 100_000
    assert (len(find_inputs(body)), len(find_references(body))) < (2, 200_000)


OWN = {
    "unknown": ("tiers: heavy", "unknown-key", "did you mean 'tier'?"),
    "value": ("tier: hevy", "wrong-value", "write one of light, medium, heavy, local"),
    "amount with letters": ("budget_day: 10k", "wrong-value", "0.25"),
    "negative amount": ("budget_day: -1", "wrong-value", "0.25"),
    "amount in quotes": ("budget_day: '2'", "wrong-value", "0.25"),
    "a prompt's key": ("schedule: x", "unknown-key", "the keys here are"),
    "unknown rule": (
        "permissions: {alow: [x]}",
        "unknown-key",
        "did you mean 'allow'?",
    ),
    "flag": ("public: maybe", "wrong-value", "true or false"),
}


@claim("company:own-keys")
@pytest.mark.parametrize(("own", "code", "hint"), OWN.values(), ids=OWN.keys())
def test_a_mistake_in_agentcos_own_keys_leaves_the_file_out(
    own: str, code: str, hint: str
) -> None:
    company = company_of({AGENT: f"---\ndescription: x\nagentco:\n  {own}\n---\n"})
    (error,) = errors(company)
    assert not company.agents
    assert (error.code, error.line) == (code, 4)
    assert hint in error.hint


@claim("company:own-keys")
def test_agentcos_own_keys_are_found_in_any_case() -> None:
    agent = agent_of("---\ndescription: x\nAgentCo:\n  tier: light\n---\n")
    assert (agent.own.tier, agent.lines["agentco.tier"], agent.extra) == (
        Tier.LIGHT,
        4,
        {},
    )


@claim("company:own-keys")
def test_agentco_must_be_a_map() -> None:
    assert [
        e.code
        for e in errors(
            company_of({AGENT: "---\ndescription: x\nagentco: heavy\n---\n"})
        )
    ] == ["wrong-type"]
    assert not errors(company_of({AGENT: "---\ndescription: x\nagentco:\n---\n"}))


@claim("company:skills")
def test_a_skill_has_its_keys() -> None:
    text = (
        "---\nname: tax\ndescription: Taxes\nlicense: MIT\ncompatibility: needs git\n"
        "metadata: {version: 1.10, last_updated: 2026-01-02, deep: {a: b}}\n"
        "allowed-tools: Read Bash(gh issue:*) Grep\ncontext: fork\nuser-invocable: false\nmodel: haiku\n"
        "agent: cfo\ntags: [a]\n---\nBody"
    )
    (skill,) = company_of({".github/skills/group/tax/skill.md": text}).skills
    assert (skill.id, skill.folder, skill.license, skill.compatibility) == (
        "tax",
        ".github/skills/group/tax",
        "MIT",
        "needs git",
    )
    assert skill.metadata == {
        "version": "1.10",
        "last_updated": "2026-01-02",
        "deep": "{'a': 'b'}",
    }
    assert skill.allowed_tools == ("Read", "Bash(gh issue:*)", "Grep")
    assert (skill.user_invocable, skill.model_invocable) == (False, True)
    assert (skill.models, skill.agent, skill.extra) == (
        ("haiku",),
        "cfo",
        {"context": "fork", "tags": ["a"]},
    )


SKILLS = {
    "29 other folder": ("name: vat\ndescription: x", "warning skill-folder 2"),
    "not valid everywhere": ("name: Tax Skill\ndescription: x", "warning skill-name 2"),
    "long name": (f"name: {'a' * 65}\ndescription: x", "warning skill-name 2"),
    "long description": (
        f"name: tax\ndescription: {'x' * 1025}",
        "warning long-description 3",
    ),
    "no description": ("name: tax", "error no-description None"),
}


@claim("company:skills")
@pytest.mark.parametrize(("header", "told"), SKILLS.values(), ids=SKILLS.keys())
def test_what_is_odd_about_a_skill_is_told(header: str, told: str) -> None:
    company = company_of({".github/skills/tax/SKILL.md": f"---\n{header}\n---\nBody"})
    assert said(company) == [told]
    assert bool(company.skills) is not told.startswith("error")


@claim("company:instructions")
def test_rules_of_claude_code_go_with_every_file_unless_they_name_paths() -> None:
    company = company_of(
        {
            ".claude/rules/a.md": "Be brief",
            ".claude/rules/b.md": "---\npaths: [src/**, '*.py']\n---\nTyped",
        }
    )
    assert [(i.id, i.apply_to) for i in company.instructions] == [
        ("a", ("**",)),
        ("b", ("src/**", "*.py")),
    ]
    assert said(company) == []


@claim("company:instructions")
def test_instructions_name_agents_that_skip_them() -> None:
    text = "---\napplyTo: '**'\nexcludeAgent: code-review, coding-agent\n---\n"
    (one,) = company_of({".github/instructions/x/a.instructions.md": text}).instructions
    assert one.exclude_agents == ("code-review", "coding-agent")


@claim("company:instructions")
def test_faults_24_the_constitution_falls_back_and_none_is_a_warning() -> None:
    from agentco.company import load_company
    from agentco.file_formats import SourceFile

    agents, claude = (
        SourceFile(path=p, data=b"Hold") for p in ("AGENTS.md", "CLAUDE.md")
    )
    nested = SourceFile(path="src/AGENTS.md", data=b"Here")
    assert (c := load_company([agents, claude, nested]).constitution)
    assert c.file == "AGENTS.md"
    assert (c := load_company([claude]).constitution)
    assert c.file == "CLAUDE.md"
    assert [a.folder for a in load_company([agents, claude, nested]).always_on] == [
        "",
        "",
        "src",
    ]
    assert said(load_company([nested])) == ["warning no-constitution None"]


MCP = """// servers of the company
{
  "servers": {
    "docs": {"url": "https://x.y/${input:team}", "headers": {"Authorization": "Bearer ${env:DOCS}"}},
    "files": {"type": "local", "command": "npx", "args": ["-y", "fs", "${HOME}"], "disabled": true,},
    /* odd ones */
    "pipe": {"url": "unix:///tmp/x"},
    "none": {"type": "stdio"},
  },
  "inputs": [{"id": "team", "type": "promptString", "password": true, "default": "a"}],
}
"""


@claim("company:servers")
def test_servers_are_read_with_what_they_need_and_never_started() -> None:
    company = company_of({".vscode/mcp.json": MCP})
    docs, files = company.servers
    assert (docs.name, docs.transport, docs.url, docs.line) == (
        "docs",
        "http",
        "https://x.y/${input:team}",
        4,
    )
    assert docs.variables == ("input:team", "env:DOCS")
    assert (files.transport, files.command, files.args) == (
        "stdio",
        "npx",
        ("-y", "fs", "${HOME}"),
    )
    assert (files.disabled, files.variables) == (True, ("HOME",))
    assert company.inputs == (
        McpInput(
            file=".vscode/mcp.json",
            id="team",
            type="promptString",
            description="",
            default="a",
            password=True,
            options=(),
        ),
    )
    assert said(company) == ["warning mcp-server 7", "warning mcp-server 8"]


@claim("company:servers")
def test_every_shape_of_server_file_is_accepted_and_the_first_file_wins() -> None:
    bare = '{"a": {"command": "x"}, "b": {"url": "https://b"}}'
    portable = (
        '{"mcpServers": {"a": {"command": "y", "env": {"N": 1, "T": true, "U": null}}}}'
    )
    company = company_of({".vscode/mcp.json": bare, ".mcp.json": portable})
    assert [(s.name, s.file) for s in company.servers] == [
        ("a", ".vscode/mcp.json"),
        ("b", ".vscode/mcp.json"),
    ]
    assert said(company) == ["warning shadowed 1"]
    (alone,) = company_of({".mcp.json": portable}).servers
    assert alone.env == {"N": "1", "T": "true", "U": None}


@claim("company:servers")
def test_an_agents_own_server_is_read_from_its_header() -> None:
    (server,) = agent_of(FULL).servers
    assert (server.name, server.line, server.tools) == ("context7", 12, ("*",))
    assert server.env == {"KEY": "${{ secrets.CTX }}", "PORT": "8080", "OFF": None}
    assert server.variables == ("CTX",)


@claim("company:servers")
@pytest.mark.parametrize(
    "text", ["{", '{"servers": [}', "[" * 100_000, '{"a": "\x01"}']
)
def test_json_that_cannot_be_read_is_told(text: str) -> None:
    assert [e.file for e in errors(company_of({".mcp.json": text}))] == [".mcp.json"]
    assert not errors(company_of({".mcp.json": "// nothing yet\n"}))


@claim("company:hooks")
def test_hooks_are_checked_and_kept_as_data() -> None:
    assert "hooks" in agent_of(FULL).extra
    files: dict[str, str | bytes] = {
        ".github/hooks/a.json": "{]",
        ".claude/settings.json": '{"hooks": {}}',
    }
    assert [e.file for e in errors(company_of(files))] == [".github/hooks/a.json"]


@claim("company:instructions")
@pytest.mark.parametrize(
    ("glob", "path", "fits"),
    [
        ("src/**.go", "src/a/b.go", False),
        ("src/**.go", "src/b.go", True),
        ("a**b/*.c", "a/x/b/d.c", False),
        ("a/{b/**,c}/x", "a/b/q/r/x", True),
        ("src/**", "src/a/b", True),
        ("**/*.go", "a/b/c.go", True),
    ],
)
def test_two_stars_are_folders_only_as_a_whole_segment(
    glob: str, path: str, *, fits: bool
) -> None:
    assert matches_any_glob([glob], path) is fits
