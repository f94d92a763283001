"""Reads an agent: `.agent.md`, chat modes, and the subagents of Claude Code (FORMATS section 2)."""

from agentco.company.common import (
    Page,
    argument_hint,
    clean,
    described,
    filed,
    models_of,
    named,
    summary,
    tools_of,
)
from agentco.company.hooks import read_hooks
from agentco.company.mcp import read_servers
from agentco.company.names import slug
from agentco.company.own_keys import own_keys
from agentco.company.records import Agent, AgentOwn, Handoff, McpServer
from agentco.company.tools import Grant, read_tools
from agentco.company.values import Value


def read_agent(page: Page) -> Agent:
    """The agent that a page describes; what is missing gets the defaults of the table."""
    fields = page.fields
    servers = _servers(page)
    user_invocable, model_invocable = _invocable(page)
    return Agent(
        id=slug(page.stem),
        name=named(page),
        description=_description(page),
        own=own_keys(fields, AgentOwn),
        argument_hint=argument_hint(page),
        tools=tools_of(page, frozenset(s.name for s in servers)),
        without=_without(page),
        agents=_agents(page),
        models=models_of(page),
        user_invocable=user_invocable,
        model_invocable=model_invocable,
        target=fields.text("target"),
        servers=servers,
        handoffs=_handoffs(page),
        hooks=tuple(read_hooks(fields.mapping("hooks"), page.path)),
        skills=fields.words("skills") or (),
        memory=fields.text("memory"),
        max_turns=fields.whole("maxTurns"),
        permission_mode=_permission_mode(page),
        **filed(page),
    )


def _description(page: Page) -> str:
    if text := described(page):
        return text
    if page.document.headed:
        hint = "add description: to the header"
        page.found.warn("no-description", "no description: the first paragraph stands in", hint)
    return summary(page.document.body)


def _invocable(page: Page) -> tuple[bool, bool]:
    """Whether the founder sees the agent, and whether other agents may call it. The newer keys win."""
    fields = page.fields
    infer = fields.take("infer")
    hidden = fields.flag("hidden") is True or fields.text("mode") == "subagent"
    shown, closed = fields.flag("user-invocable", "user-invokable"), fields.flag("disable-model-invocation")
    if shown is None:
        shown = not hidden and infer not in ("agent", "hidden")
    if closed is None:
        unread = fields.line("disable-model-invocation") is not None
        closed = unread or infer is False or infer in ("false", "user", "hidden")
    return shown, not closed


def _agents(page: Page) -> tuple[str, ...] | None:
    """Whom the agent may call: None for all, nobody when the list cannot be read."""
    names = page.fields.words("agents")
    if page.fields.unreadable("agents") or (names is None and page.fields.line("agents")):
        return ()
    return None if names is None or "*" in names else names


def _without(page: Page) -> tuple[Grant, ...]:
    """What `disallowedTools` takes away. A list that cannot be read would take nothing away: an error."""
    names, line = page.fields.words("disallowedTools"), page.fields.line("disallowedTools")
    if page.fields.unreadable("disallowedTools") or (names is None and line):
        page.found.error("disallowed-tools", "disallowedTools cannot be read", "write it as a list", line)
    return read_tools(names or (), page.servers).grants


def _permission_mode(page: Page) -> str:
    mode = page.fields.text("permissionMode")
    if mode == "bypassPermissions":
        line = page.fields.line("permissionMode")
        hint = "delete the key: rules stand in the settings"
        page.found.warn("bypass-permissions", "permissionMode: bypassPermissions is ignored", hint, line)
        return ""
    return mode


def _servers(page: Page) -> tuple[McpServer, ...]:
    def line_of(name: str) -> int | None:
        return page.document.lines.get(("mcp-servers", name))

    return tuple(read_servers(page.fields.mapping("mcp-servers"), page.found, line_of))


def _handoffs(page: Page) -> tuple[Handoff, ...]:
    value = page.fields.take("handoffs")
    entries = value if isinstance(value, list) else []
    offered = (_handoff(entry) for entry in entries if isinstance(entry, dict))
    kept = tuple(handoff for handoff in offered if handoff.agent and handoff.label)
    if len(kept) < len(entries):
        line = page.fields.line("handoffs")
        page.found.warn("handoff", "a handoff without agent or label is dropped", "give it both", line)
    return kept


def _handoff(entry: dict[str, Value]) -> Handoff:
    """`target` and `description` are another tool's words for `agent` and `label`."""

    def text(*keys: str) -> str:
        return next((clean(v) for k in keys if isinstance(v := entry.get(k), str)), "")

    return Handoff(
        label=text("label", "description"),
        agent=text("agent", "target"),
        prompt=text("prompt"),
        send=entry.get("send") is True,
        model=text("model"),
    )
