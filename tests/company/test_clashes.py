import pytest
from claims import claim
from making import AGENT, company_of, errors, said

from agentco.company import warn_lookalikes
from agentco.kernel import Diagnostic, skeleton, slug

OK = "---\ndescription: x\n---\nBody"


@claim("company:clashes")
def test_faults_3_the_same_id_twice_in_one_folder_leaves_both_out_and_names_both() -> (
    None
):
    company = company_of(
        {".github/agents/coo.agent.md": OK, ".github/agents/COO.md": OK, AGENT: OK}
    )
    assert [a.id for a in company.agents] == ["cmo"]
    files = {".github/agents/coo.agent.md", ".github/agents/COO.md"}
    assert {e.file for e in errors(company)} == files
    assert all((files - {e.file}).pop() in e.message for e in errors(company))


@claim("company:clashes")
def test_faults_3_across_folders_dialects_and_users_the_first_place_wins_with_a_warning() -> (
    None
):
    claude, mine = ".claude/agents/cmo.md", "~/.copilot/agents/cmo.agent.md"
    deeper = ".github/agents/team/cmo.agent.md"
    company = company_of({mine: OK, claude: OK, AGENT: OK, deeper: OK})
    assert [a.file for a in company.agents] == [AGENT]
    assert [(d.file, d.code) for d in company.diagnostics] == [
        (claude, "shadowed"),
        (deeper, "shadowed"),
        (mine, "shadowed"),
    ]


@claim("company:clashes")
def test_two_skills_of_one_name_in_one_folder_are_both_left_out() -> None:
    text = "---\nname: tax\ndescription: x\n---\n"
    company = company_of(
        {".github/skills/tax/SKILL.md": text, ".github/skills/vat/SKILL.md": text}
    )
    assert not company.skills
    assert [e.code for e in errors(company)] == ["same-id", "same-id"]


@claim("company:clashes")
@pytest.mark.parametrize(
    ("path", "name"),
    [
        (AGENT, "../x"),
        (AGENT, "CON"),
        (AGENT, "🚀"),
        (AGENT, "a\\b"),
        (".github/agents/CON.agent.md", "x"),
        (".github/agents/🚀.agent.md", "x"),
        (".github/agents/go-🚀.agent.md", "x"),
        (".github/prompts/a.prompt.md", "../../etc"),
        (".github/skills/nul/SKILL.md", "nul"),
    ],
)
def test_faults_10_a_name_nobody_may_bear_leaves_the_file_out(
    path: str, name: str
) -> None:
    company = company_of({path: f"---\nname: {name}\ndescription: x\n---\n"})
    assert {e.code for e in errors(company)} == {"refused-name"}
    assert not (company.agents)
    assert not (company.prompts)
    assert not (company.skills)


@claim("company:clashes")
@pytest.mark.parametrize(
    "name",
    [".NET Mentor", "CI/CD Expert", "🚀 Launch", "C++ Expert", "Água", "4.1-Beast"],
)
def test_names_that_real_files_bear_are_fine(name: str) -> None:
    assert [
        a.name
        for a in company_of({AGENT: f"---\nname: {name}\ndescription: x\n---\n"}).agents
    ] == [name]


@claim("company:clashes")
def test_faults_10_names_that_look_alike_are_told_on_both() -> None:
    company = company_of(
        {".github/agents/coo.agent.md": OK, ".github/agents/с0о.agent.md": OK}
    )
    assert [d.code for d in company.diagnostics] == ["lookalike-name"] * 2
    assert len(company.agents) == 2
    told: list[Diagnostic] = []
    warn_lookalikes([company.agents[0], company.agents[0]], told)
    assert not told


@claim("company:clashes")
def test_slugs_and_skeletons() -> None:
    assert slug("RPI  Agent_2") == "rpi-agent-2"
    assert (slug("C++ Expert"), slug("C# Expert")) == ("cpp-expert", "csharp-expert")
    assert skeleton(slug("С00")) == skeleton(slug("coo")) == "coo"


