"""One view of a text: what reads the same is judged the same, and what is hidden backs nothing."""

from datetime import date
from time import process_time
from typing import Any

import msgspec
import pytest
from claims import claim
from hypothesis import given, strategies as st

from agentco.company import Trigger, read_settings
from agentco.memory import MemoryGraph
from agentco.page import FILLER, draw_text
from agentco.public_text import build_standards, check_public_text
from agentco.review import triggers

SETTINGS = read_settings("voice: {never: [synergy], first_person: singular}\n").settings
WATCHING = (
    Trigger(name="money", words=("price*", "gross margin"), consult=("cfo",)),
    Trigger(name="trust", words=("GDPR", "single sign-on"), consult=("cto",)),
)
LINES: tuple[dict[str, Any], ...] = (
    {"entityType": "product", "name": "Lumen", "observations": []},
    {"entityType": "product", "name": "Boia", "observations": []},
    {
        "entityType": "claim",
        "name": "claim:lumen:sso",
        "observations": ["Level: LIVE", "Words: SSO", "Evidence: docs"],
    },
)


def standards() -> Any:
    graph = MemoryGraph()
    for line in LINES:
        whole = {"type": "entity", "by": "founder", **line}
        graph.add_raw_lines([msgspec.json.encode(whole)])
    return build_standards(
        SETTINGS, graph, words=("19 teams",), today=date(2026, 11, 21), hint=""
    )


AGAINST = standards()


def rules(text: str) -> list[tuple[str, str]]:
    return [(one.rule.value, one.hint) for one in check_public_text(text, AGAINST)]


def said(text: str) -> list[tuple[int, str]]:
    return [(one.line, one.text) for one in check_public_text(text, AGAINST)]


def called(text: str) -> list[str]:
    fired = triggers.fired_triggers(text, WATCHING, author="ceo", public=True)
    return [one.trigger for one in fired]


def shown(text: str) -> str:
    return draw_text(text).shown.replace(FILLER, "")


@claim("public:view")
@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("G<b>D</b>PR", "GDPR"),
        ("a<!-- x -->b<!-->c<!--->d<!-- y --!>e", "abcde"),
        ("a<!-- never closed b", "a"),
        ("<!DOCTYPE html><?php x ?><![CDATA[x]]>a</ x>b", "ab"),
        ('<a title="x > y" href=z>a</a>', "a"),
        ("a < b, c > d, I <3 you </3, if x <target", "a < b, c > d, I <3 you </3, if x <target"),
        ("a<script>b</script>c<style>d{}</style>e<template>f</template>g", "aceg"),
        ("a<noscript>b</noscript><title>c</title><iframe>d</iframe>e", "ae"),
        ("a<span hidden>b<i>c</i></span>d", "ad"),
        ("a<i style='Display : none'>b</i><i style=opacity:0>c</i>d", "ad"),
        ("a<i style='visibility:hidden'>b</i><i style='font-size:0px'>c</i>d", "ad"),
        ("a<i style='dis/**/play:none'>b</i><i style='d\\69splay:none'>c</i>d", "ad"),
        ("a<i style='opacity:0.5;font-size:0.9em;line-height:0'>b</i>c", "abc"),
        ("<style>@media all{.q,.r{display:none}}</style><i class='p q'>b</i>c", "c"),
        ("<i style='color:#fff'>a</i><i style='color:rgb(250,250,250)'>b</i>c", "c"),
        ("<b style='background:#000'><i style='color:white'>a</i></b>", "a"),
        ("<details><summary>a</summary>b</details>c", "\n\n\n\na\n\n\n\nc"),
        ("<details open>a</details>", "\n\na\n\n"),
        ("a<i hidden>b<p hidden>c<p>d</i>e", "ae"),
        ("a<input value=b>c<img alt=d>e![f](g)h", "aceh"),
        ("[cert](https://x.example 'b')ified", "certified"),
        ("[a][r] [r] [s]\n\n[r]: https://x.example 'T'", "a r [s]\n\n"),
        ("[//]: # (planned)", ""),
        ("<https://x.example/a_b_c>", "https://x.example/a_b_c"),
        ("`<b>&amp;` <b>`</b>", "<b>&amp; `"),
        ("```html\n<b>\n```\n<b>", "\n<b>\n\n"),
        ("\\*a\\* \\<b\\> \\&amp;", "*a* <b> &amp;"),
        ("&lt;b&gt; &ampa R&D &copy2026 &notit; &#x47;&#68;PR", "<b> &a R&D ©2026 ¬it; GDPR"),
        ("a*b*c **d**e _f_ g_h_i ~~j~~ 2*3, 4*5", "abc de f g_h_i j 2*3, 4*5"),
        ("- [ ] a [^1] [x]", "- [ ] a [^1] [x]"),
        ("<deliverable>a</deliverable>", "a"),
        ("<td>a</td><td>b</td>", " | a  | b "),
    ],
)  # fmt: skip
def test_a_text_is_seen_as_a_browser_draws_it(text: str, drawn: str) -> None:
    drawing = draw_text(text)
    assert shown(text) == drawn
    assert {len(drawing.hidden), len(drawing.code), len(text)} <= {0, len(text)}


