"""`ask`, `run`, `runs`, `inbox` and what decides: the real commands, a real server, every word on the right stream."""

import json
import os
import re
import signal
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from claims import claim
from small_company import NOW, Place, company_line, models_at
from typed import Do
from wire.server import AT_ONCE, Say, WireServer

import agentco
from agentco.adapters.files import STATE_FILE
from agentco.adapters.state.open_state import open_state
from agentco.desk import SilentListener, resume_run
from agentco.terminal import OutFile, local_text, print_outcome, write_out_file
from agentco.wiring import open_company

ROOT = Path(agentco.__file__).parents[1]
ASKS = '- calls: [{name: AskFounder, arguments: {question: "Which price?"}}]\n- text: The post.\n'
PROPOSES = """
- calls: [{name: Memory, arguments: {operation: create_entities, entities: [
    {name: "deadline:vat", entityType: deadline, observations: ["Due: 2027-01-15"]}]}}]
- text: Proposed.
"""


@pytest.fixture
def writer(place: Place, wire: WireServer) -> Place:
    """A company with a writer, an orchestrator and a model of its own."""
    place.settings(company_line(orchestrator="writer") + models_at(wire.url))
    place.agent(
        "writer",
        "---\ndescription: Writes.\ntools: [Read, Memory, Board, AskFounder]\n---\nI write.\n",
    )
    place.trust()
    return place


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
        (Say(text="<deliverable></deliverable>"), 1, "failed"),
        (Say(text="Sources: none.\n<deliverable>\n</deliverable>"), 1, "failed"),
        (Say(text="<deliverable><!-- soon --></deliverable>"), 1, "failed"),
        (Say(text="I will not.", stop="content_filter"), 1, "refused"),
        (Say(status=500, headers=AT_ONCE), 4, "interrupted"),
        (Say(status=401), 4, "interrupted"),
    ],
)
def test_the_document_says_how_it_ended(
    wire: WireServer, do: Do, answer: Say, code: int, status: str
) -> None:
    wire.script({"m": [answer]})
    said = do("ask", "writer", "draft", "--json")
    found = said.document
    assert (said.code, found["status"]) == (code, status)
    assert {
        "run",
        "agent",
        "status",
        "text",
        "reviews",
        "owed",
        "cost_usd",
        "calls",
    } <= found.keys()
    assert (found["text"] is None) == (status != "done")
    assert '"cost_usd": 0.' in said.out


@claim("router:reason")
def test_who_answered_is_told_and_why_not_the_one_before(
    writer: Place, wire: WireServer, do: Do
) -> None:
    writer.settings(
        company_line(orchestrator="writer") + models_at(wire.url, medium="gone m")
    )
    writer.trust()
    wire.script(
        {"gone": [Say(status=404, error="no such model")], "m": [Say(text="The post.")]}
    )
    why = "workshop/gone is not known there (404): no such model"
    said, found = (
        do("ask", "writer", "draft"),
        do("ask", "writer", "draft", "--json").document,
    )
    assert (said.code, said.out) == (0, "The post.\n")
    assert f"workshop/m answered; {why}" in said.err
    assert (found["model"], found["passed"], found["ready_at"]) == (
        "workshop/m",
        [why],
        None,
    )
    [effect] = [
        e
        for e in do("runs", "show", found["run"], "--json").document["effects"]
        if e["model"]
    ]
    assert (effect["model"], effect["why"]) == ("workshop/m", why)
    assert f"workshop/m answered; {why}" in " ".join(
        do("runs", "show", found["run"]).out.split()
    )
    skipped = do("ask", "writer", "draft", "--json").document["passed"]
    assert [text.split(" after ")[1] for text in skipped] == [
        f"2 failures: {why.removeprefix('workshop/gone ')}"
    ]


