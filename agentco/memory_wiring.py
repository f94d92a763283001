"""The memory for a server of its own: it starts without models, tools or state.

Apart from `wiring`, because that loads all of them, and an MCP client waits for the first answer.
"""

import os
from pathlib import Path

from agentco.adapters.clock import RealClock
from agentco.adapters.files.company_root import find_company_root, settings_file
from agentco.adapters.files.memory_file import MemoryFile
from agentco.adapters.files.own_folder import require_own_folders
from agentco.kernel.errors import CompanyBroken
from agentco.memory.graph import MEMORY_FILE


def open_memory(company: Path | None = None) -> MemoryFile:
    """The file that MEMORY_FILE_PATH names, else the memory of the company.

    `company` is the folder that was named, if any.

    Raises CompanyBroken when there is neither, or the company was not adopted, StateBroken when
    the folder of our own in it is not ours.
    """
    named = os.environ.get("MEMORY_FILE_PATH")
    if named:
        return MemoryFile(Path(named).absolute())
    root = find_company_root(company)
    if not settings_file(root).is_file():
        raise CompanyBroken(
            f"{str(root)!r} has no .github/agentco.yml, so nothing is written in it",
            hint="agentco init adopts the folder; MEMORY_FILE_PATH names a file without a company",
        )
    require_own_folders(root)
    return MemoryFile(root / MEMORY_FILE, within=root)


def now_iso() -> str:
    """The present moment, as the memory stores it."""
    return RealClock().now().isoformat(timespec="seconds")
