"""The command `agentco`: its groups, and how every failure ends in two lines and an exit code."""

import errno
import gc
import os
import signal
import sys
from importlib import import_module
from textwrap import shorten
from typing import Annotated

import typer
from typer.core import TyperGroup

import agentco
from agentco.cli import current_company, screen
from agentco.kernel.errors import AgentcoError, StateBroken, WrongUsage

# Each command's place, MODULE or MODULE:NAME, and its first sentence: help loads no module of a command.
COMMAND_GROUPS = {
    "daily": {
        "standup": (
            "standup",
            "Show today's ranked plan, with the source and the rule of every line.",
        ),
        "ask": ("ask", "Ask a department for a piece of work."),
        "run": (
            "ask",
            "Run a prompt of the company, or a skill that can be called by name.",
        ),
        "inbox": (
            "inbox",
            "List what waits for you, each with the command that decides it, and the departments that may only read.",
        ),
        "approve": ("inbox", "Allow what waits for your yes: exactly this, once."),
        "deny": (
            "inbox",
            "Say no to what waits for your yes; the work goes on without it.",
        ),
        "answer": (
            "inbox:answer_question",
            "Answer a department's question; its work goes on with the answer.",
        ),
        "waive": (
            "inbox",
            "Let go what a reviewer, a rule or a review that nobody could do holds back.",
        ),
        "feedback": (
            "inbox",
            "Record a lesson from a run, in your words; the Improver works from lessons.",
        ),
        "board": ("board:app", "Show the sprint board, BOARD.md, or change it."),
    },
    "company": {
        "init": (
            "init",
            "Start a company in DIR, or adopt the repository that is there.",
        ),
        "trust": (
            "trust",
            "Show what this folder can reach outside itself, and trust it with that.",
        ),
        "check": (
            "check",
            "Check the whole company: files, settings, references, schedules, board, memory.",
        ),
        "show": ("show", "Who works here, and with what settings."),
        "lint": (
            "lint",
            "Check drafts as public text, and name who has to review them; no model is asked.",
        ),
    },
    "memory": {"memory": ("memory:app", "What the company knows.")},
    "runs": {
        "runs": (
            "runs",
            "List the last runs, or look into one, go on with it, end it.",
        ),
        "costs": (
            "costs",
            "Show what was spent, by agent, model, prompt or day; calls in doubt count as spent.",
        ),
        "audit": (
            "control",
            "Show what was ruled, done and decided, line by line, or verify that no line was changed.",
        ),
    },
    "day+night": {
        "up": (
            "up",
            "Run the company: schedules, departments, and whatever was interrupted.",
        ),
        "down": (
            "up",
            "End the daemon: nothing new starts, what is under way has ten seconds, everything is kept.",
        ),
        "status": (
            "up",
            "Show whether the daemon runs, what goes on, what was spent, and what is next.",
        ),
        "schedule": (
            "schedule",
            "Show when each prompt runs next, how its last runs ended, and what they cost.",
        ),
        "halt": (
            "control",
            "Stop all agents, or one: nothing new starts, open calls are cancelled.",
        ),
        "resume": (
            "control",
            "Lift a halt, and let an agent that was restricted to reading act again.",
        ),
    },
    "growing": {
        "lessons": (
            "lessons",
            "Show what the company learnt from its work, and still has to act on.",
        )
    },
    "tools": {
        "mcp": (
            "mcp",
            "Serve the memory to other programs over MCP, on stdin and stdout.",
        ),
        "doctor": (
            "doctor",
            "Look at everything that agentco needs: files, trust, models, runs, locks, disk.",
        ),
        "demo": (
            "demo",
            "Play scripted stories in a temporary company: a draft that is reviewed, one that stays blocked, a crash.",
        ),
    },
}
COMMANDS = {
    name: told for group in COMMAND_GROUPS.values() for name, told in group.items()
}
EXIT_INTERRUPTED = 128 + signal.SIGINT