SENTENCES = (
    "Lumen keeps to the GDPR.",
    "The new prices are fair.",
    "Our gross margin is planned.",
    "We have 1,234 teams.",
    "It has single sign-on.",
    "Lumen has SSO, I believe.",
    "Certified synergy.",
    "19 teams.",
)
ASIDES = (
    "<!-- x -->",
    "<i hidden>y</i>",
    "<wbr>",
    "&shy;",
    "\u200b",
    "\ufe0f",
    "\u034f",
    "</u>",
)
WRAPS = (("<b>", "</b>"), ("**", "**"), ("<span class=x>", "</span>"), ("[", "](#top)"))
ALIKE = str.maketrans("aeopcxyiETHMBK", "аеорсхуіЕТНМВК")


@st.composite
def disguised(draw: st.DrawFn) -> tuple[str, str]:
    """A sentence, and the same as somebody wrote it who wanted it to be read by people alone."""
    sentence = draw(st.sampled_from(SENTENCES))
    places = [i for i in range(1, len(sentence)) if sentence[i - 1 : i + 1].isalpha()]
    start = draw(st.sampled_from(places))
    end = draw(st.sampled_from([i for i in places if i >= start]))
    head, middle, tail = (
        sentence[:start],
        sentence[start : end + 1],
        sentence[end + 1 :],
    )
    match draw(st.integers(0, 4)):
        case 0:
            opening, closing = draw(st.sampled_from(WRAPS))
            return sentence, f"{head}{opening}{middle}{closing}{tail}"
        case 1:
            return sentence, f"{head}{draw(st.sampled_from(ASIDES))}{middle}{tail}"
        case 2:
            entities = "".join(f"&#{ord(sign)};" for sign in middle)
            return sentence, f"{head}{entities}{tail}"
        case 3:
            entities = "".join(
                f"&#x{ord(sign):x} " if sign == " " else sign for sign in middle
            )
            return sentence, f"{head}{entities.replace('&#x20 ', '&#x20;')}{tail}"
        case _:
            return sentence, f"{head}{middle}{tail}".translate(ALIKE)


@claim("public:view")
@given(st.lists(disguised(), min_size=1, max_size=5))
def test_a_text_and_its_rendered_form_are_judged_the_same(
    sentences: list[tuple[str, str]],
) -> None:
    plain = "\n\n".join(one for one, _ in sentences)
    written = "\n\n".join(other for _, other in sentences)
    assert called(written) == called(plain)
    latin = [(rule, hint) for rule, hint in rules(plain) if rule != "voice"]
    assert [one for one in rules(written) if one[0] != "voice"] == latin
    lines = written.split("\n")
    for line, words in said(written):
        assert words in lines[line - 1]


HIDING = (
    "<!-- {} -->", "<i hidden>{}</i>", "<i style='font-size:0'>{}</i>", "![{}](x.png)",
    "<img alt='{}'>", "[a](b '{}')", "<details>{}</details>", "<a title='{}'>a</a>",
    "<font color=white>{}</font>", "[//]: # ({})", "<template>{}</template>",
    "<i style='color:rgba(0,0,0,0)'>{}</i>", "<i style='color:#12345600'>{}</i>",
    "<i style='position:absolute;left:-9999px'>{}</i>", "<i style='opacity:.01'>{}</i>",
    "<svg><title>{}</title></svg>", "<x-y hidden>{}</x-y>", "<dialog>{}</dialog>",
    "<style>i{{color:white}}</style><i>{}</i>", "<select><option>{}</select>",
)  # fmt: skip


