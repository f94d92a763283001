"""`agentco halt`, `resume` and `audit`: stop everything, go on, and read what was ruled and done."""

import getpass
from typing import Annotated

import msgspec
import typer

from agentco.adapters.state.open_state import open_state
from agentco.cli import screen
from agentco.cli.ask import find_agent
from agentco.cli.run_at_terminal import indent_text
from agentco.cli.shared_options import JsonOption, print_answer
from agentco.cli.state_access import read_state
from agentco.desk import current_company
from agentco.engine.inbox_items import halted_or_restricted
from agentco.engine.run_status import find_run
from agentco.engine.store import Transaction
from agentco.kernel.errors import StateBroken
from agentco.rules.audit import first_broken_line

AgentName = Annotated[
    str | None, typer.Argument(metavar="[AGENT]", help="Only this one.")
]


def halt(agent: AgentName = None, as_json: JsonOption = False) -> None:
    """Stop all agents, or one: nothing new starts, open calls are cancelled. It holds until agentco resume.

    Examples:
      agentco halt
      agentco halt marketing
    """
    set_halt(agent, wanted=True, as_json=as_json)


def resume(agent: AgentName = None, as_json: JsonOption = False) -> None:
    """Lift a halt, and let an agent that was restricted to reading act again.

    Runs that were stopped go on with agentco runs resume.

    Examples:
      agentco resume
      agentco resume marketing
    """
    set_halt(agent, wanted=False, as_json=as_json)


def set_halt(agent: str | None, *, wanted: bool, as_json: bool) -> None:
    """Halt or resume; a halt needs no trust and works while everything else is busy."""
    edges = current_company.writable_edges()
    at, by = current_company.now_iso(), getpass.getuser()
    held = not wanted and agent in read_state(
        halted_or_restricted, set[str]()
    )  # also one whose file is gone
    scope = find_agent(edges, agent).id if agent and not held else agent or ""

    def act(tx: Transaction) -> tuple[bool, bool]:
        return (
            (tx.halt(scope, at=at, by=by), False)
            if wanted
            else (tx.lift_halt(scope, at=at), tx.lift_restriction(scope, at))
        )

    with open_state(edges.company.root) as state:
        changed, lifted = state.write(act).result()
    who, done = scope or "the company", "halted" if wanted else "running again"
    said = (
        f"{who} is {done}"
        if changed
        else f"{who} was {'halted already' if wanted else 'not halted'}"
    )
    lines = (said,) if changed or not lifted else ()
    more = (
        (f"{who} may act again: it is no longer restricted to reading",)
        if lifted
        else ()
    )
    found = {
        "agent": scope or None,
        "halted": wanted,
        "changed": changed or lifted,
        "lifted": lifted,
    }
    print_answer(found, *lines, *more, as_json=as_json)


def audit(
    run: Annotated[
        str | None,
        typer.Argument(metavar="[RUN|verify]", help="One run's lines, or check all."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Show what was ruled, done and decided, line by line, or verify that no line was changed.

    Examples:
      agentco audit k7m2ab
      agentco audit verify
    """
    if run == "verify":
        verify_audit(as_json=as_json)
        return
    lines = read_state(
        lambda tx: tx.audit_lines(
            find_run(tx, run, current_company.now_iso()).id if run else ""
        ),
        [],
    )
    if as_json:
        said = [
            msgspec.to_builtins(line) | {"cost_usd": line.usd / 1e6} for line in lines
        ]
        screen.print_json(
            {"lines": [{k: v for k, v in row.items() if k != "usd"} for row in said]}
        )
        return
    if not lines:
        screen.print_text("nothing was done yet")
        return
    for line in lines:
        effect = f"{line.run}.{line.effect}" if line.effect else line.run
        rule = f"({line.rule})" if line.rule else ""
        said = (
            str(line.seq),
            line.at[:19],
            effect,
            line.agent,
            line.what,
            line.ruling,
            rule,
        )
        screen.print_text(" ".join(filter(None, said)))
        if line.why:
            screen.print_text(indent_text(line.why))


def verify_audit(*, as_json: bool) -> None:
    """Whether the chain of the audit holds. Raises StateBroken when it does not."""
    rows = read_state(lambda tx: tx.audit_chain(), [])
    wrong = first_broken_line(rows)
    if wrong is not None:
        raise StateBroken(
            f"line {wrong} of the audit was changed, lost or put in",
            hint="what came before it holds; agentco audit shows all of it",
        )
    print_answer(
        {"lines": len(rows), "holds": True},
        f"all {len(rows)} lines of the audit hold",
        as_json=as_json,
    )
