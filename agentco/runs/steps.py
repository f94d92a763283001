"""The steps that every way through a run is made of: it wants something, asks its model, ends."""

from msgspec.structs import replace

from agentco.company.tool_table import final_tools
from agentco.runs import effects
from agentco.runs.actions import Consult, GiveVerdict, Keep, Lesson, name_of
from agentco.runs.run import Run, RunJob, RunPhase

COSTLY_REASON = "done, but it cost three times what such work usually costs"
REQUIRED_TOOL = {RunJob.REVIEW: name_of(GiveVerdict), RunJob.CLASSIFY: name_of(Consult)}
"""What a run is there to call; one that did not is asked for it once more."""
NextStep = tuple[Run, list[effects.AnyEffect]]


def callable_tools(run: Run) -> tuple[str, ...]:
    """The tools that a run may call; who revises may also keep its draft."""
    if run.round:
        return (*run.tools, name_of(Keep))
    return run.tools


def tools_for_turn(run: Run, effect: effects.AskModel) -> tuple[str, ...]:
    """The tools that a turn is told of.

    The last turn has only what ends the run, one after the work only the lesson.
    """
    tools = callable_tools(run)
    if effect.lesson:
        return tuple(name for name in tools if name == name_of(Lesson))
    if effect.last:
        return tuple(name for name in tools if name in final_tools())
    return tools


def order_effects(run: Run, *orders: effects.AnyEffect) -> NextStep:
    """The run once it waits for these."""
    numbers = tuple(order.number for order in orders)
    return replace(run, next=run.next + len(orders), waits_for=numbers), [*orders]


def ask_model(run: Run, *, held: bool = False) -> NextStep:
    """The next turn; the last one that the caps allow gets no tools."""
    turns = run.turns if run.repairs_answer else run.turns + 1
    is_last = turns >= run.max_turns or run.tool_calls >= run.max_tool_calls
    order = effects.AskModel(
        number=run.next,
        held=held,
        last=is_last,
        revise=run.round > 0,
        must=REQUIRED_TOOL.get(run.job, "") if run.pressed else "",
    )
    return order_effects(run, order)


def end_run(run: Run, phase: RunPhase, reason: str, *, learn: bool = False) -> NextStep:
    """The run ends like this. With `learn`, its owner is first asked what to learn from it."""
    run = replace(run, reason=reason, ending=phase, waits_for=())
    can_learn = run.job is RunJob.WORK and name_of(Lesson) in run.tools
    if learn and can_learn and run.turns < run.max_turns:
        lesson = reason or COSTLY_REASON
        return order_effects(run, effects.AskModel(number=run.next, lesson=lesson))
    return finish_run(run)


def remember_failure(run: Run) -> NextStep:
    """Its prompt brought nothing, or not yet; the run itself does not wait until that is kept."""
    order = effects.Remember(number=run.next, prompt=run.prompt, outcome="failed")
    return replace(run, next=run.next + 1), [order]


def finish_run(run: Run) -> NextStep:
    """The end itself; how a prompt ended is remembered first."""
    ending = run.ending or RunPhase.DONE
    run = replace(run, waits_for=())
    if not run.prompt or run.parent:
        return replace(run, phase=ending), []
    outcome = "no-result" if run.reason else "ok"
    if ending is not RunPhase.DONE:
        outcome = "failed"
    return order_effects(
        run, effects.Remember(number=run.next, prompt=run.prompt, outcome=outcome)
    )
