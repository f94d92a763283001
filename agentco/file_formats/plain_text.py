"""Whether bytes are a text, and in which encoding: exports of banks and old programs are not UTF-8.

A wrong guess is worse than a refusal, for a model is paid to read it: what fits no encoding is no
text.
"""

import codecs
import re
from collections import Counter
from collections.abc import Iterable, Iterator

from msgspec import Struct

UTF_8 = "UTF-8"
WINDOWS_1252 = "Windows-1252"
ONE_BYTE_ENCODINGS = {
    WINDOWS_1252: "cp1252",
    "ISO 8859-15": "iso8859-15",
    "Mac Roman": "mac_roman",
    "code page 850": "cp850",
    "Windows-1250": "cp1250",
    "Windows-1251": "cp1251",
    "KOI8-R": "koi8-r",
    "Windows-1253": "cp1253",
    "Windows-1254": "cp1254",
}
"""What a text without UTF-8 is tried as; of equals the first is it."""
MARKED_ENCODINGS = (
    (codecs.BOM_UTF8, UTF_8, "utf-8"),
    (codecs.BOM_UTF32_LE, "UTF-32", "utf-32-le"),
    (codecs.BOM_UTF32_BE, "UTF-32", "utf-32-be"),
    (codecs.BOM_UTF16_LE, "UTF-16", "utf-16-le"),
    (codecs.BOM_UTF16_BE, "UTF-16", "utf-16-be"),
)
BINARY_BEGINNINGS = (
    b"%PDF-",
    b"PK\x03\x04",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"\xd0\xcf\x11\xe0",
    b"\x1f\x8b",
    b"\x7fELF",
)
"""PDF, Office and zip, images, old Office, gzip, programs."""
SAMPLE_BYTES = 4096
MIN_ZERO_SHARE = 0.3
"""UTF-16 without a mark: so many of every other byte are zero in Western text."""
CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0e-\x19\x1c-\x1f]")
MARKS = frozenset("€£§©®°ºª«»–—‘’“”…•·¿¡´\xa0½¼¾²³±×÷™†№")  # noqa: RUF001
"""What texts in all of them have beside letters."""
WESTERN = frozenset("áàâãäåæçéèêëíìîïñóòôõöøúùûüýÿÁÀÂÃÄÅÆÇÉÈÊËÍÌÎÏÑÓÒÔÕÖØÚÙÛÜÝßœŒ")
CENTRAL = frozenset(
    "áâăäąçćčďđéęëěíîłľĺńňóôőöŕřśšşťţúůűüýźžżÁÂĂÄĄÇĆČĎĐÉĘËĚÍÎŁĽĹŃŇÓÔŐÖŔŘŚŠŞŤŢÚŮŰÜÝŹŽŻß"
)
CYRILLIC = frozenset(map(chr, range(0x410, 0x450))) | frozenset("ЁёІіЇїЄєҐґЎў")
GREEK = frozenset(map(chr, (*range(0x388, 0x3A2), *range(0x3A3, 0x3CF))))
TURKISH = frozenset("çğıöşüâîûÇĞİÖŞÜÂÎÛ")
USUAL_LETTERS = {
    "cp1250": CENTRAL,
    "cp1251": CYRILLIC,
    "koi8-r": CYRILLIC,
    "cp1253": GREEK,
    "cp1254": TURKISH,
}
"""The letters of an encoding beside ASCII where they are not the Western ones."""
SHARED = {WESTERN: frozenset("šŠžŽðÐþÞýÝ"), CENTRAL: frozenset("šŠžŽđĐţŢýÝ")}
"""Rare ones that stand for letters of other languages too: they speak neither for nor against."""
SLAVIC, NOT_SLAVIC = frozenset("čřěůČŘĚŮ"), frozenset("ăśńęŕĺĂŚŃĘŔĹ")
"""With one of the former, and none of the latter, `š` and `ž` speak for Central Europe."""
LEAST_SHARE = 8
"""At least one of so many letters."""
STRANGE_IN_LATIN = re.compile(
    r"[a-zß-öø-ÿ][À-ÖØ-ÝŸ]|(?<=[^\W\d_])[¿¡¹²³¼½¾±×÷£§·°¶®©](?=[^\W\d_])"  # noqa: RUF001
    r"|[£¿](?=[^\W\d_]*[ß-ÿ])|[^\x00-\x7f\xa0“”‘’–—…«»]{3,}"  # noqa: RUF001
)
"""A capital or a mark inside a word, or more such characters together than any language has."""
STRANGE_ELSEWHERE = re.compile(
    r"[a-zά-ώа-џґ][А-ЯЀ-ЏΆ-ΫҐ]|[A-Za-z][\u0370-\u04ff]|[\u0370-\u04ff][A-Za-z]"  # noqa: RUF001
    r"|[±¶·µ¼½¾²³¿¡×÷°§¢£¥©®]+[\u0370-\u04ff±¶·µ²³]|[\u0370-\u04ff][±¶·µ¼½¾²³¿¡×÷§¢£¥©®]"  # noqa: RUF001
)
"""A capital or a mark inside a word, or letters of two alphabets in one."""


