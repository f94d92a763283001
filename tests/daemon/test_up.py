"""`agentco up` with real processes: what ends goes on, what is paid is not paid again, and one daemon is enough."""

import asyncio
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from claims import claim
from msgspec.structs import replace
from nights import PATIENCE_S, Company, Up, command, environment, living, until
from small_company import Place
from typed import Do
from wire.server import Call, Say, WireServer

from agentco.adapters.daemon import HOST_FILE
from agentco.adapters.files import KeptHalts, hold_lock, prepare_lock_path, trust_folder
from agentco.adapters.process_tree import process_mark
from agentco.adapters.state import Drivers
from agentco.ports import Halt
from agentco.runs import RunPhase
from agentco.upkeep import unit_word
from agentco.wiring import open_company

READS = Say(calls=[Call(name="Read", arguments='{"path": "BOARD.md"}')])
ASKS = Say(calls=[Call(name="AskFounder", arguments='{"question": "Which price?"}')])
FROZEN_S = 8.0
"""Longer than a heartbeat may be late in a test, and than the system would wait."""
AT = "2026-11-21T09:00:00+00:00"
NAMES = ("writer", "slow", "reader", "asker")


@pytest.fixture
def company(place: Place, wire: WireServer) -> Company:
    wire.script(
        {
            "writer": [Say(text="The post.")],
            "slow": [Say(text="Late.", delay=60)],
            "reader": [READS, Say(text="Read.", delay=2)],
            "asker": [ASKS, Say(text="Nine euros.")],
        },
        by_turn=True,
    )
    place.board("- [ ] Something @writer id:T1")
    return Company(place, wire, *NAMES)


def status(company: Company) -> dict[str, object]:
    return json.loads(company.do("status", "--json"))


def done(company: Company, run: str) -> bool:
    return company.phase(run) is RunPhase.DONE


@claim("up:goes-on")
def test_what_was_interrupted_goes_on_and_the_status_tells_it(company: Company) -> None:
    run, slow = company.begin("writer"), company.begin("slow")
    with Up(company) as up:
        until(lambda: done(company, run) and company.sent(slow), up.said)
        found = status(company)
        assert (found["up"], found["pid"], found["host"]) == (
            True,
            up.process.pid,
            socket.gethostname(),
        )
        assert found["departments"] == [
            {
                "agent": name,
                "status": "working" if name == "slow" else "idle",
                "why": None,
            }
            for name in sorted(NAMES)
        ]
        going = found["runs"]
        assert [(one["run"], one["status"]) for one in going] == [(slow, "running")]  # pyright: ignore[reportGeneralTypeIssues, reportUnknownVariableType]
        assert company.answer(run) == "The post."
        os.kill(company.process(slow), signal.SIGKILL)
    assert not status(company)["up"]


@claim("up:one")
def test_a_second_daemon_exits_with_the_pid_and_the_host_of_the_first(
    company: Company,
) -> None:
    with Up(company) as up:
        said = company.up(code=5)
        assert f"process {up.process.pid} on {socket.gethostname()}" in said
        assert "agentco down" in said
        assert up.process.poll() is None


@claim("up:one-host")
def test_another_machine_is_refused_until_it_takes_over(company: Company) -> None:
    (company.root / HOST_FILE).write_text("elsewhere\n")
    assert "'elsewhere'" in company.up(code=5)
    with Up(company, "--take-over"):
        name, seat = (company.root / HOST_FILE).read_text().splitlines()
        assert (name, len(seat)) == (socket.gethostname(), 16)
    with Up(company):
        pass


@claim("up:trust")
def test_a_folder_that_is_not_trusted_is_not_run(company: Company) -> None:
    company.do("trust", "--forget", code=0)
    assert "agentco trust" in company.up(code=6)
    assert not (company.root / HOST_FILE).exists()


@claim("up:kills")
def test_a_killed_run_goes_on_and_what_was_answered_is_not_paid_again(
    company: Company, wire: WireServer
) -> None:
    run = company.begin("reader")
    with Up(company) as up:
        until(lambda: wire.bill.requests == 2, up.said)
        os.kill(company.process(run), signal.SIGKILL)
        until(lambda: done(company, run), up.said)
        assert company.answer(run) == "Read."
        assert wire.bill.requests == 3
        assert company.books == (3, 1)
        assert "SIGKILL" in up.said()


