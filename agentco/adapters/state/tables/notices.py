"""When the founder was last told of what."""

from collections.abc import Iterable
from datetime import datetime

from agentco.adapters.state.tables.statements import Statements


class NoticeTable(Statements):
    """One row for each thing and each event that was told."""

    def told_notices(self) -> dict[str, datetime]:
        """Return when each key was last told."""
        rows = self.select("told_notices")
        return {key: datetime.fromisoformat(at) for key, at in rows}

    def save_notices(self, keys: Iterable[str], at: str) -> None:
        """Remember that these were told."""
        self.change_each("save_notice", ({"key": key, "at": at} for key in keys))

    def remove_notices(self, keys: Iterable[str]) -> None:
        """Forget that these were told."""
        self.change_each("remove_notice", ({"key": key} for key in keys))

    def forget_notices(self, before: str) -> None:
        """Forget what was told before then."""
        self.change("forget_notices", before=before)
