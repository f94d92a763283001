"""The odd cases of FORMATS section 11, one by one; ids begin with the case's number."""

import pytest
import yaml
from claims import claim
from making import AGENT, agent_of, company_of, errors, said

from agentco.company import Company
from agentco.file_formats import MAX_OPEN_BRACKETS, MAX_YAML_DEPTH, strict_yaml
from agentco.kernel import Severity

pytestmark = claim("company:headers")

USUAL = "---\nname: CMO\ndescription: Sells\ntools: [read]\n---\nBody\n"


def both(text: str) -> tuple[str, str, str]:
    agent = agent_of(text)
    return agent.name, agent.description, agent.body


READ = {
    "1 UTF-8 byte order mark": b"\xef\xbb\xbf" + USUAL.encode(),
    "1 UTF-16 byte order mark": USUAL.encode("utf-16"),
    "2 CRLF": USUAL.replace("\n", "\r\n").encode(),
    "2 mixed line ends": USUAL.replace("\n", "\r\n", 3).encode(),
    "2 CR": USUAL.replace("\n", "\r").encode(),
    "4 four backticks": f"````prompt\n{USUAL}````\n".encode(),
    "4 chat agent": f"```chatagent\n{USUAL}```".encode(),
    "4 never closed": f"```chatmode\n{USUAL}".encode(),
    "4 closed after the header": USUAL.replace("---\nBody", "---\n```\nBody")
    .replace("---\nname", "```skill\n---\nname")
    .encode(),
    "4 nested": f"`````instructions\n````chatagent\n```chatagent\n{USUAL}```\n````\n`````\n".encode(),
    "4 bare keys": b"```chatagent\nname: CMO\ndescription: Sells\ntools: [read]\n\nBody\n```\n",
    "4 under an outer header": f"---\ntitle: outer\n---\n\n````chatagent\n{USUAL}````".encode(),
    "5 blank lines": f"\n\n{USUAL}".encode(),
    "5 comment": f"<!-- by\nus -->\n{USUAL}".encode(),
    "14 trailing space at the rules": USUAL.replace("---\n", "---  \n").encode(),
    "27 no newline at the end": USUAL.rstrip().encode(),
    "3 closed by dots": USUAL.replace("---\nBody", "...\nBody").encode(),
}


@pytest.mark.parametrize("data", READ.values(), ids=READ.keys())
def test_a_header_is_found_in_odd_clothes(data: bytes) -> None:
    agent = agent_of(data)
    assert (agent.name, agent.description, agent.body.strip()) == (
        "CMO",
        "Sells",
        "Body",
    )
    assert agent.tools
    assert [g.tool for g in agent.tools.grants] == ["Read"]


def test_4_bare_keys_may_hold_the_body_as_prompt() -> None:
    agent = agent_of(
        "```chatagent\nname: CMO\ndescription: Sells\nprompt: |\n  # One\n\n  - two: 2\n```\n"
    )
    assert (agent.name, agent.description, agent.body, agent.body_line) == (
        "CMO",
        "Sells",
        "# One\n\n- two: 2",
        5,
    )


def test_4_an_outer_header_keeps_its_keys_beside_the_inner_ones() -> None:
    inner = (
        "description: inner\nKnowledge & more:\n- Primary: `x`\nand text\ninfer: false"
    )
    text = f"---\ntitle: t\ndescription: outer\nowner: @x\n---\n\n````chatagent\n```chatagent\n---\n{inner}\n---\nBody\n```\n````"
    company = company_of({AGENT: text})
    (agent,) = company.agents
    assert (agent.description, agent.body, agent.model_invocable) == (
        "inner",
        "Body",
        False,
    )
    assert agent.extra == {"title": "t", "owner": "@x"}
    assert said(company) == ["warning repaired-header 4", "warning dropped-key 11"]


