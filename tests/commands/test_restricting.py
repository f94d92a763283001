"""What the founder sees of a department that may only read, and how it is lifted: the real commands."""

from typing import Any

import pytest
from claims import claim
from small_company import AT, Place, company_line, models_at
from typed import Do, commands_of
from wire.server import Say, WireServer

from agentco.adapters.state.open_state import open_state


@pytest.fixture
def do(place: Place, wire: WireServer, capsys: pytest.CaptureFixture[str]) -> Do:
    """Run a command in a company whose marketing was restricted after a run."""
    place.agent("marketing")
    place.settings(company_line(timezone="UTC") + models_at(wire.url))
    place.trust()
    wire.script({"*": [Say(text="A post.")]})

    run = commands_of(place.root, capsys)
    assert run("ask", "marketing", "Write it").code == 0
    with open_state(place.root) as state:
        state.write(
            lambda tx: tx.restrict_agent("marketing", AT, "it crashed four times")
        ).result()
    return run


def document(do: Do, *args: str) -> Any:
    return do(*args, "--json").document


@claim("watch:shown")
def test_inbox_standup_doctor_and_run_show_it_with_what_lifts_it(do: Do) -> None:
    shown = {
        "agent": "marketing",
        "since": AT,
        "why": "it crashed four times",
        "command": "agentco resume marketing",
    }
    assert document(do, "inbox") == {"items": [], "restricted": [shown]}
    assert document(do, "standup")["facts"]["restricted"] == [shown]
    [run] = document(do, "runs")["runs"]
    assert (
        document(do, "runs", "show", run["id"])["restricted"] == "it crashed four times"
    )
    assert {
        "name": "halt",
        "status": "warn",
        "what": f"marketing may only read since {AT}: it crashed four times",
    } | {"hint": "agentco resume marketing"} in document(do, "doctor")["checks"]
    for command in (("inbox",), ("standup",), ("doctor",), ("runs", "show", run["id"])):
        words = " ".join(do(*command).out.split())
        assert "may only read" in words
        assert "agentco resume marketing" in words
    assert "1 item waits for you" in do("inbox").out
    assert "inbox: 1 item waits for you" in do().out
    assert document(do, "status")["inbox"] == 1


@claim("watch:shown")
def test_work_of_a_restricted_department_is_done_and_says_so(do: Do) -> None:
    said = do("ask", "marketing", "Write it")
    assert (said.code, said.out) == (0, "A post.\n")
    assert (
        "warning: marketing may only read: it crashed four times: agentco resume marketing"
        in said.err
    )
    assert document(do, "ask", "marketing", "Write it")["warnings"]


@claim("watch:shown")
def test_resume_lifts_it_once_and_says_so(do: Do) -> None:
    assert do("resume").out == "the company was not halted\n"
    assert (
        do("resume", "marketing").out
        == "marketing may act again: it is no longer restricted to reading\n"
    )
    assert do("resume", "marketing").out == "marketing was not halted\n"
    assert document(do, "inbox")["restricted"] == []
    assert document(do, "resume", "marketing") == {
        "agent": "marketing",
        "halted": False,
        "changed": False,
        "lifted": False,
    }
    assert "lifted" in do("audit").out


@claim("watch:shown")
def test_resume_lifts_a_halt_and_a_restriction_together(do: Do) -> None:
    do("halt", "marketing")
    assert do("resume", "marketing").out.splitlines() == [
        "marketing is running again",
        "marketing may act again: it is no longer restricted to reading",
    ]


@claim("watch:shown")
def test_a_department_whose_file_is_gone_is_lifted_by_the_same_name(
    place: Place, do: Do
) -> None:
    (place.root / ".github/agents/marketing.agent.md").unlink()
    assert do("resume", "marketing").code == 0
    assert document(do, "inbox")["restricted"] == []
    assert do("resume", "marketing").code == 2
