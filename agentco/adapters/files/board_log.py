"""What agentco changed on the board last, kept so that it can be taken back."""

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import msgspec

from agentco.adapters.files.durable_disk import (
    Disk,
    prepare_replacement,
    temporary_path,
)
from agentco.adapters.files.file_lock import prepare_lock_path
from agentco.adapters.files.rare_lock import hold_rare_lock
from agentco.adapters.files.safe_read import read_regular
from agentco.board.taking_back import BoardRecord
from agentco.kernel.errors import AgentcoError

LOG_FILE = "BOARD.changes.jsonl"
MAX_RECORDS = 100
MAX_LOG_BYTES = 8_000_000
"""What is longer was written by nobody of us: a change holds the lines it touched."""
LOG_MODE = 0o600


def read_log(board: Path) -> list[BoardRecord]:
    """The last changes of a board, the newest last. A line that cannot be read is none."""
    place = log_path(board)
    try:
        data = read_regular(place, most=MAX_LOG_BYTES)
    except (OSError, AgentcoError):
        return []
    records: list[BoardRecord] = []
    for line in data.splitlines():
        with suppress(ValueError, msgspec.ValidationError, RecursionError):
            record = msgspec.convert(json.loads(line), BoardRecord)
            if _is_ours(record):
                records.append(record)
    return records


def _is_ours(record: BoardRecord) -> bool:
    """Whether we could have written a record: its words are told, and its lines stood in a file."""
    told = f"{record.did}{record.task}{record.title}{record.at}"
    if "\n" in told or "\r" in told:
        return False
    lines = [line for change in record.changes for line in change.before]
    try:
        "".join((told, *lines)).encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return False
    return True


def add_to_log(board: Path, record: BoardRecord) -> bool:
    """Keep a change; False where it cannot be kept, for the board was changed by then."""
    is_kept = len(_encode_newest([record])) > 0
    return is_kept and _rewrite_log(board, lambda records: [*records, record])


def remove_from_log(board: Path, record: BoardRecord) -> bool:
    """Forget a change that was taken back."""

    def remove(records: list[BoardRecord]) -> list[BoardRecord]:
        return [other for other in records if other != record]

    return _rewrite_log(board, remove)


def log_path(board: Path) -> Path:
    """Where the changes of a board are kept: beside its lock."""
    return prepare_lock_path(board).with_name(LOG_FILE)


def _rewrite_log(
    board: Path, change: Callable[[list[BoardRecord]], list[BoardRecord]]
) -> bool:
    place = log_path(board)
    try:
        with hold_rare_lock(board.with_name(LOG_FILE)):
            data = _encode_newest(change(read_log(board)))
            temporary_path(place).unlink(missing_ok=True)
            with prepare_replacement(Disk(), place, data, LOG_MODE) as replace:
                replace()
    except (OSError, AgentcoError):
        return False
    return True


def _encode_newest(records: list[BoardRecord]) -> bytes:
    """The newest records, as many as the log may hold, the newest last."""
    lines: list[bytes] = []
    size = 0
    for record in reversed(records[-MAX_RECORDS:]):
        line = json.dumps(msgspec.to_builtins(record)).encode() + b"\n"
        size += len(line)
        if size > MAX_LOG_BYTES:
            break
        lines.append(line)
    return b"".join(reversed(lines))