class GroupedCommands(TyperGroup):
    """The commands under the headings a founder thinks in, each loaded when it is called."""

    def list_commands(self, ctx) -> list[str]:  # type: ignore[no-untyped-def, override]  # noqa: ANN001, ARG002
        """Every command, in the order of the day."""
        return list(COMMANDS)

    def get_command(self, ctx, cmd_name):  # type: ignore[no-untyped-def, override]  # noqa: ANN001, ANN201, ARG002
        """Load one command, or a group of them."""
        if cmd_name not in COMMANDS:
            return None
        module, _, other = COMMANDS[cmd_name][0].partition(":")
        found = getattr(import_module(f"agentco.cli.{module}"), other or cmd_name)
        host = typer.Typer(rich_markup_mode=None)
        if isinstance(found, typer.Typer):
            host.add_typer(found, name=cmd_name)
        else:
            host.command(cmd_name)(found)
        return typer.main.get_group(host).commands[cmd_name]

    def format_commands(self, ctx, formatter) -> None:  # type: ignore[no-untyped-def, override]  # noqa: ANN001, ARG002
        """Write one section for each group."""
        for heading, commands in COMMAND_GROUPS.items():
            with formatter.section(heading):
                formatter.write_dl(
                    [
                        (name, shorten(told, 70, placeholder="..."))
                        for name, (_, told) in commands.items()
                    ]
                )


app = typer.Typer(
    cls=GroupedCommands,
    rich_markup_mode=None,
    invoke_without_command=True,
    add_completion=False,
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


@app.callback()
def root_command(
    ctx: typer.Context,
    company: Annotated[
        str | None, typer.Option(metavar="DIR", help="The company's folder.")
    ] = None,
    _version: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=print_version,
            is_eager=True,
            help="Print the version.",
        ),
    ] = False,
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


def main(args: list[str]) -> int:
    """Run one command; returns the exit code."""
    as_json = "--json" in args
    try:
        result = app(
            hoist_company_option(args), prog_name="agentco", standalone_mode=False
        )
    except AgentcoError as error:
        return screen.print_error(error, as_json=as_json)
    except typer.TyperException as error:
        return screen.print_error(usage_error(error), as_json=as_json)
    except (KeyboardInterrupt, typer.Abort):
        result = EXIT_INTERRUPTED
    except SystemExit:
        # typer ends the process by itself in one case only: nobody reads what we write.
        raise BrokenPipeError from None
    except OSError as error:
        if error.errno in {errno.EPIPE, errno.ENOSPC, errno.EIO, errno.EBADF}:
            raise
        return screen.print_error(unexpected_error(error), as_json=as_json)
    except Exception as error:
        if os.environ.get("AGENTCO_DEBUG"):
            raise
        return screen.print_error(unexpected_error(error), as_json=as_json)
    if as_json and result == EXIT_INTERRUPTED:
        hint = "agentco runs resume goes on with a run"
        screen.print_json(
            {
                "error": {
                    "what": "it was interrupted",
                    "hint": hint,
                    "code": EXIT_INTERRUPTED,
                }
            }
        )
    return result if isinstance(result, int) else 0


def unexpected_error(error: Exception) -> StateBroken:
    """What nobody thought of, in two lines."""
    what = f"{type(error).__name__}: {error}".rstrip(": ")
    return StateBroken(
        what, hint="a mistake in agentco: AGENTCO_DEBUG=1 shows where, please report it"
    )


def usage_error(error: typer.TyperException) -> WrongUsage:
    """What was wrong with the arguments, and which help says how they go."""
    context: typer.Context | None = getattr(error, "ctx", None)
    command = context.command_path if context else "agentco"
    what = error.format_message()
    if what.startswith("Usage:"):
        what = f"{command} wants a command"
    return WrongUsage(what.rstrip("."), hint=f"{command} --help shows how")


def run() -> None:
    """The console script."""
    # A command is over before garbage could matter, and collecting it costs a tenth of the time.
    gc.set_threshold(200_000)
    screen.open_streams()
    try:
        code = main(sys.argv[1:])
        sys.stdout.flush()
    except BrokenPipeError:
        screen.silence_stdout()
        code = 128 + signal.SIGPIPE
    except OSError as error:
        screen.silence_stdout()
        code = screen.print_error(
            StateBroken(f"cannot write the answer: {error.strerror}", hint="make room"),
            as_json=False,
        )
    raise SystemExit(code)
