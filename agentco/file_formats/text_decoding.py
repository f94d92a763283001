"""From bytes to text: byte order marks, UTF-16, Windows code pages, stray zero bytes, line ends."""

from agentco.file_formats.source_file import FileFindings, SourceFile

_UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")


def decode_text(source: SourceFile, findings: FileFindings) -> str | None:
    """The file's text with LF line ends and no byte order marks; None if it is no text at all."""
    text = _decode_bytes(source.data, findings)
    if text is None:
        return None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        hint = "save the file again as UTF-8 text"
        findings.warn("zero-bytes", "zero bytes were dropped", hint, line)
        text = text.replace("\0", "")
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.replace("\ufeff", "")


def _decode_bytes(data: bytes, findings: FileFindings) -> str | None:
    is_utf16 = data.startswith(_UTF16_BOMS)
    line = 1
    for encoding in ("utf-16",) if is_utf16 else ("utf-8", "cp1252"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            continue
        if encoding == "cp1252":
            what = "not UTF-8: read as Windows-1252"
            findings.warn("not-utf8", what, "save the file as UTF-8", line)
        return text
    hint = "save the file as UTF-8 text"
    findings.error("not-text", "not a text file", hint, line)
    return None
