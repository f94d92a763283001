"""What of an answer goes out, and what is said beside it."""

import pytest
from claims import claim
from hypothesis import given, strategies as st

from agentco.review import says_nothing, split_answer, split_shown


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
        ("<deliverable> </deliverable>\nHello.", "", "Hello."),
        ("<deliverable></deliverable>", "", ""),
        ("", "", ""),
        (
            '<deliverable type="post">Hello.</deliverable>\nSources: none',
            "Hello.",
            "Sources: none",
        ),
        ("<deliverable/>Hello.", "Hello.", ""),
        (
            "Here it is:\n```xml\n<deliverable>\nHello.\n</deliverable>\n```\nNeeds: you",
            "Hello.",
            "Here it is:\n\nNeeds: you",
        ),
        (
            "<deliverable>Hello.</deliverable>\nI used `<deliverable>` and `</deliverable>`.",
            "Hello.",
            "I used `<deliverable>` and `</deliverable>`.",
        ),
        (
            "Put it between `<deliverable>` and `</deliverable>`.",
            "Put it between `<deliverable>` and `</deliverable>`.",
            "",
        ),
        (
            "<deliverables>Hello.</deliverables>",
            "<deliverables>Hello.</deliverables>",
            "",
        ),
    ],
)
def test_what_stands_between_the_tags_goes_out_and_in_doubt_all_of_it(
    answer: str, text: str, notes: str
) -> None:
    said = split_answer(answer)
    assert (said.text, said.notes) == (text, notes)
    assert split_answer(said.text).text == said.text


@claim("work:notes")
@pytest.mark.parametrize(
    "inside",
    [
        "",
        " \n\t\u200b\u2800",
        "<!-- the post comes here -->",
        "<!-- one --> <!-- two",
        "&nbsp;&#8203;",
        "```\n```",
        "~~~ text\n\n~~~",
        "<deliverable></deliverable>",
    ],
)
@pytest.mark.parametrize("around", ["{}", "Sources: none.\n{}\nNeeds: your prices."])
def test_an_answer_that_marks_nothing_to_go_out_says_nothing(
    inside: str, around: str
) -> None:
    assert says_nothing(around.format(f"<deliverable>\n{inside}\n</deliverable>"))
    assert says_nothing(inside)
    for words in ("Hello.", "12", "\U0001f389", "<img src=a.png>", "```\n1\n```"):
        assert not says_nothing(f"<deliverable>{words}\n{inside}\n</deliverable>")
        assert not says_nothing(words)


MARKS = ("<deliverable>", "< /Deliverable >", '<deliverable a="b">')
WORDS = st.sampled_from([*MARKS, "a < b ", "</b>", "x\n", "` "])


@claim("work:notes")
@given(st.lists(WORDS).map("".join), st.data())
def test_marks_are_never_shown_while_a_text_comes_and_nothing_else_is_lost(
    answer: str, data: st.DataObject
) -> None:
    words = answer
    for mark in MARKS:
        words = words.replace(mark, "")
    shown, withheld = "", ""
    while answer:
        size = data.draw(st.integers(1, len(answer)))
        piece, answer = answer[:size], answer[size:]
        visible, withheld = split_shown(withheld + piece)
        shown += visible
        assert "deliverable" not in shown.casefold()
    assert shown + withheld == words
