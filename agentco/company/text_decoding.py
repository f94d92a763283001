"""From bytes to text: byte order marks, UTF-16, Windows code pages, stray zero bytes, line ends."""

from agentco.company.source_file import FileFindings, SourceFile

_UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")


def decode_text(source: SourceFile, found: FileFindings) -> str | None:
    """The file's text with LF line ends and no byte order marks; None when it is no text at all."""
    text = _decode_bytes(source.data, found)
    if text is None:
        return None
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        found.warn(
            "zero-bytes",
            "zero bytes were dropped",
            "save the file again as UTF-8 text",
            line,
        )
        text = text.replace("\0", "")
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.replace("\ufeff", "")


def _decode_bytes(data: bytes, found: FileFindings) -> str | None:
    line = 1
    for encoding in (
        ("utf-16",) if data.startswith(_UTF16_BOMS) else ("utf-8", "cp1252")
    ):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError as error:
            line = data[: error.start].count(b"\n") + 1
            continue
        if encoding == "cp1252":
            found.warn(
                "not-utf8",
                "not UTF-8: read as Windows-1252",
                "save the file as UTF-8",
                line,
            )
        return text
    found.error("not-text", "not a text file", "save the file as UTF-8 text", line)
    return None
