"""Spreadsheets: their sheets as tables, each cell as people read it, nothing that bursts."""

from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

import pytest
from claims import claim
from openpyxl.worksheet.formula import ArrayFormula, DataTableFormula
from openpyxl.worksheet.worksheet import Worksheet
from paper_files import told_of, with_member, workbook_of

from agentco.adapters.papers import cell_text, read_file_text
from agentco.file_formats import find_tables, read_column
from agentco.kernel import WrongUsage

EURO = "#,##0.00 [$€-407]"
MAIN = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'


def calculated(formula: bytes, more: bytes = b"") -> bytes:
    """A workbook of one sheet, whose second row has 1, then a cell with a formula and its result."""
    cells = b'<c r="A2" %s><v>1</v></c><c r="B2" t="str">%s</c>' % (more, formula)
    row = b'<row r="1"><c r="A1"><v>7</v></c><c r="B1"><v>8</v></c></row>'
    sheet = b'%s<sheetData>%s<row r="2">%s</row></sheetData></worksheet>'
    part = "xl/worksheets/sheet1.xml"
    return with_member(workbook_of(S=[[1]]), part, sheet % (MAIN, row, cells))


def budget(sheet: Worksheet) -> None:
    sheet.append(["Budget 2026"])
    sheet.append([])
    sheet.append(["Team", "Month", "Cost", "Share", "Total"])
    sheet.append(["Dev", date(2026, 1, 31), 1234.5, 0.125, "=SUM(C4:C5)"])
    sheet.append([None, datetime.fromisoformat("2026-02-01 14:30"), -20, 1, None])
    for row in (4, 5):
        sheet.cell(row, 3).number_format = EURO
        sheet.cell(row, 4).number_format = "0.0%"
    sheet.merge_cells("A1:E1")
    sheet.merge_cells("A4:A5")


@claim("papers:kinds")
def test_a_workbook_is_read_sheet_by_sheet_as_its_cells_are_shown() -> None:
    def hidden(sheet: Worksheet) -> None:
        sheet.sheet_state = "hidden"
        sheet.append(["a|b", "c\nd"])

    data = workbook_of(Costs=budget, Empty=[], Notes=hidden)
    read = read_file_text("budget.xlsx", data)
    assert read.note == "spreadsheet, 3 sheets"
    assert (
        read.text
        == """\
## Costs

Budget 2026

| Team | Month | Cost | Share | Total |
| --- | --- | --- | --- | --- |
| Dev | 2026-01-31 | 1234.50 € | 12.5 % | =SUM(C4:C5) (no stored result) |
| Dev | 2026-02-01 14:30 | -20.00 € | 100.0 % |  |

## Empty

(empty)

## Notes (hidden)

| a\\|b | c d |
| --- | --- |
"""
    )


@claim("papers:kinds")
def test_a_formula_is_shown_by_its_stored_result() -> None:
    sheet = (
        MAIN
        + b'<sheetData><row r="1"><c r="A1"><f>SUM(1,2)</f><v>3</v></c></row></sheetData></worksheet>'
    )
    data = with_member(workbook_of(S=[[1]]), "xl/worksheets/sheet1.xml", sheet)
    text = read_file_text("sum.xlsx", data).text
    assert "| 3 |" in text
    assert "SUM" not in text


@claim("papers:kinds")
@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        (1234.5, EURO, "1234.50 €"),
        (-1234.5, '"$"#,##0.00', "-$1234.50"),
        (-5, "#,##0.00;[Red](#,##0.00)", "-5.00"),
        (12, "0 kr", "12 kr"),
        (0.123456, "0.0%", "12.3 %"),
        (0.1 + 0.2, "General", "0.3"),
        (1234567, "#,##0", "1234567"),
        (1500, "General", "1500"),
        (1.234, "General", "1.2340"),
        (2.5, "0", "3"),
        (-0.001, "0.00", "0.00"),
        (7, "00000", "00007"),
        (1e300, "General", "1E+300"),
        (12_000_000, '0,,"M"', "12000000"),
        (5, '0 "pieces"', "5"),
        (True, "General", "TRUE"),
        (None, "General", ""),
        ("two\nlines", "General", "two lines"),
        (date(2026, 3, 1), "d/m/yy", "2026-03-01"),
        (datetime.fromisoformat("2026-03-01"), "d/m/yy", "2026-03-01"),
        (datetime.fromisoformat("2026-03-01 09:05:07"), "General", "2026-03-01 09:05:07"),
        (time(9, 5), "hh:mm", "09:05"),
        (timedelta(hours=26, minutes=30), "[h]:mm", "26:30:00"),
        (timedelta(minutes=-30), "[h]:mm", "-0:30:00"),
        (123456789012345.0, "0.00000000000000", "123456789012345.00000000000000"),
        (10**400, "0.00", f"{10**400}"),
        (5, "[$" * 100_000, "5"),
    ],
)  # fmt: skip
def test_a_cell_is_shown_as_people_read_it(
    value: Any, number_format: str, text: str
) -> None:
    assert cell_text(value, number_format) == text


