"""`agentco chat`: a conversation with one department, each turn a run that continues the last."""

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
    run_options,
)
from agentco.cli.shared_options import JsonOption, RawOption
from agentco.kernel.errors import AgentcoError
from agentco.terminal import screen

if TYPE_CHECKING:
    from agentco.terminal.chat_screen import Chat


def chat(
    agent: AgentArgument,
    go_on: ContinueOption = False,
    quick: QuickOption = False,
    file: FilesOption = None,
    tier: TierOption = None,
    model: ModelOption = None,
    max_usd: MaxUsdOption = None,
    raw: RawOption = False,
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
    from agentco.terminal.chat_screen import Chat

    company = current_company.open_writable()
    who = find_agent(company.files.load(), agent).id
    talk = Chat(
        agent=who,
        open_company=current_company.open_writable,
        attach=lambda name: read_attachments(company, [name]),
        quick=quick,
        go_on=go_on,
        options=run_options(company, file, tier, model, max_usd, ""),
        as_json=as_json,
        raw=raw,
    )
    company.require_trust()
    if screen.at_terminal() and not as_json:
        screen.print_note(f"You are talking to {who}. /help lists the commands.")
        while talk_at_terminal(talk):
            pass
        return
    code = talk_in_lines(talk)
    if as_json:
        print_turns(talk)
    raise typer.Exit(code)


def print_turns(talk: "Chat") -> None:
    """Print all turns of a chat as one document."""
    from agentco.documents.runs import run_document

    turns = [run_document(outcome) for outcome in talk.outcomes]
    screen.print_json({"agent": talk.agent, "turns": turns})


def talk_at_terminal(talk: "Chat") -> bool:
    """One line of the founder's, and what comes of it; False once the chat is over."""
    from agentco.cli.main import END_SIGNALS, ended_by
    from agentco.terminal.chat_screen import read_line

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


def talk_in_lines(talk: "Chat") -> int:
    """A turn for each line of stdin; the exit code of the first that brought nothing, else 0."""
    from agentco.terminal.chat_screen import lines_of_stdin

    for line in lines_of_stdin():
        if line.startswith("/"):
            if not talk.follow(line):
                return 0
            continue
        code = talk.turn(line)
        if code:
            return code
    return 0
