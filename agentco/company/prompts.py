"""Reads a prompt: `.prompt.md` and the commands of Claude Code (FORMATS section 4)."""

from agentco.company import records
from agentco.company.header_reader import Page, summary
from agentco.kernel import names

BUILT_IN = frozenset({"ask", "agent", "plan", "edit"})
"""Agents that every editor has; here they stand for the default agent with fewer tools."""


def read_prompt(page: Page) -> records.Prompt:
    """The prompt that a page describes. Its name becomes the command, the file's stem stays an alias."""
    name = page.name()
    aliases = (page.stem,) if page.stem != name else ()
    who = {
        "id": names.slug(name),
        "name": name,
        "aliases": aliases,
        "own": page.own(records.PromptOwn),
    }
    asked = {
        "agent": page.text("agent", "mode"),
        "models": page.models(),
        "tools": page.tools(),
    }
    described, usage = (
        page.description() or summary(page.document.body),
        page.argument_hint(),
    )
    return page.record(
        records.Prompt, description=described, argument_hint=usage, **who, **asked
    )
