"""The command `agentco`: its groups, and how every failure ends in two lines and an exit code."""

import errno
import gc
import os
import signal
import sys
from importlib import import_module
from types import FrameType
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

import agentco
from agentco.cli import completing, current_company
from agentco.cli.command_table import COMMAND_GROUPS, COMMANDS
from agentco.cli.doors import Doors
from agentco.kernel.errors import AgentcoError, StateBroken, WrongUsage, did_you_mean
from agentco.terminal import screen

EXIT_INTERRUPTED = 128 + signal.SIGINT
INTERRUPTED_ERROR = {
    "what": "it was interrupted",
    "hint": "agentco runs resume continues a run",
}
END_SIGNALS = (signal.SIGTERM, signal.SIGHUP)
ended_by = [signal.SIGINT]
"""The signals that may have ended this process, the one that did last."""


def keep_lines_whole(command: Any) -> None:
    """Let the examples of a command and of those below it stand line by line in their help.

    Its first paragraph stands whole in the list of commands, never cut.
    """
    text: str = command.help or ""
    command.short_help = " ".join(text.split("\n\n", maxsplit=1)[0].split())
    command.help = text.replace("\n\nExamples:\n", "\n\n\b\nExamples:\n")
    for below in getattr(command, "commands", {}).values():
        keep_lines_whole(below)


class GroupedCommands(TyperGroup):
    """The commands under the headings a founder thinks in, each loaded when it is called.

    Typer's classes for a context and a formatter are private, so they are Any here.
    """

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002
        """Every command, in the order of the day."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        """Load one command, or a group of them."""
        if cmd_name not in COMMANDS:
            return None
        module, _, other = COMMANDS[cmd_name][0].partition(":")
        command = getattr(import_module(f"agentco.cli.{module}"), other or cmd_name)
        host = typer.Typer(rich_markup_mode=None)
        if isinstance(command, typer.Typer):
            host.add_typer(command, name=cmd_name)
        else:
            host.command(cmd_name)(command)
        loaded = typer.main.get_group(host).commands[cmd_name]
        keep_lines_whole(loaded)
        return loaded

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find the command that the words name. Raises WrongUsage with what is spelt like it."""
        word = args[0]
        is_name = not (ctx.resilient_parsing or word.startswith("-"))
        if is_name and word not in COMMANDS:
            hint = did_you_mean(word, COMMANDS, "agentco --help lists them")
            raise WrongUsage(f"no command {word!r}", hint=hint)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002
        """Write one section for each group."""
        for heading, commands in COMMAND_GROUPS.items():
            with formatter.section(heading):
                rows = [(name, sentence) for name, (_, sentence) in commands.items()]
                formatter.write_dl(rows)


app = typer.Typer(
    cls=GroupedCommands,
    rich_markup_mode=None,
    invoke_without_command=True,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
)


def print_version(wanted: bool) -> None:
    """Print the version and end."""
    if wanted:
        screen.print_text(f"agentco {agentco.__version__}")
        raise typer.Exit


DAILY_OVERVIEW = """\
agentco standup                    today's plan
agentco ask marketing "…"          a piece of work for a department
agentco run /weekly-review         one of the company's prompts
agentco board                      the sprint board: add, done, move, decide
agentco memory search WORDS        what the company knows

{inbox}
agentco --help lists everything; agentco init starts a company."""


COMPANY_HELP = "The company's folder."
CompanyOption = Annotated[str | None, typer.Option(metavar="DIR", help=COMPANY_HELP)]
VERSION_HELP = "Print the version."
VersionOption = Annotated[
    bool,
    typer.Option(
        "--version", "-V", callback=print_version, is_eager=True, help=VERSION_HELP
    ),
]


@app.callback()
def root_command(
    ctx: typer.Context, company: CompanyOption = None, _version: VersionOption = False
) -> None:
    """Run a one-person company whose departments are AI agents.

    The company is the folder with .github/agents or .github/agentco.yml: --company DIR, else
    AGENTCO_COMPANY, else the first one at or above the current folder.
    """
    current_company.choose_company(company)
    if ctx.invoked_subcommand is None:
        from agentco.cli.inbox import inbox_line

        screen.print_text(DAILY_OVERVIEW.format(inbox=inbox_line()))


