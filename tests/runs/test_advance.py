"""What comes next in a run: one table of events and situations."""

import json
from typing import Any

import msgspec
import pytest
from claims import claim
from heads import (
    ASKED,
    CALLS,
    QUESTION,
    UNREADABLE,
    VERDICT,
    after,
    call,
    calls,
    run_of,
    says,
)

from agentco.adapters.state import encode_run
from agentco.kernel import Trouble
from agentco.public_text import Finding, TextRule
from agentco.review import DueReview, Opinion, Verdict
from agentco.runs import (
    MAX_CALLS_PER_ANSWER,
    MAX_HEAD_BYTES,
    AnyEffect,
    AnyEvent,
    AskFounder,
    AskModel,
    CallLimit,
    Cancelled,
    ChildFinished,
    Classified,
    Classify,
    Decided,
    Delegated,
    DelegateWork,
    Deliver,
    Delivered,
    Examine,
    Examined,
    ModelFailed,
    OweReview,
    Refused,
    Remember,
    Remembered,
    Reviewed,
    RunJob,
    RunPhase,
    Saved,
    SaveDeliverable,
    StartReview,
    StartTask,
    StopReason,
    ToolReturned,
    UseTool,
    Waived,
    event_for_parent,
)
from agentco.runs.advance import advance

LOST = ModelFailed(effect=1, trouble=Trouble.LOST, reason="it broke off")
RECOVERED = ModelFailed(
    effect=1, trouble=Trouble.LOST, reason="its process ended", recovered=True
)
BUSY = ModelFailed(effect=1, trouble=Trouble.BUSY, reason="busy")
NO_MONEY = Refused(effect=1, limit=CallLimit.BUDGET, reason="the run's budget is $1.00")
TOO_LARGE = Refused(effect=1, limit=CallLimit.SIZE, reason="no longer kept")
GATHERED = call("Gather", CALLS["Gather"])
ASKS = call("AskFounder", QUESTION)
READS = UseTool(number=2, call=call())
TWO = calls(2)
TAX, LEGAL, NOBODY = (
    DueReview(trigger="tax", agent="accountant", words=("VAT",), line=1),
    DueReview(trigger="legal", agent="lawyer"),
    DueReview(trigger="trust", owed="there is no agent 'lawyer'"),
)
DRAFT = says(1, "Wednesday.")
DELEGATED = call("Delegate", CALLS["Delegate"])


def lesson(number: int, reason: str) -> list[AnyEffect]:
    """What work that went badly wants first."""
    return [AskModel(number=number, lesson=reason)]


def examined(*due: DueReview, effect: int = 2, **more: Any) -> Examined:
    return Examined(effect=effect, due=due, **more)


def review(number: int, *due: DueReview, draft: int = 1, round: int = 0) -> StartReview:  # noqa: A002  the field's name
    return StartReview(
        number=number, agent=due[0].agent, due=due, draft=draft, round=round
    )


def verdict(effect: int, due: DueReview, word: Verdict) -> Reviewed:
    """What one reviewer says."""
    opinion = Opinion(trigger=due.trigger, verdict=word, because="so")
    return Reviewed(
        effect=effect, agent=due.agent, under=(due.trigger,), opinions=(opinion,)
    )


def fails(effect: int, due: DueReview) -> Reviewed:
    return Reviewed(
        effect=effect, agent=due.agent, under=(due.trigger,), failed="it timed out"
    )


CLAIM = Finding(rule=TextRule.CLAIMS, line=1, text="certified", hint="leave it out")
BLOCK, MIND, FINE = Verdict.BLOCKING, Verdict.CONCERNS, Verdict.APPROVED
BLOCKED = (
    DRAFT,
    examined(TAX),
    verdict(3, TAX, BLOCK),
    says(4, "Tuesday."),
    examined(effect=5),
    verdict(6, TAX, BLOCK),
    says(7, "Monday."),
    examined(effect=8),
    verdict(9, TAX, BLOCK),
)