@claim("up:kills")
def test_a_killed_run_server_takes_no_run_along(
    company: Company, wire: WireServer
) -> None:
    runs = [company.begin("reader"), company.begin("reader", "And then?")]
    with Up(company) as up:
        until(lambda: wire.bill.requests == 4, up.said)
        pids = [company.process(run) for run in runs]
        first = up.server
        os.kill(first, signal.SIGKILL)
        until(lambda: all(done(company, run) for run in runs), up.said)
        assert not any(map(living, pids))
        assert up.server != first
        assert company.books == (wire.bill.requests, 2)


@claim("up:kills")
def test_a_killed_daemon_leaves_nobody_behind_and_the_next_one_goes_on_within_seconds(
    company: Company, wire: WireServer
) -> None:
    runs = [company.begin("reader"), company.begin("slow")]
    with Up(company) as up:
        until(lambda: wire.bill.requests == 3, up.said)
        pids = [up.server, *(company.process(run) for run in runs)]
        up.process.kill()
        killed = time.monotonic()
        until(lambda: not any(map(living, pids)), up.said)
        assert time.monotonic() - killed < 5
    with Up(company) as up:
        until(lambda: all(company.sent(run) for run in runs), up.said)
        until(lambda: done(company, runs[0]), up.said)
        assert company.books[1] == 2
        assert wire.bill.requests == 5
        os.kill(company.process(runs[1]), signal.SIGKILL)


@claim("up:alone")
@pytest.mark.parametrize("server", [signal.SIGKILL, signal.SIGSTOP])
def test_with_the_daemon_gone_no_run_makes_another_call_whatever_became_of_the_server(
    company: Company, wire: WireServer, server: signal.Signals
) -> None:
    wire.script({"reader": [replace(READS, delay=2), Say(text="Read.")]}, by_turn=True)
    runs = [company.begin("reader", f"Task {n}") for n in range(3)]
    with Up(company) as up:
        until(lambda: wire.bill.requests == 3, up.said)
        pids = [company.process(run) for run in runs]
        first = up.server
        os.kill(first, server)
        up.process.kill()
        killed = time.monotonic()
        try:
            until(lambda: not any(map(living, pids)), up.said)
            assert time.monotonic() - killed < 2
        finally:
            with suppress(ProcessLookupError):
                os.kill(first, signal.SIGKILL)
    assert wire.bill.requests == 3
    assert all(company.phase(run) is RunPhase.WORKING for run in runs)


@claim("up:kills")
def test_what_another_process_still_drives_is_taken_up_when_that_has_ended(
    company: Company,
) -> None:
    with open_company(company.root).open_office() as office:
        run = asyncio.run(company.ask(office, "writer"))
        with Up(company) as up:
            until(lambda: f"run {run} is running" in up.said(), up.said)
            assert isinstance(office.drivers, Drivers)
            office.drivers.stop_driving()
            until(lambda: done(company, run), up.said)


@claim("up:drains")
@pytest.mark.parametrize(
    ("ends", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)]
)
def test_it_ends_in_order_and_keeps_the_answer_that_is_under_way(
    company: Company, wire: WireServer, ends: int, code: int
) -> None:
    run = company.begin("reader")
    with Up(company) as up:
        until(lambda: wire.bill.requests == 2, up.said)
        pid = company.process(run)
        assert up.ended(ends) == code
        assert not living(pid)
        assert company.books == (2, 0)
        assert not done(company, run)
    with Up(company) as up:
        until(lambda: done(company, run), up.said)
        assert wire.bill.requests == 2


@claim("up:drains")
def test_a_second_interrupt_ends_it_at_once_and_nothing_is_left(
    company: Company,
) -> None:
    run = company.begin("slow")
    with Up(company) as up:
        until(lambda: company.sent(run), up.said)
        pids = [up.server, company.process(run)]
        up.process.send_signal(signal.SIGINT)
        until(lambda: "stopping" in up.said())
        began = time.monotonic()
        assert up.ended(signal.SIGINT) == 130
        until(lambda: not any(map(living, pids)))
        assert time.monotonic() - began < 4
        assert company.phase(run) is RunPhase.WORKING


