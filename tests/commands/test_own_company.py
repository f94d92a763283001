"""init: a company of the founder's own, from five answers, without a trace of the sample."""

import json
import re
from pathlib import Path

import pytest
from claims import claim
from hypothesis import given, strategies as st
from sample_files import BY_HAND, ROOT, sample_files
from small_company import NOW
from terminal import Terminal

from agentco.adapters.countries import Countries
from agentco.adapters.files import starter_files
from agentco.adapters.files.template_files import template_files
from agentco.cli.main import main
from agentco.company import read_settings
from agentco.day import CORE_TEAM, check_company
from agentco.kernel import Severity, WrongUsage
from agentco.overview import run_standup
from agentco.upkeep import (
    Options,
    OwnCompany,
    Product,
    company_from_answers,
    fill_in,
    is_filled_in,
    read_answers,
    read_place,
    read_whole_company,
    template_words,
)
from agentco.wiring import open_company

ACME = ("--name", "Acme", "--product", "Acme Notes=https://notes.example/start")
COUNTRIES = Countries()
SAMPLE_NAMES = re.compile(
    r"Farol|Lumen|Boia\b|Mar[ée]\b|In[êe]s\b|Duarte|Setúbal|lighthouse|ferry|clinic"
    r"|boat|sailing|sailor|tide|lumen|boia|\bmare\b|retainer client"
)


def made(root: Path, *args: str) -> Path:
    """A company of somebody's own."""
    assert main(["init", str(root), *args]) == 0
    return root


def texts(root: Path) -> dict[str, str]:
    """Every file of a company but for agentco's own, by path."""
    return {
        path.relative_to(root).as_posix(): path.read_text()
        for path in root.rglob("*")
        if path.is_file() and ".agentco" not in path.parts
    }


def complaints(root: Path) -> list[str]:
    whole, broken = read_whole_company(open_company(root))
    found = (*check_company(whole, strict=True), *broken)
    return [f"{d.file}:{d.line} {d.message}" for d in found if d.level != Severity.INFO]


def words_of_the_sample() -> set[str]:
    """The tasks of the sample's board, what its memory says, and its amounts."""
    sample = dict(template_files())
    said = set(re.findall(r"\[.\] (.+?) @", sample["BOARD.md"]))
    for line in sample["memory/memory.jsonl"].splitlines():
        record = json.loads(line)
        if record.get("entityType") not in {None, "deadline", "prompt-run"}:
            said.add(record["name"])
            said.update(
                words for words in record["observations"] if len(words.split()) > 2
            )
    page = sample[".github/copilot-instructions.md"]
    amounts = re.findall(r"EUR \d[\d,.]*\d", page + sample["memory/memory.jsonl"])
    return said | {f"{amount} a month" for amount in amounts}


@claim("init:own")
@pytest.mark.parametrize("country", ["PT", "DE", "US"])
@pytest.mark.parametrize("team", ["core", "full"])
def test_no_file_of_an_own_company_holds_anything_of_the_sample(
    tmp_path: Path, country: str, team: str
) -> None:
    root = made(tmp_path / "acme", *ACME, "--country", country, "--team", team)
    strangers = words_of_the_sample()
    assert len(strangers) > 50
    for path, text in texts(root).items():
        assert SAMPLE_NAMES.findall(text) == [], path
        assert [words for words in strangers if words in text] == [], path
        assert "{{" not in text, path


@claim("init:own")
@pytest.mark.usefixtures("frozen_clock")
@pytest.mark.parametrize("country", ["PT", "NO", "US"])
@pytest.mark.parametrize("team", ["core", "full"])
def test_an_own_company_has_nothing_to_complain_about_and_nothing_overdue(
    tmp_path: Path, country: str, team: str
) -> None:
    root = made(tmp_path / "acme", *ACME, "--country", country, "--team", team)
    assert complaints(root) == []
    facts = run_standup(open_company(root), moment=NOW).facts
    assert not facts.overdue_tasks
    assert not facts.overdue_prompts
    assert all(deadline.days_left >= 0 for deadline in facts.deadlines)
    assert not facts.lessons_open


@claim("init:own")
def test_the_answers_stand_in_settings_constitution_and_memory(tmp_path: Path) -> None:
    named = ("--product", "Desk", "--country", "brazil", "--lang", "pt")
    root = made(tmp_path / "acme", *ACME, *named)
    company = open_company(root)
    settings = company.files.settings().require_valid()
    assert settings.company.name == "Acme"
    assert settings.company.country == "BR"
    assert settings.company.timezone == "America/Sao_Paulo"
    assert settings.company.language == "pt"
    assert settings.links == {"Acme Notes": {"site": "notes.example"}}
    page = texts(root)[".github/copilot-instructions.md"]
    assert page.startswith("# Acme: ")
    assert "| Acme Notes | *to fill in* | *to fill in* | notes.example |" in page
    assert "- Portuguese inside the company and in public" in page
    assert "BRL 1,234.56" in texts(root)[".github/agents/accountant.agent.md"]
    notes = company.memory.load_graph().trusted_part.find_entity("Acme Notes")
    assert notes
    assert [o.text for o in notes.observations] == ["Domain: notes.example"]
    assert company.board.read().tasks == ()


