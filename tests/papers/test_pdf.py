"""PDF: its text page by page, its tables, its forms, and what is wrong with it."""

from io import BytesIO

import pytest
from claims import claim
from paper_files import FONT, line_at, page_of, pdf_of, told_of
from pypdf import PdfReader, PdfWriter

from agentco.adapters.papers import PaperLimits, page_with_tables, read_file_text
from agentco.file_formats import read_column
from agentco.kernel import WrongUsage

ROWS = [
    ("Description", "Qty", "Unit price", "Amount"),
    ("Hosting, São Paulo", "12", "9.90 €", "118.80 €"),
    ("Support", "1", "1,250.00 €", "1,250.00 €"),
]
TABLE = """\
| Description | Qty | Unit price | Amount |
| --- | --- | --- | --- |
| Hosting, São Paulo | 12 | 9.90 € | 118.80 € |
| Support | 1 | 1,250.00 € | 1,250.00 € |"""


WORDS = page_of("Words")
HALF = b"begincmap 1 beginbfchar <41> <D800> endbfchar endcmap"


def encrypted(data: bytes, password: str) -> bytes:
    writer = PdfWriter(BytesIO(data))
    writer.encrypt(password, "owner", algorithm="RC4-128")
    file = BytesIO()
    writer.write(file)
    return file.getvalue()


@claim("papers:kinds")
def test_a_pdf_is_read_page_by_page_with_its_tables() -> None:
    data = pdf_of(page_of("Invoice 2026/17", rows=ROWS), page_of("Thank you (really)."))
    read = read_file_text("invoice.pdf", data)
    assert read.note == "PDF, 2 pages"
    assert read.text == (
        f"## Page 1\n\nInvoice 2026/17\n\n{TABLE}\n\n## Page 2\n\nThank you (really).\n"
    )


@claim("papers:kinds")
def test_prose_in_two_columns_is_no_table() -> None:
    left = "We sell software to people who like it a lot."
    right = "The other column speaks of entirely different things."
    page = b"".join(
        line_at(50, y, left) + line_at(320, y, right) for y in range(800, 650, -15)
    )
    text = read_file_text("brochure.pdf", pdf_of(page)).text
    assert "|" not in text
    assert left in text


@claim("papers:kinds")
def test_what_rows_add_up_to_is_no_row() -> None:
    layout = "Item      Qty    Amount\nHosting   12     118.80\nSupport    1      50.00\n\n                 168.80\n"
    text = page_with_tables(layout)
    assert text.endswith("| Support | 1 | 50.00 |\n\n168.80")
    assert [cell.text for cell in read_column(text, "Amount").cells] == [
        "118.80",
        "50.00",
    ]


INVOICE = """\
ACME Lda                         Date: 2026-11-03
Rua do Farol 12                  Due: 2026-12-03
NIF 501964843                    For: Farol Labs

Item                             Qty      Price        Total

Hosting of the service Lumen
                                  12       9,90       118,80
for the whole year

Support                            1   1.250,00     1.250,00

                                        Subtotal        1.368,80
                                         VAT 23%          314,82
                                           Total        1.683,62

Pay by transfer. Thank you.
"""


@claim("papers:kinds")
def test_an_invoice_is_told_apart_into_its_tables_and_a_cell_of_three_lines_is_one() -> (
    None
):
    assert (
        page_with_tables(INVOICE)
        == """\
| ACME Lda | Date: 2026-11-03 |
| --- | --- |
| Rua do Farol 12 | Due: 2026-12-03 |
| NIF 501964843 | For: Farol Labs |

| Item | Qty | Price | Total |
| --- | --- | --- | --- |
| Hosting of the service Lumen for the whole year | 12 | 9,90 | 118,80 |
| Support | 1 | 1.250,00 | 1.250,00 |

| Subtotal | 1.368,80 |
| --- | --- |
| VAT 23% | 314,82 |
| Total | 1.683,62 |

Pay by transfer. Thank you."""
    )


@claim("papers:kinds")
@pytest.mark.parametrize(
    "layout",
    [
        "•    One thing that we do\n•    Another one\n•    And a third\n",
        "The  words  of  a  line  that is  justified\nstand  apart  as  those  of  a  table  do\n",
        "Chapter 1   . . . . . . .   3\nChapter 2   . . . . . . .   9\n",
        "One line    with a gap\n\nand text.\n",
    ],
)
def test_lists_justified_text_and_contents_are_no_tables(layout: str) -> None:
    assert page_with_tables(layout) == ""


@claim("papers:kinds")
def test_what_is_filled_in_in_a_form_is_read() -> None:
    field = b"<< /FT /Tx /T (NIF) /V (501964843) >>"
    text = read_file_text("form.pdf", pdf_of(page_of("Form"), field=field)).text
    assert text.endswith("| Field | Filled in |\n| --- | --- |\n| NIF | 501964843 |\n")


@claim("papers:kinds")
def test_an_encrypted_pdf_is_refused_unless_it_opens_without_a_password() -> None:
    data = pdf_of(page_of("Statement of October"))
    with pytest.raises(WrongUsage) as refused:
        read_file_text("statement.pdf", encrypted(data, "secret"))
    assert refused.value.what == "'statement.pdf' is an encrypted PDF"
    assert "without a password" in refused.value.hint
    assert "October" in read_file_text("open.pdf", encrypted(data, "")).text


