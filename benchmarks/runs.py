"""The bars of runs: one ask beside `llm`, what durability costs, many at once; medians, ratios.

python benchmarks/runs.py [--rounds 9]
"""

import argparse
import asyncio
import compileall
import json
import os
import resource
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench_company import LINE, QUESTION, company, serving
from start import AGENTCO, ROOT, command, interleaved, told

if TYPE_CHECKING:
    from agentco.engine.office import Office

LLM = ROOT / "build" / "llm"
EXTRA = (
    '- model_id: bench\n  model_name: m\n  api_base: "{url}"\n  api_key_name: bench\n'
)
AT_ONCE, PROCESSES, DELAY = 200, 16, 0.2


def peer(place: Path, url: str) -> dict[str, str] | None:
    """The environment of `llm` that asks the same server; None when it cannot be installed."""
    if not (LLM / "bin/llm").exists():
        subprocess.run([sys.executable, "-m", "venv", str(LLM)], check=True)
        quiet = ("-q", "--disable-pip-version-check")
        if subprocess.run(
            [str(LLM / "bin/pip"), "install", *quiet, "llm"],
            check=False,
            stderr=subprocess.DEVNULL,
        ).returncode:
            return None
        compileall.compile_dir(str(LLM), quiet=2)
    folder = place / "llm"
    folder.mkdir()
    (folder / "extra-openai-models.yaml").write_text(EXTRA.format(url=url))
    (folder / "keys.json").write_text('{"bench": "none"}')
    return {"LLM_USER_PATH": str(folder)}


def one_ask(place: Path, rounds: int) -> bool:
    """(a) one ask, the whole process."""
    with serving(place, {"*": [{"text": "Nothing is due this week."}]}) as url:
        root = company(place / "ask", url)
        ask = [*AGENTCO, "--company", str(root), "ask", "cfo", QUESTION]
        runs = {"agentco ask": command(ask, ROOT)}
        if other := peer(place, url):
            os.environ.update(other)
            runs["llm"] = command([str(LLM / "bin/llm"), "-m", "bench", QUESTION], ROOT)
        found = interleaved(runs, rounds, lambda: None)
    ours = found["agentco ask"]
    if "llm" not in found:
        print(
            f"{'one ask, whole process':<44} {ours * 1000:8.1f} ms; llm cannot be installed here"
        )
        return True
    print(f"{'one ask with llm, whole process':<44} {found['llm'] * 1000:8.1f} ms")
    return told("one ask, whole process", ours * 1000, "ms", ours / found["llm"], 0.6)


