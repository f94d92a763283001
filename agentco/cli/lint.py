"""`agentco lint`: what plain code finds in a draft, and who has to review it."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer
from msgspec import to_builtins

from agentco.cli import current_company
from agentco.cli.completing import names_of
from agentco.cli.shared_options import ChannelOption, JsonOption
from agentco.terminal import screen
from agentco.terminal.screen import Style
from agentco.upkeep import linting

if TYPE_CHECKING:
    from agentco.desk.open_company import OpenCompany
    from agentco.review.draft_lint import LintDraft, LintResult

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


def print_results(results: "Sequence[LintResult]", *, explain: bool) -> None:
    """Print draft by draft what was found, then who reviews what, or draft by draft and why."""
    rows: list[list[str]] = []
    for result in results:
        screen.print_text(result.described, Style.DIM)
        for finding in result.findings:
            words = " ".join(finding.text.split())
            place = f"{result.file}:{finding.line}: {finding.rule}"
            screen.print_text(f"{place}: {words} — {finding.hint}", Style.SOON)
            if explain and finding.weighed:
                screen.print_text(f"  {finding.weighed}")
        for due in result.reviews:
            place = f"{result.file}:{due.line}"
            rows.append([place, due.who, due.trigger, ", ".join(due.words)])
            if explain:
                screen.print_text(f"{place}: {due.explained}")
        if explain and not result.reviewers:
            screen.print_text(f"{result.file}: no review is due")
    if rows and not explain:
        screen.print_table(["due reviewers", "agent", "trigger", "words"], rows)
    findings = sum(result.fault_count for result in results)
    found = count_words(findings, "finding")
    screen.print_text(f"{found}, {count_words(len(rows), 'review')} due")


def count_words(count: int, what: str) -> str:
    """How many of a thing, in words."""
    plural = "" if count == 1 else "s"
    return f"{count or 'no'} {what}{plural}"
