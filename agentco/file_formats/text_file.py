"""A text file that is written back as it was: its encoding, its mark and its line ends stay."""

import re

from msgspec import Struct

from agentco.file_formats.plain_text import (
    CONTROL_CHARACTERS,
    MARKED_ENCODINGS,
    ONE_BYTE_ENCODINGS,
    read_plain_text,
)
from agentco.kernel.errors import WrongUsage

_LINE_END = re.compile(r"\r\n?|\n")
_UNMARKED_CODECS = {"UTF-8": ("utf-8",), "UTF-16": ("utf-16-le", "utf-16-be")}


class TextFile(Struct, frozen=True, kw_only=True):
    """A text with what its file adds to it: the encoding and the mark at its beginning."""

    text: str = ""
    codec: str = "utf-8"
    mark: bytes = b""

    def line_end(self, place: int = 0) -> str:
        """How lines end behind a place, else in the whole text; a newline where there is one."""
        found = _LINE_END.search(self.text, place) or _LINE_END.search(self.text)
        return found[0] if found else "\n"

    def line_at(self, place: int) -> int:
        """The number of the line at a place, from 1."""
        return len(_LINE_END.findall(self.text, 0, place)) + 1

    def encode(self, text: str) -> bytes:
        """The bytes of another text in this file.

        Raises WrongUsage for a character that the file's encoding does not have, and for those
        that no text holds.
        """
        control = CONTROL_CHARACTERS.search(text)
        if control:
            what = f"the text holds the control character {control[0]!r}"
            raise WrongUsage(what, hint="write it without")
        try:
            return self.mark + text.encode(self.codec)
        except UnicodeEncodeError as error:
            character = text[error.start]
            what = f"the file's encoding ({self.codec}) has no {character!r}"
            raise WrongUsage(what, hint="write it in other letters") from None


def open_text_file(data: bytes) -> TextFile | None:
    """The text in these bytes; None unless it can be written back byte for byte."""
    plain = read_plain_text(data)
    if plain is None:
        return None
    for mark, encoding, codec in MARKED_ENCODINGS:
        if encoding == plain.encoding and data.startswith(mark):
            return _if_whole(data, plain.text, codec, mark)
    if plain.encoding in ONE_BYTE_ENCODINGS:
        return _if_whole(data, plain.text, ONE_BYTE_ENCODINGS[plain.encoding])
    for codec in _UNMARKED_CODECS.get(plain.encoding, ()):
        if file := _if_whole(data, plain.text, codec):
            return file
    return None


def with_line_ends(text: str, line_end: str) -> str:
    """A text whose lines all end in one way."""
    return _LINE_END.sub(lambda _: line_end, text)


def _if_whole(data: bytes, text: str, codec: str, mark: bytes = b"") -> TextFile | None:
    is_whole = mark + text.encode(codec, "replace") == data
    return TextFile(text=text, codec=codec, mark=mark) if is_whole else None
