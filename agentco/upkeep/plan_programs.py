"""What the programs of the plans that the settings name say of themselves."""

import asyncio
from collections.abc import Collection, Mapping

from agentco.company.model_offers import ModelOffer
from agentco.desk.open_company import OpenCompany
from agentco.ports.outside import ModelPort
from agentco.ports.plans import ProgramState
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
