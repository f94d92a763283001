"""Ask a department for a piece of work, or run one of the company's prompts."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from agentco.briefing.prompt_parts import Assignment
from agentco.company.prompt_variables import FilledPrompt, VariableValues
from agentco.company.records import Agent, Prompt, SkillRecord, Tier
from agentco.day.report import plan_text
from agentco.desk.listener import Listener
from agentco.desk.lookups import find_agent
from agentco.desk.open_company import OpenCompany
from agentco.desk.prompt_preview import PromptPreview, preview_request
from agentco.desk.working import carry_out
from agentco.engine.office import Office
from agentco.engine.settle import answer_text
from agentco.engine.start import RunRequest, company_context, start_run
from agentco.file_formats.amounts import find_time_zone
from agentco.kernel.errors import NeedsFounder, WrongUsage
from agentco.overview.run_outcome import RunOutcome
from agentco.overview.run_status import find_run
from agentco.overview.standup import run_standup
from agentco.ports.store import Transaction
from agentco.public_text.channels import channel_line, require_channel
from agentco.runs.grants import agent_for_prompt
from agentco.runs.model_messages import ChatMessage, MessageRole
from agentco.runs.run import RunPhase

T = TypeVar("T")
SELECTION_VARIABLES = ("${selection}", "${selectedText}")
"""What a prompt writes where text that is piped in shall stand."""


class RunOptions(Struct, frozen=True, kw_only=True):
    """How a piece of work is to be done.

    `files` are texts given along, by the name a model sees; `max_usd` is micro-dollars;
    `channel` is where the text is to stand.
    """

    files: Mapping[str, str] = {}
    tier: Tier | None = None
    model: str = ""
    max_usd: int | None = None
    channel: str = ""


class AskOrder(Struct, frozen=True, kw_only=True):
    """A question or task for one department.

    `public` is None where the company's files decide whether the work goes out.
    `go_on` continues from the agent's last answer, `go_on_from` from a run by id.
    """

    agent: str
    task: str
    quick: bool = False
    public: bool | None = None
    go_on: bool = False
    go_on_from: str | None = None
    options: RunOptions = RunOptions()


class PromptOrder(Struct, frozen=True, kw_only=True):
    """A prompt of the company to run, with its text filled in.

    With `has_out` the founder says where the deliverable goes, and not the prompt.
    """

    prompt: Prompt | SkillRecord
    text: str
    options: RunOptions = RunOptions()
    has_out: bool = False


def ask(company: OpenCompany, order: AskOrder, listener: Listener) -> RunOutcome:
    """Have a department do a piece of work, and say how it came out.

    Raises WrongUsage for an unknown agent or run, NeedsFounder without trust or during
    a halt, NoModel if no model can be asked.
    """
    company.require_writable()
    find_agent(company.files.load(), order.agent)
    return _start_and_carry(
        company, lambda office: ask_request(company, office, order), listener
    )


def run_prompt(
    company: OpenCompany, order: PromptOrder, listener: Listener
) -> RunOutcome:
    """Run a prompt, and say how it came out. How it ended is remembered.

    Raises WrongUsage where nobody can run it, else as `ask` does.
    """
    company.require_writable()
    prompt_agent(company, order.prompt)
    return _start_and_carry(
        company, lambda office: prompt_request(company, office, order), listener
    )


def preview_ask(company: OpenCompany, order: AskOrder) -> PromptPreview:
    """What a model would be told, without asking one."""
    with company.open_office(drives=False) as office:
        return preview_request(ask_request(company, office, order), office)


def preview_prompt(company: OpenCompany, order: PromptOrder) -> PromptPreview:
    """What a model would be told, without asking one."""
    with company.open_office(drives=False) as office:
        return preview_request(prompt_request(company, office, order), office)


def prompt_values(
    company: OpenCompany,
    *,
    words: tuple[str, ...] = (),
    file: str = "",
    selection: str = "",
) -> VariableValues:
    """What a prompt's variables stand for; of the environment what the settings allow."""
    environment = {
        name: company.environment[name]
        for name in company.settings.env
        if name in company.environment
    }
    return VariableValues(
        words=words,
        file=file,
        selection=selection,
        folder=str(company.root),
        env=environment,
    )


def wants_selection(prompt: Prompt | SkillRecord) -> bool:
    """Whether a prompt has a place for text that is piped in."""
    return any(variable in prompt.body for variable in SELECTION_VARIABLES)


def require_filled(prompt: Prompt | SkillRecord, filled: FilledPrompt) -> str:
    """The text of a prompt whose inputs are all there. Raises WrongUsage otherwise."""
    if filled.missing_inputs:
        names = " ".join(f"{missing.id}=…" for missing in filled.missing_inputs)
        hint = f"agentco run /{prompt.name} {names}"
        raise WrongUsage(f"{prompt.name!r} needs {names}", hint=hint)
    return filled.text


