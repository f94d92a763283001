"""Look on while another process works: from the state alone, and without a hand in it."""

import asyncio
from collections.abc import Callable

from msgspec.structs import replace

from agentco.desk.open_company import OpenCompany
from agentco.desk.runs import find_run_named, list_runs
from agentco.desk.working import LOOK_S
from agentco.kernel.errors import WrongUsage
from agentco.overview.run_status import find_run
from agentco.overview.work_progress import ProgressReader, WorkProgress
from agentco.ports.store import Transaction

RUNNING = "running"


def find_running(company: OpenCompany, name: str | None) -> str:
    """The root of the run that is named, else the one that goes on; the latest of several.

    Raises WrongUsage if there is none.
    """
    if name:
        return find_run_named(company, name).root
    for standing in list_runs(company):
        if standing.status == RUNNING:
            return standing.run.root
    hint = "agentco runs lists what ran, agentco schedule what runs next"
    raise WrongUsage("nothing is running now", hint=hint)


class RunWatch:
    """Looks at one root run, and reads it again only when another process has written."""

    def __init__(self, company: OpenCompany, root: str) -> None:
        self._company = company
        self._root = root
        self._reader = ProgressReader(root, company.settings.budget.run)
        self._mark = -1
        self.progress: WorkProgress | None = None

    def look(self, tx: Transaction) -> str:
        """See how the run stands; return its status."""
        mark = tx.change_mark()
        if self.progress is None or mark != self._mark:
            self.progress = self._reader.read(tx)
        else:
            self.progress = replace(self.progress, events=())
        self._mark = mark
        run = find_run(tx, self._root, self._company.now_iso())
        return run.status(self._company.state.is_driver_alive)


def watch_run(
    company: OpenCompany, root: str, show: Callable[[WorkProgress], None]
) -> str:
    """Show how a root run stands until it is over or nobody drives it; return its status."""
    watch = RunWatch(company, root)

    async def keep_looking() -> str:
        with company.state.open() as store:
            while True:
                status = store.read(watch.look).result()
                if watch.progress:
                    show(watch.progress)
                if status != RUNNING:
                    return status
                await company.clock.pause(LOOK_S)

    return asyncio.run(keep_looking())