@claim("company:clashes")
def test_a_name_is_looked_up_exactly_then_in_any_case_then_as_a_slug() -> None:
    company = company_of(
        {
            ".github/agents/dt-coach.agent.md": "---\nname: DT Coach\ndescription: x\n---\n",
            ".github/agents/other.agent.md": "---\nname: dt coach\ndescription: x\n---\n",
        }
    )
    found = {
        name: a and a.id
        for name in ("DT Coach", "dt coach", "DT-COACH", "dt_coach", "nobody", "")
        if [a := company.find_agent(name)]
    }
    assert found == {
        "DT Coach": "dt-coach",
        "dt coach": "other",
        "DT-COACH": "dt-coach",
        "dt_coach": "dt-coach",
        "nobody": None,
        "": None,
    }


@claim("company:clashes")
def test_faults_16_a_prompt_for_nobody_is_left_out_with_a_suggestion() -> None:
    company = company_of(
        {
            ".github/prompts/a.prompt.md": "---\nagent: cmoo\n---\n",
            ".github/prompts/b.prompt.md": "---\nmode: Agent\n---\n",
            ".github/prompts/c.prompt.md": "---\nagent: CMO\n---\n",
            AGENT: OK,
        }
    )
    assert [p.id for p in company.prompts] == ["b", "c"]
    (error,) = errors(company)
    assert (error.file, error.line, error.code, error.hint) == (
        ".github/prompts/a.prompt.md",
        2,
        "unknown-agent",
        "did you mean 'cmo'?",
    )


@claim("company:clashes")
def test_faults_17_a_schedule_stays_text_here() -> None:
    company = company_of(
        {".github/prompts/a.prompt.md": "---\nagentco: {schedule: 61 * * * *}\n---\n"}
    )
    assert company.prompts[0].own.schedule == "61 * * * *"


@claim("company:clashes")
def test_a_prompt_hides_a_skill_of_its_name_with_a_warning() -> None:
    skill = "---\nname: tax\ndescription: x\n---\n"
    company = company_of(
        {".github/prompts/tax.prompt.md": OK, ".github/skills/tax/SKILL.md": skill}
    )
    assert said(company) == ["warning command-taken 2"]


KEYS = [
    "sk-ant-api03-" + "a1B2c3D4e5F6g7H8",
    "sk-proj-" + "a1B2c3D4e5F6g7H8i9J0",
    "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2",
    "github_pat_" + "a1B2c3D4e5F6g7H8i9J0k1L2",
    "AKIA" + "A1B2C3D4E5F6G7H8",
    "xoxb-" + "123456789012-abcdef",
    "AIza" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R",
]


@claim("company:secrets")
@pytest.mark.parametrize("key", KEYS, ids=[k[:6] for k in KEYS])
@pytest.mark.parametrize("path", [AGENT, ".mcp.json", "AGENTS.md"])
def test_faults_55_a_key_in_a_company_file_is_told_and_never_shown(
    path: str, key: str
) -> None:
    text = (
        f'{{"servers":\n{{"a": {{"url": "{key}"}}}}}}'
        if path.endswith("json")
        else f"{OK}\n{key}\n"
    )
    company = company_of({path: text})
    (told,) = (d for d in company.diagnostics if d.code == "key-in-file")
    assert told.line == text[: text.index(key)].count("\n") + 1
    assert key[8:] not in repr(company.diagnostics)


@claim("company:secrets")
@pytest.mark.parametrize(
    "text",
    [
        "sk-xxxxxxxxxxxxxxxxxxxxxxxx",
        "risk-" + "a1" * 20,
        "AKIAIOSFODNN7EXAMPLE",
        "ghp_your_token",
    ],
)
def test_placeholders_and_other_words_are_no_keys(text: str) -> None:
    assert said(company_of({AGENT: f"{OK}\n{text}"})) == []


@claim("company:secrets")
def test_the_founders_own_files_are_not_committed_and_not_searched() -> None:
    assert said(company_of({"~/.copilot/agents/a.md": f"{OK}\n{KEYS[0]}"})) == []
