"""Size is a promise: a reader can hold one room of the house in the head."""

import ast
import tokenize
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import pytest
from claims import claim

pytestmark = claim("house:size")

ROOT = Path(__file__).parents[2]
HOUSE = ROOT / "agentco"
MODULES = sorted(HOUSE.rglob("*.py"))
HEART = ("runs", "rules", "engine")
HEART_LINES, ROOM_LINES = 5_000, 3_000  # docs/decisions/012
MODULE_LINES, FUNCTION_LINES, TOKENS_PER_LINE = 400, 50, 9.0
SILENT = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
}
DOCUMENTED = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def room_of(path: Path) -> str:
    """The room a module lies in; each folder of `adapters` is one of its own."""
    *folders, name = path.relative_to(HOUSE).parts
    if folders[:1] == ["adapters"]:
        return "/".join(folders[:2])
    return folders[0] if folders else name


ROOMS = {
    room: list(paths)
    for room, paths in groupby(sorted(MODULES, key=room_of), key=room_of)
}


def docstring_lines(tree: ast.AST) -> Iterator[int]:
    for node in ast.walk(tree):
        if not isinstance(node, DOCUMENTED) or not node.body:
            continue
        first = node.body[0]
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
            yield from range(first.lineno, (first.end_lineno or first.lineno) + 1)


def code_tokens(path: Path) -> list[tokenize.TokenInfo]:
    """The tokens that are no comment, blank or docstring."""
    documented = set(docstring_lines(ast.parse(path.read_text())))
    with path.open("rb") as file:
        return [
            token
            for token in tokenize.tokenize(file.readline)
            if token.type not in SILENT and token.start[0] not in documented
        ]


def code_lines(path: Path) -> int:
    lines: set[int] = set()
    for token in code_tokens(path):
        lines.update(range(token.start[0], token.end[0] + 1))
    return len(lines)


def test_the_heart_stays_small() -> None:
    heart = [path for room in HEART for path in ROOMS[room]]
    assert 0 < sum(map(code_lines, heart)) <= HEART_LINES


@pytest.mark.parametrize("room", sorted(set(ROOMS) - set(HEART)))
def test_a_room_can_be_held_in_the_head(room: str) -> None:
    assert sum(map(code_lines, ROOMS[room])) <= ROOM_LINES


@pytest.mark.parametrize("room", sorted(ROOMS))
def test_no_room_is_kept_small_by_writing_denser(room: str) -> None:
    lines = sum(map(code_lines, ROOMS[room]))
    tokens = sum(len(code_tokens(path)) for path in ROOMS[room])
    assert tokens <= TOKENS_PER_LINE * lines


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_module_is_one_idea(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= MODULE_LINES


def long_functions(path: Path) -> list[str]:
    """The functions of a module that are longer than a screen."""
    functions = [
        node
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    return [
        function.name
        for function in functions
        if (function.end_lineno or 0) - function.lineno >= FUNCTION_LINES
    ]


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_function_fits_on_a_screen(path: Path) -> None:
    assert long_functions(path) == []