@claim("public:view")
@pytest.mark.parametrize("form", HIDING)
def test_what_is_hidden_backs_nothing_and_is_held_against_the_text(form: str) -> None:
    sso = ("claims", "claim:lumen:sso is about another product")
    hidden_name = f"Boia has SSO.\n{form.format('Lumen')}"
    assert [(rule, hint[:40]) for rule, hint in rules(hidden_name)] == [
        (sso[0], sso[1][:40])
    ]
    assert rules(f"It is certified\n{form.format('and this is planned')}.\n")
    assert [rule for rule, _ in rules(f"Here.\n{form.format('certified')}")] == [
        "claims"
    ]
    assert [rule for rule, _ in rules(f"Here.\n{form.format('77 teams')}")] == [
        "grounding"
    ]
    assert called(f"Here.\n{form.format('GDPR')}") == ["trust"]
    assert said(f"Here.\n\n{form.format('certified')}")[0] == (3, "certified")


@claim("public:view")
def test_code_is_no_figure() -> None:
    assert (
        rules('<img width="300" src="x/2024.png"> <b style="margin:7px">19</b> teams')
        == []
    )
    assert rules("See [the notes](https://x.example/2025/03).") == []


@claim("public:disguise")
@pytest.mark.parametrize(
    "boast",
    ["ɢᴅᴘʀ", "ꓖꓓꓑꓣ", "🅶🅳🅿🆁", "G\ufe0fD\u034fPR", "G\U000e0100DPR", "ԌDРR", "GD\u3164PR", "ĢĐPR", "ᏀᎠᏢᏒ"],
)  # fmt: skip
def test_letters_of_every_script_are_read_as_they_look(boast: str) -> None:
    assert [rule for rule, _ in rules(f"Lumen: {boast}!")] == ["claims"]
    assert called(f"Lumen: {boast}!") == ["trust"]


@claim("public:disguise")
@pytest.mark.parametrize(
    "boast",
    [
        "G&#68PR", "GDP&#x52", "&ampGDPR", "G<wbr>DPR", "G<!>DPR", "G</>DPR", "G<?a?>DPR", "G&zwj;DPR", "G&NoBreak;DPR",
        "G[](x)DPR", "[GD](x)[PR](y)", "G![](x)DPR", "GD<i\n>PR</i>", "`GD`PR", "~~GD~~PR", "*G*DPR", "<b<i>GDPR</i>",
        "<<b>GDPR</b>", "GD<b hidden>x</b>PR", "<plaintext>GDPR", "G\u0336D\u0336P\u0336R\u0336", "Ⓖⓓⓟⓡ",
    ],
)  # fmt: skip
def test_no_markup_breaks_a_word(boast: str) -> None:
    assert [rule for rule, _ in rules(f"Lumen: {boast}!")] == ["claims"]
    assert called(f"Lumen: {boast}!") == ["trust"]


@claim("public:claims")
@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("24/7", ["24/7"]),
        ("on 24 / 7,", ["24 / 7"]),
        ("247", []),
        ("1,24/7", []),
        ("24,7", []),
        ("24.7", []),
        ("24/7.5", []),
        ("SOC 2", ["SOC 2"]),
        ("SOC 2,500", []),
        ("zerotrust", []),
        ("zero\u2011trust", ["zero\u2011trust"]),
    ],
)
def test_words_of_a_phrase_stand_apart_and_no_part_of_a_number_is_one(
    text: str, found: list[str]
) -> None:
    findings = check_public_text(text, AGAINST)
    assert [one.text for one in findings if one.rule.value == "claims"] == found


@claim("public:laws")
@pytest.mark.parametrize(
    "piece",
    [
        "<", "<!--", "<!", "</", "&#", "&amp", "**a", "<b>", "<b hidden>", '<a b="', "<a:", "[", "](", "[a](", "`a",
        "~~~\n", "<style>", "<style>.a{x:y}", "<div><p>", "<details><summary>", "[a]: b\n", "[a]", "\n\n", "*a_",
        '](a "', "a\u200b", "<script>", "<td hidden>a", "\u0430", "<i style='font:", "<i style=opacity:00",
    ],
)  # fmt: skip
def test_what_is_drawn_is_told_in_linear_time(piece: str) -> None:
    def seconds(size: int) -> float:
        text = piece * (size // len(piece))
        began = process_time()
        draw_text(text)
        return process_time() - began

    seconds(1000)
    assert seconds(100_000) < 1
