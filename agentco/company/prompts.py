"""Reads a prompt: `.prompt.md` and the commands of Claude Code (FORMATS section 4)."""

from agentco.company.header_reader import MarkdownPage, summarize_body
from agentco.company.records import Prompt, PromptSettings
from agentco.kernel import names

BUILT_IN_AGENTS = frozenset({"ask", "agent", "plan", "edit"})
"""Agents that every editor has; here they stand for the default agent with fewer tools."""


def read_prompt(page: MarkdownPage) -> Prompt:
    """The prompt that a page describes. Its name is the command, the file's stem an alias."""
    name = page.display_name()
    return page.build_record(
        Prompt,
        id=names.slug(name),
        name=name,
        aliases=(page.stem,) if page.stem != name else (),
        description=page.description() or summarize_body(page.document.body),
        own=page.own_settings(PromptSettings),
        agent=page.text_value("agent", "mode"),
        argument_hint=page.argument_hint(),
        models=page.model_labels(),
        tools=page.tool_list(),
    )
