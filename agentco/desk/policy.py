"""What an agent may do, and which line says so: the same function that rules on every act."""

from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from agentco.company.closed_names import is_private_path
from agentco.company.records import Agent, Permissions, rule_text
from agentco.company.settings import SETTINGS_FILE
from agentco.company.tool_table import GrantedTo, Target, find_tool, in_table_order
from agentco.desk.lookups import find_agent
from agentco.desk.open_company import OpenCompany
from agentco.kernel.company_paths import normalize_path
from agentco.kernel.errors import WrongUsage
from agentco.permissions.acts import ToolUse, UnreadableAct, read_act, tool_facts
from agentco.permissions.rule_matcher import match_rule
from agentco.permissions.rule_problems import rule_problem
from agentco.permissions.ruling import BUILT_IN, Ruling, RulingDetails, check_permission
from agentco.runs.grants import granted_tools

CLOSED = "Read, Edit: what git ignores, .git, .agentco, .env*, keys, logins"
MADE_OF = "Edit: agents, prompts, skills, instructions, and what can be run"
ANYTHING_ELSE = "anything else"


class ActRuling(Struct, frozen=True, kw_only=True):
    """The ruling on an act; without an `agent` by the settings alone."""

    act: str
    agent: str | None
    details: RulingDetails


class PolicyRow(Struct, frozen=True, kw_only=True):
    """A rule, whom it concerns, and where it stands; `file` is None for what is built in.

    `who` are the agents that have a tool that it is about, `of_all` whether that is everybody.
    """

    ruling: Ruling
    rule: str
    who: tuple[str, ...]
    of_all: bool
    file: str | None = None
    line: int | None = None
    problem: str | None = None


def rule_on_act(company: OpenCompany, text: str, name: str | None = None) -> ActRuling:
    """The ruling on an act such as `Edit(notes/a.md)` by an agent.

    Raises WrongUsage for an agent that is not there, and for what names no act.
    """
    try:
        use = read_act(text)
    except UnreadableAct as error:
        hint = 'write a tool and what it acts on, such as "Edit(notes/plan.md)"'
        raise WrongUsage(str(error), hint=hint) from None
    agent = find_agent(company.files.load(), name) if name else None
    file = company.files.settings()
    rulings = [
        check_permission(
            form,
            file.require_valid().permissions,
            agent.own.permissions if agent else Permissions(),
            lines=file.lines,
            own_place=own_place(agent) if agent else None,
        )
        for form in _with_disk(company, use)
    ]
    details = min([*rulings, *_closed_on_disk(company, use)], key=_strictness)
    if agent and _lacks(company, agent, use.tool):
        details = RulingDetails(
            ruling=Ruling.DENY,
            rule="tools",
            why=f"{agent.id} does not have the tool {use.tool}",
            file=agent.file,
            line=agent.lines.get("tools"),
        )
    return ActRuling(act=text, agent=agent.id if agent else None, details=details)


def own_place(agent: Agent) -> tuple[str, int | None]:
    """The file of an agent, and the line where its own rules begin."""
    return agent.file, agent.lines.get("agentco.permissions")


def policy_table(company: OpenCompany, name: str | None = None) -> list[PolicyRow]:
    """Every rule in the order in which they count, with the agents whose tools it is about.

    With a name only what concerns that agent. Raises WrongUsage for one that is not there.
    """
    agents = company.files.load().agents
    tools = {agent.id: listed_tools(company, agent) for agent in agents}
    rows = list(_all_rows(company, tools))
    if name is None:
        return rows
    wanted = find_agent(company.files.load(), name).id
    return [row for row in rows if wanted in row.who]


def listed_tools(company: OpenCompany, agent: Agent) -> tuple[str, ...]:
    """The tools that an agent has, those of servers that its list names among them."""
    orchestrator = company.files.load().find_agent(
        company.settings.company.orchestrator or ""
    )
    granted = granted_tools(agent, orchestrator=agent is orchestrator)
    listed = [grant.tool for grant in agent.tools.grants] if agent.tools else []
    servers = [tool for tool in listed if tool.startswith("mcp__")]
    return (*in_table_order(granted), *servers)


