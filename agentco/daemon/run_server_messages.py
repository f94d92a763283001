"""What the daemon and its run server say to one another, over a pair of sockets between the two."""

from msgspec import Struct

from agentco.desk.open_company import CompanyFiles


class UseCompany(Struct, frozen=True):
    """Have every run from now on work by these files of the company."""

    company: CompanyFiles


class BeginRun(Struct, frozen=True):
    """Drive this root run in a process of its own."""

    run: str


class StopRun(Struct, frozen=True):
    """Ask a run to end; kill it after `ms` milliseconds, at once with 0, never with None."""

    run: str
    ms: int | None


ServerOrder = UseCompany | BeginRun | StopRun


class RunEnded(Struct, frozen=True):
    """The process of a run is gone with all below it.

    `why` says how, `limit` which limit it broke, `stopped` whether it was to end.
    """

    run: str
    code: int
    why: str
    limit: str = ""
    stopped: bool = False
