"""A process of a test: four threads reserve and settle against one cap, as runs do, until they are refused.

`python tests/runs/payer.py COMPANY RUNS THREADS` asks so many runs on each thread and prints how each ended.
"""

import asyncio
import json
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from story import question

from agentco.adapters.models import ModelClients
from agentco.engine import Office, drive_run, start_run
from agentco.wiring import open_company


def work(office: Office, root: Path, runs: int) -> list[str]:
    """Ask so many questions, one after the other, in a loop of this thread's own."""

    async def asking() -> list[str]:
        mine = replace(office, models=ModelClients(root, {}))
        try:
            return [await one(mine) for _ in range(runs)]
        finally:
            await mine.models.aclose()

    return asyncio.run(asking())


async def one(office: Office) -> str:
    """One question; how it ended."""
    name = await start_run(question(office), office)
    await drive_run(name, office)
    return str((await office.read(lambda tx: tx.load_run(name))).phase)


def main() -> None:
    root, runs, threads = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    with (
        open_company(root).open_office() as office,
        ThreadPoolExecutor(threads) as pool,
    ):
        found = [pool.submit(work, office, root, runs) for _ in range(threads)]
        ends = [end for future in found for end in future.result()]
    sys.stdout.write(json.dumps(ends))


if __name__ == "__main__":
    main()
