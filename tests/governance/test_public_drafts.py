"""Whole drafts: praise, what others say, figures that a careful reader works out."""

import json
import random
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from claims import claim
from test_public import SETTINGS, TODAY, memory

from agentco.company import read_settings
from agentco.memory import MemoryGraph
from agentco.public_text import build_standards, check_public_text

ROOT = Path(__file__).parents[2]
KEPT = {
    "drafts_read": {"strings": 0.95, "held where due": 0.93, "let pass": 0.96},
    "drafts_counted": {"strings": 0.87, "held where due": 0.88, "let pass": 0.865},
    "drafts_fresh": {"strings": 0.865, "held where due": 0.70, "let pass": 0.90},
}
"""What is reached and kept; of drafts that nobody read it is short of the bar of 0.95."""


def held(text: str, *sources: str, graph: MemoryGraph | None = None) -> list[str]:
    """What of a text is held for a claim or a figure."""
    standards = build_standards(
        SETTINGS, graph or memory(), words=sources, today=TODAY, hint=""
    )
    found = check_public_text(text, standards)
    return [one.text for one in found if one.rule in {"claims", "grounding"}]


@claim("public:measured")
@pytest.mark.parametrize("name", KEPT)
def test_of_whole_drafts_most_is_judged_rightly(name: str) -> None:
    command = [sys.executable, str(ROOT / "benchmarks" / "public_drafts.py"), "--json"]
    said = subprocess.run(
        command, check=True, stdout=subprocess.PIPE, cwd=ROOT, timeout=60
    ).stdout
    reached = json.loads(said)[name]
    assert all(reached[share] >= floor for share, floor in KEPT[name].items())


@claim("public:claims")
@pytest.mark.parametrize(
    "text",
    [
        "Lumen is the only flag tool built in Porto.",
        "It is the fastest app on the market.",
        "Our planner is the smartest ever made.",
        "Flags are never lost.",
        "Lumen never crashes.",
        "Trusted by teams everywhere.",
        "Voted #1 by developers.",
        "Nobody else offers this.",
        "No other flag tool is this quick.",
        "It beats any spreadsheet.",
        "Your data is safe with us.",
        "Free forever.",
        "It integrates with PayPal too.",
        "O Lumen é o programa mais barato.",
        "Somos a única agência que o faz.",
        "A app nunca cai.",
        "Funciona sem falhas.",
        "O Lumen é líder em Portugal.",
        "Integra com o InvoiceXpress.",
    ],
)
def test_praise_without_a_claim_is_held(text: str) -> None:
    assert held(text)


@claim("public:own-claims")
@pytest.mark.parametrize(
    "text",
    [
        "The best part of my week is Saturday.",
        "It was the best decision I made.",
        "These are the best tools I have used.",
        "I am not the best coder in the trade.",
        "I never thought it would work.",
        "We have never raised money.",
        "I aim to be the first open-source tool that reads them all.",
        "We used to tell people our import never fails.",
        "Deixámos de dizer «a tradução mais rápida de Lisboa».",
        "Quem diz que é sempre gratuito está a vender.",
        "I can't promise you will never lose a crown again.",
        "You ask for proof of ISO 9001.",
        "Ser certificado é um trabalho.",
        "ISO 27001 is next.",
    ],
)
def test_what_ranks_nothing_of_ours_is_no_claim(text: str) -> None:
    assert held(text) == []


@claim("public:own-claims")
@pytest.mark.parametrize(
    "text",
    [
        "People say we are certified.",
        "I can't promise only that: Lumen is certified.",
        "We no longer say beta: Lumen is certified.",
    ],
)
def test_what_is_told_of_us_is_a_claim(text: str) -> None:
    assert held(text) == ["certified"]


def company(level: str) -> MemoryGraph:
    graph = MemoryGraph()
    for name, kind, said in (
        ("Lumen", "product", []),
        ("claim:lumen:shops", "claim", [f"Level: {level}", "Words: orders from Shopify", "Evidence: seen"]),
    ):  # fmt: skip
        line = {"type": "entity", "name": name, "entityType": kind, "by": "founder"}
        graph.add_raw_lines([msgspec.json.encode({**line, "observations": said})])
    return graph