@claim("router:ready")
@pytest.mark.usefixtures("writer", "frozen_clock")
def test_fault_79_without_any_model_the_hint_says_when_one_is_tried_again(
    wire: WireServer, do: Do
) -> None:
    wire.script({"m": [Say(status=401)]})
    said, found = (
        do("ask", "writer", "draft"),
        do("ask", "writer", "draft", "--json").document,
    )
    assert (said.code, said.out) == (4, "")
    assert re.search(
        r"agentco runs resume \w+ \(a model is tried again at \d{4}-\d\d-\d\d \d\d:\d\d\)",
        said.err,
    )
    assert (found["status"], found["model"], found["passed"]) == (
        "interrupted",
        None,
        [],
    )
    assert datetime.fromisoformat(found["ready_at"]) == NOW + timedelta(minutes=1)
    shown = " ".join(do("runs", "show", found["run"]).out.split())
    assert "nobody answered; workshop/m refused the key (401)" in shown


@claim("ask:no-model")
def test_without_a_model_nothing_begins(place: Place, do: Do) -> None:
    place.agent("writer")
    place.trust()
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
def test_an_untrusted_folder_asks_and_decides_nothing(
    place: Place, wire: WireServer, do: Do, args: list[str]
) -> None:
    place.settings(company_line(orchestrator="writer") + models_at(wire.url))
    place.agent("writer")
    (place.root / ".github" / "prompts" / "x.prompt.md").write_text("Do it.\n")
    do("ask", "writer", "x", "--show-prompt")
    said = do(*args)
    assert said.code == 6
    assert "agentco trust" in said.err
    assert wire.requests == []


@claim("ask:brought-state")
@pytest.mark.parametrize(
    "args",
    [
        ("ask", "writer", "x"),
        ("inbox",),
        ("runs",),
        ("costs",),
        ("audit",),
        ("approve", "a.1p1"),
    ],
)
def test_a_state_that_came_along_counts_for_nothing(
    writer: Place, wire: WireServer, do: Do, args: list[str]
) -> None:
    do("halt")
    do("resume")
    (Path(os.environ["HOME"]) / ".local" / "state" / "agentco" / "trust.json").unlink()
    writer.trust()
    said = do(*args)
    assert said.code == 6
    assert "agentco trust" in said.err
    assert wire.requests == []


@claim("ask:brought-state")
@pytest.mark.usefixtures("writer")
def test_a_halt_holds_beside_such_a_state(do: Do) -> None:
    do("halt")
    do("resume")
    (Path(os.environ["HOME"]) / ".local" / "state" / "agentco" / "trust.json").unlink()
    said = do("halt")
    assert said.code == 0
    assert "stored beside your trust" in said.err
    do("trust", "--hash", str(do("trust", "--show", "--json").document["hash"]))
    assert "halted" in do("status").out


@claim("ask:brought-state")
def test_trust_sets_such_a_state_aside(writer: Place, do: Do) -> None:
    do("halt")
    (Path(os.environ["HOME"]) / ".local" / "state" / "agentco" / "trust.json").unlink()
    shown = do("trust", "--show", "--json").document
    assert "set aside" in do("trust", "--hash", str(shown["hash"])).err
    assert (writer.root / f"{STATE_FILE}.brought").exists()
    assert do("inbox").out == "nothing is waiting for you\n"


@claim("inbox:decides")
def test_a_question_waits_and_the_answer_goes_on(writer: Place, do: Do) -> None:
    waiting = do("ask", "writer", "draft", "--model", script(writer, ASKS))
    assert (waiting.code, waiting.out) == (6, "")
    (item,) = do("inbox", "--json").document["items"]
    assert (item["kind"], item["what"]) == ("question", "Which price?")
    assert do("approve", item["id"]).code == 2
    assert (
        do("standup", "--dry-run", "--json").document["facts"]["inbox"][0]["id"]
        == item["id"]
    )
    said = do("answer", item["id"], "nine")
    assert (said.code, said.out) == (0, "The post.\n")
    assert do("answer", item["id"], "ten").code == 2


