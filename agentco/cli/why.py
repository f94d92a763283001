"""The story of a run on the screen: one tree, with its drafts, reviews and costs."""

from collections.abc import Callable, Iterator

from msgspec import to_builtins

from agentco.cli import screen
from agentco.cli.options import fields
from agentco.cli.screen import Look
from agentco.review.request import called_for
from agentco.review.verdict import Verdict
from agentco.rules.budget import dollars
from agentco.runs.draft_decision import owed
from agentco.runs.run_story import Draft, Heard, Story

QUICK = "quick: nobody reviewed this"
LOOKS = {"+": Look.GOOD, "-": Look.URGENT, "@": Look.DIM}
LONGEST = 90
Lines = Iterator[tuple[str, Look]]


def show(found: Story, *, full: bool) -> None:
    """Draw it; `full` leaves nothing out."""
    for text, look in lines(found, str if full else clipped):
        screen.say(text, look)
    screen.say(f"{dollars(found.total_usd)} in all")


def clipped(text: str) -> str:
    """A text on one line."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}…"


def below(told: Lines) -> Lines:
    """Lines that belong to the one above."""
    return ((f"  {row}", look) for text, look in told for row in text.split("\n"))


def lines(found: Story, brief: Callable[[str], str]) -> Lines:
    """A run, and below it what came of it and whom it had work."""
    run, reason = (
        found.of.run,
        f": {found.of.run.reason}" if found.of.run.reason else "",
    )
    yield (
        f"{' → '.join(run.chain)}, run {run.id}, {dollars(found.of.usd)}: {found.of.status}{reason}",
        Look.BOLD,
    )
    yield from below(
        iter([(f"asked: {brief(found.of.task) or 'no longer kept'}", Look.PLAIN)])
    )
    for child in found.children:
        yield from below(lines(child, brief))
    for number, draft in enumerate(found.drafts, 1):
        yield (
            f"  draft {number}" + (f" is kept: {draft.answer}" if draft.answer else ""),
            Look.BOLD,
        )
        yield from below(below(drafted(draft, found, brief)))
    yield from below((one, Look.PLAIN) for one in [QUICK] * run.quick + waivers(found))


def drafted(draft: Draft, of: Story, brief: Callable[[str], str]) -> Lines:
    """A draft: what changed, what code saw, what was said of it."""
    yield from ((text, LOOKS.get(text[:1], Look.PLAIN)) for text in draft.diff)
    if not draft.diff and not draft.answer:
        yield brief(draft.text), Look.PLAIN
    left = {
        (one.review.trigger, one.review.agent): one.review.owed for one in of.reviews
    }
    for due in draft.due:
        why = due.owed or left.get((due.trigger, due.agent), "")
        who = f"{due.agent or 'nobody'} reviews it" + (f", owed: {why}" if why else "")
        yield f"{due.trigger}, {called_for(due.words, due.line)}: {who}", Look.PLAIN
    for found in draft.findings:
        yield (
            f'{found.rule}, line {found.line}, "{found.text}": {found.hint}',
            Look.SOON,
        )
    for heard in draft.reviews:
        usd = dollars(heard.by.usd) if heard.by else "not begun"
        yield (
            f"{heard.agent} was asked about {', '.join(heard.under)}, {usd}",
            Look.BOLD,
        )
        yield from below(reviewed(heard, brief))


def reviewed(heard: Heard, brief: Callable[[str], str]) -> Lines:
    """What a reviewer was asked, and said."""
    yield (
        f"asked: {brief(heard.by.task if heard.by else '') or 'no longer kept'}",
        Look.PLAIN,
    )
    if heard.said and heard.said.failed:
        yield f"it gave no verdict: {heard.said.failed}", Look.URGENT
    for one in heard.said.opinions if heard.said else ():
        mend = f" (to mend it: {one.change})" if one.change else ""
        yield f"{one.verdict} ({one.trigger}): {one.because}{mend}", Look.BOLD


def waivers(found: Story) -> list[str]:
    """What the founder waived."""
    return [f"you waived {one.trigger}: {one.why}" for one in found.of.waived]


def left(found: Story) -> list[str]:
    """What reviewers and plain code leave to say beside a deliverable."""
    said = [QUICK] if found.of.run.quick else []
    words: dict[Verdict | None, str] = {
        Verdict.CONCERNS: "concern of",
        Verdict.BLOCKING: "blocked by",
    }
    for one in found.reviews:
        verb, review = words.get(one.review.verdict), one.review
        if verb and review.trigger not in found.of.run.waived:
            on = (
                f" ({called_for(review.words, review.line)})"
                if review.verdict is Verdict.BLOCKING
                else ""
            )
            said.append(f"{verb} {review.agent} ({review.trigger}){on}: {one.because}")
            said += (
                [f"  {found.of.run.agent} kept its draft: {one.answer}"]
                if one.answer
                else []
            )
    findings = [
        f'{one.rule}, line {one.line}, "{one.text}": {one.hint}'
        for one in found.findings
    ]
    return said + waivers(found) + findings


def standing(found: Story) -> dict[str, object]:
    """The same as part of a document."""
    return {
        "reviews": [
            {
                "agent": one.review.agent or None,
                **fields(one.review, "trigger", "verdict", "round"),
            }
            | {"because": one.because or None, "answer": one.answer or None}
            for one in found.reviews
        ],
        "owed": [one.trigger for one in owed(found.of.run)],
        "waived": to_builtins(found.of.waived),
        "findings": to_builtins(found.findings),
        **fields(found.of.run, "public", "quick"),
    }


def document(found: Story) -> dict[str, object]:
    """The whole story as JSON has it."""
    run = found.of.run
    said = {
        "run": run.id,
        **fields(run, "agent", "chain", "title", "job"),
        **fields(found.of, "status", "task"),
    }
    return (
        said
        | {"reason": run.reason or None, **standing(found)}
        | {"drafts": [draft_document(one) for one in found.drafts]}
        | {"children": [document(one) for one in found.children]}
        | {"cost_usd": found.of.usd / 1e6, "total_usd": found.total_usd / 1e6}
    )


def draft_document(draft: Draft) -> dict[str, object]:
    """A draft with its reviews."""
    said = fields(draft, "text", "answer", "diff") | {
        "reviews": [heard_document(one) for one in draft.reviews]
    }
    return said | {
        "due": to_builtins(draft.due),
        "findings": to_builtins(draft.findings),
    }


def heard_document(heard: Heard) -> dict[str, object]:
    """A review, its run and its cost; null where it has not come so far."""
    by, said = heard.by, heard.said
    run = {
        "run": by and by.run.id,
        "request": by and by.task,
        "cost_usd": by.usd / 1e6 if by else None,
    }
    came: dict[str, object] = {
        "opinions": to_builtins(said.opinions) if said else [],
        "failed": said and said.failed,
    }
    return fields(heard, "agent", "under") | run | came