NOTHING = "the model gave no answer"
CUT = "the answer was cut at its longest allowed length"
STUCK = f"{CUT}, and nothing was added when it was asked to go on"
KEPT = "; what arrived is kept: agentco runs show r"
BROKEN = f"{CUT}, and again with twice the room"
OWES = OweReview(number=3, trigger="trust", why="there is no agent 'lawyer'")
TABLE: list[tuple[str, tuple[AnyEvent, ...], list[AnyEffect], RunPhase]] = [
    ("asked", (), [AskModel(number=1)], RunPhase.WORKING),
    (
        "answered",
        (says(1, "Wednesday."),),
        [Examine(number=2, draft=1)],
        RunPhase.WORKING,
    ),
    ("delivered", (DRAFT, examined(), Delivered(effect=3)), [], RunPhase.DONE),
    (
        "delivered, and to be written",
        (DRAFT, examined(), Delivered(effect=3, save_to="drafts/x.md")),
        [SaveDeliverable(number=4, answer=1, path="drafts/x.md")],
        RunPhase.WORKING,
    ),
    (
        "written",
        (
            DRAFT,
            examined(),
            Delivered(effect=3, save_to="drafts/x.md"),
            Saved(effect=4, file="drafts/x.md"),
        ),
        [],
        RunPhase.DONE,
    ),
    ("answered with nothing", (says(1, " \n"),), lesson(2, NOTHING), RunPhase.WORKING),
    (
        "cut",
        (says(1, "It is d", stop=StopReason.LENGTH),),
        [AskModel(number=2)],
        RunPhase.WORKING,
    ),
    (
        "cut where it was cut before",
        (
            says(1, "It is d", stop=StopReason.LENGTH),
            says(2, "It is d", stop=StopReason.LENGTH),
        ),
        lesson(3, STUCK + KEPT),
        RunPhase.WORKING,
    ),
    (
        "cut in its calls",
        (says(1, "", call(), stop=StopReason.LENGTH),),
        [AskModel(number=2)],
        RunPhase.WORKING,
    ),
    (
        "cut in its calls twice",
        (
            says(1, "", call(), stop=StopReason.LENGTH),
            says(2, "", call(), stop=StopReason.LENGTH),
        ),
        lesson(3, BROKEN),
        RunPhase.WORKING,
    ),
    (
        "refused by the model",
        (says(1, "I cannot.", stop=StopReason.REFUSED),),
        [],
        RunPhase.REFUSED,
    ),
    ("a tool", (says(1, "", call()),), [READS], RunPhase.WORKING),
    (
        "a question",
        (says(1, "", ASKS),),
        [AskFounder(number=2, call=ASKS, question="How much?")],
        RunPhase.WORKING,
    ),
    (
        "a large result",
        (says(1, "", GATHERED),),
        [StartTask(number=2, call=GATHERED, question="What is due?", handle="r.2")],
        RunPhase.WORKING,
    ),
    (
        "two tools",
        (says(1, "", *TWO),),
        [UseTool(number=2, call=TWO[0]), UseTool(number=3, call=TWO[1])],
        RunPhase.WORKING,
    ),
    (
        "one of two is back",
        (says(1, "", *TWO), ToolReturned(effect=3, text="x")),
        [],
        RunPhase.WORKING,
    ),
    (
        "both are back",
        (
            says(1, "", *TWO),
            ToolReturned(effect=3, text="x"),
            ToolReturned(effect=2, text="y"),
        ),
        [AskModel(number=4)],
        RunPhase.WORKING,
    ),
    (
        "the founder answered",
        (says(1, "", ASKS), Decided(effect=2, text="5")),
        [AskModel(number=3)],
        RunPhase.WORKING,
    ),
    (
        "the child is over",
        (says(1, "", GATHERED), ChildFinished(effect=2, text="x", ok=True)),
        [AskModel(number=3)],
        RunPhase.WORKING,
    ),
    ("out of budget", (NO_MONEY,), [], RunPhase.OUT_OF_BUDGET),
    ("too large", (TOO_LARGE,), [], RunPhase.FAILED),
    (
        "nothing due",
        (DRAFT, examined()),
        [Deliver(number=3, answer=1)],
        RunPhase.WORKING,
    ),
    (
        "two reviews",
        (DRAFT, examined(TAX, LEGAL)),
        [review(3, TAX), review(4, LEGAL)],
        RunPhase.WORKING,
    ),
    (
        "one of two",
        (DRAFT, examined(TAX, LEGAL), verdict(4, LEGAL, FINE)),
        [],
        RunPhase.WORKING,
    ),
    (
        "both approve",
        (DRAFT, examined(TAX, LEGAL), verdict(4, LEGAL, FINE), verdict(3, TAX, FINE)),
        [Deliver(number=5, answer=1)],
        RunPhase.WORKING,
    ),
    (
        "one blocks",
        (DRAFT, examined(TAX, LEGAL), verdict(4, LEGAL, FINE), verdict(3, TAX, BLOCK)),
        [AskModel(number=5, revise=True)],
        RunPhase.WORKING,
    ),
    (
        "revised: only the blocker looks again, and who became due",
        (
            DRAFT,
            examined(TAX),
            verdict(3, TAX, BLOCK),
            says(4, "Tuesday."),
            examined(LEGAL, effect=5),
        ),
        [review(6, TAX, draft=4, round=1), review(7, LEGAL, draft=4, round=1)],
        RunPhase.WORKING,
    ),
    (
        "blocked after two revisions",
        BLOCKED,
        lesson(10, "blocked by accountant (tax)"),
        RunPhase.WORKING,
    ),
    ("blocked, nothing learned", (*BLOCKED, says(10, "Well.")), [], RunPhase.BLOCKED),
    (
        "dropped after it was blocked",
        (*BLOCKED, says(10, "Well."), Cancelled(reason="no")),
        [],
        RunPhase.CANCELLED,
    ),
    (
        "waived after it was blocked",
        (*BLOCKED, says(10, "Well."), Waived(trigger="tax", why="I asked the office")),
        [Deliver(number=11, answer=7)],
        RunPhase.WORKING,
    ),
    (
        "concerns",
        (DRAFT, examined(TAX), verdict(3, TAX, MIND)),
        [AskModel(number=4, revise=True)],
        RunPhase.WORKING,
    ),
    (
        "concerns answered in writing",
        (
            DRAFT,
            examined(TAX),
            verdict(3, TAX, MIND),
            says(4, "Hm.", call("Keep", CALLS["Keep"])),
        ),
        [Examine(number=5, draft=1)],
        RunPhase.WORKING,
    ),
    (
        "concerns are heard once",
        (
            DRAFT,
            examined(TAX),
            verdict(3, TAX, MIND),
            says(4, "Tuesday."),
            examined(effect=5),
        ),
        [Deliver(number=6, answer=4)],
        RunPhase.WORKING,
    ),
    (
        "a claim",
        (DRAFT, examined(findings=(CLAIM,))),
        [AskModel(number=3, revise=True)],
        RunPhase.WORKING,
    ),
    ("nobody can review it", (DRAFT, examined(NOBODY)), [OWES], RunPhase.WORKING),
    (
        "its review failed",
        (DRAFT, examined(TAX), fails(3, TAX)),
        [OweReview(number=4, trigger="tax", why="it timed out")],
        RunPhase.WORKING,
    ),
    (
        "the founder waives it",
        (DRAFT, examined(NOBODY), Waived(effect=3, trigger="trust", why="it is true")),
        [Deliver(number=4, answer=1)],
        RunPhase.WORKING,
    ),
    (
        "a model may see more",
        (DRAFT, examined(perhaps=(TAX,))),
        [Classify(number=3, draft=1, perhaps=(TAX,))],
        RunPhase.WORKING,
    ),
    (
        "it did",
        (DRAFT, examined(perhaps=(TAX,)), Classified(effect=3, due=(TAX,))),
        [review(4, TAX)],
        RunPhase.WORKING,
    ),
    (
        "delegated",
        (says(1, "", DELEGATED),),
        [
            DelegateWork(
                number=2, call=DELEGATED, agent="marketing", task="", what="Draft it"
            )
        ],
        RunPhase.WORKING,
    ),
    (
        "a department is through, and owes a review",
        (
            says(1, "", DELEGATED),
            Delegated(
                effect=2, agent="marketing", status="done", text="x", owed=(LEGAL,)
            ),
        ),
        [AskModel(number=3)],
        RunPhase.WORKING,
    ),
    (
        "who owes a review has it done",
        (
            says(1, "", DELEGATED),
            Delegated(
                effect=2, agent="marketing", status="done", text="x", owed=(LEGAL,)
            ),
            says(3, "Both."),
            examined(effect=4),
        ),
        [review(5, LEGAL, draft=3)],
        RunPhase.WORKING,
    ),
    ("cancelled", (Cancelled(reason="enough"),), [], RunPhase.CANCELLED),
    ("lost", (LOST,), [AskModel(number=2)], RunPhase.WORKING),
    (
        "lost twice",
        (LOST, msgspec.structs.replace(LOST, effect=2)),
        [AskModel(number=3, held=True)],
        RunPhase.WORKING,
    ),
    ("recovered", (RECOVERED,), [AskModel(number=2)], RunPhase.WORKING),
    ("busy", (BUSY,), [AskModel(number=2, held=True)], RunPhase.WORKING),
]


