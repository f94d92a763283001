"""Deliverables as files: where their prompt says, after review, over nothing that it did not write."""

from collections.abc import Callable
from pathlib import Path

import pytest
from claims import claim
from offices import Firm, scripted, uses
from small_company import NOW, Place
from wire.server import Say, WireServer

from agentco.engine import approve_effect, record_decision
from agentco.overview import effect_item
from agentco.ports import DeliveredPage, ToolCaller, ToolResult
from agentco.runs import Decided, EffectState, Run, RunPhase

pytestmark = claim("tools:deliverable")

REVIEW = "drafts/review.md"
KEY = "sk-ant-" + "api03-a1B2c3D4e5F6g7H8"
AUDIENCE = (
    "For you: I left the tax out.\n<deliverable>\n{}\n</deliverable>\nSources: none"
)


@pytest.fixture
def firm(firm_with: Callable[..., Firm]) -> Firm:
    return firm_with(tools="Read, Edit")


def deliver(
    firm: Firm, wire: WireServer, text: str, to: str = REVIEW, name: str = "review"
) -> Run:
    """A run of a prompt whose model answers at once."""
    scripted(wire, Say(text=text))
    return firm.ask(name=name, deliver_to=to)


def texts(firm: Firm) -> dict[str, str]:
    """What lies in the drafts."""
    folder = firm.root / "drafts"
    return {path.name: path.read_text() for path in folder.iterdir()}


def text_at(firm: Firm, path: str) -> str:
    return (firm.root / path).read_text()


def test_what_goes_out_is_written_and_the_notes_are_not(
    firm: Firm, wire: WireServer
) -> None:
    run = deliver(firm, wire, AUDIENCE.format("# The week\n\nAll is well."))
    assert (run.phase, run.reason) == (RunPhase.DONE, "")
    assert texts(firm) == {"review.md": "# The week\n\nAll is well.\n"}
    [file] = firm.read(lambda tx: tx.files_written_by(run.id))
    assert (file.path, file.prompt, file.before) == (REVIEW, "review", "")
    assert ("review", "ok") in firm.tools.tracked


def test_the_same_prompt_replaces_its_file_and_keeps_the_ones_before(
    firm: Firm, wire: WireServer
) -> None:
    for week in ("first", "second", "third"):
        deliver(firm, wire, week)
    assert texts(firm) == {
        "review.md": "third\n",
        "review.old-1.md": "first\n",
        "review.old-2.md": "second\n",
    }


def test_the_same_text_again_is_no_new_version(firm: Firm, wire: WireServer) -> None:
    for _ in range(2):
        assert deliver(firm, wire, "as ever").phase is RunPhase.DONE
    assert texts(firm) == {"review.md": "as ever\n"}
    assert len(firm.read(lambda tx: tx.files_written_since(""))) == 1


@pytest.mark.parametrize("other", ["", "launch"])
def test_what_is_not_the_prompts_own_stays_and_the_file_gets_another_name(
    firm: Firm, wire: WireServer, other: str
) -> None:
    if other:
        deliver(firm, wire, "mine", name=other)
    else:
        firm.place.write(REVIEW, "mine\n")
    deliver(firm, wire, "yours")
    deliver(firm, wire, "yours too")
    assert texts(firm) == {
        "review.md": "mine\n",
        "review-2.md": "yours too\n",
        "review-2.old-1.md": "yours\n",
    }


def test_what_the_founder_changed_since_is_the_founders(
    firm: Firm, wire: WireServer
) -> None:
    deliver(firm, wire, "the first")
    firm.place.write(REVIEW, "the first, and my line\n")
    deliver(firm, wire, "the second")
    assert texts(firm) == {
        "review.md": "the first, and my line\n",
        "review-2.md": "the second\n",
    }


