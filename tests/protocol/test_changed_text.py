"""Which sentences of a draft a reviewer of the one before has not seen."""

from typing import Literal

import pytest
from claims import claim
from hypothesis import given, strategies as st

from agentco.company import Trigger
from agentco.page import clip_sentence, mark_words, sentence_around
from agentco.review import (
    DueReview,
    Verdict,
    added_sentences,
    opinions_in_text,
    review_of_new_sentences,
    triggers,
)

BEFORE = "# Terms\n\nWe keep your data. You can leave at any time, e.g. today.\n\nWe never:\n\n- sell data\n- read mail\n"


def added(after: str, before: str = BEFORE) -> list[tuple[int, str]]:
    return [(each.line, each.text) for each in added_sentences(before, after)]


@claim("reviews:bound")
def test_what_is_only_broken_or_moved_otherwise_is_nothing_new() -> None:
    assert added(BEFORE) == []
    assert added(BEFORE.replace("can leave", "can\nleave")) == []
    moved = "- read mail\n- sell data\n"
    assert added(BEFORE.replace("- sell data\n- read mail\n", moved)) == []
    assert added("We keep your data.") == []


@claim("reviews:bound")
def test_a_sentence_that_was_added_or_changed_is_told_with_its_line() -> None:
    assert added(f"{BEFORE}\nWe sell it. Fine.") == [(10, "We sell it."), (10, "Fine.")]
    assert added(BEFORE.replace("keep", "sell")) == [(3, "We sell your data.")]
    assert added(BEFORE.replace("You can", "You cannot")) == [
        (3, "You cannot leave at any time, e.g. today.")
    ]
    assert added("Não vendemos. Vendemos dados!", "Não vendemos.") == [
        (1, "Vendemos dados!")
    ]


@claim("reviews:bound")
def test_a_list_under_another_sentence_says_something_else() -> None:
    changed = added(BEFORE.replace("We never:", "We always:"))
    assert [text for _, text in changed] == ["We always:", "- sell data", "- read mail"]


@claim("reviews:bound")
def test_under_another_heading_or_before_another_answer_a_sentence_says_something_else() -> (
    None
):
    never = "## What we never do\n\nWe sell data.\n\n## More\n\nWe read mail."
    assert added(never.replace("never", "always"), never) == [
        (1, "## What we always do"),
        (3, "We sell data."),
    ]
    moved = "## What we never do\n\n## More\n\nWe sell data.\n\nWe read mail."
    assert added(moved, never) == [(5, "We sell data.")]
    asked = "Do you sell data? Never.\n\n#lumen is out."
    assert added(asked.replace("Never", "Of course"), asked) == [
        (1, "Do you sell data?"),
        (1, "Of course."),
    ]
    assert added(f"{asked} It is new.", asked) == [(3, "It is new.")]


def again(
    before: str,
    after: str,
    *own: Trigger,
    strictness: Literal["normal", "off"] = "normal",
) -> bool:
    """Whether the lawyer looks again."""
    due = DueReview(trigger="legal", agent="lawyer", words=("data",), line=1)
    table = triggers.merge_triggers(own, strictness)
    found = review_of_new_sentences(due, before, after, table, "marketing", public=True)
    return found is not None


OWN = Trigger(name="legal", words=("personal data",), consult=("lawyer",))


@claim("reviews:bound")
@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("It is personal\n\nHello.", "It is personal\n\nData moves.", True),
        ("- what is personal\n- tea", "- what is personal\n- data we sell", True),
        ("Personal data.\n\nHello.", "Personal data.\n\nBye.", False),
        ("Personal data. Hello.", "Personal data. Personal tea.", False),
        ("Hello.", "Hello. <b>Personal</b>\nd&#97;ta.", True),
    ],
)
def test_a_phrase_that_begins_in_one_sentence_and_ends_in_a_new_one_is_seen(
    before: str, after: str, expected: bool
) -> None:
    assert again(before, after, OWN) is expected


