"""What a file is that is no plain text: told by its bytes, else by its name."""

import re
from enum import StrEnum

from msgspec import Struct

from agentco.kernel import package_data

BEGINNING = 1024
"""How far into a file the mark of a PDF, and the first tag of HTML, may stand."""
_HTML_BEGINNING = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?><!--.*?-->\s*)*+"
    rb"<(?:!doctype html|html|head|body|table)\b",
    re.IGNORECASE | re.DOTALL,
)
_HTML_NAMES = ("html", "htm", "xhtml")
_TABLE_NAMES = ("csv", "tsv", "tab")


class PaperKind(StrEnum):
    """What is opened and read, in the words in which it is named."""

    PDF = "PDF"
    WORKBOOK = "spreadsheet"
    MAIL = "mail"
    HTML = "HTML page"

    @property
    def article(self) -> str:
        """What stands before it in a sentence."""
        return "an" if self is PaperKind.HTML else "a"


class _ClosedKind(Struct, frozen=True, kw_only=True):
    """Files that cannot be read: what one is, and what to do about it.

    It begins with one of the `marks` at a byte, in hexadecimal digits, `holds` the text anywhere,
    and has one of the names' `ends`; what is empty says nothing.
    """

    what: str
    hint: str
    marks: tuple[tuple[int, str], ...] = ()
    holds: str = ""
    ends: tuple[str, ...] = ()

    def fits(self, data: bytes, end: str) -> bool:
        """Whether a file is of this kind."""
        if self.ends and end not in self.ends:
            return False
        if self.holds and self.holds.encode("latin-1") not in data:
            return False
        begins = (data.startswith(bytes.fromhex(mark), at) for at, mark in self.marks)
        return not self.marks or any(begins)


_CLOSED_KINDS = package_data.load_table(__name__, tuple[_ClosedKind, ...])
"""The first that fits is it."""


def paper_kind(name: str, data: bytes) -> PaperKind | None:
    """What of the kinds that are opened a file is; None for any other."""
    end = name_end(name)
    if b"%PDF-" in data[:BEGINNING] and (data.startswith(b"%PDF-") or end == "pdf"):
        return PaperKind.PDF
    if data.startswith(b"PK\x03\x04"):
        return PaperKind.WORKBOOK if b"xl/workbook.xml" in data else None
    if end == "eml":
        return PaperKind.MAIL
    if end in _HTML_NAMES:
        return PaperKind.HTML
    is_named_otherwise = end not in {"", "xls"}
    if not is_named_otherwise and _HTML_BEGINNING.match(data[:BEGINNING]):
        return PaperKind.HTML
    return None


def closed_kind(name: str, data: bytes) -> tuple[str, str] | None:
    """What a file is that nothing here can read, such as `an image (PNG)`, and what to do."""
    end = name_end(name)
    for kind in _CLOSED_KINDS:
        if kind.fits(data, end):
            return kind.what, kind.hint
    return None


def is_table_name(name: str) -> bool:
    """Whether a file is a table with separators, by its name."""
    return name_end(name) in _TABLE_NAMES


def name_end(name: str) -> str:
    """What stands behind the last dot of a file's name, in small letters."""
    _, dot, end = name.rpartition("/")[2].rpartition(".")
    return end.casefold() if dot else ""
