"""Paths of the company, in one form."""

import re

MAX_DEPTH = 64
"""Folders in a path."""


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
