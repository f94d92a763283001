"""Triggers: which words in whose work call for whose review, however they are written."""

import pytest
from claims import claim
from hypothesis import given, strategies as st

from agentco.company import Trigger
from agentco.review import FiredTrigger, triggers

DEFAULTS = triggers.merge_triggers(())
ORDER = "money tax legal trust technology infrastructure-cost pricing-tax direction launch several-teams how-it-works"


def fired(
    text: str, *words: str, author: str = "ceo", public: bool = False, **more: object
) -> tuple[FiredTrigger, ...]:
    own = Trigger(name="own", words=words, consult=("cfo",), **more)  # pyright: ignore[reportArgumentType]
    return triggers.fired_triggers(text, (own,), author=author, public=public)


def words(text: str, *listed: str) -> tuple[str, ...]:
    return next((one.words for one in fired(text, *listed)), ())


@claim("triggers:words")
@pytest.mark.parametrize(
    ("text", "listed", "found"),
    [
        ("A faturacao e a FATURAÇÃO", "faturação", ("faturacao",)),
        ("facturacao", "faturação", ()),
        ("facturação e factura", "factura*", ("facturação", "factura")),
        ("syntax, taxing, a tax.", "tax", ("tax",)),
        ("As **tax** and _VAT_", "tax", ("tax",)),
        ("As **tax** and _VAT_", "vat", ("VAT",)),
        ("fatura**ção**", "faturação", ("fatura**ção",)),
        ("snake vat_rate", "VAT", ("vat",)),
        ("open\n> source", "open source", ("open > source",)),
        ("open-source, open source", "open source", ("open-source", "open source")),
        ("open source", "open-source", ("open source",)),
        ("open. Source", "open source", ()),
        ("opensource", "open source", ()),
        ("an A/B test", "A/B", ("A/B",)),
        ("only €12", "€", ("€",)),
        ("C++ and C", "c++", ("C++",)),
        ("t\u00adax, t\u200ba\u200dx", "tax", ("tax",)),
        ("t&shy;ax &#116;&#97;x", "tax", ("tax",)),
        ("ｔａｘ and 𝐭𝐚𝐱", "tax", ("ｔａｘ",)),
        ("тах", "tax", ("тах",)),
        ("don’t share", "don't share", ("don’t share",)),
        ("terms of our services", "terms of * services", ()),
        ("revenue strategies", "revenue strateg*", ("revenue strategies",)),
        ("nothing", "", ()),
        ("nothing", "*", ()),
        ("a b c d e f", "a*", ("a",)),
        ("ab ac ad ae af ag", "a*", ("ab", "ac", "ad", "ae", "af")),
    ],
)
def test_a_word_is_found_however_it_is_written(
    text: str, listed: str, found: tuple[str, ...]
) -> None:
    assert words(text, listed) == found


@claim("triggers:words")
def test_a_fired_trigger_says_its_first_line_and_its_reviewers() -> None:
    own = Trigger(
        name="t", words=("tax", "tax return"), consult=("a", "b"), any_of=("c", "d")
    )
    assert triggers.fired_triggers(
        "One\r\n&#10;two\nthe tax return, TAX", (own,), author="x", public=True
    ) == (
        FiredTrigger(
            trigger="t",
            words=("tax return", "TAX"),
            line=3,
            sentence="One two the tax return, TAX",
            consult=("a", "b"),
            any_of=("c", "d"),
        ),
    )


@claim("triggers:words")
@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Hi there. The **tax**\nreturn is due! Bye.", "The **tax** return is due!"),
        ("- one\n- AT&amp;T pays no t\u00adax\n- three", "- AT&T pays no tax"),
        ("# Tax\n\nTax is late.", "# Tax"),
        ("We owe taxes. A tax.", "A tax."),
        ("tax", "tax"),
    ],
)
def test_a_fired_trigger_says_the_sentence_in_which_it_fired_first(
    text: str, sentence: str
) -> None:
    (one,) = fired(text, "tax")
    assert one.sentence == sentence


@claim("triggers:words")
def test_an_author_and_where_a_text_goes_narrow_a_trigger() -> None:
    assert fired("tax", "tax", from_=("CTO",), author="cto")
    assert not fired("tax", "tax", from_=("cto",), author="cfo")
    assert [bool(fired("tax", "tax", public=p, author="x")) for p in (True, False)] == [
        True,
        True,
    ]
    for wanted in (True, False):
        own = (Trigger(name="t", words=("tax",), public=wanted),)
        assert [
            bool(triggers.fired_triggers("tax", own, author="x", public=p))
            for p in (True, False)
        ] == [wanted, not wanted]


