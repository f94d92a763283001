"""The key that a memory is signed with: it lies with the user's trust, never beside the memory.

A company gets one when it is made or trusted. A memory without a company gets its own with the
first write.
"""

import os
from pathlib import Path
from secrets import token_bytes

from agentco.adapters.files.company_root import settings_file
from agentco.adapters.files.safe_read import MAX_BYTES
from agentco.kernel.errors import AgentcoError
from agentco.memory.graph import MEMORY_FILE
from agentco.memory.signatures import KEY_BYTES

MAX_UNTRUSTED_BYTES = 10_000_000


class MemoryKey:
    """The key of the memory in `real`, as the user's trust has it now."""

    def __init__(self, real: Path, within: Path | None) -> None:
        company = within or company_of(real)
        self.is_companys = company is not None
        self.owner = company or real
        self._key = b""
        self._seen: tuple[int, int, int] | None = None

    def read(self) -> bytes:
        """The key; empty where the user has none for this memory."""
        from agentco.adapters.files.trust_file import company_key, trust_file_path

        try:
            info = trust_file_path(self.owner).stat()
        except (AgentcoError, OSError):
            return b""
        seen = (info.st_ino, info.st_size, info.st_mtime_ns)
        if seen != self._seen:
            self._key = company_key(self.owner)
            self._seen = seen
        return self._key

    def most_bytes(self) -> int:
        """How large a memory, or a file beside it, may be to be read.

        One that came with a folder costs little to look at until the founder trusts that.
        """
        from agentco.adapters.files.trust_file import is_trusted

        is_known = not self.is_companys or self.read() or is_trusted(self.owner)
        return MAX_BYTES if is_known else MAX_UNTRUSTED_BYTES

    def require_place(self) -> None:
        """Raise NeedsFounder where a key cannot be kept."""
        from agentco.adapters.files.trust_file import trust_file_path

        trust_file_path(self.owner)

    def keep(self, key: bytes) -> None:
        """Give the memory this key. Raises NeedsFounder without a home, StateBroken."""
        from agentco.adapters.files.trust_file import set_company_key

        set_company_key(self.owner, key)


def new_key() -> bytes:
    """A key that nobody has."""
    return token_bytes(KEY_BYTES)


def company_of(real: Path) -> Path | None:
    """The company whose memory this is, if it is one's: also of one that a link leads to."""
    for root in real.parents:
        if str(real) == os.path.realpath(root / MEMORY_FILE):
            return root if settings_file(root).is_file() else None
    return None
