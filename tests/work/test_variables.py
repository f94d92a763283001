"""The variables of a prompt: FORMATS section 4.2, one row for each rule."""

from typing import Any

import pytest
from claims import claim
from hypothesis import given, strategies as st
from small_prompt import command

from agentco.company import ADDED_HEADING, VariableValues, fill_prompt
from agentco.kernel import WrongUsage

CLAUDE = ".claude/commands/fix.md"
ADDED = f"\n\n{ADDED_HEADING}\n\n"


def filled(
    body: str,
    *words: str,
    path: str = ".github/prompts/weekly.prompt.md",
    **values: Any,
) -> str:
    return fill_prompt(
        command(f"---\ndescription: x\n---\n{body}", path),
        VariableValues(words=words, **values),
    ).text.strip()


@claim("variables:filled")
@pytest.mark.parametrize(
    ("body", "words", "expected"),
    [
        ("Hi ${input:who}!", ["who=Ann"], "Hi Ann!"),
        ("Hi ${input:who}!", ["Ann", "and", "Bo"], "Hi Ann and Bo!"),
        ("Hi ${input:who:a name, x=1}!", ["who=a=b c"], "Hi a=b c!"),
        ("Hi ${input:who|you}!", [], "Hi you!"),
        ("Hi ${input:who:}!", [], "Hi !"),
        ("Hi ${input:who}, ${input:who:you}!", [], "Hi you, you!"),
        ("${input:project-slug} ${input:a.b:c}", ["a.b=1", "project-slug=2"], "2 1"),
        ("${input:a} ${input:b}", ["a=1", "rest"], "1 rest"),
        ("${input:a:x} ${input:b:y}", ["free", "text"], f"x y{ADDED}free text"),
        ("${input:a}", ["a=1", "more"], f"1{ADDED}more"),
        ("Do it.", ["now", "k=v"], f"Do it.{ADDED}now k=v"),
        ("Do it.", [], "Do it."),
    ],
)
def test_inputs_come_from_names_and_free_text(
    body: str, words: list[str], expected: str
) -> None:
    assert filled(body, *words) == expected


@claim("variables:filled")
@pytest.mark.parametrize(
    ("variable", "expected"),
    [
        ("${workspaceFolder}", "/home/ines/farol"),
        ("${workspaceFolderBasename}", "farol"),
        ("${file}", "drafts/post.v2.md"),
        ("${fileBasename}", "post.v2.md"),
        ("${fileDirname}", "drafts"),
        ("${fileBasenameNoExtension}", "post.v2"),
        ("${selection}", "some ${file} text"),
        ("${selectedText}", "some ${file} text"),
        ("${env:GITHUB_REF}", "main"),
        ("${env:SECRET}", "${env:SECRET}"),
    ],
)
def test_places_and_allowed_variables_are_known(variable: str, expected: str) -> None:
    values: dict[str, Any] = {
        "file": "drafts/post.v2.md",
        "selection": "some ${file} text",
        "folder": "/home/ines/farol",
        "env": {"GITHUB_REF": "main"},
    }
    assert filled(f"See {variable}.", **values) == f"See {expected}."


@claim("variables:filled")
def test_what_is_absent_is_empty() -> None:
    assert (
        filled("[${file}${fileBasename}${fileDirname}${selection}${selectedText}]")
        == "[]"
    )


@claim("variables:filled")
@pytest.mark.parametrize(
    "text",
    [
        "${var.prefix} ${VAR:-} ${items[@]} ${{ secrets.X }} {{x}} ${formatNumber(a, 2)} ${} $",
        "${input:} ${input} ${env:} ${workspaceFolderX} ${File} ${file:x}",
        "awk '{print $1}' costs $10, $5 and $ARGUMENTSX, run !`rm -rf /`",
        "${CLAUDE_SKILL_DIR} ${CLAUDE_SESSION_ID}",
    ],
)
def test_everything_else_stays_as_it_is(text: str) -> None:
    assert filled(text) == text
    assert filled(text, "one", "two") == f"{text}{ADDED}one two"


