"""Which folder is the company: the one that was named, else the first one above us."""

import os
from pathlib import Path

from agentco.kernel.errors import CompanyBroken, WrongUsage

# Unlike Path's, these return False for a path no file system takes or we may not see.
is_folder, is_file = os.path.isdir, os.path.isfile


def find_company_root(named: Path | None) -> Path:
    """The company's folder: `named`, AGENTCO_COMPANY, or the first one above us.

    Raises WrongUsage if the named folder does not exist, CompanyBroken if there is no
    company here.
    """
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
