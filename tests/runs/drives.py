"""A process that drives several runs at once: `python tests/runs/drives.py COMPANY TASK…` begins one for each task."""

import asyncio
import sys
from pathlib import Path

from agentco.briefing import Assignment
from agentco.engine import RunRequest, drive_run, start_run
from agentco.wiring import open_company


async def main(root: Path, tasks: list[str]) -> None:
    """Begin them, and drive them as far as they go."""
    with open_company(root).open_office() as office:
        agent = office.company.find_agent("cfo")
        assert agent
        wishes = [
            RunRequest(
                agent=agent,
                work=Assignment(task=t, today=office.today()),
                title=t,
                quick=True,
            )
            for t in tasks
        ]
        names = [await start_run(wish, office) for wish in wishes]
        await asyncio.gather(*(drive_run(name, office) for name in names))
        await office.models.aclose()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2:]))
