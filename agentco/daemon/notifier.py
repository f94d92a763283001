"""Tells the founder unasked: all that is new in one message, to every receiver of `notify`."""

from asyncio import gather, to_thread
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from textwrap import shorten

from agentco.company.settings import SETTINGS_FILE, Settings
from agentco.daemon.live_company import LiveCompany
from agentco.desk.open_company import OpenCompany
from agentco.file_formats.redaction import redact_secrets
from agentco.kernel.characters import terminal_safe
from agentco.overview.founder_notices import (
    claim_notices,
    current_notices,
    unclaim_notices,
)
from agentco.overview.notices import Notice
from agentco.overview.standup import run_standup
from agentco.ports.daemon import SendMessage
from agentco.rules.budget import caps_for_call
from agentco.terminal.local_time import local_text

MORNING_HOURS = range(7, 12)
"""The hours in which the plan of the day is news."""
MAX_LINE_CHARS, MAX_LINES, MAX_PLAN_LINES = 200, 20, 10
SEND_LIMIT_S = 20.0


@dataclass(kw_only=True)
class Notifier:
    """One process's way to the founder; `tell` hears once of a receiver that cannot be reached."""

    live: LiveCompany
    send_message: SendMessage
    tell: Callable[[str], object]
    limit_s: float = SEND_LIMIT_S
    failing: set[str] = field(default_factory=set)

    async def notify(self, now: datetime) -> datetime | None:
        """Tell what is new, in one message.

        Returns when to look again if something is held back until then.
        """
        company, office = self.live.company, self.live.office
        settings = company.settings
        if not settings.notify or not company.trust.status().is_trusted:
            return None
        notices = await self._current_notices(settings, now)
        ready, look_again = await office.write(
            claim_notices, notices, now, settings.quiet_hours, settings.time_zone
        )
        if ready and not await self._send_to_all(settings, ready):
            await office.write(unclaim_notices, ready)
        return look_again

    async def _current_notices(self, settings: Settings, now: datetime) -> list[Notice]:
        local = now.astimezone(settings.time_zone)
        caps = caps_for_call(
            settings.budget, root="", run_cap=None, agent="", day=local.date()
        )
        _, *company_caps = caps  # the first is that of a run
        notices = await self.live.office.read(current_notices, now, company_caps)
        if local.hour in MORNING_HOURS:
            notices += await to_thread(plan_notices, self.live.company, now)
        return notices

    async def _send_to_all(self, settings: Settings, notices: Sequence[Notice]) -> bool:
        """Whether anybody could be told."""
        title = settings.company.name or "agentco"
        message = local_text(message_text(notices), settings.time_zone)
        text = redact_secrets(message, self.live.office.secrets)
        sending = [self._send_to_one(name, title, text) for name in settings.notify]
        return any(await gather(*sending))

    async def _send_to_one(self, receiver: str, title: str, text: str) -> bool:
        sent = await to_thread(self.send_message, receiver, title, text, self.limit_s)
        if sent:
            self.failing.discard(receiver)
        elif receiver not in self.failing:
            self.failing.add(receiver)
            self.tell(
                f"nobody is reached by {public_name(receiver)} of notify in {SETTINGS_FILE};"
                " agentco keeps trying"
            )
        return sent


def message_text(notices: Sequence[Notice]) -> str:
    """Return the lines of all notices, shortened, and how many are left out."""
    lines = [
        shorten(terminal_safe(line), MAX_LINE_CHARS)
        for notice in notices
        for line in notice.lines
    ]
    left_out = len(lines) - MAX_LINES
    if left_out > 0:
        lines[MAX_LINES:] = [f"and {left_out} more: agentco inbox"]
    return "\n".join(lines)


def public_name(receiver: str) -> str:
    """Return a receiver's name without its address, which may hold a token."""
    if receiver.startswith("env:"):
        return receiver
    scheme, _, _ = receiver.partition(":")
    return f"{scheme}:…"


def plan_notices(company: OpenCompany, now: datetime) -> list[Notice]:
    """Return the plan of the day, when there is anything in it."""
    report = run_standup(company, moment=now)
    if not report.plan:
        return []
    lines = [
        f"{line.rank}. {line.title} ({line.owner})"
        for line in report.plan[:MAX_PLAN_LINES]
    ]
    heading = f"The plan of {report.date}:"
    return [Notice("plan", str(report.date), (heading, *lines))]
