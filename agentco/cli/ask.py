"""`agentco ask` and `agentco run`: a piece of work for one department."""

import os
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager, nullcontext, suppress
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from msgspec import Struct
from msgspec.structs import replace

from agentco.adapters.files.safe_read import read_regular
from agentco.adapters.state.report_queries import find_run, list_runs
from agentco.adapters.state.transaction import Transaction
from agentco.cli import screen
from agentco.cli.prompt_preview import preview_prompt
from agentco.cli.run_at_terminal import print_outcome, refuse_if_halted, run_to_outcome
from agentco.cli.shared_options import JsonOption
from agentco.cli.trust import trusted_edges
from agentco.company.amounts import parse_usd
from agentco.company.records import Agent, Prompt, SkillRecord, Tier
from agentco.desk import current_company
from agentco.desk.prompt_variables import VariableValues, fill_prompt
from agentco.engine.settle import answer_text
from agentco.engine.start import RunRequest, company_context, start_run
from agentco.kernel.errors import WrongUsage
from agentco.runs.grants import agent_for_prompt
from agentco.runs.model_messages import ChatMessage, MessageRole
from agentco.runs.prompt_parts import Assignment
from agentco.runs.run import RunPhase
from agentco.wiring import CompanyOffice, CompanyPorts

STDIN = "-"


def parse_dollars(text: str) -> int:
    """Micro-dollars of an amount as people write it. Raises WrongUsage."""
    try:
        return parse_usd(text.removeprefix("$"))
    except ValueError as error:
        raise WrongUsage(
            f"--max-usd {text!r}: {error}", hint="such as --max-usd 0.25"
        ) from None


FilesOption = Annotated[
    list[str] | None,
    typer.Option("--file", metavar="F", help="Give a file along; - is stdin."),
]
OutOption = Annotated[
    str | None,
    typer.Option("--out", metavar="F", help="Write the deliverable to a new file."),
]
ContinueRunOption = Annotated[
    str | None,
    typer.Option("--continue-run", metavar="RUN", help="Go on from this run."),
]
TierOption = Annotated[
    Tier | None,
    typer.Option(
        "--tier",
        metavar="T",
        case_sensitive=False,
        help="light, medium, heavy or local.",
    ),
]
ModelOption = Annotated[
    str | None,
    typer.Option("--model", metavar="M", help="Exactly this provider/model."),
]
MaxUsdOption = Annotated[
    int | None,
    typer.Option(
        "--max-usd", metavar="X", parser=parse_dollars, help="At most so many dollars."
    ),
]
SHOW_PROMPT_HELP = "Print what the model would be told, with tokens; call nobody."
ShowPromptOption = Annotated[bool, typer.Option("--show-prompt", help=SHOW_PROMPT_HELP)]


def ask(
    agent: Annotated[
        str, typer.Argument(help="Who is asked; agentco show agents lists them.")
    ],
    question: Annotated[
        str | None,
        typer.Argument(help="What is to be done; else it is read from stdin."),
    ] = None,
    go_on: Annotated[
        bool, typer.Option("--continue", help="Go on from the last run of this agent.")
    ] = False,
    continue_run: ContinueRunOption = None,
    quick: Annotated[
        bool,
        typer.Option(
            "--quick", help="An internal question: nobody reviews the answer."
        ),
    ] = False,
    public: Annotated[
        bool,
        typer.Option(
            "--public", help="It goes out: claims, figures and links are held."
        ),
    ] = False,
    internal: Annotated[
        bool, typer.Option("--internal", help="It stays inside, whoever writes it.")
    ] = False,
    file: FilesOption = None,
    out: OutOption = None,
    tier: TierOption = None,
    model: ModelOption = None,
    max_usd: MaxUsdOption = None,
    show_prompt: ShowPromptOption = False,
    as_json: JsonOption = False,
) -> None:
    """Ask a department for a piece of work.

    The draft appears on stderr while it is written, the deliverable alone on stdout. A run that is
    interrupted goes on with agentco runs resume; an answer that was paid for is never bought again.

    Examples:
      agentco ask marketing "draft the launch post for Lumen" --file notes/launch.md
      agentco ask accountant "which deadlines are next?" --tier light --max-usd 0.05
      git log --oneline | agentco ask cto "summarise the week" --file -
    """
    if go_on and continue_run is not None:
        raise WrongUsage(
            "--continue and --continue-run do not go together", hint="give one of them"
        )
    if public and (internal or quick):
        other = "--internal" if internal else "--quick"
        raise WrongUsage(
            f"--public and {other} do not go together", hint="give one of them"
        )
    edges = current_company.writable_edges()
    person = find_agent(edges, agent)
    said = (
        read_stdin("what is to be done")
        if question is None or question == STDIN
        else question
    )
    task = said.encode("utf-8", "replace").decode()
    terms = RunOptions(
        file=file,
        out=out,
        tier=tier,
        model=model,
        max_usd=max_usd,
        show_prompt=show_prompt,
        as_json=as_json,
    )

    def wish(office: CompanyOffice) -> RunRequest:
        before = last_answered_run(office, person.id) if go_on else ""
        if continue_run is not None:
            before = (
                office.store.read(
                    partial(find_run, name=continue_run, now=office.now_iso())
                )
                .result()
                .id
            )
        turns = (
            office.store.read(lambda tx: earlier_messages(tx, before)).result()
            if before
            else ()
        )
        wanted = build_run_request(office, edges, person, task, terms, history=turns)
        return replace(
            wanted,
            quick=quick,
            follows=before,
            public=public or (False if internal else None),
        )

    run_and_report(edges, wish, terms)