@claim("papers:kinds")
def test_a_scan_is_told_as_one() -> None:
    with pytest.raises(WrongUsage) as refused:
        read_file_text("scan.pdf", pdf_of(b"", b""))
    assert "has 2 pages and no text: it is a scan" in refused.value.what
    assert "OCR" in refused.value.hint
    mixed = read_file_text("mixed.pdf", pdf_of(b"", page_of("Words")))
    assert "[no text on this page: it may be a scan]" in mixed.text


@claim("papers:hostile")
@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\nstream\n", "it is damaged"),
        (b"%PDF-1.7" + b"[" * 200_000, "it is damaged"),
        (pdf_of(page_of("x"), kids=b"2 0 R"), "it is damaged"),
        (pdf_of(page_of("x"), kids=b"3 0 R 99 0 R"), "there is no text in it"),
        (pdf_of(page_of("x"))[:-120], "it is damaged"),
    ],
    ids=["cut", "nested", "circle", "no-page", "no-end"],
)
def test_a_pdf_that_is_not_as_it_says_is_read_or_refused_with_a_line(
    data: bytes, said: str
) -> None:
    assert said in told_of("odd.pdf", data)


@claim("papers:hostile")
def test_an_index_that_leads_back_to_itself_ends() -> None:
    data = pdf_of(page_of("Around"))
    place = int(PdfReader(BytesIO(data)).xref[0][1] > 0)
    assert place
    start = data.rindex(b"xref\n0")
    looped = pdf_of(page_of("Around"), trailer=b"/Prev %d" % start)
    assert "Around" in read_file_text("loop.pdf", looped).text


@claim("papers:hostile")
def test_a_long_pdf_is_read_as_far_as_its_time_goes_and_says_so() -> None:
    data = pdf_of(*[page_of("A page", rows=ROWS)] * 10_000)
    read = read_file_text("long.pdf", data, limits=PaperLimits(cpu_s=1))
    assert read.is_part
    assert read.note.startswith("PDF, pages 1 to ")
    assert read.note.endswith(" of 10,000 only: reading more takes too long")
    assert read.text.startswith("## Page 1\n\nA page\n")


@claim("papers:hostile")
def test_a_page_that_takes_for_ever_is_ended_and_the_pages_before_it_are_kept() -> None:
    endless = page_of("x") * 200_000
    data = pdf_of(page_of("Before it"), endless)
    read = read_file_text("endless.pdf", data, limits=PaperLimits(cpu_s=1))
    assert (read.text, read.is_part) == ("## Page 1\n\nBefore it\n", True)
    assert read.note == "PDF, pages 1 to 1 of 2 only: reading more takes too long"


@claim("papers:hostile")
def test_the_text_of_a_paper_ends_at_its_limit() -> None:
    data = pdf_of(*[page_of("A page that is read")] * 50)
    read = read_file_text("long.pdf", data, limits=PaperLimits(characters=200))
    assert read.note == "PDF, pages 1 to 7 of 50 only: its text is too long"
    assert 200 <= len(read.text) <= 210


@claim("papers:hostile")
def test_a_paper_that_swells_is_ended() -> None:
    from zlib import compress

    page = compress(page_of("x") + b" " * 900_000_000, 1)
    data = pdf_of(b"").replace(
        b"<< /Length 0 >>\nstream\n\n",
        b"<< /Filter /FlateDecode /Length %d >>\nstream\n%s\n" % (len(page), page),
    )
    limits = PaperLimits(memory=400_000_000, cpu_s=4)
    with pytest.raises(WrongUsage) as refused:
        read_file_text("swell.pdf", data, limits=limits)
    assert refused.value.what.startswith("'swell.pdf' ")


@claim("papers:kinds")
def test_a_pdf_for_the_holders_of_a_certificate_is_encrypted_and_not_damaged() -> None:
    cipher = b"/Encrypt << /Filter /Adobe.PubSec /SubFilter /adbe.pkcs7.s5 /V 4 >> /ID [<00> <00>]"
    told = told_of("sealed.pdf", pdf_of(WORDS, trailer=cipher))
    assert told.startswith("'sealed.pdf' is an encrypted PDF: ")


@claim("papers:hostile")
def test_half_a_character_costs_no_more_than_itself() -> None:
    font = FONT.replace(b"/Encoding /WinAnsiEncoding", b"/ToUnicode 6 0 R".ljust(26))
    stream = b"<< /Length %d >>\nstream\n%s\nendstream" % (len(HALF), HALF)
    data = pdf_of(page_of("Plan A is kept"), field=stream).replace(FONT, font)
    assert "Plan \ufffd is kept" in read_file_text("half.pdf", data).text


@claim("papers:hostile")
@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"<< /Length", b"<< /Filter /Unknown /Length"),
        (b"stream\nBT", b"stream\n" + b"[" * 3_000 + b" BT"),
    ],
    ids=["unknown filter", "nested"],
)
def test_a_page_that_cannot_be_read_takes_no_other_with_it(
    old: bytes, new: bytes
) -> None:
    data = pdf_of(WORDS, page_of("More")).replace(old, new, 1)
    text = read_file_text("odd.pdf", data).text
    assert "[this page cannot be read]" in text
    assert "More" in text
