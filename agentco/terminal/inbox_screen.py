"""The inbox on the screen: what waits, each with what it belongs to and its commands."""

from zoneinfo import ZoneInfo

from rich.cells import cell_len

from agentco.day.doubtful_calls import SETTLE_ALL, describe_calls, split_calls
from agentco.day.facts import RestrictedFact, WaitingFact
from agentco.overview.inbox_items import Inbox
from agentco.terminal import screen
from agentco.terminal.cells import hang
from agentco.terminal.local_time import local_moment
from agentco.terminal.screen import Style

INDENT = "  "


def print_inbox(found: Inbox, zone: ZoneInfo) -> None:
    """Print all that waits, what may have been billed last and in one line."""
    items, calls = split_calls(found.items)
    for item in items:
        print_item(item, f"{item.kind} {item.id}, {item.agent}")
        print_commands(item.command)
    for fact in found.restricted:
        print_restricted(fact, zone)
    if calls:
        single = f"agentco inbox settle {calls[0].id}"
        print_calls(describe_calls(calls), SETTLE_ALL if len(calls) > 1 else single)
    screen.print_text(describe_waiting(found.count))


def print_calls(what: str, command: str) -> None:
    """What may have been billed, in one line with its command where there is room."""
    line = f"{what}: {command}"
    if cell_len(line) <= screen.terminal_width():
        screen.print_text(line, Style.BOLD)
    else:
        screen.print_text(what, Style.BOLD)
        print_commands(command)


def describe_waiting(count: int) -> str:
    """How many items wait, in words."""
    if not count:
        return "nothing is waiting for you"
    return f"{count} item{' waits' if count == 1 else 's wait'} for you"


def print_item(item: WaitingFact, heading: str) -> None:
    """What waits, in words where there are some, above what it belongs to."""
    screen.print_text(heading, Style.BOLD)
    print_hanging(f"would {item.words}" if item.words else item.what)
    for line in item.diff.splitlines():
        screen.print_text(f"{INDENT}{line}")
    print_hanging(item.context, Style.DIM)


def print_restricted(fact: RestrictedFact, zone: ZoneInfo) -> None:
    """A department that may only read."""
    since = local_moment(fact.since, zone)
    screen.print_text(f"restricted {fact.agent}, since {since}", Style.BOLD)
    print_hanging(f"it may only read: {fact.why}")
    print_commands(fact.command)


def print_commands(commands: str) -> None:
    """Commands as they are pasted, each on a line of its own."""
    for line in commands.split("\n"):
        screen.print_text(f"{INDENT}{line}", Style.COMMAND)


def print_hanging(text: str, look: Style = Style.PLAIN) -> None:
    """A text of any number of lines, indented and wrapped."""
    if text:
        for line in hang(text, screen.terminal_width(), INDENT):
            screen.print_text(line, look)