@claim("runs:advance")
@pytest.mark.parametrize(
    ("events", "wanted", "phase"),
    [row[1:] for row in TABLE],
    ids=[row[0] for row in TABLE],
)
def test_each_event_wants_what_the_table_says(
    events: tuple[AnyEvent, ...], wanted: list[AnyEffect], phase: RunPhase
) -> None:
    run, found = after(*events)
    assert (found, run.phase) == (wanted, phase)


@claim("runs:advance")
def test_a_waiver_that_comes_while_a_lesson_is_written_changes_nothing_and_can_be_given_again() -> (
    None
):
    waived = Waived(trigger="tax", why="I asked the office")
    writing, _ = after(*BLOCKED)
    assert advance(writing, waived) == (writing, [])
    blocked, _ = advance(writing, says(10, "Well."))
    assert advance(blocked, waived)[1] == [Deliver(number=11, answer=7)]


@claim("runs:advance")
def test_every_event_stands_in_the_table() -> None:
    seen = {type(event) for row in TABLE for event in row[1]} | {
        type(ASKED),
        Remembered,
    }
    assert seen == set(AnyEvent.__args__)


@claim("runs:advance")
@pytest.mark.parametrize(
    ("events", "outcome", "phase"),
    [
        ((says(1, "x"), examined(), Delivered(effect=3)), "ok", RunPhase.DONE),
        (
            (says(1, "x"), examined(), Delivered(effect=3, produced=False)),
            "no-result",
            RunPhase.DONE,
        ),
        ((says(1), says(2)), "failed", RunPhase.FAILED),
        (
            (*BLOCKED, Refused(effect=10, limit=CallLimit.BUDGET, reason="no money")),
            "failed",
            RunPhase.BLOCKED,
        ),
        ((says(1, "no", stop=StopReason.REFUSED),), "failed", RunPhase.REFUSED),
        ((NO_MONEY,), "failed", RunPhase.OUT_OF_BUDGET),
    ],
)
def test_a_prompt_writes_down_how_it_ended_before_it_is_over(
    events: tuple[AnyEvent, ...], outcome: str, phase: RunPhase
) -> None:
    run, wanted = after(*events, run=run_of(prompt="weekly"))
    number = run.next - 1
    assert (wanted, run.is_over) == (
        [Remember(number=number, prompt="weekly", outcome=outcome)],
        False,
    )
    over, nothing = advance(run, Remembered(effect=number))
    assert (over.phase, nothing) == (phase, [])


