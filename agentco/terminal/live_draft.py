"""A run at the terminal while it works: the draft as it comes, reviews, questions."""

import asyncio
import sys

from agentco.desk.listener import FounderQuestion, QuestionKind
from agentco.kernel.characters import terminal_safe
from agentco.kernel.run_ids import parent_of
from agentco.overview.work_progress import WorkProgress
from agentco.terminal import screen
from agentco.terminal.screen import Style
from agentco.terminal.work_screen import NoScreen, open_work_screen


class LiveDraft:
    """Shows on stderr how work goes on, and asks what waits.

    `wanted` is False for --json: then only `thoughts` are shown, once they are asked for. `asks`
    is whether somebody can answer; unless it is given, whoever sees the work at a terminal can.
    `seen` is a draft that stands whole on the screen, because a question is about it.
    """

    def __init__(
        self, *, wanted: bool, asks: bool | None = None, thoughts: bool = False
    ) -> None:
        self._shows_thoughts = thoughts
        self._is_thinking = False
        self._work = open_work_screen(wanted=wanted)
        self._asks = wanted and screen.at_terminal() if asks is None else asks
        self._draft = ""
        self.runs: list[str] = []
        self.seen = ""

    @property
    def looks_on(self) -> bool:
        """Whether somebody sees the work."""
        return type(self._work) is not NoScreen

    def begin(self, root: str) -> None:
        """Remember which work was done."""
        self.runs.append(root)

    def hear(self, effect: str, text: str) -> None:
        """Show another piece of what the author's model says; what others say is not shown."""
        self._end_thoughts()
        if "." not in parent_of(effect):
            self._work.say(effect, text)

    def think(self, run: str, thought: str) -> None:
        """Print another piece of what a root run thinks, dimmed."""
        if not self._shows_thoughts or "." in run:
            return
        if not self._is_thinking:
            self._work.keep("thoughts:\n", Style.DIM)
            self._is_thinking = True
        self._work.keep(thought, Style.DIM)

    def _end_thoughts(self) -> None:
        if self._is_thinking:
            self._work.keep("\n", Style.DIM)
        self._is_thinking = False

    def watch(self, progress: WorkProgress) -> None:
        """Show how the work stands."""
        self._draft = progress.text
        self._work.show(progress)

    def wait(self, line: str) -> None:
        """Show for which model work waits."""
        if not self._is_thinking:
            self._work.note(line)

    def pause(self) -> None:
        """Nothing more is drawn for now."""
        self._end_thoughts()
        self._work.stop()

    def tell(self, line: str) -> None:
        """Print a note on stderr."""
        self.pause()
        screen.print_note(line)

    async def ask(self, question: FounderQuestion) -> str | None:
        """Return the line the founder types, empty at the end of input.

        No thread waits for it, so Ctrl-C ends it at once.
        """
        if not self._asks:
            return None
        if question.kind is QuestionKind.WAIVER and self._draft != self.seen:
            screen.print_note(f"draft:\n{self._draft}")
            self.seen = self._draft
        screen.print_partial(f"{terminal_safe(question_text(question))}\n> ")
        loop = asyncio.get_running_loop()
        ready = asyncio.Event()
        loop.add_reader(sys.stdin, ready.set)
        try:
            await ready.wait()
        finally:
            loop.remove_reader(sys.stdin)
        return sys.stdin.readline()


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
