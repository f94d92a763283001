"""The bars of `agentco up`: how soon what was killed goes on, and what an idle company costs.

python benchmarks/daemon.py [--rounds 9]
"""

import argparse
import asyncio
import compileall
import os
import re
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TypeVar

import psutil
from bench_company import company, serving
from start import AGENTCO, ROOT, told

T = TypeVar("T")
PATIENCE_S, IDLE_S = 60.0, 30.0
SENT = """
SELECT effects.root, effects.driver FROM effects
JOIN runs ON runs.id = effects.root AND runs.driver = effects.driver
WHERE effects.state = 'sent'
"""
DEPARTMENTS = (
    "ceo",
    "cfo",
    "coo",
    "marketing",
    "accountant",
    "lawyer",
    "cto",
    "improver",
)
ANSWERS = {"*": [{"text": "Late.", "delay": 600}]}
OFTEN = "\nsupervision: {agents: {restarts: 1000, within: 1s}}\n"


class Bench:
    """One company at work, looked at from outside."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.db = root / ".agentco/state.db"

    def sent(self) -> dict[str, str]:
        """The drivers that wait for a model, by run."""
        with closing(sqlite3.connect(self.db)) as db:
            return dict(db.execute(SENT).fetchall())

    def pid(self, driver: str) -> int:
        return int((self.root / ".agentco/drivers" / driver).read_text())

    def begin(self, agents: tuple[str, ...]) -> list[str]:
        from agentco.briefing.prompt_parts import Assignment
        from agentco.engine.start import RunRequest, start_run
        from agentco.wiring import open_company

        async def begun() -> list[str]:
            with open_company(self.root).open_office(drives=False) as office:
                found = [office.company.find_agent(name) for name in agents]
                works = [
                    RunRequest(
                        agent=a,
                        work=Assignment(task="Work.", today=office.today()),
                        title="Work.",
                        quick=True,
                    )
                    for a in found
                    if a
                ]
                return [await start_run(wish, office) for wish in works]

        return asyncio.run(begun())


def quiet_company(root: Path, url: str) -> Path:
    """The sample company; nothing is overdue, and a run may be restarted without limit."""
    company(root, url)
    for prompt in (root / ".github/prompts").glob("*.md"):
        text = re.sub(r"(?m)^  catch_up:.*\n", "", prompt.read_text())
        prompt.write_text(
            re.sub(r"(?m)^(  schedule:.*\n)", r"\1  catch_up: skip\n", text)
        )
    settings = root / ".github/agentco.yml"
    settings.write_text(settings.read_text() + OFTEN)
    return root


def until(true: Callable[[], T]) -> T:
    end = time.monotonic() + PATIENCE_S
    while not (found := true()):
        if time.monotonic() > end:
            sys.exit("it never came")
        time.sleep(0.001)
    return found


@contextmanager
def up(bench: Bench) -> Generator[subprocess.Popen[bytes]]:
    with subprocess.Popen(
        [*AGENTCO, "--company", str(bench.root), "up"], stdout=subprocess.DEVNULL
    ) as process:
        try:
            lock = bench.root / ".agentco/up.lock"
            until(
                lambda: (
                    lock.exists()
                    and len(lock.read_text().split()) == 3
                    and lock.read_text().startswith(f"{process.pid}\n")
                )
            )
            yield process
        finally:
            process.terminate()
            process.wait(PATIENCE_S)


def server_of(process: "subprocess.Popen[bytes]") -> psutil.Process:
    return until(
        lambda: [
            c
            for c in psutil.Process(process.pid).children()
            if "daemon.run_server" in " ".join(c.cmdline())
        ]
    )[0]


def restarted(bench: Bench, run: str, rounds: int) -> list[float]:
    """The milliseconds from SIGKILL of a run to its next effect that is sent."""
    taken = list[float]()
    for _ in range(rounds):
        driver = until(lambda: bench.sent().get(run))
        time.sleep(2.5)  # the restarts before are forgotten, so this one does not wait
        began = time.perf_counter()
        os.kill(bench.pid(driver or ""), signal.SIGKILL)
        until(lambda before=driver: bench.sent().get(run, before) != before)
        taken.append((time.perf_counter() - began) * 1000)
    return taken


def going_on(bench: Bench, before: dict[str, str]) -> float:
    """The seconds until all runs wait for a model again, with other drivers."""
    began = time.perf_counter()
    until(
        lambda: (
            (now := bench.sent()).keys() == before.keys()
            and not set(now.values()) & set(before.values())
        )
    )
    return time.perf_counter() - began


def pss(*processes: psutil.Process) -> float:
    return sum(process.memory_full_info().pss for process in processes) / 1e6


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--rounds", type=int, default=9)
    rounds = options.parse_args().rounds
    compileall.compile_dir(ROOT / "agentco", quiet=1)
    os.environ["XDG_STATE_HOME"] = tempfile.mkdtemp()
    print(f"python benchmarks/daemon.py, load of the machine {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder), ANSWERS) as url:
        bench = Bench(quiet_company(Path(folder) / "company", url))
        idle(bench)
        runs = bench.begin(DEPARTMENTS)
        with up(bench) as process:
            until(lambda: bench.sent().keys() == set(runs))
            alive = psutil.Process(process.pid).children(recursive=True)
            whole, alone = pss(*alive), pss(server_of(process))
            told(
                "PSS of one more live root run, beside the server",
                (whole - alone) / len(runs),
                "MB",
                (whole - alone) / len(runs) / 25,
                1,
            )
            median = statistics.median(restarted(bench, runs[0], rounds))
            told(
                "SIGKILL of a run, until its next call is sent",
                median,
                "ms",
                median / 150,
                1,
            )
            before = bench.sent()
            server_of(process).kill()
            took = going_on(bench, before)
            told(
                "SIGKILL of the run server, until 8 runs go on", took, "s", took / 3, 1
            )
            before = bench.sent()
            process.kill()
            process.wait()
            until(
                lambda: not any(one.is_running() for one in alive)
            )  # also where ids come round
        with up(bench):
            pass
        began = time.perf_counter()
        with up(bench):
            took = going_on(bench, before) + time.perf_counter() - began
        told("start of the next daemon, until 8 runs go on", took, "s", took / 3, 1)


def idle(bench: Bench) -> None:
    """What stands there while nothing happens."""
    serve = [*AGENTCO, "--company", str(bench.root), "mcp"]
    with (
        up(bench) as process,
        subprocess.Popen(
            serve, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
        ) as memory,
    ):
        time.sleep(5)
        every = [
            psutil.Process(process.pid),
            server_of(process),
            psutil.Process(memory.pid),
        ]
        before = [sum(one.cpu_times()[:2]) for one in every]
        time.sleep(IDLE_S)
        busy = [
            (sum(one.cpu_times()[:2]) - b) / IDLE_S * 100
            for one, b in zip(every, before, strict=True)
        ]
        each = ", ".join(f"{pss(one):.0f}" for one in every)
        whole = pss(*every)
        told(f"idle PSS of all three ({each})", whole, "MB", whole / 256, 1)
        shares = ", ".join(f"{share:.2f}" for share in busy)
        print(f"idle CPU: daemon, run server, memory server   {shares} %")
        memory.kill()


if __name__ == "__main__":
    main()
