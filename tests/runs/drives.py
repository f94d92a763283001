"""A process that drives several runs at once: `python tests/runs/drives.py COMPANY TASK…` begins one for each task."""

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path

from agentco.engine.drive import drive
from agentco.engine.start import Wish, start
from agentco.runs.prompt_parts import Assignment
from agentco.wiring import edges_of, office_of


async def main(root: Path, tasks: list[str]) -> None:
    """Begin them, and drive them as far as they go."""
    with office_of(edges_of(root)) as office:
        agent = office.company.agent("cfo")
        assert agent
        today = datetime.now(UTC).date()
        wishes = [
            Wish(agent=agent, work=Assignment(task=t, today=today), title=t, quick=True)
            for t in tasks
        ]
        names = [await start(wish, office) for wish in wishes]
        await asyncio.gather(*(drive(name, office) for name in names))
        await office.models.aclose()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2:]))
