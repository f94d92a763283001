"""lint: any draft is held to the rules of public text, without a model, in any folder."""

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from claims import claim
from small_company import Place

from agentco.cli.main import main

SETTINGS = """\
company: {name: Test}
triggers:
  - {name: boats, words: [boat], consult: [marketing, lawyer]}
  - {name: sails, words: ["sail*"], any_of: [cto, lawyer]}
  - {name: oars, words: [oar], consult: [cto], public: true}
voice: {first_person: singular}
"""


class Linter:
    def __init__(self, place: Place, capsys: pytest.CaptureFixture[str]) -> None:
        self.place, self.capsys = place, capsys
        place.settings(SETTINGS)
        for name in ("lawyer", "cto"):
            place.agent(name)
        place.agent(
            "marketing",
            "---\ndescription: Words.\nagentco: {public: true}\n---\nI write.\n",
        )

    def draft(self, text: str, name: str = "post.md") -> str:
        path = self.place.root / "drafts" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        return str(path)

    def says(self, *args: str) -> tuple[int, str, str]:
        code = main(["--company", str(self.place.root), "lint", *args])
        said = self.capsys.readouterr()
        return code, said.out, said.err

    def document(self, *args: str) -> tuple[int, dict[str, Any]]:
        code, out, _ = self.says(*args, "--json")
        return code, json.loads(out)


@pytest.fixture
def linter(place: Place, capsys: pytest.CaptureFixture[str]) -> Linter:
    return Linter(place, capsys)


@claim("lint:document")
def test_a_draft_is_one_document_with_the_lines_of_the_whole_file(
    linter: Linter,
) -> None:
    file = linter.draft(
        "---\ntitle: 99 boats\nauthor: Marketing\n---\n\nA boat.\nWe sail.\n"
    )
    code, document = linter.document(file)
    assert code == 1
    assert document == {
        "file": file,
        "author": "marketing",
        "public": True,
        "assumed": "the work of marketing is",
        "reviewers": [
            {
                "agent": "lawyer",
                "any_of": None,
                "trigger": "boats",
                "words": ["boat"],
                "line": 6,
                "sentence": "A boat.",
            },
            {
                "agent": None,
                "any_of": ["cto", "lawyer"],
                "trigger": "sails",
                "words": ["sail"],
                "line": 7,
                "sentence": "We sail.",
            },
        ],
        "findings": [
            {
                "rule": "voice",
                "line": 7,
                "text": "We",
                "hint": "one person speaks: I, not we",
            }
        ],
    }


@claim("lint:document")
def test_who_would_review_their_own_work_is_left_out(linter: Linter) -> None:
    _, document = linter.document(
        linter.draft("A boat sails with an oar."), "--author", "LAWYER", "--public"
    )
    assert [(row["agent"], row["trigger"]) for row in document["reviewers"]] == [
        ("marketing", "boats"),
        ("cto", "oars"),
    ]


@claim("lint:document")
def test_several_drafts_are_one_document_and_one_screen(linter: Linter) -> None:
    one, two = linter.draft("We row."), linter.draft("I row.", "two.md")
    code, document = linter.document(one, two)
    assert (code, [(d["file"], len(d["findings"])) for d in document["files"]]) == (
        1,
        [(one, 1), (two, 0)],
    )
    _, out, _ = linter.says(one, two, "--public")
    assert f"{one}:1: voice: We — one person speaks: I, not we\n" in out
    assert out.endswith("1 finding, no reviews due\n")


@claim("lint:document")
def test_skills_and_the_founders_memory_are_the_sources(linter: Linter) -> None:
    skill = linter.place.root / ".github/skills/s/SKILL.md"
    skill.parent.mkdir(parents=True)
    skill.write_text("---\nname: s\ndescription: S.\n---\nThirty days are 30 days.\n")
    linter.place.know("note", "n", "41 teams", by="founder")
    linter.place.know("note", "n", "57 teams", by="marketing")
    _, document = linter.document(linter.draft("30 days\n41 teams\n57 teams\n"))
    assert [(f["rule"], f["line"], f["text"]) for f in document["findings"]] == [
        ("grounding", 3, "57")
    ]


@claim("lint:exit-codes")
def test_due_reviewers_alone_are_no_finding(linter: Linter) -> None:
    code, out, _ = linter.says(linter.draft("A boat."), "--public")
    assert code == 0
    assert "due reviewers" in out
    assert out.endswith("no findings, 2 reviews due\n")


@claim("lint:exit-codes")
@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("gone.md", None, "No such file"),
        ("b.md", b"\0\1\2", "not a text file"),
        ("l.md", b"a" * 2**20 + b"a", "1 MiB"),
    ],
)
def test_what_is_no_draft_is_an_error_in_two_lines(
    linter: Linter, name: str, data: bytes | None, said: str
) -> None:
    path = linter.place.root / name
    if data is not None:
        path.write_bytes(data)
    code, out, err = linter.says(str(path))
    assert (code, out) == (2, "")
    assert said in err
    assert err.count("\n") == 2


@claim("lint:exit-codes")
def test_an_unknown_author_is_an_error_that_names_the_known(linter: Linter) -> None:
    code, _, err = linter.says(linter.draft("x"), "--author", "marketng")
    assert (code, "did you mean 'marketing'?" in err) == (2, True)


