"""Begin a run: everything that would make it fail is found before it costs anything."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from msgspec import UNSET, Struct
from msgspec.structs import replace

from agentco.briefing.brief_prompt import brief_parts, brief_tools
from agentco.briefing.prompt_format import (
    PromptPart,
    build_messages,
    file_hashes,
    why_too_large,
)
from agentco.briefing.prompt_parts import (
    Assignment,
    build_prompt_parts,
    skills_on_demand,
)
from agentco.company.model_offers import ModelOffer, offers_for_tier
from agentco.company.records import Agent, Command, Prompt, Tier
from agentco.company.settings import SETTINGS_FILE
from agentco.company.tool_table import callable_names
from agentco.engine.call_money import room_for_answer
from agentco.engine.office import Office
from agentco.engine.outside import outside_of_task
from agentco.engine.route import name_the_model, why_unusable
from agentco.engine.settle import begin_run
from agentco.file_formats.redaction import redact_secrets
from agentco.kernel.errors import NoModel, WrongUsage
from agentco.ports.store import Transaction
from agentco.review.outside_texts import outside_files
from agentco.runs.actions import Improve, name_of
from agentco.runs.events import TaskAsked
from agentco.runs.grants import granted_tools, pinned_model, tier_of
from agentco.runs.model_messages import ChatMessage, ToolSpec
from agentco.runs.run import Run
from agentco.runs.tool_calls import tool_spec

MAX_TITLE = 120


class RunRequest(Struct, frozen=True, kw_only=True):
    """What the founder wants: whose work it is, what it is given, and how it may be done.

    `name` is the prompt's, whose outcome is remembered; `produces` are globs of what it should
    change, `deliver_to` is where its deliverable is written; `cap` is in micro-dollars; `follows`
    is the run that this one goes on from. `public` is None where the agent's and the prompt's
    files decide; `chain` is who delegates it; `slot` is the one of the prompt's schedule that it
    runs for.
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
    produces: tuple[str, ...] = ()
    deliver_to: str = ""
    slot: datetime | None = None


class PreparedPrompt(Struct, frozen=True, kw_only=True):
    """What an agent would be given, and the models of its tier in the founder's order."""

    parts: tuple[PromptPart, ...]
    tools: tuple[ToolSpec, ...]
    tier: Tier
    pin: str
    offers: tuple[ModelOffer, ...]


def prepare_prompt(request: RunRequest, office: Office) -> PreparedPrompt:
    """Return what a request comes to, without calling anybody.

    Raises CompanyBroken and WrongUsage for what cannot be asked.
    """
    agent = request.agent
    tier = tier_of(agent, request.work.prompt, request.tier)
    pin = pinned_model(agent, request.model, request.tier)
    is_orchestrator = office.orchestrator == agent
    delegates = is_orchestrator and not request.chain and not request.quick
    names = agent_tools(agent, office, request.work.prompt, delegates=delegates)
    return PreparedPrompt(
        parts=build_prompt_parts(
            office.company, agent, request.work, office.reading_right(agent)
        ),
        tools=tuple(tool_spec(name) for name in names),
        tier=tier,
        pin=pin,
        offers=offers_for_tier(
            office.settings,
            office.prices,
            tier=tier,
            pin=pin,
            max_output=agent.own.max_output or 0,
            reasoning=agent.own.reasoning,
        ),
    )


def agent_tools(
    agent: Agent,
    office: Office,
    prompt: Command | None = None,
    *,
    delegates: bool = False,
) -> tuple[str, ...]:
    """Return the tools of an agent's own work that exist here.

    Who has any may also tell the improver of a gap.
    """
    granted = granted_tools(agent, prompt, orchestrator=delegates)
    names = tuple(name for name in granted if name in callable_names())
    improver = office.company.find_agent(office.settings.company.improver or "")
    if names and improver and improver != agent:
        return (*names, name_of(Improve))
    return names


def choose_model(prompt: PreparedPrompt, office: Office) -> ModelOffer:
    """Return the first model that can be asked and takes the whole prompt.

    Raises NoModel, which says for each model why not, and WrongUsage if it is too large for
    every one.
    """
    reasons = {offer: why_unusable(offer, office.models) for offer in prompt.offers}
    usable = [offer for offer, why in reasons.items() if not why]
    if not usable:
        raise no_usable_model(prompt, reasons)
    refusals = list[WrongUsage]()
    for offer in usable:
        told = prompt_for(prompt, offer)
        refusal = why_too_large(
            told.parts, told.tools, offer.context, room_for_answer(offer)
        )
        if refusal is None:
            return offer
        refusals.append(refusal)
    raise refusals[0]


def prompt_for(prompt: PreparedPrompt, offer: ModelOffer) -> PreparedPrompt:
    """Return what one model would be told: all of it, or all in brief."""
    if not offer.brief:
        return prompt
    parts, tools = brief_parts(prompt.parts), brief_tools(prompt.tools)
    return replace(prompt, parts=parts, tools=tools)


