"""`agentco runs watch`: the work of another process is seen, and left alone."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest
from claims import claim
from processes import environment
from small_company import Place, company_line, models_at
from terminal_picture import HIDE, SHOW, pictures_of
from terminal_screen import Screen
from typed import Do
from wire.server import Call, Fault, Say, WireServer

LIMIT_S = 60
REVIEWED = json.dumps(
    {"verdicts": [{"trigger": "fairness", "verdict": "APPROVED", "because": "fair"}]}
)
APPROVES = Say(calls=[Call(name="Verdict", arguments=REVIEWED)])


@pytest.fixture
def firm(place: Place, wire: WireServer) -> Place:
    """A writer and a lawyer, who never answers unless a test says so."""
    rule = "triggers: [{name: fairness, words: [clause], consult: [lawyer]}]\n"
    place.settings(company_line() + models_at(wire.url, "law") + rule)
    place.agent("writer", "---\ndescription: Writes.\ntools: [Board]\n---\nI write.\n")
    own = "agentco: {model: workshop/law}"
    text = f"---\ndescription: Reads.\n{own}\ntools: [Board]\n---\nI am lawyer.\n"
    place.agent("lawyer", text)
    place.trust()
    reading = [Say(fault=Fault.NO_HEAD)]
    wire.script({"m": [Say(text="The clause is fair.")], "law": reading})
    return place


@pytest.fixture
def at_work(firm: Place) -> Iterator[subprocess.Popen[str]]:
    """Another process whose writer waits for the lawyer."""
    words = ["--company", str(firm.root), "ask", "writer", "draft it"]
    with subprocess.Popen(
        [sys.executable, "-m", "agentco", *words],
        env={**environment(), **os.environ},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr
        for line in process.stderr:
            if line == "lawyer: reads the draft (fairness)\n":
                break
        yield process
        process.kill()


def run_of(do: Do) -> str:
    (run,) = do("runs", "--json").document["runs"]
    return run["id"]


@claim("live:watch")
def test_the_work_of_another_process_is_seen_and_ctrl_c_leaves_it_alone(
    firm: Place, at_work: subprocess.Popen[str], do: Do
) -> None:
    screen = Screen(firm, "runs", "watch")
    shown = screen.picture("1 review open", "workshop/law")
    assert "writer  waiting" in shown
    assert "The clause is fair." in shown
    os.kill(screen.process.pid, signal.SIGINT)
    screen.end()
    assert screen.process.returncode == 130
    assert screen.seen.count(HIDE) == screen.seen.count(SHOW) == 1
    run = run_of(do)
    assert f"the run is left alone: agentco runs watch {run}" in screen.seen
    assert at_work.poll() is None
    assert do("runs", "--json").document["runs"][0]["status"] == "running"


@claim("live:watch")
def test_watching_ends_with_the_run(
    firm: Place, at_work: subprocess.Popen[str], do: Do
) -> None:
    run = run_of(do)
    screen = Screen(firm, "runs", "watch", run[:4])
    screen.picture("1 review open", "workshop/law")
    assert do("runs", "cancel", run).code == 0
    screen.end()
    assert screen.process.returncode == 1
    left = pictures_of(screen.seen)[-1]
    assert "cancelled, $0.0" in left
    assert f"agentco runs show {run} --why" in left
    assert at_work.wait(LIMIT_S) == 1


@claim("live:watch")
def test_what_is_over_is_told_from_its_beginning_in_lines_and_as_json(
    firm: Place, wire: WireServer, do: Do
) -> None:
    del firm
    wire.script({"m": [Say(text="The clause is fair.")], "law": [APPROVES]})
    run = do("ask", "writer", "draft it", "--json").document["run"]
    said = do("runs", "watch", run)
    assert (said.code, said.err) == (0, "")
    *lines, last = said.out.splitlines()
    assert lines == [
        "writer: asks workshop/m",
        "writer: wrote a draft, 4 words",
        "lawyer: reads the draft (fairness)",
        "lawyer: APPROVED (fairness): fair",
    ]
    assert last.startswith("done, $0.0")
    assert last.endswith(f"agentco runs show {run} --text")
    told = [
        json.loads(line) for line in do("runs", "watch", run, "--json").out.splitlines()
    ]
    assert [one["event"] for one in told] == [
        "asked",
        "draft",
        "reading",
        "verdict",
        "ended",
        "status",
    ]
    assert all(one["at"].endswith("+00:00") and one["run"] == run for one in told)
    assert told[3]["what"] == "APPROVED (fairness): fair"
    assert (told[5]["status"], told[5]["cost_usd"] > 0) == ("done", True)


@claim("live:watch")
@pytest.mark.usefixtures("firm")
def test_where_nothing_runs_it_says_so_with_the_next_step(do: Do) -> None:
    said = do("runs", "watch")
    assert (said.code, said.out) == (2, "")
    assert "nothing is running now" in said.err
    assert "agentco runs lists what ran" in said.err
    assert do("runs", "watch", "nobody").code == 2
