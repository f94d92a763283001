"""The tools inside the company: mistakes are told in words, only a broken world is an exception."""

import dataclasses
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property, partial
from pathlib import Path

from msgspec.structs import replace

from agentco.adapters.files.board_file import BoardFile
from agentco.adapters.files.company_folder import CompanyFolder
from agentco.adapters.files.ignored import Ignored
from agentco.adapters.files.memory_file import MemoryFile
from agentco.adapters.tools import board as boards, memory
from agentco.adapters.tools.files import Files, counted, holding, window
from agentco.adapters.tools.memory import Mark
from agentco.adapters.tools.outcomes import fingerprints, tracked
from agentco.adapters.tools.skills import skill
from agentco.board.list_item import legible
from agentco.engine.ports import Act, Image, Returned
from agentco.kernel.characters import shown
from agentco.kernel.errors import CompanyBroken, WrongUsage
from agentco.memory.graph import Graph
from agentco.review.grounding import held
from agentco.rules.memory_rights import author
from agentco.runs.actions import (
    Board,
    BoardAct,
    Doable,
    Lesson,
    Memory,
    Read,
    Search,
    Skill,
)
from agentco.runs.transcript import reaches


@dataclass(frozen=True)
class Tools:
    """One company's tools; `stored` has large results by handle, `may_read` rules on an agent and a path."""

    root: Path
    company: CompanyFolder
    board: BoardFile
    memory: MemoryFile
    stored: Callable[[str], str | None]
    may_read: Callable[[str, str], bool] = lambda _agent, _path: True

    def image(self, action: Doable, act: Act) -> Image | None:
        """What the board becomes by an act; None for everything else, and for what cannot be done."""
        if not isinstance(action, Board) or action.operation is BoardAct.SHOW:
            return None
        try:
            return boards.image(self.board, self._change(action, act))
        except (WrongUsage, CompanyBroken):
            return None

    def do(self, action: Doable, act: Act, image: Image | None = None) -> Returned:
        """Do it. Raises StateBroken when the disk or a lock does not let us."""
        try:
            done = self._done(action, act, image)
        except (WrongUsage, CompanyBroken) as error:
            done = Returned(text=f"{error.what}: {error.hint}", ok=False)
        except OSError as error:
            hint = "Read with a folder's path, such as '.', lists the files"
            done = Returned(
                text=f"it cannot be read: {error.strerror}: {hint}", ok=False
            )
        done = Returned(text=done) if isinstance(done, str) else done
        return replace(done, text=shown(legible(done.text)))

    def track(self, prompt: str, outcome: str, act: Act) -> None:
        """Remember how a prompt ended: ok, failed or no-result."""
        tracked(self.memory, prompt, outcome, act)

    def prints(self, names: Sequence[str]) -> dict[str, str]:
        """A fingerprint for each glob of files or of names of entities."""
        return fingerprints(names, self.memory, self._files)

    def graph(self) -> Graph:
        """What the company knows."""
        return self.memory.graph()

    def task(self, name: str) -> str | None:
        """The title of an open task of the board; None when there is none of that id."""
        tasks = (task for column in self.board.read().columns for task in column.tasks)
        return next(
            (task.title for task in tasks if task.id == name and not task.done), None
        )

    def approve(self, action: Memory, *, by: str, run: str, at: datetime) -> Returned:
        """Do what was proposed, in the name of whoever approved it; once for each `run`."""
        mark = Mark(at=at.isoformat(timespec="seconds"), by=by, run=run, again=True)
        return Returned(
            text=memory.carried_out(self.memory, action, mark, lambda cut: cut)
        )

    def _done(self, action: Doable, act: Act, image: Image | None) -> Returned | str:
        at = act.at.isoformat(timespec="seconds")
        mark = Mark(at=at, by=author(act.agent), run=act.effect, again=act.again)
        files = dataclasses.replace(
            self._files, may_read=partial(self.may_read, act.agent)
        )
        match action:
            case Read(path=path, handle=handle):
                text = self._stored(handle, act) if handle else files.text(path)
                said = window(handle or path, text, action)
            case Search(words=words, handle=handle):
                said = (
                    counted(holding(self._stored(handle, act), words))
                    if handle
                    else files.search(action)
                )
            case Memory():
                return memory.used(
                    self.memory, action, replace(mark, known=held(act.words))
                )
            case Board(operation=BoardAct.SHOW):
                said = boards.shown(self.board.read())
            case Board():
                again = image if act.again else None
                return boards.changed(
                    self.board, action, self._change(action, act), again
                )
            case Skill():
                said = skill(action, self.company.load(), files, act)
            case Lesson():
                said = memory.learn(
                    self.memory, action, act.agent, self._day(act), mark
                )
            case _:
                raise WrongUsage(
                    "this is no tool of the company's files", hint="nothing was done"
                )
        return said

    @cached_property
    def _files(self) -> Files:
        return Files(
            root=self.root,
            may_read=lambda _: True,
            ignored=Ignored(os.path.realpath(self.root)),
        )

    def _stored(self, handle: str, act: Act) -> str:
        text = (
            self.stored(handle)
            if reaches(act.effect.rpartition(".")[0], handle)
            else None
        )
        if text is None:
            raise WrongUsage(
                f"there is no stored result {handle!r}",
                hint="use the handle word for word",
            )
        return text

    def _day(self, act: Act) -> date:
        return act.at.astimezone(self.company.settings().settings.zone).date()

    def _change(self, action: Board, act: Act) -> boards.Change:
        return boards.wanted(action, self.company.load(), self._day(act))
