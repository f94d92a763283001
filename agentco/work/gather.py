"""The child run that reads one large result and answers a question about it."""

from agentco.company import beside, records
from agentco.work import effects, events, talk
from agentco.work.run import Run

TURNS = 8
TOOLS = ("Read", "Search")
READER = beside.text(__name__)


def gather(run: Run, effect: effects.StartTask, *, started: str) -> tuple[Run, events.Asked]:
    """The child and what it is asked; it belongs to the same agent and may only read."""
    name = f"{run.id}.{effect.number}"
    child = Run(
        id=name,
        parent=name,
        root=run.root,
        agent=run.agent,
        chain=run.chain,
        title=effect.question,
        started=started,
        tier=records.Tier.LIGHT,
        tools=TOOLS,
        max_turns=TURNS,
        max_tool_calls=TURNS * 2,
    )
    task = f"Handle: {effect.handle}\nQuestion: {effect.question}"
    given = (talk.Message(role=talk.Role.SYSTEM, text=READER), talk.Message(role=talk.Role.USER, text=task))
    return child, events.Asked(task=effect.question, given=given, stable=1)