@claim("up:stands-still")
def test_a_daemon_that_was_stopped_for_a_while_goes_on(company: Company) -> None:
    with Up(company) as up:
        for pid in (up.process.pid, up.server):
            os.kill(pid, signal.SIGSTOP)
        run = company.begin("asker")
        for pid in (up.server, up.process.pid):
            os.kill(pid, signal.SIGCONT)
        assert up.process.poll() is None
        company.do("runs", "resume", run, code=6)
        company.do("answer", f"{run}.2", "nine")
        until(lambda: done(company, run), up.said)


@claim("up:frozen")
def test_a_machine_that_stood_still_is_not_taken_for_hung_runs(
    company: Company, wire: WireServer
) -> None:
    company.settings("supervision: {run: {heartbeat: 2s}}")
    company.place.trust()
    wire.script({"reader": [replace(READS, delay=2), Say(text="Read.")]}, by_turn=True)
    runs = [company.begin("reader", f"Task {n}") for n in range(2)]
    with Up(company) as up:
        until(lambda: wire.bill.requests == 2, up.said)
        pids = [up.process.pid, up.server, *map(company.process, runs)]
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        wire.until(lambda bill: bill.calls == 2)
        stopped = time.monotonic()
        until(lambda: time.monotonic() - stopped > FROZEN_S)
        for pid in reversed(pids):
            os.kill(pid, signal.SIGCONT)
        until(lambda: all(done(company, run) for run in runs), up.said)
        assert "heartbeat" not in up.said()
        assert wire.bill.requests == 4
        assert company.books == (4, 0)


@claim("up:decided")
def test_what_waits_is_parked_and_goes_on_once_another_process_decided_it(
    company: Company,
) -> None:
    asks, writes = company.begin("asker"), company.begin("writer")
    with Up(company) as up:
        until(lambda: done(company, writes) and "is waiting" in up.said(), up.said)
        company.do("answer", f"{asks}.2", "nine")
        until(lambda: done(company, asks), up.said)
        assert company.answer(asks) == "Nine euros."


@claim("up:halts")
def test_a_halt_stops_what_goes_on_and_resume_lets_it_go_on(
    company: Company, wire: WireServer
) -> None:
    run = company.begin("slow")
    with Up(company) as up:
        until(lambda: company.sent(run), up.said)
        pid = company.process(run)
        company.do("halt")
        until(lambda: not living(pid), up.said)
        assert company.books == (1, 1)
        wire.script({"slow": [Say(text="On time.")]})
        company.do("resume")
        until(lambda: done(company, run), up.said)


@claim("up:edits")
def test_an_edit_holds_for_what_begins_after_it_and_a_broken_one_changes_nothing(
    company: Company, wire: WireServer
) -> None:
    role = company.root / ".github/agents/reader.agent.md"
    with Up(company) as up:
        role.write_text(role.read_text().replace("Read, Board", "Read, Search"))
        until(lambda: "what starts from now on" in up.said(), up.said)
        run = company.begin("reader")
        up.process.send_signal(signal.SIGHUP)
        company.place.settings("models: {medium: [")
        until(lambda: "not loaded" in up.said(), up.said)
        assert up.process.poll() is None
        company.settings()
        until(lambda: up.said().count("what starts from now on") >= 2, up.said)
        assert wire.bill.requests == 0
        assert company.phase(run) is RunPhase.WORKING


@claim("up:edits")
def test_a_run_that_crashes_while_the_settings_are_broken_goes_on_by_the_last_good_ones(
    company: Company, wire: WireServer
) -> None:
    run = company.begin("reader")
    with Up(company) as up:
        until(lambda: wire.bill.requests == 2, up.said)
        pid = company.process(run)
        company.place.settings("models: {medium: [")
        until(lambda: "not loaded" in up.said(), up.said)
        os.kill(pid, signal.SIGKILL)
        until(lambda: wire.bill.calls >= 2, up.said)
        company.settings()
        until(lambda: done(company, run), up.said)


@claim("up:quiet")
def test_it_asks_no_model_while_nothing_happens(
    company: Company, wire: WireServer
) -> None:
    with Up(company) as up:
        for n in range(3):
            up.process.send_signal(signal.SIGHUP)
            until(lambda n=n: up.said().count("what starts from now on") > n, up.said)
        assert wire.bill.requests == 0
        assert up.said().count("\n") == 3


@claim("up:detached")
def test_it_goes_on_in_the_background_until_it_is_told_to_end(company: Company) -> None:
    said = company.up("--detach")
    try:
        found = status(company)
        assert f"process {found['pid']}" in said
        run = company.begin("writer")
        assert "is already running" in company.up("--detach", code=5)
        assert not done(company, run)
    finally:
        assert "has ended" in company.do("down")
    assert "was not running" in company.do("down")
    log = company.root / ".agentco/up.log"
    assert "stopping" in log.read_text()
    assert log.stat().st_mode & 0o777 == 0o600


