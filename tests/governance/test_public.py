"""What plain code finds in a public text: claims, figures, old facts, links, voice."""

from collections.abc import Iterable
from datetime import date
from typing import Any

import msgspec
import pytest
from claims import claim
from hypothesis import given, strategies as st

from agentco.company import Settings, read_settings
from agentco.kernel import find_figures, locate_figures
from agentco.memory import MemoryGraph
from agentco.public_text import TextRule, build_standards, check_public_text

TODAY = date(2026, 11, 21)
SETTINGS = read_settings(
    "claims: {watch: ['hot swap*']}\n"
    "links: {Lumen: {site: lumen.example, x: lumen-app.example}, Boia: {site: boia.example}}\n"
    "voice: {never: ['leverag*', synergy], first_person: singular}\n"
).settings
LIVE = (
    "Level: LIVE",
    "Words: audit trail, hot swapping",
    "Evidence: lumen.example/docs/history",
)
ROADMAP = ("Level: ROADMAP", "Words: single sign-on, SSO", "Evidence: asked for")


def line(kind: str, name: str, *said: str, **more: str) -> dict[str, Any]:
    return {
        "type": "entity",
        "name": name,
        "entityType": kind,
        "observations": said,
        **more,
    }


PRODUCTS = (
    line("product", "Lumen", "Price is EUR 19", by="founder"),
    line("product", "Boia", by="founder"),
)


def memory(*lines: dict[str, Any]) -> MemoryGraph:
    graph = MemoryGraph()
    graph.add_raw_lines(map(msgspec.json.encode, (*PRODUCTS, *lines)))
    return graph


def found(
    text: str,
    *lines: dict[str, Any],
    words: Iterable[str] = (),
    hint: str = "",
    settings: Settings = SETTINGS,
) -> list[tuple[str, int, str]]:
    against = build_standards(
        settings, memory(*lines), words=tuple(words), today=TODAY, hint=hint
    )
    return [
        (one.rule.value, one.line, one.text) for one in check_public_text(text, against)
    ]


@claim("public:claims")
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Lumen is certified.", ["certified"]),
        ("Boia has hot swaps.", ["hot swaps"]),
        ("Lumen keeps an audit trail.", []),
        ("Boia keeps an audit trail.", ["audit trail"]),
        ("Lumen and Boia keep an audit trail.", []),
        ("It keeps an audit trail.", []),
        ("At https://boia.example: an audit trail.", []),
        ("Lumen has SSO.", ["SSO"]),
        ("Lumen: SSO is planned.", []),
        ("SSO (planned)", []),
        ("| SSO | planned |", []),
        ("I believe that teams need SSO.", []),
        ("O SSO está previsto para Lumen.", []),
        ("Em breve: SSO.", []),
        ("SSO will be there.", ["SSO"]),
        ("SSO will never fail.", ["SSO", "never fail"]),
        ("SSO is live, more is planned.", ["SSO"]),
        ("Lumen is already certified, as planned.", ["certified"]),
        ("More is planned. SSO too.", ["SSO"]),
        ("* Planned\n* SSO", ["SSO"]),
        ("SSO, see https://lumen.example/coming-soon.", ["SSO"]),
        ("Lumen is certified\nPlanned: SSO", ["certified"]),
        ("\u2705 certified\n\U0001f680 Coming soon: SSO", ["certified"]),
        ("It is certified.\u200b Planned: SSO", ["certified"]),
        ("We plan to bring every team that has asked for it the use of\nSSO.", []),
        ("SSO is\nplanned.", []),
        ("Garantimos tudo.", ["Garantimos"]),
        ("> certified\n\n`GDPR`", ["certified", "GDPR"]),
        ("resold, uncertified", []),
    ],
)
def test_a_watched_phrase_is_proved_or_worded_as_a_plan(
    text: str, said: list[str]
) -> None:
    lines = (
        line("claim", "claim:lumen:trail", *LIVE, by="founder"),
        line("claim", "claim:lumen:sso", *ROADMAP, by="founder"),
    )
    assert [
        words for rule, _, words in found(text, *lines) if rule == TextRule.CLAIMS
    ] == said


