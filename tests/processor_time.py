"""A limit on what a test may compute, whatever else the machine does meanwhile."""

import signal
from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def seconds_of_work(most: float) -> Generator[None]:
    """End a `with` by an error once it has computed for so long."""

    def stop(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, most)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
