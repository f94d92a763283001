"""The bars of the memory: ours beside the reference server, both asked in JSON-RPC over stdio.

python benchmarks/memory.py

The reference is the npm package, installed into build/refmem; without npm its columns are left out.
"""

import argparse
import compileall
import json
import os
import random
import resource
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from time import perf_counter
from typing import Any, Self

from start import AGENTCO, ROOT, entity, told

PACKAGE = "@modelcontextprotocol/server-memory"
REFMEM = ROOT / "build" / "refmem"
SCRIPT = REFMEM / "node_modules" / PACKAGE / "dist" / "index.js"
SIZES = (0, 1_000, 10_000, 100_000)
MOST, LEAST, PATIENCE_S = 100, 3, 0.7
"""How many calls of a tool are measured: the most, the least, and when to stop between the two."""
WRITES, CLIENTS, EACH, KILLS = 600, 8, 50, 10
LOADS = 15
MILLION, MILLION_S, MILLION_MB = 1_000_000, 5.0, 1500
SHORT = (
    '{{"type":"entity","name":"client:{0}","entityType":"client",'
    '"observations":["pays in {0} days","wrote on {0}"],'
    '"at":"2026-11-21T08:00:00+00:00","by":"founder"}}\n'
)
Servers = dict[str, tuple[str, ...]]


class Server:
    """A server process and the only client it has, who waits for every answer."""

    def __init__(self, command: Sequence[str], file: Path) -> None:
        pipe, env = subprocess.PIPE, {**os.environ, "MEMORY_FILE_PATH": str(file)}
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=env,
            stdin=pipe,
            stdout=pipe,
            stderr=subprocess.DEVNULL,
        )
        assert self.process.stdin
        assert self.process.stdout
        self.stdin, self.stdout = (
            self.process.stdin.fileno(),
            self.process.stdout.fileno(),
        )
        self.ids = count(1)

    def __enter__(self) -> Self:
        who = {"name": "bench", "version": "1"}
        self.ask(
            "initialize", protocolVersion="2025-11-25", capabilities={}, clientInfo=who
        )
        self.send({"method": "notifications/initialized"})
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()

    def send(self, *messages: dict[str, Any]) -> None:
        data = b"".join(
            json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n"
            for message in messages
        )
        while data:
            data = data[os.write(self.stdin, data) :]

    def heard(self, lines: int = 1) -> bytes:
        """The next lines; fewer when the server is gone."""
        parts, seen = list[bytes](), 0
        while seen < lines and (part := os.read(self.stdout, 1 << 20)):
            parts.append(part)
            seen += part.count(b"\n")
        return b"".join(parts)

    def asking(self, method: str, **params: Any) -> dict[str, Any]:
        return {"id": next(self.ids), "method": method, "params": params}

    def ask(self, method: str, **params: Any) -> bytes:
        self.send(self.asking(method, **params))
        return self.heard()

    def use(self, tool: str, **arguments: Any) -> float:
        """How many milliseconds a tool takes."""
        before = perf_counter()
        answer = self.ask("tools/call", name=tool, arguments=arguments)
        took = perf_counter() - before
        assert not failed(answer), answer[:400]
        return took * 1000

    def resident(self) -> float:
        """Megabytes in memory."""
        said = subprocess.run(
            ["ps", "-o", "rss=", "-p", str(self.process.pid)],
            capture_output=True,
            check=True,
        )
        return int(said.stdout) / 1000


def failed(answer: bytes) -> bool:
    """Whether a call was refused, or not answered at all."""
    return b'"result"' not in answer[-200:] + answer[:200] or (
        len(answer) < 4000 and b'"isError":true' in answer
    )