def hoist_company_option(args: list[str]) -> list[str]:
    """`--company` is understood at any place before `--`."""
    end = args.index("--") if "--" in args else len(args)
    for i, arg in enumerate(args[:end]):
        if arg.startswith("--company="):
            return [arg, *args[:i], *args[i + 1 :]]
        if arg == "--company":
            return [*args[i : i + 2], *args[:i], *args[i + 2 :]]
    return args


def main(args: list[str], doors: Doors | None = None) -> int:
    """Run one command; return the exit code. `doors` open the other faces."""
    as_json = "--json" in args
    current_company.choose_company(None)
    completing.answer_if_asked(os.environ)
    try:
        result = app(
            hoist_company_option(args),
            prog_name="agentco",
            standalone_mode=False,
            obj=doors,
        )
    except AgentcoError as error:
        return screen.print_error(error, as_json=as_json)
    except typer.TyperException as error:
        return screen.print_error(usage_error(error), as_json=as_json)
    except (KeyboardInterrupt, typer.Abort):
        result = EXIT_INTERRUPTED
    except SystemExit as ended:
        result = exit_code_of(ended)
    except OSError as error:
        if error.errno in {errno.EPIPE, errno.ENOSPC, errno.EIO, errno.EBADF}:
            raise
        return screen.print_error(unexpected_error(error), as_json=as_json)
    except Exception as error:
        if os.environ.get("AGENTCO_DEBUG"):
            raise
        return screen.print_error(unexpected_error(error), as_json=as_json)
    if result == EXIT_INTERRUPTED:
        return report_interruption(as_json=as_json)
    return result if isinstance(result, int) else 0


def exit_code_of(ended: SystemExit) -> int:
    """The exit code where typer ends the process by itself, once a shell has its answer.

    Raises BrokenPipeError in the other case: nobody reads what we write.
    """
    if ended.code:
        raise BrokenPipeError from None
    return 0


def report_interruption(*, as_json: bool) -> int:
    """Return the exit code of an interrupted command; say so where a document is wanted."""
    code = 128 + ended_by[-1]
    if as_json:
        screen.print_json({"error": INTERRUPTED_ERROR | {"code": code}})
    return code


def unexpected_error(error: Exception) -> StateBroken:
    """What nobody thought of, in two lines."""
    what = f"{type(error).__name__}: {error}".rstrip(": ")
    return StateBroken(
        what, hint="a bug in agentco: AGENTCO_DEBUG=1 shows where; please report it"
    )


def usage_error(error: typer.TyperException) -> WrongUsage:
    """What was wrong with the arguments, and which help says how they go."""
    context: typer.Context | None = getattr(error, "ctx", None)
    command = context.command_path if context else "agentco"
    what, _, meant = error.format_message().partition(" Did you mean ")
    if what.startswith("Usage:"):
        what = f"{command} needs a command"
    hint = f"did you mean {meant}" if meant else f"{command} --help shows how"
    return WrongUsage(what.rstrip("."), hint=hint)


def end_by_signal(number: int, frame: FrameType | None) -> None:
    """End as Ctrl-C does: what is answered is kept, what is under way is settled first.

    Once is enough: who closes a terminal or shuts down sends several, and none must cut this short.
    """
    for other in END_SIGNALS:
        signal.signal(other, signal.SIG_IGN)
    ended_by.append(signal.Signals(number))
    interrupt = signal.getsignal(signal.SIGINT)
    if not callable(interrupt):
        raise KeyboardInterrupt
    interrupt(number, frame)


def run(doors: Doors) -> None:
    """Run the command of this process, and end with its exit code."""
    # A command is over before garbage could matter, and collecting it costs a tenth of the time.
    gc.set_threshold(200_000)
    screen.open_streams()
    for number in END_SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:  # as nohup has it
            signal.signal(number, end_by_signal)
    try:
        code = main(sys.argv[1:], doors)
        sys.stdout.flush()
    except BrokenPipeError:
        screen.silence()
        code = 128 + signal.SIGPIPE
    except OSError as error:
        screen.silence()
        what = f"cannot write the answer: {error.strerror}"
        broken = StateBroken(what, hint="make room")
        code = screen.print_error(broken, as_json=False)
    raise SystemExit(code)
