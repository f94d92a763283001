"""The founder's standup: the plan of a day, and what it writes down."""

from datetime import date

from msgspec import Struct

from agentco.day.report import StandupReport
from agentco.desk.open_company import OpenCompany
from agentco.kernel.errors import StateBroken
from agentco.overview.standup import end_of_day, run_standup, save_standup


class Standup(Struct, frozen=True, kw_only=True):
    """A day plan.

    `day` is the day it is for, `is_future` if a later one was asked for; `broken` says
    what could not be written down.
    """

    report: StandupReport
    day: date
    is_future: bool = False
    broken: StateBroken | None = None


def hold_standup(
    company: OpenCompany, *, day: date | None = None, dry_run: bool = False
) -> Standup:
    """Plan today, or look back to the end of a day; asks no model, costs nothing.

    Counts newly missed dates on the board and remembers the plan, unless `dry_run` or
    the folder was not adopted. Raises CompanyBroken if the settings cannot be used.
    """
    now = company.now()
    zone = company.settings.time_zone
    today = now.astimezone(zone).date()
    wanted = day or today
    moment = end_of_day(wanted, zone, now)
    report = run_standup(company, moment=moment)
    broken = None
    if company.files.is_adopted and not dry_run:
        report, broken = save_standup(company, report, at=now)
        company.state.back_up(now)
    return Standup(report=report, day=wanted, is_future=wanted > today, broken=broken)
