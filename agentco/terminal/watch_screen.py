"""`agentco runs watch`: the work of another process, in a block, in lines or as JSON lines."""

import json
import sys
from typing import TYPE_CHECKING

from agentco.desk.watching import watch_run
from agentco.documents.runs import event_document, watched_document
from agentco.kernel.money import format_dollars
from agentco.overview.run_outcome import EXIT_CODES
from agentco.terminal import screen
from agentco.terminal.work_screen import LineScreen, WorkScreen, open_block_screen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agentco.desk.open_company import OpenCompany
    from agentco.overview.work_progress import WorkProgress


class Watch:
    """Shows a run until it ends; `last` is how it stood last."""

    def __init__(self, company: "OpenCompany", root: str, *, as_json: bool) -> None:
        self._company = company
        self._root = root
        self._as_json = as_json
        self._screen: WorkScreen = open_block_screen() or LineScreen(print_at_once)
        self._last: WorkProgress | None = None

    def follow(self) -> int:
        """Show it to its end, and say how it ended; return the exit code of its status."""
        try:
            status = watch_run(self._company, self._root, self._show)
        finally:
            self._screen.stop()
        usd = self._last.usd if self._last else 0
        if self._as_json:
            at = self._company.now_iso()
            print_json_line(watched_document(self._root, status, usd, at))
        else:
            reason = next_step(self._root, status)
            screen.print_text(f"{status}, {format_dollars(usd)}: {reason}")
        return EXIT_CODES.get(status, 1)

    def _show(self, progress: "WorkProgress") -> None:
        self._last = progress
        if not self._as_json:
            self._screen.show(progress)
            return
        for event in progress.events:
            print_json_line(event_document(event))


def next_step(run: str, status: str) -> str:
    """The command for what comes after a run that ended so."""
    match status:
        case "done":
            return f"agentco runs show {run} --text"
        case "waiting":
            return "agentco inbox"
        case "interrupted":
            return f"agentco runs resume {run}"
        case _:
            return f"agentco runs show {run} --why"


def print_at_once(text: str) -> None:
    """A line of the answer, for whoever reads along."""
    screen.print_text(text)
    sys.stdout.flush()


def print_json_line(document: "Mapping[str, object]") -> None:
    """A document on one line."""
    screen.print_escaped(f"{json.dumps(document, ensure_ascii=False)}\n")
    sys.stdout.flush()
