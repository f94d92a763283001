"""`agentco chat`: a conversation with one department, each turn a run that continues the last."""

import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import typer

from agentco.cli import current_company
from agentco.cli.ask import (
    AgentArgument,
    ContinueOption,
    FilesOption,
    MaxUsdOption,
    ModelOption,
    QuickOption,
    TierOption,
    read_attachments,
)
from agentco.cli.shared_options import JsonOption
from agentco.company.records import Tier
from agentco.kernel.errors import AgentcoError, WrongUsage, did_you_mean
from agentco.terminal import screen

if TYPE_CHECKING:
    from agentco.overview.run_outcome import RunOutcome

CHAT_HELP = """\
/file PATH   give a file along with your next turn
/cost        what this chat has cost so far
/help        these lines
/quit        end the chat, as Ctrl-D does; Ctrl-C ends only a turn"""
WORDS = ("/file", "/cost", "/help", "/quit")
PROMPT = "you> "


@dataclass
class Chat:
    """A conversation: whom it is with, how each turn is asked, and what came of them.

    `last` is the run whose answer the next turn continues from, `files` go along with it.
    """

    agent: str
    quick: bool
    go_on: bool
    tier: Tier | None
    model: str
    max_usd: int | None
    as_json: bool
    files: dict[str, str]
    last: str | None = None
    runs: list[str] = field(default_factory=list[str])
    outcomes: "list[RunOutcome]" = field(default_factory=list["RunOutcome"])

    def turn(self, text: str) -> int:
        """Have one turn done and print how it came out; returns its exit code."""
        from agentco.desk import asking
        from agentco.terminal.live_draft import LiveDraft
        from agentco.terminal.outcome_screen import print_outcome

        company = current_company.open_writable()
        order = asking.AskOrder(
            agent=self.agent,
            task=text,
            quick=self.quick,
            go_on=self.go_on and self.last is None,
            go_on_from=self.last,
            options=asking.RunOptions(
                files=self.files, tier=self.tier, model=self.model, max_usd=self.max_usd
            ),
        )
        self.files = {}
        live = LiveDraft(wanted=not self.as_json)
        try:
            outcome = asking.ask(company, order, live)
        finally:
            self.runs.extend(live.runs)
        if outcome.status == "done":
            self.last = outcome.run.id
        self.outcomes.append(outcome)
        if self.as_json:
            return outcome.exit_code
        return print_outcome(outcome, as_json=False)

    def follow(self, line: str) -> bool:
        """Do what a line with a slash says; whether the chat goes on. Raises WrongUsage."""
        word, _, rest = line.partition(" ")
        match word:
            case "/quit":
                return False
            case "/help":
                screen.print_note(CHAT_HELP)
            case "/cost":
                screen.print_note(self.cost())
            case "/file":
                name = rest.strip().strip("\"'")
                company = current_company.open_writable()
                self.files.update(read_attachments(company, [name]))
                screen.print_note(f"{name} goes along with your next turn")
            case _:
                hint = did_you_mean(word, WORDS, "/help lists what there is")
                raise WrongUsage(f"a chat knows no {word!r}", hint=hint)
        return True

    def cost(self) -> str:
        """What the turns cost, those that were ended early included."""
        from agentco.desk.runs import tell_story
        from agentco.kernel.money import format_dollars

        company = current_company.open_current()
        usd = sum(tell_story(company, run).total_usd for run in self.runs)
        count = len(self.runs)
        turns = f"{count} turn{'' if count == 1 else 's'}"
        return f"{turns}, {format_dollars(usd)}; agentco costs shows all spending"


def chat(
    agent: AgentArgument,
    go_on: ContinueOption = False,
    quick: QuickOption = False,
    file: FilesOption = None,
    tier: TierOption = None,
    model: ModelOption = None,
    max_usd: MaxUsdOption = None,
    as_json: JsonOption = False,
) -> None:
    """Talk with a department; it knows what was said before.

    Each turn is a run like that of agentco ask, with its reviews, its limit (--max-usd is per
    turn) and its place in the ledger. In the chat: /file PATH, /cost, /help and /quit. Ctrl-C
    ends a turn, Ctrl-D the chat. Without a terminal each line of stdin is a turn, stdout gets
    the deliverables, and the first turn without one ends the chat.

    Examples:
      agentco chat cfo
      agentco chat marketing --continue --max-usd 0.10
      agentco chat cto --quick < questions.txt
    """
    from agentco.desk.lookups import find_agent

    company = current_company.open_writable()
    who = find_agent(company.files.load(), agent).id
    talk = Chat(
        agent=who,
        quick=quick,
        go_on=go_on,
        tier=tier,
        model=model or "",
        max_usd=max_usd,
        as_json=as_json,
        files=read_attachments(company, file or []),
    )
    company.require_trust()
    if screen.at_terminal() and not as_json:
        screen.print_note(f"You talk with {who}. /help shows what else there is.")
        while talk_at_terminal(talk):
            pass
        return
    code = talk_in_lines(talk)
    if as_json:
        from agentco.documents.runs import run_document

        turns = [run_document(outcome) for outcome in talk.outcomes]
        screen.print_json({"agent": who, "turns": turns})
    raise typer.Exit(code)


def talk_at_terminal(talk: Chat) -> bool:
    """One line of the founder's, and what comes of it; False once the chat is over."""
    from agentco.cli.main import END_SIGNALS, ended_by

    try:
        line = read_line()
        if line is None:
            screen.print_note("")
            return False
        if line.startswith("/"):
            return talk.follow(line)
        if line:
            talk.turn(line)
    except AgentcoError as error:
        screen.print_error(error, as_json=False)
    except KeyboardInterrupt:
        if ended_by[-1] in END_SIGNALS:
            raise
        screen.print_note("\nCtrl-D or /quit ends the chat")
    return True


def talk_in_lines(talk: Chat) -> int:
    """A turn for each line of stdin; the exit code of the first that brought nothing, else 0."""
    for line in lines_of_stdin():
        if line.startswith("/"):
            if not talk.follow(line):
                return 0
            continue
        code = talk.turn(line)
        if code:
            return code
    return 0


def lines_of_stdin() -> Iterator[str]:
    """The lines that hold something, as valid text."""
    while line := sys.stdin.readline():
        text = line.strip().encode("utf-8", "replace").decode()
        if text:
            yield text


def read_line() -> str | None:
    """The line that the founder types, edited with readline where there is one; None at the end."""
    if not sys.stdout.isatty():
        screen.print_partial(PROMPT)
        line = sys.stdin.readline()
        return line.strip() if line else None
    with suppress(ImportError):
        import readline  # noqa: F401  # pyright: ignore[reportUnusedImport]  from now on input() edits lines and remembers them
    try:
        line = input(PROMPT)
    except EOFError:
        return None
    return line.strip().encode("utf-8", "replace").decode()