@claim("runs:no-storm")
@pytest.mark.parametrize("stop", [StopReason.END, StopReason.TOOLS, StopReason.REFUSED])
@pytest.mark.parametrize("text", ["", "Half an ans"])
def test_fault_65_an_answer_that_is_refused_or_empty_is_never_asked_for_again(
    text: str, stop: StopReason
) -> None:
    run, wanted = after(says(1, text, stop=stop))
    assert not any(
        isinstance(effect, AskModel) and not effect.lesson for effect in wanted
    )
    whole = text and stop in {StopReason.END, StopReason.TOOLS}
    assert (run.ending is None) == bool(whole)
    assert bool(run.reason) == bool(run.ending)
    assert run.answer == (1 if text else None)


@claim("runs:caps")
def test_fault_67_of_a_hundred_calls_sixteen_are_taken_up() -> None:
    run, wanted = after(says(1, "", *calls(100)))
    assert [effect.number for effect in wanted] == list(
        range(2, 2 + MAX_CALLS_PER_ANSWER)
    )
    assert (run.tool_calls, MAX_CALLS_PER_ANSWER) == (16, 16)


@claim("runs:caps")
def test_the_last_turn_and_the_turn_after_the_last_tool_get_no_tools() -> None:
    assert after(run=run_of(max_turns=1))[1] == [AskModel(number=1, last=True)]
    few = run_of(max_tool_calls=1)
    _, wanted = after(says(1, "", call()), ToolReturned(effect=2, text="x"), run=few)
    assert wanted == [AskModel(number=3, last=True)]


