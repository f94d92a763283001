"""What an agent is given, from the files of small companies and of the sample company."""

from datetime import date
from typing import Any

import pytest
import small_company
from claims import claim
from hypothesis import given as given_, strategies as st
from small_prompt import FILES, ROLE, TODAY, agent_of, company_of, headed, sources, told

from agentco.adapters.files.template_files import template_files
from agentco.briefing import (
    MAX_FILE_BYTES,
    PREAMBLE,
    Assignment,
    PartKind,
    build_messages,
    build_prompt_parts,
    rules_for_files,
    skills_on_demand,
)
from agentco.company import Company
from agentco.day import HEAVY_PROMPT_TOKENS
from agentco.kernel import CompanyBroken, WrongUsage
from agentco.runs import ChatMessage, MessageRole

RULES = ".github/instructions/{}.instructions.md"
SKILL = ".github/skills/{}/SKILL.md"


def rule(
    name: str, apply_to: str = "", body: str = "A rule.", more: str = ""
) -> dict[str, str]:
    applies = f'applyTo: "{apply_to}"\n' if apply_to else ""
    return {
        RULES.format(
            name
        ): f"---\ndescription: About {name}.\n{applies}{more}---\n{body}"
    }


def skill(
    name: str, description: str = "When needed.", more: str = ""
) -> dict[str, str]:
    header = f"---\nname: {name}\ndescription: {description}\n{more}---\n"
    return {SKILL.format(name): f"{header}How to do {name}."}


WHOLE = (
    headed("agentco:\n  skills: [tax]")
    | {
        "AGENTS.md": "For all agents.",
        "CLAUDE.md": "For Claude. @docs/more.md @AGENTS.md",
        "docs/more.md": "More.",
        "drafts/AGENTS.md": "For drafts.",
        "notes.md": "Notes.",
    }
    | rule("zeal", "**")
    | rule("always", "**")
    | rule("drafts", "drafts/**", "See [style](style.instructions.md).")
    | rule("style", "", "Short. See [drafts](drafts.instructions.md).")
    | skill("tax")
    | skill("voice")
)


@claim("given:order")
def test_parts_come_in_the_order_of_the_specification() -> None:
    found = told(
        company_of(WHOLE),
        files={"drafts/post.md": "A post."},
        company="Farol",
        language="pt",
    )
    assert [(p.kind.value, p.source, p.stable) for p in found] == [
        ("preamble", "", True),
        ("constitution", ".github/copilot-instructions.md", True),
        ("always-on", "AGENTS.md", True),
        ("always-on", "CLAUDE.md", True),
        ("always-on", "docs/more.md", True),
        ("role", ROLE, True),
        ("instructions", RULES.format("always"), True),
        ("instructions", RULES.format("zeal"), True),
        ("skill", SKILL.format("tax"), True),
        ("who-reviews", "", True),
        ("catalogue", "", True),
        ("catalogue", "", True),
        ("always-on", "drafts/AGENTS.md", False),
        ("instructions", RULES.format("drafts"), False),
        ("instructions", RULES.format("style"), False),
        ("file", "drafts/post.md", False),
        ("today", "", False),
        ("task", "", False),
    ]
    assert found[-2].text == (
        "The company is Farol. Today is Saturday, 2026-11-21. The company's language is 'pt'."
    )


@claim("given:order")
def test_the_first_message_is_stable_and_the_last_ends_with_the_task() -> None:
    turns = (
        ChatMessage(role=MessageRole.USER, text="Hello."),
        ChatMessage(role=MessageRole.ASSISTANT, text="Done."),
    )
    system, *history, user = build_messages(told(company_of({}), history=turns))
    assert system.role is MessageRole.SYSTEM
    assert system.text.startswith(PREAMBLE)
    assert f'<role name="coo" file="{ROLE}">\nI run the day.\n</role>' in system.text
    assert tuple(history) == turns
    assert user.role is MessageRole.USER
    assert user.text.endswith("<task>\nPlan the day.\n</task>")


@claim("given:order")
def test_the_preamble_is_short_and_the_same_for_every_agent() -> None:
    assert len(PREAMBLE.splitlines()) <= 15
    assert "coo" not in PREAMBLE


@claim("given:order")
@pytest.mark.parametrize("stand_in", ["AGENTS.md", "CLAUDE.md"])
def test_what_stands_in_for_the_constitution_comes_once(stand_in: str) -> None:
    files = {path: text for path, text in FILES.items() if path == ROLE} | {
        stand_in: "Be honest."
    }
    company = small_company.company_of(files)
    assert [(p.kind, p.source) for p in told(company)][1:3] == [
        (PartKind.CONSTITUTION, stand_in),
        (PartKind.ROLE, ROLE),
    ]


anything = st.text(max_size=40)


