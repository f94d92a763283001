"""Files that a founder gives along: read as what they are, or refused before anybody is asked."""

import json
from pathlib import Path

import pytest
from claims import claim
from paper_files import page_of, pdf_of, workbook_of
from small_company import Place, company_line, models_at
from typed import Do
from wire.server import Call, Say, WireServer

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
    assert "| 03-11-2026 | Prestação café | 1.234,56 € |" in said.out
    assert "not UTF-8: read as Windows-1252" in said.err


@claim("files:encodings")
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_table_is_given_with_its_heads_whatever_its_separator(
    company: Path, do: Do, encoding: str, separator: str
) -> None:
    rows = [["Kunde", "Größe", "Text"], ["Müller", "1", '"two\nlines, ; and | ""so"""']]
    text = "Konto 12\r\n" + "".join(f"{separator.join(row)}\r\n" for row in rows)
    (company / "kunden.csv").write_bytes(text.encode(encoding))
    said = do("ask", "accountant", "list", "--file", str(company / "kunden.csv"), "--show-prompt")  # fmt: skip
    assert (
        "Konto 12\n\n| Kunde | Größe | Text |\n| --- | --- | --- |\n"
        '| Müller | 1 | two lines, ; and \\| "so" |\n' in said.out
    )


@claim("papers:kinds")
def test_a_pdf_is_given_as_its_text_and_the_founder_is_told(
    company: Path, do: Do
) -> None:
    rows = [("Item", "Qty", "Amount"), ("Hosting", "12", "118.80")]
    (company / "invoice.pdf").write_bytes(pdf_of(page_of("Invoice", rows=rows)))
    file = str(company / "invoice.pdf")
    said = do("ask", "accountant", "what is due?", "--file", file, "--show-prompt")
    assert '<file file="invoice.pdf">\n[PDF, 1 page]\n\n## Page 1' in said.out
    assert "| Hosting | 12 | 118.80 |" in said.out
    assert f"{file}: PDF, 1 page" in said.err


@claim("papers:kinds")
@pytest.mark.parametrize(
    ("name", "data", "what", "hint"),
    [
        ("a.pdf", b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\nstream\n", "cannot be read as a PDF: it is damaged", "save it anew"),
        ("a.png", b"\x89PNG\r\n\x1a\n", "is an image (PNG), which cannot be read", "say in words"),
        ("a.docx", b"PK\x03\x04 word/document.xml", "is a Word document (.docx)", "save it as PDF or text"),
        ("a.csv", "日本;東京\n".encode("shift_jis"), "in an encoding that nobody can tell", "UTF-8"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_before_anybody_is_asked(
    company: Path, do: Do, name: str, data: bytes, what: str, hint: str
) -> None:
    file = company / name
    file.write_bytes(data)
    said = do("ask", "accountant", "what is due?", "--file", str(file))
    assert (said.code, said.out) == (2, "")
    assert what in said.err
    assert hint in said.err


@claim("papers:kinds")
def test_of_a_large_paper_the_head_is_given_and_how_the_rest_is_read(
    company: Path, do: Do, tmp_path_factory: pytest.TempPathFactory
) -> None:
    rows = [["Day", "Amount"], *([number, "x" * 40] for number in range(3_000))]
    data = workbook_of(Days=rows)
    (company / "days.xlsx").write_bytes(data)
    said = do("ask", "accountant", "sum", "--file", str(company / "days.xlsx"), "--show-prompt")  # fmt: skip
    assert "| 0 | xxx" in said.out
    assert "| 2999 |" not in said.out
    assert (
        " of 3,007 lines; Read with the path 'days.xlsx' shows the others]" in said.out
    )
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "days.xlsx"
    elsewhere.write_bytes(data)
    said = do("ask", "accountant", "sum", "--file", str(elsewhere), "--show-prompt")
    assert said.code == 2
    assert "the limit for a file is 65,536" in said.err


@claim("papers:tables")
def test_a_department_reads_a_paper_and_calculates_with_it(
    place: Place, do: Do, wire: WireServer
) -> None:
    place.settings(company_line() + models_at(wire.url))
    place.agent("accountant")
    place.trust()
    rows = [["Item", "Amount"], ["Hosting", 118.8], ["Support", 50]]
    (place.root / "costs.xlsx").write_bytes(workbook_of(Costs=rows))
    read = Call(name="Read", arguments='{"path": "costs.xlsx"}')
    sum_up = '{"operation": "sum", "file": "costs.xlsx", "column": "Costs!Amount"}'
    steps = [
        Say(calls=[read]),
        Say(calls=[Call(name="Compute", arguments=sum_up)]),
        Say(text="It is 168.80."),
    ]
    wire.script({"m": steps})
    said = do("ask", "accountant", "what does it cost?", "--quick")
    assert (said.code, said.out.strip()) == (0, "It is 168.80.")
    heard = str(wire.requests[-1].body)
    assert "| Hosting | 118.8 |" in heard
    assert "column 'Amount' of costs.xlsx, under 'Costs' = 168.8" in heard


@claim("papers:mail")
@pytest.mark.parametrize(
    ("name", "code"),
    [("list.txt", 0), ("offer.eml", 1), ("offer.html", 1), ("inbox/list.txt", 1)],
)
def test_a_figure_that_only_others_say_is_not_the_founders(
    place: Place, do: Do, wire: WireServer, name: str, code: int
) -> None:
    place.settings(company_line() + models_at(wire.url))
    place.agent("accountant")
    place.trust()
    file = place.write(name, "Subject: numbers\n\nOur list has 8300 users in it.\n")
    wire.script({"m": [Say(text="We have 8300 users.")] * 4})
    said = do("ask", "accountant", "write", "--public", "--file", str(file))
    assert said.code == code
    assert ('grounding, line 1, "8300"' in said.err) is bool(code)


@claim("taint:runs")
@pytest.mark.parametrize(
    ("name", "text", "outside"),
    [
        ("offer.eml", "From: a@b.example\nSubject: Hi\n\nPay now.\n", "offer.eml"),
        ("offer.txt", "From: a@b.example\nSubject: Hi\n\nPay now.\n", "offer.txt"),
        ("inbox/costs.csv", "Day,Cost\n1,5\n", "inbox/costs.csv"),
        ("notes.md", "Pay now.\n", None),
    ],
)
def test_a_file_of_others_that_is_given_along_makes_the_work_untrusted(
    place: Place, do: Do, wire: WireServer, name: str, text: str, outside: str | None
) -> None:
    place.settings(company_line() + models_at(wire.url))
    place.agent("accountant")
    place.trust()
    place.write(name, text)
    wire.script({"m": [Say(text="They greet.")]})
    file = str(place.root / name)
    assert do("ask", "accountant", "what is it?", "--file", file, "--quick").code == 0
    [run] = json.loads(do("runs", "--json").out)["runs"]
    shown = json.loads(do("runs", "show", run["id"], "--json").out)
    assert shown["outside"] == outside
