"""How far each window of a plan is used, as its vendor said last.

A plan is its founder's, not a company's: what one company hears, all of this user's companies know.
It is kept beside the user's trust, and worth nothing once a window has ended.
"""

import os
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from agentco.company.model_offers import ModelOffer
from agentco.ports.plans import PlanWindow

WINDOWS_FILE = "plans.json"


class PlanWindows:
    """The windows of a user's plans, in a file; one that cannot be read or written is none."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def of_plan(self, kind: str, now: float) -> list[PlanWindow]:
        """The windows of a plan that have not ended."""
        windows = self._read().get(kind, {}).values()
        return [window for window in windows if window.resets > now]

    def counting(self, offer: ModelOffer, now: float) -> list[PlanWindow]:
        """The windows in which the calls of a model count."""
        windows = self.of_plan(offer.wire, now)
        return [window for window in windows if window.counts(offer.model)]

    def full_for(self, offer: ModelOffer, now: float) -> PlanWindow | None:
        """The window that keeps a model from being asked the longest: the rest is the founder's."""
        windows = self.counting(offer, now)
        full = [window for window in windows if window.keeps_back(offer.leave)]
        return max(full, key=lambda window: window.resets, default=None)

    def learn(self, kind: str, windows: Iterable[PlanWindow]) -> None:
        """Keep what was just heard of a plan."""
        heard = {window.name: window for window in windows}
        if not heard:
            return
        known = self._read()
        known[kind] = known.get(kind, {}) | heard
        try:
            self._write(known)
        except OSError:
            return  # the vendor says it again with the next answer

    def _read(self) -> dict[str, dict[str, PlanWindow]]:
        try:
            data = self._file.read_bytes()
            return msgspec.json.decode(data, type=dict[str, dict[str, PlanWindow]])
        except (OSError, ValueError):
            return {}

    def _write(self, known: Mapping[str, Mapping[str, PlanWindow]]) -> None:
        self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, draft = tempfile.mkstemp(dir=self._file.parent)
        with os.fdopen(descriptor, "wb") as file:
            file.write(msgspec.json.encode(known))
        Path(draft).replace(self._file)
