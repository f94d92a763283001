"""`agentco ask` and `agentco run`: a piece of work for one department."""

import sys
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer
from msgspec.structs import replace

from agentco.cli import current_company
from agentco.cli.completing import names_of
from agentco.cli.shared_options import ChannelOption, JsonOption, RawOption
from agentco.company.records import Tier
from agentco.file_formats.amounts import parse_usd
from agentco.kernel.errors import WrongUsage
from agentco.terminal import screen

if TYPE_CHECKING:
    from agentco.company.mentions import PromptInput
    from agentco.company.records import Prompt, SkillRecord
    from agentco.desk import asking
    from agentco.desk.open_company import OpenCompany
    from agentco.overview.run_outcome import RunOutcome
    from agentco.terminal.live_draft import LiveDraft
    from agentco.terminal.out_file import OutFile

STDIN = "-"


def parse_dollars(text: str) -> int:
    """Micro-dollars of an amount as people write it. Raises WrongUsage."""
    try:
        return parse_usd(text.removeprefix("$"))
    except ValueError as error:
        what = f"--max-usd {text!r}: {error}"
        raise WrongUsage(what, hint="such as --max-usd 0.25") from None


FilesOption = Annotated[
    list[str] | None, typer.Option(metavar="F", help="Attach a file; - reads stdin.")
]
OutOption = Annotated[
    str | None, typer.Option(metavar="F", help="Write the deliverable to this file.")
]
ContinueRunOption = Annotated[
    str | None,
    typer.Option(
        metavar="RUN", help="Continue from this run.", autocompletion=names_of("run")
    ),
]
TierOption = Annotated[
    Tier | None,
    typer.Option(
        metavar="T", case_sensitive=False, help="light, medium, heavy or local."
    ),
]
ModelOption = Annotated[
    str | None, typer.Option(metavar="M", help="Use exactly this provider/model.")
]
MaxUsdOption = Annotated[
    int | None,
    typer.Option(
        "--max-usd",
        metavar="X",
        parser=parse_dollars,
        help="Spending limit in dollars.",
    ),
]
ThoughtsOption = Annotated[
    bool, typer.Option("--thoughts", help="Show on stderr what the model thinks.")
]
SHOW_PROMPT_HELP = "Print the prompt with its token count; call no model."
ShowPromptOption = Annotated[bool, typer.Option("--show-prompt", help=SHOW_PROMPT_HELP)]


AGENT_HELP = "The agent to ask; list them with agentco show agents."
AgentArgument = Annotated[
    str, typer.Argument(help=AGENT_HELP, autocompletion=names_of("agent"))
]
QuestionArgument = Annotated[
    str | None, typer.Argument(help="What to do; read from stdin if omitted.")
]
ContinueOption = Annotated[
    bool, typer.Option("--continue", help="Continue from this agent's last run.")
]
QuickOption = Annotated[
    bool, typer.Option("--quick", help="An internal question: skip the reviews.")
]
PublicOption = Annotated[
    bool,
    typer.Option(
        "--public", help="The answer is public: check claims, figures and links."
    ),
]
InternalOption = Annotated[
    bool, typer.Option("--internal", help="The answer is internal, whoever writes it.")
]
PromptArgument = Annotated[
    str,
    typer.Argument(
        metavar="PROMPT",
        help="A prompt or skill, such as /weekly-review.",
        autocompletion=names_of("prompt"),
    ),
]
InputsArgument = Annotated[
    list[str] | None, typer.Argument(metavar="[K=V …]", help="Inputs, or free text.")
]


