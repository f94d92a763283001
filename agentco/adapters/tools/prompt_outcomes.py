"""How a prompt ended, and whether anything changed of what it should change."""

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from hashlib import sha256

import msgspec

from agentco.adapters.files.memory_file import MemoryFile
from agentco.adapters.tools.agent_files import AgentFiles
from agentco.company.globs import matches_any_glob
from agentco.memory.graph import MemoryGraph
from agentco.memory.lines import EntityLine
from agentco.ports.outside import ToolCaller

FileTexts = list[tuple[str, str]]
"""Files by path, each with its text."""


def record_outcome(
    memory: MemoryFile, prompt: str, outcome: str, caller: ToolCaller
) -> None:
    """Remember how a prompt ended, once for each effect."""
    if memory.load_graph().lines_written_by(caller.effect):
        return
    at = caller.at.isoformat(timespec="seconds")
    line = EntityLine(
        name=f"prompt-run:{prompt}",
        type="prompt-run",
        observations=(f"Run: {at} {outcome}",),
        at=at,
        by="runtime",
        run=caller.effect,
    )
    memory.add([line])


def texts_by_glob(globs: Iterable[str], files: AgentFiles) -> dict[str, FileTexts]:
    """For each glob, the files that it stands for."""
    paths = [path for path, _ in files.walk()]
    texts = dict[str, FileTexts]()
    for glob in globs:
        matching = [path for path in paths if matches_any_glob((glob,), path)]
        texts[glob] = [(path, files.read_for_hash(path)) for path in matching]
    return texts


def fingerprints(texts: Mapping[str, FileTexts], graph: MemoryGraph) -> dict[str, str]:
    """For each glob of files or names of entities, a hash of all that it stands for."""
    hashes = dict[str, str]()
    for glob, files in texts.items():
        names = [name for name in graph.entity_names if fnmatchcase(name, glob)]
        entities = [(name, graph.lines_about(name)) for name in names]
        hashes[glob] = sha256(msgspec.json.encode((files, entities))).hexdigest()
    return hashes
