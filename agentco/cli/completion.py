"""`agentco completion`: what makes the shell complete commands and names."""

from typing import Annotated

import typer

from agentco.cli.completing import SHELLS, script_for, usual_shell
from agentco.kernel.errors import WrongUsage
from agentco.terminal import screen

SHELL_HELP = "bash, zsh or fish; default: the one you log in with."
ShellArgument = Annotated[str, typer.Argument(metavar="[SHELL]", help=SHELL_HELP)]


def completion(shell: ShellArgument = "") -> None:
    """Print the script that makes your shell complete commands and names.

    The names are those of agents, prompts, skills, tasks, runs and the memory. Nothing is
    written: add the lines to your shell's own file, then open a new terminal.

    Examples:
      agentco completion bash >> ~/.bashrc
      agentco completion zsh >> ~/.zshrc
      agentco completion fish > ~/.config/fish/completions/agentco.fish
    """
    chosen = shell or usual_shell()
    if not shell and chosen not in SHELLS:
        hint = "agentco completion bash"
        raise WrongUsage("could not tell which shell you use", hint=hint)
    screen.print_text(script_for(chosen))