def reference() -> tuple[str, ...] | None:
    """The command of the reference server; None where it cannot be installed."""
    npm, node, quiet = (
        shutil.which("npm"),
        shutil.which("node"),
        ("--silent", "--no-audit", "--no-fund"),
    )
    if npm and node and not SCRIPT.exists():
        REFMEM.mkdir(parents=True, exist_ok=True)
        words = [
            npm,
            "install",
            *quiet,
            "--ignore-scripts",
            "--prefix",
            str(REFMEM),
            f"{PACKAGE}@2026.8.31",
        ]
        with suppress(subprocess.TimeoutExpired):
            subprocess.run(
                words,
                check=False,
                timeout=120,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
    return (node, str(SCRIPT)) if node and SCRIPT.exists() else None


def p(values: Sequence[float], percent: int) -> float:
    return sorted(values)[min(len(values) - 1, len(values) * percent // 100)]


def both(values: Sequence[float]) -> str:
    """p50 and p99 in few characters."""
    return " /".join(
        f"{value:.1f}" if value < 100 else f"{value:.0f}"
        for value in (p(values, 50), p(values, 99))
    )


def filled(file: Path, size: int) -> Path:
    """A memory of so many entities of 440 bytes; none is no file."""
    file.parent.mkdir(parents=True)
    today = datetime.now(UTC).date()
    if size:
        with file.open("w") as out:
            out.writelines(entity(i, today) for i in range(size))
    return file


def fact(name: str) -> dict[str, Any]:
    return {
        "name": name,
        "entityType": "note",
        "observations": [f"said of {name}: " + "word " * 50],
    }


# How long it takes until the first answer


def starting(place: Path, servers: Servers, rounds: int = 11) -> bool:
    """Time from the start of the process to `initialize` and to the first call of a tool."""
    taken: dict[str, tuple[list[float], list[float]]] = {
        who: ([], []) for who in servers
    }
    for n in range(rounds + 1):
        for who, command in servers.items():
            before = perf_counter()
            with Server(command, place / "start" / f"{who}-{n}.jsonl") as server:
                taken[who][0].append((perf_counter() - before) * 1000)
                server.use("read_graph")
                taken[who][1].append((perf_counter() - before) * 1000)
    held = True
    for what, greeted in (
        ("start to the answer to initialize", 0),
        ("start to the answer to a tool", 1),
    ):
        found = {
            who: statistics.median(times[greeted][1:]) for who, times in taken.items()
        }
        if "reference" in found:
            print(f"{what + ', reference':<44} {found['reference']:8.1f} ms")
            held &= told(
                what, found["ours"], "ms", found["ours"] / found["reference"], 0.5
            )
        else:
            print(f"{what:<44} {found['ours']:8.1f} ms")
    return held


# The nine tools, and the memory they need


def calls(name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """One call of each tool; what the adding ones add the deleting ones take away."""
    tie = {"from": name, "to": "note:0", "relationType": "follows"}
    yield "create_entities", {"entities": [fact(name)]}
    yield "create_relations", {"relations": [tie]}
    yield (
        "add_observations",
        {"observations": [{"entityName": name, "contents": [f"more of {name}"]}]},
    )
    yield "search_nodes", {"query": f"more of {name}"}
    yield "open_nodes", {"names": [name]}
    yield "read_graph", {}
    yield (
        "delete_observations",
        {"deletions": [{"entityName": name, "observations": [f"more of {name}"]}]},
    )
    yield "delete_relations", {"relations": [tie]}
    yield "delete_entities", {"entityNames": [name]}


def measured(
    command: Sequence[str], file: Path
) -> tuple[dict[str, list[float]], tuple[float, float]]:
    """The times of each tool, warm, one call at a time; memory when ready and when done."""
    taken: dict[str, list[float]] = {tool: [] for tool, _ in calls("")}
    with Server(command, file) as server:
        server.use("create_entities", entities=[fact("note:0")])
        server.use("search_nodes", query="more of nothing")
        ready = server.resident()
        for at, tool in enumerate(taken):
            end = perf_counter() + PATIENCE_S
            while len(taken[tool]) < MOST and (
                len(taken[tool]) < LEAST or perf_counter() < end
            ):
                # a tool finds what the ones before it left
                name = f"new:{len(taken[tool])}"
                if at and len(taken[tool]) >= len(taken["create_entities"]):
                    break
                taken[tool].append(server.use(tool, **[*calls(name)][at][1]))
        return taken, (ready, server.resident())


def tools(place: Path, servers: Servers) -> None:
    """The table of all tools at all sizes."""
    found = {
        (who, size): measured(
            command, filled(place / "tools" / f"{who}-{size}" / "memory.jsonl", size)
        )
        for size in SIZES
        for who, command in servers.items()
    }
    heads = "".join(f"{size:>17,}" for size in SIZES)
    print(f"{'ms, p50 /p99, at so many entities':<34}{heads}")
    for tool, _ in calls(""):
        for who in servers:
            cells = "".join(f"{both(found[who, size][0][tool]):>17}" for size in SIZES)
            print(f"{tool:<22} {who:<11}{cells}")
    for at, what in enumerate(("MB, ready", "MB, after all that")):
        for who in servers:
            cells = "".join(f"{found[who, size][1][at]:>17.0f}" for size in SIZES)
            print(f"{what:<22} {who:<11}{cells}")
    fewest = {who: min(map(len, found[who, SIZES[-1]][0].values())) for who in servers}
    print(
        f"calls of a tool: {MOST}, fewer where {PATIENCE_S} s are over: at least {fewest}"
    )


# Writing


def writing(place: Path, command: Sequence[str]) -> bool:
    """One entity a write, to a small memory, to a large one and to the bare disk, by turns."""
    small, large = (
        filled(place / "write" / str(size) / "memory.jsonl", size)
        for size in (1_000, 100_000)
    )
    line = entity(0, datetime.now(UTC).date()).encode()
    taken: dict[str, list[float]] = {"1,000": [], "100,000": [], "bare": []}
    bare = os.open(place / "write" / "bare", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    with Server(command, small) as one, Server(command, large) as other:
        for n in range(WRITES + 20):
            taken["1,000"].append(one.use("create_entities", entities=[fact(f"w:{n}")]))
            taken["100,000"].append(
                other.use("create_entities", entities=[fact(f"w:{n}")])
            )
            before = perf_counter()
            os.write(bare, line)
            getattr(os, "fdatasync", os.fsync)(bare)
            taken["bare"].append((perf_counter() - before) * 1000)
    os.close(bare)
    held = True
    for percent in (50, 99):
        few, many, disk = (p(times[20:], percent) for times in taken.values())
        print(f"{f'a bare append, p{percent}':<44} {disk:8.2f} ms")
        print(f"{f'a write at 1,000, p{percent}':<44} {few:8.2f} ms")
        held &= told(
            f"a write at 100,000, p{percent}, beside 1,000", many, "ms", many / few, 1.5
        )
        held &= told(
            f"a write at 100,000, p{percent}, beside the disk",
            many,
            "ms",
            many / disk,
            3,
        )
    return held


def kept(file: Path) -> tuple[set[str], int]:
    """The names in a file, and how many of its lines are none."""
    names, bad = set[str](), 0
    for line in file.read_bytes().splitlines() if file.exists() else ():
        try:
            record = json.loads(line)
            names.add(record.get("name", ""))
        except ValueError:
            bad += 1
    return names, bad


def one_writer(server: Server, who: int) -> tuple[list[float], set[str]]:
    """How long each write took, and the names that were acknowledged."""
    taken, done = list[float](), set[str]()
    for n in range(EACH):
        name, before = f"{who}-{n}", perf_counter()
        answer = server.ask(
            "tools/call", name="create_entities", arguments={"entities": [fact(name)]}
        )
        taken.append((perf_counter() - before) * 1000)
        done |= set() if failed(answer) else {name}
    return taken, done


def together(place: Path, servers: Servers) -> bool:
    """Eight servers on one file, each with a client that writes fifty times."""
    held, every = True, {f"{who}-{n}" for who in range(CLIENTS) for n in range(EACH)}
    for who, command in reversed(servers.items()):
        file = filled(place / "together" / who / "memory.jsonl", 1_000)
        started = [Server(command, file).__enter__() for _ in range(CLIENTS)]
        with ThreadPoolExecutor(CLIENTS) as pool:
            found = [*pool.map(one_writer, started, range(CLIENTS))]
        for server in started:
            server.__exit__()
        names, bad = kept(file)
        done = set[str]().union(*(done for _, done in found))
        taken = [ms for times, _ in found for ms in times]
        words = (
            f"{who}: {len(every & names)} of {len(every)} kept, "
            f"{len(done - names)} acknowledged ones lost"
        )
        print(
            f"{CLIENTS} servers x {EACH} writes, {words}, {bad} corrupt lines, ms {both(taken)}"
        )
        if who == "ours":
            held = every <= names and not bad
            held &= told(
                "a write among 8 servers, p99", p(taken, 99), "ms", p(taken, 99) / 25, 1
            )
    return held


def at_once(place: Path, servers: Servers) -> bool:
    """One server whose client does not wait: all its writes are sent together."""
    held = True
    for who, command in servers.items():
        file = filled(place / "once" / who / "memory.jsonl", 1_000)
        with Server(command, file) as server:
            args = [
                {"name": "create_entities", "arguments": {"entities": [fact(f"o-{n}")]}}
                for n in range(EACH)
            ]
            server.send(
                *[server.asking("tools/call", **arguments) for arguments in args]
            )
            server.heard(EACH)
        names, bad = kept(file)
        there = sum(f"o-{n}" in names for n in range(EACH))
        print(
            f"1 server, {EACH} writes sent together, {who}: "
            f"{there} of {EACH} kept, {bad} corrupt lines"
        )
        held &= who != "ours" or (there == EACH and not bad)
    return held


def killed(place: Path, servers: Servers) -> bool:
    """kill -9 while a write is under way, after some that were acknowledged."""
    chance, held = random.Random(1), True
    for who, command in servers.items():
        acknowledged, lost, torn = 0, 0, 0
        for n in range(KILLS):
            file = filled(place / "killed" / f"{who}-{n}" / "memory.jsonl", 1_000)
            with Server(command, file) as server:
                some = chance.randrange(1, 20)
                slow = p(
                    [
                        server.use("create_entities", entities=[fact(f"k-{i}")])
                        for i in range(some)
                    ],
                    50,
                )
                last = {"entities": [fact(f"k-{some}")]}
                server.send(
                    server.asking("tools/call", name="create_entities", arguments=last)
                )
                time.sleep(chance.random() * slow / 1000)
                server.process.send_signal(signal.SIGKILL)
                done = {f"k-{i}" for i in range(some + (not failed(server.heard())))}
            names, bad = kept(file)
            acknowledged, lost, torn = (
                acknowledged + len(done),
                lost + len(done - names),
                torn + bad,
            )
        print(
            f"{KILLS} kills -9, {who}: {lost} of {acknowledged} acknowledged writes lost, "
            f"{torn} torn lines"
        )
        held &= who != "ours" or not lost
    return held


# Loading and searching


def searching(place: Path, command: Sequence[str]) -> bool:
    """Load a hundred thousand in a process of its own; search them through a warm server."""
    file = filled(place / "search" / "memory.jsonl", 100_000)
    load = statistics.median(child("load", file)["s"] for _ in range(7))
    held = told("load 100,000, ready to search", load * 1000, "ms", load / 0.35, 1)
    queries = {
        "one selective word": ("note:77777", 25),
        "a word that is everywhere": ("observation", 100),
        "several words": ("note:77 word second", 100),
        "several words that are everywhere": ("more word second", 100),
    }
    with Server(command, file) as server:
        server.use("search_nodes", query="warm")
        for what, (query, bar) in queries.items():
            took = statistics.median(
                server.use("search_nodes", query=query) for _ in range(30)
            )
            held &= told(f"{what}, at 100,000", took, "ms", took / bar, 1)
    return held


def child(kind: str, what: Path) -> dict[str, float]:
    """A measurement in a process of its own."""
    words = [sys.executable, __file__, "--child", kind, str(what)]
    return json.loads(
        subprocess.run(
            words, check=True, capture_output=True, text=True, cwd=ROOT
        ).stdout
    )


def as_child(kind: str, what: str) -> dict[str, float]:
    """Load a memory: seconds and megabytes, ready to search. Or sign and seal it first."""
    from agentco.adapters.files.memory_file import MemoryFile
    from agentco.adapters.files.memory_key import new_key
    from agentco.memory.rewrite import sign_raw

    memory = MemoryFile(Path(what))
    if kind == "sign":
        memory.take_key(key := new_key())
        lines = memory.path.read_bytes().splitlines()
        memory.path.write_bytes(b"".join(sign_raw(line, key) + b"\n" for line in lines))
        memory.load_graph()
        return {}
    begun, cpu = perf_counter(), time.process_time()
    graph = memory.load_graph()
    loaded, used_cpu = perf_counter() - begun, time.process_time() - cpu
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (
        1e6 if sys.platform == "darwin" else 1e3
    )
    return {
        "loaded": loaded,
        "cpu": used_cpu,
        "mb": used,
        "size": graph.size,
        "texts": len(graph.search_texts),
        "s": perf_counter() - begun,
    }


def signatures(place: Path) -> bool:
    """Load a memory as a company without keys has it, and the same one signed, by turns."""
    held = True
    for size in SIZES[2:]:
        plain = filled(place / f"plain-{size}" / "memory.jsonl", size)
        signed = filled(place / f"signed-{size}" / "memory.jsonl", size)
        child("sign", signed)
        ratios: list[float] = []
        for _ in range(LOADS):
            without = child("load", plain)["cpu"]
            ratios.append(child("load", signed)["cpu"] / without)
        ratio = statistics.median(ratios)
        what = f"signatures at {size:,}, of a load"
        held &= told(what, (ratio - 1) * 100, "%", ratio / 1.1, 1)
    return held


def million(place: Path) -> bool:
    """A million short entities."""
    file = place / "million.jsonl"
    with file.open("w") as out:
        out.writelines(SHORT.format(i) for i in range(MILLION))
    found = child("load", file)
    file.unlink()
    held = told(
        f"load a million, {found['size'] / 1e6:.0f} MB",
        found["loaded"],
        "s",
        found["loaded"] / MILLION_S,
        1,
    )
    return (
        told("memory of that process", found["mb"], "MB", found["mb"] / MILLION_MB, 1)
        and held
    )


@contextmanager
def folder() -> Generator[Path]:
    """A place for everything, with a state of its own."""
    with tempfile.TemporaryDirectory() as name:
        os.environ.update(XDG_STATE_HOME=f"{name}/state", PYTHONPATH=str(ROOT))
        yield Path(name)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--child", nargs=2, metavar=("KIND", "WHAT"))
    given = parser.parse_args()
    if given.child:
        print(json.dumps(as_child(*given.child)))
        return 0
    compileall.compile_dir(str(ROOT / "agentco"), quiet=2)
    servers: Servers = {"ours": (*AGENTCO, "mcp")}
    print(f"python benchmarks/memory.py, load of the machine {os.getloadavg()[0]:.1f}")
    if other := reference():
        servers["reference"] = other
        package = json.loads((SCRIPT.parents[1] / "package.json").read_text())
        print(f"the reference is {PACKAGE} {package['version']}")
    else:
        print(
            f"the reference ({PACKAGE}) cannot be installed here: its columns are left out"
        )
    parts: list[Callable[[Path], bool]] = [
        lambda place: starting(place, servers),
        lambda place: writing(place, servers["ours"]),
        lambda place: together(place, servers),
        lambda place: at_once(place, servers),
        lambda place: killed(place, servers),
        lambda place: searching(place, servers["ours"]),
        signatures,
        million,
    ]
    with folder() as place:
        held = [part(place) for part in parts]
        tools(place, servers)
    print("every bar holds" if all(held) else "a bar does not hold")
    return 0 if all(held) else 1


if __name__ == "__main__":
    raise SystemExit(main())
