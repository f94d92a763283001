"""Which tools, tier and agent a piece of work gets."""

import pytest
from claims import claim
from small_prompt import agent_of, company_of, headed

from agentco.company import Command, GrantedTo, Tier, names_granted_to
from agentco.runs import agent_for_prompt, granted_tools, pinned_model, tier_of

PROMPT = ".github/prompts/weekly.prompt.md"
LOOKING = {"Read", "Search", "Skill", "Compute"}
EVERYTHING = LOOKING | {"Edit", "Memory", "Board"}


def asked(agent: str, prompt: str | None) -> tuple[str, ...]:
    files = headed(agent) | (
        {PROMPT: f"---\n{prompt}\n---\nDo it."} if prompt is not None else {}
    )
    company = company_of(files)
    return granted_tools(agent_of(company), company.find_prompt("weekly"))


@claim("granted:tools")
@pytest.mark.parametrize(
    ("agent", "prompt", "expected"),
    [
        ("name: coo", None, {"Memory", "Board", "Read", "Edit", "Skill", "Compute"}),
        ("tools: []", None, None),
        ("tools: false", None, None),
        ("tools: ['*']", None, EVERYTHING),
        ("tools: true", None, EVERYTHING),
        ("tools: ['*', web, Bash]", None, EVERYTHING | {"Fetch", "Run"}),
        ("tools: [search]", None, {"Search"}),
        ("tools: [read]", None, {"Read", "Skill", "Compute"}),
        ("tools: [agent, todo]", None, {"Board"}),
        ("tools: [github/*, nonsense]", None, set[str]()),
        (
            "tools: [read, 'Bash(git:*)']\ndisallowedTools: [Bash, Read, Skill]",
            None,
            set[str](),
        ),
        (
            "disallowedTools: Memory",
            None,
            {"Board", "Read", "Edit", "Skill", "Compute"},
        ),
        (
            "disallowedTools: Write",
            None,
            {"Memory", "Board", "Read", "Skill", "Compute"},
        ),
        ("tools: [read]", "tools: [edit]", {"Edit"}),
        ("tools: [read]", "tools: []", None),
        ("tools: []", "tools: [edit]", {"Edit"}),
        ("tools: [read, edit]", "agent: coo", {"Read", "Edit", "Skill", "Compute"}),
        ("tools: ['*', web]", "agent: ask", LOOKING | {"Fetch"}),
        ("tools: ['*']", "mode: Plan", LOOKING),
        ("tools: ['*']", "agent: edit", LOOKING | {"Edit"}),
        ("tools: ['*']", "agent: agent", EVERYTHING),
        ("tools: [read]", "agent: edit", {"Read", "Skill", "Compute"}),
        ("name: coo", "agent: edit", LOOKING | {"Edit"}),
        ("name: coo", "agent: ask", LOOKING),
        (
            "name: coo",
            "agent: ask\ntools: [edit, read, web]",
            {"Read", "Skill", "Compute", "Fetch"},
        ),
        (
            "disallowedTools: [Edit]",
            "tools: [edit, read]",
            {"Read", "Skill", "Compute"},
        ),
    ],
)
def test_the_tools_that_are_given(
    agent: str, prompt: str | None, expected: set[str] | None
) -> None:
    assert set(asked(agent, prompt)) == (
        set[str]()
        if expected is None
        else expected.union(names_granted_to(GrantedTo.EVERYBODY))
    )


@claim("granted:tools")
def test_what_is_always_given_can_be_disallowed() -> None:
    assert "AskFounder" not in asked("disallowedTools: [AskUserQuestion]", None)


@claim("granted:tools")
@pytest.mark.parametrize(
    ("header", "orchestrator", "given"),
    [
        ("tools: [agent]", True, True),
        ("tools: ['*']", True, True),
        ("", True, True),
        ("", False, False),
        ("agents: []", True, False),
        ("tools: []", True, False),
        ("tools: [agent]", False, False),
        ("tools: [agent]\nagents: []", True, False),
        ("tools: [read]", True, False),
    ],
)
def test_only_the_orchestrator_delegates(
    header: str, orchestrator: bool, given: bool
) -> None:
    agent = agent_of(company_of(headed(header)))
    assert ("Delegate" in granted_tools(agent, orchestrator=orchestrator)) is given


