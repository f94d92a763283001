"""Columns of tables in a text: Markdown's, and files of any usual separator with a row of heads."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from agentco.kernel.comparison import plain_letters
from agentco.kernel.errors import WrongUsage, did_you_mean

SEPARATORS = ",;\t|"
RULE_CELL = re.compile(":?-+:?")
"""A cell of the line between the heads and the rows of a Markdown table."""
ESCAPED_BAR = re.compile(r"(?<!\\)\|")
SAMPLE_ROWS = 50
LEAST_COLUMNS = 2
TOTALS = frozenset(
    {"total", "totals", "sum", "grand total", "soma", "totais", "total geral"}
)
"""What the first words of a row are that adds up those above it."""

Row = tuple[int, list[str]]


class Cell(Struct, frozen=True, kw_only=True):
    """A cell of a column with the line of the text in which its row ends, counted from 1."""

    line: int
    text: str


class Column(Struct, frozen=True, kw_only=True):
    """The cells of one column that are not empty, and the lines of totals that are left out."""

    head: str
    cells: tuple[Cell, ...]
    total_lines: tuple[int, ...] = ()


def read_column(text: str, name: str, words: str = "") -> Column:
    """The column of that head, of those rows that hold all the words.

    Raises WrongUsage where no table has it, naming what is spelt like it.
    """
    heads: list[str] = []
    for table_heads, rows in find_tables(text):
        place = _place_of(name, table_heads)
        if place is not None:
            return _build_column(table_heads[place], place, rows, words)
        heads += [head for head in table_heads if head]
    if not heads:
        raise WrongUsage("there is no table", hint="give the numbers in `numbers`")
    listed = ", ".join(map(repr, heads))
    hint = did_you_mean(name, heads, f"there is: {listed}")
    raise WrongUsage(f"no column {name!r}", hint=hint)


def find_tables(text: str) -> Iterator[tuple[list[str], list[Row]]]:
    """Every table with its heads and rows: those of Markdown, else the whole text as one."""
    lines = text.splitlines()
    rules = [
        number
        for number, line in enumerate(lines)
        if number and "|" in lines[number - 1] and _is_rule(line)
    ]
    for rule in rules:
        yield _bar_cells(lines[rule - 1]), list(_rows_below(lines, rule))
    if not rules:
        rows = _separated_rows(lines)
        if rows:
            yield [cell.strip() for cell in rows[0][1]], rows[1:]


def _is_rule(line: str) -> bool:
    return all(map(RULE_CELL.fullmatch, _bar_cells(line)))


def _rows_below(lines: Sequence[str], rule: int) -> Iterator[Row]:
    for number in range(rule + 1, len(lines)):
        if "|" not in lines[number]:
            return
        yield number + 1, _bar_cells(lines[number])


def _bar_cells(line: str) -> list[str]:
    inner = line.strip().removeprefix("|")
    if inner.endswith("|") and not inner.endswith("\\|"):
        inner = inner[:-1]
    return [cell.replace("\\|", "|").strip() for cell in ESCAPED_BAR.split(inner)]


def _separated_rows(lines: Sequence[str]) -> list[Row]:
    """The rows from the heads on, by the separator that gives most rows of one width."""
    best: list[Row] = []
    most = 0
    for separator in SEPARATORS:
        rows = _read_rows(lines, separator)
        widths = [len(row) for _, row in rows[:SAMPLE_ROWS]]
        usual = max(widths, key=widths.count, default=0)
        weight = widths.count(usual) * (usual - 1)
        if usual >= LEAST_COLUMNS and weight > most:
            most = weight
            first = next(i for i, (_, row) in enumerate(rows) if len(row) == usual)
            best = rows[first:]
    return best


def _read_rows(lines: Iterable[str], separator: str) -> list[Row]:
    reader = csv.reader(lines, delimiter=separator)
    try:
        return [(reader.line_num, row) for row in reader if any(row)]
    except csv.Error:
        return []


def _place_of(name: str, heads: Sequence[str]) -> int | None:
    wanted = plain_letters(name.strip())
    for place, head in enumerate(heads):
        if plain_letters(head) == wanted:
            return place
    return None


def _build_column(head: str, place: int, rows: Iterable[Row], words: str) -> Column:
    wanted = plain_letters(words).split()
    cells: list[Cell] = []
    totals: list[int] = []
    for line, row in rows:
        text = row[place].strip() if place < len(row) else ""
        whole = plain_letters(" ".join(row))
        if not text or not all(word in whole for word in wanted):
            continue
        if any(plain_letters(cell.strip(" :*_")) in TOTALS for cell in row):
            totals.append(line)
        else:
            cells.append(Cell(line=line, text=text))
    return Column(head=head, cells=tuple(cells), total_lines=tuple(totals))
