"""What `--out` wrote: known to the state like every file that a run writes."""

from msgspec import Struct

from agentco.desk.open_company import OpenCompany
from agentco.ports.stored_values import WrittenFile
from agentco.runs.run import Run


class OutVersion(Struct, frozen=True, kw_only=True):
    """A version that was written at a path of the company, else of the disk.

    `before` and `after` are sha256, `before` empty where nothing stood; `kept` is where that
    version lies now, empty for nowhere.
    """

    before: str
    after: str
    kept: str


def versions_by_prompt(company: OpenCompany, prompt: str, path: str) -> frozenset[str]:
    """The hashes of what a prompt wrote at a path."""
    files = company.read_state(lambda tx: tx.files_written_at(path), ())
    return frozenset(file.after for file in files if file.is_of_prompt(prompt))


def record_out_file(
    company: OpenCompany, run: Run, path: str, version: OutVersion
) -> None:
    """Remember what was written at a path for a run."""
    if version.before == version.after:
        return
    file = WrittenFile(
        path=path,
        before=version.before,
        after=version.after,
        kept=version.kept,
        run=run.id,
        root=run.root,
        agent=run.agent,
        prompt=run.prompt,
        at=company.now_iso(),
    )
    company.write_state(lambda tx: tx.save_written_file(file))
