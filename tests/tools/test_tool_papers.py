"""Papers in an agent's hands: read part by part, calculated with, and never mistaken for the founder."""

import pytest
from claims import claim
from paper_files import page_of, pdf_of, workbook_of
from small_company import Place
from toolbox import Desk

from agentco.calculation import ComputeAct
from agentco.runs import Compute, Edit, Read, Search

HEADS = ("Item", "Qty", "Amount")
COSTS = [["Month", "Amount"], ["Jan", 10.5], ["Feb", 20], ["Total", 30.5]]
INCOME = [["Month", "Amount"], ["Jan", 100]]


@pytest.fixture
def desk(place: Place) -> Desk:
    notes = place.root / "notes"
    notes.mkdir()
    invoice = [HEADS, ("Hosting", "12", "118.80"), ("Support", "1", "50.00")]
    (notes / "invoice.pdf").write_bytes(pdf_of(page_of("Invoice", rows=invoice)))
    (notes / "year.xlsx").write_bytes(workbook_of(Costs=COSTS, Income=INCOME))
    (notes / "page.html").write_text("<p>Seen<p hidden>unseen")
    (notes / "offer.eml").write_text("Subject: offer\n\nIt costs 77 EUR.\n")
    (notes / "bank.csv").write_bytes(
        'Data;Descrição;Valor\n1;"a;b\nc";1,50\n'.encode("utf-16")
    )
    return Desk(place)


def column(file: str, name: str) -> Compute:
    return Compute(operation=ComputeAct.SUM, file=file, column=name)


@claim("papers:kinds")
@pytest.mark.parametrize(
    ("path", "about", "text"),
    [
        ("notes/invoice.pdf", "PDF, 1 page", "| Hosting | 12 | 118.80 |"),
        ("notes/year.xlsx", "spreadsheet, 2 sheets", "| Jan | 10.5 |"),
        ("notes/page.html", "HTML page, as its text", "\nSeen"),
        ("notes/offer.eml", "never the founder's", "It costs 77 EUR."),
        ("notes/bank.csv", "table of 3 columns, separated by ';': Data, Descrição, Valor", '1;"a;b\nc";1,50'),
    ],
)  # fmt: skip
def test_a_paper_is_read_under_a_heading_that_says_what_it_is(
    desk: Desk, path: str, about: str, text: str
) -> None:
    told = desk.told(Read(path=path))
    heading = told.partition("\n")[0]
    assert heading.startswith(f"[{path} (")
    assert about in heading
    assert text in told
    assert "unseen" not in told


@claim("tools:files-window")
def test_a_long_paper_is_read_part_by_part_with_its_columns_named_each_time(
    desk: Desk,
) -> None:
    rows = [["Day", "Amount"], *([number, number] for number in range(3_000))]
    (desk.place.root / "long.xlsx").write_bytes(workbook_of(Days=rows))
    told = desk.told(Read(path="long.xlsx", first_line=2_000, lines=2))
    assert told.startswith("[long.xlsx (spreadsheet, 1 sheet): lines 2,000 to 2,001 of")
    assert told.endswith("| 1995 | 1995 |\n| 1996 | 1996 |")
    lines = "".join(f"{number};{number}\n" for number in range(3_000))
    (desk.place.root / "long.csv").write_text(f"Day;Amount\n{lines}")
    told = desk.told(Read(path="long.csv", first_line=2_000, lines=1))
    assert "columns, separated by ';': Day, Amount): lines 2,000 to 2,000" in told


@claim("papers:kinds")
def test_a_page_that_may_be_edited_is_read_as_it_stands(desk: Desk) -> None:
    drafts = desk.place.root / "drafts"
    drafts.mkdir(exist_ok=True)
    (drafts / "page.html").write_text("<p>Old</p>\n")
    told = desk.told(Read(path="drafts/page.html"))
    assert told.endswith("\n<p>Old</p>")
    version = told.partition("hash ")[2].partition("]")[0]
    edit = Edit(path="drafts/page.html", old="<p>Old", new="<p>New", hash=version)
    assert desk.does(edit).ok
    assert (drafts / "page.html").read_text() == "<p>New</p>\n"


@claim("papers:tables")
@pytest.mark.parametrize(
    ("file", "name", "said"),
    [
        ("notes/invoice.pdf", "amount", "sum of 2 numbers in column 'Amount' of notes/invoice.pdf, under 'Page 1' = 168.80"),
        ("notes/year.xlsx", "Costs!Amount", "sum of 2 numbers in column 'Amount' of notes/year.xlsx, under 'Costs', without the totals in line 7 = 30.5"),
        ("notes/bank.csv", "valor", "sum of 1 number in column 'Valor' of notes/bank.csv = 1.50"),
    ],
)  # fmt: skip
def test_a_column_of_a_paper_is_added_up_and_names_its_sheet_or_page(
    desk: Desk, file: str, name: str, said: str
) -> None:
    assert desk.told(column(file, name)) == said


@claim("papers:tables")
def test_a_column_that_several_sheets_have_is_asked_for_by_its_sheet(
    desk: Desk,
) -> None:
    told = desk.refused(column("notes/year.xlsx", "Amount"))
    assert "name the one that is meant: 'Costs!Amount', 'Income!Amount'" in told
    told = desk.refused(column("notes/year.xlsx", "Costs!Sum"))
    assert "no column 'Costs!Sum'" in told


@claim("papers:tables")
def test_an_empty_cell_that_was_never_calculated_is_no_number(desk: Desk) -> None:
    rows = [["Month", "Amount"], ["Jan", 10], ["Feb", "=B2*2"]]
    (desk.place.root / "sum.xlsx").write_bytes(workbook_of(S=rows))
    told = desk.refused(column("sum.xlsx", "Amount"))
    assert "line 6: '=B2*2 (no stored result)' is not a number" in told


@claim("papers:kinds")
def test_a_search_says_which_papers_it_did_not_open(desk: Desk) -> None:
    told = desk.told(Search(words="costs"))
    assert "notes/offer.eml:3: It costs 77 EUR." in told
    assert told.endswith(
        "(not opened: 2 papers such as notes/invoice.pdf; Read opens one)"
    )


@claim("papers:kinds")
def test_what_cannot_be_read_is_told_in_words(desk: Desk) -> None:
    (desk.place.root / "logo.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    told = desk.refused(Read(path="logo.png"))
    assert told.startswith(
        "'logo.png' is an image (PNG), which cannot be read: no model"
    )