@claim("up:unit")
def test_it_prints_a_unit_that_starts_it(company: Company) -> None:
    unit = company.up("--print-unit")
    assert f"--company {company.root} up" in unit
    assert "SuccessExitStatus=143" in unit


@claim("up:unit")
@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ('"x\\nExecStartPre=/bin/evil"', "x ExecStartPre=/bin/evil"),
        ('"%h \\u2028 \\\\"', "%%h   \\"),
        ("Café", "Café"),
    ],
)
def test_no_name_becomes_a_directive_of_the_unit(
    company: Company, name: str, shown: str
) -> None:
    text = f"company: {{name: {name}}}\n"
    company.place.settings(text)
    company.place.trust()
    unit = company.do("up", "--print-unit")
    keys = [line.partition("=")[0] for line in unit.splitlines() if "=" in line]
    assert keys == [
        "Description",
        "After",
        "ExecStart",
        "ExecReload",
        "Restart",
        "SuccessExitStatus",
        "TimeoutStopSec",
        "WantedBy",
    ]
    assert f"Description={shown}, by agentco" in unit.splitlines()


@claim("up:unit")
@pytest.mark.parametrize(
    ("path", "word"),
    [
        ("/srv/farol-1", "/srv/farol-1"),
        ("/my company", '"/my company"'),
        ("/50%/$HOME", '"/50%%/$$HOME"'),
        ('/a"b\\', r'"/a\x22b\x5c"'),
        ("/é\n[Install]", r'"/\xc3\xa9\x0a[Install]"'),
        ("/\udcff;", r'"/\xff;"'),
    ],
)
def test_a_path_is_one_word_of_the_unit(path: str, word: str) -> None:
    assert unit_word(path) == word


@claim("up:unit")
def test_no_unit_is_printed_for_a_folder_that_is_not_trusted(company: Company) -> None:
    company.place.settings("env: [NEW]\n")
    assert "changed since it was trusted" in company.do("up", "--print-unit", code=6)


@claim("up:one")
@pytest.mark.parametrize("words", ["", "0\n", "-1\n", "abc\n", "-1\nhost\nsince\n"])
def test_a_daemon_that_is_not_named_is_told_and_nobody_is_signalled(
    company: Company, do: Do, words: str
) -> None:
    lock_file = prepare_lock_path(company.root / "up")
    with hold_lock(company.root / "up"):
        lock_file.write_text(words)
        said = do("down")
        assert (said.code, "does not name the process" in said.err) == (5, True)
        assert do("status", "--json").document["pid"] == 0
        company.up(code=5)


@claim("up:whose-pid")
@pytest.mark.parametrize("mark", ["", "host", "1.00-0123456789abcdef", "own", "old"])
def test_a_process_that_did_not_write_the_lock_is_not_signalled(
    company: Company, mark: str
) -> None:
    """A stale pid that another process got since, also while a second look holds the lock."""
    lock_file = prepare_lock_path(company.root / "up")
    with (
        subprocess.Popen([sys.executable, "-c", "input()"], stdin=-1) as victim,
        hold_lock(company.root / "up"),
    ):
        marks = {"own": process_mark(os.getpid()), "old": process_mark(victim.pid)[1:]}
        lock_file.write_text(f"{victim.pid}\n{marks.get(mark, mark)}\nhost\nsince\n")
        assert "does not name the process" in company.do("down", code=5)
        found = status(company)
        assert (found["up"], found["pid"]) == (True, 0)
        assert "its lock does not name the process" in company.do("status")
        assert victim.poll() is None
        victim.kill()


@claim("up:whose-pid")
def test_what_the_daemon_wrote_of_itself_is_believed(company: Company) -> None:
    with Up(company) as up:
        words = prepare_lock_path(company.root / "up").read_text().split()
        assert words[:2] == [str(up.process.pid), process_mark(up.process.pid)]
        assert status(company)["pid"] == up.process.pid
        assert "has ended" in company.do("down")
    assert process_mark(up.process.pid) == ""


