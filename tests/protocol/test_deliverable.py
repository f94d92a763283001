"""What of an answer goes out, and what is said beside it."""

import pytest
from claims import claim

from agentco.review import split_answer


@claim("work:notes")
@pytest.mark.parametrize(
    ("answer", "text", "notes"),
    [
        ("Hello.", "Hello.", ""),
        (
            "<deliverable>\nHello.\n</deliverable>\nSources: none",
            "Hello.",
            "Sources: none",
        ),
        (
            "For: you\n< Deliverable >Hello.</DELIVERABLE>\nNeeds: a yes",
            "Hello.",
            "For: you\n\nNeeds: a yes",
        ),
        (
            "<deliverable>A</deliverable> and <deliverable>B</deliverable>",
            "A and B",
            "",
        ),
        ("<deliverable>\nHello.", "Hello.", ""),
        ("Hello.\n</deliverable>", "Hello.", ""),
        ("</deliverable>Hello.<deliverable>", "Hello.", ""),
        ("<deliverable> </deliverable>\nHello.", "Hello.", ""),
        ("", "", ""),
    ],
)
def test_what_stands_between_the_tags_goes_out_and_in_doubt_all_of_it(
    answer: str, text: str, notes: str
) -> None:
    said = split_answer(answer)
    assert (said.text, said.notes) == (text, notes)
    assert split_answer(said.text).text == said.text
