"""The story of a run on the screen: one tree, with its drafts, reviews and costs."""

from collections.abc import Callable, Iterator, Mapping

from agentco.kernel.money import format_dollars
from agentco.overview.run_remarks import QUICK_NOTE, standing_lines, waiver_lines
from agentco.overview.run_story import DraftReview, ReviewedDraft, RunStory
from agentco.review.request import describe_trigger
from agentco.review.reviews_due import DueReview, unite_triggers
from agentco.terminal import screen
from agentco.terminal.screen import DIFF_STYLES, Style

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
    called = [(due.trigger, (_due_line(due, left), due.sentence)) for due in draft.due]
    for triggers, (line, sentence) in unite_triggers(called):
        yield f"{triggers}, {line}", Style.PLAIN
        if sentence:
            yield f'  "{sentence}"', Style.DIM
    for found in draft.findings:
        yield (
            f'{found.rule}, line {found.line}, "{found.text}": {found.hint}',
            Style.SOON,
        )
        if found.weighed:
            yield f"  {found.weighed}", Style.DIM
    for heard in draft.reviews:
        usd = format_dollars(heard.by.usd) if heard.by else "not begun"
        yield (
            f"{heard.agent} was asked about {', '.join(heard.under)}, {usd}",
            Style.BOLD,
        )
        yield from indent_lines(review_lines(heard, brief))


def _due_line(due: DueReview, left: Mapping[tuple[str, str], str]) -> str:
    """What called for a review, and who gives it or why nobody does."""
    why = due.owed or left.get((due.trigger, due.agent), "")
    owed = f", owed: {why}" if why else ""
    called = describe_trigger(due.words, due.line)
    return f"{called}: {due.agent or 'nobody'} reviews it{owed}"


def review_lines(heard: DraftReview, brief: Callable[[str], str]) -> StyledLines:
    """What a reviewer was asked, and said."""
    yield (
        f"asked: {brief(heard.by.task if heard.by else '') or 'no longer kept'}",
        Style.PLAIN,
    )
    if heard.said and heard.said.failed:
        yield f"it gave no verdict: {heard.said.failed}", Style.URGENT
    opinions = heard.said.opinions if heard.said else ()
    said = [(one.trigger, (one.verdict, one.because, one.change)) for one in opinions]
    for triggers, (verdict, because, change) in unite_triggers(said):
        mend = f" (to fix it: {change})" if change else ""
        yield f"{verdict} ({triggers}): {because}{mend}", Style.BOLD
