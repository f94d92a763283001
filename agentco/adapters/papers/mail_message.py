"""A mail as text: who wrote to whom, its own text, and what is attached by name.

What it says are its sender's words, and never the founder's.
"""

import codecs
from collections.abc import Iterator
from email.errors import HeaderParseError
from email.message import EmailMessage, Message
from email.parser import BytesParser
from email.policy import EmailPolicy
from typing import Any, cast

from agentco.adapters.papers.paper_limits import PaperPiece
from agentco.file_formats.declared_text import decode_declared

HEADERS = ("From", "Reply-To", "To", "Cc", "Date", "Subject")
LONGEST_HEADER = 1000
MOST_PARSED = 4 * LONGEST_HEADER
"""Characters of a header as it is written; its parser takes far more time and room for more."""
MOST_ATTACHMENTS = 100
MOST_PARTS = 1000
ABOUT = "mail: its sender's words, never the founder's"
NO_TEXT = "[no text in this mail]"
UNREADABLE = "[its text is in an encoding that nobody can tell]"
BROKEN_HEADER = (
    AttributeError,
    HeaderParseError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)
"""What the parser ends with at a header that is not as the standard says."""


class _LenientPolicy(EmailPolicy):
    """Reads the beginning of a header, and one that cannot be read as it is written."""

    def header_fetch_parse(self, name: str, value: str) -> Any:
        beginning = value[:MOST_PARSED]
        try:
            return super().header_fetch_parse(name, beginning)
        except BROKEN_HEADER:
            return beginning


def read_mail(data: bytes) -> Iterator[PaperPiece]:
    """The mail as one text."""
    # mailboxes put a line before it, and Windows a mark
    data = data.removeprefix(codecs.BOM_UTF8).lstrip()
    if data.startswith(b"From ") and b"\n" in data:
        data = data.partition(b"\n")[2]
    parser = BytesParser(policy=_LenientPolicy())
    message = cast("EmailMessage", parser.parsebytes(data))
    parts = [(part, _attachment(part)) for part in _parts(message)]
    own = [part for part, name in parts if not name]
    lines = [*_header_lines(message), "", _body_text(own)]
    attached = [name for _, name in parts if name]
    if attached:
        lines += ["", "Attached, and not opened:"]
        lines += [f"- {name}" for name in attached[:MOST_ATTACHMENTS]]
    if len(attached) > MOST_ATTACHMENTS:
        lines.append(f"- and {len(attached) - MOST_ATTACHMENTS:,} more")
    yield PaperPiece(text="\n".join(lines), about=ABOUT)


def _header_lines(message: EmailMessage) -> Iterator[str]:
    for name in HEADERS:
        shown = " ".join(str(message[name] or "").split())[:LONGEST_HEADER]
        if shown:
            yield f"{name}: {shown}"


def _parts(message: EmailMessage) -> Iterator[EmailMessage]:
    """What a mail is made of; a mail that is attached to it is one part."""
    waiting: list[Message[str, str]] = [message]
    found = 0
    while waiting and found < MOST_PARTS:
        part = waiting.pop()
        found += 1
        if part.is_multipart() and part.get_content_maintype() == "multipart":
            inner = cast("list[Message[str, str]]", part.get_payload())
            waiting += reversed(inner)
        elif isinstance(part, EmailMessage):
            yield part


def _body_text(own: list[EmailMessage]) -> str:
    """The text that its sender wrote: in plain text where there is one, else out of the HTML."""
    plain = [part for part in own if part.get_content_type() == "text/plain"]
    texts = [_text_of(part).strip() for part in plain]
    if any(texts):
        return "\n\n".join(filter(None, texts))
    pages = [part for part in own if part.get_content_type() == "text/html"]
    if pages:
        from agentco.adapters.papers.html_text import html_as_text

        texts = [html_as_text(_text_of(part)) for part in pages]
    return "\n\n".join(filter(None, texts)) or NO_TEXT


def _text_of(part: EmailMessage) -> str:
    """The text in the encoding that it names, else in the one that it has."""
    payload = part.get_payload(decode=True)
    data = payload if isinstance(payload, bytes) else b""
    text = decode_declared(data, _charset(part))
    return UNREADABLE if text is None else text


def _charset(part: EmailMessage) -> str:
    try:
        return part.get_content_charset() or ""
    except BROKEN_HEADER:
        return ""


def _attachment(part: EmailMessage) -> str:
    """The name, kind and size of what is attached; empty for the text of the mail."""
    try:
        name = part.get_filename() or ""
        is_attached = part.get_content_disposition() == "attachment"
    except BROKEN_HEADER:
        name, is_attached = "", True
    kind = part.get_content_type()
    if not (is_attached or name) and kind in {"text/plain", "text/html"}:
        return ""
    payload = part.get_payload(decode=True)
    size = f", {len(payload):,} bytes" if isinstance(payload, bytes) else ""
    shown = " ".join(name.split())[:LONGEST_HEADER]
    return f"{shown or 'without a name'} ({kind}{size})"
