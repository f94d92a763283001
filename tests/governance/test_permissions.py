"""Permissions: deny over ask over allow, what is unmatched asks, and what is doubtful decides against."""

import pytest
from claims import claim
from hypothesis import given, strategies as st
from msgspec.structs import replace

from agentco.company import Permissions
from agentco.kernel import normalize_path
from agentco.permissions import Ruling, ToolUse, check_permission, rule_problem

ALLOW, ASK, DENY = Ruling.ALLOW, Ruling.ASK, Ruling.DENY
NONE = Permissions()
STRICT = {ALLOW: 0, ASK: 1, DENY: 2}


def ruling(
    act: str, rules: Permissions = NONE, own: Permissions = NONE, **facts: bool
) -> Ruling:
    tool, _, what = act.partition(" ")
    return check_permission(
        ToolUse(tool=tool, specifier=what, **facts), rules, own
    ).ruling


@claim("permissions:defaults")
@pytest.mark.parametrize(
    ("act", "expected"),
    [
        ("Read BOARD.md", ALLOW),
        ("Read memory/memory.jsonl", ALLOW),
        ("Read .github/agentco.yml", ALLOW),
        ("Search ", ALLOW),
        ("Memory add", ALLOW),
        ("Board done", ALLOW),
        ("Skill gdpr-review", ALLOW),
        ("AskFounder ", ALLOW),
        ("Lesson ", ALLOW),
        ("Gather ", ALLOW),
        ("Edit drafts/post.md", ALLOW),
        ("Edit ./drafts/deep/post.md", ALLOW),
        ("Edit notes/post.md", ASK),
        ("Edit sub/drafts/post.md", ASK),
        ("Edit drafts", ASK),
        ("Edit drafts./post.md", ASK),
        ("Edit BOARD.md", ASK),
        ("Run make", ASK),
        ("Fetch https://example.com", ASK),
        ("Delegate marketing", ALLOW),
        ("mcp__x__post_tweet ", ASK),
        ("Frobnicate it", ASK),
        ("write drafts/post.md", ALLOW),
        ("bash make", ASK),
    ],
)
def test_without_rules_an_agent_reads_remembers_and_drafts(
    act: str, expected: Ruling
) -> None:
    assert ruling(act) is expected


NEVER = [
    ".git/config", ".git", "./.git/hooks/x", ".GIT/config", ".git./config", ".git /config", ".git::$DATA", "a/../.git/x",
    "sub/.git/config", ".g\u200cit/config", "\uff0egit/config", ".git\\config", "drafts\\..\\.git\\x", "drafts/../.git/x",
    ".agentco/state.db", "memory/.agentco/x", ".AgentCo/x", ".env", ".env.local", ".ENV", "drafts/.env", "x/.envrc", ".env.",
    "prod.env", "deploy/PROD.ENV", "x/app.env.local", "a.pem", "keys/a.KEY.", "k.p12", "store.jks", "db.kdbx", "id_rsa", "x/id_ed25519.old",
    ".ssh/config", "home/.aws/credentials", ".netrc", ".npmrc", ".git-credentials", "client_secret_1.json", "a.pem::$DATA", "a:.env",
    "\uff41.pem", "a.p\u200bem", "x.tfstate",
    ".env\nx", "a/.env\n", ".env\r\nx.md", "id_rsa\nx", "x\n.pem", "a.pem\n", "x\u2028.pem", ".git\n/config", "x\n.env.\ny",
    "../x", "a/../../x", "/etc/passwd", "~/.ssh/id_rsa", "C:\\x", "drafts/.../x", "drafts/\0", "..\\x",
]  # fmt: skip
EVERYTHING = Permissions(
    allow=("Read", "Edit", "Search", "Edit(**)", "Read(/.env)", "Edit(.git/**)", "*")
)


@claim("permissions:never")
@pytest.mark.parametrize("path", NEVER, ids=ascii)
@pytest.mark.parametrize("tool", ["Read", "Edit", "Search", "grep", "Write"])
def test_what_is_denied_to_agents_no_rule_and_no_spelling_lifts(
    tool: str, path: str
) -> None:
    ruled = check_permission(ToolUse(tool=tool, specifier=path), EVERYTHING, EVERYTHING)
    assert (ruled.ruling, ruled.file) == (DENY, None)


