"""The inbox at a terminal: one item after the other, each decided with a key."""

import sys

from agentco.day.doubtful_calls import calls_as_one
from agentco.day.facts import WaitingFact
from agentco.desk.inbox_choices import Choice, choices_for, decide_item, item_details
from agentco.desk.open_company import OpenCompany
from agentco.kernel.errors import AgentcoError
from agentco.overview.inbox_items import Inbox
from agentco.terminal import screen
from agentco.terminal.cells import join_parts
from agentco.terminal.inbox_screen import (
    INDENT,
    describe_waiting,
    print_hanging,
    print_item,
    print_restricted,
)
from agentco.terminal.live_draft import LiveDraft
from agentco.terminal.screen import Style

SHOW, LATER, QUIT = "s", "l", "q"


def walk(company: OpenCompany, found: Inbox) -> None:
    """Put each item to the founder, who answers with a key; every change is told."""
    items = calls_as_one(found.items)
    for number, item in enumerate(items, start=1):
        print_item(item, f"{number} of {len(items)}: {heading_of(item)}")
        if not put_item(company, item):
            left = len(items) - number + 1
            screen.print_text(f"{describe_waiting(left)}: agentco inbox")
            return
    for fact in found.restricted:
        print_restricted(fact, company.zone)


def heading_of(item: WaitingFact) -> str:
    """What kind of thing it is, and whose."""
    name = "" if item.is_call else f" {item.id}"
    return f"{item.kind}{name}, {item.agent}"


def put_item(company: OpenCompany, item: WaitingFact) -> bool:
    """Ask for keys until one decides the item or leaves it; False to quit."""
    choices = choices_for(item)
    while True:
        sys.stdout.flush()
        key = screen.read_key(key_prompt(choices))
        if key in {"", QUIT}:
            return False
        if key == LATER:
            screen.print_text(f"{INDENT}left for later")
            return True
        if key == SHOW:
            print_hanging(item_details(company, item))
        elif key in choices and is_decided(company, item, key, choices[key]):
            return True


def is_decided(
    company: OpenCompany, item: WaitingFact, key: str, choice: Choice
) -> bool:
    """Carry out a choice and tell what came of it; False if nothing was decided."""
    text = ""
    if choice.asks:
        text = screen.read_answer(f"{INDENT}{choice.asks} Enter leaves it waiting.")
        if not text:
            return False
    try:
        said = decide_item(company, item, key, text, LiveDraft(wanted=True))
    except AgentcoError as error:
        screen.print_error(error, as_json=False)
        return False
    print_hanging(said, Style.GOOD)
    return True


def key_prompt(choices: dict[str, Choice]) -> str:
    """What each key does, in as few lines as that takes."""
    keys = [f"{key} {choice.label}" for key, choice in choices.items()]
    keys += [f"{SHOW} show", f"{LATER} later", f"{QUIT} quit"]
    lines = join_parts(keys, screen.terminal_width() - len(INDENT) - 2)
    return "\n".join(f"{INDENT}{line}" for line in lines) + " "