def _all_rows(
    company: OpenCompany, tools: dict[str, tuple[str, ...]]
) -> Iterator[PolicyRow]:
    file = company.files.settings()
    rules = file.require_valid().permissions
    everybody = tuple(tools)
    for ruling in Ruling:
        if ruling is Ruling.DENY:
            yield PolicyRow(ruling=ruling, rule=CLOSED, who=everybody, of_all=True)
        if ruling is Ruling.ASK:
            yield PolicyRow(ruling=ruling, rule=MADE_OF, who=everybody, of_all=True)
        for text in BUILT_IN.texts()[ruling]:
            yield _row(ruling, text, tools)
        for i, text in enumerate(rules.texts()[ruling]):
            line = file.lines.get(("permissions", ruling, i))
            row = _row(ruling, text, tools)
            yield replace(
                row, file=SETTINGS_FILE, line=line, problem=rule_problem(text)
            )
        if ruling is not Ruling.ALLOW:  # what an agent allows itself counts for nothing
            yield from _own_rows(company, ruling)
    yield PolicyRow(ruling=Ruling.ASK, rule=ANYTHING_ELSE, who=everybody, of_all=True)


def _own_rows(company: OpenCompany, ruling: Ruling) -> Iterator[PolicyRow]:
    for agent in company.files.load().agents:
        file, line = own_place(agent)
        for rule in getattr(agent.own.permissions, ruling):
            text = rule_text(rule)
            yield PolicyRow(
                ruling=ruling,
                rule=text,
                who=(agent.id,),
                of_all=False,
                file=file,
                line=line,
                problem=rule_problem(text),
            )


def _row(ruling: Ruling, text: str, tools: dict[str, tuple[str, ...]]) -> PolicyRow:
    who = tuple(
        agent
        for agent, names in tools.items()
        if any(match_rule(text, 0, tool_facts(name)) for name in names)
    )
    return PolicyRow(ruling=ruling, rule=text, who=who, of_all=len(who) == len(tools))


def _with_disk(company: OpenCompany, use: ToolUse) -> Iterator[ToolUse]:
    """An act with what the disk says of its path, where it leads, and its file's other names."""
    path = _path_of(use)
    if not path:
        yield use
        return
    files = company.files
    real = files.resolve_links(path)
    for form in dict.fromkeys((path, real, *(files.names_of(real) or ()))):
        yield replace(
            use,
            specifier=form,
            ignored=files.is_ignored(form),
            executable=files.is_executable(path),
        )


def _closed_on_disk(company: OpenCompany, use: ToolUse) -> Iterator[RulingDetails]:
    """What tools refuse by themselves, whatever the rules say."""
    path = _path_of(use)
    if not path:
        return
    real = company.files.resolve_links(path)
    why = ""
    if ".." in use.specifier.split("/") and not tool_facts(use.tool).changes_files:
        why = "a path is read as it stands, without '..'"
    elif any(map(is_private_path, (path, real))):
        why = "agents know the memory by their tools, not by its file"
    elif company.files.names_of(real) is None:
        why = "the file has another name that agents do not see: it is a hard link"
    if why:
        yield RulingDetails(ruling=Ruling.DENY, rule="built in", why=why)


def _path_of(use: ToolUse) -> str | None:
    """The path that an act is about; None for what is about none, or leads out of the company."""
    if tool_facts(use.tool).target is not Target.PATH:
        return None
    return normalize_path(use.specifier)


def _strictness(details: RulingDetails) -> int:
    return [*Ruling].index(details.ruling)


def _lacks(company: OpenCompany, agent: Agent, name: str) -> bool:
    """Whether an agent has a list of tools without this one; a job may bring some."""
    tool = find_tool(name)
    if tool and tool.granted is GrantedTo.JOB:
        return False
    has = listed_tools(company, agent)
    if name in has:
        return False
    server = "__".join(name.split("__")[:2])
    return f"{server}__*" not in has