def run(
    name: Annotated[
        str,
        typer.Argument(
            metavar="PROMPT", help="A prompt or skill, such as /weekly-review."
        ),
    ],
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="[K=V …]", help="Its inputs, or free text."),
    ] = None,
    file: FilesOption = None,
    out: OutOption = None,
    tier: TierOption = None,
    model: ModelOption = None,
    max_usd: MaxUsdOption = None,
    show_prompt: ShowPromptOption = False,
    as_json: JsonOption = False,
) -> None:
    """Run a prompt of the company, or a skill that can be called by name.

    How it ended (ok, failed, no-result) is remembered, so that the standup knows when it is due again.

    Examples:
      agentco run /weekly-review
      agentco run /launch-post product=Lumen date=2026-12-01
    """
    edges = current_company.writable_edges()
    prompt = find_prompt(edges, name)
    person = agent_for_prompt(
        edges.company.load(),
        prompt,
        edges.company.settings().require_valid().company.orchestrator,
    )
    if person is None:
        raise WrongUsage(
            f"{prompt.name!r} names no agent, and the company has no orchestrator",
            hint="write agent: NAME into its header, or company: {orchestrator: NAME} into the settings",
        )
    task = resolve_prompt_text(edges, prompt, tuple(words or ()), file or [])
    terms = RunOptions(
        file=file,
        out=out,
        tier=tier,
        model=model,
        max_usd=max_usd,
        show_prompt=show_prompt,
        as_json=as_json,
    )
    run_and_report(
        edges,
        lambda office: build_run_request(
            office, edges, person, task, terms, prompt=prompt
        ),
        terms,
    )


class RunOptions(Struct, frozen=True, kw_only=True):
    """How a piece of work is to be done, as the options say."""

    file: list[str] | None
    out: str | None
    tier: Tier | None
    model: str | None
    max_usd: int | None
    show_prompt: bool
    as_json: bool


def build_run_request(
    office: CompanyOffice,
    edges: CompanyPorts,
    agent: Agent,
    task: str,
    terms: RunOptions,
    *,
    prompt: Prompt | SkillRecord | None = None,
    history: tuple[ChatMessage, ...] = (),
) -> RunRequest:
    """What the founder wants, from what they typed."""
    own = prompt.own if isinstance(prompt, Prompt) else None
    caps = [
        cap for cap in (terms.max_usd, own.budget if own else None) if cap is not None
    ]
    return RunRequest(
        agent=agent,
        work=Assignment(
            task=task,
            today=office.today(),
            prompt=prompt,
            files=read_attachments(edges.company.root, terms.file or ()),
            history=history,
            plan=plan_for_orchestrator(edges, office, agent),
            **company_context(office),
        ),
        title=f"/{prompt.name}" if prompt else " ".join(task.split()),
        name=prompt.name if prompt else "",
        tier=terms.tier,
        model=terms.model or "",
        cap=min(caps, default=None),
        produces=own.produces if own else (),
    )


def plan_for_orchestrator(
    edges: CompanyPorts, office: CompanyOffice, agent: Agent
) -> str:
    """Today's plan for whoever hands out work, nothing for all others."""
    from agentco.day.report import plan_text as planned
    from agentco.engine.standup import run_standup

    return (
        planned(run_standup(edges, moment=current_company.now()))
        if office.orchestrator == agent
        else ""
    )


def run_and_report(
    edges: CompanyPorts, wish: Callable[[CompanyOffice], RunRequest], terms: RunOptions
) -> None:
    """Do what is wished and say how it came out; ends with its exit code."""
    if terms.show_prompt:
        preview_prompt(edges, wish, as_json=terms.as_json)
        return
    trusted_edges()

    async def begin(office: CompanyOffice) -> str:
        wanted = wish(office)
        refuse_if_halted(office, wanted.agent.id)
        return await start_run(wanted, office)

    with new_file(terms.out) if terms.out else nullcontext() as place:
        raise typer.Exit(
            print_outcome(
                run_to_outcome(edges, begin, as_json=terms.as_json),
                as_json=terms.as_json,
                out=place,
            )
        )


