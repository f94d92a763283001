"""Papers as their programs write them, made byte by byte: PDF, workbooks, mail."""

from collections.abc import Callable, Iterable, Sequence
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from agentco.adapters.papers import PaperLimits, read_file_text
from agentco.kernel import WrongUsage

FONT = (
    b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
)
FIRST_PAGE = 4
"""The objects before are the catalogue, the list of pages and the font."""


def line_at(x: int, y: int, text: str) -> bytes:
    """A line of text at a place of a page, in points from the lower left corner."""
    escaped = text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
    return b"BT /F1 10 Tf %d %d Td (%s) Tj ET\n" % (x, y, escaped.encode("cp1252"))


def page_of(*lines: str, rows: Iterable[Sequence[str]] = (), left: int = 50) -> bytes:
    """A page with lines, and below them the rows of a table without any rules."""
    drawn, y = list[bytes](), 800
    for line in lines:
        drawn.append(line_at(left, y, line))
        y -= 15
    y -= 15
    for row in rows:
        places = range(left, 10_000, 120)
        drawn += [
            line_at(x, y, cell) for x, cell in zip(places, row, strict=False) if cell
        ]
        y -= 15
    return b"".join(drawn)


def pdf_of(
    *pages: bytes, kids: bytes = b"", field: bytes = b"", trailer: bytes = b""
) -> bytes:
    """A PDF with these pages, and a form with a field.

    `kids` stands in the place of the list of the pages.
    """
    form = b"/AcroForm << /Fields [%d 0 R] >>" % (FIRST_PAGE + 2 * len(pages))
    listed = b" ".join(b"%d 0 R" % (FIRST_PAGE + 2 * i) for i in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R %s >>" % (form if field else b""),
        b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids or listed, len(pages)),
        FONT,
    ]
    for number, page in enumerate(pages):
        content = FIRST_PAGE + 1 + 2 * number
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842]"
            b" /Resources << /Font << /F1 3 0 R >> >> /Contents %d 0 R >>" % content
        )
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(page), page))
    return _with_index([*objects, field] if field else objects, trailer)


def _with_index(objects: Sequence[bytes], trailer: bytes) -> bytes:
    parts, places, size = [b"%PDF-1.4\n"], list[int](), 9
    for number, body in enumerate(objects, 1):
        parts.append(b"%d 0 obj\n%s\nendobj\n" % (number, body))
        places.append(size)
        size += len(parts[-1])
    entries = b"".join(b"%010d 00000 n \n" % place for place in places)
    count = len(objects) + 1
    parts.append(b"xref\n0 %d\n0000000000 65535 f \n%s" % (count, entries))
    end = b"trailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n"
    return b"".join(parts) + end % (count, trailer, size)


def workbook_of(
    **sheets: Callable[[Worksheet], object] | Sequence[Sequence[object]],
) -> bytes:
    """A workbook; each sheet is its rows, or what fills it."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, filling in sheets.items():
        sheet = book.create_sheet(name)
        if callable(filling):
            filling(sheet)
        else:
            for row in filling:
                sheet.append(row)
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def with_member(workbook: bytes, name: str, data: bytes) -> bytes:
    """The same ZIP archive with a member in the place of the one of that name."""
    file = BytesIO()
    with ZipFile(BytesIO(workbook)) as old, ZipFile(file, "w", ZIP_DEFLATED) as new:
        for member in old.namelist():
            new.writestr(member, data if member == name else old.read(member))
    return file.getvalue()


def told_of(name: str, data: bytes) -> str:
    """The text of a paper that may take four seconds, else what is said of it."""
    try:
        return read_file_text(name, data, limits=PaperLimits(cpu_s=4)).text
    except WrongUsage as error:
        return f"{error.what}: {error.hint}"
