"""Which lines of an answer are remembered as an agent's, and what is left of a text without them."""

from collections.abc import Callable, Iterable
from textwrap import fill
from time import process_time

import pytest
from claims import claim
from hypothesis import given, strategies as st

from agentco.kernel import figures_in_sources
from agentco.review import agent_line_prints, without_agent_lines

pytestmark = claim("public:sources")


def left_of(text: str, answer: str, *heard: str) -> str:
    """A text without the lines of an answer."""
    prints = agent_line_prints(answer, heard)
    [left] = without_agent_lines([text], frozenset(prints).intersection)
    return left


LONG = "We keep 4711 animals and more. " * 150


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("We have 4711 heads.", "We have 4711 heads."),
        (
            "We have 4711 heads.",
            "Notes.\n<deliverable>We have 4711 heads.</deliverable>",
        ),
        ("- [x]  We have\t4711 heads. \r", "3. We have 4711 heads."),
        ("> ## We have nine herds", "We have nine herds"),
        ("| 2026 | 4711 |", "  | 2026 | 4711 |"),
        ("We have &lt;draft> 4711", "We have <draft> 4711"),
        (LONG, f"# Title\n{LONG}"),
    ],
)
def test_a_line_of_an_answer_is_left_out_whatever_its_bullets_and_gaps(
    text: str, answer: str
) -> None:
    assert left_of(f"We keep 3 dogs.\n{text}", answer) == "We keep 3 dogs."


DRESSES = (
    "{}",
    "  {}\t",
    "**{}**",
    "> {}",
    ">{}",
    "> - __{}__",
    "* {}",
    "+ {}",
    "12. {}",
    "(3) {}",
    "\u2013 {}",
    "- [ ] {}",
    "### {} ###",
    "| {} |",
    "| {} | |",
    "|{}|",
    "~~{}~~",
    "`{}`",
    "<b>{}</b>",
    "<td>{}</td>",
    '<p class="lead">{}</p>',
    "[{}](https://example.com/herd)",
    "\u201c{}\u201d",
    "{}\u200b",
)


def in_part_bold(said: str) -> str:
    return said.replace(" ", " **", 1) + "**"


SPELLINGS: tuple[Callable[[str], str], ...] = (
    str.strip,
    str.upper,
    str.title,
    in_part_bold,
)


@given(
    st.lists(
        st.sampled_from(["we", "have", "4711", "12%", "\u20ac3.50", "a < b", "ção"])
    ),
    st.lists(st.sampled_from(DRESSES), min_size=1, max_size=3, unique=True),
    st.sampled_from(SPELLINGS),
)
def test_a_line_and_the_same_in_another_dress_have_one_answer(
    words: list[str], dresses: list[str], spelt: Callable[[str], str]
) -> None:
    answer = " ".join(["Heads", *words, "9 herds"])
    dressed = spelt(answer)
    for dress in dresses:
        dressed = dress.format(dressed)
    assert left_of(f"We keep 3 dogs.\n{dressed}", answer) == "We keep 3 dogs."
    assert left_of(f"We keep 3 dogs.\n{answer}", dressed) == "We keep 3 dogs."
    assert left_of(answer, dressed, answer) == answer


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("We have 2*3 heads.", "We have 23 heads."),
        ("We have ~4711 heads.", "We have 4711 heads."),
        ("We have 47.11 heads.", "We have 4711 heads."),
        ("We have -4711 heads.", "We have 4711 heads."),
        ("We have $4711.", "We have €4711."),
        ("<!-- 12 dogs -->", "<!-- 4711 heads -->"),
        ("[herd](/in/2024)", "[herd](/in/2025)"),
        ("| 47 | 11 |", "| 4711 | |"),
    ],
)
def test_another_figure_is_another_line(text: str, answer: str) -> None:
    assert left_of(text, answer) == text
    assert left_of(answer, text) == answer


def test_what_older_states_remember_is_still_known() -> None:
    def find_known(prints: Iterable[str]) -> set[str]:
        return {*prints} & {"82132a608505a5eb"}

    texts = without_agent_lines(
        ["> - We have **4711** heads.\nWe have 12."], find_known
    )
    assert texts == ("We have 12.",)