@claim("given:stable")
@given_(
    task=anything.filter(str.strip),
    today=st.dates(date(2026, 1, 1), date(2028, 1, 1)),
    files=st.dictionaries(
        st.sampled_from(["drafts/a.md", "notes.md", "x/y.py"]), anything
    ),
    name=anything,
    turns=st.lists(anything, max_size=2),
)
def test_nothing_of_a_piece_of_work_reaches_the_stable_part(
    task: str, today: date, files: dict[str, str], name: str, turns: list[str]
) -> None:
    history = tuple(ChatMessage(role=MessageRole.USER, text=text) for text in turns)
    found = told(COMPANY, task, today=today, files=files, company=name, history=history)
    assert build_messages(found)[0] == build_messages(told(COMPANY))[0]
    assert len(set(sources(found))) == len(sources(found))
    assert [p.stable for p in found] == sorted((p.stable for p in found), reverse=True)


COMPANY = company_of(WHOLE)


@claim("given:stable")
def test_a_prompt_leaves_the_stable_part_as_it_was() -> None:
    text = "---\ntools: []\nagent: ask\n---\nPlan. See [style](../instructions/style.instructions.md)."
    company = company_of(WHOLE | {".github/prompts/plan.prompt.md": text})
    prompt = company.find_prompt("plan")
    assert prompt
    found = told(company, prompt.body, prompt=prompt)
    assert build_messages(found)[0] == build_messages(told(COMPANY))[0]
    assert [
        p.source for p in found if not p.stable and p.kind is PartKind.INSTRUCTIONS
    ] == [RULES.format("style"), RULES.format("drafts")]
    assert found[-1].source == prompt.file


@claim("given:rules")
@pytest.mark.parametrize(
    ("files", "path", "expected"),
    [
        (rule("py", "**/*.py"), "src/a.py", ["py"]),
        (rule("py", "**/*.py"), "src/a.md", []),
        (rule("py", "**/*.{py,md}, *.txt"), "src/a.md", ["py"]),
        (rule("py", ""), "src/a.py", []),
        (rule("py", "**/*.py", more="excludeAgent: COO\n"), "src/a.py", []),
        (
            rule("py", "**/*.py", more="excludeAgent: [cfo, code-review]\n"),
            "src/a.py",
            ["py"],
        ),
        (
            rule("a", "*.py", "[b](b.instructions.md)")
            | rule("b", "", "#file:a.instructions.md"),
            "a.py",
            ["a", "b"],
        ),
        (rule("a", "*.py", "`[b](b.instructions.md)`") | rule("b"), "a.py", ["a"]),
        (
            rule("a", "*.py", "[b](b.instructions.md)")
            | rule("b", more="excludeAgent: coo\n"),
            "a.py",
            ["a"],
        ),
        (
            {".claude/rules/api.md": "---\npaths: ['src/**']\n---\nA rule."},
            "src/a.py",
            ["api"],
        ),
    ],
)
def test_instructions_come_with_the_files_they_are_for(
    files: dict[str, str], path: str, expected: list[str]
) -> None:
    found = [
        p
        for p in told(company_of(files), files={path: "x"})
        if p.kind is PartKind.INSTRUCTIONS
    ]
    assert [p.source.rsplit("/", 1)[-1].split(".")[0] for p in found] == expected


@claim("given:rules")
def test_excluded_rules_that_always_apply_are_not_given_or_listed() -> None:
    company = company_of(rule("calm", "**", more="excludeAgent: [coo]\n"))
    assert "calm" not in build_messages(told(company))[0].text


@claim("given:rules")
def test_rules_that_a_role_refers_to_are_stable() -> None:
    role = headed(
        "tools: [read]", "See [style](../instructions/style.instructions.md)."
    )
    found = told(
        company_of(
            role | rule("style", "", "See #file:deep.instructions.md") | rule("deep")
        )
    )
    linked = [p for p in found if p.kind is PartKind.INSTRUCTIONS]
    assert [(p.source, p.stable) for p in linked] == [
        (RULES.format("style"), True),
        (RULES.format("deep"), True),
    ]


@claim("given:rules")
def test_the_nearest_of_nested_agents_files_comes_last() -> None:
    nested = {
        "a/0/AGENTS.md": "Deep.",
        "a/AGENTS.md": "Near.",
        "b/AGENTS.md": "Elsewhere.",
    }
    found = told(company_of(nested), files={"a/0/x.md": "x"})
    assert [p.source for p in found if p.kind is PartKind.ALWAYS_ON] == [
        "a/AGENTS.md",
        "a/0/AGENTS.md",
    ]
    assert not [
        p
        for p in told(company_of(nested), files={"ab/x.md": "x"})
        if p.kind is PartKind.ALWAYS_ON
    ]


@claim("given:rules")
def test_rules_for_a_file_that_a_tool_touches_are_told_once() -> None:
    agent = agent_of(COMPANY)
    first = rules_for_files(COMPANY, agent, ["drafts/post.md"])
    assert RULES.format("drafts") in sources(first)
    said = {*sources(told(COMPANY)), *sources(first)}
    assert rules_for_files(COMPANY, agent, ["drafts/post.md"], known_files=said) == ()


@claim("given:rules")
def test_instructions_that_may_apply_are_listed_by_description() -> None:
    system = build_messages(told(company_of(rule("tax", "books/**"))))[0].text
    assert "<available_instructions>" in system
    assert (
        f"<name>tax</name><description>About tax.</description><location>{RULES.format('tax')}"
        in system
    )


