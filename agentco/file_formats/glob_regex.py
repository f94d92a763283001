"""Globs as regular expressions that never try again what was found: a hostile path costs little.

Between two stars stands a piece of fixed length, between two `**` a fixed number of folders. The
first place where such a piece fits is as good as any later one, so it is final.
"""

from collections.abc import Sequence

ONE = "[^/]"
"""Any one letter of a name."""
_PART_ENDS = "(?![^/])"
_FOLDERS = "(?:/[^/]*+)*?"

Part = tuple[str, ...] | None
"""What stands between two slashes: regular expressions of fixed length, a star between each two.

None stands for any number of folders; as the last part for everything below.
"""


def path_regex(parts: Sequence[Part]) -> str:
    """The regular expression for a path that has a slash before each of its parts."""
    groups = [""]
    for part in parts:
        if part is None:
            groups.append("")
        else:
            groups[-1] += f"/{_part_regex(part)}"
    first, *rest = groups
    if not rest:
        return first
    *middle, last = rest
    found = "".join(f"(?>{_FOLDERS}{group})" for group in middle if group)
    return first + found + (f"{_FOLDERS}{last}" if last else "/.*")


def _part_regex(pieces: Sequence[str]) -> str:
    first, *rest = pieces
    if not rest:
        return first + _PART_ENDS
    *middle, last = rest
    found = "".join(f"(?>{ONE}*?{piece})" for piece in middle if piece)
    end = f"{ONE}*{last}" if last else f"{ONE}*+"
    return f"(?>{first}{found}{end}{_PART_ENDS})"
