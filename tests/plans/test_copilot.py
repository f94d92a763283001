"""GitHub Copilot is asked through its own program: a session a call, and nothing of the user's in it."""

import asyncio
import shutil
from pathlib import Path

import pytest
from asking_plans import REQUEST, SECRETS, ask, clients, fail, longer, offer_of
from claims import claim
from msgspec.structs import replace
from programs import COPILOT, FakeProgram

from agentco.company import Reasoning
from agentco.kernel import Trouble
from agentco.runs import ChatMessage, MessageRole, StopReason, TokenUsage

NEXT_MONTH = "2096-12-01T00:00:00.000Z"


@pytest.fixture
def copilot(tmp_path: Path) -> FakeProgram:
    return FakeProgram(tmp_path / "bin", COPILOT)


def quotas(remaining: float, reset: str = NEXT_MONTH) -> dict[str, object]:
    snapshot = {"remainingPercentage": remaining, "resetDate": reset}
    return {"quotaSnapshots": {"premium_interactions": snapshot}}


@claim("plans:one-call")
def test_a_text_is_heard_as_it_comes_and_counted(
    tmp_path: Path, copilot: FakeProgram
) -> None:
    answer, heard = ask(tmp_path / "company", offer_of(copilot, "gpt-5.4"))
    assert (answer.text, answer.stop) == ("Two it is.", StopReason.END)
    assert heard == ["Two ", "it ", "is."]
    assert answer.usage == TokenUsage(input=128, output=3)
    assert copilot.methods == ["session.abort", "session.destroy"]


@claim("plans:one-call")
def test_calls_come_out_and_are_carried_out_by_nobody(
    tmp_path: Path, copilot: FakeProgram
) -> None:
    copilot.replay("tools")
    answer, _ = ask(tmp_path / "company", offer_of(copilot, "gpt-5.4"))
    assert (answer.text, answer.stop) == ("I look.", StopReason.TOOLS)
    assert [(call.id, call.name, call.arguments) for call in answer.calls] == [
        ("call_1", "Read", '{"path":"a.md"}'),
        ("call_2", "Search", '{"q":"x"}'),
    ]
    assert copilot.methods == ["session.abort", "session.destroy"]


@claim("plans:nothing-of-theirs")
def test_the_program_gets_no_key_no_settings_and_nothing_of_its_own(
    tmp_path: Path, copilot: FakeProgram
) -> None:
    ask(tmp_path / "company", offer_of(copilot, "gpt-5.4"))
    [asked] = copilot.asked
    assert not asked.env.keys() & SECRETS.keys()
    assert (asked.files, Path(asked.cwd).name) == ([], "nowhere")
    made = asked.made
    assert made["systemMessage"] == {
        "mode": "replace",
        "content": "You are Farol's CTO.\n\nBe brief.",
    }
    assert made["availableTools"] == ["custom:*"]
    assert [tool["name"] for tool in made["tools"]] == ["Read", "Search"]
    assert made["requestPermission"] is True
    assert made["model"] == "gpt-5.4"
    assert not Path(made["configDir"]).exists()
    for switched_off in (
        "enableConfigDiscovery",
        "enableFileHooks",
        "enableSkills",
        "enableSessionStore",
        "enableSessionTelemetry",
        "enableHostGitOperations",
        "enableOnDemandInstructionDiscovery",
    ):
        assert made[switched_off] is False
    assert asked.updated["skipCustomInstructions"] is True
    assert asked.updated["installedPlugins"] == []
    assert "--no-auto-update" in asked.arguments


@claim("plans:one-call")
def test_without_tools_it_has_none(tmp_path: Path, copilot: FakeProgram) -> None:
    ask(tmp_path / "company", offer_of(copilot), replace(REQUEST, tools=()))
    [asked] = copilot.asked
    assert (asked.made["tools"], asked.made["availableTools"]) == ([], [])