REPAIRED = {
    "7 colon in a value": ("description: Triggers: a, b", "Triggers: a, b"),
    "7 doubled key": ("description: description: x: y", "x: y"),
    "8 leading star": ("description: **bold** words", "**bold** words"),
    "9 leading backtick": ("description: `Run` it", "Run` it"),
    "9 in backticks": ("description: `Run it`", "Run it"),
    "9 at sign": ("description: @someone", "@someone"),
    "9 percent": ("description: %x", "%x"),
    "10 apostrophe in single quotes": ("description: 'it's fine'", "it's fine"),
    "10 doubled apostrophe": ("description: 'it''s what it's'", "it's what it's"),
    "10 text after the quote": ("description: 'a', 'b'", "a', 'b"),
    "11 never closed": ("description: 'GPT 5", "GPT 5"),
    "10 stray block sign": ('description: ">"\n  folded\n  text', "folded text"),
}


@pytest.mark.parametrize(("line", "text"), REPAIRED.values(), ids=REPAIRED.keys())
def test_a_broken_scalar_is_quoted_whole_and_told_once(line: str, text: str) -> None:
    company = company_of({AGENT: f"---\nname: CMO\n{line}\nmodel: gpt-5\n---\nBody"})
    assert [(a.name, a.description, a.models) for a in company.agents] == [
        ("CMO", text, ("gpt-5",))
    ]
    assert said(company) == ["warning repaired-header 3"]
    assert company.agents[0].lines == {
        "name": 2,
        "description": 3,
        "model": company.agents[0].lines["model"],
    }
    assert company.agents[0].lines["model"] == 4 + line.count("\n")


LISTS: dict[str, tuple[str, list[str]]] = {
    "8 bare star": ("tools: [*]", []),
    "9 backticked items": ("tools: [`read`, `search`]", ["Read", "Search"]),
    "9 backticked lines": (
        "tools:\n  - `read`\n  - @x\n  - search",
        ["Read", "Search"],
    ),
    "14 tabs": ("tools:\n\t- read\n\t- search", ["Read", "Search"]),
    "10 broken over lines": ("tools: ['read',\n  'search", ["Read", "Search"]),
}


@pytest.mark.parametrize(("line", "tools"), LISTS.values(), ids=LISTS.keys())
def test_a_broken_list_is_split_again_and_told_once(
    line: str, tools: list[str]
) -> None:
    company = company_of({AGENT: f"---\ndescription: x\n{line}\n---\nBody"})
    (agent,) = company.agents
    assert agent.tools
    assert [g.tool for g in agent.tools.grants] == tools
    assert [s for s in said(company) if s.startswith("warning")] == [
        "warning repaired-header 3"
    ]


def test_6_an_unclosed_header_gives_its_leading_keys_and_a_warning() -> None:
    company = company_of(
        {
            AGENT: "---\n\ndescription: Sells\ntools:\n  - read\n\n# Title\n\nNote: text\n"
        }
    )
    (agent,) = company.agents
    assert (agent.description, agent.body, agent.body_line) == (
        "Sells",
        "\n# Title\n\nNote: text\n",
        6,
    )
    assert said(company) == ["warning unclosed-header 2"]


def test_6_a_key_that_became_a_heading_is_still_a_key() -> None:
    assert (
        agent_of("---\n\n## name: CMO\ndescription: Sells\n\n# Title\n").name == "CMO"
    )


def test_6_a_rule_of_the_body_does_not_close_a_header_that_ran_into_it() -> None:
    agent = agent_of(
        "---\ndescription: Sells\n\n# Title\n\nSome: text, and\n- more\n\n---\nafter\n"
    )
    assert agent.description == "Sells"
    assert agent.body.startswith("\n# Title")
    assert agent.body.endswith("---\nafter\n")


CONFLICT = "---\nname: a\n<<<<<<< HEAD\ndescription: x\n=======\ndescription: y\n>>>>>>> branch\n---\nBody"


def test_12_conflict_markers_refuse_the_file_and_name_their_lines() -> None:
    company = company_of({AGENT: CONFLICT})
    assert not company.agents
    (error,) = errors(company)
    assert (error.code, error.line, error.message) == (
        "conflict-markers",
        3,
        "git conflict markers on lines 3, 5, 7",
    )


