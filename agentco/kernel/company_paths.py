"""Paths of the company, in one form."""

import re
import unicodedata
from functools import lru_cache

MAX_DEPTH = 64
"""Folders in a path."""
_ENDS = ". \t\n\v\f\r"
"""What a name may end with and look, or be opened, as if it did not."""


def normalize_path(path: str) -> str | None:
    """A path of the company without `.`, `..` and backslashes; None for one that may lead out."""
    text = path.replace("\\", "/")
    if text.startswith(("/", "~")) or re.match("[A-Za-z]:", text) or "\0" in text:
        return None
    kept: list[str] = []
    for part in text.split("/"):
        if part in {"", "."}:
            continue
        if part == ".." and kept:
            kept.pop()
        elif part.strip(". "):
            kept.append(part)
        else:
            return None
    return "/".join(kept) if len(kept) <= MAX_DEPTH else None


@lru_cache(maxsize=1024)
def fold_text(text: str) -> str:
    """Without the differences that some disk or reader does not see: case, width, the invisible."""
    if text.isascii():
        return text.lower()
    letters = unicodedata.normalize("NFKC", text).casefold()
    return "".join(sign for sign in letters if unicodedata.category(sign) != "Cf")


@lru_cache(maxsize=1024)
def fold_path(path: str) -> str:
    """A path as a disk may read it: no stream behind a colon, no dot or blank at a part's end."""
    parts: list[str] = []
    for part in fold_text(path).split("/"):
        name = part.partition(":")[0].rstrip(_ENDS)
        parts.append(name or part)
    return "/".join(parts)