@claim("public:founders-claims")
@pytest.mark.parametrize(
    ("lines", "backed"),
    [
        ([line("claim", "claim:lumen:a", *LIVE, by="founder")], True),
        ([line("claim", "claim:lumen:a", *LIVE, by="runtime")], True),
        ([line("claim", "claim:lumen:a", *LIVE, by="marketing")], False),
        ([line("claim", "claim:lumen:a", *LIVE, by="agent:founder")], False),
        (
            [
                line(
                    "claim",
                    "claim:lumen:a",
                    *LIVE,
                    by="mcp:x",
                    verified="2026-11-20T00:00:00+00:00",
                )
            ],
            False,
        ),
        ([line("claim", "claim:lumen:a", *LIVE)], False),
        (
            [line("claim", "claim:lumen:a", *LIVE, by="founder", trust="untrusted")],
            False,
        ),
        ([line("claim", "claim:lumen:a", *LIVE[:2], by="founder")], False),
        ([line("claim", "claim:lumen:a", *LIVE[1:], by="founder")], False),
        ([line("note", "claim:lumen:a", *LIVE, by="founder")], False),
        (
            [
                line(
                    "claim", "claim:lumen:a", "Level: THESIS", *LIVE[1:], by="founder"
                ),
                line("claim", "claim:lumen:a", "Level: LIVE", by="marketing"),
            ],
            False,
        ),
        (
            [
                line("claim", "claim:lumen:a", *LIVE, by="founder"),
                line("claim", "claim:lumen:a", "Level: ROADMAP", by="founder"),
            ],
            False,
        ),
    ],
)
def test_fault_a_claim_that_an_agent_raised_itself_never_counts(
    lines: list[dict[str, Any]], backed: bool
) -> None:
    assert (found("Lumen keeps an audit trail.", *lines) == []) == backed


@claim("public:disguise")
@pytest.mark.parametrize(
    "boast",
    [
        "GDPR", "gdpr", "G\u200bDPR", "G\u00adDPR", "G**DP**R", "*GDPR*", "G<b>D</b>PR", "G<!-- x -->DPR", "<!-- GDPR -->",
        "\uff27\uff24\uff30\uff32", "GDР\u0420".replace("Р\u0420", "\u0420R"), "\U0001d406\U0001d403\U0001d40f\U0001d411", "G\u0301DPR", "&#71;DPR",
        "single\nsign-on", "single  sign\u2011on", "single\n> sign-on", "Single_Sign_On", "single<br>sign-on", "s\u0456ngle sign-on",
        "C\u0415RTIFIED", "c\u00e9rtified", "cert\\ified", "\u0421ertified", "ce\u2060rti\u200dfied", "GUARA\u039dTEE", "guarant\u0435\u0435",
    ],
)  # fmt: skip
def test_no_disguise_hides_a_boast(boast: str) -> None:
    assert [
        rule
        for rule, _, _ in found(
            f"One.\n\nLumen: {boast}!",
            line("claim", "claim:lumen:sso", *ROADMAP, by="founder"),
        )
    ][:1] == ["claims"]
    assert found(f"One.\n\nLumen: {boast}!")[0][1] == 3


@claim("public:grounding")
@pytest.mark.parametrize(
    ("more", "held"),
    [
        ({"by": "founder"}, True),
        ({"by": "runtime"}, True),
        ({"by": "marketing"}, False),
        ({"by": "marketing", "verified": "2026-11-20T00:00:00+00:00"}, True),
        ({"by": "mcp:x"}, False),
        ({"by": "import:old.jsonl", "trust": "trusted"}, True),
        ({"by": "import:old.jsonl", "trust": "untrusted"}, False),
        ({}, False),
        ({"trust": "trusted"}, True),
        ({"verified": "2026-11-20T00:00:00+00:00"}, False),
        ({"by": "founder", "trust": "untrusted"}, False),
        (
            {
                "by": "marketing",
                "trust": "untrusted",
                "verified": "2026-11-20T00:00:00+00:00",
            },
            False,
        ),
    ],
)
def test_which_lines_of_the_memory_are_sources(
    more: dict[str, str], held: bool
) -> None:
    expected = [] if held else [("grounding", 2, ["1,234", "teams"][0])]
    assert (
        found("So many:\n1,234 teams", line("note", "n", "we have 1 234 teams", **more))
        == expected
    )


