"""Pages where the founder looks: written for a prompt or by `--out`, and named afterwards."""

from pathlib import Path

import pytest
from claims import claim
from small_company import Place, company_line, models_at
from typed import Do, commands_of
from wire.server import Say, WireServer

from agentco.adapters.files.template_files import template_files
from agentco.cli.main import main
from agentco.terminal import claim_out_file, write_out_file

pytestmark = claim("run:pages")

INPUTS = {"launch-checklist": ("product=Lumen", "date=2027-03-04")}
PAGES = {
    path.rpartition("/")[2].removesuffix(".prompt.md")
    for path, text in template_files()
    if path.startswith(".github/prompts/") and "-{date}.md" in text
}


def prompt(place: Place, keys: str, name: str = "review") -> None:
    head = f"---\ndescription: x\nagent: writer\nagentco:\n  {keys}\n---\n"
    place.write(f".github/prompts/{name}.prompt.md", f"{head}Review.\n")


@pytest.fixture
def writer(place: Place, wire: WireServer) -> Place:
    """A company with a writer and a prompt whose page has a place."""
    place.settings(company_line(orchestrator="writer") + models_at(wire.url))
    place.agent("writer", "---\ndescription: Writes.\ntools: [Read]\n---\nI write.\n")
    prompt(place, "produces: drafts/review-{date}.md")
    place.trust()
    return place


@pytest.fixture
def says(wire: WireServer) -> None:
    wire.script({"m": [Say(text=f"Page {n}.") for n in (1, 2, 3)]})