@claim("plans:one-call")
def test_a_program_takes_one_call_after_the_other_each_in_its_own_session(
    tmp_path: Path, copilot: FakeProgram
) -> None:
    copilot.replay("text", "tools", "text")

    async def three() -> list[str]:
        models = clients(tmp_path / "company")
        said = [
            (await models.ask(offer_of(copilot), REQUEST, print)).text for _ in range(3)
        ]
        await models.aclose()
        return said

    assert asyncio.run(three()) == ["Two it is.", "I look.", "Two it is."]
    assert len({asked.pid for asked in copilot.asked}) == 1
    assert len({asked.made["configDir"] for asked in copilot.asked}) == 3


@claim("plans:one-call")
@pytest.mark.parametrize(
    ("recording", "text", "stop"),
    [
        ("length", "half a sentence", StopReason.LENGTH),
        ("filter", "no", StopReason.REFUSED),
    ],
)
def test_a_program_that_would_ask_again_by_itself_is_ended_first(
    tmp_path: Path, copilot: FakeProgram, recording: str, text: str, stop: StopReason
) -> None:
    copilot.replay(recording, "text")

    async def twice() -> None:
        models = clients(tmp_path / "company")
        answer = await models.ask(offer_of(copilot), REQUEST, print)
        assert (answer.text, answer.stop) == (text, stop)
        assert answer.usage
        assert answer.usage.input == 128
        await models.ask(offer_of(copilot), REQUEST, print)
        await models.aclose()

    asyncio.run(twice())
    first, second = copilot.asked
    assert first.pid != second.pid


@claim("plans:one-call")
def test_an_answer_that_grows_beyond_its_longest_length_is_cut(
    tmp_path: Path, copilot: FakeProgram
) -> None:
    request = replace(REQUEST, max_tokens=1)
    answer, _ = ask(tmp_path / "company", offer_of(copilot), request)
    assert (answer.text, answer.stop) == ("Two it ", StopReason.LENGTH)
    assert answer.usage is None


@claim("plans:one-call")
def test_a_talk_goes_in_as_one_text(tmp_path: Path, copilot: FakeProgram) -> None:
    reply = ChatMessage(role=MessageRole.ASSISTANT, text="Two.")
    asked_again = ChatMessage(role=MessageRole.USER, text="Sure?")
    ask(tmp_path / "company", offer_of(copilot), longer(reply, asked_again))
    [asked] = copilot.asked
    assert asked.input.endswith(" user\nSure?\n\n" + asked.input[-20:])


@claim("plans:failures")
@pytest.mark.parametrize(
    ("recording", "trouble", "words", "hint"),
    [
        ("unauthorized", Trouble.CLOSED, "is not signed in", "copilot login"),
        ("unknown-model", Trouble.CLOSED, "is not known there", "/model"),
        ("bad-request", Trouble.REFUSED, "exceeds the limit", "second model"),
        ("busy", Trouble.BUSY, "cannot answer now: busy", "second model"),
        ("broken", Trouble.BUSY, "cannot answer now: boom", "second model"),
        ("quota", Trouble.BUSY, "is used up", "second model"),
        ("cut", Trouble.LOST, "did not finish its answer", "billed"),
    ],
)
def test_a_failure_says_what_it_means_and_what_to_do(
    tmp_path: Path,
    copilot: FakeProgram,
    recording: str,
    trouble: Trouble,
    words: str,
    hint: str,
) -> None:
    copilot.replay(recording)
    failed = fail(tmp_path / "company", offer_of(copilot))
    assert failed.trouble is trouble
    assert words in failed.what
    assert hint in failed.hint
    assert len(copilot.asked) == 1


@claim("plans:failures")
def test_nobody_signed_in_is_closed_before_anything_is_asked(
    tmp_path: Path, copilot: FakeProgram
) -> None:
    copilot.login = {"isAuthenticated": False, "statusMessage": "Not authenticated"}
    copilot.replay("text")
    failed = fail(tmp_path / "company", offer_of(copilot))
    assert failed.trouble is Trouble.CLOSED
    assert failed.what == "copilot/sonnet is not signed in: Not authenticated"
    assert failed.hint == "run copilot login"
    assert copilot.asked == []


