"""The text of a PDF, page by page, with its tables and the fields of its forms."""
# pyright: reportUnknownMemberType=false

from collections.abc import Iterator
from contextlib import suppress
from io import BytesIO

from pypdf import PageObject, PasswordType, PdfReader
from pypdf.errors import DependencyError, PyPdfError

from agentco.adapters.papers.aligned_tables import page_with_tables
from agentco.adapters.papers.paper_limits import PaperPiece
from agentco.file_formats.tables import markdown_table
from agentco.kernel.errors import WrongUsage
from agentco.kernel.words import count_of

BROKEN = (
    PyPdfError,
    AttributeError,
    LookupError,
    NotImplementedError,  # a filter that it does not know
    RecursionError,
    TypeError,
    ValueError,
)
"""What pypdf ends with at a page that is not as its format says."""
ENCRYPTION = b"/Encrypt"
NO_TEXT = "[no text on this page: it may be a scan]"
UNREADABLE = "[this page cannot be read]"


def read_pdf(data: bytes) -> Iterator[PaperPiece]:
    """Its pages under headings, then the fields of its forms.

    Raises WrongUsage for one that is encrypted or has no text at all.
    """
    reader = _open(data)
    total = len(reader.pages)
    fields = _form_fields(reader)
    has_text = bool(fields)
    for number, page in enumerate(reader.pages, 1):
        text = _page_text(page)
        has_text = has_text or text not in {NO_TEXT, UNREADABLE}
        if number == total and not has_text:
            what = (
                f"has {count_of(total, 'page')} and no text: it is a scan, or damaged"
            )
            raise WrongUsage(what, hint="have its text recognised (OCR), and give that")
        about = f"PDF, pages 1 to {number:,} of {total:,}"
        if number == total:
            about = f"PDF, {count_of(total, 'page')}"
            text = "\n\n".join(filter(None, (text, fields)))
        yield PaperPiece(text=f"## Page {number}\n\n{text}\n", about=about)


def _open(data: bytes) -> PdfReader:
    """Open a PDF.

    Raises WrongUsage for one that asks for a password, or is encrypted as we cannot read.
    """
    try:
        reader = PdfReader(BytesIO(data))
        if not reader.is_encrypted:
            return reader
        if reader.decrypt("") is not PasswordType.NOT_DECRYPTED:
            return reader
    except (DependencyError, NotImplementedError):
        if ENCRYPTION not in data:
            raise
    raise WrongUsage(
        "is an encrypted PDF",
        hint="open it, and save or print a copy without a password",
    )


def _page_text(page: PageObject) -> str:
    try:
        text = page.extract_text().strip()
    except BROKEN:
        return UNREADABLE
    if not text:
        return NO_TEXT
    with suppress(*BROKEN):
        layout = page.extract_text(
            extraction_mode="layout", layout_mode_strip_rotated=False
        )
        return page_with_tables(layout) or text
    return text


def _form_fields(reader: PdfReader) -> str:
    """What is filled in in forms, as a table; empty for a PDF without."""
    with suppress(*BROKEN):
        fields = reader.get_form_text_fields()
        rows = [[name, str(value)] for name, value in fields.items() if value]
        if rows:
            return "\n".join(markdown_table([["Field", "Filled in"], *rows]))
    return ""