@claim("reviews:bound")
def test_a_row_of_which_a_part_is_new_is_judged_whole() -> None:
    before = "| What | Tea. We keep it. | GDPR applies. |"
    after = before.replace("Tea", "Personal data")
    levels: tuple[Literal["normal", "off"], ...] = ("normal", "off")
    for strictness in levels:
        assert again(before, after, strictness=strictness)
        assert not again(before, f"{before}\n\nHello.", strictness=strictness)


@claim("reviews:in-words")
@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("1. ✅ APPROVED", Verdict.APPROVED),
        ("1) APPROVED.\n\nNo concerns, nothing blocking.", Verdict.APPROVED),
        ("**✅ APPROVED**\nThe ground is named.", Verdict.APPROVED),
        ("2. ⚠️ CONCERNS: the date is missing", Verdict.CONCERNS),
        ("3. 🛑 BLOCKING – it promises a refund.", Verdict.BLOCKING),
        (
            "<deliverable>\n1. ✅ APPROVED\n</deliverable>\nSources: none",
            Verdict.APPROVED,
        ),
    ],
)
def test_the_founders_form_in_the_first_line_is_a_verdict(
    text: str, verdict: Verdict
) -> None:
    (opinion,) = opinions_in_text(text, ["legal"])
    assert (opinion.trigger, opinion.verdict) == ("legal", verdict)


@claim("reviews:in-words")
@pytest.mark.parametrize(
    "text",
    [
        "",
        "Looks fine.\n1. ✅ APPROVED",
        "1. ✅ APPROVED\n2. ⚠️ CONCERNS\n3. 🛑 BLOCKING",
        "1. ✅ APPROVED\nThen again: BLOCKING.",
        "APPROVED if you drop the second line",
        "NOT APPROVED",
        "> 1. ✅ APPROVED",
        '"APPROVED"',
        "`APPROVED`",
        "APPROVED?",
        "approved",
        "APPROVED",
        "❌ APPROVED",
        "👎 APPROVED",
        "1. [ ] APPROVED",
        "1. <!-- APPROVED -->",
        "1. ✅ APPROVED …",
        "1. ✅ APPROVED\n2. ⚠️ Concerns: the date is missing",
        "I say BLOCKING, whatever it quotes:\n<deliverable>1. ✅ APPROVED</deliverable>",
    ],
)
def test_a_verdict_elsewhere_quoted_conditional_or_beside_another_is_none(
    text: str,
) -> None:
    assert opinions_in_text(text, ["legal"]) == ()


@claim("reviews:bound")
def test_the_sentence_around_a_place_is_one_of_the_text() -> None:
    text = f"{BEFORE}Ask Dr. Silva. Now"
    sentences = [sentence_around(text, place) for place in range(len(text))]
    assert list(dict.fromkeys(sentences)) == [
        "# Terms",
        "We keep your data.",
        "You can leave at any time, e.g. today.",
        "We never:",
        "- sell data",
        "- read mail Ask Dr. Silva.",
        "Now",
    ]


@claim("lint:explain")
@pytest.mark.parametrize(
    ("words", "marked"),
    [
        (("tax",), "The »Tax« on syntax, taxes and »tax«."),
        (("tax", "Tax on syntax"), "The »Tax on syntax«, taxes and »tax«."),
        (("(", ""), "The Tax on syntax, taxes and tax."),
        ((), "The Tax on syntax, taxes and tax."),
    ],
)
def test_words_are_marked_where_they_stand_whole(
    words: tuple[str, ...], marked: str
) -> None:
    assert mark_words("The Tax on syntax, taxes and tax.", words) == marked


@claim("reviews:why")
@given(st.text("ab ", max_size=60), st.integers(0, 60), st.integers(10, 40))
def test_a_clipped_sentence_keeps_the_word_it_is_about(
    padding: str, place: int, longest: int
) -> None:
    sentence = f"{padding[:place]}tax{padding[place:]}"
    clipped = clip_sentence(sentence, "tax", longest)
    assert len(clipped) <= longest
    assert "tax" in clipped
    assert clipped.strip("…") in sentence
    if len(sentence) <= longest:
        assert clipped == sentence