def test_13_of_a_key_given_twice_the_last_counts_with_a_warning() -> None:
    company = company_of({AGENT: "---\ndescription: a\ndescription: b\n---\n"})
    assert company.agents[0].description == "b"
    assert said(company) == ["warning duplicate-key 3"]


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        ("[file]", "[file]"),
        ("[file] [opts]", "[file] [opts]"),
        ("[file or dir]", "[file or dir]"),
        ("'<x>'", "<x>"),
    ],
)
def test_15_an_argument_hint_in_brackets_stays_what_it_was(
    written: str, hint: str
) -> None:
    assert (
        agent_of(f"---\ndescription: x\nargument-hint: {written}\n---\n").argument_hint
        == hint
    )


NO_KEYS = {
    "missing": ("# Title\n\nSells things.\n", "no-header"),
    "empty": ("---\n---\nSells things.\n", "no-description"),
    "a list": ("---\n- a\n- b\n---\nSells things.\n", "header-not-keys"),
    "a string": ("---\nSells things.\n---\n", "header-not-keys"),
}


@pytest.mark.parametrize(("text", "code"), NO_KEYS.values(), ids=NO_KEYS.keys())
def test_16_a_file_without_keys_is_named_by_its_stem_and_told(
    text: str, code: str
) -> None:
    company = company_of({AGENT: text})
    (agent,) = company.agents
    assert (agent.id, agent.name, agent.tools) == ("cmo", "cmo", None)
    assert code in [d.code for d in company.diagnostics if d.level is Severity.WARNING]


def test_16_keys_glued_to_their_values_are_no_text() -> None:
    assert [
        e.code for e in errors(company_of({AGENT: "---\nname:CMO\ntools:[]\n---\n"}))
    ] == ["header-not-keys"]


def test_17_keys_that_python_would_not_take_are_strings() -> None:
    agent = agent_of(
        "---\ndescription: x\non: push\n1: one\ncontent: c\nhandler: h\n---\n"
    )
    assert agent.extra == {"on": "push", "1": "one", "content": "c", "handler": "h"}


def test_18_dates_numbers_and_yes_stay_text() -> None:
    written = {
        "a": "2026-01-02",
        "b": "12:30",
        "c": "1.10",
        "d": "010",
        "e": "yes",
        "f": "off",
        "g": "NaN",
    }
    header = "\n".join(f"{k}: {v}" for k, v in written.items())
    assert agent_of(f"---\ndescription: x\n{header}\n---\n").extra == written


def test_19_tools_come_as_string_boolean_map_and_null() -> None:
    def tools(written: str) -> object:
        found = agent_of(f"---\ndescription: x\ntools: {written}\n---\n").tools
        return found and (found.everything, [g.tool for g in found.grants])

    assert tools("read, 'search', Bash(git:*, ls)") == (
        False,
        ["Read", "Search", "Run"],
    )
    assert tools("true") == (True, [])
    assert tools("false") == (False, [])
    assert tools("[]") == (False, [])
    assert tools("['*']") == (True, [])
    assert tools("null") is None
    assert tools("[read, read, Read]") == (False, ["Read"])
    assert tools("{search: true, read: false}") == (False, ["Search"])
    assert tools(str(["search", *(f"srv/t{i}" for i in range(159))]))


def test_20_models_come_as_list_pipes_and_commas() -> None:
    def models(written: str) -> tuple[str, ...]:
        return agent_of(f"---\ndescription: x\nmodel: {written}\n---\n").models

    assert models("['GPT-5', 'Claude Sonnet 4.6 (copilot)']") == (
        "GPT-5",
        "Claude Sonnet 4.6 (copilot)",
    )
    assert models("GPT-4.1 | 'gpt-5' | 'Claude Sonnet 4.5'") == (
        "GPT-4.1",
        "gpt-5",
        "Claude Sonnet 4.5",
    )
    assert models("GPT-4.1, GPT-5.4") == ("GPT-4.1", "GPT-5.4")


def apply_to(header: str) -> tuple[str, ...]:
    text = f"---\ndescription: x\n{header}\n---\n"
    return (
        company_of({".github/instructions/a.instructions.md": text})
        .instructions[0]
        .apply_to
    )