@claim("public:claims")
def test_what_the_founder_calls_planned_is_watched_in_his_words() -> None:
    text = "Lumen pulls your orders from WooCommerce and Shopify."
    assert held(text, graph=company("ROADMAP")) == ["Shopify"]
    assert held(text, graph=company("LIVE")) == []
    planned = "Orders from Shopify are planned."
    assert held(planned, graph=company("ROADMAP")) == []


@claim("grounding:computed")
@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("Down from 17 days to 5: twelve days less.", "From 17 to 5 days."),
        ("27 of 30 did it alone, nine in ten.", "30 people, 27 alone."),
        ("Nine of ten customers stayed.", "27 of 30 customers stayed."),
        ("1,840 tickets in a morning, about 460 an hour.", "1,840 tickets in 4 hours"),
        ("58 episodes, each of half an hour: 29 hours.", "58 episodes of 30 minutes"),
        ("Down from 10:05 to 10:33, for 28 minutes.", "10:05 lock, 10:33 back"),
        ("More than 2,000 users.", "2,134 users"),
        ("Half of our customers stayed.", "20 of 40 customers stayed."),
        ("We doubled our users.", "Users: 50 in May, 100 in June."),
        ("One in sixteen users pays.", "20 of 320 users pay."),
        ("We speak three languages.", "Languages: English, Welsh, Polish"),
        ("In nine years", "From 2014 to 2023."),
    ],
)
def test_a_careful_reader_works_it_out(text: str, source: str) -> None:
    assert held(text, source) == []


@claim("grounding:computed")
@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("27 of 30 did it alone, seven in ten.", "30 people, 27 alone."),
        ("1,840 tickets in a morning, about 700 an hour.", "1,840 tickets in 4 hours"),
        ("Down from 10:05 to 10:33, for 40 minutes.", "10:05 lock, 10:33 back"),
        ("More than 3,000 users.", "2,134 users"),
        ("A third of our customers stayed.", "20 of 40 customers stayed."),
        ("We tripled our users.", "Users: 50 in May, 100 in June."),
        ("One in eight users pays.", "20 of 320 users pay."),
        ("We speak twelve languages fluently, 12 in all.", "Languages: English, Welsh"),
    ],
)
def test_what_does_not_follow_is_held(text: str, source: str) -> None:
    assert held(text, source)


@claim("grounding:computed")
@pytest.mark.parametrize(
    ("text", "source", "figures"),
    [
        ("That leaves 11 seats.", "30 seats, 19 sold.", []),
        ("That leaves 12 seats.", "30 seats, 19 sold.", ["12"]),
        ("480 tickets on four nights, 120 a night.", "480 tickets, four nights.", []),
        (
            "480 tickets on four nights, 160 a night.",
            "480 tickets, four nights.",
            ["160"],
        ),
        ("Restam 11 lugares.", "30 lugares, 19 vendidos.", []),
        ("Restam 14 lugares.", "30 lugares, 19 vendidos.", ["14"]),
    ],
)
def test_what_hardly_is_chance_follows(
    text: str, source: str, figures: list[str]
) -> None:
    assert held(text, source) == figures


@claim("grounding:units")
@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("Try it for 90 days.", "Trial: 3 months"),
        ("Experimente 30 dias.", "Experiência: um mês"),
        ("Durou duas horas e meia.", "150 min"),
        ("It took an hour and twenty minutes.", "80 min"),
        ("Custa 0 € por mês.", "grátis"),
        ("Houve 0 reclamações este ano.", "sem reclamações"),
    ],
)
def test_a_quantity_is_the_same_as_people_count(text: str, source: str) -> None:
    assert held(text, source) == []


@claim("public:claims")
@pytest.mark.parametrize(
    ("text", "is_held"),
    [
        ("You will never need another rota app.", True),
        ("Doctors trust Lumen, and so do all our customers.", True),
        ("Somos simplesmente os melhores nisto.", True),
        ("We bake on Tuesdays and ship on Wednesdays.", False),
        ("O senhorio vendeu o prédio.", False),
    ],
)
def test_praise_in_words_of_no_list_is_found(text: str, *, is_held: bool) -> None:
    assert bool(held(text)) is is_held


