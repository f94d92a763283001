"""The tools inside the company: mistakes are told in words, only a broken world is an exception."""

import os
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property, partial
from pathlib import Path
from typing import TypeVar

from msgspec.structs import replace

from agentco.adapters.files.board_file import BoardFile
from agentco.adapters.files.company_folder import CompanyFolder
from agentco.adapters.files.hard_links import SeenNames
from agentco.adapters.files.memory_file import MemoryFile
from agentco.adapters.git.gitignore import GitIgnore
from agentco.adapters.tools import (
    board_tool,
    deliverable_file,
    edit_tool,
    memory_tool,
    prompt_outcomes,
)
from agentco.adapters.tools.agent_files import (
    AgentFiles,
    format_hits,
    matching_lines,
    requested_lines,
)
from agentco.adapters.tools.board_edits import BoardDesk
from agentco.adapters.tools.compute_tool import compute
from agentco.adapters.tools.kept_versions import kept_versions
from agentco.adapters.tools.memory_tool import Authorship
from agentco.adapters.tools.skill_tool import skill_content
from agentco.adapters.tools.tool_threads import IsStopped, ToolThreads
from agentco.company.tool_table import Resource
from agentco.kernel.characters import replace_bad_bytes, terminal_safe
from agentco.kernel.errors import CompanyBroken, WrongUsage
from agentco.kernel.figures import figures_in_sources
from agentco.kernel.run_ids import parent_of
from agentco.memory.graph import MemoryGraph
from agentco.ports.outside import DeliveredPage, FileImage, ToolCaller, ToolResult
from agentco.rules.memory_rights import author_name
from agentco.runs.actions import (
    Action,
    Board,
    BoardAct,
    Compute,
    Edit,
    Lesson,
    Memory,
    Read,
    Search,
    Skill,
    tool_of,
)
from agentco.runs.run_record import may_read_result

T = TypeVar("T")


