import re
from typing import Any

import pytest
from claims import claim
from hypothesis import example, given, strategies as st
from making import AGENT, company_of

from agentco.company import load_company
from agentco.file_formats import (
    SYNTAX_CODE,
    CompanyHeaders,
    FileFindings,
    QuotedText,
    SourceFile,
    Value,
    read_document,
    read_yaml,
    repair_header,
    split_header,
    write_document,
)
from agentco.kernel import INVISIBLE

WORDS = st.text(st.sampled_from("ab:'\"`-[]{}*&!@%#|>, \t\n=~é"), max_size=60)


@claim("company:plain-yaml")
def test_a_whole_settings_file_knows_the_line_of_every_key() -> None:
    text = 'budget: {call: 0.25, run: "1.00"}\ntriggers:\n  - name: tax\n    words: [a, b]\nyes: no\nx: ~\n'
    tree = read_yaml(text, ".github/agentco.yml")
    assert tree.value == {
        "budget": {"call": "0.25", "run": "1.00"},
        "triggers": [{"name": "tax", "words": ["a", "b"]}],
        "yes": "no",
        "x": None,
    }
    assert tree.lines["budget", "run"] == 1
    assert tree.lines["triggers", 0, "words", 1] == 4
    assert (tree.refusal, tree.diagnostics) == (None, ())


@claim("company:plain-yaml")
def test_a_quoted_scalar_can_be_told_from_a_plain_one() -> None:
    value = read_yaml("a: 1\nb: '1'\nc: |\n  1\nd: 'true'\ne: true", "f").value
    assert isinstance(value, dict)
    assert [isinstance(v, QuotedText) for v in value.values()] == [
        False,
        True,
        True,
        True,
        False,
    ]
    assert value["d"] == "true"
    assert value["e"] is True


@claim("company:plain-yaml")
@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("a: b: c", SYNTAX_CODE, 1),
        ("a: 1\nb: *x", "yaml-reference", 2),
        ("a: 1\n--- \nb: 2", SYNTAX_CODE, 2),
        ("? [a]\n: b", "yaml-key", 1),
        ("a: 1\n<<<<<<< x\n", "conflict-markers", 2),
        ("a: \x07", SYNTAX_CODE, 1),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_line(
    text: str, code: str, line: int
) -> None:
    tree = read_yaml(text, "f", first_line=10)
    assert tree.value is None
    assert tree.refusal
    assert (tree.refusal.code, tree.refusal.line) == (code, line + 9)


@claim("company:plain-yaml")
@pytest.mark.parametrize("text", ["", "# only a comment", "---\n", "null"])
def test_a_text_that_says_nothing_is_null(text: str) -> None:
    assert read_yaml(text, "f").value is None
    assert not read_yaml(text, "f").refusal


@claim("company:plain-yaml")
def test_nested_keys_given_twice_are_told_too() -> None:
    tree = read_yaml("a:\n  b: 1\n  b: 2\n  b: 3\n", "f")
    assert tree.value == {"a": {"b": "3"}}
    assert [(d.code, d.line) for d in tree.diagnostics] == [("duplicate-key", 3)]


def strings(value: Value) -> list[str]:
    match value:
        case str():
            return [value]
        case list():
            return [s for item in value for s in strings(item)]
        case dict():
            return [s for item in value.values() for s in strings(item)]
        case _:
            return []


def bare(text: str) -> str:
    return "".join(c for c in text if c not in "'\"` \t\n")


@claim("company:repair")
@given(values=st.lists(WORDS, min_size=1, max_size=4))
@example(values=[":\n #\n="])
@example(values=["`a #b\n c"])
def test_a_repaired_header_says_only_what_stood_in_the_source(
    values: list[str],
) -> None:
    text = "\n".join(f"k{i}: {v}" for i, v in enumerate(values))
    if (refusal := read_yaml(text, "f").refusal) is None or refusal.code != SYNTAX_CODE:
        return
    mended = repair_header(text, "f", first_line=1)
    told = {d.line for d in mended.diagnostics}
    without_comments = re.sub(r"(?m)(^|\s)#.*$", "", text)
    tree = read_yaml(mended.text, "f")
    for told_text in strings(tree.value):
        assert bare(told_text) in bare(text) or bare(told_text) in bare(
            without_comments
        )
    assert len(told) == len(mended.diagnostics)
    assert mended.text.count("\n") == text.count("\n")


