"""A story for tests: a small company whose run writes, reads, has others read, and ends; it may die anywhere."""

import asyncio
import gzip
import signal
import sqlite3
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from small_company import Place, company_line, models_at

from agentco.adapters.clock import RealClock
from agentco.adapters.files import remember_state
from agentco.adapters.state import Database
from agentco.briefing import Assignment
from agentco.company import Tier, fill_prompt
from agentco.desk import prompt_values
from agentco.engine import (
    Office,
    RunRequest,
    carry_out_approved,
    drive_run,
    start_run,
    take_over_run,
)
from agentco.ports import FileImage, ToolCaller, ToolResult
from agentco.runs import Action, Memory
from agentco.wiring import open_company

RUN = "story"
"""Nobody else runs in the company of a story, so its run may always have the same name."""
LONG = "".join(f"line {i}: nothing of note happened on this day\n" for i in range(400))
LINE = company_line(timezone="UTC", orchestrator="coo")
MORE = """
triggers:
  - {name: money, words: ["costs nine"], consult: [cfo]}
  - {name: promises, words: ["for ever"], consult: [lawyer]}
  - {name: technology, words: []}
budget: {call: 5, run: 50, company_day: 50, company_month: 50}
"""
AGENT = """---
name: coo
description: Runs the day.
tools: [read, search, edit, todo, vscode/memory]
---

I run the day.
"""
REVIEWER = """---
name: cfo
description: Keeps the money.
---

I keep the money.
"""
SECOND = """---
name: lawyer
description: Reads what is promised.
---

I read what is promised.
"""
PROMPT = """---
description: Tells the story.
agent: coo
agentco:
  produces: [BOARD.md]
  deliver_to: drafts/told.md
---

Do the story.
"""


def company(root: Path, url: str, model: str) -> Path:
    """A company whose COO can tell the story."""
    place = Place(root)
    for name, text in (("coo", AGENT), ("cfo", REVIEWER), ("lawyer", SECOND)):
        place.agent(name, text)
    place.write(".github/prompts/story.prompt.md", PROMPT)
    place.settings(LINE + models_at(url, light=model, medium=model) + MORE)
    place.board("- [ ] Something old @coo id:T1")
    place.write("log.txt", LONG)
    return root


STORED = Path(__file__).parent / "stored" / "state-2.db.gz"


class Death:
    """Kills this process before or after its nth act of a kind, from 0."""

    def __init__(self, kind: str = "", n: int = -1, when: str = "") -> None:
        self.kind, self.when, self.left = kind, when, n
        self.seen = dict[str, int]()

    @contextmanager
    def around(self, kind: str) -> Generator[None]:
        """Whatever is done inside may be the last."""
        self.seen[kind] = self.seen.get(kind, 0) + 1
        mine = kind == self.kind
        self.left -= mine
        last = mine and self.left == -1
        if last and self.when == "before":
            signal.raise_signal(signal.SIGKILL)
        yield
        if last and self.when == "after":
            signal.raise_signal(signal.SIGKILL)


class MortalState(Database):
    """A state whose process may die at a commit that wrote something."""

    def __init__(self, root: Path, name: str, death: Death) -> None:
        self.death = death
        super().__init__(root, name=name)

    def _commit(self, db: sqlite3.Connection, *, writes: bool) -> None:
        kind = "commit" if writes else "look"
        with self.death.around(kind):
            super()._commit(db, writes=writes)


class MortalTools:
    """The real tools, in a process that may die between what is marked and what is done."""

    def __init__(self, tools: Any, death: Death) -> None:
        self.tools, self.death = tools, death

    async def planned_image(
        self, acts: Sequence[Action], caller: ToolCaller
    ) -> FileImage | None:
        return await self.tools.planned_image(acts, caller)

    async def versions_to_keep(self, *kept: Any) -> tuple[bytes, ...]:
        return await self.tools.versions_to_keep(*kept)

    async def carry_out(
        self, action: Action, caller: ToolCaller, image: FileImage | None
    ) -> ToolResult:
        with self.death.around("tool"):
            return await self.tools.carry_out(action, caller, image)

    async def record_outcome(
        self, prompt: str, outcome: str, caller: ToolCaller
    ) -> None:
        with self.death.around("tool"):
            await self.tools.record_outcome(prompt, outcome, caller)

    async def plan_deliverable(self, *planned: Any) -> FileImage | ToolResult:
        return await self.tools.plan_deliverable(*planned)

    async def save_deliverable(self, *saved: Any) -> ToolResult:
        with self.death.around("tool"):
            return await self.tools.save_deliverable(*saved)

    async def perform_approved(self, action: Memory, **named: Any) -> ToolResult:
        with self.death.around("tool"):
            return await self.tools.perform_approved(action, **named)

    async def take_fingerprints(self, names: Any) -> dict[str, str]:
        return await self.tools.take_fingerprints(names)


class OneName(RealClock):
    """Names the run so that everybody knows it."""

    def new_name(self) -> str:
        return RUN


@contextmanager
def mortal_office(root: Path, death: Death) -> Generator[Office]:
    """The office of a process that may die anywhere."""
    with open_company(root).open_office() as real:
        assert isinstance(real.store, Database)
        state = MortalState(root, real.store.name, death)
        tools = MortalTools(real.tools, death)
        try:
            yield replace(real, store=state, tools=tools, clock=OneName())
        finally:
            state.close()


def tell(root: Path, death: Death) -> None:
    """Begin the story, or go on with it, in this process."""
    with mortal_office(root, death) as office:
        asyncio.run(told(root, office))


PROPOSAL = ("run1", 8)
"""An approved proposal of the stored state."""


def with_proposal(root: Path) -> Path:
    """A company whose state holds a proposal that is approved and not carried out."""
    place = company(root, "http://127.0.0.1:9", "nobody") / ".agentco" / "state.db"
    place.parent.mkdir()
    place.write_bytes(gzip.decompress(STORED.read_bytes()))
    place.chmod(0o600)
    remember_state(root, "firm")
    return root


def carry_out(root: Path, death: Death) -> None:
    """Carry the proposal out, unless that was done."""
    with mortal_office(root, death) as office:
        row = office.store.read(lambda tx: tx.load_effect(*PROPOSAL)).result()
        if row.is_approved_proposal:
            asyncio.run(carry_out_approved(row, office))


async def told(root: Path, office: Office) -> None:
    try:
        if await office.read(lambda tx: tx.list_runs(office.now_iso())):
            await take_over_run(RUN, office)
        else:
            await start_run(wish(root, office), office)
        await drive_run(RUN, office)
    finally:
        await office.models.aclose()


def wish(root: Path, office: Office) -> RunRequest:
    edges = open_company(root)
    agent, prompt = (
        edges.files.load().find_agent("coo"),
        edges.files.load().find_prompt("story"),
    )
    assert agent
    assert prompt
    return RunRequest(
        agent=agent,
        work=Assignment(
            task=fill_prompt(prompt, prompt_values(edges)).text,
            today=office.today(),
            prompt=prompt,
            company="Test",
            language="en",
        ),
        title="/story",
        name="story",
        produces=prompt.own.products,
        deliver_to=prompt.own.deliverable_path(office.today()),
    )


def question(office: Office) -> RunRequest:
    """A question to the COO."""
    agent = office.company.find_agent("coo")
    assert agent
    work = Assignment(
        task="What is due?", today=office.today(), company="Test", language="en"
    )
    return RunRequest(agent=agent, work=work, title="What is due?", tier=Tier.MEDIUM)
