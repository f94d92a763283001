"""A run at the terminal while it works: the draft as it comes, reviews, questions."""

import asyncio
import sys

from agentco.desk.listener import FounderQuestion, QuestionKind
from agentco.kernel.characters import terminal_safe
from agentco.review.deliverable import split_shown
from agentco.review.reviews_due import unite_triggers
from agentco.runs.run import Review, Run
from agentco.terminal import screen
from agentco.terminal.screen import Style

ReviewKey = tuple[str, str]
"""A review's trigger and agent."""


class LiveDraft:
    """Shows on stderr what a model says while it says it, and asks what waits.

    `wanted` is False for --json: then no draft is shown. `thoughts` are shown wherever stderr
    goes, once they are asked for. `asks` is whether somebody can answer; unless it is given,
    whoever sees the draft at a terminal can.
    """

    def __init__(
        self, *, wanted: bool, asks: bool | None = None, thoughts: bool = False
    ) -> None:
        self._shows_thoughts = thoughts
        self._is_thinking = False
        self._shows = wanted and sys.stderr.isatty()
        self._asks = wanted and screen.at_terminal() if asks is None else asks
        self.runs: list[str] = []
        self._run = ""
        self._withheld = ""
        self._reviews: dict[ReviewKey, Review] = {}
        self._open_reviews: tuple[str, ...] = ()

    def hear(self, run: str, text: str) -> None:
        """Print another piece of what a root run says; children are not shown."""
        self._end_thoughts()
        if not self._shows or "." in run:
            return
        if run != self._run:
            screen.print_note(f"{self.label}:")
            self._run = run
        shown, self._withheld = split_shown(self._withheld + text)
        screen.print_partial(shown)

    def think(self, run: str, thought: str) -> None:
        """Print another piece of what a root run thinks, dimmed."""
        if not self._shows_thoughts or "." in run:
            return
        if not self._is_thinking:
            self.pause()
            screen.print_partial("thoughts:\n", Style.DIM)
            self._is_thinking = True
        screen.print_partial(thought, Style.DIM)

    def _end_thoughts(self) -> None:
        if self._is_thinking:
            screen.print_note("")
        self._is_thinking = False

    def watch(self, run: Run) -> None:
        """Print the verdicts that came, and whose reviews are open now."""
        if run.root not in self.runs:
            self.runs.append(run.root)
        before = self._reviews
        self._reviews = {
            (review.trigger, review.agent): review for review in run.reviews
        }
        said = [
            (review.trigger, f"{review.agent}: {review.verdict}")
            for key, review in self._reviews.items()
            if key in before and _has_new_verdict(before[key], review)
        ]
        lines = [
            f"{verdict} ({triggers})" for triggers, verdict in unite_triggers(said)
        ]
        open_before = self._open_reviews
        asked = [
            (review.trigger, review.agent)
            for review in run.open_reviews
            if not review.owed
        ]
        self._open_reviews = tuple(
            f"{agent} ({triggers})" for triggers, agent in unite_triggers(asked)
        )
        if self._open_reviews and self._open_reviews != open_before:
            lines.append(f"{self.label}: {', '.join(self._open_reviews)}")
        if self._shows and lines:
            self.pause()
            screen.print_note("\n".join(lines))

    def wait(self, line: str) -> None:
        """Print for which model work waits."""
        if self._shows and not self._is_thinking:
            self.pause()
            screen.print_note(line)

    def pause(self) -> None:
        """End the line of the draft, or of the thoughts."""
        self._end_thoughts()
        if self._run:
            screen.print_note(self._withheld)
        self._run = ""
        self._withheld = ""

    def tell(self, line: str) -> None:
        """Print a note on stderr."""
        screen.print_note(line)

    async def ask(self, question: FounderQuestion) -> str | None:
        """Return the line the founder types, empty at the end of input.

        No thread waits for it, so Ctrl-C ends it at once.
        """
        if not self._asks:
            return None
        screen.print_partial(f"{terminal_safe(question_text(question))}\n> ")
        loop = asyncio.get_running_loop()
        ready = asyncio.Event()
        loop.add_reader(sys.stdin, ready.set)
        try:
            await ready.wait()
        finally:
            loop.remove_reader(sys.stdin)
        return sys.stdin.readline()

    @property
    def label(self) -> str:
        """What the text on the screen is."""
        count = len(self._open_reviews)
        if not count:
            return "draft"
        return f"draft, {count} review{'' if count == 1 else 's'} open"


def question_text(question: FounderQuestion) -> str:
    """A question in the founder's words."""
    match question.kind:
        case QuestionKind.ANSWER:
            return f"{question.agent} asks: {question.what}"
        case QuestionKind.WAIVER:
            return (
                f"{question.agent}: {question.what}. Why may it go without?"
                " Nothing leaves it waiting."
            )
        case QuestionKind.APPROVAL:
            shown = f":\n{question.diff}\n" if question.diff else ". "
            return f"{question.agent} wants to: {question.what}{shown}Allow? [y/N]"


def _has_new_verdict(before: Review, now: Review) -> bool:
    return (before.verdict, before.round) != (now.verdict, now.round)
