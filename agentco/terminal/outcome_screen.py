"""How a run came out: the deliverable once on stdout or in a file, all else on stderr."""

from collections.abc import Callable, Iterator

from agentco.documents.runs import run_document
from agentco.kernel.errors import StateBroken
from agentco.kernel.money import format_dollars
from agentco.kernel.words import count_of
from agentco.overview.made_files import written_line
from agentco.overview.run_outcome import RunOutcome
from agentco.overview.run_remarks import remaining_remarks
from agentco.overview.run_story import RunStory
from agentco.terminal import screen
from agentco.terminal.local_time import local_text


def print_outcome(
    outcome: RunOutcome,
    *,
    as_json: bool,
    save: Callable[[str], bool] | None = None,
    seen: str = "",
    raw: bool = False,
) -> int:
    """Print how a run came out; return the exit code.

    What `save` cannot write into its file goes to stdout. What was `seen` whole at the same
    terminal is not repeated there; `raw` draws no Markdown.
    """
    is_done = outcome.status == "done"
    deliverable = outcome.text.rstrip("\n")
    is_saved = save(deliverable) if is_done and save else False
    if as_json:
        screen.print_json(run_document(outcome))
    else:
        if is_done and not is_saved:
            if outcome.text == seen and screen.is_one_terminal():
                screen.print_note("delivered as it stands above")
            else:
                screen.print_markdown(deliverable, raw=raw)
        if is_done and outcome.notes:
            screen.print_note(f"notes:\n{indent_text(outcome.notes)}")
        for line in outcome_notes(outcome):
            screen.print_note(line)
    if is_done and save and not is_saved:
        return StateBroken.exit_code
    return outcome.exit_code


def outcome_notes(outcome: RunOutcome) -> Iterator[str]:
    """What is worth saying beside the deliverable, line by line."""
    run, summary = outcome.run, outcome.summary
    yield from ending_notes(outcome)
    for story in outcome.delegations:
        yield delegation_line(story)
    if outcome.status not in {"done", "waiting"} and outcome.text:
        yield f"the unfinished answer: agentco runs show {run.id}"
    for item in outcome.waits:
        if item.kind != "in-doubt":
            yield f"waits for you: {item.what}\n{indent_text(item.command)}"
    if outcome.status == "interrupted":
        yield f"to continue: agentco runs resume {run.id}{_retry_note(outcome)}"
    if summary.in_doubt:
        yield f"{summary.in_doubt} in doubt, counted as spent: agentco inbox"
    for warning in outcome.warnings:
        yield f"warning: {warning}"
    calls = count_of(summary.calls, "call")
    scripted = ", scripted" if run.model.startswith("scripted/") else ""
    cost = format_dollars(summary.usd)
    yield f"{run.agent}, run {run.id}: {calls}, {cost}{scripted}"


def ending_notes(outcome: RunOutcome) -> Iterator[str]:
    """How the work ended, who answered, what reviewers said last, and what was written."""
    if outcome.status != "done" or outcome.reason:
        head = "note" if outcome.status == "done" else outcome.status
        yield local_text(f"{head}: {outcome.reason}") if outcome.reason else head
    if outcome.passed:
        yield f"{outcome.model} answered; {'; '.join(outcome.passed)}"
    yield from remaining_remarks(outcome.story)
    for file in outcome.files:
        yield written_line(file)


def delegation_line(story: RunStory) -> str:
    """A piece of work that a department was given, and how it stands."""
    run = story.of.run
    cost = format_dollars(story.total_usd)
    return f"{run.agent}, run {run.id}: {story.of.status}, {cost}: {run.title}"


def indent_text(text: str) -> str:
    """Lines that belong to the one above."""
    return "\n".join(f"  {line}" for line in text.split("\n"))


def _retry_note(outcome: RunOutcome) -> str:
    if not outcome.ready_at:
        return ""
    minute = outcome.ready_at[:16].replace("T", " ")
    return f" (a model is tried again at {minute})"