@dataclass(frozen=True)
class CompanyTools:
    """One company's tools.

    `stored` gives a large result by its handle, `may_read` rules on an agent and a path.
    """

    root: Path
    company: CompanyFolder
    board: BoardFile
    memory: MemoryFile
    stored: Callable[[str], str | None]
    may_read: Callable[[str, str], bool] = lambda _agent, _path: True
    threads: ToolThreads = field(default_factory=ToolThreads)

    async def planned_image(
        self, acts: Sequence[Action], caller: ToolCaller
    ) -> FileImage | ToolResult | None:
        """Say what acts make of the board, or one of a file, or why it cannot be done.

        None for other acts.
        """
        match acts:
            case [Edit() as edit]:
                work = partial(edit_tool.edit_image, edit, self._files_of(caller))
                return await self.threads.use(
                    Resource.FILES, partial(image_or_words, work)
                )
            case [Board(operation=operation), *_] if operation is not BoardAct.SHOW:
                work = partial(self._board_image, acts, caller)
                return await self.threads.use(
                    Resource.BOARD, partial(image_or_words, work)
                )
            case _:
                return None

    async def versions_to_keep(
        self, image: FileImage, acts: Sequence[Action], caller: ToolCaller
    ) -> tuple[bytes, ...]:
        """Return what is kept for an undo: a file before acts, the board also after them."""

        def look() -> tuple[bytes, ...]:
            if any(isinstance(act, Board) for act in acts):
                versions = self._plan_board(acts, caller).versions
            else:
                versions = deliverable_file.version_before(image, self.root)
            return kept_versions(image, versions)

        with suppress(WrongUsage, CompanyBroken):
            return await self.threads.use(Resource.FILES, look)
        return ()

    async def carry_out(
        self, action: Action, caller: ToolCaller, image: FileImage | None = None
    ) -> ToolResult:
        """Do it. Raises StateBroken when the disk or a lock does not let us."""
        resource = tool_of(action).resource
        if resource is None:
            look = partial(self._look_at_files, action, caller)
            return await self.threads.read(partial(told_in_words, look))
        change = partial(self._use_resource, action, caller, image)
        return await self.threads.use(resource, partial(told_in_words, change))

    async def plan_deliverable(
        self, page: DeliveredPage, caller: ToolCaller
    ) -> FileImage | ToolResult:
        """Say what a file becomes by a deliverable, or why it cannot be written."""

        def plan() -> FileImage | ToolResult:
            try:
                files = self._files_of(caller)
                return deliverable_file.plan_deliverable(page, files)
            except WrongUsage as error:
                return ToolResult(text=f"{error.what}: {error.hint}", ok=False)

        return await self.threads.use(Resource.FILES, plan)

    async def save_deliverable(
        self, text: str, image: FileImage, caller: ToolCaller
    ) -> ToolResult:
        """Write what was planned, once however often it is tried."""
        files = self._files_of(caller)
        work = partial(
            told_in_words, deliverable_file.save, text, image, files, caller.effect
        )
        return await self.threads.use(Resource.FILES, work)

    async def record_outcome(
        self, prompt: str, outcome: str, caller: ToolCaller
    ) -> None:
        """Remember how a prompt ended: ok, failed or no-result."""
        work = partial(
            prompt_outcomes.record_outcome, self.memory, prompt, outcome, caller
        )
        await self.threads.use(Resource.MEMORY, work)

    async def take_fingerprints(self, names: Sequence[str]) -> dict[str, str]:
        """A fingerprint for each glob of files or of names of entities."""
        if not names:
            return {}

        def look(is_stopped: IsStopped) -> dict[str, prompt_outcomes.FileTexts]:
            files = self._company_files.for_call(is_stopped)
            return prompt_outcomes.texts_by_glob(names, files)

        texts = await self.threads.read(look)
        return await self.read_memory(partial(prompt_outcomes.fingerprints, texts))

    async def read_memory(self, look: Callable[[MemoryGraph], T]) -> T:
        """What somebody wants to know of all that the company knows."""
        return await self.threads.use(
            Resource.MEMORY, lambda: look(self.memory.load_graph())
        )

    async def open_task_title(self, name: str) -> str | None:
        """The title of an open task of the board; None when there is none of that id."""
        board = await self.threads.use(Resource.BOARD, self.board.read)
        for column in board.columns:
            for task in column.tasks:
                if task.id == name and not task.done:
                    return task.title
        return None

    async def perform_approved(
        self, action: Memory, *, by: str, run: str, at: datetime
    ) -> ToolResult:
        """Do what was proposed, in the name of whoever approved it; once for each `run`."""
        written_at = at.isoformat(timespec="seconds")
        mark = Authorship(at=written_at, by=by, run=run, again=True)
        work = partial(memory_tool.perform_action, self.memory, action, mark)
        return ToolResult(text=await self.threads.use(Resource.MEMORY, work))

    def close(self) -> None:
        """Wait until no tool is at work any more."""
        self.threads.close()

    def _look_at_files(
        self, action: Action, caller: ToolCaller, is_stopped: IsStopped
    ) -> str:
        files = self._files_of(caller, is_stopped)
        match action:
            case Read(path=path, handle=""):
                plain, version = files.read_plain_text(path)
                what = f"{path} ({plain.note})" if plain.note else path
                return requested_lines(what, plain.text, action, version)
            case Read(handle=handle):
                text = self._stored_result(handle, caller)
                return requested_lines(handle, text, action)
            case Search(handle=""):
                return files.search(action)
            case Search(words=words, handle=handle):
                text = self._stored_result(handle, caller)
                return format_hits(matching_lines(text, words))
            case Compute():
                country = self.company.settings().settings.company.country
                today = self._company_day(caller)
                return compute(action, files.read_whole_text, country, today)
            case Skill():
                return skill_content(action, self.company.load(), files, caller)
            case _:
                what = "this is not a tool of the company's files"
                raise WrongUsage(what, hint="nothing was done")

    def _use_resource(
        self, action: Action, caller: ToolCaller, image: FileImage | None
    ) -> ToolResult | str:
        mark = Authorship(
            at=caller.at.isoformat(timespec="seconds"),
            by=author_name(caller.agent),
            run=caller.effect,
            again=caller.again,
            untrusted=caller.untrusted,
        )
        match action:
            case Memory():
                mark = replace(mark, known=figures_in_sources(caller.words))
                return memory_tool.use_memory(self.memory, action, mark)
            case Lesson():
                today = self._company_day(caller)
                return memory_tool.write_lesson(
                    self.memory, action, caller.agent, today, mark
                )
            case Board(operation=BoardAct.SHOW):
                return board_tool.open_tasks_text(self.board.read())
            case Edit():
                files = self._files_of(caller)
                return edit_tool.apply_edit(action, files, caller, image)
            case Board():
                desk = self._board_desk(caller)
                return board_tool.apply_changes(self.board, action, desk, image)
            case _:
                what = "this is not a tool that changes the company"
                raise WrongUsage(what, hint="nothing was done")

    @cached_property
    def _company_files(self) -> AgentFiles:
        is_closed = GitIgnore(os.path.realpath(self.root)).closes
        return AgentFiles(
            root=self.root,
            may_read=lambda _: True,
            is_closed=is_closed,
            seen=SeenNames(self.root, is_closed),
        )

    def _files_of(
        self, caller: ToolCaller, is_stopped: IsStopped = lambda: False
    ) -> AgentFiles:
        """The files of the company as an agent sees them."""
        may_read = partial(self.may_read, caller.agent)
        return self._company_files.for_call(is_stopped, may_read)

    def _stored_result(self, handle: str, caller: ToolCaller) -> str:
        run = parent_of(caller.effect)
        text = self.stored(handle) if may_read_result(run, handle) else None
        if text is None:
            what = f"there is no stored result {handle!r}"
            raise WrongUsage(what, hint="copy the handle exactly")
        return text

    def _company_day(self, caller: ToolCaller) -> date:
        return caller.at.astimezone(self.company.settings().settings.time_zone).date()

    def _board_desk(self, caller: ToolCaller) -> BoardDesk:
        company, today = self.company.load(), self._company_day(caller)
        return BoardDesk(company=company, caller=caller, today=today)

    def _plan_board(
        self, acts: Iterable[Action], caller: ToolCaller
    ) -> board_tool.PlannedBoard:
        board, desk = self.board.read(), self._board_desk(caller)
        calls = [act for act in acts if isinstance(act, Board)]
        return board_tool.plan_calls(board, calls, desk)

    def _board_image(self, acts: Iterable[Action], caller: ToolCaller) -> FileImage:
        return self._plan_board(acts, caller).image


def image_or_words(work: Callable[[], FileImage]) -> FileImage | ToolResult:
    """What an act makes of a file, or why it cannot be done."""
    try:
        return work()
    except (WrongUsage, CompanyBroken) as error:
        return ToolResult(text=f"{error.what}: {error.hint}", ok=False)


def told_in_words(work: Callable[..., ToolResult | str], *args: object) -> ToolResult:
    """What a tool says, in characters that a terminal can show; a mistake is said in words."""
    try:
        result = work(*args)
    except (WrongUsage, CompanyBroken) as error:
        result = ToolResult(text=f"{error.what}: {error.hint}", ok=False)
    except OSError as error:
        hint = "Read with a folder's path, such as '.', lists the files"
        text = f"it cannot be read: {error.strerror}: {hint}"
        result = ToolResult(text=text, ok=False)
    if isinstance(result, str):
        result = ToolResult(text=result)
    return replace(result, text=terminal_safe(replace_bad_bytes(result.text)))