@claim("runs:caps")
@pytest.mark.parametrize(
    ("more", "reason"),
    [({"max_turns": 1}, "1 turns"), ({"max_tool_calls": 0}, "0 tool calls")],
)
def test_calls_past_the_caps_end_the_run_with_what_it_has(
    more: dict[str, Any], reason: str
) -> None:
    run, wanted = after(says(1, "So far: Wednesday.", call()), run=run_of(**more))
    assert (wanted, run.phase, run.answer) == ([], RunPhase.OUT_OF_BUDGET, 1)
    assert reason in run.reason


@claim("runs:caps")
def test_a_run_that_has_had_its_turns_learns_nothing_more() -> None:
    run, wanted = after(says(1, ""), run=run_of(max_turns=1))
    assert (wanted, run.phase) == ([], RunPhase.FAILED)


@claim("runs:caps")
def test_only_as_many_calls_are_taken_up_as_the_run_has_left() -> None:
    run, wanted = after(says(1, "", *calls(10)), run=run_of(max_tool_calls=3))
    assert (len(wanted), run.tool_calls) == (3, 3)


DEMANDED = [(RunJob.REVIEW, "Verdict"), (RunJob.CLASSIFY, "Consult")]


@claim("protocol:demanded")
@pytest.mark.parametrize(("job", "tool"), DEMANDED)
@pytest.mark.parametrize("text", ["It is fine.", "", "APPROVED, if you must."])
def test_who_decides_nothing_is_asked_for_it_once_more(
    job: RunJob, tool: str, text: str
) -> None:
    _, wanted = after(says(1, text), run=run_of(job=job, under=("tax",)))
    assert wanted == [AskModel(number=2, must=tool)]


AGAIN = msgspec.structs.replace(TAX, words=("IVA",), line=2, again=True)


@claim("reviews:bound")
@pytest.mark.parametrize("word", [FINE, MIND])
def test_a_verdict_on_another_text_is_asked_for_again_and_a_heard_concern_not_revised_twice(
    word: Verdict,
) -> None:
    begun = (
        DRAFT,
        examined(TAX, LEGAL),
        verdict(3, TAX, word),
        verdict(4, LEGAL, MIND),
    )
    run, wanted = after(
        *begun, says(5, "Tuesday. IVA is due."), examined(AGAIN, effect=6)
    )
    due = msgspec.structs.replace(AGAIN, again=False)
    assert wanted == [review(7, due, draft=5, round=1)]
    run, wanted = advance(run, verdict(7, TAX, word))
    assert wanted == [Deliver(number=8, answer=5)]
    assert run.reviews[0].round == 1


@claim("protocol:demanded")
def test_a_classifier_that_names_nothing_is_asked_no_third_time() -> None:
    run, _ = after(says(1, "Fine."), run=run_of(job=RunJob.CLASSIFY))
    _, again = advance(run, says(2, "It is fine."))
    assert again == [Deliver(number=3, answer=2)]


REVIEWER = run_of(job=RunJob.REVIEW, under=("tax", "legal"))
HALF = call("Verdict", VERDICT)


@claim("reviews:elsewhere")
def test_a_reviewer_without_a_verdict_is_replaced_by_another_model_then_its_review_is_owed() -> (
    None
):
    run, _ = after(says(1, "Fine."), run=REVIEWER)
    run, wanted = advance(run, says(2, "It is fine."))
    assert (run.elsewhere, wanted) == (3, [AskModel(number=3, must="Verdict")])
    run, wanted = advance(run, says(3, "I told you."))
    assert (run.phase, run.reason, wanted) == (
        RunPhase.FAILED,
        "it gave no verdict",
        [],
    )


