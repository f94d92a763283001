"""Figures, dates and amounts: one canonical form, and no digit that is passed over."""

import re
import unicodedata
from datetime import date

import pytest
from claims import claim
from hypothesis import given, strategies as st

from agentco.engine import is_founders_file
from agentco.kernel import figures_in_sources, find_figures, ungrounded_figures

MONTHS_EN = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
MONTHS_PT = [
    "janeiro",
    "fevereiro",
    "março",
    "abril",
    "maio",
    "junho",
    "julho",
    "agosto",
    "setembro",
    "outubro",
    "novembro",
    "dezembro",
]
days = st.dates(min_value=date(1000, 1, 1))
texts = st.text(
    alphabet=st.sampled_from("0123456789 .,'-/%€$kmxT:\n\u00a0\u202f\u0663\uff11"),
    max_size=40,
)


def grouped(number: int, mark: str) -> str:
    return f"{number:,}".replace(",", mark)


@claim("grounding:forms")
@given(st.integers(0, 10**12), st.integers(0, 99))
def test_a_number_is_the_same_in_english_and_portuguese(whole: int, cents: int) -> None:
    forms = [
        f"{grouped(whole, ',')}.{cents:02}",
        f"{grouped(whole, '.')},{cents:02}",
        f"{grouped(whole, ' ')},{cents:02}",
        f"{grouped(whole, chr(0x202F))},{cents:02}",
        f"{whole}.{cents:02}",
        f"{whole},{cents:02}",
    ]
    assert len({find_figures(form) for form in forms}) == 1
    assert {find_figures(grouped(whole, mark)) for mark in (",", ".", " ", "")} == {
        frozenset({str(whole)})
    }


@claim("grounding:forms")
@given(days)
def test_a_date_is_the_same_in_every_form(day: date) -> None:
    en, pt = MONTHS_EN[day.month - 1], MONTHS_PT[day.month - 1]
    forms = [
        day.isoformat(),
        f"{day.day:02}/{day.month:02}/{day.year}",
        f"{day.day}.{day.month}.{day.year}",
        f"{day.day} {en} {day.year}",
        f"{day.day}th of {en}, {day.year}",
        f"{en} {day.day}, {day.year}",
        f"{en[:3]} {day.day}, {day.year}",
        f"{day.day} de {pt} de {day.year}",
        f"{day.day} {pt[:3]}. {day.year}",
        f"{day}T09:30:00+01:00",
    ]
    assert {form: find_figures(form) for form in forms} == {
        form: {day.isoformat()} for form in forms
    }
    for short in (f"{day.day} {en}", f"{en} {day.day}", f"{day.day} de {pt}"):
        assert find_figures(short) == {f"-{day.isoformat()[4:]}"}
    for month in (f"{en} {day.year}", f"{pt} de {day.year}"):
        assert find_figures(month) == {day.isoformat()[:7]}


@claim("grounding:forms")
@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("€12", {"12 EUR"}),
        ("12 EUR", {"12 EUR"}),
        ("EUR12", {"12 EUR"}),
        ("12,00 euros", {"12 EUR"}),
        ("$12", {"12 USD"}),
        ("US$ 1,200.50", {"1200.5 USD"}),
        ("R$ 5", {"5 BRL"}),
        ("12%", {"12 %"}),
        ("12,5 por cento", {"12.5 %"}),
        ("10k", {"10000"}),
        ("€1.5M", {"1500000 EUR"}),
        ("2 milhões de euros", {"2000000 EUR"}),
        ("30 mil", {"30000"}),
        ("-5 %", {"5 %"}),
        ("11/25/2026", {"2026-11-25"}),
        ("45/13/2026", {"45/13/2026"}),
        ("31 February 2026", {"31 february 2026"}),
        ("1.2.3", {"1.2.3"}),
        ("0.125", {"0.125"}),
        ("25 may be enough", {"--05-25"}),
        ("10 out of 12", {"10", "12"}),
        ("Q3, SOC2 and T12", {"q3", "soc2", "t12"}),
        ("commit 3e9a1c7", {"3e9a1c7"}),
        ("\uff11\uff12 and \u0663", {"12", "3"}),
        ("1\u200b2", {"12"}),
        ("no figure at all", set[str]()),
    ],
)
def test_what_is_found_in_a_text(text: str, found: set[str]) -> None:
    assert find_figures(text) == found


