"""Reads instructions for some files, and the files that always hold (FORMATS section 3)."""

from agentco.company import file_locations, globs, includes
from agentco.company.header_reader import Page, clean
from agentco.company.records import AlwaysOn, Instructions
from agentco.kernel import names


def read_instructions(page: Page) -> Instructions:
    """Instructions with the patterns of the files they go with."""
    name, description, excluded = (
        page.name(),
        page.description(),
        page.words("excludeAgent") or (),
    )
    to = {"apply_to": _apply_to(page), "exclude_agents": excluded}
    return page.record(
        Instructions, id=names.slug(page.stem), name=name, description=description, **to
    )


def _apply_to(page: Page) -> tuple[str, ...]:
    """A rule of Claude Code without paths goes with every file."""
    claude = page.place.dialect is file_locations.Dialect.CLAUDE
    value = page.value("paths" if claude else "applyTo")
    if value is None:
        return ("**",) if claude and not page.lost("paths") else ()
    written = value if isinstance(value, list) else [value]
    return tuple(
        glob for item in written if isinstance(item, str) for glob in globs.globs(item)
    )


def read_always_on(page: Page) -> AlwaysOn:
    """A file that holds in its folder and below; those in .github and .claude hold everywhere."""
    folder = page.path.rpartition("/")[0]
    where = "" if folder.startswith((".github", ".claude", "~")) else folder
    pulled = (
        includes.pulled_in(page)
        if page.place.dialect is file_locations.Dialect.CLAUDE
        else ()
    )
    name, description = clean(page.text("name")) or page.path, page.description()
    return page.record(
        AlwaysOn,
        id=page.path,
        name=name,
        description=description,
        folder=where,
        includes=pulled,
    )
