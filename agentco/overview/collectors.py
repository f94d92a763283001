"""Collectors run side by side, each with a time limit, and each fails alone."""

from collections.abc import Callable, Mapping
from threading import Lock, Thread
from time import perf_counter
from typing import Generic, TypeVar

from agentco.day.facts import StandupFacts
from agentco.day.report import CollectorReport
from agentco.kernel.errors import AgentcoError

COLLECT_LIMIT_S = 10.0
T = TypeVar("T")

Collector = Callable[[], StandupFacts]


class LoadOnce(Generic[T]):
    """A value that several collectors need and one of them loads; its failure is everybody's."""

    def __init__(self, load: Callable[[], T]) -> None:
        self._load = load
        self._lock = Lock()
        self._found: list[T] = []

    def value_or(self, otherwise: T) -> T:
        """The value if it was loaded."""
        return self._found[0] if self._found else otherwise

    def __call__(self) -> T:
        """The value, loaded at most once when loading works."""
        with self._lock:
            if not self._found:
                self._found.append(self._load())
            return self._found[0]


class _CollectorThread(Thread):
    def __init__(self, name: str, collect: Collector) -> None:
        super().__init__(name=name, daemon=True)
        self._collect = collect
        self.facts = StandupFacts()
        self.error: str | None = None
        self.hint: str | None = None
        self.started = perf_counter()
        self.ms: int | None = None

    def run(self) -> None:
        try:
            self.facts = self._collect()
        except Exception as error:  # noqa: BLE001  a collector fails alone, whatever broke it
            self.error = str(error) or type(error).__name__
            self.hint = error.hint if isinstance(error, AgentcoError) else None
        self.ms = round((perf_counter() - self.started) * 1000)

    def make_report(self, limit_s: float) -> CollectorReport:
        """How it did so far; one that is still at work is given up."""
        if self.ms is None:
            waited = round((perf_counter() - self.started) * 1000)
            late = f"no answer within {limit_s:g} s"
            return CollectorReport(name=self.name, ok=False, ms=waited, error=late)
        return CollectorReport(
            name=self.name,
            ok=self.error is None,
            ms=self.ms,
            error=self.error,
            hint=self.hint,
        )


def run_collectors(
    collectors: Mapping[str, Collector], limit_s: float = COLLECT_LIMIT_S
) -> tuple[tuple[CollectorReport, ...], tuple[StandupFacts, ...]]:
    """Run all collectors, waiting no longer than the limit.

    Reports and facts come in the order of the collectors.
    """
    attempts = [_CollectorThread(name, run) for name, run in collectors.items()]
    for attempt in attempts:
        attempt.start()
    end = perf_counter() + limit_s
    for attempt in attempts:
        attempt.join(max(0.0, end - perf_counter()))
    reports = tuple(attempt.make_report(limit_s) for attempt in attempts)
    return reports, tuple(
        a.facts for a, r in zip(attempts, reports, strict=True) if r.ok
    )