@claim("permissions:never")
@pytest.mark.parametrize(
    "path",
    ["environment.md", "env", "keys.md", "docs/pem.md", "monkey.txt", "git", "id.md", "docker-compose.yml", "env.d.ts", "secretary.md"],
)  # fmt: skip
def test_what_only_sounds_like_a_secret_is_open(path: str) -> None:
    assert ruling(f"Read {path}") is ALLOW


@claim("permissions:never")
@pytest.mark.parametrize("tool", ["Read", "Edit", "Search"])
def test_what_git_ignores_is_denied(tool: str) -> None:
    assert ruling(f"{tool} drafts/x", EVERYTHING, ignored=True) is DENY


@claim("permissions:always-asked")
@pytest.mark.parametrize(
    "path",
    [
        ".github/agents/coo.agent.md", ".github/copilot-instructions.md", ".github/agentco.yml", ".GitHub/workflows/ci.yml",
        ".vscode/mcp.json", ".claude/agents/rev.md", ".claude/settings.json", "AGENTS.md", "sub/AGENTS.md", "agents.MD",
        "CLAUDE.md", "CLAUDE.local.md", "memory/memory.jsonl", "memory/MEMORY.JSONL", "memory/old/x.jsonl", ".githooks/pre-commit",
        ".husky/pre-push", ".gitlab-ci.yml", ".circleci/config.yml", "Makefile", "makefile", "sub/Makefile", ".mcp.json",
        "agents/coo.agent.md", "prompts/x.prompt.md", ".agents/skills/a/SKILL.md", ".gitignore", "drafts/../AGENTS.md", "drafts/Makefile",
    ],
)  # fmt: skip
def test_fault_12_what_makes_the_company_is_asked_whatever_the_rules_say(
    path: str,
) -> None:
    rules = Permissions(allow=("Edit", "Edit(**)", f"Edit({path})"))
    assert ruling(f"Edit {path}", rules) is ASK
    assert ruling(f"Read {path}", rules) is ALLOW


@claim("permissions:always-asked")
def test_a_file_that_can_be_run_is_asked_even_among_the_drafts() -> None:
    assert ruling("Edit drafts/x", executable=True) is ASK
    assert ruling("Read drafts/x", executable=True) is ALLOW


