"""Begin a run: everything that would make it fail is found before it costs anything."""

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from agentco.company.model_offers import ModelOffer, offers_for_tier
from agentco.company.records import Agent, Command, Prompt, Tier
from agentco.company.settings import SETTINGS_FILE
from agentco.engine.ask_model import MAX_TOKENS
from agentco.engine.office import Office
from agentco.engine.route import name_the_model, why_unusable
from agentco.engine.settle import begin_run
from agentco.engine.store import Transaction
from agentco.kernel.errors import NoModel
from agentco.rules.redaction import redact_secrets
from agentco.runs.actions import ACTIONS_BY_NAME, tool_spec
from agentco.runs.events import TaskAsked
from agentco.runs.grants import granted_tools, pinned_model, tier_of
from agentco.runs.model_messages import ToolSpec
from agentco.runs.prompt_format import (
    PromptPart,
    build_messages,
    file_hashes,
    why_too_large,
)
from agentco.runs.prompt_parts import Assignment, build_prompt_parts, skills_on_demand
from agentco.runs.run import Run

MAX_TITLE = 120


class RunRequest(Struct, frozen=True, kw_only=True):
    """What the founder wants: whose work it is, what it is given, and how it may be done.

    `name` is the prompt's, whose outcome is remembered; `produces` are fingerprints of what it should
    change; `cap` is in micro-dollars; `follows` is the run that this one goes on from. `public` is None where
    the agent's and the prompt's files decide; `chain` is who delegates it; `slot` is the one of the prompt's
    schedule that it runs for.
    """

    agent: Agent
    work: Assignment
    title: str
    name: str = ""
    tier: Tier | None = None
    model: str = ""
    cap: int | None = None
    quick: bool = False
    public: bool | None = None
    chain: tuple[str, ...] = ()
    follows: str = ""
    produces: dict[str, str] = {}
    slot: datetime | None = None


class PreparedPrompt(Struct, frozen=True, kw_only=True):
    """What an agent would be given, and the models that could be asked, the first that can answer first."""

    parts: tuple[PromptPart, ...]
    tools: tuple[ToolSpec, ...]
    tier: Tier
    pin: str
    offers: tuple[ModelOffer, ...]


def prepare_prompt(wish: RunRequest, office: Office) -> PreparedPrompt:
    """What a wish comes to, without calling anybody.

    Raises CompanyBroken and WrongUsage for what cannot be asked.
    """
    tier = tier_of(wish.agent, wish.work.prompt, wish.tier)
    pin = pinned_model(wish.agent, wish.model, wish.tier)
    hands_out = office.orchestrator == wish.agent and not wish.chain and not wish.quick
    tools = agent_tools(wish.agent, office, wish.work.prompt, delegates=hands_out)
    return PreparedPrompt(
        parts=build_prompt_parts(office.company, wish.agent, wish.work),
        tools=tuple(map(tool_spec, tools)),
        tier=tier,
        pin=pin,
        offers=offers_for_tier(office.settings, office.prices, tier=tier, pin=pin),
    )


def agent_tools(
    agent: Agent,
    office: Office,
    prompt: Command | None = None,
    *,
    delegates: bool = False,
) -> tuple[str, ...]:
    """The tools of an agent's own work that exist here; who has any may tell the improver of a gap."""
    names = tuple(
        name
        for name in granted_tools(agent, prompt, orchestrator=delegates)
        if name in ACTIONS_BY_NAME
    )
    improver = office.company.find_agent(office.settings.company.improver or "")
    return (*names, "Improve") if names and improver and improver != agent else names


