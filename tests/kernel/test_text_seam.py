"""An answer that was cut and goes on is the text that it would have been."""

import pytest
from claims import claim
from hypothesis import assume, given, strategies as st

from agentco.kernel import (
    SeamFilter,
    join_pieces,
    last_words,
    open_fence,
    repeated_length,
)

pytestmark = claim("models:goes-on")
TEXT = """# Launch

Lumen's new plan costs 29 euros a month, and nobody pays more than before.

| month | users |
| --- | --- |
| May | 1,250 |

```python
def price(plan: str) -> int:
    return 29
```

- Tell the list on Tuesday.
- Tell the press on Thursday, and who asked before then.

É verdade: a fatura sai no dia 25. 新しいプランは毎月二十九ユーロです。
"""
PLACES = st.integers(0, len(TEXT))


@given(place=PLACES)
def test_a_text_that_is_split_anywhere_is_joined_again(place: int) -> None:
    assert join_pieces(TEXT[:place], TEXT[place:]) == TEXT


@given(words=st.lists(st.text("abcde", min_size=1, max_size=6), min_size=2, unique=True), place=st.integers(0, 300))  # fmt: skip
def test_any_words_of_which_none_comes_twice_are_joined_again(
    words: list[str], place: int
) -> None:
    text = " ".join(words)
    said, more = text[:place], text[place:]
    # half a word that goes on with itself cannot be told from one that is said again
    assume(not repeated_length(said, more))
    assert join_pieces(said, more) == text


@given(place=st.integers(40, len(TEXT) - 1), words=st.integers(2, 12))
def test_last_words_that_are_said_again_stand_once(place: int, words: int) -> None:
    said = TEXT[:place]
    start = len(said)
    for _ in range(words):
        start = max(said.rfind(" ", 0, start), 0)
    again = said[start:].lstrip()
    assume(len(again) >= 16 and len(again.split()) > 1)
    assume(not repeated_length(said[: len(said) - len(again)], again))
    joined = join_pieces(said, again + TEXT[place:])
    assert joined == TEXT or "--- |" in again


@given(place=st.integers(40, len(TEXT) - 1))
def test_the_words_that_a_model_is_asked_to_begin_with_stand_once(place: int) -> None:
    said = TEXT[:place]
    words = last_words(said)
    assume(len(words) >= 16)
    blanks = said[len(said.rstrip()) :]
    assert join_pieces(said, words + blanks + TEXT[place:]) == TEXT


@pytest.mark.parametrize(
    ("said", "more", "joined"),
    [
        ("We lau", "nch on Tuesday.", "We launch on Tuesday."),
        ("We lau", "launch on Tuesday.", "We launch on Tuesday."),
        ("We launch the", "the plan.", "We launch the plan."),
        ("We launch the", " plan.", "We launch the plan."),
        ("We launch", " launch events.", "We launch launch events."),
        ("It costs 2", "25 euros.", "It costs 225 euros."),
        ("Hel", "lo.", "Hello."),
        ("Yes.\n\n", "\n\nNo.", "Yes.\n\n\n\nNo."),
        ("- one\n- the b", "- the basic plan", "- one\n- the basic plan"),
        ("<deliverable>\nThe po", "<deliverable>\nst.", "<deliverable>\nThe post."),
        ("<deliverable>\nIt is.\n</deliverable>\n", "<deliverable>x", "<deliverable>\nIt is.\n</deliverable>\n<deliverable>x"),
        ("```python\na = 1\n", "```python\nb = 2\n```", "```python\na = 1\nb = 2\n```"),
        ("```python\na = 1\n", "```\nDone.", "```python\na = 1\n```\nDone."),
        ("| --- | --- |", " --- | --- |\n", "| --- | --- | --- | --- |\n"),
        ("0, 0, 0, 0, 0, 0, 0, 0", ", 0, 0, 0, 0, 0, 0, 0", "0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0"),
        ("", "Whole.", "Whole."),
        ("Whole.", "", "Whole."),
    ],
)  # fmt: skip
def test_a_seam_is_not_seen(said: str, more: str, joined: str) -> None:
    assert join_pieces(said, more) == joined


@given(place=PLACES, sizes=st.lists(st.integers(1, 90)), again=st.booleans())
def test_what_is_heard_piece_by_piece_is_what_is_joined(
    place: int, sizes: list[int], again: bool
) -> None:
    said = TEXT[:place]
    more = (last_words(said) if again else "") + TEXT[place:]
    heard = said
    seam = SeamFilter(said)
    rest = more
    for size in sizes:
        heard += seam.feed(rest[:size])
        rest = rest[size:]
    heard += seam.feed(rest) + seam.rest()
    assert heard == join_pieces(said, more)


@pytest.mark.parametrize(
    ("text", "opening"),
    [
        ("", ""),
        ("```\nx", "```"),
        ("```py\nx\n```", ""),
        ("```py\nx\n```\n~~~\ny", "~~~"),
        ("a `b` c", ""),
    ],
)
def test_a_fence_that_is_open_is_known(text: str, opening: str) -> None:
    assert open_fence(text) == opening
