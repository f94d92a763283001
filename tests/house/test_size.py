"""Size is a promise: a reader can hold the house in the head."""

import ast
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest
from claims import claim

pytestmark = claim("house:size")

ROOT = Path(__file__).parents[2]
MODULES = sorted((ROOT / "agentco").rglob("*.py"))
ALL, MODULE, FUNCTION = 17_100, 400, 50  # docs/decisions/012


def docstrings(tree: ast.AST) -> Iterator[range]:
    for node in ast.walk(tree):
        if (
            isinstance(
                node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
            )
            and node.body
        ):
            first = node.body[0]
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                yield range(first.lineno, (first.end_lineno or first.lineno) + 1)


def code_lines(path: Path) -> int:
    told = {line for span in docstrings(ast.parse(path.read_text())) for line in span}
    silent = {
        tokenize.COMMENT,
        tokenize.NL,
        tokenize.NEWLINE,
        tokenize.INDENT,
        tokenize.DEDENT,
        tokenize.ENDMARKER,
    }
    with path.open("rb") as file:
        tokens = [t for t in tokenize.tokenize(file.readline) if t.type not in silent]
    spans = (
        range(t.start[0], t.end[0] + 1) for t in tokens if t.type != tokenize.ENCODING
    )
    return len({line for span in spans for line in span} - told)


def test_the_whole_stays_within_its_lines() -> None:
    assert 0 < sum(map(code_lines, MODULES)) <= ALL


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_module_is_one_idea(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= MODULE


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_function_fits_on_a_screen(path: Path) -> None:
    functions = [
        n
        for n in ast.walk(ast.parse(path.read_text()))
        if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    assert [
        f.name for f in functions if (f.end_lineno or 0) - f.lineno + 1 > FUNCTION
    ] == []
