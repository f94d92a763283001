"""Reads a prompt: `.prompt.md` and the commands of Claude Code (FORMATS section 4)."""

from agentco.company.common import Page, argument_hint, described, filed, models_of, named, summary, tools_of
from agentco.company.names import slug
from agentco.company.own_keys import own_keys
from agentco.company.records import Prompt, PromptOwn

BUILT_IN = frozenset({"ask", "agent", "plan", "edit"})
"""Agents that every editor has; here they stand for the default agent with fewer tools."""


def read_prompt(page: Page) -> Prompt:
    """The prompt that a page describes. Its name becomes the command, the file's stem stays an alias."""
    name = named(page)
    return Prompt(
        id=slug(name),
        name=name,
        aliases=(page.stem,) if page.stem != name else (),
        description=described(page) or summary(page.document.body),
        own=own_keys(page.fields, PromptOwn),
        argument_hint=argument_hint(page),
        agent=page.fields.text("agent", "mode"),
        models=models_of(page),
        tools=tools_of(page),
        **filed(page),
    )
