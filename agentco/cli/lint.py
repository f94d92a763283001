"""`agentco lint`: what plain code finds in a draft, and who has to review it."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer
from msgspec import to_builtins

from agentco.cli import current_company
from agentco.cli.completing import names_of
from agentco.cli.shared_options import ChannelOption, JsonOption
from agentco.terminal import screen
from agentco.terminal.lint_screen import print_results
from agentco.upkeep import linting

if TYPE_CHECKING:
    from agentco.desk.open_company import OpenCompany
    from agentco.review.draft_lint import LintDraft

STDIN = "-"
EXIT_FINDINGS = 1
Drafts = Annotated[
    list[str], typer.Argument(metavar="FILE…", help="Drafts; - reads stdin.")
]
AUTHOR_HELP = "Who wrote them."
Author = Annotated[
    str | None,
    typer.Option(
        "--author", metavar="AGENT", help=AUTHOR_HELP, autocompletion=names_of("agent")
    ),
]
PUBLIC_HELP = "Whether the drafts leave the company."
PublicOption = Annotated[
    bool | None, typer.Option("--public/--internal", help=PUBLIC_HELP)
]
EXPLAIN_HELP = "Show the sentence behind each review and judged finding."
Explain = Annotated[bool, typer.Option("--explain", help=EXPLAIN_HELP)]


def lint(
    files: Drafts,
    author: Author = None,
    public: PublicOption = None,
    channel: ChannelOption = "",
    explain: Explain = False,
    as_json: JsonOption = False,
) -> None:
    """Check drafts as public text and name their reviewers, without calling a model.

    Without --author, the draft's header names the author. Without --public or --internal, the
    author's role decides; a draft by an unknown author counts as public. Exit code 1 if there
    are findings; due reviews are not findings.

    Examples:
      agentco lint drafts/launch-post.md --author marketing
      agentco lint drafts/*.md --public --json
      agentco lint drafts/launch-post.md --explain
      pbpaste | agentco lint -
    """
    company = current_company.open_current()
    linting.require_known(company, author, channel)
    drafts = [read_draft(company, name) for name in files]
    results = [
        linting.lint(company, draft, author=author, public=public, channel=channel)
        for draft in drafts
    ]
    if as_json:
        documents = [to_builtins(result) for result in results]
        whole = documents[0] if len(documents) == 1 else {"files": documents}
        screen.print_json(whole)
    else:
        print_results(results, explain=explain)
    has_faults = any(result.fault_count for result in results)
    raise typer.Exit(EXIT_FINDINGS if has_faults else 0)


def read_draft(company: "OpenCompany", name: str) -> "LintDraft":
    """A draft from a file or from stdin. Raises WrongUsage if it cannot be read."""
    if name != STDIN:
        return linting.read_draft(company, name)
    try:
        data = sys.stdin.buffer.read(linting.MAX_DRAFT_BYTES + 1)
    except (OSError, ValueError) as error:
        raise linting.unreadable_draft(name, error) from None
    return linting.draft_of(name, data)
