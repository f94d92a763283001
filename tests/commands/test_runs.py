"""`ask`, `run`, `runs`, `inbox` and what decides: the real commands, a real server, every word on the right stream."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from claims import claim
from small_company import SETTINGS, Place
from wire.server import Say, WireServer

from agentco.edges.cli.main import main
from agentco.edges.cli.trust import standing
from agentco.edges.ports import edges_of
from agentco.edges.state import STATE
from agentco.edges.trust_file import trust

MODELS = """
models: {{medium: [workshop/m]}}
providers: {{workshop: {{kind: openai, api_base: "{url}"}}}}
prices: {{workshop/m: {{input: 1, output: 2}}}}
"""
ASKS = '- calls: [{name: AskFounder, arguments: {question: "Which price?"}}]\n- text: The post.\n'
PROPOSES = """
- calls: [{name: Memory, arguments: {operation: create_entities, entities: [
    {name: "deadline:vat", entityType: deadline, observations: ["Due: 2027-01-15"]}]}}]
- text: Proposed.
"""


class Said:
    """What a command said: exit code, stdout, stderr."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def document(self) -> dict[str, Any]:
        return json.loads(self.out)


Do = Callable[..., Said]


@pytest.fixture
def do(place: Place, capsys: pytest.CaptureFixture[str]) -> Do:
    """Run a command in the company."""

    def run(*args: str) -> Said:
        capsys.readouterr()
        code = main(["--company", str(place.root), *args])
        captured = capsys.readouterr()
        return Said(code, captured.out, captured.err)

    return run


@pytest.fixture
def writer(place: Place, wire: WireServer) -> Place:
    """A company with a writer, an orchestrator and a model of its own."""
    place.settings(SETTINGS.replace("Test,", "Test, orchestrator: writer,") + MODELS.format(url=wire.url))
    (place.root / ".github" / "agents" / "writer.agent.md").write_text(
        "---\ndescription: Writes.\ntools: [Read, Memory, Board, AskFounder]\n---\nI write.\n"
    )
    believe(place)
    return place


def believe(place: Place) -> None:
    trust(place.root, standing(edges_of(place.root)).reach, at="2026-11-21T09:00:00+00:00")


def script(place: Place, text: str) -> str:
    (place.root / "s.yml").write_text(text)
    return "scripted/s.yml"


@claim("ask:streams")
@pytest.mark.usefixtures("writer")
def test_the_deliverable_alone_is_on_stdout(wire: WireServer, do: Do) -> None:
    wire.script({"m": [Say(text="The post.")]})
    said = do("ask", "writer", "draft the post")
    assert (said.code, said.out) == (0, "The post.\n")
    assert "writer, run " in said.err
    assert "1 call, $0." in said.err


@claim("ask:document")
@pytest.mark.usefixtures("writer")
@pytest.mark.parametrize(
    ("answer", "code", "status"),
    [
        (Say(text="The post."), 0, "done"),
        (Say(text="The po", stop="length"), 1, "failed"),
        (Say(text=""), 1, "failed"),
        (Say(text="I will not.", stop="content_filter"), 1, "refused"),
        (Say(status=500), 4, "interrupted"),
        (Say(status=401), 4, "interrupted"),
    ],
)
def test_the_document_says_how_it_ended(wire: WireServer, do: Do, answer: Say, code: int, status: str) -> None:
    wire.script({"m": [answer]})
    said = do("ask", "writer", "draft", "--json")
    found = said.document
    assert (said.code, found["status"]) == (code, status)
    assert {"run", "agent", "status", "text", "reviews", "owed", "cost_usd", "calls"} <= found.keys()
    assert (found["text"] is None) == (status != "done")
    assert '"cost_usd": 0.' in said.out


@claim("ask:no-model")
def test_without_a_model_nothing_begins(place: Place, do: Do) -> None:
    place.agent("writer")
    believe(place)
    said = do("ask", "writer", "draft", "--json")
    assert said.code == 4
    assert said.document["error"] == {
        "what": "no model is configured for the tier medium",
        "hint": "write models: {medium: [provider/model]} in .github/agentco.yml; agentco doctor",
        "code": 4,
    }
    assert do("runs", "--json").document == {"runs": []}


