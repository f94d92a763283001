"""Reads a prompt: `.prompt.md` and the commands of Claude Code (FORMATS section 4)."""

from agentco.company import records
from agentco.company.header_reader import MarkdownPage, summarize_body
from agentco.kernel import names

BUILT_IN_AGENTS = frozenset({"ask", "agent", "plan", "edit"})
"""Agents that every editor has; here they stand for the default agent with fewer tools."""


def read_prompt(page: MarkdownPage) -> records.Prompt:
    """The prompt that a page describes. Its name becomes the command, the file's stem stays an alias."""
    name = page.display_name()
    aliases = (page.stem,) if page.stem != name else ()
    who = {
        "id": names.slug(name),
        "name": name,
        "aliases": aliases,
        "own": page.own_settings(records.PromptSettings),
    }
    asked = {
        "agent": page.text_value("agent", "mode"),
        "models": page.model_labels(),
        "tools": page.tool_list(),
    }
    described, usage = (
        page.description() or summarize_body(page.document.body),
        page.argument_hint(),
    )
    return page.build_record(
        records.Prompt, description=described, argument_hint=usage, **who, **asked
    )