@claim("reviews:elsewhere")
def test_a_verdict_under_one_of_two_triggers_leaves_the_other_owed() -> None:
    run, wanted = after(says(1, "", HALF), run=REVIEWER)
    assert wanted == [AskModel(number=2, must="Verdict")]
    run, _ = advance(run, says(2, "", HALF))
    run, wanted = advance(run, says(3, "", HALF))
    assert (run.phase, run.answer, wanted) == (RunPhase.DONE, 3, [])
    order = StartReview(number=2, agent="lawyer", due=(), draft=1)
    said = event_for_parent(run, order, [says(3, "", HALF)], "")
    assert isinstance(said, Reviewed)
    assert [opinion.trigger for opinion in said.opinions] == ["tax"]


@claim("reviews:elsewhere")
def test_verdicts_of_two_answers_are_one_review_and_the_last_under_a_trigger_counts() -> (
    None
):
    mind = {"trigger": "tax", "verdict": "CONCERNS"}
    other = {"trigger": "legal", "verdict": "APPROVED"}
    first, second = (
        says(1, "", HALF),
        says(2, "", call("Verdict", json.dumps({"verdicts": [other]}))),
    )
    run, wanted = after(first, run=REVIEWER)
    assert wanted == [AskModel(number=2, must="Verdict")]
    run, wanted = advance(run, second)
    assert (run.phase, wanted) == (RunPhase.DONE, [])
    both = says(2, "", call("Verdict", json.dumps({"verdicts": [mind, other]})))
    order = StartReview(number=2, agent="lawyer", due=(), draft=1)
    for last, word in ((second, "APPROVED"), (both, "CONCERNS")):
        said = event_for_parent(run, order, [first, last], "")
        assert isinstance(said, Reviewed)
        words = [(one.trigger, one.verdict) for one in said.opinions]
        assert words == [("tax", word), ("legal", "APPROVED")]


@claim("reviews:in-words")
@pytest.mark.parametrize(
    "text",
    ["1. ✅ APPROVED\n\nAll well.", "<deliverable>\n1. ✅ APPROVED\n</deliverable>"],
)
def test_an_approval_in_the_first_line_of_a_text_ends_the_review(text: str) -> None:
    run, wanted = after(says(1, text), run=REVIEWER)
    assert (run.phase, run.answer, wanted) == (RunPhase.DONE, 1, [])


@claim("protocol:demanded")
@pytest.mark.parametrize(("job", "tool"), DEMANDED)
def test_a_call_that_is_demanded_stays_so_until_it_comes(
    job: RunJob, tool: str
) -> None:
    run, lost = after(
        says(1, "Fine."),
        msgspec.structs.replace(LOST, effect=2),
        run=run_of(job=job, under=("tax",)),
    )
    assert lost == [AskModel(number=3, must=tool)]
    run, _ = advance(run, says(3, "", call()))
    run, read = advance(run, ToolReturned(effect=4, tool="Read", text="x"))
    assert read == [AskModel(number=5, must=tool)]
    run, wanted = advance(run, says(5, "", call(tool, CALLS[tool])))
    assert (run.phase, run.answer, wanted) == (RunPhase.DONE, 5, [])


@claim("protocol:demanded")
def test_nobody_else_and_nobody_in_its_last_turn_is_pressed() -> None:
    assert after(says(1, "Fine."))[1] == [Examine(number=2, draft=1)]
    assert after(says(1, "Fine."), run=run_of(job=RunJob.GATHER))[1] == [
        Deliver(number=2, answer=1)
    ]
    last, _ = after(says(1, "Fine."), run=run_of(job=RunJob.REVIEW, max_turns=1))
    assert last.phase is RunPhase.FAILED
    assert (
        after(says(1, "No.", stop=StopReason.REFUSED), run=run_of(job=RunJob.REVIEW))[
            0
        ].phase
        is RunPhase.REFUSED
    )


@claim("runs:lost")
def test_a_call_that_was_lost_is_made_again_once_and_later_once_for_each_resume() -> (
    None
):
    _, once = after(LOST)
    run, twice = after(LOST, msgspec.structs.replace(LOST, effect=2))
    _, resumed = advance(run, msgspec.structs.replace(LOST, effect=3))
    assert [[e.held for e in wanted] for wanted in (once, twice, resumed)] == [
        [False],
        [True],
        [True],
    ]


