"""What the founder says is not so yet, told in the founder's own words as if it were."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from agentco.kernel.comparison import fold_lookalikes
from agentco.public_text.rendered_text import TextView

_SHORTEST, _STEM = 3, 5
_FEWEST = 2
_SMALL_WORDS = frozenset(
    {"all", "and", "any", "are", "for", "from", "has", "into", "the", "with", "your"}
    | {"com", "das", "dos", "nao", "para", "pela", "pelo", "por", "que", "uma"}
)


def find_unmade(
    view: TextView, ends: Sequence[int], claim: str
) -> Iterator[re.Match[str]]:
    """The last of a claim's words in each sentence that has them all, in any form and order."""
    words: list[str] = re.findall(r"[^\W_]+", fold_lookalikes(claim))
    stems = {word[:_STEM] for word in words if len(word) >= _SHORTEST} - _SMALL_WORDS
    if len(stems) < _FEWEST or not all(stem in view.alike for stem in stems):
        return
    patterns = [re.compile(rf"(?<![^\W_]){re.escape(stem)}[^\W_]*") for stem in stems]
    for start, end in pairwise([0, *ends, len(view.alike)]):
        found = [pattern.search(view.alike, start, end) for pattern in patterns]
        there = [match for match in found if match is not None]
        if len(there) == len(patterns):
            yield max(there, key=_place)


def _place(match: re.Match[str]) -> int:
    return match.start()
