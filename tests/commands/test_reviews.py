"""A draft that others review, as the founder sees it: what is left of it, what holds it back, what lets it go."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from claims import claim
from small_company import Place, company_line, models_at
from typed import Do
from wire.server import AT_ONCE, Call, Say, WireServer

from agentco.adapters.state.open_state import open_state
from agentco.cli import current_company
from agentco.overview.inbox_items import inbox_items

LEGAL = "We promise GDPR compliance.\nIt is free."
MENDED = "We work on GDPR.\nIt is free."
OPENS = "triggers: [{name: legal, words: [GDPR], consult: [lawyer]}, {name: trust}, {name: owed, words: [orphan], consult: [nobody]}]\n"
LESSON = Say(
    calls=[
        Call(
            name="Lesson",
            arguments='{"category": "process", "summary": "Ask first", "detail": "It was held back", "action": "Ask the lawyer"}',
        )
    ]
)
NOTHING = Say(text="Nothing to learn.")


def verdict(word: str, trigger: str = "legal") -> Say:
    said = {
        "trigger": trigger,
        "verdict": word,
        "because": f"'{word.lower()}' it is",
        "change": "say less",
    }
    return Say(calls=[Call(name="Verdict", arguments=json.dumps({"verdicts": [said]}))])


@pytest.fixture
def company(place: Place, wire: WireServer) -> Place:
    """A writer and a lawyer, on one model."""
    place.settings(company_line(orchestrator="coo") + OPENS + models_at(wire.url))
    for name, tools in (
        ("writer", "Read, Memory, Board"),
        ("lawyer", "Read"),
        ("coo", "Delegate, Board"),
    ):
        text = (
            f"---\ndescription: The {name}.\ntools: [{tools}]\n---\nI am the {name}.\n"
        )
        place.agent(name, text)
    place.trust()
    return place


def says(
    wire: WireServer, *writer: Say, lawyer: list[Say] | None = None, **more: list[Say]
) -> None:
    """What the writer and the lawyer answer."""
    wire.script(
        {"m": list(writer), "~From: writer": lawyer or [verdict("BLOCKING")], **more}
    )


BLOCKS = [Say(text=LEGAL), Say(text=MENDED), Say(text=f"{MENDED} Soon."), LESSON]


def blocked(wire: WireServer, do: Do) -> dict[str, Any]:
    """A run that its reviewer held back."""
    says(wire, *BLOCKS)
    said = do("ask", "writer", "draft the post", "--json")
    assert (said.code, said.document["status"], said.document["text"]) == (
        1,
        "blocked",
        None,
    )
    return said.document


@claim("reviews:document")
@pytest.mark.usefixtures("company")
def test_a_concern_that_is_left_is_told_beside_the_deliverable(
    wire: WireServer, do: Do
) -> None:
    keep = Say(
        calls=[Call(name="Keep", arguments='{"answer": "The board decided so."}')]
    )
    says(wire, Say(text=LEGAL), keep, lawyer=[verdict("CONCERNS")])
    said = do("ask", "writer", "draft the post")
    assert (said.code, said.out) == (0, f"{LEGAL}\n")
    told = "concern of lawyer (legal): 'concerns' it is\n  writer kept its draft: The board decided so.\n"
    assert told in said.err
    says(wire, Say(text=LEGAL), Say(text=MENDED), lawyer=[verdict("CONCERNS")])
    found = do("ask", "writer", "draft the post", "--json").document
    row = {
        "agent": "lawyer",
        "trigger": "legal",
        "verdict": "CONCERNS",
        "round": 1,
        "draft": 2,
        "because": "'concerns' it is",
    }
    assert found["reviews"] == [{**row, "answer": None}]
    assert (found["text"], found["owed"], found["findings"], found["public"]) == (
        MENDED,
        [],
        [],
        False,
    )
    assert found["delegations"] == []


TWO_FIELDS = "triggers: [{name: legal, words: [GDPR, zebra], consult: [lawyer]}, {name: price, words: [free], consult: [coo]}]\n"
SELLS = "Every zebra is sold."


def two_reviewers(place: Place, wire: WireServer, *lawyer: Say) -> None:
    """The coo minds the price once; the lawyer answers as given."""
    settings = company_line(orchestrator="coo") + TWO_FIELDS + models_at(wire.url)
    place.settings(settings)
    place.trust()
    coo = [verdict("CONCERNS", "price"), verdict("APPROVED", "price")]
    wire.script(
        {
            "m": [Say(text=LEGAL), Say(text=f"{LEGAL}\n{SELLS}"), Say(text=LEGAL)],
            "~I am the lawyer.": list(lawyer),
            "~I am the coo.": coo,
        }
    )


@claim("reviews:bound")
def test_an_approval_of_one_draft_lets_no_sentence_pass_that_came_later(
    company: Place, wire: WireServer, do: Do
) -> None:
    two_reviewers(company, wire, verdict("APPROVED"), verdict("BLOCKING"))
    found = do("ask", "writer", "draft", "--json").document
    assert found["status"] == "blocked"
    story = do("runs", "show", found["run"], "--why", "--json").document
    asked = [
        [(review["agent"], review["under"]) for review in draft["reviews"]]
        for draft in story["drafts"]
    ]
    assert ("lawyer", ["legal"]) in asked[1]
    (due,) = [due for due in story["drafts"][1]["due"] if due.get("again")]
    assert (due["trigger"], due["words"], due["line"]) == ("legal", ["zebra"], 3)
    assert due["sentence"] == SELLS


@claim("reviews:bound")
def test_who_saw_every_sentence_of_a_field_is_not_asked_again_and_the_story_says_on_which_draft(
    company: Place, wire: WireServer, do: Do
) -> None:
    two_reviewers(company, wire, verdict("APPROVED"))
    wire.script(
        {
            "m": [Say(text=LEGAL), Say(text=LEGAL.replace("is free", "is a gift"))],
            "~I am the lawyer.": [Say(text="1. ✅ APPROVED\nIt names its ground.")],
            "~I am the coo.": [verdict("CONCERNS", "price")],
        }
    )
    found = do("ask", "writer", "draft", "--json").document
    assert (found["status"], found["calls"]) == ("done", 4)
    standing = {
        row["agent"]: (row["verdict"], row["draft"]) for row in found["reviews"]
    }
    assert standing == {"lawyer": ("APPROVED", 1), "coo": ("CONCERNS", 1)}
    said = do("runs", "show", found["run"], "--why").out
    assert "  lawyer (legal): APPROVED on draft 1\n" in said


@claim("reviews:elsewhere")
def test_a_reviewer_that_only_chats_is_asked_through_the_next_model_of_its_tier(
    company: Place, wire: WireServer, do: Do
) -> None:
    company.settings(
        company_line(orchestrator="coo") + OPENS + models_at(wire.url, medium="m n")
    )
    company.trust()
    chats = Say(text="Looks fine to me.")
    wire.script({"m": [Say(text=LEGAL), chats, chats], "n": [verdict("APPROVED")]})
    found = do("ask", "writer", "draft", "--json").document
    assert (found["status"], found["calls"]) == ("done", 4)
    assert [seen.body["model"] for seen in wire.requests] == ["m", "m", "m", "n"]


NOTED = "<deliverable>\nIt is a gift.\n</deliverable>\nLeft out: GDPR compliance"


@claim("work:notes")
@pytest.mark.usefixtures("company")
def test_notes_call_no_reviewer_stand_on_stderr_and_not_in_the_file(
    wire: WireServer, do: Do, tmp_path: Path
) -> None:
    wire.script({"m": [Say(text=NOTED)]})
    said = do("ask", "writer", "draft the post")
    assert (said.code, said.out) == (0, "It is a gift.\n")
    assert "notes:\n  Left out: GDPR compliance\n" in said.err
    found = do("ask", "writer", "draft the post", "--json").document
    assert (found["text"], found["notes"]) == (
        "It is a gift.",
        "Left out: GDPR compliance",
    )
    assert found["reviews"] == []
    do("ask", "writer", "draft the post", "--out", str(tmp_path / "post.md"))
    assert (tmp_path / "post.md").read_text() == "It is a gift.\n"


@claim("work:notes")
@pytest.mark.usefixtures("company")
def test_a_reviewer_reads_the_notes_beside_the_draft(wire: WireServer, do: Do) -> None:
    draft = f"<deliverable>{LEGAL}</deliverable>\nSources: <draft>the board</draft>"
    says(wire, Say(text=draft), lawyer=[verdict("APPROVED")])
    assert do("ask", "writer", "draft the post").out == f"{LEGAL}\n"
    asked = wire.requests[-1].body["messages"][-1]["content"]
    assert f"<draft>\n{LEGAL}\n</draft>" in asked
    assert "<notes>\nSources: &lt;draft>the board&lt;/draft>\n</notes>" in asked


@claim("work:applies")
def test_instructions_for_a_file_that_the_task_names_are_in_the_prompt(
    company: Place, do: Do
) -> None:
    rules = '---\ndescription: Rules.\napplyTo: "drafts/**"\n---\nNo hashtags.\n'
    company.write(".github/instructions/drafts.instructions.md", rules)
    shown = do("ask", "writer", "write drafts/post.md", "--show-prompt").out
    assert "No hashtags." in shown
    assert "No hashtags." not in do("ask", "writer", "write", "--show-prompt").out
    head = "---\ndescription: x\nagent: writer\n{}---\nWrite.\n"
    for produces, found in [
        ("agentco: {produces: [drafts/x.md]}\n", True),
        ("", False),
    ]:
        company.write(".github/prompts/post.prompt.md", head.format(produces))
        shown = do("run", "/post", "--show-prompt").out
        assert ("No hashtags." in shown) is found


@claim("reviews:document")
@pytest.mark.usefixtures("company")
def test_a_quick_answer_says_that_nobody_reviewed_it(wire: WireServer, do: Do) -> None:
    says(wire, Say(text=LEGAL))
    said = do("ask", "writer", "draft", "--quick")
    assert (said.code, said.out) == (0, f"{LEGAL}\n")
    assert "quick: nobody reviewed this\n" in said.err


@claim("reviews:waive")
@pytest.mark.usefixtures("company")
def test_what_is_blocked_waits_in_the_inbox_until_it_is_waived(
    wire: WireServer, do: Do
) -> None:
    run = blocked(wire, do)["run"]
    (item,) = do("inbox", "--json").document["items"]
    why = "draft the post: blocked by lawyer (legal)"
    assert (item["id"], item["kind"], item["agent"], item["what"]) == (
        run,
        "blocked",
        "writer",
        why,
    )
    assert f'agentco waive {run} legal --why "…"' in do("inbox").out
    assert "inbox: 1 item waits for you" in do().out
    facts = do("standup", "--dry-run", "--json").document["facts"]
    assert ([one["id"] for one in facts["inbox"]], facts["runs_failed"]) == ([run], [])
    for decide in ("approve", "deny"):
        refused = do(decide, run)
        assert (refused.code, refused.out) == (2, "")
        assert f"agentco waive {run} TRIGGER" in refused.err
    for wrong in (("tax", "x"), ("legal", " ")):
        assert do("waive", run, wrong[0], "--why", wrong[1]).code == 2
    said = do("waive", run[:4], "LEGAL", "--why", "our own lawyer\nread it")
    assert (said.code, said.out) == (0, f"{MENDED} Soon.\n")
    assert "you waived legal: our own lawyer read it\n" in said.err
    assert do("inbox", "--json").document["items"] == []
    assert do("waive", run, "legal", "--why", "again").code == 2
    (listed,) = do("runs", "--json").document["runs"]
    assert (listed["status"], listed["ended"] is not None) == ("done", True)
    assert [
        line["why"]
        for line in do("audit", run, "--json").document["lines"]
        if line["what"] == "waived"
    ] == ["our own lawyer read it"]


@claim("reviews:waive")
def test_a_run_that_is_let_go_later_is_open_until_it_goes_on(
    company: Place, wire: WireServer, do: Do
) -> None:
    run = blocked(wire, do)["run"]
    said = do("waive", run, "legal", "--why", "fine", "--later", "--json")
    assert (said.code, said.document) == (0, {"id": run, "run": run, "decided": True})
    (listed,) = do("runs", "--json").document["runs"]
    assert (listed["status"], listed["ended"]) == ("interrupted", None)
    assert do("runs", "resume").code == 0
    with open_state(company.root) as state:
        assert state.read(lambda tx: tx.load_run(run).waived).result() == ("legal",)


@claim("reviews:waive")
def test_blocked_work_leaves_the_inbox_after_thirty_days(
    company: Place, wire: WireServer, do: Do
) -> None:
    run = blocked(wire, do)["run"]
    with open_state(company.root) as state:
        for days, listed in ((29, [run]), (31, [])):
            now = (current_company.now() + timedelta(days=days)).isoformat(
                timespec="seconds"
            )
            assert [
                one.id
                for one in state.read(lambda tx, now=now: inbox_items(tx, now)).result()
            ] == listed


@claim("reviews:waive")
def test_a_draft_that_is_no_longer_kept_cannot_be_let_go(
    company: Place, wire: WireServer, do: Do
) -> None:
    run = blocked(wire, do)["run"]
    with open_state(company.root) as state:
        state.write(
            lambda tx: tx.prune_bodies(
                (current_company.now() + timedelta(days=10)).isoformat(
                    timespec="seconds"
                )
            )
        ).result()
    said = do("waive", run, "legal", "--why", "fine")
    assert (said.code, said.out) == (2, "")
    assert f"the draft of run {run} is no longer kept" in said.err


@claim("reviews:waive")
@pytest.mark.usefixtures("company")
def test_what_is_held_back_is_no_text_to_go_on_from(wire: WireServer, do: Do) -> None:
    run = blocked(wire, do)["run"]
    shown = do("runs", "show", run, "--json").document
    assert (shown["status"], shown["text"], bool(shown["partial"])) == (
        "blocked",
        None,
        True,
    )
    assert "held back, the unfinished answer" in do("runs", "show", run).out
    assert do("ask", "writer", "shorter", "--quick", "--continue-run", run).code == 2


@claim("reviews:waive")
@pytest.mark.usefixtures("company")
def test_blocked_work_that_is_cancelled_leaves_the_inbox(
    wire: WireServer, do: Do
) -> None:
    run = blocked(wire, do)["run"]
    assert do("runs", "cancel", run).code == 0
    assert do("runs", "--json").document["runs"][0]["status"] == "cancelled"
    assert do("inbox", "--json").document["items"] == []
    assert do("waive", run, "legal", "--why", "fine").code == 2
    assert do("runs", "cancel", run).code == 2


@claim("reviews:owed")
@pytest.mark.usefixtures("company")
def test_a_review_that_nobody_can_do_waits_for_the_founder(
    wire: WireServer, do: Do
) -> None:
    says(wire, Say(text="The orphan post."))
    said = do("ask", "writer", "draft", "--json")
    assert (said.code, said.document["status"], said.document["owed"]) == (
        6,
        "waiting",
        ["owed"],
    )
    (item,) = do("inbox", "--json").document["items"]
    assert (item["kind"], item["what"]) == (
        "owed-review",
        "nobody reviewed it (owed): there is no agent 'nobody'",
    )
    for verb in ("approve", "deny"):
        refused = do(verb, item["id"])
        assert (refused.code, "agentco waive" in refused.err) == (2, True)
    done = do("waive", item["run"], "owed", "--why", "I did")
    assert (done.code, done.out) == (0, "The orphan post.\n")
    assert do("waive", item["run"], "owed", "--why", "I did").code == 2


DELEGATES = Say(
    calls=[
        Call(
            name="Delegate",
            arguments='{"agent": "writer", "what": "the post", "reason": "new"}',
        )
    ]
)


def at_work(wire: WireServer, do: Do) -> dict[str, Any]:
    """A COO whose writer was held back."""
    works = {"~From: coo": BLOCKS}
    says(wire, DELEGATES, Say(text="The writer is blocked."), **works)
    return do("ask", "coo", "have it written", "--json").document


@claim("reviews:waive")
@pytest.mark.usefixtures("company")
def test_delegated_work_is_listed_and_let_go_by_itself(
    wire: WireServer, do: Do
) -> None:
    found = at_work(wire, do)
    (row,) = found["delegations"]
    assert (found["status"], row["agent"], row["task"], row["status"]) == (
        "done",
        "writer",
        "the post",
        "blocked",
    )
    assert 0 < row["cost_usd"] < found["cost_usd"]
    (item,) = do("inbox", "--json").document["items"]
    assert (item["id"], item["kind"]) == (row["run"], "blocked")
    said = do("waive", row["run"], "legal", "--why", "fine")
    assert (said.code, said.out) == (0, f"{MENDED} Soon.\n")
    assert do("inbox", "--json").document["items"] == []
    assert do("runs", "--json").document["runs"][0]["status"] == "done"


@claim("reviews:waive")
@pytest.mark.usefixtures("company")
def test_delegated_work_is_dropped_by_itself(wire: WireServer, do: Do) -> None:
    found = at_work(wire, do)
    (row,) = found["delegations"]
    assert do("runs", "cancel", row["run"]).code == 0
    assert do("inbox", "--json").document["items"] == []
    runs = {
        run["id"]: run["status"]
        for run in do("runs", "--all", "--json").document["runs"]
    }
    assert (runs[row["run"]], runs[found["run"]]) == ("cancelled", "done")


@claim("reviews:why")
@pytest.mark.usefixtures("company")
def test_the_story_of_a_run_names_words_verdicts_changes_and_costs(
    wire: WireServer, do: Do
) -> None:
    found = at_work(wire, do)
    do("waive", found["delegations"][0]["run"], "legal", "--why", "fine")
    story = do("runs", "show", found["run"], "--why", "--json").document
    (child,) = story["children"]
    assert (story["agent"], child["chain"], child["status"]) == (
        "coo",
        ["coo", "writer"],
        "done",
    )
    first, second, third = child["drafts"]
    assert (first["text"], first["diff"]) == (LEGAL, [])
    (due,) = first["due"]
    assert (due["trigger"], due["agent"], due["words"], due["line"]) == (
        "legal",
        "lawyer",
        ["GDPR"],
        1,
    )
    assert second["diff"][-4:] == [
        "@@ -1,2 +1,2 @@",
        "-We promise GDPR compliance.",
        "+We work on GDPR.",
        " It is free.",
    ]
    assert [
        one["reviews"][0]["opinions"][0]["verdict"] for one in (first, second, third)
    ] == ["BLOCKING"] * 3
    assert LEGAL.split("\n", maxsplit=1)[0] in first["reviews"][0]["request"]
    assert child["waived"] == [{"trigger": "legal", "why": "fine"}]
    assert story["total_usd"] == found["cost_usd"]
    said = do("runs", "show", found["run"], "--why").out
    for line in (
        "  coo → writer, run ",
        '      legal, "GDPR" in line 1: lawyer reviews it\n',
        '        "We promise GDPR compliance."\n',
        "      +We work on GDPR.\n",
        "        BLOCKING (legal): 'blocking' it is (to fix it: say less)\n",
        "    you waived legal: fine\n",
        " in all\n",
    ):
        assert line in said
    assert len(do("runs", "show", found["run"], "--why", "--full").out) > len(said)


@claim("reviews:why")
def test_a_review_under_two_triggers_is_asked_and_shown_as_one(
    company: Place, wire: WireServer, do: Do
) -> None:
    more = "{name: ways, words: [GDPR], any_of: [cfo, lawyer]}"
    settings = (company.root / ".github/agentco.yml").read_text()
    company.settings(settings.replace("triggers: [", f"triggers: [{more}, "))
    company.trust()
    both = {"trigger": "legal, ways", "verdict": "CONCERNS", "because": "really?"}
    said = Call(name="Verdict", arguments=json.dumps({"verdicts": [both]}))
    says(wire, Say(text="We promise GDPR compliance."), lawyer=[Say(calls=[said])])
    run = do("ask", "writer", "draft", "--json").document["run"]
    shown = do("runs", "show", run, "--why", "--full").out
    assert '- legal, ways: "GDPR" in line 1\n' in shown
    for line in (
        'legal, ways, "GDPR" in line 1: lawyer reviews it',
        "CONCERNS (legal, ways): really?",
        "lawyer (legal, ways): CONCERNS on draft 1",
    ):
        assert line in shown
    assert len(shown.split("legal")) == len(shown.split("legal, ways"))
    assert "cfo" not in shown


@claim("reviews:why")
@pytest.mark.usefixtures("company")
def test_the_story_says_what_nobody_could_review_and_what_was_not(
    wire: WireServer, do: Do
) -> None:
    says(
        wire,
        Say(text="The orphan post on GDPR."),
        lawyer=[Say(text="Looks fine to me.")],
    )
    run = do("ask", "writer", "draft", "--json").document["run"]
    said = do("runs", "show", run, "--why").out
    assert (
        "owed, \"orphan\" in line 1: nobody reviews it, owed: there is no agent 'nobody'"
        in said
    )
    assert "it gave no verdict: its review ended failed: no model is left" in said
    assert "BLOCKING" not in said
    says(wire, Say(text="Short."))
    quick = do("ask", "writer", "hm", "--quick", "--json").document["run"]
    assert "quick: nobody reviewed this" in do("runs", "show", quick, "--why").out
    do("runs", "prune", "--days", "1", "--yes")


@claim("lessons:asked")
@pytest.mark.parametrize(
    ("lesson", "count"),
    [
        (LESSON, 1),
        (NOTHING, 0),
        (Say(status=500, headers=AT_ONCE), 0),
        (Say(text=""), 0),
    ],
)
@pytest.mark.parametrize("how", ["blocked", "failed"])
@pytest.mark.usefixtures("company")
def test_work_that_went_badly_leaves_its_lesson_and_ends_as_it_would(
    wire: WireServer, do: Do, how: str, lesson: Say, count: int
) -> None:
    answers = {
        "blocked": BLOCKS[:3],
        "failed": [Say(text="The po", stop="length")] * 2,
    }[how]
    says(wire, *answers, lesson)
    said = do("ask", "writer", "draft", "--json")
    assert (said.code, said.document["status"]) == (1, how)
    found = do("lessons", "--json").document["lessons"]
    assert len(found) == count
    for one in found:
        assert one == {
            "name": one["name"],
            "agent": "writer",
            "category": "process",
            "summary": "Ask first",
            "detail": "It was held back",
            "action": "Ask the lawyer",
            "status": "open",
        }
        assert one["name"].endswith(":ask-first")
    if count:
        assert "tool Lesson" in json.dumps(wire.requests[-1].body)


@claim("lessons:asked")
@pytest.mark.usefixtures("company")
def test_dear_work_is_done_and_leaves_its_lesson(wire: WireServer, do: Do) -> None:
    says(wire, Say(text="Fine."))
    for _ in range(10):
        do("ask", "writer", "draft")
    says(wire, Say(text="Fine."), LESSON)
    assert do("ask", "writer", "draft").code == 0
    assert do("lessons", "--json").document == {"lessons": []}
    says(wire, Say(text="Long. " * 2000), LESSON)
    said = do("ask", "writer", "draft")
    assert (said.code, said.out.startswith("Long.")) == (0, True)
    assert [one["summary"] for one in do("lessons", "--json").document["lessons"]] == [
        "Ask first"
    ]


@claim("lessons:asked")
@pytest.mark.usefixtures("company")
def test_dear_work_is_the_roots_and_no_department_answers_for_it(
    wire: WireServer, do: Do
) -> None:
    says(wire, Say(text="Fine."))
    for _ in range(10):
        do("ask", "coo", "draft")
    says(
        wire,
        DELEGATES,
        Say(text="Done."),
        LESSON,
        **{"~From: coo": [Say(text="Long. " * 2000), LESSON]},
    )
    assert do("ask", "coo", "draft").code == 0
    assert [one["agent"] for one in do("lessons", "--json").document["lessons"]] == [
        "coo"
    ]


@claim("lessons:shown")
def test_open_lessons_come_first_and_answered_ones_only_when_all_are_wanted(
    place: Place, do: Do
) -> None:
    place.know(
        "lesson",
        "lesson:2026-11-01:a",
        "Agent: cfo",
        "Summary: Count",
        "Status: answered by abc",
    )
    place.know(
        "lesson",
        "lesson:2026-11-02:b",
        "Agent: cto",
        "Category: bug",
        "Summary: Test",
        "Action: Do",
        "Status: open",
    )
    shown = do("lessons").out
    assert shown == "lesson:2026-11-02:b, cto, bug\n  Test\n  to do: Do\n  open\n"
    names = [
        one["name"] for one in do("lessons", "--all", "--json").document["lessons"]
    ]
    assert names == ["lesson:2026-11-02:b", "lesson:2026-11-01:a"]
    assert "answered by abc" in do("lessons", "--all").out
