"""The steps that every way through a run is made of: it wants something, asks its model, ends."""

from collections.abc import Sequence

from msgspec.structs import replace

from agentco.runs import effects
from agentco.runs.actions import ENDS
from agentco.runs.run import Job, Phase, Run

DEAR = "done, but it cost three times what such work usually costs"
MUST = {Job.REVIEW: "Verdict", Job.CLASSIFY: "Consult"}
"""What a run is there to call; one that did not is asked for it once more."""
Next = tuple[Run, list[effects.Wanted]]


def callable_in(run: Run) -> tuple[str, ...]:
    """The tools that a run may call; who revises may also keep its draft."""
    return (*run.tools, "Keep") if run.round else run.tools


def offered(run: Run, effect: effects.AskModel) -> tuple[str, ...]:
    """The tools that a turn is told of: the last one only what ends the run, one after the work only the lesson."""
    only = ("Lesson",) if effect.lesson else ENDS if effect.last else callable_in(run)
    return tuple(name for name in callable_in(run) if name in only)


def wants(run: Run, orders: Sequence[effects.Wanted]) -> Next:
    """The run once it waits for these."""
    return replace(
        run,
        next=run.next + len(orders),
        waits_for=tuple(order.number for order in orders),
    ), [*orders]


def ask(run: Run, *, held: bool = False) -> Next:
    """The next turn; the last one that the caps allow gets no tools."""
    last = run.turns + 1 >= run.max_turns or run.tool_calls >= run.max_tool_calls
    must = MUST.get(run.job, "") if run.pressed else ""
    return wants(
        run,
        [
            effects.AskModel(
                number=run.next, held=held, last=last, revise=run.round > 0, must=must
            )
        ],
    )


def end(run: Run, phase: Phase, reason: str, *, learn: bool = False) -> Next:
    """The run ends like this. After work that went badly its owner is first asked what to learn from it."""
    run = replace(run, reason=reason, ending=phase, waits_for=())
    if (
        learn
        and run.job is Job.WORK
        and "Lesson" in run.tools
        and run.turns < run.max_turns
    ):
        return wants(run, [effects.AskModel(number=run.next, lesson=reason or DEAR)])
    return over(run)


def over(run: Run) -> Next:
    """The end itself; a prompt's is first written down."""
    ending = run.ending or Phase.DONE
    run = replace(run, waits_for=())
    if not run.prompt or run.parent:
        return replace(run, phase=ending), []
    outcome = (
        "failed" if ending is not Phase.DONE else "no-result" if run.reason else "ok"
    )
    return wants(
        run, [effects.Remember(number=run.next, prompt=run.prompt, outcome=outcome)]
    )