@claim("permissions:rules")
@pytest.mark.parametrize(
    ("rules", "act", "expected"),
    [
        # deny over ask over allow, however special the rule
        (Permissions(allow=("Edit(notes/a.md)",), deny=("Edit",)), "Edit notes/a.md", DENY),
        (Permissions(allow=("Edit(notes/a.md)",), ask=("Edit(**)",)), "Edit notes/a.md", ASK),
        (Permissions(ask=("Read",), deny=("Read(clients/**)",)), "Read clients/x", DENY),
        (Permissions(ask=("Read",)), "Read x", ASK),
        # paths as git reads them
        (Permissions(allow=("Edit(notes/**)",)), "Edit notes/deep/a.md", ALLOW),
        (Permissions(allow=("Edit(notes/**)",)), "Edit vendor/notes/a.md", ASK),
        (Permissions(allow=("Edit(notes/*)",)), "Edit notes/deep/a.md", ASK),
        (Permissions(allow=("Edit(./notes/**)",)), "Edit notes/a.md", ALLOW),
        (Permissions(allow=("Edit(/notes/**)",)), "Edit notes/a.md", ALLOW),
        (Permissions(allow=("Edit(*.txt)",)), "Edit deep/a.txt", ALLOW),
        (Permissions(allow=("Edit(**/a.txt)",)), "Edit deep/a.txt", ALLOW),
        (Permissions(allow=("Edit(notes/**)",)), "Edit notes/../src/a", ASK),
        (Permissions(allow=("write(notes/**)",)), "Edit notes/a", ALLOW),
        (Permissions(deny=("Read(clients/**)",)), "Read clients", DENY),
        (Permissions(deny=("Read(clients)",)), "Read clients/acme/x.md", DENY),
        (Permissions(deny=("Read(clients/)",)), "Read Clients/acme/x.md", DENY),
        (Permissions(deny=("Read(clients/**)",)), "Read x/../CLIENTS/a", DENY),
        (Permissions(deny=("Read(clients/**)",)), "Read clients./a", DENY),
        (Permissions(deny=("Read(caf\u00e9/**)",)), "Read cafe\u0301/a", DENY),
        (Permissions(deny=("Read(clients/**)",)), "Search clients", DENY),
        (Permissions(deny=("Read(*.pem)",)), "Read deep/key.pem", DENY),
        (Permissions(deny=("Search(clients)",)), "Read clients/a", ALLOW),
        (Permissions(deny=("Read(clients/**)",)), "Read notclients/a", ALLOW),
        # commands
        (Permissions(allow=("Run(test)",)), "Run test", ALLOW),
        (Permissions(allow=("Run(test)",)), "Run test --all", ASK),
        (Permissions(allow=("Bash(git:*)",)), "Run git push", ALLOW),
        (Permissions(allow=("Bash(git:*)",)), "Run git", ALLOW),
        (Permissions(allow=("Bash(git:*)",)), "Run gitx", ASK),
        (Permissions(allow=("Run(git log*)",)), "Run git log --all", ALLOW),
        (Permissions(allow=("RUN",), deny=("Run(git push)",)), "Run git push --force", DENY),
        (Permissions(allow=("RUN",), deny=("Run(git push)",)), "Run git   PUSH", DENY),
        (Permissions(allow=("RUN",), deny=("Run(git push)",)), "Run git pull", ALLOW),
        # addresses
        (Permissions(allow=("Fetch(https://example.com/**)",)), "Fetch https://example.com", ALLOW),
        (Permissions(allow=("Fetch(https://example.com/**)",)), "Fetch HTTPS://EXAMPLE.com:443/a?b#c", ALLOW),
        (Permissions(allow=("Fetch(https://example.com/**)",)), "Fetch http://example.com/a", ASK),
        (Permissions(allow=("Fetch(https://example.com/**)",)), "Fetch https://example.com.evil.com/", ASK),
        (Permissions(allow=("Fetch(https://*.example.com/**)",)), "Fetch https://evil.com/x.example.com/", ASK),
        (Permissions(allow=("Fetch(https://*.example.com/**)",)), "Fetch https://evil.com?.example.com/", ASK),
        (Permissions(allow=("Fetch(https://*.example.com/**)",)), "Fetch https://evil.com#.example.com/", ASK),
        (Permissions(allow=("Fetch(https://example.com/a/**)",)), "Fetch https://example.com/a/%2e%2e/b", DENY),
        (Permissions(allow=("Fetch",)), "Fetch https://user@example.com/", DENY),
        (Permissions(allow=("Fetch",)), "Fetch file:///etc/passwd", DENY),
        (Permissions(allow=("Fetch",)), "Fetch https://example.com\\@evil.com/", DENY),
        (Permissions(allow=("Fetch",)), "Fetch https://[broken/", DENY),
        (Permissions(allow=("Fetch",)), "Fetch https://x:y/", DENY),
        (Permissions(allow=("WebFetch(domain:example.com)",)), "Fetch http://example.com:8080/a", ALLOW),
        (Permissions(allow=("WebFetch(domain:example.com)",)), "Fetch https://a.example.com/", ASK),
        (Permissions(allow=("WebFetch(domain:*.example.com)",)), "Fetch https://a.example.com/", ALLOW),
        (Permissions(allow=("WebFetch(domain:*.example.com)",)), "Fetch https://evil.com/a.example.com", ASK),
        (Permissions(allow=("Fetch",), deny=("Fetch(domain:evil.com)",)), "Fetch https://EVIL.com/a", DENY),
        (Permissions(allow=("Fetch",), deny=("Fetch(https://evil.com)",)), "Fetch https://evil.com/a", DENY),
        # servers
        (Permissions(allow=("mcp__x__post",)), "mcp__x__post ", ALLOW),
        (Permissions(allow=("mcp__x__*",)), "mcp__x__post ", ALLOW),
        (Permissions(allow=("mcp__x",)), "mcp__x__post ", ALLOW),
        (Permissions(allow=("mcp__x__*",)), "mcp__xy__post ", ASK),
        (Permissions(allow=("mcp__x__*",), deny=("MCP__X__post",)), "mcp__x__post ", DENY),
        (Permissions(allow=("mcp__x__*",), ask=("mcp__x__post",)), "mcp__x__post ", ASK),
        # the others
        (Permissions(deny=("Skill(gdpr*)",)), "Skill gdpr-review", DENY),
        (Permissions(deny=("Board(move)",)), "Board done", ALLOW),
        (Permissions(ask=("Memory(delete)",)), "Memory delete", ASK),
        (Permissions(deny=("Lesson",)), "Lesson ", DENY),
    ],
)  # fmt: skip
def test_fault_57_deny_wins_over_ask_over_allow(
    rules: Permissions, act: str, expected: Ruling
) -> None:
    assert ruling(act, rules) is expected


