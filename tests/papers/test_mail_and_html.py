"""Mail and pages of HTML: what a reader sees of them, in the letters they were written in."""

from base64 import b64encode

import pytest
from claims import claim
from paper_files import told_of

from agentco.adapters.papers import read_file_text
from agentco.page import without_unseen

MAIL = b"""\
From: =?utf-8?q?Jo=C3=A3o?= <joao@example.com>
To: us@example.com
Subject: =?iso-8859-1?Q?Pre=E7o?=
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=outer

--outer
Content-Type: multipart/alternative; boundary=inner

--inner
Content-Type: text/html; charset=utf-8

<p>The page</p>
--inner
Content-Type: text/plain; charset=iso-8859-1
Content-Transfer-Encoding: quoted-printable

Ol=E1, o pre=E7o =E9 20 =
EUR.
--inner--
--outer
Content-Type: application/pdf
Content-Disposition: attachment; filename="fatura.pdf"
Content-Transfer-Encoding: base64

JVBERi0=
--outer
Content-Type: message/rfc822

Subject: inner mail

Do not read me.
--outer--
"""


ODD_NAMES = (
    "utf-16",
    "utf-16le",
    "utf-32",
    "utf-7",
    "unicode_escape",
    "raw_unicode_escape",
    "undefined",
    "idna",
    "punycode",
    "hex",
    '"a\0b"',
)
"""What no mail and no page is written in that has bytes for single letters."""


def mail_with(text: bytes, kind: str = "text/plain", encoding: str = "8bit") -> bytes:
    head = (
        f"Subject: x\nContent-Type: {kind}\nContent-Transfer-Encoding: {encoding}\n\n"
    )
    return head.encode() + text


@claim("papers:kinds")
def test_a_mail_is_read_with_its_plain_text_and_the_names_of_what_is_attached() -> None:
    read = read_file_text("offer.eml", MAIL)
    assert read.note == "mail: its sender's words, never the founder's"
    assert (
        read.text
        == """\
From: João <joao@example.com>
To: us@example.com
Subject: Preço

Olá, o preço é 20 EUR.

Attached, and not opened:
- fatura.pdf (application/pdf, 5 bytes)
- without a name (message/rfc822)"""
    )


@claim("papers:kinds")
@pytest.mark.parametrize(
    ("mail", "text"),
    [
        (mail_with("Größe".encode(), "text/plain; charset=utf-8"), "Größe"),
        (mail_with("Größe".encode("cp1252"), "text/plain; charset=us-ascii"), "Größe"),
        (mail_with("Größe".encode(), "text/plain; charset=no-such"), "Größe"),
        (mail_with("日本".encode("iso2022_jp"), "text/plain; charset=iso-2022-jp"), "日本"),
        (mail_with(b64encode("é €".encode("utf-16")), "text/plain; charset=utf-16", "base64"), "é €"),
        (mail_with(b"<p>Only <b>HTML</b><script>x()</script>", "text/html"), "Only **HTML**"),
        (mail_with(b"", "text/plain"), "[no text in this mail]"),
        (mail_with(b"\x81\x8d\xfe\x90", "text/plain"), "[its text is in an encoding that nobody can tell]"),
        (mail_with("Größe".encode(), "text/plain; charset=us-ascii"), "Größe"),
        (mail_with("5 €".encode("cp1252"), "text/plain; charset=latin-1"), "5 €"),
        (mail_with("①".encode("cp932"), "text/plain; charset=shift_jis"), "①"),
        (mail_with("日本".encode("utf-16-le") + b"\n\0", "text/plain; charset=utf-16le"), "日本"),
        *((mail_with("Größe".encode(), f"text/plain; charset={name}"), "Größe") for name in ODD_NAMES),
        (mail_with(b"kept", "text/plain; charset*=idna''x"), "kept"),
        (mail_with(b"kept", "text/plain; charset*=undefined''x"), "kept"),
        (b"From mbox Mon\n" + mail_with(b"from a mailbox"), "from a mailbox"),
    ],
)  # fmt: skip
def test_a_mail_is_read_in_the_letters_that_it_was_written_in(
    mail: bytes, text: str
) -> None:
    assert read_file_text("x.eml", mail).text.partition("\n\n")[2] == text