@pytest.mark.parametrize(
    "text",
    [
        "We have 4712 heads.",
        "We have 4711 heads in all.",
        "He says: We have 4711 heads.",
        "We keep animals.",
        "",
    ],
)
def test_a_line_that_is_changed_or_holds_no_figure_stays(text: str) -> None:
    assert left_of(text, "We have 4711 heads.\n\nWe keep animals.") == text


@pytest.mark.parametrize("heard", ["We have 4711 heads.", "x\n  * We have 4711 heads."])
def test_who_repeats_a_line_that_the_founder_said_did_not_write_it(heard: str) -> None:
    text = "We have 4711 heads.\nWe have 12 dogs."
    assert left_of(text, text, heard) == "We have 4711 heads."


SECONDS_FOR_80_000_FIGURES = 30.0
"""A laptop takes about one; a loop over every pair would take hours."""
WRITTEN = """\
We counted the herd on Monday, and 4711 animals came home that evening.
Of these we sold 212 at the market in Beja, for 318 euros each.
- The vet has seen nineteen calves so far this week, all of them well.
"""
FOUNDERS = "The barn has room for 60 more cows, says the builder."


def joined(text: str) -> str:
    return " ".join(text.replace("- ", "").split())


def quoted(text: str) -> str:
    return "\n".join(f"> {line}" for line in fill(joined(text), 60).splitlines())


def listed(text: str) -> str:
    return "\n".join(f"* {line}" for line in fill(joined(text), 60).splitlines())


def numbered(text: str) -> str:
    lines = text.replace("- ", "").splitlines()
    return "\n".join(f"{number}. **{line}**" for number, line in enumerate(lines, 1))


def spaced(text: str) -> str:
    return text.replace(" ", "\u00a0  ").replace("\n", " \r\n\r\n")


def in_one_long_line(text: str) -> str:
    padding = "They graze on the hill and sleep in the barn. " * 60
    return f"{padding}{joined(text)} {padding}"


BREAKS: tuple[Callable[[str], str], ...] = (
    joined,
    lambda text: fill(joined(text), 60),
    lambda text: fill(joined(text), 25),
    quoted,
    listed,
    numbered,
    spaced,
    in_one_long_line,
    lambda text: f"As we said: {joined(text)} And so on.",
)


@pytest.mark.parametrize("broken", BREAKS)
def test_lines_of_an_agent_are_known_however_they_are_broken(
    broken: Callable[[str], str],
) -> None:
    left = left_of(f"{broken(WRITTEN)}\n{FOUNDERS}", WRITTEN)
    assert figures_in_sources((left,)) == figures_in_sources((FOUNDERS,))
    back = left_of(f"{WRITTEN}{FOUNDERS}", broken(WRITTEN))
    assert figures_in_sources((back,)) == figures_in_sources((FOUNDERS,))


@pytest.mark.parametrize("broken", BREAKS)
def test_what_the_founder_says_beside_it_stays_a_source(
    broken: Callable[[str], str],
) -> None:
    around = f"{FOUNDERS} {broken(WRITTEN)} Hay costs 90 euros a ton since the drought."
    left = left_of(around, WRITTEN)
    figures = figures_in_sources((left,))
    assert {"60", "90 EUR"} <= {one.removesuffix(" *") for one in figures}
    assert "4711" not in left


@pytest.mark.parametrize("broken", BREAKS)
def test_who_repeats_the_founder_in_other_lines_did_not_write_it(
    broken: Callable[[str], str],
) -> None:
    assert left_of(WRITTEN, broken(WRITTEN), WRITTEN) == WRITTEN


@pytest.mark.parametrize(
    "text",
    [
        "Of these we sold 213 at the market in Beja, for 318 dollars each.",
        "We sold 212 animals in Beja this year, and got 318 for each one.",
        "On Monday evening the herd was counted: 4711 animals.",
        "4711",
    ],
)
def test_the_same_figure_in_the_founders_own_words_is_a_source(text: str) -> None:
    assert left_of(text, WRITTEN) == text


def test_a_long_file_is_read_in_bounded_time() -> None:
    rows = "\n".join(" ".join(map(str, range(row, row + 40))) for row in range(2_000))
    started = process_time()
    left = left_of(f"{rows}\n{joined(WRITTEN)}", WRITTEN)
    assert process_time() - started < SECONDS_FOR_80_000_FIGURES
    assert left.startswith("0 1 2")
