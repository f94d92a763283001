"""How a prompt ended, and whether anything changed of what it should change."""

from collections.abc import Iterable
from fnmatch import fnmatchcase
from hashlib import sha256

import msgspec

from agentco.adapters.files.memory_file import MemoryFile
from agentco.adapters.tools.files import Files
from agentco.company.globs import applies
from agentco.engine.ports import Act
from agentco.memory.lines import EntityLine


def tracked(memory: MemoryFile, prompt: str, outcome: str, act: Act) -> None:
    """Remember how a prompt ended, once for each effect."""
    if memory.graph().written_in(act.effect):
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


def fingerprints(
    names: Iterable[str], memory: MemoryFile, files: Files
) -> dict[str, str]:
    """For each glob of files or names of entities, a hash of all that it stands for."""
    wanted = list(names)
    if not wanted:
        return {}
    paths, graph = [path for path, _ in files.walk()], memory.graph()
    found: dict[str, str] = {}
    for name in wanted:
        texts = [(path, files.text(path)) for path in paths if applies((name,), path)]
        told = [(e, graph.about(e)) for e in graph.names if fnmatchcase(e, name)]
        found[name] = sha256(msgspec.json.encode((texts, told))).hexdigest()
    return found