@claim("lint:assumed")
@pytest.mark.parametrize(
    ("header", "args", "author", "public", "found"),
    [
        ("", [], None, True, 1),
        ("", ["--internal"], None, False, 0),
        ("", ["--author", "cto"], "cto", False, 0),
        ("", ["--author", "cto", "--public"], "cto", True, 1),
        ("---\nagentco: {author: cto}\n---\n", [], "cto", False, 0),
        ("---\nauthor: cto\n---\n", ["--author", "marketing"], "marketing", True, 1),
        ("---\nauthor: Somebody Else\n---\n", [], None, True, 1),
        ("---\nauthor: [cto\n---\n", ["--public"], None, True, 1),
    ],
)
def test_header_role_or_nobody_says_whether_it_is_public(
    linter: Linter,
    header: str,
    args: list[str],
    author: str | None,
    public: bool,
    found: int,
) -> None:
    file = linter.draft(f"{header}We row.\n")
    code, document = linter.document(file, *args)
    assert (
        code,
        document["author"],
        document["public"],
        len(document["findings"]),
    ) == (found, author, public, found)
    said = linter.says(file, *args)[1]
    assert ("assumed" in said) == ("--public" not in args and "--internal" not in args)


@claim("lint:everywhere")
def test_stdin_is_a_draft_in_a_folder_that_nobody_trusts(
    linter: Linter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"We row.\n")))
    before = linter.place.files()
    code, document = linter.document("-")
    assert (code, document["file"], document["findings"][0]["line"]) == (1, "-", 1)
    assert linter.place.files() == before


@claim("lint:everywhere")
def test_the_drafts_of_the_sample_company_are_clean(
    capsys: pytest.CaptureFixture[str],
) -> None:
    root = Path(__file__).parents[2]
    drafts = [str(path) for path in sorted((root / "drafts").rglob("*.md"))]
    assert main(["--company", str(root), "lint", *drafts]) == 0, capsys.readouterr().out


@claim("lint:explain")
def test_each_review_is_explained_by_its_sentence(linter: Linter) -> None:
    name = linter.draft("Fine.\nA boat sails.\nAn oar and a boat.\n")
    code, out, _ = linter.says(name, "--author", "marketing", "--internal", "--explain")
    assert code == 0
    assert f"{name}:2: boats: lawyer reviews it\n  A »boat« sails.\n" in out
    assert f"{name}:2: sails: cto or lawyer reviews it\n  A boat »sails«.\n" in out
    assert "oars" not in out
    assert "due reviewers" not in out
    assert out.endswith("no findings, 2 reviews due\n")
    _, document = linter.document(name, "--author", "marketing", "--internal")
    assert [due["sentence"] for due in document["reviewers"]] == ["A boat sails."] * 2


@claim("lint:explain")
def test_a_reviewer_due_twice_for_the_same_words_is_told_once(linter: Linter) -> None:
    hull = "\n  - {name: hull, words: [boat], any_of: [cto, lawyer]}\nvoice:"
    linter.place.settings(SETTINGS.replace("\nvoice:", hull))
    name = linter.draft("A boat sails.\n")
    _, out, _ = linter.says(name, "--author", "marketing", "--internal", "--explain")
    assert f"{name}:1: boats, hull: lawyer reviews it\n  A »boat« sails.\n" in out
    assert out.endswith("no findings, 2 reviews due\n")
    _, document = linter.document(name, "--author", "marketing", "--internal")
    due = [one["trigger"] for one in document["reviewers"]]
    assert due == ["boats", "sails", "hull"]


@claim("lint:explain")
def test_a_draft_that_calls_for_no_review_says_so(linter: Linter) -> None:
    name = linter.draft("Fine.\n")
    _, out, _ = linter.says(name, "--author", "marketing", "--internal", "--explain")
    assert f"{name}: no review is due\n" in out
    _, out, _ = linter.says(name, "--author", "marketing", "--internal")
    assert "no review is due" not in out


@claim("lint:explain")
@pytest.mark.parametrize(
    ("text", "sentence", "word"),
    [
        ("Lumen is trusted by 40 shops.", "Lumen is »trusted by« 40 shops. (", "is +"),
        (
            "You will never need another rota app.",
            "»You will never need« another",
            "never +",
        ),
    ],
)
def test_a_finding_of_a_model_is_explained_by_the_words_that_weighed(
    linter: Linter, text: str, sentence: str, word: str
) -> None:
    name = linter.draft(f"{text}\n")
    _, out, _ = linter.says(name, "--author", "marketing", "--public", "--explain")
    [line] = [one for one in out.splitlines() if one.endswith("held above 0)")][:1]
    assert sentence in line
    assert word in line
    _, document = linter.document(name, "--author", "marketing", "--public")
    weighed = [one.get("weighed") for one in document["findings"]]
    assert line.strip() in weighed
    _, out, _ = linter.says(name, "--author", "marketing", "--public")
    assert "held above 0" not in out


@claim("lint:explain")
def test_what_a_rule_alone_holds_is_weighed_by_no_model(linter: Linter) -> None:
    linter.place.settings(SETTINGS + "claims: {watch: [refunds]}\n")
    name = linter.draft("How do refunds work on the App Store?\n")
    _, document = linter.document(name, "--author", "marketing", "--public")
    assert document["findings"]
    assert all("weighed" not in one for one in document["findings"])


@claim("public:links")
def test_the_channel_is_one_that_is_known(linter: Linter) -> None:
    links = "links: {Lumen: {site: lumen.example, social: lumen-app.example, kiosk: k.example}}\n"
    linter.place.settings(f"{SETTINGS}{links}")
    draft = linter.draft("Lumen is at https://lumen.example\n", "note.md")
    assert linter.says(draft)[0] == 0
    assert linter.says(draft, "--channel", "newsletter")[0] == 0
    assert linter.says(draft, "--channel", "LinkedIn")[0] == 1
    assert linter.says(draft, "--channel", "kiosk")[0] == 1
    code, _, said = linter.says(draft, "--channel", "fax")
    assert code == 2
    assert "kiosk, linkedin" in said
    headed = linter.draft("---\nchannel: Mastodon\n---\nLumen is at lumen.example\n")
    assert linter.says(headed)[0] == 1