@claim("inbox:decides")
@pytest.mark.parametrize(("verb", "known"), [("approve", True), ("deny", False)])
def test_a_proposal_is_in_the_memory_only_when_approved(
    writer: Place, do: Do, verb: str, known: bool
) -> None:
    assert do("ask", "writer", "note it", "--model", script(writer, PROPOSES)).code == 0
    (item,) = do("inbox", "--json").document["items"]
    assert item["kind"] == "proposal"
    assert do("memory", "show", "deadline:vat").code == 2
    assert do(verb, item["id"]).code == 0
    assert do(verb, item["id"]).code == 2
    assert (do("memory", "show", "deadline:vat").code == 0) is known


@claim("inbox:decides")
def test_an_approved_proposal_stays_in_the_inbox_until_it_is_done(
    writer: Place, do: Do
) -> None:
    do("ask", "writer", "note it", "--model", script(writer, PROPOSES))
    (item,) = do("inbox", "--json").document["items"]
    later = do("approve", item["id"], "--later", "--json")
    assert later.document == {"id": item["id"], "run": item["run"], "decided": True}
    do("halt")
    halted = do("approve", item["id"])
    assert (halted.code, "agentco resume" in halted.err) == (6, True)
    do("resume")
    assert do("deny", item["id"]).code == 2
    assert [one["id"] for one in do("inbox", "--json").document["items"]] == [
        item["id"]
    ]
    done = do("approve", item["id"], "--json")
    assert (done.code, done.document) == (
        0,
        {"id": item["id"], "approved": True, "what": item["what"]},
    )
    assert do("memory", "show", "deadline:vat").code == 0
    assert do("inbox", "--json").document["items"] == []
    audit = do("audit", item["run"]).out
    assert ("approved" in audit, "tool-returned" in audit) == (True, True)


@claim("inbox:decides")
@pytest.mark.usefixtures("writer")
def test_an_id_of_a_proposal_as_it_was_numbered_before_names_the_inbox(do: Do) -> None:
    said = do("approve", "k7m2ab.3p1")
    assert (said.code, "agentco inbox lists what is" in said.err) == (2, True)


@claim("run:outcome")
@pytest.mark.parametrize(
    ("head", "answer", "outcome"),
    [
        ("", "Done.", "ok"),
        ("agentco: {produces: [drafts/x.md]}\n", "Done.", "no-result"),
        ("", "", "failed"),
        ("", "<deliverable></deliverable>", "failed"),
        ("", "<deliverable> <!-- soon -->\n</deliverable>\nNeeds: you.", "failed"),
    ],
)
def test_a_prompt_remembers_how_it_ended(
    writer: Place, wire: WireServer, do: Do, head: str, answer: str, outcome: str
) -> None:
    wire.script({"m": [Say(text=answer)]})
    (writer.root / ".github" / "prompts" / "review.prompt.md").write_text(
        f"---\ndescription: x\n{head}---\nReview.\n"
    )
    said = do("run", "/review")
    assert (said.code, said.out.strip()) == (
        (1, "") if outcome == "failed" else (0, answer)
    )
    shown = do("memory", "show", "prompt-run:review").out
    assert shown.count("Run: ") == 1
    assert f" {outcome}" in shown


@claim("run:inputs")
def test_inputs_reach_the_model_and_missing_ones_are_named(
    writer: Place, wire: WireServer, do: Do
) -> None:
    wire.script({"m": [Say(text="Done.")]})
    (writer.root / ".github" / "prompts" / "launch.prompt.md").write_text(
        "Sum up ${input:product}.\n"
    )
    missing = do("run", "/launch")
    assert (missing.code, wire.requests) == (2, [])
    assert "agentco run /launch product=…" in missing.err
    assert do("run", "launch", "product=Lumen").code == 0
    assert "Sum up Lumen." in json.dumps(wire.requests[0].body)


@claim("ask:options")
def test_files_out_and_continue(
    writer: Place, wire: WireServer, do: Do, tmp_path: Path
) -> None:
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
def test_show_prompt_shows_what_is_sent_and_calls_nobody(
    wire: WireServer, do: Do
) -> None:
    wire.script({"m": [Say(text="Done.")]})
    shown = do("ask", "writer", "draft the post", "--show-prompt", "--json").document
    assert wire.requests == []
    do("ask", "writer", "draft the post")
    sent = json.dumps(wire.requests[0].body, ensure_ascii=False)
    parts = shown["parts"]
    assert all(
        json.dumps(part["text"], ensure_ascii=False)[1:-1] in sent for part in parts
    )
    assert str(shown["model"]).startswith("workshop/m, up to $")


