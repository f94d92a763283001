"""Which company we stand in, and what time it is."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agentco.desk.open_company import OpenCompany

_chosen: Path | None = None


def choose_company(company: str | None) -> None:
    """Remember `--company DIR` for this process."""
    global _chosen  # noqa: PLW0603  one command runs in a process
    _chosen = Path(company) if company else None


def chosen_company() -> Path | None:
    """What `--company` named, if anything."""
    return _chosen


def company_root() -> Path:
    """The folder of the company we stand in. Raises WrongUsage and CompanyBroken."""
    from agentco.wiring import find_company_root

    return find_company_root(_chosen)


def open_current() -> "OpenCompany":
    """The company we stand in; trust that changed is asked about at this terminal."""
    from agentco.cli.trust import confirm_at_terminal
    from agentco.terminal.local_time import follow_clock_of
    from agentco.wiring import open_company

    company = open_company(company_root(), confirm_trust=confirm_at_terminal)
    follow_clock_of(lambda: company.zone)
    return company


def open_writable() -> "OpenCompany":
    """The same, once it is clear that agentco may write in it.

    Raises CompanyBroken before .github/agentco.yml exists, or while it holds mistakes.
    """
    company = open_current()
    company.require_writable()
    return company


def open_trusted() -> "OpenCompany":
    """The same, once the founder trusts what it reaches. Raises NeedsFounder."""
    company = open_current()
    company.require_trust()
    return company


def now() -> datetime:
    """The present moment, in UTC."""
    from agentco.wiring import system_clock

    return system_clock().now()
