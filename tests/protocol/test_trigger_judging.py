"""Shipped triggers: they fire where a sentence asserts, decides, promises or asks."""

import random
from typing import Literal

import pytest
from claims import claim
from hypothesis import given, strategies as st

from agentco.company import Settings, Trigger
from agentco.review import triggers

PROMISE = "Your data is encrypted end to end and can never be stolen, we guarantee it."
QUIET = """# Week 46

- accountant: invoices of October are filed
- lawyer: the supplier agreement came back signed
- cto: the test databases were moved

Thirty-one mails came in and were answered. The photo session is on Tuesday.
Somebody's dog has learned to unmute. The next call is on 3 December.
The guide is in the docs: https://oatfield.example/docs/guide
"""
DECISION = "So we should raise our price to 29 euros a month from January on."


def names(
    text: str,
    *own: Trigger,
    strictness: Literal["low", "normal", "high", "off"] = "normal",
    author: str = "coo",
    public: bool = False,
) -> set[str]:
    table = triggers.merge_triggers(own, strictness)
    fired = triggers.fired_triggers(text, table, author=author, public=public)
    return {one.trigger for one in fired}


@claim("triggers:sentences")
def test_a_report_of_known_facts_and_tasks_calls_nobody() -> None:
    assert names(QUIET) == set()


@claim("triggers:sentences")
def test_one_sentence_in_a_quiet_report_is_enough() -> None:
    assert "money" in names(f"{QUIET}\n{DECISION}\n")


@claim("triggers:sentences")
def test_what_fired_is_told_by_its_sentence_and_its_words() -> None:
    table = triggers.merge_triggers(())
    text = f"{QUIET}\n{DECISION}\n"
    (fired,) = (
        one
        for one in triggers.fired_triggers(text, table, author="coo", public=False)
        if one.trigger == "money"
    )
    assert fired.sentence == DECISION
    assert fired.line == text[: text.index(DECISION)].count("\n") + 1
    assert 1 <= len(fired.words) <= 5
    assert all(word in DECISION for word in fired.words)


@claim("triggers:sentences")
@pytest.mark.parametrize("text", [PROMISE, DECISION, QUIET])
def test_case_accents_and_line_breaks_change_no_review(text: str) -> None:
    for public in (True, False):
        before = names(text, public=public)
        assert names(text.upper(), public=public) == before
        assert names(text.replace(" we ", "\nwe "), public=public) == before


TERMS = "We keep your personal data under the GDPR."


@claim("triggers:sentences")
@pytest.mark.parametrize(
    "text",
    [
        f"Hi ``` there.\n\n{TERMS}",
        f"Wow ~~~ now.\n\n{TERMS}",
        f"See [1]({TERMS})",
        f"```\n{TERMS}\n```",
        f"Here is the post:\n\n~~~markdown\n# Terms\n\n{TERMS}\n~~~",
        f"![{TERMS}](photo.png)",
        f'<img alt="{TERMS}" src="photo.png">',
        f"<details><summary>Terms</summary>{TERMS}</details>",
        f"<!-- {TERMS} -->",
        f"<{TERMS}>",
        f"\u202e{TERMS[::-1]}\u202c",
        f"Hello.\n&#8238;{TERMS[::-1]}\n\nBye.",
        f'<bdo dir="rtl">{TERMS[::-1]}</bdo>',
        TERMS.replace(" ", "\u2800"),
        TERMS.replace("GDPR", "GDPR/RGPD"),
    ],
)
@pytest.mark.parametrize("strictness", ["normal", "off"])
def test_a_sentence_counts_wherever_a_reader_or_a_copy_of_the_text_has_it(
    text: str, strictness: Literal["normal", "off"]
) -> None:
    assert "legal" in names(text, strictness=strictness, public=True)


@claim("triggers:sentences")
def test_an_amount_for_a_period_behind_a_slash_is_no_path() -> None:
    assert "money" in names("The new price is €19/month or €190/year.", public=True)


@claim("triggers:sentences")
@pytest.mark.parametrize(
    "text",
    [
        "```python\n# We keep your personal data under the GDPR.\nkeep(data)\n```",
        "Run `agentco check --gdpr` first.",
        "The draft lies in legal/terms/gdpr.",
        "The draft lies in legal/gdpr_terms.md.",
    ],
)
def test_code_and_paths_still_count_for_nothing(text: str) -> None:
    assert "legal" not in names(text, public=True)


