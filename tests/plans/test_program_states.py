"""What the program of a plan says of itself: its version, whose login it has, how far the plan is used."""

import os
from pathlib import Path
from typing import Any

import pytest
from claims import claim
from programs import CLAUDE, COPILOT, FakeProgram
from small_company import SETTINGS, Place
from typed import Do

pytestmark = claim("plans:shown")
KINDS = [(CLAUDE, "claude-code/sonnet"), (COPILOT, "copilot/gpt-5.4-mini")]
NEVER = 4_000_000_000


def with_program(place: Place, program: FakeProgram, model: str) -> None:
    """A company whose settings name the program by its place; nobody trusts it yet."""
    kind = model.partition("/")[0]
    place.agent("cto")
    place.settings(
        f"{SETTINGS}models: {{medium: [{model}]}}\n"
        f'providers: {{{kind}: {{program: "{program.path}"}}}}\n'
    )


def checks(do: Do, name: str) -> list[tuple[str, str]]:
    found: list[dict[str, Any]] = do("doctor", "--json").document["checks"]
    return [
        (check["status"], check["what"]) for check in found if check["name"] == name
    ]


@pytest.mark.parametrize(
    ("version", "model", "whose"),
    [
        (CLAUDE, "claude-code/sonnet", "ana@farol.example (pro plan)"),
        (COPILOT, "copilot/gpt-5.4-mini", "ana"),
    ],
)
def test_trust_shows_program_version_and_whose_login(
    place: Place, do: Do, tmp_path: Path, version: str, model: str, whose: str
) -> None:
    program = FakeProgram(tmp_path / "bin", version)
    with_program(place, program, model)
    place.trust()
    number = version.partition("-")[2]
    [shown] = do("trust", "--show", "--json").document["programs"]
    assert not shown["problem"], shown["problem"]
    assert (shown["version"], shown["login"], shown["signed_in"]) == (
        number,
        whose,
        True,
    )
    assert shown["path"] == str(program.path)
    line = f"{number} at {program.path}, signed in as {whose}\n"
    assert line in do("trust", "--show").out
    [(status, what)] = checks(do, "program")
    assert status == "ok"
    assert what.endswith(line.rstrip())
    assert program.asked == []


@pytest.mark.parametrize(("version", "model"), KINDS)
def test_a_program_that_an_untrusted_folder_names_is_not_started(
    place: Place, do: Do, tmp_path: Path, version: str, model: str
) -> None:
    program = FakeProgram(tmp_path / "bin", version)
    mark = tmp_path / "was started"
    program.path.write_text(f'#!/bin/sh\ntouch "{mark}"\n')
    with_program(place, program, model)
    assert "not started until you trust this folder" in do("trust", "--show").out
    [(status, _)] = checks(do, "program")
    assert status == "warn"
    assert not mark.exists()
    place.trust()
    do("trust", "--show")
    assert mark.exists()


