"""Signs a memory with another key: what counted under the one before counts on."""

from collections.abc import Callable
from itertools import chain

from agentco.adapters.files.memory_reader import MemoryReader, read_error
from agentco.adapters.files.memory_rewriter import MemoryRewriter, RewritePlan
from agentco.adapters.files.provenance_file import ProvenanceFile
from agentco.memory import rewrite
from agentco.memory.graph import MemoryGraph
from agentco.memory.lines import MemoryLine, MemoryRecord
from agentco.memory.provenance import KnownSources, known_notes, new_notes
from agentco.memory.vouching import sign_counted


class MemorySigner:
    """Signs one memory anew, for whoever holds its lock."""

    def __init__(self, rewriter: MemoryRewriter, provenance: ProvenanceFile) -> None:
        self._rewriter = rewriter
        self._provenance = provenance

    def sign_again(
        self,
        old: bytes | None,
        key: bytes,
        read_known: Callable[[], KnownSources | None],
        counts: Callable[[MemoryLine], bool],
        *,
        signs: Callable[[MemoryLine], bool] = lambda _line: True,
    ) -> None:
        """Sign the lines that count under the old key, and note them anew.

        `signs` picks those that are signed in the file too. Keep the key afterwards: a kill in
        between leaves everything as it counted.
        """
        real = self._rewriter.real
        if not real.exists() or not real.stat().st_size:
            return
        cut = sign_counted(lambda line: counts(line) and signs(line))

        def plan(records: list[MemoryRecord]) -> RewritePlan:
            done = rewrite.apply_rewrite(records, cut, key=key, vouched=True)
            return RewritePlan(kept=done.kept)

        reader = MemoryReader(lambda: MemoryGraph(kept=read_known, key=old))
        try:
            lines = [line for line in reader.read(real).lines if counts(line)]
        except OSError as error:
            raise read_error(self._rewriter.path, error) from error
        if any(map(signs, lines)):
            self._rewriter.rewrite(plan, old, read_known)
        known = read_known() or {}
        notes = chain(known_notes(known), new_notes(lines, known))
        self._provenance.write_anew(notes, key, size=real.stat().st_size)