@claim("up:one")
@pytest.mark.parametrize("kind", ["link", "hard link", "pipe", "folder"])
def test_a_log_that_leads_elsewhere_is_refused_and_left_alone(
    company: Company, kind: str
) -> None:
    victim = company.root.parent / "victim"
    victim.write_text("mine")
    log = prepare_lock_path(company.root / "up").with_name("up.log")
    if kind == "link":
        log.symlink_to(victim)
    elif kind == "hard link":
        log.hardlink_to(victim)
    elif kind == "pipe":
        os.mkfifo(log)
    else:
        log.mkdir()
    assert "up.log" in company.up("--detach", code=5)
    assert victim.read_text() == "mine"


def state_of(company: Company) -> Path:
    return company.root / ".agentco" / "state.db"


LOSSES: dict[str, Callable[[Company], object]] = {
    "the folder is moved": lambda one: one.root.rename(one.root.with_name("moved")),
    "the folder is deleted": lambda one: shutil.rmtree(one.root),
    "the state is deleted": lambda one: state_of(one).unlink(),
}


@claim("up:gone")
@pytest.mark.parametrize("loss", LOSSES)
def test_a_daemon_whose_folder_or_state_is_gone_says_so_and_makes_nothing_again(
    company: Company, wire: WireServer, loss: str
) -> None:
    run = company.begin("slow")
    with Up(company) as up:
        until(lambda: company.sent(run), up.said)
        pids = [up.server, company.process(run)]
        LOSSES[loss](company)
        assert up.process.wait(PATIENCE_S) == 5
        assert "was moved, deleted or replaced while it was in use" in up.said()
        until(lambda: not any(map(living, pids)), up.said)
    assert not state_of(company).exists()
    assert company.root.exists() is ("folder" not in loss)
    assert wire.bill.requests == 1


@claim("up:gone")
def test_a_daemon_whose_memory_is_gone_with_its_folder_says_so_and_ends(
    company: Company,
) -> None:
    company.do("memory", "add", "rent", "due monthly", "--type", "note")
    with Up(company) as up:
        shutil.rmtree(company.root / "memory")
        assert up.process.wait(PATIENCE_S) == 5
        assert "memory.jsonl' was there before and is missing now" in up.said()
    assert not (company.root / "memory").exists()


@claim("halt:kept")
def test_a_halt_that_only_the_trust_holds_stops_what_is_under_way(
    company: Company,
) -> None:
    run = company.begin("slow")
    with Up(company) as up:
        until(lambda: company.sent(run), up.said)
        KeptHalts(company.root).keep(Halt(scope="", since=AT, by="ines"))
        until(lambda: not company.sent(run), up.said)
        assert "is halted since" in company.do("status")
    assert company.phase(run) is RunPhase.WORKING


@claim("up:seat")
def test_a_machine_that_is_called_otherwise_now_goes_on(company: Company) -> None:
    with Up(company):
        name, seat = (company.root / HOST_FILE).read_text().splitlines()
    assert name == socket.gethostname()
    (company.root / HOST_FILE).write_text(f"a-name-of-another-network\n{seat}\n")
    with Up(company):
        pass
    assert (company.root / HOST_FILE).read_text().startswith("a-name-of-another")


@claim("up:seat")
def test_two_clones_on_one_machine_do_not_both_run_the_slots(
    company: Company, tmp_path: Path
) -> None:
    with Up(company):
        clone = Path(shutil.copytree(company.root, tmp_path / "clone"))
        shutil.rmtree(clone / ".agentco")
        trust_folder(clone, open_company(clone).trust.status().reach, at=AT)
        said = subprocess.run(
            command(clone, "up"),
            env=environment(),
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE_S,
        )
        assert said.returncode == 5
        assert "from another folder" in said.stderr
        assert "--take-over" in said.stderr


@claim("up:log")
def test_the_log_of_a_daemon_is_put_aside_while_it_runs(company: Company) -> None:
    log = company.root / ".agentco" / "up.log"
    try:
        company.up("--detach")
        with log.open("ab") as file:
            file.write(b"a line of the log\n" * 60_000)
        old = log.with_suffix(".log.old")
        until(lambda: old.exists() and log.stat().st_size < 1000, log.read_text)
        assert old.read_bytes().endswith(b"a line of the log\n")
        company.begin("writer")
        until(lambda: b"writer" in log.read_bytes(), log.read_text)
    finally:
        company.do("down")
    assert log.stat().st_size + old.stat().st_size < 2_000_000
