"""The files that work left behind, as the founder is told of them."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from agentco.board.document import BOARD_FILE
from agentco.day.facts import MadeFact
from agentco.kernel.run_ids import is_within
from agentco.ports.store import Transaction
from agentco.ports.stored_values import WrittenFile

REPORT_MADE_FOR = timedelta(days=1)


def files_of_run(tx: Transaction, root: str, run: str) -> tuple[WrittenFile, ...]:
    """The last version of each file that a run or what it started wrote, in order."""
    written = tx.files_written_by(root)
    return latest_versions(file for file in written if is_within(file.run, run))


def made_files(tx: Transaction, moment: datetime) -> tuple[MadeFact, ...]:
    """What prompts wrote into files since yesterday."""
    since = (moment - REPORT_MADE_FOR).isoformat(timespec="seconds")
    until = moment.isoformat(timespec="seconds")
    files = [
        file
        for file in tx.files_written_since(since)
        if file.prompt and file.path != BOARD_FILE and file.at <= until
    ]
    return tuple(
        MadeFact(
            file=file.path,
            prompt=file.prompt,
            agent=file.agent,
            run=file.root,
            at=file.at,
        )
        for file in latest_versions(files)
    )


def latest_versions(files: Iterable[WrittenFile]) -> tuple[WrittenFile, ...]:
    """Of each path only the last version, where that stands."""
    latest = dict[str, WrittenFile]()
    for file in files:
        latest.pop(file.path, None)
        latest[file.path] = file
    return tuple(latest.values())


def written_line(file: WrittenFile) -> str:
    """What became of a file, in one line."""
    kept = f" (the version before: {file.kept})" if file.kept else ""
    return f"wrote {file.path}{kept}"