class PlainText(Struct, frozen=True, kw_only=True):
    """A text, and the encoding that it was read in.

    `about` says what it was made from where that is no text, such as `PDF, 3 pages`, and
    `is_part` that the rest was left out.
    """

    text: str
    encoding: str = UTF_8
    about: str = ""
    is_part: bool = False

    @property
    def note(self) -> str:
        """What a reader should know of it; empty for a text in Unicode."""
        is_unicode = self.encoding.startswith("UTF")
        read_as = "" if is_unicode else f"not UTF-8: read as {self.encoding}"
        return "; ".join(filter(None, (self.about, read_as)))


def read_plain_text(data: bytes, *, is_cut: bool = False) -> PlainText | None:
    """Read bytes as a text, without a mark at its beginning; None for what is none.

    `is_cut` says that there are more bytes, so that the last character may be a part of one.
    """
    if data.startswith(BINARY_BEGINNINGS):
        return None
    for mark, encoding, codec in MARKED_ENCODINGS:
        if data.startswith(mark):
            data = data.removeprefix(mark)
            text = _decode(data, codec, is_cut=is_cut)
            if text is None and encoding == UTF_8:
                return _replace_lost_bytes(data)
            return _as_text(text, encoding)
    if b"\0" in data:
        return _as_text(_decode_unmarked_utf16(data, is_cut=is_cut), "UTF-16")
    text = _decode(data, "utf-8", is_cut=is_cut)
    if text is not None:
        return PlainText(text=text)
    return _read_one_byte_text(data) or _read_damaged_text(data)


def _decode(data: bytes, codec: str, *, is_cut: bool) -> str | None:
    decoder = codecs.getincrementaldecoder(codec)()
    try:
        return decoder.decode(data, final=not is_cut)
    except UnicodeDecodeError:
        return None


def _as_text(text: str | None, encoding: str) -> PlainText | None:
    if text is None or "\0" in text:
        return None
    return PlainText(text=text, encoding=encoding)


def _decode_unmarked_utf16(data: bytes, *, is_cut: bool) -> str | None:
    sample = data[:SAMPLE_BYTES]
    for codec, first in (("utf-16-le", 1), ("utf-16-be", 0)):
        highs, lows = sample[first::2], sample[1 - first :: 2]
        if 0 not in lows and highs.count(0) > MIN_ZERO_SHARE * len(highs):
            text = _decode(data, codec, is_cut=is_cut)
            return None if text and CONTROL_CHARACTERS.search(text) else text
    return None


def _read_one_byte_text(data: bytes) -> PlainText | None:
    """The text in the encoding that makes most sense of it; None where none does."""
    if _is_mostly_utf8(data):
        return None
    best, best_score = None, 0
    for encoding, codec in ONE_BYTE_ENCODINGS.items():
        text = _decode(data, codec, is_cut=False)
        if text is None or CONTROL_CHARACTERS.search(text):
            continue
        score = _sense_of(text, USUAL_LETTERS.get(codec, WESTERN))
        if score > best_score:
            best, best_score = PlainText(text=text, encoding=encoding), score
    return best


def _sense_of(text: str, letters: frozenset[str]) -> int:
    """How many characters beside ASCII are usual ones, less twice those that are not."""
    counts = Counter(character for character in text if character > "\x7f")
    usual = _count(counts, letters | MARKS)
    shared = SHARED.get(letters, frozenset())
    strange = counts.total() - usual - _count(counts, shared - letters)
    if letters is not CENTRAL or not _is_slavic(counts):
        usual -= _count(counts, shared & letters)
    is_latin = letters in {WESTERN, CENTRAL, TURKISH}
    pattern = STRANGE_IN_LATIN if is_latin else STRANGE_ELSEWHERE
    strange += sum(len(match[0]) for match in pattern.finditer(text))
    return usual - 2 * strange


def _is_slavic(counts: Counter[str]) -> bool:
    """Whether the letters of a text make it one of Central Europe, read as such."""
    is_frequent = _count(counts, SHARED[CENTRAL]) * LEAST_SHARE >= counts.total()
    return (
        is_frequent and not SLAVIC.isdisjoint(counts) and NOT_SLAVIC.isdisjoint(counts)
    )


def _count(counts: Counter[str], characters: Iterable[str]) -> int:
    return sum(counts[character] for character in characters)


def _is_mostly_utf8(data: bytes) -> bool:
    whole = sum(character > "\x7f" for character in data.decode("utf-8", "ignore"))
    return whole > sum(1 for _ in _bad_bytes(data))


def _bad_bytes(data: bytes) -> Iterator[str]:
    for character in data.decode("utf-8", "surrogateescape"):
        if "\udc80" <= character <= "\udcff":
            yield character


def _read_damaged_text(data: bytes) -> PlainText | None:
    return _replace_lost_bytes(data) if _is_mostly_utf8(data) else None


def _replace_lost_bytes(data: bytes) -> PlainText | None:
    """A text in UTF-8 of which some bytes are lost, and shown as lost."""
    text = data.decode("utf-8", "replace")
    if CONTROL_CHARACTERS.search(text):
        return None
    return PlainText(text=text, encoding="damaged UTF-8")
