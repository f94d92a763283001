"""Which lines of an answer are remembered as an agent's, and what is left of a text without them."""

from collections.abc import Callable, Iterable

import pytest
from claims import claim
from hypothesis import given, strategies as st

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
