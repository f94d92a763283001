"""`agentco policy`: who may do what, from which line; rules that carry their own examples."""

import json

import pytest
from claims import claim
from small_company import SETTINGS, Place
from typed import Do

RULES = """permissions:
  allow:
    - Edit(notes/**)
    - rule: Edit(reports/*.md)
      match: ["Edit(reports/may.md)", "write(./reports/june.md)"]
      not_match: ["Edit(reports/2026/may.md)", "Edit(reports/may.txt)", "Read(reports/may.md)"]
  ask: ["Read(letters/**)"]
  deny:
    - {rule: "Read(clients/**)", match: ["Read(Clients/acme.md)"]}
    - Run(../x)
"""
WRITER = """---
name: writer
description: Writes.
tools: [read, search]
agentco:
  permissions:
    deny: ["Read(plans/**)"]
---
I write.
"""


@pytest.fixture
def rules(place: Place) -> None:
    place.settings(SETTINGS + RULES)
    place.agent("boss")
    place.agent("writer", WRITER)
    place.write(".gitignore", "build/\n")
    place.write("build/x.md", "x")
    place.write("clients/acme.md", "x")
    (place.root / "by-link").symlink_to("clients")


@claim("permissions:shown")
@pytest.mark.usefixtures("rules")
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["Edit(notes/a.md)"], ["allow", "Edit(notes/**)", ".github/agentco.yml", 4]),
        (["Edit(reports/a.md)"], ["allow", "Edit(reports/*.md)", ".github/agentco.yml", 5]),
        (["Edit(src/a.md)"], ["ask", "unmatched", None, None]),
        (["Read(letters/a)"], ["ask", "Read(letters/**)", ".github/agentco.yml", 8]),
        (["Read(clients/a)"], ["deny", "Read(clients/**)", ".github/agentco.yml", 10]),
        (["Read(by-link/acme.md)"], ["deny", "Read(clients/**)", ".github/agentco.yml", 10]),
        (["Read(build/x.md)"], ["deny", "built in", None, None]),
        (["Read(notes/login.pem)"], ["deny", "Read(*.pem)", None, None]),
        (["Edit(AGENTS.md)", "--agent", "boss"], ["ask", "built in", None, None]),
        (["Read(plans/a)", "--agent", "boss"], ["allow", "Read", None, None]),
        (["Read(plans/a)", "--agent", "writer"], ["deny", "Read(plans/**)", ".github/agents/writer.agent.md", 6]),
        (["Edit(notes/a.md)", "--agent", "writer"], ["deny", "tools", ".github/agents/writer.agent.md", 4]),
        (["Delegate(writer)", "--agent", "boss"], ["deny", "tools", ".github/agents/boss.agent.md", None]),
        (["Board(done)"], ["allow", "Board(done)", None, None]),
        (["mcp__x__post"], ["ask", "unmatched", None, None]),
    ],
)  # fmt: skip
def test_fault_57_policy_says_which_rule_decides_and_where_it_stands(
    do: Do, words: list[str], expected: list[object]
) -> None:
    said = json.loads(do("policy", *words, "--json").out)
    assert [said[key] for key in ("ruling", "rule", "file", "line")] == expected
    assert set(said) == {"act", "agent", "ruling", "rule", "file", "line", "why"}
    assert said["why"]


@claim("permissions:shown")
@pytest.mark.usefixtures("rules")
def test_a_ruling_is_shown_in_two_lines(do: Do) -> None:
    done = do("policy", "Read(clients/a)", "--agent", "boss")
    assert done.out == (
        "Read(clients/a) by boss: never allowed\n"
        "a rule: deny Read(clients/**) (.github/agentco.yml:10)\n"
    )


@claim("permissions:shown")
@pytest.mark.usefixtures("rules")
def test_the_table_has_every_rule_with_whom_it_concerns(do: Do) -> None:
    rows = json.loads(do("policy", "--table", "--json").out)["rules"]
    shown = {(r["ruling"], r["rule"], *r["who"], r["line"]) for r in rows}
    assert ("deny", "Read(clients/**)", "boss", "writer", 10) in shown
    assert ("deny", "Run(../x)", 11) in shown
    assert ("deny", "Read(plans/**)", "writer", 6) in shown
    assert ("allow", "Edit(drafts/**)", "boss", None) in shown
    assert rows[-1]["rule"] == "anything else"
    order = [r["ruling"] for r in rows[:-1]]
    assert order == sorted(order, key=["deny", "ask", "allow"].index)
    for one in ("boss", "writer"):
        own = json.loads(do("policy", "--table", "--agent", one, "--json").out)["rules"]
        assert own == [r for r in rows if one in r["who"]]
    table = do("policy", "--table").out
    assert ".github/agentco.yml:10" in table
    assert "everybody" in table
    assert "nobody" in table


