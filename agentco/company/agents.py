"""Reads an agent: `.agent.md`, chat modes, and the subagents of Claude Code (FORMATS section 2)."""

from agentco.company.header_reader import MarkdownPage, summarize_body
from agentco.company.mcp_config import read_servers
from agentco.company.records import Agent, AgentSettings, Handoff
from agentco.company.tool_names import Grant, read_tools
from agentco.file_formats.yaml_values import maps_in_list
from agentco.kernel.names import slug


def read_agent(page: MarkdownPage) -> Agent:
    """The agent that a page describes; what is missing gets the defaults of the table."""
    entries = page.mapping_value("mcp-servers")
    servers = tuple(read_servers(entries, page.reader, ("mcp-servers",)))
    user_invocable, model_invocable = _read_invocable(page)
    _warn_about_bypass(page)
    return page.build_record(
        Agent,
        id=slug(page.stem),
        name=page.display_name(),
        description=_description_or_summary(page),
        own=page.own_settings(AgentSettings),
        tools=page.tool_list(frozenset(server.name for server in servers)),
        without=_disallowed_tools(page),
        agents=_callable_agents(page),
        servers=servers,
        user_invocable=user_invocable,
        model_invocable=model_invocable,
        handoffs=_read_handoffs(page),
        argument_hint=page.argument_hint(),
        models=page.model_labels(),
        skills=page.string_list("skills") or (),
        max_turns=page.typed_value(int, "maxTurns"),
    )


def _description_or_summary(page: MarkdownPage) -> str:
    text = page.description()
    if text:
        return text
    if page.document.headed:
        what = "no description: the first paragraph is used instead"
        page.findings.warn("no-description", what, "add description: to the header")
    return summarize_body(page.document.body)


def _read_invocable(page: MarkdownPage) -> tuple[bool, bool]:
    """Whether the founder sees the agent, and whether agents may call it. The newer keys win."""
    infer = page.raw_value("infer")
    is_hidden = page.typed_value(bool, "hidden") is True
    is_subagent = page.text_value("mode") == "subagent"
    shown = page.typed_value(bool, "user-invocable", "user-invokable")
    closed = page.typed_value(bool, "disable-model-invocation")
    if shown is None:
        shown = not (is_hidden or is_subagent or infer in ("agent", "hidden"))
    if closed is None:
        is_unreadable = page.line_of("disable-model-invocation") is not None
        forbids = infer is False or infer in ("false", "user", "hidden")
        closed = is_unreadable or forbids
    return shown, not closed


def _callable_agents(page: MarkdownPage) -> tuple[str, ...] | None:
    """Whom the agent may call: None for all, nobody if the list cannot be read."""
    names = page.string_list("agents")
    if names is None:
        is_unreadable = page.is_lost("agents") or page.line_of("agents") is not None
        return () if is_unreadable else None
    return None if "*" in names else names


def _disallowed_tools(page: MarkdownPage) -> tuple[Grant, ...]:
    """What `disallowedTools` takes away. An unreadable list would take nothing: an error."""
    names = page.string_list("disallowedTools")
    line = page.line_of("disallowedTools")
    if names is None and (page.is_lost("disallowedTools") or line):
        what = "disallowedTools cannot be read"
        page.findings.error("disallowed-tools", what, "write it as a list", line)
    return read_tools(names or (), page.context.servers).grants


def _warn_about_bypass(page: MarkdownPage) -> None:
    mode, line = page.extra_value("permissionMode")
    if mode == "bypassPermissions":
        what = "permissionMode: bypassPermissions is ignored"
        hint = "delete the key: permissions belong in the settings"
        page.findings.warn("bypass-permissions", what, hint, line)


def _read_handoffs(page: MarkdownPage) -> tuple[Handoff, ...]:
    """`target` and `description` are another tool's words for `agent` and `label`."""
    value = page.raw_value("handoffs")
    handoffs: list[Handoff] = []
    for entry in maps_in_list(value):
        keys = {"agent": entry.get("target"), "label": entry.get("description")}
        keys.update(entry)
        handoff = page.reader.read_struct(Handoff, keys, ("handoffs",))
        if handoff.agent and handoff.label:
            handoffs.append(handoff)
    if isinstance(value, list) and len(handoffs) < len(value):
        what = "a handoff without agent or label is dropped"
        line = page.line_of("handoffs")
        page.findings.warn("handoff", what, "give it both", line)
    return tuple(handoffs)
