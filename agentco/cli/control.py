"""`agentco halt`, `resume` and `audit`: stop, go on, and read what was done."""

import getpass
from typing import Annotated

import typer
from msgspec import to_builtins

from agentco.cli import current_company
from agentco.cli.completing import names_of
from agentco.cli.shared_options import JsonOption, print_answer
from agentco.desk import controls
from agentco.documents.controls import audit_line_document, halt_document
from agentco.terminal import screen
from agentco.terminal.audit_screen import print_audit, verified_lines

AgentName = Annotated[
    str | None,
    typer.Argument(
        metavar="[AGENT]", help="Only this one.", autocompletion=names_of("agent")
    ),
]


def halt(agent: AgentName = None, as_json: JsonOption = False) -> None:
    """Stop all agents, or one: nothing new starts, open calls are cancelled.

    It lasts until agentco resume.

    Examples:
      agentco halt
      agentco halt marketing
    """
    company = current_company.open_current()
    change = controls.halt(company, agent, by=getpass.getuser())
    who = change.scope or "the company"
    words = "is halted" if change.changed else "was halted already"
    if change.outside:
        note = "the halt holds: it is stored beside your trust, not in the state"
        screen.print_note(f"warning: {note}: {change.outside}")
    print_answer(halt_document(change), f"{who} {words}", as_json=as_json)


def resume(agent: AgentName = None, as_json: JsonOption = False) -> None:
    """Lift a halt, and let an agent that was restricted to reading act again.

    Continue stopped runs with agentco runs resume.

    Examples:
      agentco resume
      agentco resume marketing
    """
    change = controls.resume(current_company.open_current(), agent)
    who = change.scope or "the company"
    lines: list[str] = []
    if change.changed:
        lines.append(f"{who} is running again")
    elif not change.unrestricted:
        lines.append(f"{who} was not halted")
    if change.unrestricted:
        lines.append(f"{who} may act again: it is no longer restricted to reading")
    print_answer(halt_document(change), *lines, as_json=as_json)


def audit(
    run: Annotated[
        str | None,
        typer.Argument(
            metavar="[RUN|verify]", help="One run's lines, or verify all of them."
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Show every ruling, action and decision, or verify that none was altered.

    verify also compares runs, effects, costs and texts with what the audit says of them, and the
    audit with its anchors in your trust file and in git.

    Examples:
      agentco audit k7m2ab
      agentco audit verify
    """
    company = current_company.open_current()
    if run == "verify":
        verified = controls.verify_audit(company)
        document = {"holds": True, **to_builtins(verified)}
        print_answer(document, *verified_lines(verified), as_json=as_json)
        return
    lines = controls.read_audit(company, run or "")
    if as_json:
        screen.print_json({"lines": [audit_line_document(line) for line in lines]})
        return
    print_audit(lines, company.zone)
