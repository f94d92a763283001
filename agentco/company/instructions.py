"""Reads instructions for some files, and the files that always hold (FORMATS section 3)."""

from agentco.company.applies import globs
from agentco.company.includes import pulled_in
from agentco.company.names import slug
from agentco.company.page import Page, clean
from agentco.company.places import Dialect
from agentco.company.records import AlwaysOn, Instructions


def read_instructions(page: Page) -> Instructions:
    """Instructions with the patterns of the files they go with."""
    return page.record(
        Instructions,
        id=slug(page.stem),
        name=page.name(),
        description=page.description(),
        apply_to=_apply_to(page),
        exclude_agents=page.words("excludeAgent") or (),
    )


def _apply_to(page: Page) -> tuple[str, ...]:
    """A rule of Claude Code without paths goes with every file."""
    claude = page.place.dialect is Dialect.CLAUDE
    value = page.value("paths" if claude else "applyTo")
    if value is None:
        return ("**",) if claude and not page.lost("paths") else ()
    written = value if isinstance(value, list) else [value]
    return tuple(glob for item in written if isinstance(item, str) for glob in globs(item))


def read_always_on(page: Page) -> AlwaysOn:
    """A file that holds in its folder and below; those in .github and .claude hold everywhere."""
    folder = page.path.rpartition("/")[0]
    claude = page.place.dialect is Dialect.CLAUDE
    return page.record(
        AlwaysOn,
        id=page.path,
        name=clean(page.text("name")) or page.path,
        description=page.description(),
        folder="" if folder.startswith((".github", ".claude", "~")) else folder,
        includes=pulled_in(page) if claude else (),
    )