def first_byte(args: list[str], server: socket.socket) -> None:
    """Until a process that asks has its request on the wire; it gets no answer."""
    with subprocess.Popen(
        args, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        with server.accept()[0] as line:
            line.recv(1)
        process.kill()


def one_claude(place: Path, rounds: int) -> bool:
    """(f) one ask to Anthropic, until its request is on the wire, beside the import of its SDK."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        root = company(
            place / "claude", f"http://127.0.0.1:{server.getsockname()[1]}", "anthropic"
        )
        ask = [*AGENTCO, "--company", str(root), "ask", "cfo", QUESTION]
        alone = [sys.executable, "-c", "import anthropic, os; os._exit(0)"]
        runs = {"ask": lambda: first_byte(ask, server), "import": command(alone, ROOT)}
        found = interleaved(runs, rounds, lambda: None)
    return told(
        "one ask to Anthropic on the wire",
        found["ask"] * 1000,
        "ms",
        found["ask"] / found["import"],
        1.3,
    )


async def with_office(
    root: Path, act: Callable[[Any], Coroutine[Any, Any, Any]], *, timed: bool = False
) -> Any:
    """Do something in the office of a company."""
    from agentco.wiring import open_company

    with open_company(root).open_office() as real:
        office = replace(real, store=Timed(real.store)) if timed else real  # pyright: ignore[reportArgumentType]
        try:
            return await act(office)
        finally:
            await office.models.aclose()


async def one(office: "Office", who: str = "cfo") -> str:
    """One run from the question to the answer."""
    from agentco.briefing.prompt_parts import Assignment
    from agentco.engine.drive import drive_run
    from agentco.engine.start import RunRequest, start_run

    agent = office.company.find_agent(who)
    assert agent
    work = Assignment(
        task=QUESTION, today=office.today(), company="Bench", language="en"
    )
    name = await start_run(RunRequest(agent=agent, work=work, title=QUESTION), office)
    await drive_run(name, office)
    run = await office.read(lambda state: state.load_run(name))
    assert run.phase == "done", run
    return name


def elapsed(work: Coroutine[Any, Any, Any]) -> float:
    before = time.perf_counter()
    asyncio.run(work)
    return time.perf_counter() - before


async def bare(url: str, calls: int, *, at_once: bool) -> None:
    """The same calls on the HTTP library alone."""
    import httpx2

    body = {
        "model": "m",
        "stream": True,
        "messages": [{"role": "user", "content": QUESTION * 100}],
    }
    limits = httpx2.Limits(max_connections=None)

    async with httpx2.AsyncClient(timeout=60, limits=limits) as client:

        async def call() -> None:
            async with client.stream(
                "POST", f"{url}/chat/completions", json=body
            ) as response:
                assert "[DONE]" in (await response.aread()).decode()

        if at_once:
            await asyncio.gather(*(call() for _ in range(calls)))
            return
        for _ in range(calls):
            await call()


def commit_ms(place: Path) -> float:
    """A bare commit with the state's own settings."""
    db = sqlite3.connect(place / "bare.db", isolation_level=None)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    db.execute("CREATE TABLE IF NOT EXISTS t (id INTEGER PRIMARY KEY, data BLOB)")
    taken = list[float]()
    for _ in range(200):
        before = time.perf_counter()
        db.execute("BEGIN IMMEDIATE")
        db.execute("INSERT INTO t (data) VALUES (?)", (b"x" * 2000,))
        db.execute("COMMIT")
        taken.append((time.perf_counter() - before) * 1000)
    db.close()
    return statistics.median(taken)


def one_call(n: int) -> dict[str, str]:
    """A call of a tool that reads one line; each differs, because a repeated one is a loop."""
    return {"name": "Read", "arguments": json.dumps({"path": LINE, "lines": n + 1})}


def durable(place: Path, rounds: int, calls: int = 50) -> bool:
    """(b) what a durable call costs: one and two tools a turn tell calls and tools apart."""

    def script(turns: int, tools: int) -> dict[str, Any]:
        answers = list[dict[str, Any]]()
        for turn in range(turns):
            numbers = range(turn * tools, (turn + 1) * tools)
            answers.append({"calls": [one_call(n) for n in numbers]})
        return {"*": [*answers, {"text": "Done."}]}

    taken: dict[str, list[float]] = {
        "0": [],
        "1": [],
        "2": [],
        "bare": [],
        "commit": [],
    }
    for n in range(rounds):
        for tools in (0, 1, 2):
            with serving(
                place, script(calls if tools else 0, tools), by_turn=True
            ) as url:
                root = company(place / f"durable-{n}-{tools}", url)
                taken[str(tools)].append(elapsed(with_office(root, one)))
                if tools == 1:
                    taken["bare"].append(elapsed(bare(url, calls, at_once=False)))
        taken["commit"].append(commit_ms(place))
    without, with_one, with_two, alone, commit = (
        statistics.median(times) for times in taken.values()
    )
    call = (2 * with_one - with_two - without) / calls * 1000
    over, bar = call - alone / calls * 1000, 2 * commit + 1
    print(f"{'a bare commit':<44} {commit:8.2f} ms")
    sizes = list[float]()
    for turns in (50, 200):
        with serving(place, script(turns, 1), by_turn=True) as url:
            root = company(place / f"disk-{turns}", url)
            asyncio.run(with_office(root, one))
        db = sqlite3.connect(root / ".agentco/state.db")
        sizes.append(db.execute("PRAGMA page_count").fetchone()[0] * 4096 / turns)
        db.close()
    disk = told(
        f"disk per call at 200, beside {sizes[0]:.0f} at 50",
        sizes[1],
        "B",
        sizes[1] / sizes[0],
        1.1,
    )
    return told("overhead of a durable call", over, "ms", over / bar, 1) and disk


def child(*words: object) -> Any:
    """What a process of this script's own says."""
    command = [sys.executable, __file__, *map(str, words)]
    return json.loads(
        subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
    )


def memory() -> int:
    """The most kilobytes that this process ever had."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "linux" else most // 1024


async def ours_at_once(office: "Office") -> dict[str, float]:
    await one(office)
    before, start = memory(), time.perf_counter()
    await asyncio.gather(*(one(office) for _ in range(AT_ONCE)))
    return {
        "s": time.perf_counter() - start,
        "kb": (memory() - before) / AT_ONCE,
        "cpu": time.process_time(),
    }


async def bare_at_once(url: str) -> dict[str, float]:
    await bare(url, 1, at_once=True)
    before, start = memory(), time.perf_counter()
    await bare(url, AT_ONCE, at_once=True)
    return {"s": time.perf_counter() - start, "kb": (memory() - before) / AT_ONCE}


def at_once(place: Path, rounds: int) -> bool:
    """(c) many runs that wait for a slow model."""
    found: dict[str, list[dict[str, float]]] = {"ours": [], "bare": []}
    with serving(place, {"*": [{"text": "Done.", "delay": DELAY}]}) as url:
        for n in range(rounds):
            root = company(place / f"many-{n}", url)
            found["ours"].append(child("--child", "ours", root))
            found["bare"].append(child("--child", "bare", url))
    ours, alone = (
        statistics.median(one["s"] for one in all_) for all_ in found.values()
    )
    each = statistics.median(one["kb"] for one in found["ours"])
    cpu = statistics.median(one["cpu"] for one in found["ours"])
    print(f"{f'{AT_ONCE} calls at once, bare':<44} {alone * 1000:8.1f} ms")
    fits = told(
        f"{AT_ONCE} runs at once, CPU {cpu:.2f} s", ours * 1000, "ms", ours / alone, 1.3
    )
    return told("memory of each", each, "KB", each / 60, 1) and fits


def departments(place: Path, rounds: int) -> bool:
    """(e) the COO plans, seven departments work side by side, the COO sums up; models take time."""
    others = ("accountant", "ceo", "cfo", "cto", "improver", "lawyer", "marketing")
    calls = [
        {
            "name": "Delegate",
            "arguments": json.dumps(
                {"agent": name, "what": QUESTION, "reason": "to measure"}
            ),
        }
        for name in others
    ]
    answers = {
        r"~<role name=\"coo\"": [
            {"calls": calls, "delay": DELAY},
            {"text": "All is well.", "delay": DELAY},
        ],
        "*": [{"text": "Done.", "delay": DELAY}],
    }
    found = list[float]()
    with serving(place, answers, by_turn=True) as url:
        for n in range(rounds):
            found.append(
                child(
                    "--child", "departments", company(place / f"departments-{n}", url)
                )["s"]
            )
    ideal, taken = 3 * DELAY, statistics.median(found)
    return told("seven departments in parallel", taken * 1000, "ms", taken / ideal, 1.1)


async def all_departments(office: "Office") -> dict[str, float]:
    await one(office)
    before = time.perf_counter()
    name = await one(office, "coo")
    taken = time.perf_counter() - before
    runs = await office.read(lambda state: state.runs_of_root(name))
    assert [run.phase for run in runs] == ["done"] * 8, runs
    return {"s": taken}


class Timed:
    """The store, with how long each settlement took."""

    def __init__(self, store: Any) -> None:
        self.store, self.ms = store, list[float]()
        self.read = store.read

    def write(self, act: Any) -> "Future[Any]":
        before = time.perf_counter()
        done = self.store.write(act)

        def over(_: object) -> None:
            self.ms.append((time.perf_counter() - before) * 1000)

        done.add_done_callback(over)
        return done


async def settling(office: Any) -> list[float]:
    await one(office)
    office.store.ms.clear()
    for _ in range(20):
        await one(office)
    return office.store.ms


def settled(place: Path) -> bool:
    """(d) sixteen processes, each with a run that waits for a slow model."""
    with serving(place, {"*": [{"text": "Done.", "delay": DELAY}]}) as url:
        root = company(place / "settled", url)
        child("--child", "settling", root)
        words = [sys.executable, __file__, "--child", "settling", str(root)]
        processes = [
            subprocess.Popen(words, stdout=subprocess.PIPE) for _ in range(PROCESSES)
        ]
        taken = sorted(
            ms for process in processes for ms in json.loads(process.communicate()[0])
        )
    p99 = taken[len(taken) * 99 // 100]
    print(
        f"{f'a write among {PROCESSES} processes, median':<44} {statistics.median(taken):8.1f} ms"
    )
    return told(f"a write among {PROCESSES} processes, p99", p99, "ms", p99 / 20, 1)


def as_child(kind: str, what: str) -> None:
    """One measurement in a process of its own."""
    if kind == "ours":
        found = asyncio.run(with_office(Path(what), ours_at_once))
    elif kind == "departments":
        found = asyncio.run(with_office(Path(what), all_departments))
    elif kind == "bare":
        found = asyncio.run(bare_at_once(what))
    else:
        found = asyncio.run(with_office(Path(what), settling, timed=True))
    print(json.dumps(found))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--child", nargs=2, metavar=("KIND", "WHAT"))
    given = parser.parse_args()
    if given.child:
        as_child(*given.child)
        return 0
    compileall.compile_dir(str(ROOT / "agentco"), quiet=2)
    few = max(1, given.rounds // 3)
    print(f"load of the machine {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        os.environ.update(XDG_STATE_HOME=f"{name}/state", PYTHONPATH=str(ROOT))
        held = [
            one_ask(place, given.rounds),
            one_claude(place, given.rounds),
            durable(place, few),
            at_once(place, few),
            settled(place),
        ]
        held.append(departments(place, given.rounds))
    print("every bar holds" if all(held) else "a bar does not hold")
    return 0 if all(held) else 1


if __name__ == "__main__":
    raise SystemExit(main())
