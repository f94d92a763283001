"""The founder's standup: the plan of a day, and what it writes down."""

from datetime import date, datetime, time

from msgspec import Struct

from agentco.day.report import StandupReport
from agentco.desk.open_company import OpenCompany
from agentco.kernel.errors import StateBroken
from agentco.overview.standup import run_standup, save_standup


class Standup(Struct, frozen=True, kw_only=True):
    """A day plan.

    `is_future` if it is for a day that has not come yet; `broken` says what could not be
    written down.
    """

    report: StandupReport
    is_future: bool = False
    broken: StateBroken | None = None


def hold_standup(
    company: OpenCompany, *, day: date | None = None, dry_run: bool = False
) -> Standup:
    """Plan today, or another day as it looks from its end; asks no model, costs nothing.

    Counts newly missed dates on the board and remembers the plan, unless `dry_run`, the
    day has not come yet or the folder was not adopted. Raises CompanyBroken if the settings
    cannot be used.
    """
    now = company.now()
    zone = company.settings.time_zone
    today = now.astimezone(zone).date()
    wanted = day or today
    is_future = wanted > today
    end = datetime.combine(wanted, time.max, tzinfo=zone)
    report = run_standup(company, moment=end if is_future else min(end, now))
    broken = None
    if company.files.is_adopted and not (dry_run or is_future):
        report, broken = save_standup(company, report, at=now)
        company.state.back_up(now)
    return Standup(report=report, is_future=is_future, broken=broken)