@claim("lint:explain")
def test_each_model_says_what_it_weighed() -> None:
    text = "That leaves 11 seats. It holds 4,217 kg."
    words = "30 seats, 19 sold."
    own = read_settings("company: {name: Farol}\n").settings
    standards = build_standards(own, memory(), words=(words,), today=TODAY, hint="")
    found = {one.text: one.weighed for one in check_public_text(text, standards)}
    assert "bits, naming the step takes" in str(found["11"])
    assert str(found["4,217 kg"]).startswith("It holds »4,217 kg«. (")


@claim("public:claims")
def test_a_word_that_the_founder_watches_always_counts() -> None:
    text = "How do refunds work on the App Store? Apple decides."
    assert held(text) == []
    own = read_settings("company: {name: Farol}\nclaims: {watch: [refunds]}\n").settings
    standards = build_standards(own, memory(), words=(), today=TODAY, hint="")
    found = check_public_text(text, standards)
    assert [one.text for one in found] == ["refunds"]


SENTENCES = (
    "We have {a} customers, about {x} more than before.",
    "{a} users in total, roughly {x} an hour.",
    "From {a} minutes down to {x} minutes less.",
    "Save {x} % of {a} invoices.",
)


@claim("grounding:computed")
def test_few_random_figures_follow_from_sources() -> None:
    chance = random.Random(16)  # noqa: S311  a test's choices are no secret
    accepted = 0
    for _ in range(400):
        source = [chance.randrange(2, 1000) for _ in range(20)]
        text = chance.choice(SENTENCES)
        said = text.format(a=chance.choice(source), x=chance.randrange(1001, 9999))
        accepted += not held(said, f"customers and minutes {source}")
    assert accepted < 0.02 * 400


@claim("grounding:names")
@pytest.mark.parametrize(
    "text",
    [
        "Open localhost:8080 in your browser.",
        "You get a 404 page, not a 500.",
        "Call us at +351 912 345 678.",
        "Rua das Flores 12, 4050-262 Porto.",
        "0.9.4 is out.",
        "We flew in the Boeing 747.",
        "The 80/20 rule works.",
        "The 24 Hours of Le Mans was on.",
        "Day 33: slower.",
    ],
)
def test_numbers_to_call_and_to_know_are_names(text: str) -> None:
    assert held(text) == []


@claim("grounding:words")
@pytest.mark.parametrize(
    "text",
    [
        "5 mistakes founders make",
        "If you send 40 invoices a month, that is enough.",
        "Imagine 300 users on the same day.",
        "Would you pay \u20ac10 for it?",
        "Our goal is 500 customers.",
        "Quero chegar aos 50 clientes.",
    ],
)
def test_what_is_wished_or_imagined_states_no_figure(text: str) -> None:
    assert held(text) == []


@claim("grounding:words")
@pytest.mark.parametrize(
    ("text", "figure"),
    [
        ("We aim for 99.9 % uptime.", "99.9 %"),
        ("Our Pro plan: \u20ac77.", "\u20ac77"),
        ("If you like it, join 300 users.", "300"),
        ("If our 300 users like it, so will you.", "300"),
        ("Did you know that 90 customers left?", "90"),
        ("Disponibilidade: 99,99 %.", "99,99 %"),
    ],
)
def test_what_is_stated_beside_a_wish_is_a_figure(text: str, figure: str) -> None:
    assert held(text) in ([figure], ["uptime", figure], [figure, "uptime"])


@claim("grounding:units")
@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("It was down for 1 h 10.", "70 minutes"),
        ("1h30 at most", "90 minutes"),
        ("40 cents a day", "0.40 EUR a day"),
        ("\u20ac0.40 a day", "40 cents a day"),
        ("a year and a half", "18 months"),
        ("Webinar at 3 pm.", "Webinar 15:00"),
        ("Webinar \u00e0s 15h.", "Webinar 15:00"),
    ],
)
def test_times_and_cents_are_the_same_in_every_form(text: str, source: str) -> None:
    assert held(text, source) == []