def ask(
    agent: AgentArgument,
    question: QuestionArgument = None,
    go_on: ContinueOption = False,
    continue_run: ContinueRunOption = None,
    quick: QuickOption = False,
    public: PublicOption = False,
    internal: InternalOption = False,
    file: FilesOption = None,
    out: OutOption = None,
    tier: TierOption = None,
    model: ModelOption = None,
    max_usd: MaxUsdOption = None,
    channel: ChannelOption = "",
    thoughts: ThoughtsOption = False,
    raw: RawOption = False,
    show_prompt: ShowPromptOption = False,
    as_json: JsonOption = False,
) -> None:
    """Ask a department to do a piece of work.

    The draft appears on stderr while it is written; stdout gets only the deliverable. After an
    interruption, agentco runs resume goes on and buys no answer twice.

    Examples:
      agentco ask marketing "draft the launch post for Lumen" --file notes/launch.md
      agentco ask accountant "which deadlines are next?" --tier light --max-usd 0.05
      git log --oneline | agentco ask cto "summarise the week" --file -
    """
    from agentco.desk import asking
    from agentco.desk.lookups import find_agent
    from agentco.terminal.prompt_screen import print_preview

    twice = go_on and continue_run is not None
    refuse_contradictions(go_on=twice, public=public, internal=internal, quick=quick)
    company = current_company.open_writable()
    order = asking.AskOrder(
        agent=find_agent(company.files.load(), agent).id,
        task=read_task(question),
        quick=quick,
        public=goes_out(public=public, internal=internal),
        go_on=go_on,
        go_on_from=continue_run,
        options=run_options(company, file, tier, model, max_usd, channel),
    )
    if show_prompt:
        print_preview(asking.preview_ask(company, order), as_json=as_json)
        return
    work = partial(asking.ask, company, order)
    finish(work, company, out, as_json=as_json, thoughts=thoughts, raw=raw)


def run(
    name: PromptArgument,
    words: InputsArgument = None,
    file: FilesOption = None,
    out: OutOption = None,
    tier: TierOption = None,
    model: ModelOption = None,
    max_usd: MaxUsdOption = None,
    channel: ChannelOption = "",
    thoughts: ThoughtsOption = False,
    raw: RawOption = False,
    show_prompt: ShowPromptOption = False,
    as_json: JsonOption = False,
) -> None:
    """Run one of the company's prompts, or a skill that can be run by name.

    The outcome (ok, failed, no-result) is recorded, so the standup knows when it is due again.

    Examples:
      agentco run /weekly-review
      agentco run /launch-post product=Lumen date=2026-12-01
    """
    from agentco.desk import asking
    from agentco.desk.lookups import find_prompt
    from agentco.terminal.prompt_screen import print_preview

    company = current_company.open_writable()
    prompt = find_prompt(company.files.load(), name)
    asking.prompt_agent(company, prompt)
    order = asking.PromptOrder(
        prompt=prompt,
        text=fill_at_terminal(company, prompt, tuple(words or ()), file),
        options=run_options(company, file, tier, model, max_usd, channel),
        has_out=out is not None,
    )
    if show_prompt:
        print_preview(asking.preview_prompt(company, order), as_json=as_json)
        return
    work = partial(asking.run_prompt, company, order)
    finish(
        work,
        company,
        out,
        as_json=as_json,
        thoughts=thoughts,
        raw=raw,
        prompt=prompt.name,
    )


def read_task(question: str | None) -> str:
    """What is to be done, from the command line or from stdin, as valid text."""
    task = question
    if task is None or task == STDIN:
        task = read_stdin("the task")
    return task.encode("utf-8", "replace").decode()


def refuse_contradictions(
    *, go_on: bool, public: bool, internal: bool, quick: bool
) -> None:
    """Raise WrongUsage for options that do not go together."""
    if go_on:
        what = "--continue and --continue-run cannot be combined"
        raise WrongUsage(what, hint="give one of them")
    if public and (internal or quick):
        other = "--internal" if internal else "--quick"
        what = f"--public and {other} cannot be combined"
        raise WrongUsage(what, hint="give one of them")


def goes_out(*, public: bool, internal: bool) -> bool | None:
    """Whether the work goes out; None where the company's files decide."""
    if public:
        return True
    return False if internal else None


