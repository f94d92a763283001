"""check: what is wrong between files. show: who works here, and where each value came from."""

import json
from typing import Any

import pytest
from claims import claim
from small_company import SETTINGS, Place
from typed import Do

from agentco.cli.main import main
from agentco.day import triggers_off


def found(
    place: Place, capsys: pytest.CaptureFixture[str], *args: str
) -> tuple[int, list[tuple[str, int | None, str, str]]]:
    code = main(["--company", str(place.root), "check", "--json", *args])
    said = json.loads(capsys.readouterr().out)["diagnostics"]
    return code, [
        (d["file"], d["line"], d["level"], d["code"])
        for d in said
        if d["level"] != "info"
    ]


def write(place: Place, path: str, text: str) -> None:
    (place.root / path).parent.mkdir(parents=True, exist_ok=True)
    (place.root / path).write_text(text)


@claim("triggers:checked")
def test_a_trigger_that_does_nothing_is_told(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    place.settings(
        "triggers:\n  - {name: empty, consult: [cfo]}\n  - {name: nobody, words: [x]}\n  - {name: tax}\n"
        '  - {name: signs, words: ["*"], any_of: [cfo]}\n  - {name: fine, words: [x], any_of: [cfo]}\n'
    )
    _, rows = found(place, capsys)
    assert [line for _, line, _, code in rows if code == "idle-trigger"] == [2, 3, 5]


@claim("triggers:checked")
def test_what_changes_a_default_is_fine_and_what_a_later_one_replaces_is_told(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    place.settings(
        "triggers:\n  - {name: money, add: [seed round]}\n  - {name: Money, consult: [ceo]}\n"
        "  - {name: x, words: [x], any_of: [cfo]}\n  - {name: X, words: [y], any_of: [cfo]}\n"
        "  - {name: legal}\n  - {name: legal, drop: [NDA]}\n"
    )
    _, rows = found(place, capsys)
    told = [
        (line, code)
        for _, line, _, code in rows
        if code in {"repeated-trigger", "idle-trigger"}
    ]
    assert told == [(4, "repeated-trigger"), (6, "repeated-trigger")]


@claim("triggers:checked")
def test_a_trigger_named_like_a_rule_of_public_text_is_told(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    place.settings("triggers:\n  - {name: Claims, words: [x], any_of: [cfo]}\n")
    _, rows = found(place, capsys)
    assert [line for _, line, _, code in rows if code == "trigger-like-a-rule"] == [2]


@claim("triggers:nobody")
def test_a_shipped_trigger_that_calls_for_nobody_here_is_told_with_the_line_to_write(
    place: Place, do: Do
) -> None:
    def told() -> dict[str, Any]:
        problems = do("check", "--json").document["diagnostics"]
        lost = [one for one in problems if one["code"] == "nobody-reviews"]
        return {one["message"].split("'")[1]: one for one in lost}

    assert told() == {}
    for name in ("marketing", "CFO", "lawyer", "coo"):
        place.agent(name)
    place.settings("triggers:\n  - {name: Direction}\n")
    problems = told()
    assert set(problems) == {"tax", "pricing-tax", "technology"}
    told_of = problems["technology"]
    assert (told_of["line"], told_of["level"]) == (1, "warning")
    assert "'cto', who is not here" in told_of["message"]
    assert "- {name: technology}" in told_of["hint"]
    off = "".join(f"  - {{name: {name}}}\n" for name in problems)
    place.settings(f"triggers:\n  - {{name: direction}}\n{off}")
    assert told() == {}
    place.agent("cto")
    assert set(told()) == set()


@claim("check:whole-company")
def test_references_between_files_are_followed(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    write(
        place,
        ".github/agents/boss.agent.md",
        "---\ndescription: Boss.\nagents: [nobody]\nagentco:\n  skills: [missing]\n---\nI lead.\n",
    )
    place.settings(
        "company: {orchestrator: ghost}\nbudget:\n  agent_day:\n    phantom: 1\ntriggers:\n  - name: t\n    consult: [spirit]\n"
    )
    place.prompt("odd", "61 * * * *", "Mars/Olympus")
    place.board("- [ ] Task @stranger due:2026-13-40 id:T1", "- [ ] Twin id:T1")
    place.memory_file.write_text("nonsense\n")
    code, rows = found(place, capsys)
    assert code == 3
    assert set(rows) >= {
        (".github/agents/boss.agent.md", 3, "warning", "unknown-agent"),
        (".github/agents/boss.agent.md", 5, "warning", "unknown-skill"),
        (".github/agentco.yml", 1, "warning", "unknown-agent"),
        (".github/agentco.yml", 4, "warning", "unknown-agent"),
        (".github/agentco.yml", 7, "warning", "unknown-agent"),
        (".github/prompts/odd.prompt.md", 4, "error", "bad-schedule"),
        (".github/prompts/odd.prompt.md", 5, "error", "bad-timezone"),
        ("memory/memory.jsonl", 1, "warning", "bad-line"),
    }
    assert {c for f, _, _, c in rows if f == "BOARD.md"} == {
        "token-unreadable",
        "id-twice",
        "owner-unknown",
    }


@claim("check:whole-company")
def test_fault_51_a_typo_in_the_settings_is_found_with_the_rest(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    place.settings("budgt: {call: 1}\ncompany: {nam: x}\n")
    code, rows = found(place, capsys)
    assert (
        code,
        [(line, kind) for f, line, _, kind in rows if f.endswith("agentco.yml")],
    ) == (3, [(1, "unknown-key"), (2, "unknown-key")])


@claim("check:whole-company")
def test_a_permission_rule_that_does_not_say_what_it_seems_to_is_told(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    place.settings(
        'permissions:\n  allow: ["Edit(drafts/**)"]\n'
        '  deny:\n    - Reed(clients/**)\n    - Read(../x)\n    - "Read(clients/**"\n'
    )
    own = "agentco: {permissions: {deny: [Fly]}}"
    place.agent("cfo", f"---\nname: cfo\ndescription: Counts.\n{own}\n---\n\nI am.\n")
    _, rows = found(place, capsys)
    wrong = [(file, line) for file, line, _, code in rows if code == "unusable-rule"]
    role = ".github/agents/cfo.agent.md"
    assert wrong == [*((".github/agentco.yml", n) for n in (4, 5, 6)), (role, 4)]


@claim("models:max-output")
def test_an_answer_for_which_there_is_no_room_is_told(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    place.settings(
        "models: {medium: [ollama/m], light: [ollama/n]}\nmodel_options:\n"
        "  ollama/m: {context: 8192, max_output: 4000}\n"
        "  ollama/n: {context: 8192, max_output: 8192}\n"
    )
    for name, tokens in (("cfo", 4001), ("cto", 4000)):
        own = f"agentco: {{max_output: {tokens}}}"
        place.agent(name, f"---\ndescription: Counts.\n{own}\n---\n\nI am.\n")
    _, rows = found(place, capsys)
    codes = {"no-room-to-ask", "longer-than-written"}
    assert [(f, line) for f, line, _, code in rows if code in codes] == [
        (".github/agentco.yml", 4),
        (".github/agents/cfo.agent.md", 3),
    ]


@claim("models:max-output")
def test_a_role_that_says_how_long_and_how_thoughtful_is_shown_so(
    place: Place, do: Do
) -> None:
    own = "agentco:\n  max_output: 12000\n  reasoning: high"
    place.agent("cfo", f"---\ndescription: Counts.\n{own}\n---\n\nI am.\n")
    place.agent("cto")
    [shown] = do("show", "agents", "cfo", "--json").document["agents"]
    assert (shown["max_output"], shown["reasoning"]) == (12000, "high")
    said = do("show", "agents", "cfo").out
    assert "cfo.agent.md:4" in said
    [plain] = do("show", "agents", "cto", "--json").document["agents"]
    assert (plain["max_output"], plain["reasoning"]) == (None, None)


@claim("check:whole-company")
def test_what_every_agent_would_carry_is_shown(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    place.agent("boss")
    write(
        place,
        ".github/skills/long/SKILL.md",
        "---\nname: long\ndescription: Long.\n---\n" + "word " * 9000,
    )
    write(
        place,
        ".github/agents/heavy.agent.md",
        "---\ndescription: H.\nagentco: {skills: [long]}\n---\nHeavy.\n",
    )
    assert main(["--company", str(place.root), "check", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    carried = {load["agent"]: load for load in document["loads"]}
    assert carried["heavy"]["total"] > 10_000 > carried["boss"]["total"]
    assert "heavy-prompt" in {d["code"] for d in document["diagnostics"]}
    assert main(["--company", str(place.root), "check"]) == 0
    assert "tokens carried by" in capsys.readouterr().out


@claim("check:whole-company")
def test_a_link_to_a_file_that_is_not_there_is_worth_a_line(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    body = "[a](../../BOARD.md) [b](gone.md) [c](/BOARD.md#x) [d](../../../out.md) `[e](code.md)` [f](https://x.example)"
    write(
        place, ".github/agents/boss.agent.md", f"---\ndescription: B.\n---\n\n{body}\n"
    )
    place.board()
    assert main(["--company", str(place.root), "check", "--json"]) == 0
    found = [
        d
        for d in json.loads(capsys.readouterr().out)["diagnostics"]
        if d["code"] == "lost-reference"
    ]
    assert [(d["line"], d["message"]) for d in found] == [
        (5, "'gone.md' is not there"),
        (5, "'../../../out.md' leads out of the company"),
    ]


@claim("check:exit-codes")
def test_nothing_wrong_is_0_a_warning_1_under_strict_an_error_3(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    place.agent("boss")
    place.settings(SETTINGS + triggers_off(("boss",).__contains__))
    place.board()
    assert found(place, capsys, "--strict") == (0, [])
    place.board("- [ ] Task @stranger id:T1")
    assert found(place, capsys)[0] == 0
    assert found(place, capsys, "--strict")[0] == 1
    write(place, ".github/agents/bad.agent.md", "---\nname: &a x\nb: *a\n---\nx\n")
    assert found(place, capsys)[0] == 3


@claim("check:exit-codes")
def test_strict_holds_skills_to_the_specification(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    place.board()
    write(
        place,
        ".github/skills/s/SKILL.md",
        "---\nname: s\ndescription: S.\nversion: 1\n---\nS.\n",
    )
    assert found(place, capsys) == (0, [])
    code, rows = found(place, capsys, "--strict")
    assert (code, rows) == (
        1,
        [(".github/skills/s/SKILL.md", 4, "warning", "nonstandard-key")],
    )


@claim("check:whole-company")
def test_a_secret_in_a_file_is_told_and_never_shown(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    key = "sk-ant-api03-" + "A1b2C3d4" * 8
    place.agent("boss")
    write(
        place,
        ".github/agents/leak.agent.md",
        f"---\ndescription: L.\n---\nUse {key}.\n",
    )
    place.settings(f"company: {{name: x}}\nproviders: {{x: {{api_key_env: {key}}}}}\n")
    main(["--company", str(place.root), "check"])
    said = capsys.readouterr().out
    assert ".github/agents/leak.agent.md:4" in said
    assert ".github/agentco.yml:2" in said
    assert key not in said


@claim("check:whole-company")
def test_a_screen_names_file_line_and_what_to_do(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    place.prompt("odd", "61 * * * *")
    assert main(["--company", str(place.root), "check"]) == 3
    said = capsys.readouterr().out
    assert "error   .github/prompts/odd.prompt.md:4: '61 * * * *': bad minute\n" in said
    assert '         write "0 9 * * 1" or @daily\n' in said


@claim("show:origins")
def test_one_agent_in_full_with_where_each_value_came_from(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    write(
        place,
        ".github/agents/boss.agent.md",
        "---\nname: Boss\ndescription: Leads.\ntools: ['read', 'nonsense']\nmodel: Claude Haiku 4.5 (copilot)\nagentco:\n  public: true\n---\nI lead.\n",
    )
    assert main(["--company", str(place.root), "show", "agents", "BOSS"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    for part in (
        "boss.agent.md:2",
        "boss.agent.md:3",
        "boss.agent.md:4",
        "boss.agent.md:7",
        "light",
        "I lead.",
    ):
        assert part in said
    assert main(["--company", str(place.root), "show", "agents", "boss", "--json"]) == 0
    [agent] = json.loads(capsys.readouterr().out)["agents"]
    assert (
        agent["id"],
        agent["name"],
        agent["tools"],
        agent["tier"],
        agent["public"],
    ) == ("boss", "Boss", ["Read"], "light", True)


@claim("show:origins")
def test_settings_name_their_line_or_the_default(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    place.settings(
        "company: {name: Test}\nbudget:\n  call: 0.10\nfacts: {metric: 3d}\n"
    )
    assert main(["--company", str(place.root), "show", "settings", "--json"]) == 0
    rows = {
        r["key"]: (r["value"], r["source"])
        for r in json.loads(capsys.readouterr().out)["settings"]
    }
    assert rows["budget.call"] == (0.1, ".github/agentco.yml:3")
    assert rows["budget.run"] == (1.0, "default")
    assert rows["facts.metric"] == ("3d", ".github/agentco.yml:4")
    assert rows["retention.campaign"] == ("30d after Completed", "default")
    assert rows["supervision.run.heartbeat"] == ("30s", "default")


@claim("show:origins")
def test_lists_name_everyone(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    place.agent("boss")
    place.prompt("weekly", "0 18 * * 0")
    write(
        place, ".github/skills/s/SKILL.md", "---\nname: s\ndescription: S.\n---\nS.\n"
    )
    for what, names in (
        ("agents", ["boss"]),
        ("prompts", ["/weekly", "0 18 * * 0"]),
        ("skills", ["s"]),
    ):
        assert main(["--company", str(place.root), "show", what]) == 0
        said = capsys.readouterr().out
        assert all(name in said for name in names)


@claim("show:origins")
def test_an_agent_hidden_from_the_list_can_still_be_named(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    write(
        place,
        ".github/agents/quiet.agent.md",
        "---\ndescription: Q.\nuser-invocable: false\n---\nQuiet.\n",
    )
    place.agent("boss")
    assert main(["--company", str(place.root), "show", "agents"]) == 0
    assert "quiet" not in capsys.readouterr().out
    assert main(["--company", str(place.root), "show", "agents", "quiet"]) == 0
