"""The loop between stdin and stdout: what has arrived is answered together; no reader stalls it."""

import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from select import PIPE_BUF, select

from agentco.kernel.errors import StateBroken
from agentco.mcp_server.session import Session, SharedMemory

CHUNK_BYTES = 1 << 16
MAX_READ_BYTES = 1 << 24


def serve(
    memory: SharedMemory,
    *,
    now: Callable[[], str],
    name: str = "",
    trusted: bool = False,
    source: int = 0,
    sink: int = 1,
) -> int:
    """Answer until nothing more comes and everything is read; returns the exit code.

    `now` gives the time of a line (ISO); `source` and `sink` are file descriptors.
    """
    session = Session(memory, now=now, name=name, trusted=trusted)
    if os.isatty(source):
        where = f"serving {memory.path} to an MCP client on stdin and stdout"
        sys.stderr.write(f"{where}; Ctrl-D ends it\n")
    try:
        exchange_messages(session, source, sink)
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    except (BrokenPipeError, ConnectionResetError):
        return 128 + signal.SIGPIPE
    except OSError as error:  # a closed stdin or stdout, or one on a full disk
        with suppress(AttributeError, OSError):  # stderr may be closed as well
            why = error.strerror or error
            sys.stderr.write(f"error: stdin or stdout does not work: {why}\n")
        return StateBroken.exit_code
    return 0


def exchange_messages(session: Session, source: int, sink: int) -> None:
    """Read and write as either is possible."""
    out = bytearray()
    rest = b""
    is_open = True
    while is_open or out:
        sources = [source] if is_open else []
        sinks = [sink] if out else []
        readable, writable, _ = select(sources, sinks, [])
        if readable:
            data = read_available(source)
            is_open = bool(data)
            *lines, rest = (rest + data).split(b"\n")
            out += session.reply_to(lines)
        elif writable:
            # so much never blocks where something can be written
            del out[: os.write(sink, out[:PIPE_BUF])]


def read_available(source: int) -> bytes:
    """All that can be read without waiting; nothing at the end."""
    data = bytearray()
    while chunk := os.read(source, CHUNK_BYTES):
        data += chunk
        if len(data) >= MAX_READ_BYTES or not select([source], [], [], 0)[0]:
            break
    return bytes(data)