@claim("permissions:rules")
def test_a_ruling_names_the_rule_and_where_it_stands() -> None:
    rules = Permissions(deny=("Read(a/**)", "Read(b/**)"))
    ruled = check_permission(
        ToolUse(tool="Read", specifier="b/x"),
        rules,
        lines={("permissions", "deny", 1): 7},
    )
    assert (ruled.rule, ruled.file, ruled.line) == (
        "Read(b/**)",
        ".github/agentco.yml",
        7,
    )
    own = check_permission(ToolUse(tool="Read", specifier="b/x"), NONE, rules)
    assert (own.rule, own.file, own.line) == ("Read(b/**)", None, None)
    built_in = check_permission(ToolUse(tool="Read", specifier=".git/x"), rules)
    assert (built_in.rule, built_in.file, built_in.why) == (
        "Read(.git)",
        None,
        "built in: deny Read(.git)",
    )


@claim("permissions:narrowing")
def test_fault_14_an_agent_that_allows_itself_something_gets_nothing() -> None:
    own = Permissions(allow=("Edit", "Run", "Fetch"))
    assert [
        ruling(a, NONE, own) for a in ("Edit x", "Run x", "Fetch https://x.y/")
    ] == [ASK, ASK, ASK]
    assert ruling("Edit drafts/x", NONE, Permissions(ask=("Edit",))) is ASK
    assert (
        ruling("Run x", Permissions(allow=("Run",)), Permissions(deny=("Run(x)",)))
        is DENY
    )


@claim("permissions:unreadable")
@pytest.mark.parametrize(
    ("rule", "about", "said"),
    [
        ("Edit(notes/**", "Edit other/x", "is not written as Tool or Tool(what)"),
        ("Edit()", "Edit other/x", "is not written as Tool or Tool(what)"),
        ("Edit( )", "Edit other/x", "is not written as Tool or Tool(what)"),
        (
            "Edit(notes/**) please",
            "Edit other/x",
            "is not written as Tool or Tool(what)",
        ),
        ("Edit)", "Edit other/x", "names no tool"),
        ("Raed(clients/**)", "Read x", "names no tool: did you mean 'Read'?"),
        ("Frobnicate", "Memory add", "names no tool"),
        ("*", "Board done", "names no tool"),
        ("", "Board done", "names no tool"),
    ],
)
def test_a_rule_that_cannot_be_read_allows_nothing_and_forbids_the_whole_tool(
    rule: str, about: str, said: str
) -> None:
    assert said in (rule_problem(rule) or "")
    assert ruling(about, Permissions(deny=(rule,))) is DENY
    assert ruling(about, Permissions(ask=(rule,))) is ASK
    assert ruling("Edit notes/a", Permissions(allow=(rule,))) is ASK
    assert (
        said
        in check_permission(
            ToolUse(tool="Edit", specifier="a"), Permissions(deny=(rule,))
        ).why
    )


@claim("permissions:unreadable")
@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("Read(../other/**)", "can never match"),
        ("Read(a/../b.md)", "write its path without '..'"),
        ("Read({a/../b.md,c})", "write its path without '..'"),
        ("Fetch(ftp://a.b/**)", "only http and https addresses"),
        ("Read({.env,.git/x})", "changes nothing"),
        ("Edit(~/x)", "can never match"),
        ("Edit(.git/**)", "changes nothing"),
        ("Read(.env)", "changes nothing"),
    ],
)
def test_fault_58_a_rule_that_can_never_match_is_told(rule: str, said: str) -> None:
    assert said in (rule_problem(rule) or "")


