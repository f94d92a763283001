"""Files that a founder gives along: read as what they are, or refused before anybody is asked."""

from pathlib import Path

import pytest
from claims import claim
from small_company import Place
from typed import Do

BANK = "Data;Descrição;Valor\n03-11-2026;Prestação café;1.234,56 €\n"


@pytest.fixture
def company(place: Place) -> Path:
    place.settings("")
    place.agent("accountant")
    place.trust()
    return place.root


@claim("files:encodings")
def test_a_bank_s_export_is_read_in_its_own_encoding(company: Path, do: Do) -> None:
    file = company / "bank.csv"
    file.write_bytes(BANK.encode("cp1252"))
    said = do("ask", "accountant", "list it", "--file", str(file), "--show-prompt")
    assert "Prestação café;1.234,56 €" in said.out
    assert "not UTF-8: read as Windows-1252" in said.err


@claim("files:encodings")
def test_a_pdf_is_refused_before_anybody_is_asked(company: Path, do: Do) -> None:
    file = company / "invoice.pdf"
    file.write_bytes(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\nstream\n")
    said = do("ask", "accountant", "what is due?", "--file", str(file))
    assert (said.code, said.out) == (2, "")
    assert "is not a text file" in said.err
