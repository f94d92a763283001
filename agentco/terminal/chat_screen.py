"""A conversation at the terminal: its lines, its commands, and each turn as a run."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from msgspec.structs import replace

from agentco.desk import asking
from agentco.desk.runs import tell_story
from agentco.kernel.errors import WrongUsage, did_you_mean
from agentco.kernel.money import format_dollars
from agentco.terminal import screen
from agentco.terminal.live_draft import LiveDraft
from agentco.terminal.outcome_screen import print_outcome

if TYPE_CHECKING:
    from agentco.desk.open_company import OpenCompany
    from agentco.overview.run_outcome import RunOutcome

CHAT_HELP = """\
/file PATH   attach a file to your next turn
/cost        what this chat has cost so far
/help        this list
/quit        end the chat, as Ctrl-D does; Ctrl-C only ends a turn"""
WORDS = ("/file", "/cost", "/help", "/quit")
PROMPT = "you> "


@dataclass
class Chat:
    """A conversation: whom it is with, how each turn is asked, and what came of them.

    `last` is the run whose answer the next turn continues from; the files of `options` go along
    with that turn alone. `attach` reads a file, `open_company` gives the company as it is now.
    """

    agent: str
    open_company: "Callable[[], OpenCompany]"
    attach: Callable[[str], Mapping[str, str]]
    quick: bool
    go_on: bool
    options: asking.RunOptions
    as_json: bool
    raw: bool = False
    last: str | None = None
    runs: list[str] = field(default_factory=list[str])
    outcomes: "list[RunOutcome]" = field(default_factory=list["RunOutcome"])

    def turn(self, text: str) -> int:
        """Have one turn done and print how it came out; returns its exit code."""
        company = self.open_company()
        order = asking.AskOrder(
            agent=self.agent,
            task=text,
            quick=self.quick,
            go_on=self.go_on and self.last is None,
            go_on_from=self.last,
            options=self.options,
        )
        self.options = replace(self.options, files={})
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
        return print_outcome(outcome, as_json=False, seen=live.seen, raw=self.raw)

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
                files = {**self.options.files, **self.attach(name)}
                self.options = replace(self.options, files=files)
                screen.print_note(f"{name} is attached to your next turn")
            case _:
                hint = did_you_mean(word, WORDS, "/help lists the commands")
                raise WrongUsage(f"a chat has no command {word!r}", hint=hint)
        return True

    def cost(self) -> str:
        """What the turns cost, those that were ended early included."""
        company = self.open_company()
        usd = sum(tell_story(company, run).total_usd for run in self.runs)
        count = len(self.runs)
        turns = f"{count} turn{'' if count == 1 else 's'}"
        return f"{turns}, {format_dollars(usd)}; agentco costs shows all spending"


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
        # from now on input() edits lines and remembers them
        import readline  # noqa: F401  # pyright: ignore[reportUnusedImport]
    try:
        line = input(PROMPT)
    except EOFError:
        return None
    return line.strip().encode("utf-8", "replace").decode()