def test_a_page_that_moved_aside_is_replaced_there_until_the_founder_edits_it_too(
    firm: Firm, wire: WireServer
) -> None:
    firm.place.write(REVIEW, "mine\n")
    deliver(firm, wire, "the first")
    deliver(firm, wire, "the second")
    firm.place.write("drafts/review-2.md", "mine as well\n")
    deliver(firm, wire, "the third")
    deliver(firm, wire, "the fourth")
    assert texts(firm) == {
        "review.md": "mine\n",
        "review-2.md": "mine as well\n",
        "review-2.old-1.md": "the first\n",
        "review-3.md": "the fourth\n",
        "review-3.old-1.md": "the third\n",
    }


def test_what_stands_in_the_way_of_a_name_costs_a_page_only_that_name(
    firm: Firm, wire: WireServer
) -> None:
    firm.place.write(REVIEW, "mine\n")
    firm.place.write("drafts/review-2.md/inner.md", "a folder")
    firm.place.write("drafts/REVIEW-3.md", "a twin")
    run = deliver(firm, wire, "yours")
    assert (run.phase, run.reason) == (RunPhase.DONE, "")
    assert text_at(firm, "drafts/review-4.md") == "yours\n"
    firm.place.write("drafts/Review-4.old-1.md", "a twin")
    deliver(firm, wire, "yours too")
    assert text_at(firm, "drafts/review-4.md") == "yours too\n"
    assert text_at(firm, "drafts/review-4.old-2.md") == "yours\n"


def test_a_page_that_no_tool_could_open_again_is_not_written(firm: Firm) -> None:
    page = DeliveredPage(path=REVIEW, text="word " * 200_001)
    caller = ToolCaller(effect="run1.9", agent="cfo", at=NOW)
    said = firm.within(lambda office: office.tools.plan_deliverable(page, caller))
    assert isinstance(said, ToolResult)
    assert "larger than 1,000,000 bytes" in said.text


def test_an_author_that_wrote_the_page_itself_is_not_overwritten_by_its_report(
    firm: Firm, wire: WireServer
) -> None:
    page = uses("Edit", f'{{"path": "{REVIEW}", "text": "# The whole page"}}')
    scripted(wire, page, Say(text="The page is written."))
    run = firm.ask(name="review", deliver_to=REVIEW)
    assert run.phase is RunPhase.DONE
    assert texts(firm) == {"review.md": "# The whole page\n"}


def test_a_page_in_an_answer_without_marks_replaces_what_the_author_wrote_before(
    firm: Firm, wire: WireServer
) -> None:
    page = uses("Edit", f'{{"path": "{REVIEW}", "text": "# A sketch"}}')
    scripted(wire, page, Say(text="# The page\n\nAll of it, after another thought."))
    firm.ask(name="review", deliver_to=REVIEW)
    assert text_at(firm, REVIEW).startswith("# The page\n")


def test_a_report_about_a_page_that_is_gone_since_is_better_than_nothing(
    firm: Firm, wire: WireServer
) -> None:
    page = uses("Edit", f'{{"path": "{REVIEW}", "text": "# The page"}}')
    scripted(wire, page, Say(text="The page is written."))
    firm.hear = lambda _run, _text: (firm.root / REVIEW).unlink(missing_ok=True)
    run = firm.ask(name="review", deliver_to=REVIEW)
    assert run.phase is RunPhase.DONE
    assert text_at(firm, REVIEW) == "The page is written.\n"


def test_the_page_in_the_answer_replaces_what_the_author_wrote_before(
    firm: Firm, wire: WireServer
) -> None:
    page = uses("Edit", f'{{"path": "{REVIEW}", "text": "# A sketch"}}')
    scripted(wire, page, Say(text=AUDIENCE.format("# The page")))
    firm.ask(name="review", deliver_to=REVIEW)
    assert texts(firm) == {
        "review.md": "# The page\n",
        "review.old-1.md": "# A sketch\n",
    }


def test_blocked_work_is_written_nowhere(
    firm_with: Callable[..., Firm], wire: WireServer
) -> None:
    firm = firm_with(
        "triggers: [{name: money, words: [price], consult: [coo]}]", tools="Read"
    )
    scripted(wire, *[Say(text="The price is nine.")] * 3)
    run = firm.ask(name="review", deliver_to=REVIEW, quick=False)
    assert run.phase is not RunPhase.DONE
    assert not (firm.root / "drafts").exists()


