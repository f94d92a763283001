"""Whether the company is up, and what goes on, as JSON."""

from typing import TYPE_CHECKING

from msgspec import to_builtins

from agentco.kernel.documents import Document

if TYPE_CHECKING:
    from agentco.desk.company_status import CompanyStatus
    from agentco.ports.daemon import RunningDaemon


def status_document(
    daemon: "RunningDaemon | None", status: "CompanyStatus"
) -> Document:
    """The document of `status --json`."""
    document: Document = {"up": daemon is not None}
    document.update(pid=None, host=None, since=None)
    if daemon:
        document.update(to_builtins(daemon))
    document.update(to_builtins(status))
    return document
