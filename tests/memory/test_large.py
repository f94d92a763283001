"""A million entities."""

import resource
import sys
from pathlib import Path

import pytest
from claims import claim
from processes import LONG_S, in_child

from agentco.adapters.files import MemoryFile

LINE = (
    '{{"type":"entity","name":"client:{0}","entityType":"client","observations":["pays in {0} days","wrote on {0}"],'
    '"at":"2026-11-21T08:00:00+00:00","by":"founder"}}\n'
)
MOST = 1_500_000_000


@claim("memory:large")
@pytest.mark.soak
def test_fault_37_a_million_entities_load_within_bounded_memory(tmp_path: Path) -> None:
    file = tmp_path / "memory.jsonl"
    with file.open("w") as out:
        out.writelines(LINE.format(i) for i in range(1_000_000))

    def load() -> None:
        graph = MemoryFile(file).load_graph()
        used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (
            1 if sys.platform == "darwin" else 1024
        )
        print(f"memory: a million entities, {used / 1e6:,.0f} MB")  # noqa: T201  for the soak
        assert len(list(graph.entity_names)) == 1_000_000
        assert [p.code for p in graph.problems] == ["large"]
        assert used < MOST

    assert in_child(load, LONG_S) == 0
