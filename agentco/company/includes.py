"""What a CLAUDE.md pulls in with `@path`: inside the company, at most five deep, never in a circle."""

import re
from collections.abc import Iterator

from agentco.company import mentions, records
from agentco.company.header_reader import MarkdownPage

MAX_INCLUDE_DEPTH = 5
_INCLUDE = re.compile(r"(?<![\w@`/])@((?:\.{0,2}/)?[\w.-]+(?:/[\w.-]+)*)")
_PRIVATE_NAMES = (".git", ".agentco", ".env")


def find_includes(
    file: str, body: str, first_line: int = 1
) -> Iterator[tuple[str, str | None, int]]:
    """Every path that a body pulls in: as written, from the company's folder, and its line.

    A name without a dot or slash is a person. What leads out of the company or to secrets has no path.
    """
    for line, row in mentions.prose_lines(body, first_line):
        for match in _INCLUDE.finditer(row):
            written = match[1].rstrip(".")
            if "." in written or "/" in written:
                path = mentions.resolve_path(file, written)
                yield written, None if path and is_private_path(path) else path, line


def is_private_path(path: str) -> bool:
    """Whether any part of a path keeps secrets: version control, our own state, environment files."""
    return any(
        part in _PRIVATE_NAMES or part.startswith(".env")
        for part in path.casefold().split("/")
    )


def resolve_includes(page: MarkdownPage) -> tuple[records.IncludedFile, ...]:
    """Every file that a page pulls in, in the order of reading.

    A circle is an error that names it, and leaves the page out.
    """
    texts, found, gathered = (
        page.around.texts,
        page.found,
        dict[str, records.IncludedFile](),
    )

    def follow(trail: tuple[str, ...], body: str, first_line: int) -> None:
        for written, path, line in find_includes(trail[-1], body, first_line):
            where = line if len(trail) == 1 else None
            if path is None or (path not in texts and path not in trail):
                what = f"'@{written}' in {trail[-1]} is not there"
                found.info("lost-reference", what, "correct the path", where)
            elif path in trail:
                circle = " → ".join((*trail[trail.index(path) :], path))
                found.error(
                    "circular-include",
                    f"a circle of @includes: {circle}",
                    "take one out",
                    where,
                )
            elif len(trail) > MAX_INCLUDE_DEPTH:
                what = f"'@{written}' is more than {MAX_INCLUDE_DEPTH} includes deep and not read"
                found.warn("deep-include", what, "include it further up", where)
            elif path not in gathered:
                gathered[path] = records.IncludedFile(file=path, body=texts[path])
                follow((*trail, path), texts[path], 1)

    follow((page.path,), page.document.body, page.document.body_line)
    return tuple(gathered.values())
