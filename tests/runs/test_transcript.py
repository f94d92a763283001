"""What the next call hears: every call has exactly one reply, in order, and large ones by their handle."""

from itertools import takewhile

import pytest
from claims import claim
from heads import ASKED, RUNS, after, call, calls, outcomes, says
from hypothesis import given, strategies as st

from agentco.briefing import (
    ANSWER_NOW,
    LARGE_RESULT,
    NOT_TAKEN_UP,
    RESULT_HEAD,
    build_conversation,
)
from agentco.kernel import Trouble
from agentco.runs import (
    Answered,
    AnyEffect,
    AnyEvent,
    AskFounder,
    AskModel,
    ChatMessage,
    ChildFinished,
    Decided,
    MessageRole,
    ModelFailed,
    Run,
    StartTask,
    StoryEntry,
    ToolReturned,
    UseTool,
    renumber_calls,
)
from agentco.runs.advance import advance

TOOL, GATHERS, ASKS = (
    UseTool(number=2, call=call()),
    StartTask(number=2, call=call("Gather"), question="What is due?", handle="r.9"),
    AskFounder(number=2, call=call("AskFounder"), question="How much?"),
)


def heard(effect: AnyEffect, event: AnyEvent | None) -> str:
    """The reply to the only call of a run."""
    story = [
        StoryEntry(effect=AskModel(number=1), event=says(1, "", call())),
        StoryEntry(effect=effect, event=event),
    ]
    *_, last = build_conversation("r", ASKED, story)
    assert (last.role, last.call) == (MessageRole.TOOL, "call_1_0")
    return last.text


@claim("runs:transcript")
@pytest.mark.parametrize(
    ("effect", "event", "text"),
    [
        (TOOL, ToolReturned(effect=2, text="12 lines"), "12 lines"),
        (
            TOOL,
            ToolReturned(effect=2, text="no such file", ok=False),
            "error: no such file",
        ),
        (TOOL, Decided(effect=2, text="no", ok=False), "<founder>\nno\n</founder>"),
        (TOOL, None, "not done"),
        (GATHERS, ChildFinished(effect=2, text="VAT", ok=True), "VAT"),
        (
            GATHERS,
            ChildFinished(effect=2, text="out of budget", ok=False),
            "error: out of budget",
        ),
        (
            GATHERS,
            ToolReturned(effect=2, text="not allowed: a rule", ok=False),
            "error: not allowed: a rule",
        ),
        (
            ASKS,
            Decided(effect=2, text="Nine euros."),
            "<founder>\nNine euros.\n</founder>",
        ),
    ],
)
def test_a_model_hears_what_came_of_each_call(
    effect: AnyEffect, event: AnyEvent | None, text: str
) -> None:
    assert heard(effect, event) == text


@claim("runs:large-results")
@pytest.mark.parametrize("text", ["x" * LARGE_RESULT, "é" * (LARGE_RESULT // 2)])
def test_eight_kilobytes_are_heard_whole(text: str) -> None:
    assert heard(TOOL, ToolReturned(effect=2, text=text)) == text


@claim("runs:large-results")
@pytest.mark.parametrize(
    ("effect", "event"),
    [
        (TOOL, ToolReturned(effect=2, text="é" * LARGE_RESULT)),
        (GATHERS, ChildFinished(effect=2, text="x" * 100_000, ok=True)),
        (TOOL, ToolReturned(effect=2, text="x" * 100_000, ok=False)),
    ],
)
def test_more_is_heard_by_its_head_and_its_handle(
    effect: AnyEffect, event: ToolReturned | ChildFinished
) -> None:
    said = heard(effect, event)
    assert said.removeprefix("error: ").startswith(event.text[: RESULT_HEAD - 7])
    assert "stored as r.2: Gather with this handle" in said
    assert len(said.encode()) < LARGE_RESULT


@claim("runs:transcript")
def test_fault_67_calls_that_were_not_taken_up_are_answered_so() -> None:
    answer = says(1, "", *calls(100))
    _, wanted = after(answer)
    back = [
        StoryEntry(
            effect=e, event=ToolReturned(effect=e.number, text=f"result {e.number}")
        )
        for e in wanted
    ]
    said = build_conversation(
        "r", ASKED, [StoryEntry(effect=AskModel(number=1), event=answer), *back]
    )
    replies = [m.text for m in said if m.role is MessageRole.TOOL]
    assert replies[:16] == [f"result {n}" for n in range(2, 18)]
    assert replies[16:] == [NOT_TAKEN_UP] * 84


@claim("runs:transcript")
def test_only_the_last_turn_is_told_to_answer_now() -> None:
    plain, last = (
        build_conversation("r", ASKED, [], last=last) for last in (False, True)
    )
    assert plain == ASKED.given
    assert last == (*ASKED.given, ChatMessage(role=MessageRole.USER, text=ANSWER_NOW))


@claim("runs:transcript")
def test_a_call_that_brought_nothing_leaves_no_trace_in_what_is_said() -> None:
    lost = ModelFailed(effect=1, trouble=Trouble.LOST, reason="it broke off")
    assert (
        build_conversation(
            "r", ASKED, [StoryEntry(effect=AskModel(number=1), event=lost)]
        )
        == ASKED.given
    )


@claim("runs:transcript")
def test_calls_get_ids_of_ours_whatever_ids_a_model_gives() -> None:
    theirs = (call(id_=""), call(id_=""), call(id_="same"), call(id_="same"))
    assert [c.id for c in renumber_calls(theirs, 7)] == [
        "call_7_0",
        "call_7_1",
        "call_7_2",
        "call_7_3",
    ]


@claim("runs:transcript")
@given(data=st.data(), run=RUNS)
def test_at_every_call_each_earlier_call_has_one_reply_in_order(
    data: st.DataObject, run: Run
) -> None:
    run, wanted = advance(run, ASKED)
    out: list[AnyEffect] = list(wanted)
    story: dict[int, StoryEntry] = {}
    for _ in range(25):
        if not out:
            break
        effect = data.draw(st.sampled_from(out))
        if isinstance(effect, AskModel):
            answered(run, story)
        event = data.draw(outcomes(effect))
        if isinstance(event, Answered):
            event = says(
                effect.number,
                event.text,
                *renumber_calls(event.calls, effect.number),
                stop=event.stop,
            )
        story[effect.number] = StoryEntry(effect=effect, event=event)
        run, wanted = advance(run, event)
        out = [e for e in out if e.number != effect.number] + list(wanted)


def answered(run: Run, story: dict[int, StoryEntry]) -> None:
    """What providers want of a transcript: right after an assistant's calls, one reply to each."""
    said = list(build_conversation(run.id, ASKED, [story[n] for n in sorted(story)]))
    for i, message in enumerate(said):
        if message.role is MessageRole.ASSISTANT:
            replies = takewhile(lambda m: m.role is MessageRole.TOOL, said[i + 1 :])
            assert [m.call for m in replies] == [c.id for c in message.calls]
    assert sum(m.role is MessageRole.TOOL for m in said) == sum(
        len(m.calls) for m in said
    )
