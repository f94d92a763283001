"""What a scheduled prompt wants done, when nobody is there to be asked."""

from datetime import datetime

from msgspec.structs import replace

from agentco.company.prompt_variables import fill_prompt
from agentco.desk.asking import (
    PromptOrder,
    prompt_request,
    prompt_values,
    require_not_halted,
)
from agentco.desk.open_company import OpenCompany
from agentco.engine.office import Office
from agentco.engine.start import RunRequest
from agentco.kernel.errors import WrongUsage
from agentco.runs.grants import agent_for_prompt


def scheduled_run_request(
    office: Office, company: OpenCompany, name: str, slot: datetime
) -> RunRequest:
    """The work of a prompt for one of its slots.

    Raises WrongUsage for a prompt that needs an answer first or that nobody can run,
    NeedsFounder during a halt.
    """
    prompt = office.company.find_prompt(name)
    orchestrator = office.settings.company.orchestrator
    agent = prompt and agent_for_prompt(office.company, prompt, orchestrator)
    if prompt is None or agent is None:
        hint = "write agent: NAME into its header"
        raise WrongUsage(f"nobody can run {name!r}", hint=hint)
    require_not_halted(office, agent.id)
    filled = fill_prompt(prompt, prompt_values(company))
    if filled.missing_inputs:
        names = ", ".join(missing.id for missing in filled.missing_inputs)
        raise WrongUsage(
            f"{name!r} needs {names}, but nobody is there to give it",
            hint="give its inputs defaults",
        )
    order = PromptOrder(prompt=prompt, text=filled.text)
    return replace(prompt_request(company, office, order), slot=slot)
