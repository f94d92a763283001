"""What a founder does in a morning, through the desk alone: one JSON line for each act.

Run as `python acts.py FOLDER`; importing a terminal's library ends it.
"""

import json
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

TERMINAL = {"typer", "click", "rich"}


class Blocker(MetaPathFinder):
    """No terminal here: who imports one fails."""

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        del path, target
        if fullname.partition(".")[0] in TERMINAL or fullname.startswith(
            ("agentco.cli", "agentco.terminal")
        ):
            raise ImportError(f"{fullname} is for terminals")
        return None


sys.meta_path.insert(0, Blocker())

from agentco.desk import (  # noqa: E402
    FounderQuestion,
    OpenCompany,
    SilentListener,
    asking,
    controls,
    deciding,
    standup,
)
from agentco.kernel import AgentcoError  # noqa: E402
from agentco.overview import RunOutcome  # noqa: E402
from agentco.upkeep import trusting  # noqa: E402
from agentco.wiring import open_company  # noqa: E402


class Ear(SilentListener):
    """Hears what models say, and answers nothing."""

    def __init__(self) -> None:
        self.text = ""
        self.questions: list[str] = []

    def hear(self, effect: str, text: str) -> None:
        del effect
        self.text += text

    async def ask(self, question: FounderQuestion) -> str | None:
        self.questions.append(f"{question.kind} {question.agent}")


def tell(act: str, **values: object) -> None:
    """Write down what came back."""
    sys.stdout.write(f"{json.dumps({'act': act, **values})}\n")


def tell_outcome(act: str, outcome: RunOutcome | None, **values: object) -> None:
    """Write down how a piece of work came out."""
    assert outcome is not None
    reviews = [
        [standing.review.agent, standing.review.verdict]
        for standing in outcome.story.reviews
    ]
    tell(
        act,
        status=outcome.status,
        text=outcome.text,
        code=outcome.exit_code,
        reviews=reviews,
        **values,
    )


def ask(company: OpenCompany, task: str, ear: Ear) -> RunOutcome:
    return asking.ask(company, asking.AskOrder(agent="writer", task=task), ear)


def review(company: OpenCompany) -> None:
    """A draft that is reviewed and let go, and one that is held back until it is waived."""
    ear = Ear()
    outcome = ask(company, "TASK-FINE", ear)
    tell_outcome("ask", outcome, heard=ear.text.count("GDPR") > 0)
    held = ask(company, "TASK-HELD", ear)
    inbox = deciding.read_inbox(company)
    waiting = [[item.kind, item.run == held.run.id] for item in inbox.items]
    tell_outcome("blocked", held, waiting=waiting)
    why = "our lawyer read it"
    decision = deciding.waive(company, held.run.id, "legal", why, ear)
    tell_outcome("waive", decision.outcome)


def decide(company: OpenCompany) -> None:
    """A question, an approval and a denial."""
    ear = Ear()
    asked = ask(company, "TASK-ASKS", ear)
    tell_outcome("question", asked, offered=ear.questions)
    (item,) = deciding.read_inbox(company).items
    later = deciding.answer(company, item.id, "blue", ear, later=True)
    tell("answer later", run=later.run == asked.run.id, outcome=later.outcome)
    tell_outcome("answer", working_again(company, asked.run.id, ear))
    for task, act in (("TASK-YES", deciding.approve), ("TASK-NO", deciding.deny)):
        ask(company, task, Ear())
        (item,) = deciding.read_inbox(company).items
        decision = act(company, item.id, Ear())
        tell_outcome(act.__name__, decision.outcome, kind=item.kind)
    try:
        deciding.approve(company, "nothing.1", Ear())
    except AgentcoError as error:
        tell("refused", error=type(error).__name__, code=error.exit_code)


def working_again(company: OpenCompany, run: str, ear: Ear) -> RunOutcome:
    from agentco.desk import resume_run

    return resume_run(company, run, ear)


def stop(company: OpenCompany) -> None:
    """A halt, work that it refuses, and its end."""
    halt = controls.halt(company, None, by="maria")
    try:
        ask(company, "TASK-FINE", Ear())
    except AgentcoError as error:
        tell("halt", changed=halt.changed, error=type(error).__name__)
    change = controls.resume(company, None)
    tell("resume", changed=change.changed, halted=change.halted)


def main(root: Path) -> None:
    company = open_company(root)
    held = standup.hold_standup(company)
    plan = [line.title.partition(",")[0] for line in held.report.plan]
    tell("standup", plan=plan, models=held.report.models_called)
    try:
        ask(company, "TASK-FINE", Ear())
    except AgentcoError as error:
        tell("untrusted", error=type(error).__name__, code=error.exit_code)
    status = trusting.show_trust(company)
    change = trusting.grant_trust_by_hash(company, status.current_hash)
    tell("trust", before=status.is_trusted, after=change.status.is_trusted)
    review(company)
    decide(company)
    stop(company)
    costs = controls.sum_costs(company, "agent")
    agents = sorted(row.key for row in costs.rows)
    tell("costs", agents=agents, paid=costs.total > 0)
    tell("audit", lines=controls.verify_audit(company).lines > 0)
    loaded = {name.partition(".")[0] for name in sys.modules}
    tell("loaded", terminal=sorted(loaded & TERMINAL))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