@claim("permissions:unreadable")
@pytest.mark.parametrize(
    "rule",
    ["Edit", "Edit(drafts/**)", "Edit({.env,a})", "Fetch(*://a.b/**)", "Fetch(HTTPS://a.b)", "bash(git:*)", "WebFetch(domain:x.com)", "mcp__x__post_tweet", "mcp__x", "lesson", "Read(/a (b)/*)", "think"],
)  # fmt: skip
def test_a_rule_that_users_already_know_is_readable(rule: str) -> None:
    assert rule_problem(rule) is None


PARTS = st.sampled_from(
    [
        "a",
        "b",
        "drafts",
        "clients",
        ".",
        "..",
        "",
        ".git",
        ".GIT",
        ".env",
        "x.md",
        "AGENTS.md",
        "a.",
        "...",
    ]
)
PATHS = st.builds("/".join, st.lists(PARTS, max_size=5)) | st.text(max_size=12)
TEXTS = PATHS | st.sampled_from(
    ["git push", "git", "https://a.b/c", "https://a.b", "file:///x", "add"]
)
TOOLS = st.sampled_from(
    ["Read", "Edit", "Search", "Run", "Fetch", "Memory", "mcp__a__b", "Lesson", "What"]
)
USES = st.builds(
    ToolUse,
    tool=TOOLS,
    specifier=TEXTS,
    ignored=st.booleans(),
    executable=st.booleans(),
)
SPECIAL = st.sampled_from(
    [
        "*",
        "**",
        "drafts/**",
        "clients",
        "git:*",
        "https://a.b/**",
        "domain:a.b",
        "*.md",
        "a*",
    ]
)
RULES = st.one_of(
    TOOLS,
    st.builds("{}({})".format, TOOLS, SPECIAL | PATHS),
    st.text(max_size=8),
    st.just("mcp__a__*"),
)
LISTS = st.lists(RULES, max_size=3).map(tuple)
PERMISSIONS = st.builds(Permissions, allow=LISTS, ask=LISTS, deny=LISTS)


def stricter(after: Ruling, before: Ruling) -> bool:
    return STRICT[after] >= STRICT[before]


@claim("permissions:laws")
@given(USES, PERMISSIONS, PERMISSIONS, RULES, st.sampled_from(["deny", "ask"]))
def test_another_deny_or_ask_never_makes_anything_more_allowed(
    use: ToolUse, rules: Permissions, own: Permissions, rule: str, key: str
) -> None:
    before = check_permission(use, rules, own).ruling
    more = replace(rules, **{key: (*getattr(rules, key), rule)})
    assert stricter(check_permission(use, more, own).ruling, before)


@claim("permissions:laws")
@given(USES, PERMISSIONS, PERMISSIONS, PERMISSIONS)
def test_nothing_in_an_agents_file_makes_anything_more_allowed(
    use: ToolUse, rules: Permissions, own: Permissions, more: Permissions
) -> None:
    grown = Permissions(
        allow=own.allow + more.allow, ask=own.ask + more.ask, deny=own.deny + more.deny
    )
    after, before = (
        check_permission(use, rules, grown).ruling,
        check_permission(use, rules, own).ruling,
    )
    assert stricter(after, before)
    assert stricter(before, check_permission(use, rules).ruling)


@claim("permissions:laws")
@given(st.sampled_from(["Read", "Edit", "Search"]), PATHS, PERMISSIONS)
def test_a_path_that_is_the_same_gets_the_same_ruling(
    tool: str, path: str, rules: Permissions
) -> None:
    plain = normalize_path(path)
    ruled = check_permission(ToolUse(tool=tool, specifier=path), rules).ruling
    if plain is None:
        assert ruled is DENY
    else:
        assert normalize_path(plain) == plain
        assert (
            check_permission(ToolUse(tool=tool, specifier=plain), rules).ruling is ruled
        )
        for same in (
            f"./{path}",
            f"{path or '.'}/",
            f"x/../{path}",
            path.replace("/", "\\"),
        ):
            assert (
                check_permission(ToolUse(tool=tool, specifier=same), rules).ruling
                is ruled
            )


@claim("permissions:laws")
@given(USES, PERMISSIONS)
def test_where_no_allow_matches_only_the_built_in_is_allowed(
    use: ToolUse, rules: Permissions
) -> None:
    without = check_permission(use, replace(rules, allow=()))
    if without.ruling is ALLOW:
        assert without.file is None
