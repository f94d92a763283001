"""Reads instructions for some files, and the files that always hold (FORMATS section 3)."""

from agentco.company.file_locations import Dialect
from agentco.company.globs import split_globs
from agentco.company.header_reader import MarkdownPage, one_line
from agentco.company.includes import resolve_includes
from agentco.company.records import AlwaysOn, Instructions
from agentco.kernel.names import slug


def read_instructions(page: MarkdownPage) -> Instructions:
    """Instructions with the patterns of the files they go with."""
    return page.build_record(
        Instructions,
        id=slug(page.stem),
        name=page.display_name(),
        description=page.description(),
        apply_to=_apply_to(page),
        exclude_agents=page.string_list("excludeAgent") or (),
    )


def _apply_to(page: MarkdownPage) -> tuple[str, ...]:
    """The patterns; a rule of Claude Code without paths goes with every file."""
    is_claude = page.place.dialect is Dialect.CLAUDE
    value = page.raw_value("paths" if is_claude else "applyTo")
    if value is None:
        return ("**",) if is_claude and not page.is_lost("paths") else ()
    patterns: list[str] = []
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, str):
            patterns += split_globs(item)
    return tuple(patterns)


def read_always_on(page: MarkdownPage) -> AlwaysOn:
    """A file that holds in its folder and below; those in .github and .claude hold everywhere."""
    folder = page.path.rpartition("/")[0]
    is_claude = page.place.dialect is Dialect.CLAUDE
    return page.build_record(
        AlwaysOn,
        id=page.path,
        name=one_line(page.text_value("name")) or page.path,
        description=page.description(),
        folder="" if folder.startswith((".github", ".claude", "~")) else folder,
        includes=resolve_includes(page) if is_claude else (),
    )