@claim("papers:tables")
def test_a_column_is_that_of_one_sheet_and_named_by_it() -> None:
    data = workbook_of(
        Costs=[["Month", "Amount"], ["Jan", 10.5], ["Feb", 20]],
        Income=[["Month", "Amount"], ["Jan", 100]],
    )
    text = read_file_text("year.xlsx", data).text
    with pytest.raises(WrongUsage) as refused:
        read_column(text, "amount")
    assert refused.value.what == "2 tables have a column 'Amount'"
    assert "'Costs!Amount', 'Income!Amount'" in refused.value.hint
    column = read_column(text, "costs!amount")
    assert column.title == "Costs"
    assert [cell.text for cell in column.cells] == ["10.5", "20"]


@claim("papers:hostile")
def test_a_workbook_that_unpacks_to_too_much_is_refused_unopened() -> None:
    bomb = with_member(workbook_of(S=[[1]]), "xl/sharedStrings.xml", b"")
    bomb = with_member(bomb, "xl/worksheets/sheet1.xml", b" " * 250_000_000)
    assert len(bomb) < 500_000
    with pytest.raises(WrongUsage) as refused:
        read_file_text("bomb.xlsx", bomb)
    assert "'bomb.xlsx' unpacks to 250 MB, and at most 200" in refused.value.what


@claim("papers:hostile")
def test_entities_that_multiply_are_not_unfolded() -> None:
    names = "abcdefgh"
    inner = "".join(
        f'<!ENTITY {name} "{f"&{before};" * 100}">' for before, name in pairwise(names)
    )
    cell = '<c r="A1" t="inlineStr"><is><t>&h;</t></is></c>'
    rows = f'<sheetData><row r="1">{cell}</row></sheetData></worksheet>'
    sheet = f"<!DOCTYPE x [<!ENTITY a 'ha'>{inner}]>{MAIN.decode()}{rows}"
    data = with_member(workbook_of(S=[[1]]), "xl/worksheets/sheet1.xml", sheet.encode())
    assert told_of("laugh.xlsx", data).startswith("'laugh.xlsx' cannot be read as a")


@claim("papers:hostile")
def test_a_cell_in_the_last_corner_costs_no_more_than_its_row() -> None:
    def far(sheet: Worksheet) -> None:
        sheet["A1"] = "near"
        sheet["XFD1048576"] = 5

    read = read_file_text("far.xlsx", workbook_of(Far=far))
    assert not read.is_part
    assert read.text.count("\n") < 10


@claim("papers:hostile")
def test_a_damaged_workbook_is_refused() -> None:
    data = workbook_of(S=[["a"]])
    for broken in (data[:-200], data[:60], data.replace(b"PK\x01\x02", b"PK\x01\x09")):
        with pytest.raises(WrongUsage, match=r"^'cut\.xlsx' "):
            read_file_text("cut.xlsx", broken)


@claim("papers:kinds")
def test_a_formula_of_several_cells_without_a_result_is_shown_as_any_other() -> None:
    def totals(sheet: Worksheet) -> None:
        sheet.append(["Cost", "Total", "Table"])
        sheet.append([5])
        sheet["B2"] = ArrayFormula("B2", "=SUM(A2:A2*2)")
        sheet["C2"] = DataTableFormula("C2", r1="A1")  # pyright: ignore[reportAttributeAccessIssue]

    text = read_file_text("a.xlsx", workbook_of(S=totals)).text
    assert "| 5 | =SUM(A2:A2*2) (no stored result) |" in text


@claim("papers:kinds")
@pytest.mark.parametrize("kind", [b"", b' t="array" ref="B2"'])
def test_a_formula_that_gives_an_empty_text_is_an_empty_cell(kind: bytes) -> None:
    formula = b'<f%s>IF(A2&gt;5,"late","")</f><v></v>' % kind
    text = read_file_text("late.xlsx", calculated(formula)).text
    assert text.startswith("## S\n\n| 7 | 8 |\n| --- | --- |\n| 1 |  |")


@claim("papers:hostile")
def test_a_style_that_a_workbook_lacks_costs_no_more_than_itself() -> None:
    data = calculated(b"<v>kept</v>", b's="999"')
    assert "| 1 | kept |" in read_file_text("style.xlsx", data).text


@claim("papers:kinds")
def test_what_stands_further_left_in_a_later_row_is_kept() -> None:
    def sheet(filled: Worksheet) -> None:
        for number in range(60):
            filled.append([None, f"item {number}", number])
        filled.append(["Total", None, 1770])
        filled.append(["a remark"])

    text = read_file_text("left.xlsx", workbook_of(S=sheet)).text
    assert text.startswith("## S\n\n|  | item 0 | 0 |\n| --- | --- | --- |\n")
    assert text.rstrip().endswith("| Total |  | 1770 |\n| a remark |")


@claim("papers:tables")
def test_a_row_of_dashes_is_a_row_and_begins_no_second_table() -> None:
    rows = [["Item", "Cost"], ["a", 1], ["-", "-"], ["b", 2]]
    text = read_file_text("dashes.xlsx", workbook_of(S=rows)).text
    column = read_column(text, "cost")
    assert column.first_of == 1
    assert [cell.text for cell in column.cells] == ["1", "-", "2"]


@claim("papers:hostile")
def test_nothing_but_rules_is_one_table() -> None:
    (table,) = find_tables("|-|\n" * 100_000)
    assert len(table.rows) == 99_998