def choose_model(found: PreparedPrompt, office: Office) -> ModelOffer:
    """The first model that can be asked and takes the whole prompt.

    Raises NoModel, which says for each model why not, and WrongUsage for what is too large for all.
    """
    reasons = {offer: why_unusable(offer, office.models) for offer in found.offers}
    able = [offer for offer, why in reasons.items() if not why]
    if not able:
        told = [name_the_model(offer, why) for offer, why in reasons.items()]
        what = "; ".join(told) or f"no model is configured for the tier {found.tier}"
        mend = f"write models: {{{found.tier}: [provider/model]}} in {SETTINGS_FILE}"
        for offer in found.offers[:1]:
            key = (
                f"export {offer.api_key_env}=YOUR-KEY"
                if offer.api_key_env
                else "mend that, or use another model"
            )
            mend = (
                f"mend {SETTINGS_FILE} as it says"
                if offer.unable or offer.rates is None
                else key
            )
        raise NoModel(what, hint=f"{mend}; agentco doctor")
    sizes = [
        why_too_large(found.parts, found.tools, offer.context, MAX_TOKENS[found.tier])
        for offer in able
    ]
    if all(sizes) and sizes[0]:
        raise sizes[0]
    return next(offer for offer, size in zip(able, sizes, strict=True) if not size)


async def start_run(wish: RunRequest, office: Office) -> str:
    """A new root run, ready to be driven; returns its id. Raises WrongUsage for a slot that has its run already."""
    name, begin = prepare_run(wish, office)
    await office.write(begin)
    return name


def prepare_run(
    wish: RunRequest, office: Office
) -> tuple[str, Callable[[Transaction], None]]:
    """The id of a new root run, and what begins it inside a transaction."""
    found = prepare_prompt(wish, office)
    choose_model(found, office)
    name, at, budget, reviews = (
        office.clock.new_name(),
        office.now_iso(),
        office.settings.budget,
        office.settings.reviews,
    )
    run = Run(
        id=name,
        root=name,
        agent=wish.agent.id,
        chain=(*wish.chain, wish.agent.id),
        prompt=wish.name,
        title=redact_secrets(wish.title, office.secrets)[:MAX_TITLE],
        started=at,
        follows=wish.follows,
        tier=found.tier,
        model=found.pin,
        tools=tuple(tool.name for tool in found.tools),
        quick=wish.quick,
        public=is_public(wish),
        max_revisions=reviews.max_revisions,
        max_chain=reviews.max_chain,
        max_children=reviews.max_agents,
        max_turns=min(budget.turns, wish.agent.max_turns or budget.turns),
        max_tool_calls=budget.tool_calls,
    )
    asked = replace(
        build_asked_event(found.parts, wish.agent, wish.work.task, office),
        produces=wish.produces,
    )

    def first(tx: Transaction) -> None:
        if wish.slot:
            tx.assign_run_to_slot(wish.name, wish.slot, name)
        begin_run(tx, run, asked, at=at, cap=wish.cap, driver=office.drivers.mine)

    return name, first


def is_public(wish: RunRequest) -> bool:
    """Whether it is for the outside world: as the founder says, else as the files do; a quick answer never is."""
    prompt = isinstance(wish.work.prompt, Prompt) and wish.work.prompt.own.public
    files = prompt or wish.agent.own.public
    return not wish.quick and (files if wish.public is None else wish.public)


def build_asked_event(
    found: tuple[PromptPart, ...], agent: Agent, task: str, office: Office
) -> TaskAsked:
    """What an agent is asked, without anything that is secret."""
    return TaskAsked(
        task=redact_secrets(task, office.secrets),
        given=tuple(
            replace(said, text=intern_text(redact_secrets(said.text, office.secrets)))
            for said in build_messages(found)
        ),
        stable=1,
        skills=tuple(skill.id for skill in skills_on_demand(office.company, agent)),
        files=file_hashes(found),
    )


@lru_cache(maxsize=64)
def intern_text(text: str) -> str:
    """The same text as ever: what begins every call of an agent is long, and held once however many runs begin."""
    return text


def company_context(office: Office) -> dict[str, Any]:
    """What every assignment says of the company."""
    company = office.settings.company
    return {
        "company": company.name or "",
        "language": company.language,
        "triggers": office.settings.triggers,
    }
