"""One way out: what acts for an agent, an approved proposal included, is called from perform alone."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from claims import claim

import agentco
from agentco.ports import ToolPort

pytestmark = claim("house:one-way-out")

FOLDER = Path(agentco.__file__).parent
LOOKS = {
    "planned_image",
    "versions_to_keep",
    "plan_deliverable",
    "take_fingerprints",
    "read_memory",
    "open_task_title",
}
"""What the port of tools does without changing anything."""
ACTS = {name for name in vars(ToolPort) if not name.startswith("_")} - LOOKS
WAYS_OUT = {"engine/perform.py", "engine/ask_model.py"}
WRAPPERS = {"engine/heartbeat.py"}
"""Stands in for the models, and hands on what ask_model asked."""
OWN_ACTS = {"Authorship", "write_lesson", "CompanyVersions"}
"""What the founder does with the code of a tool, in their own name."""
TOOLS = "agentco.adapters.tools"


def ways_out(source: str) -> Iterator[str]:
    """What in a module acts for an agent, or gets hold of what does."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute):
            is_models = ast.unparse(node.value).endswith("models")
            if node.attr in ACTS or (node.attr == "ask" and is_models):
                yield ast.unparse(node)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(TOOLS):
            yield from (
                alias.name for alias in node.names if alias.name not in OWN_ACTS
            )
        if isinstance(node, ast.Import):
            yield from (a.name for a in node.names if a.name.startswith(TOOLS))


def modules() -> Iterator[tuple[str, str]]:
    """Every module but the adapters of tools themselves."""
    for path in FOLDER.rglob("*.py"):
        name = path.relative_to(FOLDER).as_posix()
        if not name.startswith("adapters/tools/"):
            yield name, path.read_text()


def test_only_perform_and_its_call_of_a_model_use_the_ports_that_act() -> None:
    found = {
        name for name, source in modules() if set(ways_out(source)) - {"CompanyTools"}
    }
    assert found == WAYS_OUT | WRAPPERS


def test_only_the_wiring_gets_hold_of_the_tools() -> None:
    found = {
        name for name, source in modules() if "CompanyTools" in set(ways_out(source))
    }
    assert found == {"wiring.py"}


def test_the_port_acts_by_these_names() -> None:
    assert {
        "carry_out",
        "save_deliverable",
        "record_outcome",
        "perform_approved",
    } == ACTS


OLD_WAY = """
from agentco.adapters.tools.company_tools import CompanyTools

def decide_proposal(edges, action, name, at):
    tools = CompanyTools(edges.company.root, edges.company, edges.board, edges.memory, str)
    tools.perform_approved(action, by="founder", run=name, at=at)
"""


@pytest.mark.parametrize(
    ("source", "found"),
    [
        (OLD_WAY, {"CompanyTools", "tools.perform_approved"}),
        ("act = office.tools.carry_out\n", {"office.tools.carry_out"}),
        ("def f(self):\n    self._tools.record_outcome('x')\n", {"self._tools.record_outcome"}),
        ("async def f(models):\n    await models.ask()\n", {"models.ask"}),
        ("from agentco.adapters.tools.memory_tool import perform_action\n", {"perform_action"}),
        ("from agentco.adapters.tools import memory_tool\n", {"memory_tool"}),
        ("import agentco.adapters.tools.board_tool\n", {"agentco.adapters.tools.board_tool"}),
    ],
)  # fmt: skip
def test_a_second_way_out_is_seen(source: str, found: set[str]) -> None:
    assert set(ways_out(source)) == found