@claim("ask:budget")
@pytest.mark.usefixtures("writer")
def test_a_call_that_could_break_the_budget_is_not_made(
    wire: WireServer, do: Do
) -> None:
    said = do("ask", "writer", "draft", "--max-usd", "0.000001", "--json")
    assert (said.code, said.document["status"], wire.requests) == (
        1,
        "out-of-budget",
        [],
    )


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
def test_the_rows_of_costs_add_up_to_the_ledger(
    wire: WireServer, do: Do, by: str
) -> None:
    wire.script({"m": [Say(text="Done.")]}, rates=(1_000_000, 2_000_000))
    for _ in range(3):
        do("ask", "writer", "draft")
    found = do("costs", "--by", by, "--json").document
    rows = found["rows"]
    assert round(sum(row["usd"] for row in rows) * 1e6) == wire.bill.micro_usd
    assert found["total_usd"] == wire.bill.micro_usd / 1e6


@claim("runs:commands")
def test_a_run_can_be_looked_into_verified_and_learnt_from(
    writer: Place, do: Do
) -> None:
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


@claim("cli:documents")
@pytest.mark.parametrize(("broken", "code"), [(0, 0), (1, 0), (2, 0)])
@pytest.mark.usefixtures("writer")
def test_resuming_is_one_document_however_many_go_on(
    wire: WireServer, do: Do, broken: int, code: int
) -> None:
    wire.script({"m": [Say(status=401)] * broken + [Say(text="Done.")] * broken})
    names = {
        do("ask", "writer", "draft", "--json").document["run"] for _ in range(broken)
    }
    said = do("runs", "resume", "--json")
    assert said.code == code
    assert {run["run"] for run in said.document["runs"]} == names
    for name in names:
        assert do("runs", "resume", name, "--json").document["run"] == name
    assert do("runs", "resume", "nobody", "--json").document["error"]["code"] == 2


@claim("cli:documents")
def test_a_command_that_is_interrupted_is_one_document_too(
    writer: Place, wire: WireServer
) -> None:
    wire.script({"m": [Say(text="The post.", delay=60)]})
    command = [
        sys.executable,
        "-m",
        "agentco",
        "--company",
        str(writer.root),
        "ask",
        "writer",
        "draft",
        "--json",
    ]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        wire.until(lambda bill: bill.open == 1)
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    assert json.loads(out)["error"]["code"] == 130


@claim("ask:options")
def test_a_file_that_cannot_be_made_is_found_before_anything_is_paid(
    writer: Place, wire: WireServer, do: Do, tmp_path: Path
) -> None:
    wire.script({"m": [Say(text="The po", stop="length")]})
    (tmp_path / "link.md").symlink_to(tmp_path / "nowhere" / "x.md")
    for name in (
        "no/such/folder.md",
        "link.md",
        ".",
        "x" * 300,
        "company/BOARD.md/x.md",
    ):
        said = do("ask", "writer", "draft", "--out", str(tmp_path / name), "--json")
        assert (said.code, said.document["error"]["code"]) == (2, 2)
    assert wire.requests == []
    out = tmp_path / "post.md"
    assert do("ask", "writer", "draft", "--out", str(out)).code == 1
    assert not out.exists()
    assert do("ask", "nobody", "draft", "--out", str(out)).code == 2
    assert not out.exists()
    del writer