def finish(
    work: "Callable[[LiveDraft], RunOutcome]",
    company: "OpenCompany",
    out: str | None,
    *,
    as_json: bool,
    thoughts: bool,
    raw: bool,
    prompt: str = "",
) -> None:
    """Have a piece of work done and print how it came out; end with its exit code."""
    from agentco.desk.attachments import path_in_company
    from agentco.desk.out_files import record_out_file, versions_by_prompt
    from agentco.terminal.live_draft import LiveDraft
    from agentco.terminal.out_file import claim_out_file, write_out_file
    from agentco.terminal.outcome_screen import print_outcome

    company.require_trust()
    path = path_in_company(company.root, out) or out if out else ""
    own = versions_by_prompt(company, prompt, path) if prompt and path else ()
    with claim_out_file(out, own) if out else nullcontext() as place:
        draft = LiveDraft(wanted=not as_json, thoughts=thoughts)
        outcome = work(draft)

        def save(out: "OutFile", text: str) -> bool:
            version = write_out_file(out, text)
            if version:
                record_out_file(company, outcome.run, path, version)
            return version is not None

        code = print_outcome(
            outcome,
            as_json=as_json,
            save=place and partial(save, place),
            seen=draft.seen,
            raw=raw,
        )
        raise typer.Exit(code)


def run_options(
    company: "OpenCompany",
    files: list[str] | None,
    tier: Tier | None,
    model: str | None,
    max_usd: int | None,
    channel: str,
) -> "asking.RunOptions":
    """How a piece of work is to be done, with the texts of the files given along."""
    from agentco.desk import asking

    return asking.RunOptions(
        files=read_attachments(company, files or []),
        tier=tier,
        model=model or "",
        max_usd=max_usd,
        channel=channel,
    )


def fill_at_terminal(
    company: "OpenCompany",
    prompt: "Prompt | SkillRecord",
    words: tuple[str, ...],
    files: list[str] | None,
) -> str:
    """The prompt's text; what is missing is asked for at a terminal."""
    from agentco.company.prompt_variables import fill_prompt
    from agentco.desk import asking

    selection = ""
    if asking.wants_selection(prompt) and not sys.stdin.isatty():
        selection = read_stdin("the selection")
    values = asking.prompt_values(
        company, words=words, file=files[0] if files else "", selection=selection
    )
    filled = fill_prompt(prompt, values)
    if filled.unset and screen.at_terminal():
        inputs = {asked.id: read_input(asked) for asked in filled.unset}
        filled = fill_prompt(prompt, replace(values, inputs=inputs))
    return asking.require_filled(prompt, filled)


def read_input(asked: "PromptInput") -> str:
    """What the founder types for an input, else its default."""
    default = asked.default or ""
    return screen.read_answer(f"{asked.id} [{default}]") or default


def read_attachments(company: "OpenCompany", names: list[str]) -> dict[str, str]:
    """The texts of the files given along, by their path in the company if they lie there.

    Says which were no plain text. Raises WrongUsage for a file that cannot be read.
    """
    from agentco.desk import attachments

    texts: dict[str, str] = {}
    for name in names:
        if name == STDIN:
            data = read_stdin_bytes("the text to attach")
            attached = attachments.attach_data(company, attachments.STDIN_NAME, data)
        else:
            attached = attachments.attach_file(company, name)
        if attached.note:
            screen.print_note(f"{name}: {attached.note}")
        texts[attached.name] = attached.text
    return texts


def read_stdin(what: str) -> str:
    """All of stdin as text; says so if it is not UTF-8. Raises WrongUsage for what is no text."""
    from agentco.file_formats.plain_text import read_plain_text

    plain = read_plain_text(read_stdin_bytes(what))
    if plain is None:
        raise WrongUsage("stdin is not a text", hint="attach it: --file -")
    if plain.note:
        screen.print_note(f"stdin: {plain.note}")
    return plain.text


def read_stdin_bytes(what: str) -> bytes:
    """All of stdin. Raises WrongUsage at a terminal, where nobody would see us wait."""
    if sys.stdin.isatty():
        raise WrongUsage(f"{what} is missing", hint="give it in quotes, or pipe it in")
    data: bytes | str = getattr(sys.stdin, "buffer", sys.stdin).read()
    return data.encode("utf-8", "replace") if isinstance(data, str) else data
