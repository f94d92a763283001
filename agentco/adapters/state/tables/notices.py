"""When the founder was last told of what."""

from collections.abc import Iterable
from datetime import datetime

from agentco.adapters.state.tables.statements import Statements


class NoticeTable(Statements):
    """One row for each thing and each event that was told."""

    def told_notices(self) -> dict[str, datetime]:
        """Return when each key was last told."""
        times: dict[str, datetime] = {}
        for key, at in self.select("told_notices"):
            times[key] = datetime.fromisoformat(at)
        return times

    def save_notices(self, keys: Iterable[str], at: str) -> None:
        """Remember that these were told."""
        rows = [{"key": key, "at": at} for key in keys]
        self.change_each("save_notice", rows)

    def remove_notices(self, keys: Iterable[str]) -> None:
        """Forget that these were told."""
        rows = [{"key": key} for key in keys]
        self.change_each("remove_notice", rows)

    def forget_notices(self, before: str) -> None:
        """Forget what was told before then."""
        self.change("forget_notices", before=before)