@claim("ask:options")
def test_a_deliverable_that_cannot_be_written_is_not_lost(
    writer: Place,
    wire: WireServer,
    do: Do,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    wire.script({"m": [Say(text="The post.")]})
    run = do("ask", "writer", "draft", "--json").document["run"]
    found = resume_run(open_company(writer.root), run, SilentListener())
    capsys.readouterr()
    gone = OutFile(path=tmp_path / "gone" / "post.md")

    def save(text: str) -> bool:
        return write_out_file(gone, text) is not None

    assert print_outcome(found, as_json=False, save=save) == 5
    assert "cannot be written" in (screen := capsys.readouterr()).err
    assert screen.out == "The post.\n"


@claim("ask:options")
def test_a_talk_that_goes_on_is_remembered_by_its_whole_name(
    writer: Place, wire: WireServer, do: Do
) -> None:
    wire.script({"m": [Say(text="First."), Say(text="Second.")]})
    first = do("ask", "writer", "draft", "--json").document["run"]
    assert do("ask", "writer", "on", "--continue", "--continue-run", first).code == 2
    assert do("ask", "writer", "on", "--continue-run", "").code == 2
    second = do("ask", "writer", "on", "--continue-run", first[:4], "--json").document[
        "run"
    ]
    with open_state(writer.root) as state:
        assert state.read(lambda tx: tx.load_run(second)).result().follows == first


@claim("ask:document")
@pytest.mark.usefixtures("writer")
def test_the_words_of_a_provider_decide_no_exit_code(wire: WireServer, do: Do) -> None:
    wire.script({"m": [Say(status=400, error="your account is halted")]})
    said = do("ask", "writer", "draft", "--json")
    assert "halted" in said.document["reason"]
    assert said.code == 4


@claim("ask:no-model")
@pytest.mark.parametrize(
    ("model", "what", "hint"),
    [
        (
            "openai/gpt-5.1",
            "openai/gpt-5.1 needs a key: ",
            "export OPENAI_API_KEY=YOUR-KEY; ",
        ),
        (
            "openai/never-heard",
            "no price is known for openai/never-heard: ",
            "fix .github/agentco.yml as it says; ",
        ),
        (
            "opnai/gpt-5.1",
            "opnai/gpt-5.1: unknown provider 'opnai': ",
            "fix .github/agentco.yml as it says; ",
        ),
        (
            "scripted/none.yml",
            "scripted/none.yml: ",
            "fix that, or use another model; ",
        ),
    ],
)
def test_the_hint_says_what_this_model_lacks(
    writer: Place,
    do: Do,
    monkeypatch: pytest.MonkeyPatch,
    model: str,
    what: str,
    hint: str,
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    error = do("ask", "writer", "draft", "--model", model, "--json").document["error"]
    assert str(error["what"]).startswith(what)
    assert str(error["what"]).count(model) == 1 + (model == "openai/never-heard")
    assert str(error["hint"]).startswith(hint)
    del writer


@claim("runs:commands")
@pytest.mark.usefixtures("writer")
def test_the_audit_clips_nothing_and_says_why(wire: WireServer, do: Do) -> None:
    wire.script({"m": [Say(text="")]})
    run = do("ask", "writer", "draft", "--json").document["run"]
    lines = do("audit", run).out.split("\n")
    assert all("…" not in line for line in lines)
    reasons = [
        row["why"]
        for row in do("audit", run, "--json").document["lines"]
        if row.get("why")
    ]
    assert reasons
    assert [line.strip() for line in lines if line.startswith("  ")] == reasons


@claim("runs:commands")
def test_an_empty_lesson_is_none(writer: Place, do: Do) -> None:
    run = do(
        "ask",
        "writer",
        "draft",
        "--model",
        script(writer, "- text: The post.\n"),
        "--json",
    ).document["run"]
    assert do("feedback", run, "  ").code == 2
    assert not (writer.root / "memory" / "memory.jsonl").exists()


@claim("ask:show-prompt")
def test_what_is_shown_holds_no_key_and_drives_nothing(
    writer: Place, do: Do, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "quite-an-ordinary-looking-value")
    (writer.root / "note.md").write_text(
        "It is quite-an-ordinary-looking-value here.\n"
    )
    shown = do(
        "ask",
        "writer",
        "draft",
        "--file",
        str(writer.root / "note.md"),
        "--show-prompt",
    )
    assert shown.code == 0
    assert "It is [redacted] here." in shown.out
    assert "quite-an" not in shown.out
    assert not (writer.root / ".agentco" / "drivers").exists()


@claim("ask:streams")
@pytest.mark.usefixtures("writer")
def test_how_it_stands_is_said_with_or_without_a_reason(writer: Place, do: Do) -> None:
    assert (
        "waiting\n" in do("ask", "writer", "draft", "--model", script(writer, ASKS)).err
    )


@claim("cli:deliverable-alone")
@pytest.mark.usefixtures("writer")
def test_the_deliverable_of_a_run_is_printed_alone_for_a_pipe(
    place: Place, wire: WireServer, do: Do
) -> None:
    wire.script({"m": [Say(text="# The post\n\nIt is **here**.")]})
    run = do("ask", "writer", "draft it", "--json").document["run"]
    said = do("runs", "show", run, "--text")
    assert (said.code, said.out, said.err) == (0, "# The post\n\nIt is **here**.\n", "")
    for other in ("--json", "--full", "--why"):
        said = do("runs", "show", run, "--text", other)
        assert (said.code, "cannot be combined" in said.out + said.err) == (2, True)
    waits = do("ask", "writer", "go", "--model", script(place, ASKS), "--json").document
    said = do("runs", "show", waits["run"], "--text")
    assert (said.code, said.out) == (2, "")
    assert f"agentco runs show {waits['run']}" in said.err


@claim("cli:local-times")
@pytest.mark.usefixtures("writer")
def test_screens_show_the_time_where_the_company_is_and_documents_show_utc(
    place: Place, wire: WireServer, do: Do
) -> None:
    place.settings(company_line(timezone="Asia/Tokyo") + models_at(wire.url))
    place.trust()
    wire.script({"m": [Say(text="The post.")]})
    run = do("ask", "writer", "draft it", "--json").document["run"]
    (listed,) = do("runs", "--json").document["runs"]
    started = datetime.fromisoformat(listed["started"])
    assert started.utcoffset() == timedelta()
    minute = f"{started.astimezone(ZoneInfo('Asia/Tokyo')):%Y-%m-%d %H:%M}"
    shown = do("runs").out
    assert minute in " ".join(shown.split())
    assert shown.endswith("times are in Asia/Tokyo\n")
    assert f"started {minute} (Asia/Tokyo), 1 call, " in do("runs", "show", run).out
    audit = do("audit", run).out
    assert f" {minute}:" in audit
    assert audit.count("Asia/Tokyo") == 1
    assert do("audit", run, "--json").document["lines"][0]["at"].endswith("+00:00")


@claim("cli:local-times")
@pytest.mark.usefixtures("writer")
def test_a_message_about_a_halt_has_the_time_where_the_company_is(
    place: Place, wire: WireServer, do: Do
) -> None:
    place.settings(company_line(timezone="Asia/Tokyo") + models_at(wire.url))
    place.trust()
    do("halt")
    [halted] = [
        check["what"]
        for check in do("doctor", "--json").document["checks"]
        if "is halted since" in check["what"]
    ]
    stamp = halted.split(" since ")[1].split(" by ")[0]
    moment = datetime.fromisoformat(stamp)
    assert moment.utcoffset() == timedelta()
    minute = f"{moment.astimezone(ZoneInfo('Asia/Tokyo')):%Y-%m-%d %H:%M}"
    told = f"the company is halted since {minute} (Asia/Tokyo) by"
    assert told in " ".join(do("doctor").out.split())
    assert told in do("ask", "writer", "draft it").err
    assert told in " ".join(do("status").out.split())
    assert stamp in str(do("ask", "writer", "draft it", "--json").document)


@claim("cli:local-times")
def test_a_message_names_its_zone_once() -> None:
    text = "from 2026-11-21T09:00:00+00:00 to 2026-11-21 10:30 UTC, due 2026-11-22"
    shown = "from 2026-11-21 18:00 (Asia/Tokyo) to 2026-11-21 19:30, due 2026-11-22"
    assert local_text(text, ZoneInfo("Asia/Tokyo")) == shown