def test_21_apply_to_comes_as_list_empty_absent_and_with_stray_quotes() -> None:
    assert apply_to("applyTo: ['*']") == ("*",)
    assert apply_to("applyTo: ''") == apply_to("title: x") == ()
    assert apply_to("applyTo: '**/*.csproj', '**/*.cs'") == ("**/*.csproj", "**/*.cs")
    assert apply_to("applyTo: **/*.cpp, **/*.h") == ("**/*.cpp", "**/*.h")


def test_22_older_spellings_are_understood() -> None:
    assert not agent_of(
        "---\nDescription: x\nuser-invokable: false\n---\n"
    ).user_invocable
    assert agent_of("---\nDescription: Sells\n---\n").description == "Sells"
    prompt = company_of(
        {".github/prompts/p.prompt.md": "---\nmode: ask\n---\n"}
    ).prompts[0]
    assert prompt.agent == "ask"


def test_23_rules_in_the_body_belong_to_the_body() -> None:
    body = "---\n\ntext\n\n---\nmore"
    agent = agent_of(f"---\nname: 'a --- b'\ndescription: x\n---\n{body}")
    assert (agent.name, agent.body, agent.body_line) == ("a --- b", body, 5)


def test_23_an_always_on_file_that_begins_with_a_rule_keeps_all_of_it() -> None:
    text = "---\nWe: are\nnot a header\n---\nMore\n"
    company = company_of(
        {"AGENTS.md": text, "CLAUDE.md": "---\napplyTo: '**'\n---\nRules\n"}
    )
    assert {
        r.file: r.body
        for r in company.always_on
        if r.file != ".github/copilot-instructions.md"
    } == {"AGENTS.md": text, "CLAUDE.md": "Rules\n"}


TRICKS = {
    "anchor": "a: &x 1",
    "alias": "a: &x 1\nb: *x",
    "tag": "a: !!python/object/apply:os.system ['ls']",
    "merge": "base: &b {x: 1}\nc:\n  <<: *b",
    "deep": "a: " + "[" * 3000 + "]" * 3000,
    "deep and open": "a: " + "[" * 3000,
    "large": "a: " + "x" * 70_000,
    "spaces": f"model: 'x{' ' * 60_000}y'\ntools: 'x{' ' * 60_000}y'",
    "bomb": "a: &a [x, x]\n"
    + "\n".join(
        f"{c}: &{c} [*{p}, *{p}, *{p}]"
        for p, c in zip("abcdefghij", "bcdefghijk", strict=True)
    ),
}


@pytest.mark.parametrize("header", TRICKS.values(), ids=TRICKS.keys())
def test_24_faults_7_tricks_quarantine_the_file_at_once(header: str) -> None:
    company = company_of({AGENT: f"---\ndescription: x\n{header}\n---\n"})
    assert not company.agents
    assert len(errors(company)) == 1


def test_24_faults_7_brackets_in_a_text_are_no_levels() -> None:
    art = "[" * (MAX_OPEN_BRACKETS - 1)
    assert (
        agent_of(f"---\ndescription: x {art}\nagents: [a]\n---\n").description
        == f"x {art}"
    )


DEEP = {
    "lists": ("[", "]"),
    "maps": ("{a: ", "}"),
    "lists in maps": ("{a: [", "]}"),
    "after a value": ("[x, ", "]"),
    "on lines": ("[\n ", "]"),
    "dashes": ("- ", ""),
}


@pytest.mark.parametrize("pure", [False, True], ids=["as installed", "pure Python"])
@pytest.mark.parametrize("levels", [MAX_YAML_DEPTH, 170, 999, 1001, 3000])
@pytest.mark.parametrize(("begin", "end"), DEEP.values(), ids=DEEP.keys())
def test_24_faults_7_depth_has_one_limit_and_one_name_whatever_the_parser_bears(
    monkeypatch: pytest.MonkeyPatch, begin: str, end: str, levels: int, *, pure: bool
) -> None:
    if pure:
        monkeypatch.setattr(strict_yaml, "_LOADER", yaml.BaseLoader)
    for close in (end, "") if end else ("",):
        text = f"---\ndescription: x\na:\n {begin * levels}{close * levels}\n---\n"
        company = company_of({AGENT: text})
        assert not company.agents
        assert [e.code for e in errors(company)] == ["yaml-deep"]


