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
from agentco.adapters.files.gitignore import GitIgnore
from agentco.adapters.files.memory_file import MemoryFile
from agentco.adapters.tools import board_tool, memory_tool as memory
from agentco.adapters.tools.agent_files import (
    AgentFiles,
    format_hits,
    matching_lines,
    requested_lines,
)
from agentco.adapters.tools.memory_tool import Authorship
from agentco.adapters.tools.prompt_outcomes import record_outcome, take_fingerprints
from agentco.adapters.tools.skill_tool import skill_content
from agentco.board.list_item import replace_bad_bytes
from agentco.engine.ports import FileImage, ToolCaller, ToolResult
from agentco.kernel.characters import terminal_safe
from agentco.kernel.errors import CompanyBroken, WrongUsage
from agentco.memory.graph import MemoryGraph
from agentco.review.grounding import figures_in_sources
from agentco.rules.memory_rights import author_name
from agentco.runs.actions import (
    AnyAction,
    Board,
    BoardAct,
    Lesson,
    Memory,
    Read,
    Search,
    Skill,
)
from agentco.runs.transcript import may_read_result


@dataclass(frozen=True)
class CompanyTools:
    """One company's tools; `stored` has large results by handle, `may_read` rules on an agent and a path."""

    root: Path
    company: CompanyFolder
    board: BoardFile
    memory: MemoryFile
    stored: Callable[[str], str | None]
    may_read: Callable[[str, str], bool] = lambda _agent, _path: True

    def planned_image(self, action: AnyAction, act: ToolCaller) -> FileImage | None:
        """What the board becomes by an act; None for everything else, and for what cannot be done."""
        if not isinstance(action, Board) or action.operation is BoardAct.SHOW:
            return None
        try:
            return board_tool.board_image(self.board, self._board_change(action, act))
        except (WrongUsage, CompanyBroken):
            return None

    def carry_out(
        self, action: AnyAction, act: ToolCaller, image: FileImage | None = None
    ) -> ToolResult:
        """Do it. Raises StateBroken when the disk or a lock does not let us."""
        try:
            done = self._perform_action(action, act, image)
        except (WrongUsage, CompanyBroken) as error:
            done = ToolResult(text=f"{error.what}: {error.hint}", ok=False)
        except OSError as error:
            hint = "Read with a folder's path, such as '.', lists the files"
            done = ToolResult(
                text=f"it cannot be read: {error.strerror}: {hint}", ok=False
            )
        done = ToolResult(text=done) if isinstance(done, str) else done
        return replace(done, text=terminal_safe(replace_bad_bytes(done.text)))

    def record_outcome(self, prompt: str, outcome: str, act: ToolCaller) -> None:
        """Remember how a prompt ended: ok, failed or no-result."""
        record_outcome(self.memory, prompt, outcome, act)

    def take_fingerprints(self, names: Sequence[str]) -> dict[str, str]:
        """A fingerprint for each glob of files or of names of entities."""
        return take_fingerprints(names, self.memory, self._company_files)

    def load_graph(self) -> MemoryGraph:
        """What the company knows."""
        return self.memory.load_graph()

    def open_task_title(self, name: str) -> str | None:
        """The title of an open task of the board; None when there is none of that id."""
        tasks = (task for column in self.board.read().columns for task in column.tasks)
        return next(
            (task.title for task in tasks if task.id == name and not task.done), None
        )

    def perform_approved(
        self, action: Memory, *, by: str, run: str, at: datetime
    ) -> ToolResult:
        """Do what was proposed, in the name of whoever approved it; once for each `run`."""
        mark = Authorship(
            at=at.isoformat(timespec="seconds"), by=by, run=run, again=True
        )
        return ToolResult(
            text=memory.perform_action(
                self.memory, action, mark, lambda _action, cut: cut
            )
        )

    def _perform_action(
        self, action: AnyAction, act: ToolCaller, image: FileImage | None
    ) -> ToolResult | str:
        at = act.at.isoformat(timespec="seconds")
        mark = Authorship(
            at=at, by=author_name(act.agent), run=act.effect, again=act.again
        )
        files = dataclasses.replace(
            self._company_files, may_read=partial(self.may_read, act.agent)
        )
        match action:
            case Read(path=path, handle=handle):
                text = (
                    self._stored_result(handle, act)
                    if handle
                    else files.read_text(path)
                )
                said = requested_lines(handle or path, text, action)
            case Search(words=words, handle=handle):
                said = (
                    format_hits(matching_lines(self._stored_result(handle, act), words))
                    if handle
                    else files.search(action)
                )
            case Memory():
                return memory.use_memory(
                    self.memory,
                    action,
                    replace(mark, known=figures_in_sources(act.words)),
                )
            case Board(operation=BoardAct.SHOW):
                said = board_tool.open_tasks_text(self.board.read())
            case Board():
                again = image if act.again else None
                return board_tool.apply_change(
                    self.board, action, self._board_change(action, act), again
                )
            case Skill():
                said = skill_content(action, self.company.load(), files, act)
            case Lesson():
                said = memory.write_lesson(
                    self.memory, action, act.agent, self._company_day(act), mark
                )
            case _:
                raise WrongUsage(
                    "this is no tool of the company's files", hint="nothing was done"
                )
        return said

    @cached_property
    def _company_files(self) -> AgentFiles:
        return AgentFiles(
            root=self.root,
            may_read=lambda _: True,
            ignored=GitIgnore(os.path.realpath(self.root)),
        )

    def _stored_result(self, handle: str, act: ToolCaller) -> str:
        text = (
            self.stored(handle)
            if may_read_result(act.effect.rpartition(".")[0], handle)
            else None
        )
        if text is None:
            raise WrongUsage(
                f"there is no stored result {handle!r}",
                hint="use the handle word for word",
            )
        return text

    def _company_day(self, act: ToolCaller) -> date:
        return act.at.astimezone(self.company.settings().settings.time_zone).date()

    def _board_change(self, action: Board, act: ToolCaller) -> board_tool.BoardEdit:
        return board_tool.board_edit(
            action, self.company.load(), self._company_day(act)
        )
