"""Whether bytes are a text, and in which encoding."""

import pytest
from claims import claim
from hypothesis import given, strategies as st

from agentco.file_formats import read_plain_text

BANK = (
    "Data;Descrição;Valor\n03-11-2026;Prestação café;1.234,56\nAção à José, São João\n"
)


@claim("files:encodings")
@pytest.mark.parametrize(
    "encoding",
    [
        "utf-8",
        "utf-8-sig",
        "utf-16",
        "utf-16-le",
        "utf-16-be",
        "utf-32",
        "cp1252",
        "latin-1",
        "mac_roman",
        "cp850",
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_an_export_is_read_in_the_encoding_it_has(encoding: str, end: str) -> None:
    text = BANK.replace("\n", end)
    plain = read_plain_text(text.encode(encoding))
    assert plain
    assert plain.text == text
    assert bool(plain.note) is not encoding.startswith("utf")


@claim("files:encodings")
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"])))
def test_any_text_in_utf8_is_read_as_it_is_also_when_it_is_cut(text: str) -> None:
    data = text.encode()
    plain = read_plain_text(data)
    assert plain
    assert plain.text == text.removeprefix("\ufeff")
    assert plain.note == ""
    for end in range(len(data)):
        part = read_plain_text(data[:end], is_cut=True)
        assert part
        assert text.removeprefix("\ufeff").startswith(part.text)


@claim("files:encodings")
@pytest.mark.parametrize(
    "data",
    [b"%PDF-1.4\n%\xe2\xe3", b"PK\x03\x04x", b"\x89PNG\r\n", b"GIF89a", b"\xff\xd8\xff\xe0",
     b"a\0b", b"\xff\xfea", b"\x81\x8d\x01\x02\x03 abc\xfe", bytes(range(256))],
)  # fmt: skip
def test_what_is_no_text_is_not_read(data: bytes) -> None:
    assert read_plain_text(data) is None


@claim("files:encodings")
def test_a_lost_byte_in_utf8_is_shown_as_lost() -> None:
    plain = read_plain_text("São João é".encode() + b" \xe1 fim")
    assert plain
    assert (plain.text, plain.note) == (
        "São João é � fim",
        "not UTF-8: read as damaged UTF-8",
    )
