"""Lines that agents wrote, by their fingerprints."""

from collections.abc import Iterable

from agentco.adapters.state.tables.statements import Statements, json_array
from agentco.ports.stored_values import AGENT_LINES_KEPT


class AgentLineTable(Statements):
    """One row for each line; one that is written again is new again."""

    def save_agent_lines(self, fingerprints: Iterable[str]) -> None:
        """Remember lines that an agent wrote, and forget the oldest of too many."""
        rows = [{"fingerprint": fingerprint} for fingerprint in fingerprints]
        if rows:
            self.change_each("save_agent_line", rows)
            self.change("forget_agent_lines", kept=AGENT_LINES_KEPT)

    def known_agent_lines(self, fingerprints: Iterable[str]) -> frozenset[str]:
        """Return those that are remembered."""
        names = json_array(fingerprints)
        rows = self.select("known_agent_lines", fingerprints=names)
        return frozenset(fingerprint for (fingerprint,) in rows)
