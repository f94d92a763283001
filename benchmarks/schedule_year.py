"""A year of schedules in three zones: the real alarm and state under a clock that does not wait.

python benchmarks/schedule_year.py [--days 365]
"""

import argparse
import asyncio
import random
import resource
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from start import ROOT

sys.path[0] = str(
    ROOT / "tests"
)  # in the place of this folder, whose runs.py is another one

from runs.offices import Firm  # noqa: E402
from schedule.days import Process, settled  # noqa: E402
from small_company import Place  # noqa: E402

from agentco.day.facts import ScheduledPrompt  # noqa: E402
from agentco.day.schedule import slots_until  # noqa: E402

ZONES = ("Europe/Lisbon", "America/New_York", "Australia/Sydney")
CRONS = ("30 1 * * *", "30 2 * * *", "0 18 * * 0", "0 9 1 * *", "0 */6 * * *")
BEGIN = datetime(2026, 10, 1, tzinfo=UTC)


async def year(process: Process, jobs: list[ScheduledPrompt], days: int) -> int:
    """How often the alarm woke."""
    loop = process.in_false_time()
    await process.scheduler.reload(jobs)
    await settled()
    await loop.pass_until(BEGIN + timedelta(days=days))
    return loop.wakes


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--days", type=int, default=365)
    days = parser.parse_args().days
    for name in ZONES:
        zone = ZoneInfo(name)
        with tempfile.TemporaryDirectory() as folder:
            firm = Firm(Place(Path(folder) / "company"), "http://127.0.0.1:9")
            firm.clock.moment = BEGIN
            process = Process(firm, "p", random.Random(1), [])
            jobs = [
                ScheduledPrompt(name=f"p{i}", agent=None, cron=cron, zone=zone)
                for i, cron in enumerate(CRONS)
            ]
            begin, cpu = (
                time.perf_counter(),
                resource.getrusage(resource.RUSAGE_SELF).ru_utime,
            )
            wakes = asyncio.run(year(process, jobs, days))
            wall, cpu = (
                time.perf_counter() - begin,
                resource.getrusage(resource.RUSAGE_SELF).ru_utime - cpu,
            )
            every = [
                s
                for job in jobs
                for s in slots_until(
                    job.cron, BEGIN, BEGIN + timedelta(days=days), zone
                )
            ]
            begun = [(job, slot.timestamp()) for job, slot, _ in process.begun]
            process.end()
            firm.close()
        once = len(begun) == len(set(begun)) == len(every)
        print(
            f"{name}: {days} days, {len(every):,} slots, each once: {'yes' if once else 'NO'}"
        )
        print(f"  {wakes:,} wake-ups, {wall:.1f} s, of it {cpu:.1f} s CPU")


if __name__ == "__main__":
    main()
