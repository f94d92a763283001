"""Who is halted, and who may only read."""

from msgspec.structs import asdict

from agentco.adapters.state.tables.statements import Statements
from agentco.ports.stored_values import Halt, Restriction


class ControlTables(Statements):
    """One row for each halt, and for each restriction."""

    def insert_halt(self, halt: Halt) -> bool:
        """Add a halt; False if there was one."""
        return self.change("insert_halt", **asdict(halt)) > 0

    def delete_halt(self, scope: str) -> bool:
        """Delete a halt; False if there was none."""
        return self.change("delete_halt", scope=scope) > 0

    def halts(self) -> list[Halt]:
        """Return every halt, by scope."""
        return self.select_as(Halt, "halts")

    def insert_restriction(self, restriction: Restriction) -> bool:
        """Add a restriction; False if there was one."""
        return self.change("insert_restriction", **asdict(restriction)) > 0

    def delete_restriction(self, agent: str) -> bool:
        """Delete a restriction; False if there was none."""
        return self.change("delete_restriction", agent=agent) > 0

    def restrictions(self) -> list[Restriction]:
        """Return every restriction, the oldest first."""
        return self.select_as(Restriction, "restrictions")