def no_usable_model(prompt: PreparedPrompt, reasons: dict[ModelOffer, str]) -> NoModel:
    """Return the error that says why no model of a tier can be asked."""
    whys = [name_the_model(offer, why) for offer, why in reasons.items()]
    if not whys:
        mend = f"write models: {{{prompt.tier}: [provider/model]}} in {SETTINGS_FILE}"
        what = f"no model is configured for the tier {prompt.tier}"
        return NoModel(what, hint=f"{mend}; agentco doctor")
    mend = how_to_mend(prompt.offers[0])
    return NoModel("; ".join(whys), hint=f"{mend}; agentco doctor")


def how_to_mend(offer: ModelOffer) -> str:
    """Return what makes a model usable."""
    if offer.unable or offer.rates is None:
        return f"fix {SETTINGS_FILE} as it says"
    if offer.api_key_env:
        return f"export {offer.api_key_env}=YOUR-KEY"
    return "fix that, or use another model"


async def start_run(request: RunRequest, office: Office) -> str:
    """Begin a root run and return its id. Raises WrongUsage if its slot has a run already."""
    fingerprints = await office.tools.take_fingerprints(request.produces)
    name, begin = prepare_run(request, office, fingerprints)
    await office.write(begin)
    return name


def prepare_run(
    request: RunRequest, office: Office, fingerprints: Mapping[str, str] | None = None
) -> tuple[str, Callable[[Transaction], None]]:
    """Return the id of a new root run, and what begins it inside a transaction.

    `fingerprints` are those of what the run should change.
    """
    prompt = prepare_prompt(request, office)
    choose_model(prompt, office)
    run = new_root_run(request, prompt, office)
    asked = build_asked_event(
        prompt.parts, request.agent, request.work.task, prompt.offers, office
    )
    asked = replace(
        asked, produces=dict(fingerprints or {}), deliver_to=request.deliver_to or UNSET
    )
    driver = office.drivers.mine

    def begin(tx: Transaction) -> None:
        if request.slot:
            tx.assign_run_to_slot(request.name, request.slot, run.id)
        told = replace(asked, outside=outside_of_task(tx, run, asked) or UNSET)
        begin_run(tx, run, told, at=run.started, cap=request.cap, driver=driver)

    return run.id, begin


def new_root_run(request: RunRequest, prompt: PreparedPrompt, office: Office) -> Run:
    """Return a root run that was not asked anything yet."""
    name = office.clock.new_name()
    budget = office.settings.budget
    reviews = office.settings.reviews
    return Run(
        id=name,
        root=name,
        agent=request.agent.id,
        chain=(*request.chain, request.agent.id),
        prompt=request.name,
        title=redact_secrets(request.title, office.secrets)[:MAX_TITLE],
        started=office.now_iso(),
        follows=request.follows,
        tier=prompt.tier,
        model=prompt.pin,
        max_output=request.agent.own.max_output or 0,
        reasoning=request.agent.own.reasoning,
        tools=tuple(tool.name for tool in prompt.tools),
        quick=request.quick,
        public=is_public(request),
        max_revisions=reviews.max_revisions,
        max_chain=reviews.max_chain,
        max_children=reviews.max_agents,
        max_turns=min(budget.turns, request.agent.max_turns or budget.turns),
        max_tool_calls=budget.tool_calls,
    )


def is_public(request: RunRequest) -> bool:
    """Whether work is for the outside world: a quick answer never is.

    The founder's word comes first, then the prompt's file and the agent's.
    """
    if request.quick:
        return False
    if request.public is not None:
        return request.public
    prompt = request.work.prompt
    by_prompt = isinstance(prompt, Prompt) and prompt.own.public
    return by_prompt or request.agent.own.public


def build_asked_event(
    parts: tuple[PromptPart, ...],
    agent: Agent,
    task: str,
    offers: Iterable[ModelOffer],
    office: Office,
) -> TaskAsked:
    """Return what an agent is asked, without anything that is secret.

    It is told in brief as well if one of the models that are offered wants that.
    """
    messages = build_messages(parts)
    skills = skills_on_demand(office.company, agent)
    files = file_hashes(parts)
    asked = TaskAsked(
        task=redact_secrets(task, office.secrets),
        given=tuple(without_secrets(message, office) for message in messages),
        stable=1,
        skills=tuple(skill.id for skill in skills),
        files=files,
        outside=outside_files(files) or UNSET,
    )
    if not any(offer.brief for offer in offers):
        return asked
    brief = build_messages(brief_parts(parts))
    told = tuple(without_secrets(message, office) for message in brief)
    return replace(asked, brief=told)


def without_secrets(message: ChatMessage, office: Office) -> ChatMessage:
    """Return a message that holds no secret."""
    text = redact_secrets(message.text, office.secrets)
    return replace(message, text=intern_text(text))


@lru_cache(maxsize=64)
def intern_text(text: str) -> str:
    """Return the same object for the same text.

    What begins every call of an agent is long: it is held once, however many runs begin.
    """
    return text


def company_context(office: Office) -> dict[str, Any]:
    """Return what every assignment says of the company, by field of Assignment."""
    company = office.settings.company
    return {
        "company": company.name or "",
        "language": company.language,
        "triggers": office.settings.triggers,
    }