@pytest.mark.parametrize("pure", [False, True], ids=["as installed", "pure Python"])
def test_24_what_stays_within_the_levels_is_read(
    monkeypatch: pytest.MonkeyPatch, *, pure: bool
) -> None:
    if pure:
        monkeypatch.setattr(strict_yaml, "_LOADER", yaml.BaseLoader)
    levels = MAX_YAML_DEPTH - 1
    text = f"---\ndescription: x\na: {'[' * levels}{']' * levels}\n---\n"
    assert agent_of(text).extra.keys() == {"a"}


def test_24_a_reference_beside_a_syntax_error_is_still_refused() -> None:
    company = company_of({AGENT: "---\ndescription: a: b\nx: &x 1\n---\n"})
    assert [e.code for e in errors(company)] == ["yaml-reference"]


def test_25_faults_8_long_bodies_are_told_and_huge_ones_left_out() -> None:
    def of(size: int) -> Company:
        return company_of({AGENT: USUAL + "x" * size})

    assert said(of(30_001)) == ["warning long-body 6"]
    assert [e.code for e in errors(of(1024 * 1024))] == ["body-too-large"]


def test_26_faults_13_invisible_characters_are_told_and_leave_names() -> None:
    company = company_of(
        {AGENT: "---\nname: C\u200bMO\ndescription: Se\u202ells\n---\nx\u200b"}
    )
    assert (company.agents[0].name, company.agents[0].description) == ("CMO", "Sells")
    assert company.agents[0].body == "x\u200b"
    assert said(company) == ["warning invisible-characters 2"]


def test_28_smart_quotes_are_kept() -> None:
    assert agent_of("---\ndescription: “Sells”\n---\n").description == "“Sells”"


def test_30_a_description_is_one_line_without_edges() -> None:
    assert (
        agent_of("---\ndescription: |\n  Sells\n  things \n\n---\n").description
        == "Sells things"
    )


def test_32_an_empty_body_loads() -> None:
    assert (
        company_of({".github/prompts/p.prompt.md": "---\ndescription: x\n---\n"})
        .prompts[0]
        .body
        == ""
    )


def test_3_faults_8_windows_text_is_read_with_a_warning_and_zero_bytes_are_dropped() -> (
    None
):
    company = company_of({AGENT: USUAL.encode() + b"a\x97b\n"})
    assert company.agents[0].body == "Body\na\u2014b\n"
    assert said(company) == ["warning not-utf8 7"]
    company = company_of({AGENT: USUAL.encode() + b"a\0b\n"})
    assert company.agents[0].body == "Body\nab\n"
    assert said(company) == ["warning zero-bytes 7"]
    assert [e.code for e in errors(company_of({AGENT: b"\x81\x8d\xff"}))] == [
        "not-text"
    ]


def test_faults_2_a_dropped_list_of_tools_gives_no_tool() -> None:
    company = company_of({AGENT: "---\ndescription: x\ntools:\n  read: [\n  b\n---\n"})
    assert company.agents[0].tools is not None
    assert not company.agents[0].tools.grants
    assert "warning dropped-key 3" in said(company)


@pytest.mark.parametrize("key", ["agentco", "disallowedTools"])
def test_faults_2_a_dropped_key_that_narrows_leaves_the_file_out(key: str) -> None:
    company = company_of({AGENT: f"---\ndescription: x\n{key}:\n  a: [\n  b\n---\n"})
    assert not company.agents
    assert errors(company)


def test_faults_1_a_header_broken_beyond_repair_leaves_the_file_out() -> None:
    company = company_of({AGENT: "---\n}{ not: [yaml\ndescription: x: y\n---\n"})
    assert not company.agents
    assert [e.code for e in errors(company)] == ["yaml-syntax"]