@claim("triggers:sentences")
@given(st.integers(0, 999))
def test_the_order_of_paragraphs_changes_no_review(seed: int) -> None:
    parts = [PROMISE, DECISION, *QUIET.split("\n\n")[2:], "We met on Monday."]
    before = names("\n\n".join(parts))
    random.Random(seed).shuffle(parts)  # noqa: S311  an order, no secret
    assert names("\n\n".join(parts)) == before


@claim("triggers:sentences")
@given(st.integers(0, 40))
def test_text_added_to_a_long_one_takes_no_review_away(more: int) -> None:
    text = f"{QUIET}\n{DECISION}\n"
    added = "\n\n".join(f"The {number}th bird was a thrush." for number in range(more))
    assert names(text) <= names(f"{text}\n{added}")


@claim("triggers:founder")
@given(st.text(max_size=40), st.text(max_size=40))
def test_a_founders_word_fires_whatever_surrounds_it(before: str, after: str) -> None:
    own = Trigger(name="money", add=("zebra crossing",))
    text = f"{before}\n\nlawyer: `zebra crossing` done\n\n{after}"
    assert "money" in names(text, own)
    assert "money" in names(text, own, strictness="off")


@claim("triggers:founder")
def test_one_word_is_added_dropped_or_excepted_without_copying_a_list() -> None:
    text = "The refund policy says thirty days."
    shipped = triggers.merge_triggers(())[0]
    assert names(text, strictness="off") >= {"money"}
    dropped = Trigger(name="Money", drop=("refund policy",))
    assert "money" not in names(text, dropped, strictness="off")
    excepted = Trigger(name="money", unless=("the refund policy says",))
    assert "money" not in names(text, excepted, strictness="off")
    (changed,) = (
        one for one in triggers.merge_triggers((dropped,)) if one.name == "money"
    )
    assert changed.consult == shipped.consult
    for more in ((), ("zebra",)):
        others = Trigger(name="money", add=more, consult=("ceo",))
        (changed,) = (
            one for one in triggers.merge_triggers((others,)) if one.name == "money"
        )
        assert changed.consult == ("ceo",)
        assert triggers.listed_words(changed)


@claim("triggers:founder")
@pytest.mark.parametrize(
    ("text", "fires"),
    [
        ("the tax season sale begins", False),
        ("the tax season sale, a tax", True),
        ("tax and the tax season sale", True),
        ("a tax is due", True),
    ],
)
def test_a_word_within_an_exception_does_not_count(text: str, fires: bool) -> None:
    own = Trigger(name="own", words=("tax",), unless=("tax season sale",))
    fired = triggers.fired_triggers(text, (own,), author="ceo", public=False)
    assert bool(fired) is fires


@claim("triggers:strictness")
def test_strictness_calls_for_more_or_fewer_reviews() -> None:
    texts = [PROMISE, DECISION, QUIET, "We met a lawyer.", "The server is new."]
    for text in texts:
        low = names(text, strictness="low")
        assert low <= names(text) <= names(text, strictness="high")


@claim("triggers:strictness")
def test_switched_off_the_strong_words_decide_alone() -> None:
    assert names("gross margin", strictness="off") == {"money"}
    assert names("It is dear to me.", strictness="off") == set()
    assert (
        names("`gross margin` https://gross-margin.example", strictness="off") == set()
    )


@claim("triggers:strictness")
def test_what_is_nearly_called_for_is_shown_to_a_model_and_nothing_else() -> None:
    own = Trigger(name="own", words=("zebra",), consult=("cfo",))
    settings = Settings(triggers=(own,))
    table = triggers.triggers_for(settings, "coo", public=False)
    fired = triggers.fired_triggers(QUIET, table, author="coo", public=False)
    near = triggers.nearly_fired(QUIET, table, fired, public=False)
    assert "own" in {one.trigger for one in near}
    assert len(near) < len(table)
    off = triggers.merge_triggers((), "off")
    assert triggers.nearly_fired(QUIET, off, (), public=False) == []


@claim("triggers:table")
def test_the_table_is_short() -> None:
    strong = [word for one in triggers.DEFAULT_TRIGGERS for word in one.strong]
    assert len(strong) <= 600
    assert len(strong) == len(set(strong)) or len(strong) - len(set(strong)) < 20


@claim("triggers:sentences")
@given(st.text(), st.booleans())
def test_junk_is_judged_without_complaint(text: str, public: bool) -> None:
    table = triggers.merge_triggers(())
    for one in triggers.fired_triggers(text, table, author="x", public=public):
        assert 1 <= one.line <= text.count("\n") + 1
