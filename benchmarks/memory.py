"""How long a million entities take to load, in a process of its own, against the bar."""

import resource
import sys
import tempfile
from pathlib import Path
from time import perf_counter

from agentco.edges.stores.memory_file import MemoryFile

COUNT, BAR_S, BAR_MB = 1_000_000, 5.0, 1500
LINE = (
    '{{"type":"entity","name":"client:{0}","entityType":"client","observations":["pays in {0} days","wrote on {0}"],'
    '"at":"2026-11-21T08:00:00+00:00","by":"founder"}}\n'
)


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "memory.jsonl")
        with file.open("w") as out:
            out.writelines(LINE.format(i) for i in range(COUNT))
        begun = perf_counter()
        graph = MemoryFile(file).graph()
        took = perf_counter() - begun
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)
    print(f"{len(list(graph.names)):,} entities, {graph.size / 1e6:.0f} MB: {took:.2f} s, at most {BAR_S:.0f} s")
    print(f"memory of the process: {used:,.0f} MB, at most {BAR_MB:,} MB")
    return 0 if took <= BAR_S and used <= BAR_MB else 1


if __name__ == "__main__":
    raise SystemExit(main())