@claim("models:reasoning")
@pytest.mark.parametrize(
    ("level", "effort"),
    [(None, None), (Reasoning.OFF, "low"), (Reasoning.HIGH, "high")],
)
def test_the_session_is_told_how_much_to_think(
    tmp_path: Path, copilot: FakeProgram, level: Reasoning | None, effort: str | None
) -> None:
    ask(tmp_path / "company", offer_of(copilot, reasoning=level))
    [asked] = copilot.asked
    assert asked.made.get("reasoningEffort") == effort


@claim("models:refused")
def test_a_model_that_takes_no_effort_is_asked_without(
    tmp_path: Path, copilot: FakeProgram
) -> None:
    copilot.replay("text", takes_no="reasoningEffort")
    offer = offer_of(copilot, reasoning=Reasoning.HIGH)
    answer, _ = ask(tmp_path / "company", offer)
    assert answer.text == "Two it is."
    [asked] = copilot.asked
    assert "reasoningEffort" not in asked.made


@claim("plans:failures")
@pytest.mark.parametrize(
    ("refuses", "trouble", "words"),
    [
        ({"connect": "no such method"}, "closed", "did not start: no such method"),
        ({"session.create": "model_not_supported"}, "closed", "is not known there"),
        ({"session.send": "too busy"}, "refused", "refused the request: too busy"),
    ],
)
def test_a_call_that_the_program_refuses_was_never_made(
    tmp_path: Path,
    copilot: FakeProgram,
    refuses: dict[str, str],
    trouble: str,
    words: str,
) -> None:
    copilot.replay("text", refuses=refuses)
    failed = fail(tmp_path / "company", offer_of(copilot))
    assert failed.trouble == trouble
    assert words in failed.what
    assert copilot.asked == []


@claim("plans:failures")
def test_a_protocol_that_is_not_known_is_not_spoken(
    tmp_path: Path, copilot: FakeProgram
) -> None:
    copilot.replay("text", protocol=4)
    failed = fail(tmp_path / "company", offer_of(copilot))
    assert failed.trouble is Trouble.CLOSED
    assert "speaks version 4 of its protocol" in failed.what


@claim("plans:failures")
def test_a_program_that_ends_at_once_says_why(
    tmp_path: Path, copilot: FakeProgram
) -> None:
    copilot.path.write_text("#!/bin/sh\necho 'no such option' >&2; exit 2\n")
    failed = fail(tmp_path / "company", offer_of(copilot))
    assert failed.trouble is Trouble.CLOSED
    assert "did not start: the program ended: no such option" in failed.what


@claim("plans:limit")
def test_a_plan_that_is_used_up_is_busy_until_its_month_begins_anew(
    tmp_path: Path, copilot: FakeProgram
) -> None:
    failure = {"model.call_failure": quotas(0.0)}
    copilot.replay({"recording": "quota", "change": failure})
    for company in ("company", "another company"):
        failed = fail(tmp_path / company, offer_of(copilot))
        assert failed.trouble is Trouble.BUSY
        assert "its premium-interactions window is used up" in failed.what
        assert failed.retry_after
        assert failed.retry_after > 86_400
    assert len(copilot.asked) == 1


@claim("plans:leave")
def test_the_founders_share_of_the_plan_is_left_to_him(
    tmp_path: Path, copilot: FakeProgram
) -> None:
    copilot.replay(
        {"recording": "text", "change": {"assistant.usage": quotas(31.0)}},
        {"recording": "text", "change": {"assistant.usage": quotas(29.0)}},
    )
    offer = offer_of(copilot, leave=30)
    for _ in range(2):
        ask(tmp_path / "company", offer)
    failed = fail(tmp_path / "company", offer)
    assert "71% is used, 30% is kept for you" in failed.what
    assert len(copilot.asked) == 2


@claim("plans:nothing-of-theirs")
def test_what_a_session_left_behind_goes_with_its_call(
    tmp_path: Path, copilot: FakeProgram
) -> None:
    ask(tmp_path / "company", offer_of(copilot))
    [asked] = copilot.asked
    assert not Path(asked.made["configDir"]).exists()
    shutil.rmtree(Path(asked.cwd))
    ask(tmp_path / "company", offer_of(copilot))
    assert copilot.asked[1].files == []
