"""Which lines of an answer are remembered as an agent's, and what is left of a text without them."""

import pytest
from claims import claim

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