def prompt_agent(company: OpenCompany, prompt: Prompt | SkillRecord) -> Agent:
    """Who runs a prompt: the agent it names, else the orchestrator. Raises WrongUsage."""
    orchestrator = company.settings.company.orchestrator
    agent = agent_for_prompt(company.files.load(), prompt, orchestrator)
    if agent is None:
        raise WrongUsage(
            f"{prompt.name!r} names no agent, and the company has no orchestrator",
            hint="write agent: NAME into its header, or company: {orchestrator: NAME}"
            " into the settings",
        )
    return agent


def ask_request(company: OpenCompany, office: Office, order: AskOrder) -> RunRequest:
    """An ask as the engine starts it."""
    agent = find_agent(office.company, order.agent)
    before = _run_before(office, order, agent.id)
    history: tuple[ChatMessage, ...] = ()
    if before:
        history = _read(office, lambda tx: earlier_messages(tx, before))
    work = assignment_for(company, office, agent, order.task, order.options)
    return RunRequest(
        agent=agent,
        work=replace(work, history=history),
        title=" ".join(order.task.split()),
        tier=order.options.tier,
        model=order.options.model,
        cap=order.options.max_usd,
        quick=order.quick,
        public=order.public,
        follows=before,
    )


def prompt_request(
    company: OpenCompany, office: Office, order: PromptOrder
) -> RunRequest:
    """A prompt as the engine starts it."""
    prompt = order.prompt
    agent = prompt_agent(company, prompt)
    caps = [order.options.max_usd]
    products: tuple[str, ...] = ()
    deliver_to = ""
    options = order.options
    if isinstance(prompt, Prompt):
        options = replace(options, channel=options.channel or prompt.own.channel)
        caps.append(prompt.own.budget)
        zone = find_time_zone(prompt.own.timezone) or office.settings.time_zone
        day = office.clock.now().astimezone(zone).date()
        products = prompt.own.outputs(day)
        deliver_to = "" if order.has_out else prompt.own.deliverable_path(day)
    work = assignment_for(company, office, agent, order.text, options)
    return RunRequest(
        agent=agent,
        work=replace(work, prompt=prompt),
        title=f"/{prompt.name}",
        name=prompt.name,
        tier=order.options.tier,
        model=order.options.model,
        cap=min((cap for cap in caps if cap is not None), default=None),
        produces=products,
        deliver_to=deliver_to,
    )


def require_not_halted(office: Office, agent: str) -> None:
    """Raise NeedsFounder while the company or the agent is halted."""
    halt = _read(office, lambda tx: tx.halt_reason([agent]))
    if halt:
        raise NeedsFounder(halt, hint="agentco resume lifts it")


def earlier_messages(tx: Transaction, run_id: str) -> tuple[ChatMessage, ...]:
    """What was said from the first question on to the answer of a run.

    Raises WrongUsage if the run delivered no answer.
    """
    run = tx.load_run(run_id)
    asked = tx.load_asked(run_id)
    answer = answer_text(tx, run) if run.phase is RunPhase.DONE else ""
    if asked is None or not answer:
        raise WrongUsage(
            f"run {run_id!r} delivered no answer to continue from",
            hint="agentco runs lists them",
        )
    return (
        *asked.given[asked.stable : -1],
        ChatMessage(role=MessageRole.USER, text=asked.task),
        ChatMessage(role=MessageRole.ASSISTANT, text=answer),
    )


def _start_and_carry(
    company: OpenCompany,
    make_request: Callable[[Office], RunRequest],
    listener: Listener,
) -> RunOutcome:
    company.require_trust()

    async def begin(office: Office) -> str:
        request = make_request(office)
        require_not_halted(office, request.agent.id)
        return await start_run(request, office)

    return carry_out(company, begin, listener)


def assignment_for(
    company: OpenCompany, office: Office, agent: Agent, task: str, options: RunOptions
) -> Assignment:
    """A task with what it brings along, and its channel; the orchestrator gets the day plan."""
    plan = ""
    if office.orchestrator == agent:
        plan = plan_text(run_standup(company, moment=company.now()))
    if options.channel:
        channel = require_channel(options.channel, company.settings.links)
        task = f"{task}\n\n{channel_line(channel)}"
    return Assignment(
        task=task,
        today=office.today(),
        files=dict(options.files),
        plan=plan,
        **company_context(office),
    )


def _run_before(office: Office, order: AskOrder, agent_id: str) -> str:
    if order.go_on_from is not None:
        now = office.now_iso()
        name = order.go_on_from
        return _read(office, lambda tx: find_run(tx, name, now)).id
    if not order.go_on:
        return ""
    for run in _read(office, lambda tx: tx.list_runs(office.now_iso(), limit=-1)):
        if run.agent == agent_id and run.phase is RunPhase.DONE:
            return run.id
    what = f"{agent_id} has not answered anything yet"
    raise WrongUsage(what, hint="ask without --continue")


def _read(office: Office, look: Callable[[Transaction], T]) -> T:
    return office.store.read(look).result()
