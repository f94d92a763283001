"""What a ruling depends on: the founder's rules, the agent's own, and how the run stands."""

from agentco.company.records import Permissions
from agentco.engine.office import Office
from agentco.rules.rule import RulingContext
from agentco.runs.actions import AnyAction, MisreadCall, tool_and_target
from agentco.runs.run import Run, RunJob

READING_JOBS = frozenset({RunJob.REVIEW, RunJob.IMPROVE})
"""Work that only reads."""


def ruling_context(
    run: Run,
    action: AnyAction | MisreadCall | None,
    office: Office,
    *,
    refused: str = "",
    approved: bool = False,
) -> RulingContext:
    """Return what a ruling depends on, except for halts and restrictions.

    `action` is what a call asks for; `refused` says why the run may start no other run.
    """
    agent = office.company.find_agent(run.agent)
    ignored = False
    if action is not None and not isinstance(action, MisreadCall):
        ignored = office.ignored(tool_and_target(action)[1])
    return RulingContext(
        untrusted=office.untrusted,
        rules=office.settings.permissions,
        own=agent.own.permissions if agent else Permissions(),
        action=action,
        ignored=ignored,
        reviewer=run.job in READING_JOBS,
        refused=refused,
        holds=run.blockers if run.parent_handles_reviews else run.waivable_holds,
        approved=approved,
    )
