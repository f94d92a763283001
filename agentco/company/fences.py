"""Blocks of code in Markdown: where a fence opens and where it closes."""

import re
from collections.abc import Iterable, Iterator

_FENCE = re.compile(r"\s*(?:>\s*)*(?P<fence>`{3,}|~{3,})(?P<rest>.*)$")


def open_fences(rows: Iterable[str]) -> Iterator[str]:
    """For each row the fence that is open after it, or nothing."""
    fence = ""
    for row in rows:
        found = _FENCE.match(row)
        if found and not fence and "`" not in found["rest"]:
            fence = found["fence"]
        elif (
            found
            and fence
            and found["fence"].startswith(fence)
            and not found["rest"].strip()
        ):
            fence = ""
        yield fence
