"""`agentco lint`: what was found in drafts, and who reviews them."""

from collections.abc import Sequence

from agentco.kernel.words import count_of
from agentco.review.draft_lint import LintResult
from agentco.terminal import screen
from agentco.terminal.screen import Style


def print_results(results: Sequence[LintResult], *, explain: bool) -> None:
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
    return count_of(count, what) if count else f"no {what}s"