@claim("ask:untrusted")
@pytest.mark.parametrize(
    "args",
    [
        ("ask", "writer", "x"),
        ("run", "/x"),
        ("runs", "resume", "x"),
        ("approve", "x.1p1"),
        ("answer", "x.1", "y"),
        ("runs", "cancel", "x"),
        ("runs", "settle", "x", "1", "--drop"),
    ],
)
def test_an_untrusted_folder_asks_and_decides_nothing(place: Place, wire: WireServer, do: Do, args: list[str]) -> None:
    place.settings(SETTINGS.replace("Test,", "Test, orchestrator: writer,") + MODELS.format(url=wire.url))
    place.agent("writer")
    (place.root / ".github" / "prompts" / "x.prompt.md").write_text("Do it.\n")
    do("ask", "writer", "x", "--show-prompt")
    said = do(*args)
    assert said.code == 6
    assert "agentco trust" in said.err
    assert wire.requests == []


@claim("ask:brought-state")
@pytest.mark.parametrize(
    "args", [("ask", "writer", "x"), ("inbox",), ("runs",), ("costs",), ("audit",), ("halt",), ("approve", "a.1p1")]
)
def test_a_state_that_came_along_counts_for_nothing(writer: Place, wire: WireServer, do: Do, args: list[str]) -> None:
    do("halt")
    do("resume")
    (Path(os.environ["HOME"]) / ".local" / "state" / "agentco" / "trust.json").unlink()
    believe(writer)
    said = do(*args)
    assert said.code == 6
    assert "agentco trust" in said.err
    assert wire.requests == []


@claim("ask:brought-state")
def test_trust_sets_such_a_state_aside(writer: Place, do: Do) -> None:
    do("halt")
    (Path(os.environ["HOME"]) / ".local" / "state" / "agentco" / "trust.json").unlink()
    shown = do("trust", "--show", "--json").document
    assert "set aside" in do("trust", "--hash", str(shown["hash"])).err
    assert (writer.root / f"{STATE}.brought").exists()
    assert do("inbox").out == "nothing waits for you\n"


@claim("inbox:decides")
def test_a_question_waits_and_the_answer_goes_on(writer: Place, do: Do) -> None:
    waiting = do("ask", "writer", "draft", "--model", script(writer, ASKS))
    assert (waiting.code, waiting.out) == (6, "")
    (item,) = do("inbox", "--json").document["items"]
    assert (item["kind"], item["what"]) == ("question", "Which price?")
    assert do("approve", item["id"]).code == 2
    assert do("standup", "--dry-run", "--json").document["facts"]["inbox"][0]["id"] == item["id"]
    said = do("answer", item["id"], "nine")
    assert (said.code, said.out) == (0, "The post.\n")
    assert do("answer", item["id"], "ten").code == 2


@claim("inbox:decides")
@pytest.mark.parametrize(("verb", "known"), [("approve", True), ("deny", False)])
def test_a_proposal_is_in_the_memory_only_when_approved(writer: Place, do: Do, verb: str, known: bool) -> None:
    assert do("ask", "writer", "note it", "--model", script(writer, PROPOSES)).code == 0
    (item,) = do("inbox", "--json").document["items"]
    assert item["kind"] == "proposal"
    assert do("memory", "show", "deadline:vat").code == 2
    assert do(verb, item["id"]).code == 0
    assert do(verb, item["id"]).code == 2
    assert (do("memory", "show", "deadline:vat").code == 0) is known


@claim("run:outcome")
@pytest.mark.parametrize(
    ("head", "answer", "outcome"),
    [("", "Done.", "ok"), ("agentco: {produces: [drafts/x.md]}\n", "Done.", "no-result"), ("", "", "failed")],
)
def test_a_prompt_remembers_how_it_ended(
    writer: Place, wire: WireServer, do: Do, head: str, answer: str, outcome: str
) -> None:
    wire.script({"m": [Say(text=answer)]})
    (writer.root / ".github" / "prompts" / "review.prompt.md").write_text(f"---\ndescription: x\n{head}---\nReview.\n")
    do("run", "/review")
    shown = do("memory", "show", "prompt-run:review").out
    assert shown.count("Run: ") == 1
    assert f" {outcome}" in shown


