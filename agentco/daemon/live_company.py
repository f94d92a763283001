"""The company as the daemon works by it now; a reload puts other files and another office in."""

from dataclasses import dataclass

from agentco.desk.open_company import OpenCompany
from agentco.engine.office import Office


@dataclass(kw_only=True)
class LiveCompany:
    """One company while its daemon runs. Whoever needs it looks here anew each time."""

    company: OpenCompany
    office: Office
