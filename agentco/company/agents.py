"""Reads an agent: `.agent.md`, chat modes, and the subagents of Claude Code (FORMATS section 2)."""

from agentco.company import json_files, mcp_config, records, tool_names
from agentco.company.header_reader import MarkdownPage, summarize_body
from agentco.company.yaml_values import maps_in_list
from agentco.kernel.names import slug


def read_agent(page: MarkdownPage) -> records.Agent:
    """The agent that a page describes; what is missing gets the defaults of the table."""
    servers = tuple(
        mcp_config.read_servers(
            page.mapping_value("mcp-servers"), page.reader, ("mcp-servers",)
        )
    )
    user_invocable, model_invocable = _read_invocable(page)
    who = {
        "id": slug(page.stem),
        "name": page.display_name(),
        "description": _description_or_summary(page),
    }
    given = page.tool_list(frozenset(server.name for server in servers))
    may = {
        "tools": given,
        "without": _disallowed_tools(page),
        "agents": _callable_agents(page),
        "servers": servers,
    }
    shown = {
        "user_invocable": user_invocable,
        "model_invocable": model_invocable,
        "handoffs": _read_handoffs(page),
    }
    asked = {
        "argument_hint": page.argument_hint(),
        "models": page.model_labels(),
        "skills": page.string_list("skills") or (),
    }
    foreign = {
        "target": page.text_value("target"),
        "memory": page.text_value("memory"),
        "max_turns": page.typed_value(int, "maxTurns"),
    }
    hooks = tuple(json_files.read_hooks(page.mapping_value("hooks"), page.path))
    mode, own = _permission_mode(page), page.own_settings(records.AgentSettings)
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
    return page.build_record(records.Agent, **known)


def _description_or_summary(page: MarkdownPage) -> str:
    if text := page.description():
        return text
    if page.document.headed:
        hint = "add description: to the header"
        page.found.warn(
            "no-description", "no description: the first paragraph stands in", hint
        )
    return summarize_body(page.document.body)


def _read_invocable(page: MarkdownPage) -> tuple[bool, bool]:
    """Whether the founder sees the agent, and whether other agents may call it. The newer keys win."""
    infer = page.raw_value("infer")
    hidden = (
        page.typed_value(bool, "hidden") is True
        or page.text_value("mode") == "subagent"
    )
    shown = page.typed_value(bool, "user-invocable", "user-invokable")
    closed = page.typed_value(bool, "disable-model-invocation")
    if shown is None:
        shown = not hidden and infer not in ("agent", "hidden")
    if closed is None:
        unread = page.line_of("disable-model-invocation") is not None
        closed = unread or infer is False or infer in ("false", "user", "hidden")
    return shown, not closed


def _callable_agents(page: MarkdownPage) -> tuple[str, ...] | None:
    """Whom the agent may call: None for all, nobody when the list cannot be read."""
    names = page.string_list("agents")
    if names is None and (page.is_lost("agents") or page.line_of("agents")):
        return ()
    return None if names is None or "*" in names else names


def _disallowed_tools(page: MarkdownPage) -> tuple[tool_names.Grant, ...]:
    """What `disallowedTools` takes away. A list that cannot be read would take nothing away: an error."""
    names, line = page.string_list("disallowedTools"), page.line_of("disallowedTools")
    if names is None and (page.is_lost("disallowedTools") or line):
        page.found.error(
            "disallowed-tools",
            "disallowedTools cannot be read",
            "write it as a list",
            line,
        )
    return tool_names.read_tools(names or (), page.around.servers).grants


def _permission_mode(page: MarkdownPage) -> str:
    mode = page.text_value("permissionMode")
    if mode != "bypassPermissions":
        return mode
    what, hint = (
        "permissionMode: bypassPermissions is ignored",
        "delete the key: rules stand in the settings",
    )
    page.found.warn("bypass-permissions", what, hint, page.line_of("permissionMode"))
    return ""


def _read_handoffs(page: MarkdownPage) -> tuple[records.Handoff, ...]:
    """`target` and `description` are another tool's words for `agent` and `label`."""
    entries = page.raw_value("handoffs")
    spelt = (
        {"agent": entry.get("target"), "label": entry.get("description")} | entry
        for entry in maps_in_list(entries)
    )
    offered = (
        page.reader.read_struct(records.Handoff, entry, ("handoffs",))
        for entry in spelt
    )
    kept = tuple(handoff for handoff in offered if handoff.agent and handoff.label)
    if isinstance(entries, list) and len(kept) < len(entries):
        page.found.warn(
            "handoff",
            "a handoff without agent or label is dropped",
            "give it both",
            page.line_of("handoffs"),
        )
    return kept