@claim("run:inputs")
def test_inputs_reach_the_model_and_missing_ones_are_named(writer: Place, wire: WireServer, do: Do) -> None:
    wire.script({"m": [Say(text="Done.")]})
    (writer.root / ".github" / "prompts" / "launch.prompt.md").write_text("Launch ${input:product}.\n")
    missing = do("run", "/launch")
    assert (missing.code, wire.requests) == (2, [])
    assert "agentco run /launch product=…" in missing.err
    assert do("run", "launch", "product=Lumen").code == 0
    assert "Launch Lumen." in json.dumps(wire.requests[0].body)


@claim("ask:options")
def test_files_out_and_continue(writer: Place, wire: WireServer, do: Do, tmp_path: Path) -> None:
    wire.script({"m": [Say(text="First."), Say(text="Second.")]})
    note = writer.root / "note.md"
    note.write_text("Spring it is.\n")
    out = tmp_path / "post.md"
    said = do("ask", "writer", "draft", "--file", str(note), "--out", str(out))
    assert (said.code, said.out, out.read_text()) == (0, "", "First.\n")
    assert "Spring it is." in json.dumps(wire.requests[0].body)
    assert do("ask", "writer", "draft", "--out", str(out)).code == 2
    assert do("ask", "writer", "shorter", "--continue").out == "Second.\n"
    talk = json.dumps(wire.requests[1].body)
    assert "draft" in talk
    assert "First." in talk


@claim("ask:show-prompt")
@pytest.mark.usefixtures("writer")
def test_show_prompt_shows_what_is_sent_and_calls_nobody(wire: WireServer, do: Do) -> None:
    wire.script({"m": [Say(text="Done.")]})
    shown = do("ask", "writer", "draft the post", "--show-prompt", "--json").document
    assert wire.requests == []
    do("ask", "writer", "draft the post")
    sent = json.dumps(wire.requests[0].body, ensure_ascii=False)
    parts = shown["parts"]
    assert all(json.dumps(part["text"], ensure_ascii=False)[1:-1] in sent for part in parts)
    assert str(shown["model"]).startswith("workshop/m, at most $")


@claim("ask:budget")
@pytest.mark.usefixtures("writer")
def test_a_call_that_could_break_the_budget_is_not_made(wire: WireServer, do: Do) -> None:
    said = do("ask", "writer", "draft", "--max-usd", "0.000001", "--json")
    assert (said.code, said.document["status"], wire.requests) == (1, "out-of-budget", [])


@claim("halt:holds")
@pytest.mark.usefixtures("writer")
def test_a_halt_refuses_work_and_says_since_when(wire: WireServer, do: Do) -> None:
    assert do("halt", "writer").code == 0
    said = do("ask", "writer", "draft")
    assert (said.code, wire.requests) == (6, [])
    assert "writer is halted since 20" in said.err
    assert do("resume", "writer").code == 0
    wire.script({"m": [Say(text="Done.")]})
    assert do("ask", "writer", "draft").code == 0


@claim("costs:sums")
@pytest.mark.usefixtures("writer")
@pytest.mark.parametrize("by", ["agent", "model", "prompt", "day"])
def test_the_rows_of_costs_add_up_to_the_ledger(wire: WireServer, do: Do, by: str) -> None:
    wire.script({"m": [Say(text="Done.")]}, rates=(1_000_000, 2_000_000))
    for _ in range(3):
        do("ask", "writer", "draft")
    found = do("costs", "--by", by, "--json").document
    rows = found["rows"]
    assert round(sum(row["usd"] for row in rows) * 1e6) == wire.bill.micro_usd
    assert found["total_usd"] == wire.bill.micro_usd / 1e6


@claim("runs:commands")
def test_a_run_can_be_looked_into_verified_and_learnt_from(writer: Place, do: Do) -> None:
    do("ask", "writer", "draft", "--model", script(writer, "- text: The post.\n"))
    run = str(do("runs", "--json").document["runs"][0]["id"])
    assert "The post." in do("runs", "show", run[:4]).out
    assert do("audit", "verify").code == 0
    assert "answered" in do("audit", run).out
    assert do("feedback", run, "name the price").code == 0
    assert "name the price" in do("memory", "search", "price").out
    assert do("runs", "show", "nobody").code == 2
    assert do("runs", "cancel", run).code == 2
    assert do("runs", "prune", "--yes").code == 0
    assert do("runs", "resume").code == 0
