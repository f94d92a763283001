"""Whatever ends a command ends it as Ctrl-C does: nothing paid is lost, nothing under way is forgotten."""

import fcntl
import json
import os
import pty
import signal
import subprocess
import termios
from collections.abc import Generator
from contextlib import contextmanager

import pytest
from claims import claim
from nights import PATIENCE_S, Company, Up, command, environment, living, until
from small_company import Place
from wire.server import Call, Say, WireServer

from agentco.runs import RunPhase

READS = Say(calls=[Call(name="Read", arguments='{"path": "BOARD.md"}')])
ENDS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
PROMPT = "---\ndescription: Reads.\nagent: reader\n---\nRead it.\n"


@pytest.fixture
def company(place: Place, wire: WireServer) -> Company:
    wire.script(
        {
            "reader": [READS, Say(text="Read.", delay=60)],
            "writer": [Say(text="The post.")],
        },
        by_turn=True,
    )
    place.board("- [ ] Something @reader id:T1")
    (place.root / ".github/prompts/review.prompt.md").write_text(PROMPT)
    return Company(place, wire, "reader", "writer")


@contextmanager
def beginning(
    company: Company, *args: str, at_terminal: bool = False
) -> Generator[tuple[subprocess.Popen[bytes], int]]:
    """A command that begins; what it says goes to a terminal of its own, whose other end we hold."""
    leader, follower = pty.openpty()

    def take_terminal() -> None:
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    process = subprocess.Popen(
        command(company.root, *args),
        env=environment(),
        stdin=follower,
        stdout=follower,
        stderr=follower,
        start_new_session=True,
        preexec_fn=take_terminal if at_terminal else None,  # noqa: PLW1509
    )
    os.close(follower)
    try:
        yield process, leader
    finally:
        process.kill()
        process.wait()


def the_run(company: Company) -> str:
    [[run]] = company.read(
        lambda t: t.fetch_rows("SELECT id FROM runs WHERE parent IS NULL")
    )
    return str(run)


def require_kept_and_in_doubt(company: Company) -> None:
    """The first answer is kept, the second call is in doubt, and every screen knows it."""
    assert company.books == (2, 1)
    items = json.loads(company.do("inbox", "--json"))["items"]
    assert [item["kind"] for item in items] == ["interrupted", "in-doubt"]
    [row] = json.loads(company.do("costs", "--json"))["rows"]
    assert row["calls"] == 2
    [run] = json.loads(company.do("runs", "--json"))["runs"]
    assert (run["status"], run["in_doubt"]) == ("interrupted", 1)


@claim("interrupt:in-order")
@pytest.mark.parametrize("ends", ENDS)
@pytest.mark.parametrize("words", [("ask", "reader", "go"), ("run", "/review")])
def test_a_signal_ends_a_command_in_order_and_what_was_under_way_is_in_doubt_at_once(
    company: Company, wire: WireServer, words: tuple[str, ...], ends: signal.Signals
) -> None:
    with beginning(company, *words) as (process, leader):
        wire.until(lambda bill: bill.requests == 2)
        process.send_signal(ends)
        assert process.wait(PATIENCE_S) == 128 + ends
        said = os.read(leader, 65536).decode()
    assert "agentco runs resume" in said
    assert "Traceback" not in said
    require_kept_and_in_doubt(company)


@claim("interrupt:in-order")
def test_a_resumed_run_whose_terminal_is_closed_ends_in_order(
    company: Company, wire: WireServer
) -> None:
    run = company.begin("reader")
    with beginning(company, "runs", "resume", run, at_terminal=True) as (
        process,
        leader,
    ):
        wire.until(lambda bill: bill.requests == 2)
        os.close(leader)
        assert process.wait(PATIENCE_S) == 128 + signal.SIGHUP
    require_kept_and_in_doubt(company)


@claim("interrupt:in-order")
def test_a_command_that_was_told_to_outlive_its_terminal_does(
    company: Company, wire: WireServer
) -> None:
    wire.script({"writer": [Say(text="The post.", delay=1)]})
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # what nohup does
    try:
        with beginning(company, "ask", "writer", "go") as (process, _):
            wire.until(lambda bill: bill.requests == 1)
            process.send_signal(signal.SIGHUP)
            assert process.wait(PATIENCE_S) == 0
    finally:
        signal.signal(signal.SIGHUP, before)


@claim("interrupt:left")
def test_what_a_person_interrupted_is_not_taken_up_until_they_say_so(
    company: Company, wire: WireServer
) -> None:
    with beginning(company, "ask", "reader", "go") as (process, _):
        wire.until(lambda bill: bill.requests == 2)
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE_S)
    run, other = the_run(company), company.begin("writer")
    wire.script(
        {"reader": [READS, Say(text="Read.")], "writer": [Say(text="The post.")]},
        by_turn=True,
    )
    for _ in range(2):
        with Up(company) as up:
            until(lambda: company.phase(other) is RunPhase.DONE, up.said)
            [going] = json.loads(company.do("status", "--json"))["runs"]
            assert (going["run"], going["status"]) == (run, "interrupted")
    assert company.phase(run) is RunPhase.WORKING
    company.do("runs", "resume", run)
    assert company.answer(run) == "Read."


@claim("up:terminal")
def test_closing_the_terminal_of_up_ends_it_in_order(
    company: Company, wire: WireServer
) -> None:
    wire.script({"reader": [Say(text="Read.", delay=2)]})
    run = company.begin("reader")
    with beginning(company, "up", at_terminal=True) as (process, leader):
        wire.until(lambda bill: bill.requests == 1)
        os.close(leader)
        assert process.wait(PATIENCE_S) == 128 + signal.SIGHUP
    assert company.books == (1, 0)
    assert company.phase(run) is RunPhase.WORKING


@claim("inbox:doubt")
@pytest.mark.parametrize(("how", "calls"), [("--done", 3), ("--drop", 0)])
def test_what_a_crash_left_in_doubt_is_settled_at_once(
    company: Company, wire: WireServer, how: str, calls: int
) -> None:
    wire.script({"reader": [Say(text="Late.", delay=60)]})
    runs = [company.begin("reader", f"Task {n}") for n in range(3)]
    with Up(company) as up:
        until(lambda: wire.bill.requests == 3, up.said)
        pids = [company.process(run) for run in runs]
        up.process.kill()
    until(lambda: not any(map(living, pids)))
    for run in runs:
        company.do("runs", "cancel", run)
    assert company.books == (3, 3)
    said = company.do("inbox")
    assert "3 calls may have been billed, up to $" in said
    assert said.count("agentco inbox settle --all") == 1
    assert "1 item waits for you" in said
    assert len(json.loads(company.do("inbox", "--json"))["items"]) == 3
    assert "one of --done and --drop" in company.do("inbox", "settle", "--all", code=2)
    assert (
        json.loads(company.do("inbox", "settle", "--all", how, "--json"))["calls"] == 3
    )
    assert "nothing is waiting for you" in company.do("inbox")
    assert company.books[0] == calls
