"""Reads an agent: `.agent.md`, chat modes, and the subagents of Claude Code (FORMATS section 2)."""

from agentco.company import json_files, mcp_config, records, tool_names
from agentco.company.header_reader import Page, summary
from agentco.company.yaml_values import maps
from agentco.kernel.names import slug


def read_agent(page: Page) -> records.Agent:
    """The agent that a page describes; what is missing gets the defaults of the table."""
    servers = tuple(
        mcp_config.read_servers(
            page.mapping("mcp-servers"), page.reader, ("mcp-servers",)
        )
    )
    user_invocable, model_invocable = _invocable(page)
    who = {
        "id": slug(page.stem),
        "name": page.name(),
        "description": _description(page),
    }
    given = page.tools(frozenset(server.name for server in servers))
    may = {
        "tools": given,
        "without": _without(page),
        "agents": _agents(page),
        "servers": servers,
    }
    shown = {
        "user_invocable": user_invocable,
        "model_invocable": model_invocable,
        "handoffs": _handoffs(page),
    }
    asked = {
        "argument_hint": page.argument_hint(),
        "models": page.models(),
        "skills": page.words("skills") or (),
    }
    foreign = {
        "target": page.text("target"),
        "memory": page.text("memory"),
        "max_turns": page.take(int, "maxTurns"),
    }
    hooks = tuple(json_files.read_hooks(page.mapping("hooks"), page.path))
    mode, own = _permission_mode(page), page.own(records.AgentOwn)
    known = {
        **who,
        **may,
        **shown,
        **asked,
        **foreign,
        "hooks": hooks,
        "permission_mode": mode,
        "own": own,
    }
    return page.record(records.Agent, **known)


def _description(page: Page) -> str:
    if text := page.description():
        return text
    if page.document.headed:
        hint = "add description: to the header"
        page.found.warn(
            "no-description", "no description: the first paragraph stands in", hint
        )
    return summary(page.document.body)


def _invocable(page: Page) -> tuple[bool, bool]:
    """Whether the founder sees the agent, and whether other agents may call it. The newer keys win."""
    infer = page.value("infer")
    hidden = page.take(bool, "hidden") is True or page.text("mode") == "subagent"
    shown = page.take(bool, "user-invocable", "user-invokable")
    closed = page.take(bool, "disable-model-invocation")
    if shown is None:
        shown = not hidden and infer not in ("agent", "hidden")
    if closed is None:
        unread = page.line("disable-model-invocation") is not None
        closed = unread or infer is False or infer in ("false", "user", "hidden")
    return shown, not closed


def _agents(page: Page) -> tuple[str, ...] | None:
    """Whom the agent may call: None for all, nobody when the list cannot be read."""
    names = page.words("agents")
    if names is None and (page.lost("agents") or page.line("agents")):
        return ()
    return None if names is None or "*" in names else names


def _without(page: Page) -> tuple[tool_names.Grant, ...]:
    """What `disallowedTools` takes away. A list that cannot be read would take nothing away: an error."""
    names, line = page.words("disallowedTools"), page.line("disallowedTools")
    if names is None and (page.lost("disallowedTools") or line):
        page.found.error(
            "disallowed-tools",
            "disallowedTools cannot be read",
            "write it as a list",
            line,
        )
    return tool_names.read_tools(names or (), page.around.servers).grants


def _permission_mode(page: Page) -> str:
    mode = page.text("permissionMode")
    if mode != "bypassPermissions":
        return mode
    what, hint = (
        "permissionMode: bypassPermissions is ignored",
        "delete the key: rules stand in the settings",
    )
    page.found.warn("bypass-permissions", what, hint, page.line("permissionMode"))
    return ""


def _handoffs(page: Page) -> tuple[records.Handoff, ...]:
    """`target` and `description` are another tool's words for `agent` and `label`."""
    entries = page.value("handoffs")
    spelt = (
        {"agent": entry.get("target"), "label": entry.get("description")} | entry
        for entry in maps(entries)
    )
    offered = (
        page.reader.struct(records.Handoff, entry, ("handoffs",)) for entry in spelt
    )
    kept = tuple(handoff for handoff in offered if handoff.agent and handoff.label)
    if isinstance(entries, list) and len(kept) < len(entries):
        page.found.warn(
            "handoff",
            "a handoff without agent or label is dropped",
            "give it both",
            page.line("handoffs"),
        )
    return kept
