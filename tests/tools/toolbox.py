"""An agent with its tools in a small company on the disk."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from msgspec.structs import replace
from small_company import NOW, Place

from agentco.adapters.files import BoardFile, CompanyFolder, MemoryFile
from agentco.adapters.tools import CompanyTools
from agentco.board import BOARD_FILE
from agentco.memory import MEMORY_FILE, EntityLine, RelationLine, read_lines
from agentco.ports import FileImage, ToolCaller, ToolResult
from agentco.runs import (
    Action,
    Board,
    BoardAct,
    Entity,
    Memory,
    MemoryAct,
    Observed,
    Relation,
)

KEY = "sk-ant-" + "api03-a1B2c3D4e5F6g7H8"


def tools_of(
    root: Path,
    stored: dict[str, str] | None = None,
    may_read: Callable[[str], bool] = lambda _: True,
) -> CompanyTools:
    return CompanyTools(
        root,
        CompanyFolder(root),
        BoardFile(root / BOARD_FILE, root),
        MemoryFile(root / MEMORY_FILE, within=root),
        (stored or {}).get,
        lambda _, path: may_read(path),
    )


def act(effect: str = "r1.2", agent: str = "marketing", **more: Any) -> ToolCaller:
    return ToolCaller(effect=effect, agent=agent, at=NOW, **more)


class Desk:
    """One agent at work; what it says is what the model would hear."""

    def __init__(self, place: Place, **more: Any) -> None:
        self.place = place
        self.tools = tools_of(place.root, **more)

    def does(
        self,
        action: Action,
        by: ToolCaller | None = None,
        image: FileImage | None = None,
    ) -> ToolResult:
        return asyncio.run(self.tools.carry_out(action, by or act(), image))

    def image(self, action: Action) -> FileImage | None:
        planned = asyncio.run(self.tools.planned_image([action], act()))
        return planned if isinstance(planned, FileImage) else None

    def approve(self, action: Action, run: str) -> ToolResult:
        assert isinstance(action, Memory)
        approving = self.tools.perform_approved(action, by="founder", run=run, at=NOW)
        return asyncio.run(approving)

    def told(self, action: Action, by: ToolCaller | None = None) -> str:
        done = self.does(action, by)
        assert done.ok, done.text
        return done.text

    def refused(self, action: Action, by: ToolCaller | None = None) -> str:
        done = self.does(action, by)
        assert not done.ok, done.text
        assert not done.proposals
        return done.text

    def lines(self) -> list[EntityLine | RelationLine]:
        path = self.place.memory_file
        lines = path.read_bytes().splitlines() if path.exists() else []
        return [replace(line, sig=None) for line in read_lines(lines)[0]]


def create(name: str, kind: str = "note", *texts: str) -> Memory:
    entity = Entity(name=name, entity_type=kind, observations=texts)
    return Memory(operation=MemoryAct.CREATE_ENTITIES, entities=(entity,))


def add(name: str, *texts: str) -> Memory:
    return Memory(
        operation=MemoryAct.ADD_OBSERVATIONS,
        observations=(Observed(entity_name=name, contents=texts),),
    )


def forget(name: str, *texts: str) -> Memory:
    if not texts:
        return Memory(operation=MemoryAct.DELETE_ENTITIES, names=(name,))
    observed = Observed(entity_name=name, observations=texts)
    return Memory(operation=MemoryAct.DELETE_OBSERVATIONS, observations=(observed,))


def tie(
    from_: str, kind: str, to: str, *, operation: MemoryAct = MemoryAct.CREATE_RELATIONS
) -> Memory:
    return Memory(
        operation=operation,
        relations=(Relation(from_=from_, to=to, relation_type=kind),),
    )


def find(query: str) -> Memory:
    return Memory(operation=MemoryAct.SEARCH_NODES, query=query)


def task(title: str = "Write copy", **more: Any) -> Board:
    return Board(operation=BoardAct.ADD, title=title, **more)
