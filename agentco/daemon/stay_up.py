"""Run one company until somebody ends it: the first signal in order, a second one at once."""

import asyncio
import signal
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

from agentco.daemon.process_tree import adopt_orphans
from agentco.daemon.tree import Daemon
from agentco.desk.company_status import CompanyStatus
from agentco.desk.open_company import OpenCompany
from agentco.kernel.errors import StateBroken

ENDING = (
    "ending: nothing new begins, what is under way has ten seconds, everything is kept"
)


class DayScreen(Protocol):
    """What shows the founder the company while it is up."""

    def print_line(self, line: str) -> None:
        """Show one line of what happens."""
        ...

    def show_day(self, day: CompanyStatus) -> None:
        """Show how things stand."""
        ...


def stay_up(
    company: OpenCompany,
    screen: AbstractContextManager[DayScreen],
    ready: Callable[[str], None],
) -> int:
    """Run a company that this process is on duty for; return the exit code.

    `ready` hears the time once it is up. Raises StateBroken if it cannot go on by itself.
    """
    adopt_orphans()
    return asyncio.run(_run_day(company, screen, ready))


async def _run_day(
    company: OpenCompany,
    screen: AbstractContextManager[DayScreen],
    ready: Callable[[str], None],
) -> int:
    with company.open_office() as office, screen as shown:
        daemon = Daemon(company, office, shown.print_line, shown.show_day)
        signals = asyncio.Queue[signal.Signals]()
        loop = asyncio.get_running_loop()
        for end in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(end, signals.put_nowait, end)
        loop.add_signal_handler(signal.SIGHUP, daemon.force_reload)
        await daemon.tree.start()
        ready(company.now_iso())
        return await _run_until_ended(daemon, signals)


async def _run_until_ended(
    daemon: Daemon, signals: asyncio.Queue[signal.Signals]
) -> int:
    first = asyncio.create_task(signals.get())
    over = asyncio.create_task(daemon.tree.wait())
    await asyncio.wait({first, over}, return_when=asyncio.FIRST_COMPLETED)
    if over.done():
        raise StateBroken(
            f"agentco cannot go on: {over.result().why}",
            hint="mend that, then agentco up goes on",
        )
    daemon.tell(ENDING)
    second = asyncio.create_task(signals.get())
    drained = asyncio.create_task(daemon.drain())
    await asyncio.wait({second, drained}, return_when=asyncio.FIRST_COMPLETED)
    return 128 + first.result()