@claim("grounding:forms")
@given(texts)
def test_no_digit_is_passed_over(text: str) -> None:
    """Whatever digit is changed, the figures of the text are others."""
    plain = unicodedata.normalize("NFKC", text)
    if places := [m.start() for m in re.finditer(r"[1-9]", plain)]:
        assert find_figures(plain)
    for place in places:
        changed = f"{plain[:place]}{int(plain[place]) % 9 + 1}{plain[place + 1 :]}"
        assert len(find_figures(changed) | find_figures(plain)) > 1


@claim("grounding:forms")
@given(texts, texts)
def test_lines_do_not_flow_into_one_another(first: str, second: str) -> None:
    assert find_figures(f"{first}\n\n{second}") == find_figures(first) | find_figures(
        second
    )


@claim("grounding:sources")
@given(texts, st.lists(texts, max_size=3))
def test_a_text_grounds_itself_and_more_sources_take_nothing_away(
    text: str, more: list[str]
) -> None:
    assert not ungrounded_figures(text, [*more, text])
    assert {*ungrounded_figures(text, more)} <= find_figures(text)


@claim("grounding:sources")
@given(st.integers(1, 10**9), st.integers(1, 10**9))
def test_another_figure_is_not_grounded(one: int, other: int) -> None:
    assert (not ungrounded_figures(f"{one} teams", [f"we have {other:,} teams"])) == (
        one == other
    )


@claim("grounding:sources")
@pytest.mark.parametrize(
    ("text", "source", "missing"),
    [
        ("19 a month", "it costs €19", ()),
        ("3 m of it", "3 m of it", ()),
        ("3 metres of it", "3 m of it", ()),
        ("€19 a month", "19 of them", ("19 EUR",)),
        ("€19", "$19", ("19 EUR",)),
        ("in 2026", "on 2026-11-25", ()),
        ("in November 2026", "on 25/11/2026", ()),
        ("on 25 November", "on 2026-11-25", ()),
        ("on 25 November 2026", "on 25 November", ("2026-11-25",)),
        ("12 %", "12", ("12 %",)),
        ("soon", "", ()),
    ],
)
def test_an_amount_says_its_number_and_a_date_its_year_but_not_the_other_way(
    text: str, source: str, missing: tuple[str, ...]
) -> None:
    assert ungrounded_figures(text, [source]) == missing


@claim("grounding:forms")
@pytest.mark.parametrize(
    "text",
    [
        "1" * 100_000 + "a1",
        "1," * 50_000,
        "a" * 200_000,
        "1 123 " * 20_000,
        "1.1" * 50_000 + "a",
    ],
)
def test_no_text_takes_for_ever(text: str) -> None:
    assert isinstance(figures_in_sources([text]), frozenset)


@claim("grounding:founders")
@pytest.mark.parametrize(
    ("path", "founders"),
    [
        ("notes/prices.md", True),
        (".github/copilot-instructions.md", True),
        ("memories.md", True),
        ("drafts/post.md", False),
        ("BOARD.md", False),
        ("memory/memory.jsonl", False),
        ("./Memory//notes.md", False),
        ("notes/../memory/trash.jsonl", False),
        (".agentco/results/r1.2", False),
        ("notes/Offer.EML", False),
        ("notes/offer.eml.md", True),
        ("notes/offer.pdf", False),
        ("notes/offer.html", False),
        ("notes/inbox/costs.csv", False),
        ("notes/costs.csv", True),
    ],
)
def test_files_that_agents_write_are_not_the_founders_words(
    path: str, founders: bool
) -> None:
    assert is_founders_file(path) == founders