def test_the_founders_own_program_says_whose_login_before_trust(
    place: Place, do: Do, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = FakeProgram(tmp_path / "bin", CLAUDE)
    path = os.pathsep.join([str(program.path.parent), os.environ["PATH"]])
    monkeypatch.setenv("PATH", path)
    place.settings(f"{SETTINGS}models: {{medium: [claude-code/sonnet]}}\n")
    assert "signed in as ana@farol.example (pro plan)" in do("trust", "--show").out


@pytest.mark.parametrize(("version", "model"), KINDS)
def test_nobody_signed_in_is_said_with_what_to_do(
    place: Place, do: Do, tmp_path: Path, version: str, model: str
) -> None:
    program = FakeProgram(tmp_path / "bin", version)
    program.login = {"loggedIn": False, "isAuthenticated": False}
    program.replay("text")
    with_program(place, program, model)
    place.trust()
    said = do("trust", "--show")
    assert "not signed in (run " in said.out
    [(status, what)] = checks(do, "program")
    assert (status, what.endswith("not signed in")) == ("warn", True)


def test_a_program_that_is_not_there_or_says_nothing_of_use_is_told(
    place: Place, do: Do, tmp_path: Path
) -> None:
    program = FakeProgram(tmp_path / "bin", CLAUDE)
    with_program(place, program, "claude-code/sonnet")
    place.trust()
    program.path.write_text("#!/bin/sh\necho '2.0.1 (Claude Code)'\n")
    assert "does not say whether anybody is signed in" in do("trust", "--show").out
    program.path.unlink()
    [(status, what)] = checks(do, "program")
    assert status == "warn"
    assert "is not there: install Claude Code" in what
    with_program(place, FakeProgram(tmp_path / "b", COPILOT), "copilot/x")
    place.trust()
    (tmp_path / "b" / "copilot").write_text("#!/bin/sh\necho 'no such option' >&2\n")
    [(status, what)] = checks(do, "program")
    assert status == "warn"
    assert "did not start" in what


def test_doctor_shows_how_far_a_plan_is_used_and_until_when(
    place: Place, do: Do, tmp_path: Path
) -> None:
    program = FakeProgram(tmp_path / "bin", CLAUDE, counts=True)
    with_program(place, program, "claude-code/sonnet")
    place.trust()
    windows = {
        "five_hour": {"utilization": 1.0, "resetsAt": NEVER},
        "seven_day": {"utilization": 0.42, "resetsAt": NEVER},
    }
    info = {"status": "allowed", "unifiedWindows": windows}
    program.replay(
        {"recording": "text", "change": {"rate_limit_event": {"rate_limit_info": info}}}
    )
    assert do("ask", "cto", "what is 1+1?").code == 0
    assert checks(do, "plan") == [
        ("warn", "claude-code: its five-hour window is used up until 2096-10-02 08:06"),
        (
            "ok",
            "claude-code: 42% of its seven-day window is used, until 2096-10-02 08:06",
        ),
    ]


@claim("models:shown")
def test_the_limits_of_a_plan_are_shown_with_what_is_used_of_them(
    place: Place, do: Do, tmp_path: Path
) -> None:
    program = FakeProgram(tmp_path / "bin", CLAUDE, counts=True)
    with_program(place, program, "claude-code/sonnet")
    settings = place.root / ".github" / "agentco.yml"
    limit = "limits: {claude-code/sonnet: {tokens_per_day: 90000, leave: 30%}}\n"
    settings.write_text(settings.read_text() + limit)
    place.trust()
    for used in (0.42, 0.71):
        windows = {"five_hour": {"utilization": used, "resetsAt": NEVER}}
        info = {"status": "allowed", "unifiedWindows": windows}
        told = {"rate_limit_event": {"rate_limit_info": info}}
        program.replay({"recording": "text", "change": told})
        assert do("ask", "cto", "what is 1+1?").code == 0
        [row] = do("costs", "--json").document["rows"]
        taken = row["input_tokens"] + row["output_tokens"]
        [model] = do("show", "models", "--json").document["models"]
        assert (model["tokens_today"], model["tokens_per_day"]) == (taken, 90_000)
        assert (model["leave_percent"], model["windows"]) == (
            30,
            [
                {
                    "name": "five_hour",
                    "used_percent": pytest.approx(used * 100),
                    "resets": "2096-10-02T07:06:40+00:00",
                }
            ],
        )
        shown = " ".join(do("show", "models").out.split())
        assert f"{taken:,} of 90,000 tokens" in shown
        assert f"{used * 100:.0f}% of its five-hour window used; 30% kept for you" in (
            shown
        )
    assert "no: rests until 2096-10-02 08:06: of its five-hour window 71%" in shown
    asked = len(program.asked)
    assert do("ask", "cto", "what is 2+2?").code == 4
    assert len(program.asked) == asked


def test_tokens_and_shares_are_no_dollars_in_what_is_trusted(
    place: Place, do: Do
) -> None:
    place.settings(
        f"{SETTINGS}limits: {{claude-code/sonnet: {{tokens_per_day: 3000000, leave: 30%}}}}\n"
    )
    reach = do("trust", "--show", "--json").document["reach"]
    assert "limits claude-code/sonnet tokens_per_day: 3000000" in reach
    assert "limits claude-code/sonnet leave: 30" in reach
