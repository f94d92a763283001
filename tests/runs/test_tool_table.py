"""The table of tools: whole, true to the arguments, and the only place that lists tools."""

import ast
from pathlib import Path

import pytest
from claims import claim
from heads import call, run_of
from small_company import company_of

from agentco.company import (
    OWN_NAMES,
    TOOLS,
    ActsOn,
    GrantedTo,
    Permissions,
    Resource,
    ResultSource,
    Tool,
    callable_names,
    find_tool,
    read_tools,
    reader_tools,
    tool_table,
)
from agentco.permissions import Ruling, ToolUse, check_permission, rule_problem
from agentco.rules import changes_something
from agentco.runs import (
    Action,
    arguments_of,
    bare_calls,
    callable_tools,
    effect_for_call,
    effects,
    granted_tools,
    read_call,
    tool_and_target,
    tool_of,
    tool_specs,
)
from agentco.supervision import to_turn_step

ROLE = b"---\ndescription: Runs the day.\n---\nI run the day."
HOUSE = Path(tool_table.__file__).parents[1]
KEY_IN_MEMORY = {"Run"}
"""`Run:` is also a key in the memory (DESIGN, appendix B), which is no tool."""


@claim("tools:table")
def test_every_row_has_its_arguments_and_all_arguments_have_a_row() -> None:
    classes = [one for tool in TOOLS if (one := arguments_of(tool))]
    assert len(classes) == len([tool for tool in TOOLS if tool.arguments])
    known = {
        one for one in Action.__subclasses__() if one.__module__ == Action.__module__
    }
    assert set(classes) == known
    assert len(set(classes)) == len(classes)
    assert [tool_of(one).name for one in classes] == list(callable_names())
    for tool in TOOLS:
        arguments = arguments_of(tool)
        if tool.target_field and arguments:
            assert tool.target_field in arguments.__struct_fields__


@claim("tools:table")
def test_names_lead_to_one_tool_each() -> None:
    names = [name for tool in TOOLS for name in tool.other_names]
    assert len(set(names)) == len(names)
    assert all(name == name.lower() for name in names)
    for tool in TOOLS:
        for name in tool.other_names:
            [grant] = read_tools([name], frozenset()).grants
            assert grant.tool == tool.name
    for name in OWN_NAMES:
        assert find_tool(name.upper()) == find_tool(name)


@claim("tools:table")
def test_what_changes_nothing_needs_no_undo_and_no_turn_of_its_own() -> None:
    for tool in TOOLS:
        assert tool.changes or not (tool.undoable or tool.reading_operations)
        assert tool.changes or tool.resource is None
        assert not (tool.acts_on is ActsOn.WORLD and tool.undoable)
        assert not (tool.ends_run and tool.changes)


class Weigh(Action, frozen=True, kw_only=True):
    """Weigh one thing that the company has, without touching it."""

    thing: str


WEIGH = Tool(
    name="Weigh",
    arguments="Weigh",
    granted=GrantedTo.DEFAULT,
    source=ResultSource.PROGRAM,
    target_field="thing",
)


@pytest.fixture
def weighing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tool_table, "TOOLS", (*TOOLS, WEIGH))


@claim("tools:table")
@pytest.mark.usefixtures("weighing")
def test_a_row_in_the_table_is_all_that_a_new_tool_needs_to_be_known() -> None:
    agent = company_of({".github/agents/coo.agent.md": ROLE}).find_agent("coo")
    assert agent
    granted = granted_tools(agent)
    assert "Weigh" in granted
    assert reader_tools(granted)[-1] == "Weigh"
    [spec] = tool_specs(["Weigh"])
    assert '"thing"' in spec.parameters
    wanted = call("weigh", '{"thing": "ledger"}')
    action = read_call(wanted, granted)
    assert action == Weigh(thing="ledger")
    assert isinstance(action, Action)
    assert tool_and_target(action) == ("Weigh", "ledger")
    assert bare_calls('{"name": "Weigh", "args": {"thing": "ledger"}}', granted)
    run = run_of(tools=granted)
    assert "Weigh" in callable_tools(run)
    effect = effect_for_call(run, wanted, 1)
    assert isinstance(effect, effects.UseTool)
    assert not changes_something(effect, action)
    assert to_turn_step(effect, None).on == "Weigh ledger"
    assert rule_problem("Weigh(ledger)") is None
    use = ToolUse(tool="weigh", specifier="ledger")
    allowing = Permissions(allow=("Weigh(ledger)",))
    assert check_permission(use, allowing).ruling is Ruling.ALLOW


@claim("tools:table")
@pytest.mark.parametrize(
    "path", sorted(HOUSE.rglob("*.py")), ids=lambda path: str(path.relative_to(HOUSE))
)
def test_no_module_spells_the_name_of_a_tool(path: Path) -> None:
    names = {tool.name for tool in TOOLS} - KEY_IN_MEMORY
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            assert node.value not in names, f"line {node.lineno}"


@claim("tools:table")
def test_a_tool_waits_only_for_what_it_changes() -> None:
    waiting = {tool.name: tool.resource for tool in TOOLS if tool.resource}
    assert waiting == {
        "Memory": Resource.MEMORY,
        "Board": Resource.BOARD,
        "Lesson": Resource.MEMORY,
        "Edit": Resource.FILES,
    }
