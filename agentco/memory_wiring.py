"""The memory for a server of its own: it starts without models, tools or state.

Apart from `wiring`, because that loads all of them, and an MCP client waits for the first answer.
"""

import os
from pathlib import Path

from agentco.adapters.files.memory_file import MemoryFile
from agentco.desk import current_company
from agentco.kernel.errors import CompanyBroken
from agentco.memory.graph import MEMORY_FILE


def open_memory() -> MemoryFile:
    """The file that MEMORY_FILE_PATH names, from the current folder on, else the company's memory.

    Raises CompanyBroken when there is neither, or the company was not adopted.
    """
    named = os.environ.get("MEMORY_FILE_PATH")
    if named:
        return MemoryFile(Path(named).absolute())
    root = current_company.company_root()
    if not current_company.settings_file(root).is_file():
        raise CompanyBroken(
            f"{str(root)!r} has no .github/agentco.yml, so nothing is written in it",
            hint="agentco init adopts the folder; MEMORY_FILE_PATH names a file without a company",
        )
    return MemoryFile(root / MEMORY_FILE, within=root)
