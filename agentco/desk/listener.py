"""Who hears how a piece of work goes on, and answers for the founder."""

from enum import StrEnum
from typing import Protocol

from msgspec import Struct

from agentco.overview.work_progress import WorkProgress
from agentco.runs.effects import AskFounder, EffectRecord, OweReview


class QuestionKind(StrEnum):
    """What the founder is asked for: an answer, a reason to waive, a yes or a no."""

    ANSWER = "answer"
    WAIVER = "waiver"
    APPROVAL = "approval"


class FounderQuestion(Struct, frozen=True, kw_only=True):
    """One parked effect as a question; `what` says what would happen or is asked.

    `diff` is what would become of a file.
    """

    id: str
    kind: QuestionKind
    agent: str
    what: str
    diff: str = ""


def question_kind(effect: EffectRecord) -> QuestionKind:
    """What kind of decision a parked effect waits for."""
    match effect.wanted:
        case AskFounder():
            return QuestionKind.ANSWER
        case OweReview():
            return QuestionKind.WAIVER
        case _:
            return QuestionKind.APPROVAL


class Listener(Protocol):
    """A face, as the desk sees it while work goes on."""

    @property
    def looks_on(self) -> bool:
        """Whether it wants to see how the work goes on, several times a second."""
        ...

    def begin(self, root: str) -> None:
        """Take the id of the root run that is now worked on."""
        ...

    def hear(self, effect: str, text: str) -> None:
        """Take another piece of what a model says that an effect asks."""
        ...

    def think(self, run: str, thought: str) -> None:
        """Take another piece of what it thinks."""
        ...

    def watch(self, progress: WorkProgress) -> None:
        """Take how the root run stands."""
        ...

    def wait(self, line: str) -> None:
        """Take for which model work waits."""
        ...

    def pause(self) -> None:
        """Nothing more comes for now: the work is over, or waits for the founder."""
        ...

    def tell(self, line: str) -> None:
        """Say something beside the result."""
        ...

    async def ask(self, question: FounderQuestion) -> str | None:
        """Return the line the founder answers with; None if nobody can answer now."""
        ...


class SilentListener:
    """Hears nothing and answers nothing: what waits stays parked."""

    looks_on = False

    def begin(self, root: str) -> None:
        """Forget the id."""

    def hear(self, effect: str, text: str) -> None:
        """Drop the text."""

    def think(self, run: str, thought: str) -> None:
        """Drop the thought."""

    def watch(self, progress: WorkProgress) -> None:
        """Look away."""

    def wait(self, line: str) -> None:
        """Wait in silence."""

    def pause(self) -> None:
        """Go on."""

    def tell(self, line: str) -> None:
        """Drop the line."""

    async def ask(self, question: FounderQuestion) -> str | None:
        """Leave the question parked."""
        del question
        return None
