"""The child run that reads one large result and answers a question about it."""

from agentco.company import beside
from agentco.company.records import Tier
from agentco.work.effects import StartTask
from agentco.work.events import Asked
from agentco.work.run import Run
from agentco.work.talk import Message, Role

TURNS = 8
TOOLS = ("Read", "Search")
READER = beside.text(__name__)


def gather(run: Run, effect: StartTask, *, started: str) -> tuple[Run, Asked]:
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
        tier=Tier.LIGHT,
        tools=TOOLS,
        max_turns=TURNS,
        max_tool_calls=TURNS * 2,
    )
    task = f"Handle: {effect.handle}\nQuestion: {effect.question}"
    given = (Message(role=Role.SYSTEM, text=READER), Message(role=Role.USER, text=task))
    return child, Asked(task=effect.question, given=given, stable=1)
