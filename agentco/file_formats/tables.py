"""Columns of tables in a text: Markdown's, and files of any usual separator with a row of heads."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from msgspec import Struct
from msgspec.structs import replace

from agentco.kernel.comparison import plain_letters
from agentco.kernel.errors import WrongUsage, did_you_mean

SEPARATORS = ",;\t|"
SEPARATOR_NAMES = {"\t": "tabs"}
DESCRIBED_FROM = 20_000
"""Characters from which the columns of a text are told."""
RULE_CELL = re.compile(":?-+:?")
"""A cell of the line between the heads and the rows of a Markdown table."""
ESCAPED_BAR = re.compile(r"(?<!\\)\|")
SAMPLE_ROWS = 50
LEAST_COLUMNS = 2
TOTALS = frozenset(
    {"total", "totals", "sum", "grand total", "soma", "totais", "total geral"}
)
"""What the first words of a row are that adds up those above it."""

TITLE_MARK = "!"
"""Stands between a sheet and its column, as in a spreadsheet: `Costs!Amount`."""
HEADING = re.compile(" {0,3}#{1,6}[ \t]")
MOST_NAMED = 20
MOST_COMPARED = 1000
"""Heads among which one is sought that is spelt alike."""

Row = tuple[int, list[str]]


class Cell(Struct, frozen=True, kw_only=True):
    """A cell of a column with the line of the text in which its row ends, counted from 1."""

    line: int
    text: str


class Column(Struct, frozen=True, kw_only=True):
    """The cells of one column that are not empty, and the lines of totals that are left out.

    `title` is the heading above its table: a sheet, or a page. It is the first of so many that
    have the same title and the same head.
    """

    head: str
    title: str = ""
    first_of: int = 1
    cells: tuple[Cell, ...]
    total_lines: tuple[int, ...] = ()


class Table(Struct, frozen=True, kw_only=True):
    """A table of a text, under the heading that stands above it."""

    title: str = ""
    heads: list[str]
    rows: list[Row]


def read_column(text: str, name: str, words: str = "") -> Column:
    """The column of that head, of those rows that hold all the words.

    `Costs!Amount` is the column Amount of the table under the heading Costs. Raises WrongUsage
    where no table has it, naming what is spelt like it, and where it may be several.
    """
    tables = list(find_tables(text))
    found = _tables_with(name, tables)
    if TITLE_MARK in name and not found:
        title, _, head = name.rpartition(TITLE_MARK)
        wanted = plain_letters(title.strip(" '"))
        titled = [table for table in tables if plain_letters(table.title) == wanted]
        found = _tables_with(head, titled)
    if not found:
        raise _no_column(name, tables)
    table, place = found[0]
    titles = dict.fromkeys(other.title for other, _ in found)
    if len(titles) > 1:
        head = table.heads[place]
        names = [repr(f"{title}{TITLE_MARK}{head}") for title in titles if title]
        more = ", …" if len(names) > MOST_NAMED else ""
        listed = ", ".join(names[:MOST_NAMED])
        what = f"{len(titles)} tables have a column {head!r}"
        raise WrongUsage(what, hint=f"name the one that is meant: {listed}{more}")
    return replace(_build_column(table, place, words), first_of=len(found))


def _tables_with(name: str, tables: Iterable[Table]) -> list[tuple[Table, int]]:
    """The tables that have a column of that head, with its place."""
    places = ((table, _place_of(name, table.heads)) for table in tables)
    return [(table, place) for table, place in places if place is not None]


def _no_column(name: str, tables: Iterable[Table]) -> WrongUsage:
    named = dict.fromkeys(head for table in tables for head in table.heads if head)
    heads = list(islice(named, MOST_COMPARED))
    if not heads:
        return WrongUsage("there is no table", hint="give the numbers in `numbers`")
    listed = ", ".join(map(repr, heads[:MOST_NAMED]))
    more = ", …" if len(heads) > MOST_NAMED else ""
    hint = did_you_mean(name, heads, f"there is: {listed}{more}")
    return WrongUsage(f"no column {name!r}", hint=hint)


def find_tables(text: str) -> Iterator[Table]:
    """Every table: those of Markdown, else the whole text as one."""
    lines = text.splitlines()
    has_rules, title, last = False, "", -1
    for number, line in enumerate(lines):
        if heading := HEADING.match(line):
            title = line[heading.end() :].strip().rstrip("#").rstrip()
        # inside a table a line of dashes is one of its rows
        elif number > last + 1 and "|" in lines[number - 1] and _is_rule(line):
            has_rules = True
            heads = _bar_cells(lines[number - 1])
            rows = list(_rows_below(lines, number))
            last = number + len(rows)
            yield Table(title=title, heads=heads, rows=rows)
    if not has_rules:
        _, rows = separated_rows(text)
        if rows:
            yield Table(heads=[cell.strip() for cell in rows[0][1]], rows=rows[1:])


def describe_table(text: str) -> str:
    """The separator and the heads of a text with separators; empty if it is no table."""
    separator, rows = separated_rows(text[:DESCRIBED_FROM])
    if not rows:
        return ""
    heads = [" ".join(head.split()) for head in rows[0][1]]
    named = ", ".join(heads[:MOST_NAMED]) + (", …" if len(heads) > MOST_NAMED else "")
    by = SEPARATOR_NAMES.get(separator, repr(separator))
    return f"table of {len(heads)} columns, separated by {by}: {named}"


def separated_text_as_table(text: str) -> str:
    """A text whose cells stand between separators, as a table of Markdown; empty if it is none.

    What stands above its heads stays above it.
    """
    _, rows = separated_rows(text)
    if not rows:
        return ""
    lines = text.splitlines()
    # a head of several lines ends in the one that counts
    height = max(cell.count("\n") for cell in rows[0][1])
    above = [line for line in lines[: rows[0][0] - 1 - height] if line.strip()]
    table = markdown_table([row for _, row in rows])
    return "\n".join((*above, *([""] if above else []), *table))


def markdown_table(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """The lines of a table of Markdown; the first row has the heads."""
    for number, row in enumerate(rows):
        yield markdown_row(row)
        if not number:
            yield markdown_row(["---"] * len(row))


def markdown_row(cells: Iterable[str]) -> str:
    """A line of a table of Markdown, each cell in one line."""
    shown = (" ".join(cell.split()).replace("|", "\\|") for cell in cells)
    return f"| {' | '.join(shown)} |"


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


def separated_rows(text: str) -> tuple[str, list[Row]]:
    """The separator that gives most rows of one width, and the rows from the heads on."""
    lines = text.splitlines(keepends=True)
    best: tuple[str, list[Row]] = "", []
    most = 0
    for separator in SEPARATORS:
        rows = _read_rows(lines, separator)
        widths = [len(row) for _, row in rows[:SAMPLE_ROWS]]
        usual = usual_width(widths)
        weight = widths.count(usual) * (usual - 1)
        if usual >= LEAST_COLUMNS and weight > most:
            most = weight
            first = next(i for i, (_, row) in enumerate(rows) if len(row) == usual)
            best = separator, rows[first:]
    return best


def usual_width(widths: Sequence[int]) -> int:
    """How many cells most rows have; 0 without rows."""
    return max(widths, key=widths.count, default=0)


def _read_rows(lines: Iterable[str], separator: str) -> list[Row]:
    """The rows, by their quotes where these are whole, else each line as one."""
    reader = csv.reader(lines, delimiter=separator, strict=True)
    try:
        return [(reader.line_num, row) for row in reader if any(row)]
    except csv.Error:
        reader = csv.reader(lines, delimiter=separator, quoting=csv.QUOTE_NONE)
    try:
        rows = [(reader.line_num, row) for row in reader if any(row)]
    except csv.Error:
        return []
    return [(line, [cell.strip(' "') for cell in row]) for line, row in rows]


def _place_of(name: str, heads: Sequence[str]) -> int | None:
    wanted = plain_letters(name.strip())
    for place, head in enumerate(heads):
        if plain_letters(head) == wanted:
            return place
    return None


def _build_column(table: Table, place: int, words: str) -> Column:
    wanted = plain_letters(words).split()
    cells: list[Cell] = []
    totals: list[int] = []
    for line, row in table.rows:
        text = row[place].strip() if place < len(row) else ""
        whole = plain_letters(" ".join(row))
        if not text or not all(word in whole for word in wanted):
            continue
        if any(plain_letters(cell.strip(" :*_")) in TOTALS for cell in row):
            totals.append(line)
        else:
            cells.append(Cell(line=line, text=text))
    return Column(
        head=table.heads[place],
        title=table.title,
        cells=tuple(cells),
        total_lines=tuple(totals),
    )