def parked(firm: Firm, wire: WireServer) -> Run:
    """A deliverable for a folder that no rule lets agents write in."""
    firm.place.write("notes/other.md", "kept")
    run = deliver(firm, wire, "# The week", to="notes/week.md")
    item = effect_item(firm.only(run, EffectState.PARKED))
    assert item.what == "Write the deliverable to notes/week.md"
    assert item.diff.splitlines()[-1] == "+# The week"
    assert not (firm.root / "notes/week.md").exists()
    return run


def test_where_no_rule_allows_it_the_founder_is_asked_with_the_text(
    firm: Firm, wire: WireServer
) -> None:
    run = parked(firm, wire)
    row = firm.only(run, EffectState.PARKED)
    firm.write(lambda tx: approve_effect(tx, row, firm.stamp()))
    run = firm.go_on(run)
    assert (run.phase, run.reason) == (RunPhase.DONE, "")
    assert text_at(firm, "notes/week.md") == "# The week\n"


def test_a_no_leaves_the_work_done_and_says_so(firm: Firm, wire: WireServer) -> None:
    run = parked(firm, wire)
    row = firm.only(run, EffectState.PARKED)
    no = Decided(effect=row.number, text="no", ok=False)
    firm.write(lambda tx: record_decision(tx, row, no, firm.stamp()))
    run = firm.go_on(run)
    assert run.phase is RunPhase.DONE
    assert run.reason == "not written to notes/week.md: you said no"
    assert not (firm.root / "notes/week.md").exists()


def test_a_yes_holds_for_nothing_that_changed_since(
    firm: Firm, wire: WireServer
) -> None:
    run = parked(firm, wire)
    firm.place.write("notes/week.md", "the founder's\n")
    row = firm.only(run, EffectState.PARKED)
    firm.write(lambda tx: approve_effect(tx, row, firm.stamp()))
    run = firm.go_on(run)
    assert "was changed meanwhile" in run.reason
    assert text_at(firm, "notes/week.md") == "the founder's\n"


@pytest.mark.parametrize(
    "path",
    [
        "../review.md",
        "/tmp/review.md",
        ".git/hooks/pre-commit",
        ".agentco/x.md",
        ".env",
        "secret/review.md",
        "drafts/a\x07b.md",
        "drafts//../.git/x.md",
        "drafts/linked/review.md",
        "",
    ],
)
@pytest.mark.parametrize("more", ["", 'permissions: {allow: ["Edit", "Edit(**)"]}'])
def test_no_prompt_has_its_file_written_where_no_agent_may(
    firm_with: Callable[..., Firm],
    place: Place,
    wire: WireServer,
    tmp_path_factory: pytest.TempPathFactory,
    path: str,
    more: str,
) -> None:
    firm = firm_with(more, tools="Read, Edit")
    outside = tmp_path_factory.mktemp("outside")
    place.write(".gitignore", "secret/\n")
    (firm.root / "drafts").mkdir()
    (firm.root / "drafts/linked").symlink_to(outside)
    before = own_files(firm.root)
    run = deliver(firm, wire, "# The week", to=path)
    assert run.phase is RunPhase.DONE
    assert run.reason.startswith(f"not written to {path}: ") or not path
    assert own_files(firm.root) == before
    assert not any(outside.iterdir())


def own_files(root: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and ".agentco" not in path.parts
    }


def test_a_rule_that_denies_it_is_named(
    firm_with: Callable[..., Firm], wire: WireServer
) -> None:
    firm = firm_with('permissions: {deny: ["Edit(drafts/**)"]}', tools="Read")
    run = deliver(firm, wire, "# The week")
    assert run.phase is RunPhase.DONE
    assert run.reason.startswith(f"not written to {REVIEW}: not allowed: ")
    assert not (firm.root / "drafts").exists()


def test_a_key_is_never_written_down(firm: Firm, wire: WireServer) -> None:
    deliver(firm, wire, f"Use {KEY} for it.")
    assert texts(firm) == {"review.md": "Use [redacted] for it.\n"}
