"""Reads instructions for some files, and the files that always hold (FORMATS section 3)."""

from agentco.company import file_locations, globs, includes
from agentco.company.header_reader import MarkdownPage, one_line
from agentco.company.records import AlwaysOn, Instructions
from agentco.kernel import names


def read_instructions(page: MarkdownPage) -> Instructions:
    """Instructions with the patterns of the files they go with."""
    name, description, excluded = (
        page.display_name(),
        page.description(),
        page.string_list("excludeAgent") or (),
    )
    to = {"apply_to": _apply_to(page), "exclude_agents": excluded}
    return page.build_record(
        Instructions, id=names.slug(page.stem), name=name, description=description, **to
    )


def _apply_to(page: MarkdownPage) -> tuple[str, ...]:
    """A rule of Claude Code without paths goes with every file."""
    claude = page.place.dialect is file_locations.Dialect.CLAUDE
    value = page.raw_value("paths" if claude else "applyTo")
    if value is None:
        return ("**",) if claude and not page.is_lost("paths") else ()
    written = value if isinstance(value, list) else [value]
    return tuple(
        glob
        for item in written
        if isinstance(item, str)
        for glob in globs.split_globs(item)
    )


def read_always_on(page: MarkdownPage) -> AlwaysOn:
    """A file that holds in its folder and below; those in .github and .claude hold everywhere."""
    folder = page.path.rpartition("/")[0]
    where = "" if folder.startswith((".github", ".claude", "~")) else folder
    pulled = (
        includes.resolve_includes(page)
        if page.place.dialect is file_locations.Dialect.CLAUDE
        else ()
    )
    name, description = (
        one_line(page.text_value("name")) or page.path,
        page.description(),
    )
    return page.build_record(
        AlwaysOn,
        id=page.path,
        name=name,
        description=description,
        folder=where,
        includes=pulled,
    )
