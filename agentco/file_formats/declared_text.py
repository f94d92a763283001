"""A text in the encoding that a mail or a page names, unless that cannot be the one it is in."""

import codecs

from agentco.file_formats.plain_text import MARKED_ENCODINGS, read_plain_text

_READ_AS = {
    "ascii": ("utf-8", "cp1252"),
    "euc_kr": ("cp949",),
    "gb2312": ("gb18030",),
    "iso8859-1": ("cp1252",),
    "iso8859-9": ("cp1254",),
    "shift_jis": ("cp932",),
}
"""What programs name, and browsers read instead."""
_NO_ENCODINGS = frozenset(
    {
        "charmap",
        "idna",
        "punycode",
        "raw-unicode-escape",
        "undefined",
        "unicode-escape",
        "utf-16",
        "utf-32",
        "utf-7",
    }
)
"""Read anything as a text that it does not say, or say too little of how to read it."""
_WITH_ZEROS = ("utf-16-", "utf-32-")


def decode_declared(data: bytes, name: str) -> str | None:
    """The text in the encoding of that name, else in the one that it seems to have; None for none.

    A mark at its beginning says more than a name.
    """
    has_mark = any(data.startswith(mark) for mark, _, _ in MARKED_ENCODINGS)
    for codec in () if has_mark else _codecs_of(name, data):
        try:
            return data.decode(codec)
        except (LookupError, ValueError):
            continue
    plain = read_plain_text(data)
    return plain.text if plain else None


def _codecs_of(name: str, data: bytes) -> tuple[str, ...]:
    """What a text of that encoding is tried as."""
    try:
        codec = codecs.lookup(name).name
    except (LookupError, ValueError):
        return ()
    if codec in _NO_ENCODINGS or (codec.startswith(_WITH_ZEROS) and b"\0" not in data):
        return ()
    return _READ_AS.get(codec, (codec,))
