"""What becomes of a text, as a diff in which every line that changes is shown."""

from collections.abc import Sequence
from difflib import unified_diff

from agentco.file_formats.text_file import with_line_ends

MAX_COMPARED_LINES = 2_000
"""Of each side; comparing more could take for ever."""


def diff_text(path: str, before: str | None, after: str) -> str:
    """A unified diff of a file; without a text `before` it is new.

    Texts that differ too much to be compared are shown whole, one after the other.
    """
    old, new = _lines(before or ""), _lines(after)
    names = ("/dev/null" if before is None else path, path)
    same = _common_start(old, new)
    if max(len(old), len(new)) - same <= MAX_COMPARED_LINES:
        diff = unified_diff(old, new, *names, lineterm="")
        return "\n".join(diff)
    heads = (f"--- {names[0]}", f"+++ {names[1]}")
    taken = [f"-{line}" for line in old[same:]]
    given = [f"+{line}" for line in new[same:]]
    return "\n".join((*heads, f"@@ line {same + 1} @@", *taken, *given))


def _lines(text: str) -> list[str]:
    return with_line_ends(text, "\n").removesuffix("\n").split("\n") if text else []


def _common_start(old: Sequence[str], new: Sequence[str]) -> int:
    """How many lines are the same at the beginning of both."""
    for i, (one, other) in enumerate(zip(old, new, strict=False)):
        if one != other:
            return i
    return min(len(old), len(new))