@claim("triggers:patterns")
@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("amount", "€12 a month", "€12 a month"),
        ("amount", "**12 EUR**/month", "12 EUR**/month"),
        ("amount", "12 €/mês", "12 €/mês"),
        ("amount", "$9 per seat per year", "$9 per seat per year"),
        ("amount", "R$ 1.200,50 por ano", "R$ 1.200,50 por ano"),
        ("amount", "the monthly fee of 5k euros", "monthly fee of 5k euros"),
        ("amount", "€600 for drawings", None),
        ("amount", "12 a month", None),
        ("amount", "We paid €12. Every month is new.", None),
        ("price-percent", "now 20 % off", "20 % off"),
        ("price-percent", "a margin of 40%", "margin of 40%"),
        ("price-percent", "um desconto de 15 %", "desconto de 15 %"),
        ("price-percent", "raise prices by 10%", "prices by 10%"),
        ("price-percent", "a margin of error of 3%", None),
        ("price-percent", "20% of the visitors came back", None),
        ("tax-date", "IVA até 20 de novembro", "IVA até 20 de novembro"),
        (
            "tax-date",
            "the VAT return is due 20 November 2026",
            "VAT return is due 20 November",
        ),
        ("tax-date", "Modelo 3 goes in by 30 June", "Modelo 3 goes in by 30 June"),
        ("tax-date", "the newsletter is due 20 November 2026", None),
    ],
)
def test_a_pattern_sees_what_words_cannot_say(
    pattern: str, text: str, found: str | None
) -> None:
    assert next((one.words for one in fired(text, patterns=(pattern,))), None) == (
        found and (found,)
    )


@claim("triggers:table")
def test_the_defaults_stand_in_their_order() -> None:
    assert " ".join(trigger.name for trigger in DEFAULTS) == ORDER
    assert all(
        triggers.can_fire(trigger) and (trigger.consult or trigger.any_of)
        for trigger in DEFAULTS
    )


@claim("triggers:table")
def test_a_companys_own_triggers_replace_by_name_add_and_switch_off() -> None:
    tax, new, off = (
        Trigger(name="Tax", words=("x",)),
        Trigger(name="new", words=("y",)),
        Trigger(name="legal"),
    )
    nameless = Trigger(words=("z",))
    own = triggers.merge_triggers((tax, new, off, nameless, nameless))
    assert own[1] is tax
    assert own[-3:] == (new, nameless, nameless)
    assert "legal" not in {trigger.name for trigger in own}
    assert len(own) == len(DEFAULTS) + 2


@claim("triggers:table")
def test_an_agent_reads_only_what_others_review_of_its_work() -> None:
    own = (
        Trigger(
            name="tax",
            words=("a", "b", "c", "d", "e", "f", "g"),
            consult=("accountant", "cfo"),
        ),
        Trigger(
            name="cost",
            words=("server",),
            patterns=("amount",),
            from_=("cto",),
            consult=("cfo",),
        ),
        Trigger(name="how", words=("inside",), public=True, any_of=("cto", "coo")),
    )
    assert triggers.format_triggers(own, "CTO") == (
        "- tax (a, b, c, d, e, f, …): accountant and cfo\n- cost (an amount per period, server): cfo"
    )
    assert triggers.format_triggers(own, "cfo") == (
        "- tax (a, b, c, d, e, f, …): accountant\n- how in public text (inside): cto or coo"
    )
    assert len(triggers.format_triggers(DEFAULTS, "marketing").splitlines()) == 8


JUNK = st.text(max_size=60)
LISTED = st.lists(
    st.sampled_from(["tax", "fatura*", "open source", "€", "A/B", "ção", "**", "a*"]),
    min_size=1,
)


@claim("triggers:words")
@given(
    st.lists(
        st.one_of(
            JUNK,
            st.sampled_from(["tax", "TÁX", "faturas", "open\nsource", "€5", "A/B"]),
        )
    ),
    LISTED,
)
def test_what_fired_stands_on_its_line_or_begins_there(
    said: list[str], listed: list[str]
) -> None:
    text = "\n".join(said)
    for one in fired(text, *listed):
        assert 1 <= len(one.words) <= 5
        assert 1 <= one.line <= text.count("\n") + 1
        assert fired("\n".join(text.split("\n")[one.line - 1 :]), *listed)[0].line == 1


@claim("triggers:words")
@given(JUNK, JUNK)
def test_text_added_around_takes_no_review_away(before: str, after: str) -> None:
    text = "I want a margin of 40% on €12 a month, and our VAT return has to say so."
    found = {
        one.trigger
        for one in triggers.fired_triggers(text, DEFAULTS, author="cfo", public=False)
    }
    more = triggers.fired_triggers(
        f"{before}\n\n{text}\n\n{after}", DEFAULTS, author="cfo", public=False
    )
    assert {"money", "tax"} <= found <= {one.trigger for one in more}


@claim("triggers:words")
@given(
    st.sampled_from(["faturação", "preço líquido", "contrato", "declaração de IVA"]),
    st.booleans(),
)
def test_case_and_accents_make_no_difference(listed: str, upper: bool) -> None:
    bare = listed.translate(str.maketrans("çãíà", "caia"))
    assert words(bare.upper() if upper else bare, listed)
    assert words(listed.upper() if upper else listed, bare)


@claim("triggers:words")
@given(
    st.text(), LISTED, st.sampled_from([(), ("amount", "price-percent", "tax-date")])
)
def test_junk_is_read_without_complaint(
    text: str, listed: list[str], patterns: tuple[str, ...]
) -> None:
    assert all(one.words for one in fired(text, *listed, patterns=patterns))
