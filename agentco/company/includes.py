"""What a CLAUDE.md pulls in with `@path`: what agents may see, at most five deep, no circles."""

import re
from collections.abc import Iterator

from agentco.company import mentions
from agentco.company.closed_names import is_private_path
from agentco.company.header_reader import MarkdownPage
from agentco.company.records import IncludedFile

MAX_INCLUDE_DEPTH = 5
MAX_INCLUDES = 500
"""How many mentions of paths are followed."""
_INCLUDE = re.compile(r"(?<![\w@`/])@((?:\.{0,2}/)?[\w.-]+(?:/[\w.-]+)*)")


def find_includes(
    file: str, body: str, first_line: int = 1
) -> Iterator[tuple[str, str | None, int]]:
    """Every path that a body pulls in: as written, from the company's folder, and its line.

    A name without a dot or slash is a person. What leads out of the company or to secrets has no
    path.
    """
    for line, row in mentions.prose_lines(body, first_line):
        for match in _INCLUDE.finditer(row):
            written = match[1].rstrip(".")
            if "." in written or "/" in written:
                path = mentions.resolve_path(file, written)
                is_private = path is not None and is_private_path(path)
                yield written, None if is_private else path, line


def resolve_includes(page: MarkdownPage) -> tuple[IncludedFile, ...]:
    """Every file that a page pulls in, in the order of reading.

    A circle is an error that names it, and leaves the page out.
    """
    resolver = _IncludeResolver(page)
    resolver.follow((page.path,), page.document.body, page.document.body_line)
    if resolver.left < 0:
        what = f"more than {MAX_INCLUDES} @includes: the rest is not read"
        page.findings.warn("many-includes", what, "include fewer files")
    return tuple(resolver.included.values())


class _IncludeResolver:
    """Follows the includes of one page; `included` are the files by path."""

    def __init__(self, page: MarkdownPage) -> None:
        self.texts = page.context.texts
        self.findings = page.findings
        self.included: dict[str, IncludedFile] = {}
        self.left = MAX_INCLUDES

    def follow(self, trail: tuple[str, ...], body: str, first_line: int) -> None:
        """Include what the last file of a trail pulls in; `first_line` is where its body begins."""
        for written, path, line in find_includes(trail[-1], body, first_line):
            self.left -= 1
            if self.left < 0:
                break
            # only the page's own lines can be shown
            shown_line = line if len(trail) == 1 else None
            if path is None or (path not in self.texts and path not in trail):
                what = f"'@{written}' in {trail[-1]} is not there, or not for agents"
                hint = (
                    "correct the path; no link, and nothing that git ignores, is read"
                )
                self.findings.info("lost-reference", what, hint, shown_line)
            elif path in trail:
                circle = " → ".join((*trail[trail.index(path) :], path))
                what = f"circular @includes: {circle}"
                self.findings.error(
                    "circular-include", what, "remove one of them", shown_line
                )
            elif len(trail) > MAX_INCLUDE_DEPTH:
                what = (
                    f"'@{written}' is more than {MAX_INCLUDE_DEPTH} includes deep "
                    "and not read"
                )
                hint = "include it further up"
                self.findings.warn("deep-include", what, hint, shown_line)
            elif path not in self.included:
                text = self.texts[path]
                self.included[path] = IncludedFile(file=path, body=text)
                self.follow((*trail, path), text, 1)
