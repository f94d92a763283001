"""One passage of a text, replaced: where it stands once, and nothing else of the file changes."""

import codecs

import pytest
from claims import claim
from hypothesis import given, strategies as st

from agentco.file_formats import (
    TextFile,
    diff_text,
    open_text_file,
    replace_passage,
    replace_whole,
)
from agentco.kernel import WrongUsage

pytestmark = claim("tools:edit")

LINES = st.text(st.sampled_from("abé \t\r\n\"'\u2019\u201c"), max_size=40)


@given(LINES, LINES.filter(bool), LINES, LINES)
def test_a_passage_that_stands_there_once_is_replaced_and_nothing_else(
    before: str, old: str, new: str, after: str
) -> None:
    text = f"{before}#{old}#{after}"
    file = TextFile(text=text)
    edit = replace_passage(file, f"#{old}#", new)
    assert edit.text.startswith(before)
    assert edit.text.endswith(after)
    assert not edit.passed_over
    bare = edit.text[len(before) : len(edit.text) - len(after)]
    assert bare.split() == new.split()


@pytest.mark.parametrize(
    ("text", "old", "expected", "passed_over"),
    [
        ("a\r\nb\r\nc", "a\nb", "X\r\nY\r\nc", ["line ends"]),
        ("a  \nb\t\nc", "a\nb\n", "X\nYc", ["trailing blanks"]),
        ("a\nb\nc", "a \nb", "X\nY\nc", ["trailing blanks"]),
        ("it\u2019s \u201cso\u201d\n", 'it\'s "so"', "X\nY\n", ["typographic quotes"]),
        ("it's\n", "it\u2019s", "X\nY\n", ["typographic quotes"]),
        (
            "a\u2019 \r\nb",
            "a'\nb",
            "X\r\nY",
            ["line ends", "trailing blanks", "typographic quotes"],
        ),
        ("foo   \nbar", "foo\t", "X\nY\nbar", ["trailing blanks"]),
    ],
)
def test_what_is_passed_over_is_told(
    text: str, old: str, expected: str, passed_over: list[str]
) -> None:
    edit = replace_passage(TextFile(text=text), old, "X\nY")
    assert (edit.text, list(edit.passed_over)) == (expected, passed_over)


@pytest.mark.parametrize(
    ("text", "old", "why"),
    [
        ("foobar", "foo ", "does not stand there"),
        ("Foo", "foo", "does not stand there"),
        ("a  b", "a b", "does not stand there"),
        ("e\u0301", "\u00e9", "does not stand there"),
        (" \n\t\n", "  \n  ", "does not stand there"),
        ("a\nb\na\n", "a", "2 times, on lines 1, 3"),
        ("a\r\nb\r\na \r\n", "a\n", "2 times, on lines 1, 3"),
        ("aaa", "aa", "2 times, on lines 1, 1"),
        ("x\n" * 90, "x", "90 times, on lines 1, 2, 3"),
        ("a" * 5000, "a", "at least 1,000 times"),
        ("one price\nThe price is EUR 19 a month\n", "The price is EUR 29 a month", "nearest is line 2: The price is EUR 19 a month"),
    ],
    ids=ascii,
)  # fmt: skip
def test_a_passage_that_is_not_there_once_is_refused_with_its_lines(
    text: str, old: str, why: str
) -> None:
    with pytest.raises(WrongUsage, match=why):
        replace_passage(TextFile(text=text), old, "new")


ENCODED = [
    "Café\n".encode(),
    codecs.BOM_UTF8 + b"Caf\xc3\xa9\r\n",
    codecs.BOM_UTF16_LE + "Café\n".encode("utf-16-le"),
    codecs.BOM_UTF16_BE + "Café\n".encode("utf-16-be"),
    codecs.BOM_UTF32_LE + "Café\n".encode("utf-32-le"),
    "Café € 20, São João\n".encode("cp1252"),
]


@pytest.mark.parametrize("data", ENCODED, ids=ascii)
def test_a_file_keeps_its_encoding_and_its_mark(data: bytes) -> None:
    file = open_text_file(data)
    assert file
    assert file.encode(file.text) == data
    edited = file.encode(replace_passage(file, "Café", "Thé").text)
    again = open_text_file(edited)
    assert again
    assert (again.mark, again.text) == (file.mark, file.text.replace("Café", "Thé"))


@pytest.mark.parametrize(
    "data", [b"\x89PNG\r\n", b"a\0b", b"%PDF-1.7", "São João é".encode() + b" \xe1 fim"]
)
def test_what_could_not_be_written_back_is_no_text_to_edit(data: bytes) -> None:
    assert open_text_file(data) is None


def test_a_character_that_the_encoding_does_not_have_is_refused() -> None:
    file = open_text_file("Café € 20, São João\n".encode("cp1252"))
    assert file
    with pytest.raises(WrongUsage, match="has no '中'"):
        file.encode("中")
    with pytest.raises(WrongUsage, match="control character"):
        TextFile().encode("a\0b")
    with pytest.raises(WrongUsage, match="has no"):
        TextFile().encode("\ud800")


def test_a_whole_text_ends_its_lines_as_the_file_did() -> None:
    assert replace_whole(TextFile(text="a\r\n"), "x\ny").text == "x\r\ny\r\n"
    assert replace_whole(TextFile(), "x\ny").text == "x\ny\n"


@given(st.lists(st.sampled_from("abc")), st.lists(st.sampled_from("abc")))
def test_a_diff_shows_every_line_that_changes(old: list[str], new: list[str]) -> None:
    before, after = "\n".join(old), "\n".join(new)
    diff = diff_text("x.md", before, after).splitlines()[2:]
    taken = [line[1:] for line in diff if line.startswith("-")]
    given_ = [line[1:] for line in diff if line.startswith("+")]
    for line in "abc":
        assert old.count(line) - taken.count(line) == new.count(line) - given_.count(
            line
        )


def test_a_diff_of_very_long_texts_is_still_whole() -> None:
    old = "".join(f"line {n}\n" for n in range(9_000))
    new = old.replace("line 3\n", "line three\n").replace("line 8999", "end")
    diff = diff_text("x.md", old, new)
    assert "+line three" in diff
    assert diff.endswith("+end")
    assert (
        diff_text("x.md", None, "a\n") == "--- /dev/null\n+++ x.md\n@@ -0,0 +1 @@\n+a"
    )