@claim("permissions:shown")
@pytest.mark.usefixtures("rules")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["Raed(x)"], "did you mean 'Read'?"),
        (["Read(x"], "is not written as Tool or Tool(what)"),
        (["Read(x)", "--agent", "bos"], "boss"),
        ([], "give either an act or --table"),
        (["Read(x)", "--table"], "give either an act or --table"),
    ],
)
def test_what_cannot_be_ruled_on_is_refused_with_what_to_write(
    do: Do, words: list[str], said: str
) -> None:
    done = do("policy", *words)
    assert done.code == 2
    assert said in done.err
    assert done.out == ""


@claim("permissions:examples")
@pytest.mark.parametrize(
    ("kind", "rule", "examples", "said"),
    [
        ("allow", "Edit(notes/*)", 'match: ["Edit(notes/a/b)"]', "'Edit(notes/*)' does not match its example 'Edit(notes/a/b)'"),
        ("allow", "Edit(notes/**)", 'not_match: ["Edit(notes/a/b)"]', "'Edit(notes/**)' matches its example 'Edit(notes/a/b)'"),
        ("deny", "Read(notes)", 'not_match: ["Search(Notes/a)"]', "'Read(notes)' matches its example 'Search(Notes/a)'"),
        ("ask", "Run(git:*)", 'match: ["Bash(gitx)"]', "does not match its example 'Bash(gitx)'"),
        ("allow", "Edit(notes/**)", 'match: ["notes/a.md"]', "names no tool"),
        ("allow", "Edit(notes/**)", 'match: ["Edit(../a)"]', "does not match"),
        ("allow", "Eddit(notes/**)", 'match: ["Edit(notes/a)"]', "names no tool: did you mean 'Edit'?"),
        ("allow", "Edit(notes/**", 'match: ["Edit(notes/a)"]', "is not written as Tool or Tool(what)"),
    ],
)  # fmt: skip
def test_a_rule_that_is_not_as_its_examples_say_stops_every_command_that_needs_it(
    place: Place, do: Do, kind: str, rule: str, examples: str, said: str
) -> None:
    place.agent("boss")
    own = f'{{rule: "{rule}", {examples}}}'
    place.settings(f"{SETTINGS}permissions:\n  {kind}:\n    - {own}\n")
    for words in (["policy", "Read(a)"], ["ask", "boss", "hi"], ["trust", "--show"]):
        done = do(*words)
        assert done.code == 3
        assert ".github/agentco.yml:4: " in done.err
        assert said in done.err
    assert said in do("check").out


@claim("permissions:examples")
def test_an_agent_whose_own_rule_is_not_as_its_examples_say_is_left_out(
    place: Place, do: Do
) -> None:
    own = '{rule: "Read(plans/*)", match: ["Read(plans)"], not_match: ["Read(plan)"]}'
    place.agent("fine", WRITER.replace('"Read(plans/**)"', own))
    place.agent(
        "wrong", WRITER.replace('"Read(plans/**)"', own.replace("(plans)", "(x)"))
    )
    names = {
        agent["id"]
        for agent in json.loads(do("show", "agents", "--json").out)["agents"]
    }
    assert names == {"fine"}
    assert ".github/agents/wrong.agent.md" in do("check").out


@claim("permissions:narrowing")
def test_fault_14_an_agent_that_allows_itself_something_is_told(
    place: Place, do: Do
) -> None:
    place.agent("wide", WRITER.replace("deny:", "allow:"))
    assert "it can only narrow" in do("check").out


@claim("permissions:examples")
def test_examples_change_nothing_that_a_company_reaches(place: Place, do: Do) -> None:
    place.agent("boss")
    place.settings(SETTINGS + 'permissions: {deny: ["Read(a)"]}\n')
    before = do("trust", "--show").out
    explained = '{rule: "Read(a)", match: ["Read(a/b)"]}'
    place.settings(f"{SETTINGS}permissions: {{deny: [{explained}]}}\n")
    assert do("trust", "--show").out == before
