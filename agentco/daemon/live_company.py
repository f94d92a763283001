"""The company as the daemon works by it now; a reload puts other files and another office in."""

from dataclasses import dataclass

from agentco.engine.ports import CompanyPort
from agentco.wiring import CompanyOffice, CompanyPorts


@dataclass(kw_only=True)
class LiveCompany:
    """One company while its daemon runs. Whoever needs it looks here anew each time."""

    edges: CompanyPorts
    office: CompanyOffice

    @property
    def files(self) -> CompanyPort:
        """The company's own files, as they were read last."""
        return self.edges.company