@claim("papers:hostile")
def test_a_mail_in_mails_in_mails_ends() -> None:
    deep = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (i, i)
        for i in range(3_000)
    )
    assert told_of("deep.eml", deep) == (
        "'deep.eml' cannot be read as a mail: it is damaged: open it, and save it anew or as text"
    )


PAGE = """\
<!DOCTYPE html><html><head><meta charset="iso-8859-1"><title>Shop</title>
<style>.gone { display: none }</style><script>steal("<p>script</p>")</script></head>
<body><!-- comment --><h1>Preços</h1>
<p class="gone">by class</p><p style="opacity:0">by opacity</p><p hidden>by attribute</p>
<p style="font-size:0">by size</p><template>template</template><noscript>without</noscript>
<table><tr><th>Plan</th><th>Price</th></tr><tr><td>One</td><td>9 &euro; | month</td></tr></table>
<p>1 < 2 &amp; <a href="https://example.com/a">a link</a></p></body></html>
"""


@claim("papers:kinds")
@pytest.mark.parametrize("name", ["shop.html", "SHOP.HTM", "bank.xls", "stdin"])
def test_a_page_is_read_as_a_reader_sees_it(name: str) -> None:
    read = read_file_text(name, PAGE.encode("iso-8859-1"))
    assert read.note == "HTML page, as its text"
    assert (
        read.text
        == """\
# Preços

| Plan | Price |
| --- | --- |
| One | 9 € \\| month |

1 < 2 & [a link](https://example.com/a)"""
    )


@claim("papers:hostile")
@pytest.mark.parametrize(
    ("page", "said"),
    [
        ("<div>" * 200_000 + "x", "nested too deep"),
        ("<" * 500_000, "<<<<"),
        ("<!--", "without any text"),
        ("<p style='" * 50_000, "<p style="),
        ("<script>", "without any text"),
        ("<td>" * 300_000, "without any text"),
    ],
    ids=["deep", "signs", "comment", "attributes", "script", "cells"],
)
def test_a_page_that_never_ends_is_read_or_refused_with_a_line(
    page: str, said: str
) -> None:
    assert said in told_of("odd.html", page.encode())


@claim("papers:kinds")
def test_the_tags_of_what_is_hidden_stay_so_that_cells_keep_their_places() -> None:
    row = "<tr><td>1<td style='display:none'>no</td><td>3</tr>"
    assert without_unseen(row) == "<tr><td>1<td style='display:none'></td><td>3</tr>"


@claim("papers:kinds")
@pytest.mark.parametrize("name", ODD_NAMES[:-1])
def test_a_page_that_names_an_encoding_it_is_not_in_is_read_in_its_own(
    name: str,
) -> None:
    page = f'<meta charset="{name}"><p>Größe 100 EUR'
    assert read_file_text("a.html", page.encode()).text == "Größe 100 EUR"


@claim("papers:kinds")
@pytest.mark.parametrize("name", ["latin-1", "iso8859-1", "us-ascii", "windows-1252"])
def test_the_names_of_western_letters_are_one_encoding(name: str) -> None:
    page = f'<meta charset="{name}"><p>5 €, café'
    assert read_file_text("a.html", page.encode("cp1252")).text == "5 €, café"


@claim("papers:hostile")
@pytest.mark.parametrize(
    "header",
    [
        "Subject: " + "=?utf-8?q?x?= " * 20_000,
        "To: " + "(" * 100_000,
        "Content-Disposition: inline; " + "(" * 100_000,
        "Content-Transfer-Encoding: 8bit " + "(" * 100_000,
        "Subject: =?utf-7?q?+2AA-?=",
    ],
    ids=["words", "brackets", "place", "encoding", "half a character"],
)
def test_a_header_costs_no_more_than_itself(header: str) -> None:
    read = read_file_text("odd.eml", f"{header}\n\nThe text is kept.".encode())
    assert read.text.endswith("The text is kept.")
    assert not read.is_part


@claim("papers:hostile")
def test_a_name_that_cannot_be_read_is_shown_as_it_is_written() -> None:
    head = 'Content-Type: application/pdf; name="=?utf-7?q?+2AA-?="'
    read = read_file_text("odd.eml", f"{head}\n\nxx".encode())
    assert read.text.endswith("- =?utf-7?q?+2AA-?= (application/pdf, 2 bytes)")
