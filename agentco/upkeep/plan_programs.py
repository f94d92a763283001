"""What the programs of the plans that the settings name say of themselves."""

import asyncio
from collections.abc import Collection, Iterator, Mapping

from agentco.company.model_offers import ModelOffer
from agentco.desk.open_company import OpenCompany
from agentco.ports.machine import MachinePort
from agentco.ports.outside import ModelPort
from agentco.ports.plans import FULL, ProgramState
from agentco.upkeep.model_choices import named_models


def plan_program_states(company: OpenCompany) -> list[ProgramState]:
    """How the program of each plan stands that a tier or an agent names; no model is asked.

    A program that the settings name by its place is started only in a folder that is trusted:
    what a clone names could be anything. Raises CompanyBroken while the settings hold mistakes.
    """
    offers = {
        offer.provider: offer
        for _, offer in named_models(company, company.settings)
        if offer.wire.is_plan
    }
    if not offers:
        return []
    is_trusted = company.trust.status().is_trusted
    started = [
        name for name, offer in offers.items() if is_trusted or not offer.program
    ]
    return asyncio.run(_ask_programs(company.models(), offers, started))


def check_plans(
    company: OpenCompany, machine: MachinePort
) -> Iterator[tuple[str, Mapping[str, object]]]:
    """What doctor says of each plan's program, and how far the plan is used.

    Keys of doctor.yml, each with the values that its words name.
    """
    del machine
    zone = company.settings.time_zone
    now = company.now().timestamp()
    for state in plan_program_states(company):
        word = "lacks" if state.problem else "ok" if state.version else "untried"
        yield f"program.{word}", {"state": state, "hint": state.hint}
        for window in state.windows:
            values = {
                "state": state,
                "window": window,
                "until": window.reset_time(now, zone),
            }
            yield "plan.full" if window.used >= FULL else "plan.used", values


async def _ask_programs(
    models: ModelPort, offers: Mapping[str, ModelOffer], started: Collection[str]
) -> list[ProgramState]:
    try:
        asked = [
            models.program_state(offer, start=name in started)
            for name, offer in offers.items()
        ]
        return [state for state in await asyncio.gather(*asked) if state]
    finally:
        await models.aclose()
