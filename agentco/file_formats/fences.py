"""Blocks of code in Markdown: where a fence opens and where it closes."""

import re
from collections.abc import Iterable, Iterator

_FENCE = re.compile(r"\s*(?:>\s*)*(?P<fence>`{3,}|~{3,})(?P<rest>.*)$")


def open_fences(rows: Iterable[str]) -> Iterator[str]:
    """For each row the fence that is open after it, or an empty string."""
    fence = ""
    for row in rows:
        match = _FENCE.match(row)
        if match and not fence and "`" not in match["rest"]:
            fence = match["fence"]
        elif match and fence and match["fence"].startswith(fence):
            fence = fence if match["rest"].strip() else ""
        yield fence