@claim("given:skills")
def test_an_agents_own_skill_comes_in_full_once_and_not_in_the_catalogue() -> None:
    system = build_messages(told(COMPANY))[0].text
    assert system.count("How to do tax.") == 1
    assert f'<skill_content name="tax" file="{SKILL.format("tax")}">' in system
    assert (
        "Skill directory: .github/skills/tax; relative paths are relative to it."
        in system
    )
    assert "<name>tax</name>" not in system
    assert "<name>voice</name>" in system
    assert "How to do voice." not in system


@claim("given:skills")
@pytest.mark.parametrize(
    ("header", "full"),
    [
        ("agentco:\n  skills: [tax, TAX, nobody]", ["tax"]),
        ("skills: [voice]", ["voice"]),
        ("skills: [voice]\nagentco:\n  skills: [tax]", ["tax"]),
        ("skills: [voice]\nagentco:\n  skills: []", []),
        ("skills: [hidden]", ["hidden"]),
    ],
)
def test_own_skills_are_those_of_our_key_else_of_claudes(
    header: str, full: list[str]
) -> None:
    hidden = skill("hidden", more="disable-model-invocation: true\n")
    company = company_of(headed(header) | skill("tax") | skill("voice") | hidden)
    assert [p.name for p in told(company) if p.kind is PartKind.SKILL] == full
    on_demand = [s.id for s in skills_on_demand(company, agent_of(company))]
    assert on_demand == [name for name in ("tax", "voice") if name not in full]


@claim("given:skills")
@pytest.mark.parametrize(
    ("header", "listed"),
    [
        ("tools: [read]", True),
        ("tools: ['*']", True),
        ("name: coo", True),
        ("tools: [skill]", True),
        ("tools: [edit]", False),
        ("tools: []", False),
    ],
)
def test_who_can_read_no_skill_has_no_catalogue(header: str, listed: bool) -> None:
    company = company_of(headed(header) | skill("tax"))
    assert ("<available_skills>" in build_messages(told(company))[0].text) is listed


@claim("given:skills")
def test_an_empty_catalogue_is_left_out() -> None:
    company = company_of(skill("tax", more="disable-model-invocation: true\n"))
    assert [p for p in told(company) if p.kind is PartKind.CATALOGUE] == []


@claim("given:skills")
def test_the_catalogue_is_escaped_and_only_there_long_descriptions_are_cut() -> None:
    long = "<b>& " + "x" * 2000
    company = company_of(skill("tax", f"'{long}'"))
    text = next(p.text for p in told(company) if p.kind is PartKind.CATALOGUE)
    assert f"<description>&lt;b&gt;&amp; {'x' * 1019}</description>" in text
    assert company.skills[0].description == long


@claim("given:too-large")
@pytest.mark.parametrize(
    ("size", "fits"), [(MAX_FILE_BYTES, True), (MAX_FILE_BYTES + 1, False)]
)
def test_a_file_given_along_has_at_most_64_kib(size: int, fits: bool) -> None:
    files = {"big.txt": "é" + "x" * (size - 2)}
    if fits:
        assert [
            p.text for p in told(COMPANY, files=files) if p.kind is PartKind.FILE
        ] == list(files.values())
        return
    with pytest.raises(WrongUsage, match="65,537") as error:
        told(COMPANY, files=files)
    assert "big.txt" in error.value.what


@claim("given:empty")
@pytest.mark.parametrize(
    ("files", "work", "error"),
    [
        (headed("name: coo", " \n"), {}, CompanyBroken),
        ({}, {"task": " \n\t"}, WrongUsage),
        (
            {".github/prompts/void.prompt.md": "---\ndescription: x\n---\n\n"},
            {"prompt": "void"},
            CompanyBroken,
        ),
    ],
)
def test_nothing_to_say_is_an_error(
    files: dict[str, str], work: dict[str, Any], error: type[Exception]
) -> None:
    company = company_of(files)
    if "prompt" in work:
        work = {"prompt": company.find_prompt(work["prompt"])}
        assert work["prompt"]
    with pytest.raises(error):
        told(company, **work)


def sample() -> Company:
    return small_company.company_of(dict(template_files()))


@claim("given:order")
@pytest.mark.parametrize("agent", sample().agents, ids=lambda a: a.id)
def test_each_agent_of_the_sample_company_is_given_what_its_files_say(
    agent: Any,
) -> None:
    company = sample()
    work = Assignment(
        task="Say hello.", today=TODAY, files={"drafts/post.md": "Hello."}
    )
    found = build_prompt_parts(company, agent, work, lambda _: True)
    assert sources(found)[:2] == [".github/copilot-instructions.md", agent.file]
    assert RULES.format("marketing") in sources(found)
    assert [p.name for p in found if p.kind is PartKind.SKILL] == list(agent.own.skills)
    catalogue = next(p.text for p in found if p.kind is PartKind.CATALOGUE)
    assert catalogue.count("<skill>") == len(company.skills) - len(agent.own.skills)
    assert 3_000 < sum(p.token_count for p in found if p.stable) < HEAVY_PROMPT_TOKENS
