"""Tells the founder unasked, by whatever `notify` in the settings names; Apprise knows how."""

import os
import sys
from asyncio import gather, to_thread, wrap_future
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from subprocess import DEVNULL, PIPE, TimeoutExpired, run
from textwrap import shorten

from msgspec.json import encode

from agentco.adapters import notify_child
from agentco.adapters.files import trust_file
from agentco.adapters.state.notices import claimed, notices, unclaim
from agentco.company.settings import FILE
from agentco.engine.standup import stand_up
from agentco.kernel.characters import shown
from agentco.rules.budget import caps
from agentco.rules.notices import Notice
from agentco.rules.redaction import redacted
from agentco.wiring import Edges, OpenOffice

MORNING = range(7, 12)
"""The hours in which the plan of the day is news."""
LONGEST, MOST, PLANNED = 200, 20, 10


@dataclass(kw_only=True)
class Notifier:
    """One process's way to the founder; `say` hears once of a receiver that cannot be reached."""

    office: OpenOffice
    edges: Callable[[], Edges]
    say: Callable[[str], None]
    limit_s: float = 20.0
    failing: set[str] = field(default_factory=set)

    async def notify(self, now: datetime) -> datetime | None:
        """Tell what is new, in one message. Returns when to look again, if something is held back until then."""
        edges, store = self.edges(), self.office.store
        root, settings = edges.company.root, edges.company.settings().usable()
        if (
            not settings.notify
            or not trust_file.standing(root, edges.company.load(), settings).trusted
        ):
            return None
        zone, quiet = settings.zone, settings.quiet_hours
        day = now.astimezone(zone)
        _, *levels = caps(
            settings.budget, root="", run_cap=None, agent="", day=day.date()
        )
        found = await wrap_future(store.read(lambda t: notices(t, now, levels)))
        found += await to_thread(planned, edges, now) if day.hour in MORNING else []
        ready, later = await wrap_future(
            store.write(lambda t: claimed(t, found, now, quiet, zone))
        )
        if ready and not await self._told(
            settings.notify, settings.company.name or "agentco", ready
        ):
            await wrap_future(store.write(lambda t: unclaim(t, ready)))
        return later

    async def _told(
        self, names: Sequence[str], company: str, ready: Sequence[Notice]
    ) -> bool:
        """Whether anybody could be told."""
        every = [
            shorten(shown(line), LONGEST) for notice in ready for line in notice.lines
        ]
        more = (
            [f"and {len(every) - MOST} more: agentco inbox"]
            if len(every) > MOST
            else []
        )
        text = redacted("\n".join([*every[:MOST], *more]), self.office.secrets)
        return any(await gather(*(self._sent(name, company, text) for name in names)))

    async def _sent(self, name: str, title: str, text: str) -> bool:
        sent = await to_thread(delivered, name, encode((title, text)), self.limit_s)
        if not sent and name not in self.failing:
            who = name if name.startswith("env:") else f"{name.partition(':')[0]}:…"
            self.say(
                f"nobody is reached by {who} of notify in {FILE}; agentco goes on, and tries again"
            )
        self.failing = self.failing - {name} if sent else self.failing | {name}
        return sent


def delivered(name: str, message: bytes, limit_s: float) -> bool:
    """Whether the receiver that the settings name took a message in time."""
    address = (
        os.environ.get(name.removeprefix("env:"), "")
        if name.startswith("env:")
        else name
    )
    command, said = (
        (sys.executable, "-P", notify_child.__file__),
        encode(address) + b"\n" + message,
    )
    try:
        return (
            b"told"
            in run(
                command,
                input=said,
                stdout=PIPE,
                stderr=DEVNULL,
                timeout=limit_s,
                check=False,
            ).stdout
        )
    except TimeoutExpired:
        return False


def planned(edges: Edges, now: datetime) -> list[Notice]:
    """The plan of the day, when there is anything in it."""
    report = stand_up(edges, moment=now)
    lines = tuple(
        f"{line.rank}. {line.title} ({line.owner})" for line in report.plan[:PLANNED]
    )
    return (
        [Notice("plan", str(report.date), (f"The plan of {report.date}:", *lines))]
        if lines
        else []
    )
