"""The story of a run on the screen: one tree, with its drafts, reviews and costs."""

from collections.abc import Callable, Iterator

from agentco.kernel.money import format_dollars
from agentco.overview.run_remarks import QUICK_NOTE, standing_lines, waiver_lines
from agentco.overview.run_story import DraftReview, ReviewedDraft, RunStory
from agentco.review.request import describe_trigger
from agentco.terminal import screen
from agentco.terminal.screen import Style

DIFF_STYLES = {"+": Style.GOOD, "-": Style.URGENT, "@": Style.DIM}
MAX_LINE_LENGTH = 90
StyledLines = Iterator[tuple[str, Style]]


def print_story(found: RunStory, *, full: bool) -> None:
    """Draw it; `full` leaves nothing out."""
    for text, look in story_lines(found, str if full else clip_line):
        screen.print_text(text, look)
    screen.print_text(f"{format_dollars(found.total_usd)} in all")


def clip_line(text: str) -> str:
    """A text on one line."""
    line = " ".join(text.split())
    return line if len(line) <= MAX_LINE_LENGTH else f"{line[:MAX_LINE_LENGTH]}…"


def indent_lines(told: StyledLines) -> StyledLines:
    """Lines that belong to the one above."""
    return ((f"  {row}", look) for text, look in told for row in text.split("\n"))


def story_lines(found: RunStory, brief: Callable[[str], str]) -> StyledLines:
    """A run, and below it what came of it and whom it had work."""
    run, reason = (
        found.of.run,
        f": {found.of.run.reason}" if found.of.run.reason else "",
    )
    chain = " → ".join(run.chain)
    cost = format_dollars(found.of.usd)
    yield (f"{chain}, run {run.id}, {cost}: {found.of.status}{reason}", Style.BOLD)
    yield from indent_lines(
        iter([(f"asked: {brief(found.of.task) or 'no longer kept'}", Style.PLAIN)])
    )
    for child in found.children:
        yield from indent_lines(story_lines(child, brief))
    for number, draft in enumerate(found.drafts, 1):
        yield (
            f"  draft {number}" + (f" is kept: {draft.answer}" if draft.answer else ""),
            Style.BOLD,
        )
        yield from indent_lines(indent_lines(draft_lines(draft, found, brief)))
    beside = [QUICK_NOTE] * run.quick + standing_lines(found) + waiver_lines(found)
    yield from indent_lines((one, Style.PLAIN) for one in beside)


def draft_lines(
    draft: ReviewedDraft, of: RunStory, brief: Callable[[str], str]
) -> StyledLines:
    """A draft: what changed, what code saw, what was said of it."""
    yield from ((text, DIFF_STYLES.get(text[:1], Style.PLAIN)) for text in draft.diff)
    if not draft.diff and not draft.answer:
        yield brief(draft.text), Style.PLAIN
    left = {
        (one.review.trigger, one.review.agent): one.review.owed for one in of.reviews
    }
    for due in draft.due:
        why = due.owed or left.get((due.trigger, due.agent), "")
        who = f"{due.agent or 'nobody'} reviews it" + (f", owed: {why}" if why else "")
        yield (
            f"{due.trigger}, {describe_trigger(due.words, due.line)}: {who}",
            Style.PLAIN,
        )
        if due.sentence:
            yield f'  "{due.sentence}"', Style.DIM
    for found in draft.findings:
        yield (
            f'{found.rule}, line {found.line}, "{found.text}": {found.hint}',
            Style.SOON,
        )
    for heard in draft.reviews:
        usd = format_dollars(heard.by.usd) if heard.by else "not begun"
        yield (
            f"{heard.agent} was asked about {', '.join(heard.under)}, {usd}",
            Style.BOLD,
        )
        yield from indent_lines(review_lines(heard, brief))


def review_lines(heard: DraftReview, brief: Callable[[str], str]) -> StyledLines:
    """What a reviewer was asked, and said."""
    yield (
        f"asked: {brief(heard.by.task if heard.by else '') or 'no longer kept'}",
        Style.PLAIN,
    )
    if heard.said and heard.said.failed:
        yield f"it gave no verdict: {heard.said.failed}", Style.URGENT
    for one in heard.said.opinions if heard.said else ():
        mend = f" (to mend it: {one.change})" if one.change else ""
        yield f"{one.verdict} ({one.trigger}): {one.because}{mend}", Style.BOLD