def find_agent(edges: CompanyPorts, name: str) -> Agent:
    """The agent of that name. Raises WrongUsage."""
    company = edges.company.load()
    if found := company.find_agent(name):
        return found
    raise current_company.unknown_name(
        "agent", name, [agent.id for agent in company.agents]
    )


def find_prompt(edges: CompanyPorts, name: str) -> Prompt | SkillRecord:
    """The prompt, or the skill that may be called, of that name. Raises WrongUsage."""
    company, bare = edges.company.load(), name.removeprefix("/")
    skill = company.find_skill(bare)
    if found := company.find_prompt(bare) or (
        skill if skill and skill.user_invocable else None
    ):
        return found
    callable_ = [p.name for p in company.prompts] + [
        s.name for s in company.skills if s.user_invocable
    ]
    raise current_company.unknown_name("prompt", name, callable_)


def resolve_prompt_text(
    edges: CompanyPorts,
    prompt: Prompt | SkillRecord,
    words: tuple[str, ...],
    file: list[str],
) -> str:
    """The prompt's body with its variables; what is missing is asked for where somebody can answer."""
    settings = edges.company.settings().require_valid()
    piped = "${selection}" in prompt.body or "${selectedText}" in prompt.body
    values = VariableValues(
        words=words,
        file=file[0] if file else "",
        selection=sys.stdin.read() if piped and not sys.stdin.isatty() else "",
        folder=str(edges.company.root),
        env={name: os.environ[name] for name in settings.env if name in os.environ},
    )
    found = fill_prompt(prompt, values)
    if found.unset and screen.at_terminal():
        said = {
            i.id: screen.read_answer(f"{i.id} [{i.default or ''}]") or i.default or ""
            for i in found.unset
        }
        found = fill_prompt(prompt, replace(values, inputs=said))
    if found.missing_inputs:
        names = " ".join(f"{i.id}=…" for i in found.missing_inputs)
        raise WrongUsage(
            f"{prompt.name!r} needs {names}", hint=f"agentco run /{prompt.name} {names}"
        )
    return found.text


def read_attachments(root: Path, names: list[str] | tuple[()]) -> dict[str, str]:
    """The texts of the files given along, by their path in the company where they lie in it."""
    found: dict[str, str] = {}
    for name in names:
        if name == STDIN:
            found["stdin"] = read_stdin("the text to give along")
            continue
        path = Path(name)
        real = path.resolve()
        try:
            data = read_regular(path)
        except OSError as error:
            raise WrongUsage(
                f"cannot read {name!r}: {error.strerror or error}",
                hint="name a text file",
            ) from None
        shown = (
            real.relative_to(root.resolve()).as_posix()
            if real.is_relative_to(root.resolve())
            else name
        )
        found[shown] = data.decode("utf-8", "replace")
    return found


def read_stdin(what: str) -> str:
    """All of stdin. Raises WrongUsage at a terminal, where nobody would know that we wait."""
    if sys.stdin.isatty():
        raise WrongUsage(f"{what} is not said", hint="give it in quotes, or pipe it in")
    return sys.stdin.read()


@contextmanager
def new_file(name: str) -> Generator[Path]:
    """A file that was not there, made before anybody is asked; gone again when nothing was written into it."""
    path = Path(name)
    try:
        path.touch(exist_ok=False)
    except (OSError, ValueError) as error:
        what = f"{name!r} cannot be made: {getattr(error, 'strerror', error)}"
        raise WrongUsage(what, hint="name a new file; nothing is overwritten") from None
    try:
        yield path
    finally:
        with suppress(OSError):
            if not path.stat().st_size:
                path.unlink()


def last_answered_run(office: CompanyOffice, agent: str) -> str:
    """The last run of an agent's that brought an answer. Raises WrongUsage when there is none."""
    every = office.store.read(
        lambda tx: list_runs(tx, office.now_iso(), limit=-1)
    ).result()
    if found := next(
        (run.id for run in every if run.agent == agent and run.phase is RunPhase.DONE),
        None,
    ):
        return found
    raise WrongUsage(
        f"{agent} has not answered anything yet", hint="ask without --continue"
    )


def earlier_messages(tx: Transaction, name: str) -> tuple[ChatMessage, ...]:
    """What was said before, from the first question on to the answer of that run."""
    run, asked = tx.load_run(name), tx.load_asked(name)
    answer = answer_text(tx, run) if run.phase is RunPhase.DONE else ""
    if asked is None or not answer:
        raise WrongUsage(
            f"run {name!r} delivered no answer to go on from",
            hint="agentco runs lists them",
        )
    turn = (
        ChatMessage(role=MessageRole.USER, text=asked.task),
        ChatMessage(role=MessageRole.ASSISTANT, text=answer),
    )
    return (*asked.given[asked.stable : -1], *turn)
