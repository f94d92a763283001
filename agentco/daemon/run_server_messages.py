"""What the daemon and its run server say to one another, over a pair of sockets between the two."""

from msgspec import Struct

from agentco.desk.open_company import CompanyFiles


class BeginRun(Struct, frozen=True):
    """Drive this root run in a process of its own."""

    run: str


class StopRun(Struct, frozen=True):
    """End a run: it is asked to, and killed after so many milliseconds; never with None."""

    run: str
    ms: int | None


ServerOrder = CompanyFiles | BeginRun | StopRun
"""The company is what every run after it works by."""


class RunEnded(Struct, frozen=True):
    """The process of a run is gone with all below it: why, which limit it broke, and whether it was to end."""

    run: str
    code: int
    why: str
    limit: str = ""
    stopped: bool = False
