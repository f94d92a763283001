"""Which company we stand in, and what time it is there."""

import os
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from agentco.kernel.errors import CompanyBroken, WrongUsage

if TYPE_CHECKING:
    from agentco.desk.open_company import OpenCompany

# Unlike Path's, these return False for a path no file system takes or we may not see.
is_folder, is_file = os.path.isdir, os.path.isfile

_chosen: Path | None = None


def choose_company(company: str | None) -> None:
    """Remember `--company DIR` for this process."""
    global _chosen  # noqa: PLW0603  one command runs in a process
    _chosen = Path(company) if company else None


def company_root() -> Path:
    """The company's folder: --company, AGENTCO_COMPANY, or the first one above us.

    Raises WrongUsage if the named folder does not exist, CompanyBroken if there is no
    company here.
    """
    named = _chosen
    if named is None and os.environ.get("AGENTCO_COMPANY"):
        named = Path(os.environ["AGENTCO_COMPANY"])
    if named:
        if not is_folder(named):
            raise WrongUsage(
                f"no folder {str(named)!r}",
                hint="name the company's folder with --company DIR",
            )
        return named.resolve()
    start = Path.cwd().resolve()
    for folder in (start, *start.parents):
        if is_folder(folder / ".github" / "agents") or is_file(settings_file(folder)):
            return folder
    raise CompanyBroken(
        f"no company at or above {str(start)!r}: no .github/agents, no .github/agentco.yml",
        hint="agentco init makes one here; --company DIR names another",
    )


def settings_file(root: Path) -> Path:
    """Where the settings are; this file marks a company as adopted."""
    return root / ".github" / "agentco.yml"


def open_current() -> "OpenCompany":
    """The company we stand in; trust that changed is asked about at this terminal."""
    from agentco.cli.trust import confirm_at_terminal
    from agentco.wiring import open_company

    return open_company(company_root(), confirm_trust=confirm_at_terminal)


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


def now_iso() -> str:
    """The present moment, as the memory stores it."""
    return now().isoformat(timespec="seconds")


def today() -> date:
    """Today, where the company is."""
    return open_current().today()


def local_timezone() -> str:
    """The IANA name of this machine's time zone, else UTC."""
    from agentco.company.amounts import find_time_zone

    localtime = os.path.realpath("/etc/localtime")
    zone = os.environ.get("TZ") or localtime.partition("zoneinfo/")[2]
    return zone if find_time_zone(zone) else "UTC"
