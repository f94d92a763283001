"""`agentco policy`: who may do what, and from which line."""

from typing import Annotated

import typer

from agentco.cli import current_company
from agentco.cli.completing import names_of
from agentco.cli.shared_options import JsonOption
from agentco.desk.policy import policy_table, rule_on_act
from agentco.documents.policy import act_ruling_document, policy_document
from agentco.kernel.errors import WrongUsage
from agentco.terminal import policy_screen, screen

Act = Annotated[
    str | None,
    typer.Argument(metavar="[ACT]", help='A tool and what on: "Edit(notes/a.md)".'),
]
AGENT_HELP = "Who would do it; otherwise only the settings count."
AgentOption = Annotated[
    str | None,
    typer.Option(
        "--agent", metavar="AGENT", help=AGENT_HELP, autocompletion=names_of("agent")
    ),
]
TABLE_HELP = "Every rule, in the order in which they count."
TableOption = Annotated[bool, typer.Option("--table", help=TABLE_HELP)]


def policy(
    act: Act = None,
    agent: AgentOption = None,
    table: TableOption = False,
    as_json: JsonOption = False,
) -> None:
    """Show whether an agent may do something, and which rule on which line says so.

    Nothing is done. Deny beats ask, ask beats allow, and what no rule matches is asked.

    Examples:
      agentco policy "Edit(notes/plan.md)" --agent marketing
      agentco policy "Read(.env)" --json
      agentco policy --table
    """
    company = current_company.open_current()
    if table is (act is not None):
        hint = 'agentco policy "Read(BOARD.md)", or agentco policy --table'
        raise WrongUsage("give either an act or --table", hint=hint)
    if act is None:
        rows = policy_table(company, agent)
        if as_json:
            screen.print_json(policy_document(rows))
        else:
            policy_screen.print_policy(rows)
        return
    ruling = rule_on_act(company, act, agent)
    if as_json:
        screen.print_json(act_ruling_document(ruling))
    else:
        policy_screen.print_act_ruling(ruling)
