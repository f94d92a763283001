"""What a scheduled prompt wants done, when nobody is there to be asked."""

import os
from datetime import datetime

from agentco.day.report import told
from agentco.engine.standup import stand_up
from agentco.engine.start import Wish, about
from agentco.kernel.errors import NeedsFounder, WrongUsage
from agentco.runs.grants import who_runs
from agentco.runs.prompt_parts import Assignment
from agentco.runs.variables import Values, fill
from agentco.wiring import Edges, OpenOffice


def due(office: OpenOffice, edges: Edges, name: str, slot: datetime) -> Wish:
    """The work of a prompt for one of its slots.

    Raises WrongUsage for a prompt that needs an answer first or has nobody to run it, NeedsFounder during a halt.
    """
    company, settings = office.company, office.settings
    prompt = company.prompt(name)
    agent = prompt and who_runs(company, prompt, settings.company.orchestrator)
    if prompt is None or agent is None:
        raise WrongUsage(
            f"nobody can run {name!r}", hint="write agent: NAME into its header"
        )
    if halted := office.store.read(lambda t: t.halted([agent.id])).result():
        raise NeedsFounder(halted, hint="agentco resume lifts it")
    env = {key: os.environ[key] for key in settings.env if key in os.environ}
    filled = fill(prompt, Values(folder=str(edges.company.root), env=env))
    if filled.missing:
        names = ", ".join(one.id for one in filled.missing)
        raise WrongUsage(
            f"{name!r} needs {names}, and nobody is there to say",
            hint="give its inputs defaults",
        )
    plan = (
        told(stand_up(edges, moment=office.clock.now()))
        if office.orchestrator == agent
        else ""
    )
    return Wish(
        agent=agent,
        work=Assignment(
            task=filled.text,
            today=office.today(),
            prompt=prompt,
            plan=plan,
            **about(office),
        ),
        title=f"/{name}",
        name=name,
        cap=prompt.own.budget,
        produces=office.tools.prints(prompt.own.produces),
        slot=slot,
    )
