"""A folder of real files: AGENTCO_CORPUS names it, else a small one of our own."""

import json
import os
import re
from pathlib import Path

import pytest
from claims import claim

from agentco.company import Company, load_company
from agentco.file_formats import FileFindings, SourceFile, decode_text
from agentco.kernel import Severity

pytestmark = claim("company:corpus")

SUFFIXES = {
    ".agent.md": ".github/agents",
    ".chatmode.md": ".github/chatmodes",
    ".prompt.md": ".github/prompts",
    ".instructions.md": ".github/instructions",
}
OWN = {
    "a.agent.md": b"\xef\xbb\xbf---\ndescription: 'it's me'\n---\nBody",
    "b.prompt.md": b"````prompt\n---\nmode: agent\n---\nBody\n````",
    "c.instructions.md": b"---\napplyTo: **/*.c\n---\nBody",
    "d/SKILL.md": b"---\nname: d\n<<<<<<< HEAD\ndescription: x\n=======\n>>>>>>> b\n---\n",
    "e/SKILL.md": b"---\nname: e\ndescription: x\n\n# Unclosed\n",
}


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    if named := os.environ.get("AGENTCO_CORPUS"):
        return Path(named)
    for path, data in OWN.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(data)
    return tmp_path


def company_path(file: Path) -> str:
    """Where a company would keep this file."""
    if file.name.lower() == "skill.md":
        return f".github/skills/{file.parent.name}/SKILL.md"
    folder = next(
        folder for suffix, folder in SUFFIXES.items() if file.name.endswith(suffix)
    )
    return f"{folder}/{file.name}"


def loaded(corpus: Path) -> list[tuple[Path, bytes, Company]]:
    """Every file of the corpus as a company of its own."""
    suffixes = (*SUFFIXES, "SKILL.md", "skill.md")
    files = sorted(
        f for f in corpus.rglob("*.md") if f.name.endswith(suffixes) and f.is_file()
    )
    real = [f for f in files if not f.name.lower().startswith("readme")]
    return [
        (
            f,
            f.read_bytes(),
            load_company([SourceFile(path=company_path(f), data=f.read_bytes())]),
        )
        for f in real
    ]


def header_lines(data: bytes) -> list[str]:
    """The lines that a reader takes for the header, found without the loader's own splitter."""
    text = decode_text(SourceFile(path="f", data=data), FileFindings("f")) or ""
    match = re.match(
        r"\s*(?:[`~]{3,}\w*\s*\n|<!--.*?-->\s*)*---[ \t]*\n(.*?)(?:\n---|\Z)",
        text,
        re.DOTALL,
    )
    return match[1].split("\n") if match else []


def test_no_real_file_loses_its_metadata_silently(corpus: Path) -> None:
    checked = 0
    for file, data, company in loaded(corpus):
        records = (
            *company.agents,
            *company.prompts,
            *company.skills,
            *company.instructions,
        )
        keys = [
            m[1]
            for row in header_lines(data)
            if (m := re.match(r"([A-Za-z_-]+):(?:\s|$)", row))
        ]
        if not records:
            assert any(d.level is Severity.ERROR for d in company.diagnostics), file
        elif keys and (record := records[0]):
            read = {key.lower() for key in (*record.lines, *record.extra)} | {
                "mode",
                "user-invokable",
            }
            assert record.lines or record.extra, file
            assert keys[0].lower() in read or company.diagnostics, (file, keys[0])
            assert (
                record.body.strip() in data.decode("utf-8", "replace").replace("\r", "")
                or record.body
            ), file
        checked += 1
    assert checked


def test_conflicts_in_headers_are_refused_with_their_line(corpus: Path) -> None:
    for file, data, company in loaded(corpus):
        rows = header_lines(data)
        marks = [row for row in rows if re.match(r"<{7} |>{7} ", row)]
        refused = [d for d in company.diagnostics if d.code == "conflict-markers"]
        assert bool(marks) == bool(refused), file
        for d in refused:
            assert d.line, file
            assert data.split(b"\n")[d.line - 1].startswith(
                (b"<<<<<<<", b"=======", b">>>>>>>")
            ), file


def test_each_repair_is_told_once(corpus: Path) -> None:
    for file, _, company in loaded(corpus):
        repairs = [
            (d.line, d.code)
            for d in company.diagnostics
            if d.code in {"repaired-header", "dropped-key"}
        ]
        assert len(repairs) == len(set(repairs)), file


WANTED = {
    "YAML": {"repaired-header", "conflict-markers", "dropped-key"},
    "python-frontmatter": {"repaired-header", "conflict-markers", "dropped-key"},
    "duplicate": {"duplicate-key", "conflict-markers"},
    "unclosed": {"unclosed-header"},
    "non-utf8": {"not-utf8"},
    "no": {"no-header"},
}
"""One of these codes must be told for a file whose tag begins with this word."""


def test_each_odd_file_gets_what_its_tag_asks_for(corpus: Path) -> None:
    index = corpus / "awesome-copilot-odd" / "index.json"
    by_file = {file: company for file, _, company in loaded(corpus)}
    tagged: list[dict[str, str]] = (
        json.loads(index.read_text()) if index.exists() else []
    )
    for entry in tagged:
        company, tag = (
            by_file.get(index.parent / entry["file"]),
            entry["tag"].split()[0],
        )
        if company and tag in WANTED:
            assert {d.code for d in company.diagnostics} & WANTED[tag], entry
        elif company:
            assert_read_whole(company, tag)


def assert_read_whole(company: Company, tag: str) -> None:
    """The file is odd but nothing of it is lost: it has keys, and no fence or rule is left in its body."""
    (record,) = (
        *company.agents,
        *company.prompts,
        *company.skills,
        *company.instructions,
    )
    assert record.lines or any(d.code == "no-header" for d in company.diagnostics), (
        record.file
    )
    assert not record.body.lstrip().startswith(("```prompt", "```chatmode", "---\n")), (
        record.file
    )
    if tag == "model":
        assert len(company.agents[0].models) > 1, record.file
    if tag == "applyTo":
        assert company.instructions[0].apply_to, record.file
