"""Names of files and folders that are closed to every agent, wherever they lie.

Version control, our own state, and what keeps secrets: environments, keys, key stores, logins. The
table beside this module lists them as globs of one part of a path, in lower case.
"""

import re
from fnmatch import fnmatchcase

from agentco.kernel import package_data
from agentco.kernel.company_paths import fold_path, fold_text

_NAMES = package_data.load_table(__name__, tuple[str, ...])
_CLOSED = re.compile(
    "|".join("({})".format(re.escape(name).replace(r"\*", ".*")) for name in _NAMES),
    re.DOTALL,
)


def closed_name(path: str) -> str:
    """The closed name that a part of a path has, however a disk may spell it; empty for none."""
    parts = {*fold_path(path).split("/"), *fold_text(path).split("/")}
    for match in filter(None, map(_CLOSED.fullmatch, parts)):
        return _NAMES[(match.lastindex or 1) - 1]
    return ""


def is_private_path(path: str) -> bool:
    """Whether no agent sees a path by its name: it is closed, or the memory's own file."""
    return bool(closed_name(path)) or fnmatchcase(fold_path(path), "memory/*.jsonl")