@claim("init:own")
def test_the_law_of_portugal_comes_with_portugal_and_an_empty_frame_elsewhere(
    tmp_path: Path,
) -> None:
    here = open_company(made(tmp_path / "pt", "--country", "PT"))
    assert here.files.load().find_skill("portuguese-tax")
    names = {entity.name for entity in here.memory.load_graph().entities()}
    assert {"deadline:iva-return", "deadline:social-security-payment"} <= names
    root = made(tmp_path / "fr", "--country", "France")
    there = open_company(root)
    assert not there.files.load().find_skill("portuguese-tax")
    assert not there.files.load().find_prompt("quarterly-iva")
    frame = there.files.load().find_skill("tax")
    assert frame
    assert "to fill in" in frame.body
    assert "ships no tax facts for France" in frame.body
    assert not re.search(r"IVA\b|Segurança|Portug", "".join(texts(root).values()))
    graph = there.memory.load_graph()
    assert not [e for e in graph.entities() if e.type == "deadline"]


@claim("init:own")
def test_the_core_team_of_an_own_company_names_nobody_else(tmp_path: Path) -> None:
    root = made(tmp_path / "acme", "--team", "core")
    company = open_company(root)
    assert {agent.id for agent in company.files.load().agents} == CORE_TEAM
    assert company.files.settings().require_valid().company.improver is None


@claim("init:own")
def test_without_a_word_the_company_is_named_like_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Europe/Lisbon")
    root = made(tmp_path / "Ana's: Shop")
    profile = open_company(root).files.settings().require_valid().company
    assert profile.name == "Ana's: Shop"
    assert (profile.country, profile.timezone) == ("PT", "Europe/Lisbon")
    assert "No product is written down yet" in "".join(texts(root).values())


@claim("init:own")
@given(
    st.lists(
        st.text(st.characters(exclude_categories=["Z", "C"]), min_size=1),
        min_size=1,
        max_size=4,
    )
    .map(" ".join)
    .filter(str.isprintable)
)
def test_any_name_of_a_company_or_product_reads_back(name: str) -> None:
    own = OwnCompany(name=name, products=(Product(name=name, domain="a.example"),))
    template = starter_files()["common"][".github/agentco.yml"]
    text = fill_in(template, template_words(own))
    settings = read_settings(text).require_valid()
    assert settings.company.name == name
    assert settings.links == {name: {"site": "a.example"}}


@claim("init:own")
@pytest.mark.parametrize(
    ("args", "what"),
    [
        (["--country", "Atlantis"], "unknown country 'Atlantis'"),
        (["--lang", "klingon"], "unknown language 'klingon'"),
        (["--timezone", "Mars/Base"], "unknown time zone 'Mars/Base'"),
        (["--product", "Notes=not a host"], "'not a host' is not a domain"),
        (["--name", "  "], "'  ' is not a valid name"),
        (["--team", "huge"], "unknown team 'huge'"),
        (["--sample", "--name", "Acme"], "--sample has its own name"),
    ],
)
def test_an_answer_that_cannot_be_is_refused_before_anything_is_written(
    tmp_path: Path, args: list[str], what: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["init", str(tmp_path / "acme"), *args]) == 2
    assert f"error: {what}" in capsys.readouterr().err
    assert not (tmp_path / "acme").exists()


@claim("init:own")
@pytest.mark.parametrize(
    ("text", "here", "country", "zone"),
    [
        ("", "Europe/Lisbon", "PT", "Europe/Lisbon"),
        ("Portugal", "UTC", "PT", "Europe/Lisbon"),
        ("PT, Atlantic/Azores", "UTC", "PT", "Atlantic/Azores"),
        ("Britain (UK) Europe/London", "UTC", "GB", "Europe/London"),
        ("us", "America/Denver", "US", "America/Denver"),
        ("America/Denver", "UTC", "US", "America/Denver"),
        ("UTC", "Europe/Lisbon", "", "UTC"),
    ],
)
def test_a_country_a_zone_or_both_say_where_a_company_is(
    text: str, here: str, country: str, zone: str
) -> None:
    place = read_place(text, COUNTRIES, here)
    assert (place.country, place.time_zone) == (country, zone)


