"""What a scheduled prompt wants done, when nobody is there to be asked."""

import os
from datetime import datetime

from agentco.day.report import plan_text
from agentco.desk.prompt_variables import VariableValues, fill_prompt
from agentco.engine.standup import run_standup
from agentco.engine.start import RunRequest, company_context
from agentco.kernel.errors import NeedsFounder, WrongUsage
from agentco.runs.grants import agent_for_prompt
from agentco.runs.prompt_parts import Assignment
from agentco.wiring import CompanyOffice, CompanyPorts


def scheduled_run_request(
    office: CompanyOffice, edges: CompanyPorts, name: str, slot: datetime
) -> RunRequest:
    """The work of a prompt for one of its slots.

    Raises WrongUsage for a prompt that needs an answer first or has nobody to run it, NeedsFounder during a halt.
    """
    company, settings = office.company, office.settings
    prompt = company.find_prompt(name)
    agent = prompt and agent_for_prompt(company, prompt, settings.company.orchestrator)
    if prompt is None or agent is None:
        raise WrongUsage(
            f"nobody can run {name!r}", hint="write agent: NAME into its header"
        )
    if halted := office.store.read(lambda tx: tx.halt_reason([agent.id])).result():
        raise NeedsFounder(halted, hint="agentco resume lifts it")
    env = {key: os.environ[key] for key in settings.env if key in os.environ}
    filled = fill_prompt(
        prompt, VariableValues(folder=str(edges.company.root), env=env)
    )
    if filled.missing_inputs:
        names = ", ".join(one.id for one in filled.missing_inputs)
        raise WrongUsage(
            f"{name!r} needs {names}, and nobody is there to say",
            hint="give its inputs defaults",
        )
    plan = (
        plan_text(run_standup(edges, moment=office.clock.now()))
        if office.orchestrator == agent
        else ""
    )
    return RunRequest(
        agent=agent,
        work=Assignment(
            task=filled.text,
            today=office.today(),
            prompt=prompt,
            plan=plan,
            **company_context(office),
        ),
        title=f"/{name}",
        name=name,
        cap=prompt.own.budget,
        produces=prompt.own.produces,
        slot=slot,
    )
