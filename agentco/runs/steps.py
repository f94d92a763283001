"""The steps that every way through a run is made of: it wants something, asks its model, ends."""

from collections.abc import Sequence

from msgspec.structs import replace

from agentco.runs import effects
from agentco.runs.actions import FINAL_TOOLS
from agentco.runs.run import Run, RunJob, RunPhase

COSTLY_REASON = "done, but it cost three times what such work usually costs"
REQUIRED_TOOL = {RunJob.REVIEW: "Verdict", RunJob.CLASSIFY: "Consult"}
"""What a run is there to call; one that did not is asked for it once more."""
NextStep = tuple[Run, list[effects.AnyEffect]]


def callable_tools(run: Run) -> tuple[str, ...]:
    """The tools that a run may call; who revises may also keep its draft."""
    return (*run.tools, "Keep") if run.round else run.tools


def tools_for_turn(run: Run, effect: effects.AskModel) -> tuple[str, ...]:
    """The tools that a turn is told of: the last one only what ends the run, one after the work only the lesson."""
    only = (
        ("Lesson",)
        if effect.lesson
        else FINAL_TOOLS
        if effect.last
        else callable_tools(run)
    )
    return tuple(name for name in callable_tools(run) if name in only)


def order_effects(run: Run, orders: Sequence[effects.AnyEffect]) -> NextStep:
    """The run once it waits for these."""
    return replace(
        run,
        next=run.next + len(orders),
        waits_for=tuple(order.number for order in orders),
    ), [*orders]


def ask_model(run: Run, *, held: bool = False) -> NextStep:
    """The next turn; the last one that the caps allow gets no tools."""
    last = run.turns + 1 >= run.max_turns or run.tool_calls >= run.max_tool_calls
    must = REQUIRED_TOOL.get(run.job, "") if run.pressed else ""
    return order_effects(
        run,
        [
            effects.AskModel(
                number=run.next, held=held, last=last, revise=run.round > 0, must=must
            )
        ],
    )


def end_run(run: Run, phase: RunPhase, reason: str, *, learn: bool = False) -> NextStep:
    """The run ends like this. After work that went badly its owner is first asked what to learn from it."""
    run = replace(run, reason=reason, ending=phase, waits_for=())
    if (
        learn
        and run.job is RunJob.WORK
        and "Lesson" in run.tools
        and run.turns < run.max_turns
    ):
        return order_effects(
            run, [effects.AskModel(number=run.next, lesson=reason or COSTLY_REASON)]
        )
    return finish_run(run)


def finish_run(run: Run) -> NextStep:
    """The end itself; a prompt's is first written down."""
    ending = run.ending or RunPhase.DONE
    run = replace(run, waits_for=())
    if not run.prompt or run.parent:
        return replace(run, phase=ending), []
    outcome = (
        "failed" if ending is not RunPhase.DONE else "no-result" if run.reason else "ok"
    )
    return order_effects(
        run, [effects.Remember(number=run.next, prompt=run.prompt, outcome=outcome)]
    )
