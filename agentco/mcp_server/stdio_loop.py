"""The loop between stdin and stdout: whatever has arrived is answered together, and nobody waits for a slow reader."""

import os
import signal
import sys
from pathlib import Path
from select import PIPE_BUF, select

from agentco.adapters.files.memory_file import MemoryFile
from agentco.cli import current_company
from agentco.kernel.errors import CompanyBroken
from agentco.mcp_server.session import Session
from agentco.memory.graph import MEMORY_FILE

CHUNK_BYTES, MAX_READ_BYTES = 1 << 16, 1 << 24


def open_memory_file() -> MemoryFile:
    """The file that MEMORY_FILE_PATH names, from the current folder on, else that of the company we stand in.

    Raises CompanyBroken when there is neither, or the company does not want to be written in.
    """
    if named := os.environ.get("MEMORY_FILE_PATH"):
        return MemoryFile(Path(named).absolute())
    root = current_company.company_root()
    if not current_company.settings_file(root).is_file():
        what = f"{str(root)!r} has no .github/agentco.yml, so nothing is written in it"
        raise CompanyBroken(
            what,
            hint="agentco init adopts the folder; MEMORY_FILE_PATH names a file without a company",
        )
    return MemoryFile(root / MEMORY_FILE, within=root)


def serve(name: str, *, trusted: bool = False, source: int = 0, sink: int = 1) -> int:
    """Answer until nothing more comes and everything is read; returns the exit code."""
    session = Session(
        open_memory_file(), now=current_company.now_iso, name=name, trusted=trusted
    )
    if os.isatty(source):
        sys.stderr.write(
            f"serving {session.file.path} to an MCP client on stdin and stdout; Ctrl-D ends it\n"
        )
    try:
        exchange_messages(session, source, sink)
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    except (BrokenPipeError, ConnectionResetError):
        return 128 + signal.SIGPIPE
    return 0


def exchange_messages(session: Session, source: int, sink: int) -> None:
    """Read and write as either is possible."""
    out, rest, open_ = bytearray(), b"", True
    while open_ or out:
        readable, writable, _ = select(
            [source] if open_ else [], [sink] if out else [], []
        )
        if readable:
            data = read_available(source)
            open_ = bool(data)
            *lines, rest = (rest + data).split(b"\n")
            out += session.reply_to(lines)
        elif writable:
            # so much never blocks where something can be written
            del out[: os.write(sink, out[:PIPE_BUF])]


def read_available(source: int) -> bytes:
    """All that can be read without waiting; nothing at the end."""
    data = bytearray(os.read(source, CHUNK_BYTES))
    while (
        data
        and len(data) < MAX_READ_BYTES
        and select([source], [], [], 0)[0]
        and (more := os.read(source, CHUNK_BYTES))
    ):
        data += more
    return bytes(data)