@claim("variables:filled")
@pytest.mark.parametrize(
    ("body", "words", "expected"),
    [
        ("Fix $ARGUMENTS now", ["42", "a b"], "Fix 42 a b now"),
        ("Fix $ARGUMENTS now", [], "Fix  now"),
        ("$0 then $1 then $2", ["a", "b c"], "a then b c then $2"),
        ("$ARGUMENTS[1] $ARGUMENTS[7]", ["a", "b"], "b $ARGUMENTS[7]"),
        ("costs $10 and $ARGUMENTS_X", ["a"], f"costs $10 and $ARGUMENTS_X{ADDED}a"),
        (
            "See ${CLAUDE_SKILL_DIR}/a.py, !`date`",
            [],
            "See .claude/commands/a.py, !`date`",
        ),
    ],
)
def test_claudes_commands_take_their_arguments(
    body: str, words: list[str], expected: str
) -> None:
    assert filled(body, *words, path=CLAUDE) == expected


@claim("variables:filled")
def test_another_file_takes_arguments_only_when_it_names_them() -> None:
    assert filled("Fix $0: $ARGUMENTS", "a", "b") == "Fix a: a b"
    assert filled("Fix $0", "a") == f"Fix $0{ADDED}a"


@claim("variables:filled")
def test_a_skill_runs_like_a_prompt() -> None:
    skill = command(
        "---\nname: x\ndescription: X.\n---\nIn ${CLAUDE_SKILL_DIR}: $ARGUMENTS",
        ".github/skills/x/SKILL.md",
    )
    assert (
        fill_prompt(skill, VariableValues(words=("go",))).text.strip()
        == "In .github/skills/x: go"
    )


lookalike = st.sampled_from(
    [
        "${input:b}",
        "${file}",
        "$ARGUMENTS",
        "$0",
        "\\1",
        "\\g<0>",
        "${env:X}",
        "${selection}",
        "k=v",
    ]
)
value = st.lists(lookalike | st.text(max_size=5), max_size=4).map("".join)


@claim("variables:filled")
@given(a=value, b=value, file=value, selection=value)
def test_no_value_is_read_again(a: str, b: str, file: str, selection: str) -> None:
    prompt = command("<${input:a}|${input:b}|${file}|${selection}|${env:X}>")
    values = VariableValues(
        words=(f"a={a}",),
        inputs={"b": b},
        file=file,
        selection=selection,
        env={"X": "${input:a}"},
    )
    assert (
        fill_prompt(prompt, values).text == f"<{a}|{b}|{file}|{selection}|${{input:a}}>"
    )


@claim("variables:filled")
@given(words=st.lists(value, max_size=3))
def test_no_argument_is_read_again(words: list[str]) -> None:
    assert (
        fill_prompt(
            command("<$ARGUMENTS>", CLAUDE), VariableValues(words=tuple(words))
        ).text
        == f"<{' '.join(words)}>"
    )


@claim("variables:missing")
def test_what_nobody_gave_is_told_with_its_default() -> None:
    prompt = command("---\ndescription: x\n---\n${input:a}\n${input:b:now}\n${input:c}")
    found = fill_prompt(prompt, VariableValues(words=("c=1",)))
    assert [(i.id, i.default, i.line) for i in found.unset] == [
        ("a", None, 4),
        ("b", "now", 5),
    ]
    assert [i.id for i in found.missing_inputs] == ["a"]
    assert found.text.split("\n")[:3] == ["${input:a}", "now", "1"]
    again = fill_prompt(
        prompt, VariableValues(words=("c=1",), inputs={"a": "x", "b": "y"})
    )
    assert (again.text.strip(), again.unset) == ("x\ny\n1", ())


@claim("variables:missing")
@pytest.mark.parametrize(
    ("body", "values", "hint"),
    [
        (
            "${input:audience}",
            VariableValues(words=("audiance=devs",)),
            "did you mean 'audience'?",
        ),
        (
            "${input:b} ${input:a}",
            VariableValues(words=("zzz=1",)),
            "its inputs are a, b",
        ),
        ("Nothing.", VariableValues(inputs={"x": "1"}), "its inputs are none"),
    ],
)
def test_an_unknown_name_is_refused(
    body: str, values: VariableValues, hint: str
) -> None:
    with pytest.raises(WrongUsage) as error:
        fill_prompt(command(body), values)
    assert error.value.hint == hint
    assert "'weekly'" in error.value.what
