"""What each file is, by its bytes before its name; what cannot be read is named with what to do."""

import subprocess
import sys
from concurrent.futures import CancelledError

import pytest
from claims import claim
from paper_files import page_of, pdf_of, with_member, workbook_of

from agentco.adapters.papers import PaperLimits, read_file_text
from agentco.kernel import WrongUsage

OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@claim("papers:kinds")
@pytest.mark.parametrize(
    ("name", "data", "what", "hint"),
    [
        ("a.png", b"\x89PNG\r\n\x1a\n\0\0", "is an image (PNG)", "in words"),
        ("a.jpg", b"\xff\xd8\xff\xe0\0", "is an image (JPEG)", "in words"),
        ("photo.txt", b"GIF89a\1\0", "is an image (GIF)", "in words"),
        ("a.heic", b"\0\0\0\x18ftypheic\0", "is an image (HEIC)", "in words"),
        ("old.xls", OLD, "is an old Excel workbook (.xls)", ".xlsx or CSV"),
        ("old.doc", OLD, "is an old Word document (.doc)", "PDF or text"),
        ("a.msg", OLD, "is a mail of Outlook (.msg)", ".eml"),
        ("a.xlsx", OLD + "EncryptedPackage".encode("utf-16-le"), "is an encrypted Office file", "password"),
        ("a.docx", b"PK\x03\x04 word/document.xml", "is a Word document (.docx)", "PDF or text"),
        ("a.zip", b"PK\x03\x04 whatever", "is a ZIP archive", "unpack"),
        ("a.gz", b"\x1f\x8b\x08", "is a compressed file (gzip)", "unpack"),
        ("a.bin", b"\0\1\2\3" * 50, "is not a text file", "UTF-8"),
        ("a.csv", "日本;東京\n".encode("shift_jis"), "in an encoding that nobody can tell", "UTF-8"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_named_with_what_to_do(
    name: str, data: bytes, what: str, hint: str
) -> None:
    with pytest.raises(WrongUsage) as refused:
        read_file_text(name, data)
    assert what in refused.value.what
    assert hint in refused.value.hint


@claim("papers:kinds")
def test_a_file_is_what_its_bytes_say_and_not_its_name() -> None:
    assert read_file_text("a.txt", pdf_of(page_of("Hi"))).note == "PDF, 1 page"
    assert (
        read_file_text("a.dat", workbook_of(S=[["a"]])).note == "spreadsheet, 1 sheet"
    )
    assert read_file_text("a.xls", b"Date;Sum\n1;2\n").text == "Date;Sum\n1;2\n"
    assert read_file_text("a.md", b"<html> is a tag").note == ""


@claim("papers:kinds")
def test_a_large_member_does_not_hide_what_an_archive_is() -> None:
    data = with_member(workbook_of(S=[["a"]]), "docProps/app.xml", b"<x/>")
    assert read_file_text("a.xlsx", data).text.startswith("## S\n")


@claim("papers:hostile")
def test_nobody_waits_for_a_paper_that_nobody_wants_any_more() -> None:
    with pytest.raises(CancelledError):
        read_file_text("a.pdf", pdf_of(page_of("Stopped")), is_stopped=lambda: True)


READ_AND_LIST = """
import sys
sys.path.insert(0, sys.argv[1])
from agentco.adapters.papers import read_file_text
kind, data = sys.argv[2], sys.stdin.buffer.read()
print(read_file_text(kind, data).note)
print(*sys.modules)
"""


@claim("papers:imports")
def test_the_libraries_are_loaded_by_the_process_that_reads_a_paper_alone() -> None:
    done = subprocess.run(
        [sys.executable, "-c", READ_AND_LIST, "", "a.pdf"],
        input=pdf_of(page_of("Hi")),
        capture_output=True,
        check=True,
        timeout=60,
    )
    said, loaded = done.stdout.decode().splitlines()
    assert said == "PDF, 1 page"
    libraries = {"pypdf", "openpyxl", "html_to_markdown"}
    assert libraries.isdisjoint(loaded.split())


@claim("papers:imports")
def test_the_process_that_reads_a_paper_has_none_of_the_founders_keys(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from agentco.adapters.papers import child_environment

    monkeypatch.setenv("ANTHROPIC_API_KEY", "secret")
    assert "secret" not in child_environment().values()


@claim("papers:hostile")
def test_any_number_of_comments_is_passed_over_at_once() -> None:
    comments = b"<!---->" * 140
    assert read_file_text("stdin", comments + b"x").note == ""
    page = read_file_text("stdin", comments + b"<html><p>Seen")
    assert (page.text, page.note) == ("Seen", "HTML page, as its text")


@claim("papers:kinds")
def test_a_folder_with_a_dot_does_not_say_what_its_files_are() -> None:
    assert read_file_text("v1.0/html", b"<b> is a tag").note == ""


@claim("papers:kinds")
def test_a_paper_that_is_too_large_is_told_unread() -> None:
    with pytest.raises(WrongUsage) as refused:
        read_file_text("all.pdf", b"%PDF-" + bytes(64_000_000))
    assert refused.value.what == "'all.pdf' has more than 64 MB, which cannot be read"


@claim("papers:kinds")
@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [("a.html", b"<p>x", "an HTML page"), ("a.pdf", b"%PDF-1.4", "a PDF")],
)
def test_what_cannot_be_read_is_named_in_a_sentence(
    name: str, data: bytes, kind: str
) -> None:
    limits = PaperLimits(wait_s=0)
    with pytest.raises(WrongUsage) as refused:
        read_file_text(name, data, limits=limits)
    assert f"{name!r} cannot be read as {kind}: " in refused.value.what


@claim("papers:imports")
def test_the_paper_that_was_read_last_is_the_last_to_be_read_anew() -> None:
    pages = [f"<p>Page {number}".encode() for number in range(5)]
    for page in (*pages[:4], pages[0], pages[4]):
        read_file_text("a.html", page)
    kept = read_file_text("a.html", pages[0], is_stopped=lambda: True)
    assert kept.text == "Page 0"
    with pytest.raises(CancelledError):
        read_file_text("a.html", pages[1], is_stopped=lambda: True)


READ_WITH_LITTLE_TIME = """
import resource
resource.setrlimit(resource.RLIMIT_CPU, (9, 9))
from agentco.adapters.papers import read_file_text
print(read_file_text("a.html", b"<p>Seen").text)
"""


@claim("papers:kinds")
def test_a_paper_is_read_where_the_system_gives_less_time_than_it_may_take() -> None:
    done = subprocess.run(
        [sys.executable, "-c", READ_WITH_LITTLE_TIME],
        capture_output=True,
        check=True,
        timeout=60,
    )
    assert done.stdout == b"Seen\n"
