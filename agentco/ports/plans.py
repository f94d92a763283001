"""What a plan and its program say of themselves; an adapter asks, and no model is asked for it."""

from datetime import datetime, tzinfo

from msgspec import Struct

FULL = 100.0
"""Percent."""
_FAMILIES = frozenset({"opus", "sonnet", "haiku", "fable"})
"""Words in a window's name that say which models it counts."""
_WEEKDAY_S = 6 * 24 * 3600
"""Up to then a weekday says which day is meant."""
_LATEST = 253_000_000_000.0
"""The year 9987: what a vendor says beyond it is no date."""


class PlanWindow(Struct, frozen=True, kw_only=True):
    """A window: how much of it is used, in percent, and when it begins anew, as a Unix time."""

    name: str
    used: float
    resets: float

    def counts(self, model: str) -> bool:
        """Whether the calls of a model count in it."""
        families = _FAMILIES.intersection(self.name.split("_"))
        return not families or any(family in model for family in families)

    def keeps_back(self, leave: int | None) -> bool:
        """Whether no more of it may be used when `leave` percent are the founder's."""
        return self.used > FULL - (leave or 0) or self.used >= FULL

    @property
    def title(self) -> str:
        """What it is called: `five_hour` is a five-hour window."""
        return f"{self.name.replace('_', '-')} window"

    def reset_moment(self, zone: tzinfo) -> datetime:
        """The moment at which it begins anew."""
        return datetime.fromtimestamp(min(self.resets, _LATEST), zone)

    def reset_time(self, now: float, zone: tzinfo) -> str:
        """When it begins anew: the weekday where that is clear, else the date."""
        moment = self.reset_moment(zone)
        is_near = self.resets - now < _WEEKDAY_S
        return f"{moment:%a %H:%M}" if is_near else f"{moment:%Y-%m-%d %H:%M}"

    def why_resting(self, leave: int | None, now: float, zone: tzinfo) -> str:
        """Why no model is asked that counts in it, once it `keeps_back`."""
        until = f"rests until {self.reset_time(now, zone)}"
        if self.used < FULL:
            shares = f"{self.used:.0f}% is used, {leave}% is kept for you"
            return f"{until}: of its {self.title} {shares}"
        return f"{until}: its {self.title} is used up"


class ProgramState(Struct, frozen=True, kw_only=True):
    """The program of a plan: where it lies, its version, and whose login it has.

    `provider` is the plan's name in the settings. `version` is empty where it was not started,
    `login` and `signed_in` say nothing where the program does not. `problem` says why no model of
    the plan can be asked, with what to do in `hint`; both are empty when one can.
    """

    provider: str
    name: str
    path: str = ""
    version: str = ""
    login: str = ""
    signed_in: bool | None = None
    problem: str = ""
    hint: str = ""
    windows: tuple[PlanWindow, ...] = ()

    @property
    def words(self) -> str:
        """How it stands, in a line."""
        if not self.path:
            return self.problem
        what = f"{self.name} {self.version}".rstrip()
        line = f"{what} at {self.path}"
        if self.problem:
            return f"{line}, {self.problem}"
        if not self.version:
            return f"{line}, not started until you trust this folder"
        if self.signed_in is None:
            return f"{line}, which does not say whether anybody is signed in"
        who = f" as {self.login}" if self.login else "; it does not say who"
        return f"{line}, signed in{who}"