@claim("granted:tools")
def test_a_skills_allowed_tools_give_nothing() -> None:
    path = ".github/skills/x/SKILL.md"
    company = company_of(
        {path: "---\nname: x\ndescription: X.\nallowed-tools: Bash Edit\n---\nDo it."}
    )
    assert granted_tools(agent_of(company), company.find_skill("x")) == granted_tools(
        agent_of(company)
    )


@claim("granted:tier")
@pytest.mark.parametrize(
    ("agent", "prompt", "flag", "expected"),
    [
        ("name: coo", "description: x", None, Tier.MEDIUM),
        ("agentco: {tier: heavy}", "description: x", None, Tier.HEAVY),
        ("agentco: {tier: heavy}", "agentco: {tier: local}", None, Tier.LOCAL),
        ("agentco: {tier: heavy}", "agentco: {tier: medium}", Tier.LIGHT, Tier.LIGHT),
        ("agentco: {tier: heavy}", "model: gpt-5-mini", None, Tier.HEAVY),
        ("model: claude-opus-4.7", "description: x", None, Tier.MEDIUM),
        ("model: Claude Haiku 4.5 (copilot)", "description: x", None, Tier.LIGHT),
        ("model: haiku", "model: GPT-5", None, Tier.MEDIUM),
        ("model: haiku", "model: Auto (copilot)", None, Tier.LIGHT),
        ("model: inherit", "description: x", None, Tier.MEDIUM),
        ("model: gemini-2.5-pro", "description: x", None, Tier.MEDIUM),
        (
            "model: [MAI-Code-1-Flash (copilot), GPT-5]",
            "description: x",
            None,
            Tier.LIGHT,
        ),
        ("model: frontier-9000", "description: x", None, Tier.MEDIUM),
    ],
)
def test_the_tier_that_is_asked_for(
    agent: str, prompt: str, flag: Tier | None, expected: Tier
) -> None:
    company = company_of(headed(agent) | {PROMPT: f"---\n{prompt}\n---\nDo it."})
    assert tier_of(agent_of(company), company.find_prompt("weekly"), flag) is expected


@claim("granted:tier")
def test_who_inherits_gets_the_callers_tier() -> None:
    agent = agent_of(company_of(headed("model: inherit")))
    assert tier_of(agent, caller=Tier.HEAVY) is Tier.HEAVY


@claim("granted:tier")
def test_a_pin_is_our_own_key_or_the_founders_word() -> None:
    pinned = agent_of(
        company_of(headed("model: gpt-5\nagentco: {model: workshop/qwen}"))
    )
    assert pinned_model(pinned) == "workshop/qwen"
    assert pinned_model(pinned, "anthropic/x", Tier.LIGHT) == "anthropic/x"
    assert pinned_model(pinned, tier=Tier.LIGHT) == ""
    assert pinned_model(agent_of(company_of(headed("model: gpt-5")))) == ""


@claim("granted:who")
@pytest.mark.parametrize(
    ("header", "orchestrator", "expected"),
    [
        ("agent: 'Chief Legal'", "coo", "lawyer"),
        ("agent: chief-legal", None, "lawyer"),
        ("description: x", "coo", "coo"),
        ("agent: Ask", "coo", "coo"),
        ("mode: agent", "coo", "coo"),
        ("mode: edit", None, None),
        ("description: x", "nobody", None),
    ],
)
def test_who_runs_a_prompt(
    header: str, orchestrator: str | None, expected: str | None
) -> None:
    lawyer = {
        ".github/agents/lawyer.agent.md": "---\nname: Chief Legal\ndescription: L.\n---\nI read."
    }
    company = company_of(lawyer | {PROMPT: f"---\n{header}\n---\nDo it."})
    prompt: Command | None = company.find_prompt("weekly")
    assert prompt
    found = agent_for_prompt(company, prompt, orchestrator)
    assert (found and found.id) == expected
