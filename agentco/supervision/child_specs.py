"""What a supervisor is told about its children, and how often it tries again."""

from collections.abc import Callable, Iterable
from enum import StrEnum
from math import floor
from typing import Any

from msgspec import Struct


class RestartRule(StrEnum):
    """PERMANENT is restarted always, TRANSIENT unless it ended in order, TEMPORARY forgotten."""

    PERMANENT = "permanent"
    TRANSIENT = "transient"
    TEMPORARY = "temporary"


class Strategy(StrEnum):
    """Who is restarted with a child: nobody, all the others, those started after it."""

    ONE_FOR_ONE = "one_for_one"
    ONE_FOR_ALL = "one_for_all"
    REST_FOR_ONE = "rest_for_one"


class AutoShutdown(StrEnum):
    """Whether the supervisor ends when a significant child ended by itself, or the last did."""

    NEVER = "never"
    ANY_SIGNIFICANT = "any_significant"
    ALL_SIGNIFICANT = "all_significant"


class ChildSpec(Struct, frozen=True, kw_only=True):
    """One child: `make` makes one life of it, which has `shutdown` milliseconds to end when asked.

    What OTP calls brutal_kill is 0 of them, infinity is None.
    """

    id: str
    make: Callable[[], Any]
    restart: RestartRule = RestartRule.PERMANENT
    shutdown: int | None = 5000
    significant: bool = False


class Policy(Struct, frozen=True, kw_only=True):
    """What holds for all children: with more than `intensity` restarts in `period` seconds it ends.

    `backoff` has the seconds to wait before the first restart of a period, the second and so on;
    the last of them holds for all that follow. OTP knows no waiting.
    """

    strategy: Strategy = Strategy.ONE_FOR_ONE
    intensity: int = 1
    period: int = 5
    auto_shutdown: AutoShutdown = AutoShutdown.NEVER
    backoff: tuple[float, ...] = ()

    def recent_attempts(self, before: Iterable[int], now: float) -> tuple[int, ...]:
        """The attempts that count, this one among them, in whole seconds as OTP has them."""
        second = floor(now)
        recent = [moment for moment in before if moment >= second - self.period]
        return (*recent, second)

    def restart_delay(self, attempt: int) -> float:
        """The seconds to wait before an attempt, counted from 1."""
        if not self.backoff:
            return 0
        return self.backoff[min(attempt, len(self.backoff)) - 1]

    def why_refused(self, spec: ChildSpec) -> str:
        """Why there can be no such child; empty when there can."""
        if not spec.significant:
            return ""
        where = f"{spec.id!r} cannot be significant"
        if self.auto_shutdown is AutoShutdown.NEVER:
            return f"{where} where nothing shuts down by itself"
        if spec.restart is RestartRule.PERMANENT:
            return f"{where}, it is restarted always"
        return ""
