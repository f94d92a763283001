"""The sheets of a workbook as tables: what its cells show, as they were last calculated."""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportMissingTypeStubs=false

import re
from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO
from itertools import chain, islice
from typing import Any, cast
from zipfile import ZipFile

import openpyxl
from msgspec import Struct
from openpyxl.utils.cell import column_index_from_string, range_boundaries

from agentco.adapters.papers.paper_limits import MEGABYTE, PaperPiece
from agentco.adapters.papers.sheet_cells import GENERAL, CellValue, cell_text
from agentco.file_formats.tables import markdown_row, markdown_table, usual_width
from agentco.kernel.errors import WrongUsage
from agentco.kernel.words import count_of

SAMPLE_ROWS = 50
ROWS_IN_PIECE = 1000
MOST_MERGED = 50_000
"""Cells that are merged with others, in all; more are not repeated."""
EMPTY = "(empty)"
NOT_CALCULATED = "{} (no stored result)"
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^<>]*?ref="([A-Z]+\d+:[A-Z]+\d+)"')
_FILLED = re.compile(
    rb'<(?:\w+:)?c(?=[\s>])(?>[^<>]*?\sr="([A-Z]{1,3})\d+")?+[^<>]*+(?<!/)>(?!</)'
)
"""A cell with something in it, and the letters of its column where they are told."""
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s>/]")

Row = list[str]
Place = tuple[int, int]


class _SheetLook(Struct, frozen=True, kw_only=True):
    """What the XML of a sheet shows beside its cells: where each merged cell has its text.

    No cell before the `first_column` has anything in it; columns are counted from 0.
    """

    merged: dict[Place, Place]
    first_column: int
    has_formulas: bool


def read_workbook(data: bytes, most_unpacked: int) -> Iterator[PaperPiece]:
    """Its sheets under headings. Raises WrongUsage for one that unpacks to too much."""
    archive = ZipFile(BytesIO(data))
    unpacked = sum(member.file_size for member in archive.infolist())
    if unpacked > most_unpacked:
        size = f"{unpacked // MEGABYTE:,} MB"
        what = f"unpacks to {size}, and at most {most_unpacked // MEGABYTE} can be read"
        raise WrongUsage(what, hint="save the sheet that matters as CSV")
    shown = _open(data, values=True)
    formulas: Any = None
    names = [sheet.title for sheet in shown.worksheets]
    for number, sheet in enumerate(shown.worksheets, 1):
        look = _look_at(archive, sheet)
        if look.has_formulas:
            formulas = formulas or _open(data, values=False)
        written = formulas[sheet.title] if look.has_formulas else None
        rows = _rows(sheet, written, look.merged)
        heading = (
            sheet.title if sheet.sheet_state == "visible" else f"{sheet.title} (hidden)"
        )
        about = f"spreadsheet, sheet {number} of {len(names)}"
        if number == len(names):
            about = f"spreadsheet, {count_of(len(names), 'sheet')}"
        yield from _sheet_pieces(heading, rows, look.first_column, about)


def _open(data: bytes, *, values: bool) -> Any:
    return openpyxl.load_workbook(
        BytesIO(data), read_only=True, data_only=values, keep_links=False
    )


def _look_at(archive: ZipFile, sheet: Any) -> _SheetLook:
    """Look through the XML of a sheet, which openpyxl does not tell all of."""
    text = archive.read(cast("str", sheet._worksheet_path))  # noqa: SLF001  told nowhere else
    merged = dict[Place, Place]()
    for match in _MERGED.finditer(text, max(0, text.rfind(b"sheetData>"))):
        bounds = cast("tuple[int, ...]", range_boundaries(match[1].decode()))
        left, top, right, bottom = bounds
        if len(merged) + (right - left + 1) * (bottom - top + 1) > MOST_MERGED:
            break
        for row in range(top, bottom + 1):
            for column in range(left, right + 1):
                merged[row, column] = top, left
    letters = {match[1] or b"A" for match in _FILLED.finditer(text)}
    columns = (column_index_from_string(each.decode()) - 1 for each in letters)
    return _SheetLook(
        merged=merged,
        first_column=min(columns, default=0),
        has_formulas=bool(_FORMULA.search(text)),
    )


def _rows(sheet: Any, written: Any, merged: dict[Place, Place]) -> Iterator[Row]:
    """The texts of all rows; a text in merged cells stands in each of them, a number once."""
    for each in filter(None, (sheet, written)):
        each.reset_dimensions()
    none: Iterator[Any] = iter(())
    formulas = written.iter_rows() if written else none
    said = dict[Place, str]()
    for number, cells in enumerate(sheet.iter_rows(), 1):
        row = [_shown(cell) for cell in cells]
        for place, cell in enumerate(next(formulas, ())):
            formula = _formula_of(cell)
            is_empty = place < len(row) and not row[place]
            # an empty text is a result too
            if formula and is_empty and cells[place].data_type != "str":
                row[place] = NOT_CALCULATED.format(formula)
        for (_, column), origin in _merged_in(merged, number, len(row)):
            if origin == (number, column) and isinstance(cells[column - 1].value, str):
                said[origin] = row[column - 1]
            row[column - 1] = row[column - 1] or said.get(origin, "")
        yield row


def _shown(cell: Any) -> str:
    """What a cell shows; in a style that the workbook lacks as in none."""
    try:
        style = cell.number_format
    except LookupError:
        style = GENERAL
    return cell_text(cast("CellValue", cell.value), style)


def _formula_of(cell: Any) -> str:
    """Its formula as it is written; empty without one, or where a table of results has it."""
    value = cell.value
    text = value if isinstance(value, str) else getattr(value, "text", None) or ""
    return cell_text(text) if text.startswith("=") else ""


def _merged_in(
    merged: dict[Place, Place], row: int, width: int
) -> Iterator[tuple[Place, Place]]:
    if merged:
        for column in range(1, width + 1):
            if (row, column) in merged:
                yield (row, column), merged[row, column]


def _sheet_pieces(
    heading: str, rows: Iterator[Row], first_column: int, about: str
) -> Iterator[PaperPiece]:
    """A sheet from its heading on: what stands above its table, then that, some rows at a time."""
    filled = (row for row in rows if any(row))
    sample = list(islice(filled, SAMPLE_ROWS))
    if not sample:
        yield PaperPiece(text=f"## {heading}\n\n{EMPTY}\n", about=about)
        return
    widths = [len(list(filter(None, row))) for row in sample]
    head = next(i for i, width in enumerate(widths) if width >= usual_width(widths))
    above = [" ".join(dict.fromkeys(filter(None, row))) for row in sample[:head]]
    lines = [f"## {heading}", "", *above, *([""] if above else [])]
    width = max(len(_trimmed(row)) for row in sample) - first_column
    table = (_trimmed(row)[first_column:] for row in chain(sample[head:], filled))
    start = [*islice(table, SAMPLE_ROWS)]
    lines += markdown_table([[*row, *[""] * (width - len(row))] for row in start])
    yield PaperPiece(text="\n".join(lines), about=about)
    done = head + len(start)
    while part := list(islice(table, ROWS_IN_PIECE)):
        done += len(part)
        text = "\n".join(map(markdown_row, part))
        yield PaperPiece(text=text, about=f"{about}, {done:,} rows of it")
    yield PaperPiece(text="", about=about)


def _trimmed(row: Sequence[str]) -> Row:
    """A row without the empty cells at its end."""
    filled: Iterable[int] = (i for i, cell in enumerate(row) if cell)
    return list(row[: max(filled, default=-1) + 1])
