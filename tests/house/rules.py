"""The rules of the house, read from pyproject.toml and applied to a graph in memory."""

import tomllib
from collections.abc import Generator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import grimp

ROOT = Path(__file__).parents[2]
HOUSE = ROOT / "agentco"


@cache
def project() -> dict[str, Any]:
    """pyproject.toml as data."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


@cache
def contracts() -> dict[str, dict[str, Any]]:
    """The import contracts, by id."""
    found = project()["tool"]["importlinter"]["contracts"]
    return {contract["id"]: contract for contract in found}


@cache
def house_graph() -> grimp.ImportGraph:
    """Who imports whom, third parties included."""
    return grimp.build_graph("agentco", include_external_packages=True)


@contextmanager
def planted_import(importer: str, imported: str) -> Generator[grimp.ImportGraph]:
    """The house with one import more; modules that are not there are made for it."""
    graph = house_graph()
    new = {importer, imported} - graph.modules
    for module in new:
        graph.add_module(module)
    graph.add_import(importer=importer, imported=imported)
    try:
        yield graph
    finally:
        graph.remove_import(importer=importer, imported=imported)
        for module in new:
            graph.remove_module(module)


def rooms_without_a_layer(graph: grimp.ImportGraph) -> set[str]:
    """Rooms of the house that the order of the layers does not name."""
    rule = contracts()["layers"]
    named = {room.strip() for layer in rule["layers"] for room in layer.split("|")}
    ignored = set(rule["exhaustive_ignores"])
    rooms = {child.split(".")[1] for child in graph.find_children("agentco")}
    return rooms - named - ignored


def upward_imports(graph: grimp.ImportGraph) -> set[tuple[str, str]]:
    """Chains that break the order of the layers, as (importing, imported) rooms."""
    layers = [
        set(layer.replace(" ", "").split("|"))
        for layer in contracts()["layers"]["layers"]
    ]
    broken = graph.find_illegal_dependencies_for_layers(layers, containers={"agentco"})
    return {(found.importer, found.imported) for found in broken}


def forbidden_imports(graph: grimp.ImportGraph, contract: str) -> set[tuple[str, str]]:
    """Direct imports that a contract forbids."""
    rule = contracts()[contract]
    allowed = set(rule.get("ignore_imports", ()))
    found: set[tuple[str, str]] = set()
    for source in rule["source_modules"]:
        inside = {source, *graph.find_descendants(source)}
        for importer in inside:
            for imported in graph.find_modules_directly_imported_by(importer):
                banned = any(
                    imported == module or imported.startswith(f"{module}.")
                    for module in rule["forbidden_modules"]
                )
                if banned and f"{importer} -> {imported}" not in allowed:
                    found.add((importer, imported))
    return found
