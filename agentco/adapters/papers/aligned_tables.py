"""Tables in a page of a PDF, where nothing but blanks tells columns apart."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise, takewhile

from msgspec import Struct

from agentco.file_formats.tables import markdown_table

CHUNK = re.compile(r"\S+(?: \S+)*")
"""Words with one blank between them: what stands in one cell."""
LEAST_CELLS = 2
LEAST_ROWS = {2: 3}
"""How many rows make a table of so many columns; of more columns two are enough."""
MOST_BLANK_LINES = 2
"""So many between two rows are a wide space, and no end of a table."""
MOST_LOOSE_LINES = 2
"""So many lines of one cell between two rows belong to a cell of several lines."""
LONGEST_CELLS = 32
"""Text in two columns has longer lines on average than the cells of a table."""

LEAST_GAP = 3
"""Blanks between two cells on average; in justified text words stand closer."""
LEAST_FILLED = 0.5
"""How many of the cells of a table have something in them."""
WORD = re.compile(r"\w")

Span = tuple[int, int]


class _Line(Struct, frozen=True, kw_only=True):
    """A line of a page: its number, and what stands apart in it by place."""

    number: int
    cells: tuple[tuple[int, int, str], ...]


class _Row(Struct, frozen=True, kw_only=True):
    """A line with its cells by the number of their column."""

    line: _Line
    texts: dict[int, str]


class _Table(Struct, frozen=True, kw_only=True):
    """The rows of a table, and the lines in which they stand."""

    first: int
    last: int
    rows: list[list[str]]


def page_with_tables(layout: str) -> str:
    """A page whose text stands where it is on the paper, with its tables in Markdown.

    Empty where there is no table.
    """
    lines = layout.splitlines()
    tables = [table for block in _blocks(lines) for table in _read_block(block)]
    made = list[str]()
    place = 0
    for table in tables:
        above = [*_plain_lines(lines[place : table.first])]
        made += above if not above or not above[-1] else [*above, ""]
        made += [*markdown_table(table.rows), ""]
        place = table.last + 1
    made += _plain_lines(lines[place:])
    return "\n".join(made).strip("\n") if tables else ""


def _plain_lines(lines: Sequence[str]) -> Iterator[str]:
    """Lines without the blanks that only place their words, and with one blank line at most."""
    is_blank = True
    for line in lines:
        text = " ".join(line.split())
        if text or not is_blank:
            yield text
        is_blank = not text


def _blocks(lines: Sequence[str]) -> Iterator[list[_Line]]:
    """Lines with several cells that follow one another, and the few of one cell between them."""
    block, loose = list[_Line](), list[_Line]()
    for number, text in enumerate(lines):
        found = tuple((m.start(), m.end(), m[0]) for m in CHUNK.finditer(text))
        if not found:
            continue
        line = _Line(number=number, cells=found)
        before = [*block, *loose][-1:]
        is_near = before and number - before[0].number <= MOST_BLANK_LINES + 1
        if block and not (is_near and len(loose) <= MOST_LOOSE_LINES):
            yield block
            block, loose = [], []
        if len(found) >= LEAST_CELLS or (block and _is_below(line, block[-1])):
            block += [*loose, line]
            loose = []
        elif block:
            loose.append(line)
    if block:
        yield block


def _is_below(line: _Line, above: _Line) -> bool:
    """Whether a line of one cell stands below a column that is not the first."""
    return len(above.cells) > 1 and line.cells[0][0] >= above.cells[1][0]


def _read_block(block: Sequence[_Line]) -> Iterator[_Table]:
    """The tables of a block: that of its fullest lines, and those above and below it."""
    most = max((len(line.cells) for line in block), default=0)
    if most < LEAST_CELLS:
        return
    columns = _columns([line for line in block if len(line.cells) == most])
    rows = [_fit(line, columns) for line in block]
    full = [place for place, line in enumerate(block) if len(line.cells) == most]
    first = last = full[0]
    while first and rows[first - 1] and _are_adjacent(block[first - 1], block[first]):
        first -= 1
    while last + 1 < len(block) and rows[last + 1]:
        last += 1
    yield from _read_block(block[:first])
    fitting = [row for row in rows[first : last + 1] if row]
    yield from _make_table(fitting, most)
    yield from _read_block(block[last + 1 :])


def _columns(lines: Sequence[_Line]) -> list[Span]:
    """Where the columns stand, from the first sign of a cell in them to the last."""
    columns = list[Span]()
    for cells in zip(*(line.cells for line in lines), strict=True):
        columns.append((min(cell[0] for cell in cells), max(cell[1] for cell in cells)))
    return columns


def _fit(line: _Line, columns: Sequence[Span]) -> _Row | None:
    """The cells of a line by their columns, in order; None where one stands below no column."""
    texts = dict[int, str]()
    if len(line.cells) == len(columns):
        texts = {place: text for place, (_, _, text) in enumerate(line.cells)}
        return _Row(line=line, texts=texts)
    free = 0
    for start, end, text in line.cells:
        shared = [
            min(end, right) - max(start, left) if place >= free else 0
            for place, (left, right) in enumerate(columns)
        ]
        best = max(shared)
        if best <= 0:
            return None
        column = shared.index(best)
        texts[column] = text
        free = column + 1
    return _Row(line=line, texts=texts)


def _make_table(lines: Sequence[_Row], width: int) -> Iterator[_Table]:
    """The table of these lines, and that of its totals; none where it does not look like one."""
    rows, ends = list[dict[int, str]](), list[int]()
    for place, row in enumerate(lines):
        above = lines[place - 1] if place else None
        if above and _are_adjacent(above.line, row.line) and _continues(row, rows[-1]):
            for column, text in row.texts.items():
                rows[-1][column] = f"{rows[-1].get(column, '')} {text}".strip()
            ends[-1] = row.line.number
        else:
            rows.append({**row.texts})
            ends.append(row.line.number)
    count = len(rows) - _count_totals(rows) if width > LEAST_CELLS else len(rows)
    body, totals = rows[:count], rows[count:]
    if len(body) < LEAST_ROWS.get(width, 2) or not _looks_like_table(
        body, lines, width
    ):
        return
    first = lines[0].line.number
    cells = [[row.get(column, "") for column in range(width)] for row in body]
    yield _Table(first=first, last=ends[count - 1], rows=cells)
    if len(totals) > 1 and all(len(row) == LEAST_CELLS for row in totals):
        cells = [[*row.values()] for row in totals]
        yield _Table(first=ends[count - 1] + 1, last=ends[-1], rows=cells)


def _count_totals(rows: Sequence[dict[int, str]]) -> int:
    """How many of the last rows say what those above add up to: nothing stands at their left."""
    right = (len(row) <= LEAST_CELLS and 0 not in row for row in reversed(rows))
    return sum(1 for _ in takewhile(bool, right))


def _looks_like_table(
    rows: Sequence[dict[int, str]], lines: Sequence[_Row], width: int
) -> bool:
    """Whether it is no list, no text in two columns and none between wide margins."""
    texts = [text for row in rows for text in row.values()]
    if width == LEAST_CELLS and sum(map(len, texts)) > LONGEST_CELLS * len(texts):
        return False
    if len(texts) < LEAST_FILLED * width * len(rows):
        return False
    gaps = [
        after[0] - before[1]
        for row in lines
        for before, after in pairwise(row.line.cells)
    ]
    if sum(gaps) < LEAST_GAP * len(gaps):
        return False
    columns = ([row[c] for row in rows if c in row] for c in range(width))
    return all(any(map(WORD.search, column)) for column in columns)


def _are_adjacent(above: _Line, line: _Line) -> bool:
    return line.number == above.number + 1


def _continues(row: _Row, above: dict[int, str]) -> bool:
    """Whether a line goes on in the row above it: in other cells, or within its first one."""
    if above.keys().isdisjoint(row.texts):
        return True
    return row.texts.keys() == {0} and row.texts[0][:1].islower()
