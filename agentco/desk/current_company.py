"""Which company we stand in, what time it is, and who may write."""

import os
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from agentco.kernel.errors import CompanyBroken, WrongUsage, did_you_mean

if TYPE_CHECKING:
    from agentco.wiring import OpenCompany

# Unlike Path's, these say no to a path that no file system takes or that we may not look at.
is_folder, is_file = os.path.isdir, os.path.isfile

_chosen: Path | None = None


def choose_company(company: str | None) -> None:
    """Remember `--company DIR` for this process."""
    global _chosen  # noqa: PLW0603  one command runs in a process
    _chosen = Path(company) if company else None


def company_root() -> Path:
    """The company's folder.

    Raises WrongUsage when the named folder does not exist, CompanyBroken when there is no company here.
    """
    named = _chosen or (
        Path(env) if (env := os.environ.get("AGENTCO_COMPANY")) else None
    )
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
    """Where the company's settings are; the file that marks a company as adopted."""
    return root / ".github" / "agentco.yml"


def now() -> datetime:
    """The present moment, in UTC."""
    from agentco.adapters.clock import RealClock

    return RealClock().now()


def local_timezone() -> str:
    """The IANA name of this machine's time zone, else UTC."""
    from agentco.company.amounts import find_time_zone

    named = (
        os.environ.get("TZ")
        or os.path.realpath("/etc/localtime").partition("zoneinfo/")[2]
    )
    return named if find_time_zone(named) else "UTC"


def now_iso() -> str:
    """Now, as the memory writes it."""
    return now().isoformat(timespec="seconds")


def unknown_name(what: str, name: str, known: Sequence[str]) -> WrongUsage:
    """The error for a name that is not there, with those that come close."""
    some = ", ".join(sorted(known)[:8]) or "none"
    hint = did_you_mean(name, known, f"there is: {some}")
    return WrongUsage(f"no {what} {name!r}", hint=hint)


def edges() -> "OpenCompany":
    """The files of the company we stand in."""
    from agentco.wiring import open_company

    return open_company(company_root())


def writable_edges() -> "OpenCompany":
    """The files of the company we stand in, once it is clear that agentco may write them.

    Raises CompanyBroken before `.github/agentco.yml` exists, and while it holds mistakes.
    """
    found = edges()
    if not found.files.is_adopted:
        raise CompanyBroken(
            f"{str(found.files.root)!r} has no .github/agentco.yml, so nothing is written in it",
            hint="agentco init adopts the folder without overwriting a file",
        )
    found.files.settings().require_valid()
    return found


def today() -> date:
    """Today, where the company is."""
    return now().astimezone(edges().files.settings().require_valid().time_zone).date()