@claim("public:grounding")
@pytest.mark.parametrize("kind", ["lesson", "standup", "trend-scan"])
def test_what_the_runtime_wrote_down_of_agents_is_no_source(kind: str) -> None:
    assert found("99 teams", line(kind, "x", "99 teams", by="runtime")) == [
        ("grounding", 1, "99")
    ]
    assert found("99 teams", line(kind, "x", "99 teams", by="founder")) == []


@claim("public:grounding")
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1. one\n2. two\n3) three", []),
        ("in the year of\n1987. That was", ["1987"]),
        ("today, 21 November 2026, and on 2026-11-21", []),
        ("on 22 November 2026", ["22 November 2026"]),
        ("Lumen costs €19", []),
        ("it costs EUR\u00a025 in Q3", ["EUR\u00a025"]),
        ("we… 1\u200b7 ﬁgures, ½ of `42`", ["1\u200b7", "½", "42"]),
        ("cut by 30 %, says > 40", ["30 %", "40"]),
        ("1<b>7</b> of **4**2, 9&#57;", ["1<b>7", "4**2", "9&#57;"]),
        ("<b>19</b> of &#49;&#57;", []),
        ("so many<!-- 77 -->", ["77"]),
    ],
)
def test_a_figure_is_named_as_it_stands(text: str, said: list[str]) -> None:
    assert [words for rule, _, words in found(text) if rule == "grounding"] == said


@claim("public:freshness")
def test_an_old_fact_is_told_from_no_fact() -> None:
    old = line(
        "metric",
        "metric:teams",
        "41 teams",
        by="founder",
        at="2026-11-13T09:00:00+00:00",
    )
    assert found("41 teams", old) == [("freshness", 1, "41")]
    assert found("41 teams", old | {"at": "2026-11-14T09:00:00+00:00"}) == []
    assert found("41 teams", old | {"verified": "2026-11-20T09:00:00+00:00"}) == []
    assert found("41 teams", old, words=["there are 41"]) == []
    assert found("41 teams", old, line("note", "n", "41 of them", by="founder")) == []
    again = old | {"at": "2026-11-20T09:00:00+00:00"}
    assert found("41 teams", old, again) == [("freshness", 1, "41")]
    told = line("metric", "m", "41 teams (as of 2026-11-01)", by="founder")
    assert found("41 teams", told) == [("freshness", 1, "41")]


@claim("public:links")
@pytest.mark.parametrize(
    ("text", "hint", "said"),
    [
        ("Lumen: https://lumen.example/pricing", "", []),
        ("Lumen: https://docs.lumen.example.", "", []),
        ("Lumen: [here](HTTPS://LUMEN.example:443/x)", "", []),
        (
            "Lumen: [here](https://evil.example/lumen.example)",
            "",
            ["https://evil.example"],
        ),
        ("Lumen: lumen.example/pricing", "", []),
        ("Lumen: lumen-app.example/pricing", "", []),
        ("Lumen: lumen-app.example/pricing", "page", ["lumen-app.example"]),
        ("Lumen: notlumen.example", "", ["notlumen.example"]),
        (
            "Lumen: https://lumen.example@evil.example/",
            "",
            ["https://lumen.example@evil.example"],
        ),
        ("Lumen: https://lumen.example\\@evil.example/", "", []),
        ("Lumen: https://evil.example\\@lumen.example/", "", ["https://evil.example"]),
        ("Lumen: https://l\u0443men.example", "", ["https://l\u0443men.example"]),
        ("Lumen: https://xn--lmen-bwe.example", "", ["https://xn--lmen-bwe.example"]),
        (
            "Lumen: https://lumen.example.evil.org",
            "",
            ["https://lumen.example.evil.org"],
        ),
        ("Lumen: mail ines@lumen.example, read README.md, node.js", "x", []),
        ("Lumen: https://lumen.example", "Write a tweet", ["https://lumen.example"]),
        (
            "Lumen: https://lumen.example",
            "drafts/x/launch.md",
            ["https://lumen.example"],
        ),
        ("Lumen: https://lumen-app.example", "drafts/x/launch.md", []),
        (
            "**Platform:** X\nLumen: https://lumen.example",
            "LinkedIn",
            ["https://lumen.example"],
        ),
        ("Lumen: https://lumen-app.example", "LinkedIn", ["https://lumen-app.example"]),
        ("Lumen: https://boia.example", "", ["https://boia.example"]),
        ("New: https://lumen.example", "tweet", ["https://lumen.example"]),
        ("New: https://elsewhere.example", "tweet", []),
        ("Boia: https://boia.example", "tweet", []),
    ],
)
def test_a_link_leads_to_the_host_of_its_product_and_platform(
    text: str, hint: str, said: list[str]
) -> None:
    assert [
        words for rule, _, words in found(text, hint=hint) if rule == "links"
    ] == said


