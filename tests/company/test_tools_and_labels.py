import pytest
from claims import claim
from hypothesis import given, strategies as st

from agentco.company import (
    OWN_NAMES,
    Grant,
    LabelTier,
    applies_always,
    matches_any_glob,
    read_label,
    read_tools,
    split_globs,
)

OURS = {
    "Search": "search search/codebase codebase Grep Glob usages findTestFiles searchResults grep_search search/*",
    "Edit": "edit/editFiles Write Edit new editFiles MultiEdit NotebookEdit create_file EDIT #tool:edit",
    "Run": "Bash runCommands runTests execute/runInTerminal shell powershell Run `Bash` 'bash'",
    "Fetch": "fetch openSimpleBrowser web/fetch web WebFetch WebSearch browser Fetch",
    "Read": "Read read/readFile read view NotebookRead read_file",
    "Memory": "vscode/memory memory memory/* Memory",
    "Board": "todo todos TodoWrite Board",
    "AskFounder": "vscode/askQuestions AskUserQuestion AskFounder",
    "Delegate": "agent runSubagent agent/runSubagent Task custom-agent Delegate",
    "Skill": "Skill",
    "mcp__github__*": "githubRepo github github/* web/githubRepo",
    "mcp__playwright__*": "playwright playwright/* mcp__playwright",
    "mcp__microsoftdocs/mcp__*": "microsoftdocs/mcp/*",
    "mcp__s__do_it": "s/do_it mcp__s__do_it mcp_s_do_it",
}
NAMES = [(name, ours) for ours, names in OURS.items() for name in names.split()]


@claim("company:tools")
@pytest.mark.parametrize(("name", "ours"), NAMES, ids=[n for n, _ in NAMES])
def test_a_foreign_name_means_one_of_our_tools(name: str, ours: str) -> None:
    assert read_tools([name], {"playwright"}).grants == (Grant(tool=ours),)


@claim("company:tools")
@pytest.mark.parametrize(
    "name",
    [
        "problems",
        "testFailure",
        "changes",
        "think",
        "vscodeAPI",
        "extensions",
        "LSP",
        "terminalSelection",
    ],
)
def test_what_only_an_editor_has_is_ignored(name: str) -> None:
    tools = read_tools([name], frozenset())
    assert (tools.grants, tools.ignored, tools.unknown) == ((), (name,), ())


@claim("company:tools")
@pytest.mark.parametrize(
    "name",
    [
        "Microsoft Docs",
        "microsoft.docs.mcp",
        "create_issue",
        "edit/explode",
        "playwright",
    ],
)
def test_faults_4_a_name_nobody_knows_grants_nothing(name: str) -> None:
    tools = read_tools([name], frozenset())
    assert (tools.grants, tools.everything, tools.unknown) == ((), False, (name,))


@claim("company:tools")
def test_a_pattern_in_brackets_is_kept_and_a_servers_name_may_hold_spaces() -> None:
    tools = read_tools(
        ["Bash(gh issue:*)", "Edit(notes/**)", "Microsoft Docs"], {"Microsoft Docs"}
    )
    assert tools.grants == (
        Grant(tool="Run", pattern="gh issue:*"),
        Grant(tool="Edit", pattern="notes/**"),
        Grant(tool="mcp__Microsoft Docs__*"),
    )


@claim("company:tools")
@given(name=st.text(max_size=30))
def test_no_name_but_the_star_grants_everything(name: str) -> None:
    tools = read_tools([name], frozenset())
    assert tools.everything is (
        name.strip().strip("'\"`").removeprefix("#").strip().removeprefix("tool:")
        == "*"
    )
    assert all(
        grant.tool in OWN_NAMES or grant.tool.startswith("mcp__")
        for grant in tools.grants
    )


LABELS = {
    LabelTier.LIGHT: [
        "haiku",
        "Claude Haiku 4.5 (copilot)",
        "GPT-5 mini (copilot)",
        "Raptor mini (Preview) (copilot)",
    ],
    LabelTier.MEDIUM: [
        "GPT-4.1",
        "claude-3.5-sonnet",
        "gemini-2.5-pro",
        "claude-opus-4.7",
        "gpt-4o",
        "sonnet",
    ],
    LabelTier.CALLER: ["inherit", "Auto (copilot)", ""],
}
MORE_LIGHT = [
    "MAI-Code-1-Flash (copilot)",
    "Grok Code Fast 1 (copilot)",
    "gemini-2.5-flash-lite",
    "gpt-5.4-nano",
]


@claim("company:labels")
@pytest.mark.parametrize(
    ("label", "wanted"),
    [(m, w) for w, ms in LABELS.items() for m in ms]
    + [(m, LabelTier.LIGHT) for m in MORE_LIGHT],
)
def test_a_label_asks_for_a_tier(label: str, wanted: LabelTier) -> None:
    assert (read_label(label).wanted, read_label(label).known) == (wanted, True)


@claim("company:labels")
def test_faults_6_a_label_nobody_knows_is_medium() -> None:
    assert (read_label("zorg").wanted, read_label("zorg").known) == (
        LabelTier.MEDIUM,
        False,
    )
    assert read_label("claude-sonnet-4-5-20250929").known


MATCHES = [
    ("**", "any/thing", True),
    ("**.go", "a/b/c.go", True),
    ("*.py", "a/b.py", True),
    ("*.PY", "a/b.py", True),
    ("src/*.py", "src/a.py", True),
    ("src/*.py", "lib/src/a.py", True),
    ("src/*.py", "src/b/a.py", False),
    ("/src/*.py", "lib/src/a.py", False),
    ("./src/**", "src/a/b.py", True),
    ("src/**/a.py", "src/a.py", True),
    ("**/*.{ts,tsx}", "x/a.tsx", True),
    ("**/*.{ts,tsx}", "x/a.tsxx", False),
    ("**/{src/a,lib}/*.c", "x/src/a/b.c", True),
    ("[ab].c", "b.c", True),
    ("[!ab].c", "b.c", False),
    ("a?.c", "ab.c", True),
    ("a{b.c", "a{b.c", True),
    ("**/**/x", "x", True),
    (".github/workflows/*.yml", ".github/workflows/ci.yml", True),
    ("Dockerfile", "a/Dockerfile", True),
    ("a.c", "abc", False),
]


@claim("company:instructions")
@pytest.mark.parametrize(("glob", "path", "matches"), MATCHES)
def test_patterns_match_as_the_editor_matches_them(
    glob: str, path: str, matches: bool
) -> None:
    assert matches_any_glob(split_globs(glob), path) is matches


@claim("company:instructions")
def test_commas_split_patterns_but_not_in_braces() -> None:
    assert split_globs("**/*.{a,b}, '*.c' ,,[x,y]") == ("**/*.{a,b}", "*.c", "[x,y]")
    assert applies_always(split_globs("**/*"))
    assert applies_always(["*"])
    assert not applies_always(split_globs("**/*.py"))


@claim("company:instructions")
@given(
    glob=st.text(st.sampled_from("ab*?/.{},[]!\\-^"), max_size=20),
    path=st.text(st.sampled_from("ab/."), max_size=12),
)
def test_no_pattern_crashes(glob: str, path: str) -> None:
    assert matches_any_glob(split_globs(glob), path) in {True, False}