def pages(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


def test_the_prompts_with_a_page_are_those_that_write_one() -> None:
    assert {
        "content-calendar",
        "improve-agents",
        "launch-checklist",
        "monthly-accounting",
        "quarterly-iva",
        "weekly-review",
    } == PAGES


@pytest.mark.parametrize("name", sorted(PAGES))
def test_a_prompt_that_ships_leaves_its_page_and_the_standup_names_it(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["init", str(tmp_path), "--sample"]) == 0
    (tmp_path / "story.yml").write_text("- text: All is well.\n")
    do = commands_of(tmp_path, capsys)
    model = ("--model", "scripted/story.yml")
    found = do("run", name, *INPUTS.get(name, ()), *model, "--json").document
    [file] = found["files"]
    assert file.startswith("drafts/")
    assert (tmp_path / file).read_text() == "All is well.\n"
    shown = do("runs", "show", found["run"])
    assert f"wrote {file}" in shown.out
    [made] = do("standup", "--json").document["facts"]["made"]
    assert (made["file"], made["prompt"], made["run"]) == (file, name, found["run"])
    [told] = do("status", "--json").document["made"]
    assert told == made
    assert f"{file}  by /{name}, run {found['run']}" in do("status").out


@pytest.mark.usefixtures("writer", "says")
def test_the_plan_has_what_is_to_be_read_with_the_command_that_shows_it(do: Do) -> None:
    run = do("run", "/review", "--json").document["run"]
    plan = do("standup", "--dry-run").out
    assert "To read" in plan
    assert f"agentco runs show {run} --text" in plan


@pytest.mark.usefixtures("says")
def test_a_page_is_written_to_where_deliver_to_says(writer: Place, do: Do) -> None:
    prompt(writer, "deliver_to: drafts/prices.md")
    said = do("run", "/review")
    assert (said.code, said.out) == (0, "Page 1.\n")
    assert "wrote drafts/prices.md" in said.err
    do("run", "/review")
    assert pages(writer.root / "drafts") == {
        "prices.md": "Page 2.\n",
        "prices.old-1.md": "Page 1.\n",
    }


@pytest.mark.usefixtures("says")
@pytest.mark.parametrize("where", ["./drafts/p.md", "drafts//p.md", "drafts/x/../p.md"])
def test_a_place_is_the_same_file_however_it_is_written(
    writer: Place, do: Do, where: str
) -> None:
    prompt(writer, f"deliver_to: {where}")
    for _ in range(2):
        assert do("run", "/review").code == 0
    assert pages(writer.root / "drafts") == {
        "p.md": "Page 2.\n",
        "p.old-1.md": "Page 1.\n",
    }


@pytest.mark.usefixtures("says")
@pytest.mark.parametrize(
    ("keys", "outcome"),
    [
        ("produces: ['drafts/a-{date}.md', 'drafts/b-{date}.md']", "no-result"),
        ("deliver_to: drafts/a.md\n  produces: drafts/b-{date}.md", "no-result"),
        ("deliver_to: ./drafts/a-{date}.md\n  produces: drafts/a-{date}.md", "ok"),
    ],
)
def test_a_second_file_that_a_prompt_produces_is_asked_for(
    writer: Place, do: Do, keys: str, outcome: str
) -> None:
    prompt(writer, keys)
    assert do("run", "/review").code == 0
    assert f" {outcome}" in do("memory", "show", "prompt-run:review").out


@pytest.mark.usefixtures("says")
@pytest.mark.parametrize("keys", ["produces: week-{date}.md", 'produces: ["*.md"]'])
def test_a_page_is_a_file_with_a_day_and_no_glob(
    writer: Place, do: Do, keys: str
) -> None:
    prompt(writer, keys)
    found = do("run", "/review", "--json").document
    asks = "date" in keys
    assert found["status"] == ("waiting" if asks else "done")
    assert not list(writer.root.glob("week-*.md"))
    items = do("inbox", "--json").document["items"]
    assert [item["kind"] for item in items] == ["approval"] * asks


@pytest.mark.parametrize(
    ("keys", "line"),
    [("deliver_to: ../week.md", 5), ("produces: /tmp/week-{date}.md", 5)],
)
def test_a_place_outside_the_company_is_named_by_check(
    writer: Place, do: Do, keys: str, line: int
) -> None:
    prompt(writer, keys)
    found = do("check", "--json").document["diagnostics"]
    [named] = [one for one in found if one["code"] == "misplaced-page"]
    assert (named["level"], named["line"]) == ("warning", line)


@pytest.mark.usefixtures("says")
def test_out_takes_the_place_of_the_prompts_own_file(writer: Place, do: Do) -> None:
    out = writer.root / "week.md"
    said = do("run", "/review", "--out", str(out))
    assert (said.code, said.out, out.read_text()) == (0, "", "Page 1.\n")
    assert not (writer.root / "drafts").exists()


@pytest.mark.usefixtures("says")
@pytest.mark.parametrize("where", ["company/week.md", "elsewhere/week.md"])
def test_out_replaces_what_the_prompt_wrote_and_keeps_it(
    writer: Place, do: Do, where: str, tmp_path: Path
) -> None:
    folder = writer.root / "notes" if "company" in where else tmp_path / "elsewhere"
    folder.mkdir()
    out = folder / "week.md"
    assert do("run", "/review", "--out", str(out)).code == 0
    out.chmod(0o640)
    said = do("run", "/review", "--out", str(out))
    assert said.code == 0
    assert f"written to {out} (the version before: {folder / 'week.old-1.md'})" in (
        said.err
    )
    assert pages(folder) == {"week.md": "Page 2.\n", "week.old-1.md": "Page 1.\n"}
    assert out.stat().st_mode & 0o777 == 0o640


@pytest.mark.usefixtures("says", "writer")
def test_what_a_crash_left_beside_a_page_is_in_nobodys_way(
    do: Do, tmp_path: Path
) -> None:
    folder = tmp_path / "pages"
    folder.mkdir()
    out = folder / "week.md"
    do("run", "/review", "--out", str(out))
    (folder / ".week.md.agentco.tmp").write_text("Pag")
    assert do("run", "/review", "--out", str(out)).code == 0
    assert pages(folder) == {"week.md": "Page 2.\n", "week.old-1.md": "Page 1.\n"}


@pytest.mark.usefixtures("says")
def test_out_replaces_nothing_else(
    writer: Place, wire: WireServer, do: Do, tmp_path: Path
) -> None:
    out = tmp_path / "week.md"
    do("run", "/review", "--out", str(out))
    asked = len(wire.requests)
    prompt(writer, "public: false", name="other")
    for words in (("run", "/other"), ("ask", "writer", "review")):
        refused = do(*words, "--out", str(out))
        assert (refused.code, "cannot be made" in refused.err) == (2, True)
    out.write_text("Page 1, and my line.\n")
    refused = do("run", "/review", "--out", str(out))
    assert (refused.code, "only what this prompt wrote" in refused.err) == (2, True)
    out.unlink()
    out.symlink_to(writer.write("kept.md", "Page 1.\n"))
    assert do("run", "/review", "--out", str(out)).code == 2
    assert len(wire.requests) == asked
    assert (writer.root / "kept.md").read_text() == "Page 1.\n"


@pytest.mark.parametrize("written", ["mine\n", None])
def test_what_the_founder_wrote_meanwhile_is_not_overwritten_by_out(
    tmp_path: Path, written: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "week.md"
    with claim_out_file(str(path)) as out:
        path.unlink()
        if written:
            path.write_text(written)
        version = write_out_file(out, "Page 1.")
    assert path.read_text() == (written or "Page 1.\n")
    assert bool(version) == (written is None)
    assert ("changed meanwhile" in capsys.readouterr().err) == bool(written)


@pytest.mark.usefixtures("writer")
def test_a_run_that_fails_leaves_what_out_named_as_it_was(
    wire: WireServer, do: Do, tmp_path: Path
) -> None:
    wire.script({"m": [Say(text="Page 1."), Say(text="")]})
    folder = tmp_path / "pages"
    folder.mkdir()
    out = folder / "week.md"
    do("run", "/review", "--out", str(out))
    assert do("run", "/review", "--out", str(out)).code == 1
    assert pages(folder) == {"week.md": "Page 1.\n"}
