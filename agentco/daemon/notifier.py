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
from agentco.company.settings import SETTINGS_FILE
from agentco.desk.open_company import OpenCompany
from agentco.engine.founder_notices import (
    claim_notices,
    current_notices,
    unclaim_notices,
)
from agentco.engine.office import Office
from agentco.engine.standup import run_standup
from agentco.kernel.characters import terminal_safe
from agentco.rules.budget import caps_for_call
from agentco.rules.notices import Notice
from agentco.rules.redaction import redact_secrets

MORNING_HOURS = range(7, 12)
"""The hours in which the plan of the day is news."""
MAX_LINE_CHARS, MAX_LINES, MAX_PLAN_LINES = 200, 20, 10


@dataclass(kw_only=True)
class Notifier:
    """One process's way to the founder; `say` hears once of a receiver that cannot be reached."""

    office: Office
    edges: Callable[[], OpenCompany]
    say: Callable[[str], None]
    limit_s: float = 20.0
    failing: set[str] = field(default_factory=set)

    async def notify(self, now: datetime) -> datetime | None:
        """Tell what is new, in one message. Returns when to look again, if something is held back until then."""
        edges, store = self.edges(), self.office.store
        root, settings = edges.files.root, edges.files.settings().require_valid()
        if (
            not settings.notify
            or not trust_file.trust_status(
                root, edges.files.load(), settings
            ).is_trusted
        ):
            return None
        zone, quiet = settings.time_zone, settings.quiet_hours
        day = now.astimezone(zone)
        _, *levels = caps_for_call(
            settings.budget, root="", run_cap=None, agent="", day=day.date()
        )
        found = await wrap_future(
            store.read(lambda tx: current_notices(tx, now, levels))
        )
        found += (
            await to_thread(plan_notices, edges, now)
            if day.hour in MORNING_HOURS
            else []
        )
        ready, later = await wrap_future(
            store.write(lambda tx: claim_notices(tx, found, now, quiet, zone))
        )
        if ready and not await self._send_to_all(
            settings.notify, settings.company.name or "agentco", ready
        ):
            await wrap_future(store.write(lambda tx: unclaim_notices(tx, ready)))
        return later

    async def _send_to_all(
        self, names: Sequence[str], company: str, ready: Sequence[Notice]
    ) -> bool:
        """Whether anybody could be told."""
        every = [
            shorten(terminal_safe(line), MAX_LINE_CHARS)
            for notice in ready
            for line in notice.lines
        ]
        more = (
            [f"and {len(every) - MAX_LINES} more: agentco inbox"]
            if len(every) > MAX_LINES
            else []
        )
        text = redact_secrets(
            "\n".join([*every[:MAX_LINES], *more]), self.office.secrets
        )
        return any(
            await gather(*(self._send_to_one(name, company, text) for name in names))
        )

    async def _send_to_one(self, name: str, title: str, text: str) -> bool:
        sent = await to_thread(
            deliver_message, name, encode((title, text)), self.limit_s
        )
        if not sent and name not in self.failing:
            who = name if name.startswith("env:") else f"{name.partition(':')[0]}:…"
            self.say(
                f"nobody is reached by {who} of notify in {SETTINGS_FILE}; agentco goes on, and tries again"
            )
        self.failing = self.failing - {name} if sent else self.failing | {name}
        return sent


def deliver_message(name: str, message: bytes, limit_s: float) -> bool:
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


def plan_notices(edges: OpenCompany, now: datetime) -> list[Notice]:
    """The plan of the day, when there is anything in it."""
    report = run_standup(edges, moment=now)
    lines = tuple(
        f"{line.rank}. {line.title} ({line.owner})"
        for line in report.plan[:MAX_PLAN_LINES]
    )
    return (
        [Notice("plan", str(report.date), (f"The plan of {report.date}:", *lines))]
        if lines
        else []
    )
