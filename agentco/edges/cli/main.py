"""The command `agentco`: its groups, and how every failure ends in two lines and an exit code."""

import errno
import gc
import os
import signal
import sys
from typing import Annotated

import typer
from typer.core import TyperGroup

import agentco
from agentco.edges.cli import (
    ask,
    board,
    check,
    control,
    costs,
    demo,
    doctor,
    here,
    inbox,
    init,
    memory,
    runs,
    screen,
    show,
    standup,
    trust,
)
from agentco.errors import AgentcoError, StateBroken, WrongUsage

GROUPS = {
    "daily": ("standup", "ask", "run", "inbox", "approve", "deny", "answer", "feedback", "board"),
    "company": ("init", "trust", "check", "show"),
    "memory": ("memory",),
    "runs": ("runs", "costs", "audit"),
    "day+night": ("halt", "resume"),
    "tools": ("doctor", "demo"),
}


class Grouped(TyperGroup):
    """Lists the commands under the headings a founder thinks in."""

    def format_commands(self, ctx, formatter) -> None:  # type: ignore[no-untyped-def, override]  # noqa: ANN001
        """Write one section for each group, in the order of the day."""
        for heading, names in GROUPS.items():
            commands = [(name, self.get_command(ctx, name)) for name in names]
            if rows := [(n, c.get_short_help_str(70)) for n, c in commands if c]:
                with formatter.section(heading):
                    formatter.write_dl(rows)


app = typer.Typer(
    cls=Grouped,
    rich_markup_mode=None,
    invoke_without_command=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


app.command()(standup.standup)
app.command()(ask.ask)
app.command()(ask.run)
app.command()(inbox.inbox)
app.command()(inbox.approve)
app.command()(inbox.deny)
app.command("answer")(inbox.answer_question)
app.command()(inbox.feedback)
app.add_typer(board.app, name="board")
app.command()(init.init)
app.command()(trust.trust)
app.command()(check.check)
app.add_typer(show.show, name="show")
app.add_typer(memory.app, name="memory")
app.add_typer(runs.runs, name="runs")
app.command()(costs.costs)
app.command()(control.audit)
app.command()(control.halt)
app.command()(control.resume)
app.command()(doctor.doctor)
app.command()(demo.demo)


def version(wanted: bool) -> None:
    """Print the version and end."""
    if wanted:
        screen.say(f"agentco {agentco.__version__}")
        raise typer.Exit


DAILY = """\
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
    company: Annotated[str | None, typer.Option(metavar="DIR", help="The company's folder.")] = None,
    _version: Annotated[
        bool, typer.Option("--version", callback=version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Run a one-person company whose departments are AI agents.

    The company is the folder with .github/agents or .github/agentco.yml: --company DIR, else
    AGENTCO_COMPANY, else the first one at or above the current folder.
    """
    here.choose(company)
    if ctx.invoked_subcommand is None:
        screen.say(DAILY.format(inbox=inbox.count()))


def hoisted(args: list[str]) -> list[str]:
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
        result = app(hoisted(args), prog_name="agentco", standalone_mode=False)
    except AgentcoError as error:
        return screen.failure(error, as_json=as_json)
    except typer.TyperException as error:
        return screen.failure(usage(error), as_json=as_json)
    except (KeyboardInterrupt, typer.Abort):
        return 128 + signal.SIGINT
    except SystemExit:
        # typer ends the process by itself in one case only: nobody reads what we write.
        raise BrokenPipeError from None
    except OSError as error:
        if error.errno in {errno.EPIPE, errno.ENOSPC, errno.EIO, errno.EBADF}:
            raise
        return screen.failure(unforeseen(error), as_json=as_json)
    except Exception as error:
        if os.environ.get("AGENTCO_DEBUG"):
            raise
        return screen.failure(unforeseen(error), as_json=as_json)
    return result if isinstance(result, int) else 0


def unforeseen(error: Exception) -> StateBroken:
    """What nobody thought of, in two lines."""
    what = f"{type(error).__name__}: {error}".rstrip(": ")
    return StateBroken(what, hint="a mistake in agentco: AGENTCO_DEBUG=1 shows where, please report it")


def usage(error: typer.TyperException) -> WrongUsage:
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
        screen.silence()
        code = 128 + signal.SIGPIPE
    except OSError as error:
        screen.silence()
        code = screen.failure(
            StateBroken(f"cannot write the answer: {error.strerror}", hint="make room"), as_json=False
        )
    raise SystemExit(code)