@claim("company:repair")
@given(values=st.lists(WORDS, min_size=1, max_size=4))
def test_repairing_twice_is_repairing_once(values: list[str]) -> None:
    text = "\n".join(f"k{i}: {v}" for i, v in enumerate(values))
    once = repair_header(text, "f", first_line=1).text
    if not read_yaml(once, "f").refusal:
        assert repair_header(once, "f", first_line=1).text == once


@claim("company:survives")
@given(
    data=st.binary(max_size=300)
    | WORDS.map(lambda tx: f"---\n{tx}\n---\n{tx}".encode())
)
def test_no_bytes_crash_the_loader_or_take_another_file_down(data: bytes) -> None:
    good = b"---\ndescription: fine\n---\nBody"
    kinds = (
        AGENT,
        ".github/prompts/a.prompt.md",
        ".github/skills/a/SKILL.md",
        "AGENTS.md",
        ".mcp.json",
    )
    paths = (*kinds, ".github/hooks/a.json", ".github/instructions/a.instructions.md")
    company = load_company(
        [
            *(SourceFile(path=p, data=data) for p in paths),
            SourceFile(path=".github/agents/ok.md", data=good),
        ]
    )
    assert company.find_agent("ok")
    broken = {d.file for d in company.diagnostics if d.level == "error"}
    loaded = {
        r.file
        for r in (
            *company.agents,
            *company.prompts,
            *company.skills,
            *company.instructions,
        )
    }
    assert not broken & loaded


@claim("company:survives")
@given(text=st.text(st.sampled_from("`-~ab:|\n<!>. "), max_size=80))
def test_cutting_never_loses_the_body(text: str) -> None:
    layout = split_header(text)
    assert layout.body in text
    assert text.split("\n")[layout.body_line - 1 :][
        : 1 + layout.body.count("\n")
    ] == layout.body.split("\n")


@claim("company:survives")
def test_a_broken_file_never_loads_with_empty_metadata() -> None:
    company = company_of({AGENT: "---\nname: CMO\ndescription: [\n}\n---\nBody"})
    assert company.agents == () or company.diagnostics


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
PLAIN = st.sampled_from(["5", "2026-01-01", "yes", "true", "~", "- a", "a: b", "#x"])
VALUES = st.recursive(
    st.none() | st.booleans() | TEXTS | PLAIN | TEXTS.map(QuotedText),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3)
    ),
    max_leaves=8,
)


@claim("company:headers-written")
@given(values=st.dictionaries(TEXTS, VALUES, max_size=4))
def test_what_was_written_as_a_header_is_read_back(values: dict[str, Any]) -> None:
    body = "\n# Title\n\nText\n\n"
    text = write_document(values | {"name": "x"}, body)
    findings = FileFindings(AGENT)
    source = SourceFile(path=AGENT, data=text.encode("utf-8"))
    document = read_document(source, findings)
    assert document
    if not INVISIBLE.search(text) and "\0" not in text:
        assert document.values == values | {"name": "x"}
        assert not findings.diagnostics
    assert document.body == body


@claim("company:headers-written")
def test_a_written_header_reads_like_one_that_was_typed() -> None:
    values: dict[str, Any] = {
        "name": "CMO",
        "tools": ["read", "edit"],
        "agentco": {"public": True, "budget_day": "2.50", "model": QuotedText("7")},
    }
    assert write_document(values, "Body\n") == (
        "---\nname: CMO\ntools:\n- read\n- edit\n"
        'agentco:\n  public: true\n  budget_day: 2.50\n  model: "7"\n---\nBody\n'
    )


@claim("company:survives")
def test_a_header_that_raises_is_never_taken_for_none() -> None:
    headers = CompanyHeaders("---\nname: \udc80\n---\nBody", FileFindings(AGENT))
    assert headers.read_values() == {}
    assert headers.refused