@claim("public:links")
def test_without_links_for_the_product_no_host_is_wrong_and_else_the_right_one_is_named() -> (
    None
):
    against = build_standards(SETTINGS, memory(), words=(), today=TODAY, hint="tweet")
    assert (
        "lumen-app.example"
        in check_public_text("Lumen https://lumen.example", against)[0].hint
    )
    assert (
        found("Maré https://evil.example", line("product", "Maré", by="founder")) == []
    )


@claim("public:voice")
def test_words_of_others_and_code_are_not_the_companys_voice() -> None:
    text = 'We leverage.\n> we\n"We" and “our” `us`\n```\nwe synergy\n```\nThe US and us. Synergy! Nós, o nosso, nos'
    said = [(at, words) for rule, at, words in found(text) if rule == "voice"]
    assert said == [
        (1, "We"),
        (1, "leverage"),
        (7, "us"),
        (7, "Synergy"),
        (7, "Nós"),
        (7, "nosso"),
    ]
    plural = read_settings("voice: {first_person: plural}\n").settings
    assert [w for _, _, w in found("I did, my I/O, Type I", settings=plural)] == [
        "I",
        "my",
    ]


junk = st.text(
    alphabet=st.sampled_from(
        "aI1 .,*_<>&#;[]()`~\"'\\/:@!?|-\n\t\u200b\u0301\u0430é½“”«»＠。"
    ),
    max_size=200,
)


@claim("public:laws")
@given(st.one_of(junk, st.text()))
def test_junk_is_read_without_a_stumble(text: str) -> None:
    lines = text.split("\n")
    for rule, at, words in found(
        text + " https://" + text + " GDPR", hint=text, words=[text]
    ):
        assert words in f"{text} https://{text} GDPR", rule
        assert 1 <= at <= len(lines) * 2


@claim("public:laws")
@given(junk)
def test_a_text_made_of_source_words_has_no_ungrounded_figure(text: str) -> None:
    assert [
        one for one in found(text, words=[text]) if one[0] in {"grounding", "freshness"}
    ] == []


@claim("public:laws")
@given(junk)
def test_the_places_of_figures_are_all_its_figures(text: str) -> None:
    assert {place.figure for place in locate_figures(text)} == find_figures(text)
    assert all(
        0 <= place.start < place.end <= len(text) for place in locate_figures(text)
    )


@claim("public:laws")
@given(
    st.integers(2, 10**9),
    st.sampled_from(["{}", "EUR {}", "{:,}", "{} %"]),
    st.sampled_from(["marketing", "mcp:x", "agent:founder"]),
)
def test_a_figure_from_an_agents_line_is_always_found(
    number: int, form: str, by: str
) -> None:
    said = form.format(number)
    text = f"There are {said} of them"
    if number not in {19, 2026}:
        assert found(text, line("note", "n", text, by=by)) == [("grounding", 1, said)]
    assert found(text, line("note", "n", text, by="founder")) == []


@claim("public:laws")
@pytest.mark.parametrize(
    "piece",
    [
        "<",
        "*",
        "_",
        "&#1;",
        "\n",
        "“",
        '"`',
        "](",
        "<!--",
        "a\u200b",
        "99 ",
        "http://",
        "a-",
        "`",
        "1.",
        "@.",
    ],
)
def test_no_text_takes_for_ever(piece: str) -> None:
    assert isinstance(found(piece * (65536 // len(piece))), list)