@claim("init:own")
def test_two_time_zones_in_one_answer_are_refused() -> None:
    with pytest.raises(WrongUsage, match="two time zones"):
        read_place("PT UTC Europe/Lisbon", COUNTRIES, "UTC")


@claim("init:own")
def test_every_country_has_a_currency_and_its_own_files() -> None:
    for code, name in COUNTRIES.country_names().items():
        answers = read_answers(Options(country=name), countries=COUNTRIES, here="UTC")
        own = company_from_answers(answers, folder="x", here="UTC", countries=COUNTRIES)
        assert own.country == code
        assert len(template_words(own)["currency"]) == 3


@claim("init:asks")
def test_files_that_are_there_are_asked_about_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "main.py").write_text("print()\n")
    assert main(["init", str(tmp_path)]) == 2
    assert "add --yes" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["src"]
    made(tmp_path, "--yes")
    assert (tmp_path / "src" / "main.py").read_text() == "print()\n"
    assert complaints(tmp_path) == []


@claim("init:asks")
def test_an_own_company_that_was_stopped_goes_on_with_other_answers_too(
    tmp_path: Path,
) -> None:
    whole, half = made(tmp_path / "whole", *ACME), tmp_path / "half"
    for path, text in list(texts(whole).items())[:9]:
        if path != ".github/agentco.yml":
            (half / path).parent.mkdir(parents=True, exist_ok=True)
            (half / path).write_text(text)
    made(half, "--name", "Other", "--country", "IT")
    assert {"accountant", "coo"} <= {
        agent.id for agent in open_company(half).files.load().agents
    }


@claim("init:asks")
@given(st.lists(st.text(max_size=8), min_size=1, max_size=4), st.text(max_size=8))
def test_a_filled_in_template_is_known_whatever_the_answers(
    parts: list[str], answer: str
) -> None:
    template = "{{founder}}".join(part.replace("{", "") for part in parts)
    text = fill_in(template, {"founder": answer})
    assert is_filled_in(text, template)
    assert not is_filled_in(f"{text}!", f"{template}?")


@claim("template:one-source")
@pytest.mark.parametrize("path", sorted(sample_files()))
def test_the_sample_is_the_templates_filled_in(path: str) -> None:
    """`make docs` writes it."""
    assert (ROOT / path).read_text() == sample_files()[path]


@claim("template:one-source")
def test_a_template_has_the_words_that_are_known_and_no_other() -> None:
    words = template_words(OwnCompany(name="Acme"))
    used = {
        word
        for layer in starter_files().values()
        for text in layer.values()
        for word in re.findall(r"\{\{(\w+)\}\}", text)
    }
    assert used == set(words)
    paths = starter_files()["common"] | starter_files()["PT"]
    assert set(paths) >= BY_HAND


@claim("init:asks")
def test_a_terminal_is_asked_five_things_and_enter_takes_what_is_shown(
    tmp_path: Path,
) -> None:
    with Terminal(tmp_path, "init", "acme", TZ="Europe/Berlin") as terminal:
        terminal.reads("1/5  What is your company called? [acme]")
        terminal.types("Acme Labs")
        terminal.reads("2/5  What do you sell, and where?")
        terminal.types("Acme Notes=notes.example, Desk")
        terminal.reads("3/5  Which country and time zone? [Germany, Europe/Berlin]")
        terminal.types("Atlantis")
        terminal.reads("unknown country 'Atlantis'")
        terminal.types("")
        terminal.reads("4/5  Which language do you write in? [English]")
        terminal.types("pt")
        terminal.reads("5/5  Four departments")
        terminal.types("4")
        assert terminal.ends() == 0
    root = tmp_path / "acme"
    profile = open_company(root).files.settings().require_valid().company
    assert (profile.name, profile.country) == ("Acme Labs", "DE")
    assert (profile.timezone, profile.language) == ("Europe/Berlin", "pt")
    company = open_company(root)
    assert {agent.id for agent in company.files.load().agents} == CORE_TEAM
    assert company.memory.load_graph().find_entity("Desk")
    assert complaints(root) == []


@claim("init:asks")
def test_a_terminal_is_asked_about_files_before_anything_else(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with Terminal(tmp_path, "init") as terminal:
        terminal.reads("has files in it")
        terminal.types("n")
        assert terminal.ends() == 1
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


@claim("init:asks")
def test_options_answer_beforehand_and_the_sample_asks_nothing(tmp_path: Path) -> None:
    given = ("--name", "A", "--country", "PT", "--lang", "en", "--product", "B=b.pt")
    for args in (("init", "a", *given, "--team", "core"), ("init", "b", "--sample")):
        with Terminal(tmp_path, *args) as terminal:
            assert terminal.ends() == 0
