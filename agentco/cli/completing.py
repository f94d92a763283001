"""What the shell completes: names of this company, and the script that asks for them."""

import os
from collections.abc import Callable, Mapping

from typer._completion_classes import completion_init
from typer._completion_shared import get_completion_script

from agentco.cli import current_company
from agentco.kernel.errors import WrongUsage

SHELLS = ("bash", "zsh", "fish")
PROGRAM = "agentco"
VARIABLE = "_AGENTCO_COMPLETE"
"""Set by the shell's script when it asks what fits."""


def answer_if_asked(environment: Mapping[str, str]) -> None:
    """Where a shell asks what fits, make typer answer in the words which that shell reads."""
    if environment.get(VARIABLE):
        completion_init()


def names_of(kind: str) -> Callable[[str], list[str]]:
    """A function that completes the names of a kind; see `names_wiring.complete`."""

    def complete_names(incomplete: str) -> list[str]:
        from agentco.names_wiring import complete

        return complete(kind, incomplete, current_company.chosen_company())

    return complete_names


def script_for(shell: str) -> str:
    """The lines that a shell runs at its start. Raises WrongUsage for another shell."""
    if shell not in SHELLS:
        what = f"there is no completion for {shell!r}"
        raise WrongUsage(what, hint=f"choose one of {', '.join(SHELLS)}")
    return get_completion_script(
        prog_name=PROGRAM, complete_var=VARIABLE, shell=shell
    ).strip()


def usual_shell() -> str:
    """The name of the shell that the founder logs in with; empty where nobody says."""
    return os.environ.get("SHELL", "").rpartition("/")[-1]
