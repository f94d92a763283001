"""Laws of what comes next, whatever models, tools, founders and networks do."""

import msgspec
from claims import claim
from heads import ANYTHING, ASKED, RUNS, TEXTS, after, calls, outcomes, says
from hypothesis import given, strategies as st
from msgspec.structs import replace

from agentco.adapters.state import encode_run
from agentco.runs import (
    MAX_HEAD_BYTES,
    AnyEffect,
    AnyEvent,
    AskModel,
    Cancelled,
    Run,
    RunPhase,
    ToolReturned,
    Waived,
)
from agentco.runs.advance import advance

STEPS = 40


def step(data: st.DataObject, out: list[AnyEffect]) -> AnyEvent:
    """Something that can happen next: mostly to one of the effects that are out."""
    if data.draw(st.integers(0, 30)) == 0:
        return Cancelled(reason="enough")
    return data.draw(outcomes(data.draw(st.sampled_from(out))))


@claim("runs:pure")
@given(run=RUNS, events=st.lists(ANYTHING, max_size=12))
def test_the_same_run_and_event_give_the_same_result_and_change_nothing_given(
    run: Run, events: list[AnyEvent]
) -> None:
    for event in (ASKED, *events):
        before = msgspec.json.encode((run, event))
        first, second = advance(run, event), advance(run, event)
        assert first == second
        assert msgspec.json.encode((run, event)) == before
        run = first[0]


@claim("runs:laws")
@given(data=st.data(), run=RUNS)
def test_whatever_happens_numbers_caps_and_what_is_waited_for_hold(
    data: st.DataObject, run: Run
) -> None:
    run, wanted = advance(run, ASKED)
    out, used = list(wanted), {effect.number for effect in wanted}
    for _ in range(STEPS):
        if not out:
            break
        event = step(data, out)
        run, wanted = advance(run, event)
        numbers = [effect.number for effect in wanted]
        assert not used & set(numbers)
        assert len(set(numbers)) == len(numbers)
        used |= set(numbers)
        out = [effect for effect in out if effect.number != event.effect] + list(wanted)
        out = [] if run.is_over else out
        assert sorted(run.waits_for) == sorted(effect.number for effect in out)
        assert run.turns <= run.max_turns
        assert run.tool_calls <= run.max_tool_calls
        assert len(encode_run(run)) <= MAX_HEAD_BYTES
    assert out or run.is_over


@claim("runs:laws")
@given(data=st.data(), run=RUNS, late=ANYTHING)
def test_a_run_that_is_over_never_changes(
    data: st.DataObject, run: Run, late: AnyEvent
) -> None:
    run, wanted = advance(run, ASKED)
    out = list(wanted)
    for _ in range(STEPS):
        if run.is_over:
            break
        event = step(data, out)
        run, wanted = advance(run, event)
        out = [effect for effect in out if effect.number != event.effect] + list(wanted)
    run = run if run.is_over else advance(run, Cancelled(reason="enough"))[0]
    for event in (ASKED, late, replace(late, effect=0)):
        decides = run.phase is RunPhase.BLOCKED and isinstance(
            event, Cancelled | Waived
        )
        assert decides or advance(run, event) == (run, [])
    dropped, wanted = advance(run, Cancelled(reason="enough"))
    assert (dropped.phase is RunPhase.CANCELLED or dropped == run, wanted) == (True, [])


@claim("runs:laws")
@given(run=RUNS, event=ANYTHING)
def test_what_nobody_waits_for_changes_nothing(run: Run, event: AnyEvent) -> None:
    run, _ = advance(run, ASKED)
    if event.effect and event.effect not in run.waits_for:
        assert advance(run, event) == (run, [])


@claim("runs:laws")
@given(data=st.data(), count=st.integers(1, 16))
def test_the_order_in_which_tools_return_never_changes_the_next_call(
    data: st.DataObject, count: int
) -> None:
    answer = says(1, "", *calls(count))
    back = [
        ToolReturned(
            effect=effect.number,
            tool="Read",
            text=data.draw(TEXTS),
            misread=data.draw(st.booleans()),
        )
        for effect in after(answer)[1]
    ]
    (_, mixed), (_, ordered) = (
        after(answer, *data.draw(st.permutations(back))),
        after(answer, *back),
    )
    assert mixed == ordered == [AskModel(number=2 + count)]
