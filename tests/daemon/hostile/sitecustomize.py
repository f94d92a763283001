"""Run processes that misbehave when a test sends them a signal; Python imports this by itself where PYTHONPATH says."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable

DEAF = "import signal, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"


def beside(act: Callable[[], None]) -> Callable[..., None]:
    """In a thread, so that the process shows that it lives."""
    return lambda *_: threading.Thread(target=act, daemon=True).start()


def hang(*_: object) -> None:
    while True:
        pass


def leak() -> None:
    kept = list[bytearray]()
    while True:
        kept.append(bytearray(b"x" * 20_000_000))
        time.sleep(0.02)


def breed() -> None:
    """Fork for ever, each child as well."""
    while True:
        try:
            os.fork()
        except OSError:
            time.sleep(0.01)
        time.sleep(0.2)


def hide(*_: object) -> None:
    """Leave children behind in every way that there is: deaf, in their own session, orphaned, stopped, zombies."""
    subprocess.Popen([sys.executable, "-c", DEAF])
    subprocess.Popen([sys.executable, "-c", DEAF], start_new_session=True)
    stopped = subprocess.Popen(["sleep", "600"], start_new_session=True)
    os.kill(stopped.pid, signal.SIGSTOP)
    if not os.fork():
        os._exit(0)  # nobody ever asks for its end
    if not os.fork():
        os.setsid()
        if not os.fork():
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            while True:
                time.sleep(0.05)
                if not os.fork():  # each is the child of one that is gone
                    os.setsid()
                    time.sleep(0.3)
                    os._exit(0)
        os._exit(0)


def poisoned() -> None:
    for n, act in enumerate((hang, beside(leak), beside(breed), hide), 1):
        signal.signal(signal.SIGRTMIN + n, act)


os.register_at_fork(after_in_child=poisoned)