@claim("runs:lost")
def test_an_answer_in_between_gives_the_next_lost_call_its_second_try() -> None:
    lost = [msgspec.structs.replace(LOST, effect=n) for n in (1, 4)]
    run, wanted = after(
        lost[0], says(2, "", call()), ToolReturned(effect=3, text="x"), lost[1]
    )
    assert (wanted, run.lost) == ([AskModel(number=5)], 1)


@claim("runs:misread")
def test_fault_61_a_tool_whose_call_was_misread_is_marked_when_the_next_is_too() -> (
    None
):
    bad = call("read", UNREADABLE)
    back = ToolReturned(effect=2, tool="read", text="…", ok=False, misread=True)
    _, first = after(says(1, "", bad))
    run, second = after(says(1, "", bad), back, says(3, "", call("Read", UNREADABLE)))
    assert [e.again for e in (*first, *second) if isinstance(e, UseTool)] == [
        False,
        True,
    ]
    fine = ToolReturned(effect=4, tool="Read", text="…")
    _, third = after(says(5, "", bad), run=advance(run, fine)[0])
    assert run.misread == ("Read",)
    assert [e.again for e in third if isinstance(e, UseTool)] == []


@claim("runs:misread")
def test_fault_62_a_tool_that_was_not_granted_gets_no_second_try() -> None:
    _, wanted = after(
        says(1, "", call("Board", "{}"), call("Fly", "{}")), run=run_of(tools=("Read",))
    )
    assert [e.again for e in wanted if isinstance(e, UseTool)] == [True, True]


HOSTILE = ["x" * 100_000, "\x00" * 5000, '"\\' * 5000, "😀" * 5000, "é\n" * 5000]


@claim("runs:head")
@pytest.mark.parametrize("text", HOSTILE)
def test_a_head_stays_under_four_kilobytes_whatever_its_title_and_reason(
    text: str,
) -> None:
    run, _ = after(
        Cancelled(reason=text),
        run=run_of(title=text, prompt="p" * 64, model="workshop/" + "m" * 100),
    )
    data = encode_run(run)
    assert len(data) <= MAX_HEAD_BYTES
    assert msgspec.json.decode(data, type=type(run)).phase is RunPhase.CANCELLED


@claim("runs:head")
def test_a_head_does_not_grow_with_the_names_that_a_model_makes_up() -> None:
    run, _ = after()
    while not run.is_over:
        run, wanted = advance(run, says(run.waits_for[0], "", call("Fly" * 500, "{}")))
        for effect in wanted:
            name = f"Fly{effect.number}" * 500
            run, _ = advance(
                run,
                ToolReturned(
                    effect=effect.number, tool=name, text="", ok=False, misread=True
                ),
            )
        assert len(encode_run(run)) < 1000
    assert run.tool_calls == run.max_turns - 1


@claim("runs:advance")
def test_a_review_that_is_owed_for_new_work_is_asked_for_anew_though_an_earlier_draft_was_approved() -> (
    None
):
    owed = Delegated(
        effect=8, agent="marketing", status="done", text="x", owed=(LEGAL,)
    )
    before = (
        DRAFT,
        examined(TAX, LEGAL),
        verdict(4, LEGAL, FINE),
        verdict(3, TAX, BLOCK),
        says(5, "", call()),
    )
    run, wanted = after(
        *before, ToolReturned(effect=6, text="x"), says(7, "", DELEGATED), owed
    )
    assert wanted == [AskModel(number=9, revise=True)]
    _, wanted = advance(advance(run, says(9, "Both."))[0], examined(effect=10))
    assert wanted == [
        review(11, TAX, draft=9, round=1),
        review(12, LEGAL, draft=9, round=1),
    ]


@claim("runs:head")
def test_a_head_with_many_reviews_stays_small() -> None:
    due = tuple(
        DueReview(
            trigger=f"trigger-{n}", agent="accountant", words=("x" * 40,) * 3, line=n
        )
        for n in range(11)
    )
    run, _ = after(DRAFT, examined(*due))
    assert len(encode_run(run)) <= MAX_HEAD_BYTES
