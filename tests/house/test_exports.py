"""Tests, and whoever builds on a room, import the names that it exports."""

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from claims import claim

from agentco.kernel import find_module

ROOT = Path(__file__).parents[2]
HOUSE = ROOT / "agentco"
STUBS = sorted(HOUSE.rglob("__init__.pyi"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))

pytestmark = claim("house:exports")


def room_of(stub: Path) -> str:
    return ".".join(stub.parent.relative_to(ROOT).parts)


ROOMS = [room_of(stub) for stub in STUBS]


def imported_names(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Each module that something is imported from, and the name of it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                yield node.module, alias.name


def is_module(room: str, name: str) -> bool:
    return Path(ROOT, *room.split("."), f"{name}.py").exists()


def inner_imports(tree: ast.AST) -> list[str]:
    """The imports that reach past what a room exports, or could export."""
    found = list[str]()
    for module, name in imported_names(tree):
        room = next((room for room in ROOMS if module.startswith(f"{room}.")), None)
        if room is None or is_module(room, name) or is_module(module, name):
            continue
        found.append(f"{module}: {name}")
    return found


@pytest.mark.parametrize("stub", STUBS, ids=room_of)
def test_a_room_gives_every_name_of_its_stub(stub: Path) -> None:
    room = importlib.import_module(room_of(stub))
    for module, name in imported_names(ast.parse(stub.read_text())):
        assert module.startswith(f"{room.__name__}.")
        assert getattr(room, name) is getattr(importlib.import_module(module), name)


@pytest.mark.parametrize("stub", STUBS, ids=room_of)
def test_a_name_that_a_room_lacks_is_an_attribute_error(stub: Path) -> None:
    with pytest.raises(AttributeError, match="exports no 'no_such_name'"):
        _ = importlib.import_module(room_of(stub)).no_such_name


def test_a_name_is_found_whole_wherever_it_stands_in_a_stub() -> None:
    stub = "from a.b import one as one, two as two\nfrom a.c import (\n    three as three,\n)\n"
    found = [
        find_module(stub, name) for name in ("one", "two", "three", "on", "as", "hree")
    ]
    assert found == ["a.b", "a.b", "a.c", "", "", ""]


def test_tests_import_what_rooms_export() -> None:
    found = {path.name: inner_imports(ast.parse(path.read_text())) for path in TESTS}
    assert {name: lines for name, lines in found.items() if lines} == {}


def test_an_import_past_the_door_is_seen() -> None:
    offence = ast.parse("from agentco.memory.graph import MemoryGraph")
    assert inner_imports(offence) == ["agentco.memory.graph: MemoryGraph"]
