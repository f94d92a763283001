"""Memories whose lines are validly signed, as the programs sign them that hold the company's key."""

import os
from pathlib import Path

from agentco.adapters.files import MemoryKey, new_key
from agentco.memory import MemoryRecord, OtherLine, records_in_line, sign_raw


def memory_key(file: Path) -> bytes:
    """The key of a memory, made if there is none."""
    key = MemoryKey(Path(os.path.realpath(file)), None)
    if not key.read():
        key.keep(new_key())
    return key.read()


def signed(file: Path, data: bytes) -> bytes:
    """The lines as whoever they name would have signed them; what is no record stays."""
    key = memory_key(file)
    lines = data.split(b"\n")
    for i, line in enumerate(lines):
        for row in records_in_line(line, 0):
            if isinstance(row, MemoryRecord) and not isinstance(row.line, OtherLine):
                lines[i] = lines[i].replace(row.raw, sign_raw(row.raw, key), 1)
    return b"\n".join(lines)


def write_signed(file: Path, data: bytes) -> None:
    """Write a memory whose lines are what they say."""
    file.write_bytes(signed(file, data))
