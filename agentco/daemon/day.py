"""One day and night of a company: the daemon from its start to the signal that ends it."""

import asyncio
import os
import signal
from collections.abc import Callable
from contextlib import suppress

from agentco.daemon.live_company import LiveCompany
from agentco.daemon.tree import Daemon
from agentco.desk.company_status import DayScreen
from agentco.desk.open_company import OpenCompany
from agentco.kernel.errors import StateBroken
from agentco.ports.daemon import DaemonPorts

END_SIGNALS = (signal.SIGTERM, signal.SIGINT)


async def run_day(
    company: OpenCompany,
    ports: DaemonPorts,
    screen: DayScreen,
    ready: Callable[[str], None],
) -> int:
    """Run the company until somebody ends it; return the exit code.

    `ready` is told the time (ISO) once it is up. Raises StateBroken when it cannot go on.
    """
    ports.processes.adopt_orphans()
    with company.open_office() as office, screen:
        live = LiveCompany(company=company, office=office)
        daemon = Daemon(live, ports, screen.print_line, screen.show_day)
        return await _run_until_ended(daemon, lambda: ready(company.now_iso()))


def belongs_to_terminal() -> bool:
    """Whether SIGHUP says that our terminal was closed; nohup, services and --detach have none."""
    if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        return False
    with suppress(OSError):
        os.close(os.open("/dev/tty", os.O_RDWR))
        return True
    return False


async def _run_until_ended(daemon: Daemon, ready: Callable[[], None]) -> int:
    """End in order at the first signal, at once at a second one."""
    loop = asyncio.get_running_loop()
    signals = asyncio.Queue[signal.Signals]()
    for number in END_SIGNALS:
        loop.add_signal_handler(number, signals.put_nowait, number)
    if belongs_to_terminal():
        loop.add_signal_handler(signal.SIGHUP, signals.put_nowait, signal.SIGHUP)
    else:
        loop.add_signal_handler(signal.SIGHUP, daemon.force_reload)
    await daemon.tree.start()
    ready()
    first_signal = asyncio.create_task(signals.get())
    tree_end = asyncio.create_task(daemon.tree.wait())
    await asyncio.wait({first_signal, tree_end}, return_when=asyncio.FIRST_COMPLETED)
    # a terminal that is closed says so more than once
    loop.add_signal_handler(signal.SIGHUP, lambda: None)
    if daemon.state_lost:
        await tree_end
        raise daemon.state_lost
    if tree_end.done():
        raise StateBroken(
            f"agentco cannot go on: {tree_end.result().why}",
            hint="fix that, then run agentco up",
        )
    daemon.tell(
        "stopping: nothing new starts, running work gets ten seconds, nothing is lost"
    )
    second_signal = asyncio.create_task(signals.get())
    drained = asyncio.create_task(daemon.drain())
    await asyncio.wait({second_signal, drained}, return_when=asyncio.FIRST_COMPLETED)
    return 128 + first_signal.result()
