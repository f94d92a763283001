"""How a prompt ended, and whether anything changed of what it should change."""

from collections.abc import Iterable
from fnmatch import fnmatchcase
from hashlib import sha256

import msgspec

from agentco.adapters.files.memory_file import MemoryFile
from agentco.adapters.tools.agent_files import AgentFiles
from agentco.company.globs import matches_any_glob
from agentco.engine.ports import ToolCaller
from agentco.memory.lines import EntityLine


def record_outcome(
    memory: MemoryFile, prompt: str, outcome: str, act: ToolCaller
) -> None:
    """Remember how a prompt ended, once for each effect."""
    if memory.load_graph().lines_written_by(act.effect):
        return
    at = act.at.isoformat(timespec="seconds")
    said = (f"Run: {at} {outcome}",)
    name = f"prompt-run:{prompt}"
    memory.add(
        [
            EntityLine(
                name=name,
                type="prompt-run",
                observations=said,
                at=at,
                by="runtime",
                run=act.effect,
            )
        ]
    )


def take_fingerprints(
    names: Iterable[str], memory: MemoryFile, files: AgentFiles
) -> dict[str, str]:
    """For each glob of files or names of entities, a hash of all that it stands for."""
    wanted = list(names)
    if not wanted:
        return {}
    paths, graph = [path for path, _ in files.walk()], memory.load_graph()
    found: dict[str, str] = {}
    for name in wanted:
        texts = [
            (path, files.read_text(path))
            for path in paths
            if matches_any_glob((name,), path)
        ]
        told = [
            (e, graph.lines_about(e))
            for e in graph.entity_names
            if fnmatchcase(e, name)
        ]
        found[name] = sha256(msgspec.json.encode((texts, told))).hexdigest()
    return found
