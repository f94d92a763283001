"""What an answer says of its tokens and its cost is booked as it is billed, whoever says it and how."""

import json
from typing import Any

import pytest
from asking import ask, offer_at
from claims import claim
from small_company import Place, company_line, models_at
from typed import Do
from wire.server import Say, WireServer

from agentco.adapters.answers import stated_cost
from agentco.adapters.models import litellm_price, parse_table_entry
from agentco.company import Tier, TokenRates, WireFormat, offers_for_tier, read_settings
from agentco.rules import call_cost, cost_difference
from agentco.runs import TokenUsage

SENT, SAID = 900, 20
BASE = {"prompt_tokens": SENT, "completion_tokens": SAID}


def counted(wire: WireServer, usage: dict[str, Any], wire_format: WireFormat) -> Any:
    wire.script({"m": [Say(text="Lumen keeps notes.", usage=usage)]})
    return ask(offer_at(wire.url, wire=wire_format)).answer


@claim("models:usage")
@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        # thoughts: in the total only (Gemini, xAI), beside the answer, or a part of it (OpenAI)
        ({**BASE, "total_tokens": 1120}, {"output": 220}),
        (
            {
                **BASE,
                "total_tokens": 1120,
                "completion_tokens_details": {"reasoning_tokens": 200},
            },
            {"output": 220},
        ),
        (
            {**BASE, "completion_tokens_details": {"reasoning_tokens": 200}},
            {"output": 220},
        ),
        ({**BASE, "completion_tokens_details": {"reasoning_tokens": 15}}, {}),
        ({**BASE, "total_tokens": None, "completion_tokens_details": None}, {}),
        # reads and writes of the cache: OpenAI, DeepSeek, Moonshot, OpenRouter, LiteLLM, DashScope
        ({**BASE, "prompt_tokens_details": {"cached_tokens": 640}}, {"cached": 640}),
        (
            {**BASE, "prompt_cache_hit_tokens": 640, "prompt_cache_miss_tokens": 260},
            {"cached": 640},
        ),
        ({**BASE, "cached_tokens": 640}, {"cached": 640}),
        (
            {
                **BASE,
                "prompt_tokens_details": {
                    "cached_tokens": 0,
                    "cache_write_tokens": 300,
                },
            },
            {"written": 300},
        ),
        (
            {
                **BASE,
                "prompt_tokens_details": {
                    "cached_tokens": 64,
                    "cache_creation_tokens": 300,
                },
                "cache_creation_input_tokens": 300,
                "cache_read_input_tokens": 64,
            },
            {"cached": 64, "written": 300},
        ),
        # a gateway that counts as Anthropic does: the cache beside the prompt
        (
            {
                "prompt_tokens": 10,
                "completion_tokens": SAID,
                "total_tokens": SENT + SAID,
                "cache_read_input_tokens": 600,
                "cache_creation_input_tokens": 290,
            },
            {"cached": 600, "written": 290},
        ),
        # the names of responses
        (
            {
                "input_tokens": SENT,
                "output_tokens": SAID,
                "input_tokens_details": {"cached_tokens": 64},
            },
            {"cached": 64},
        ),
        # audio and images that nobody asked for
        (
            {
                **BASE,
                "completion_tokens_details": {"audio_tokens": 5, "image_tokens": 3},
            },
            {"media": 8},
        ),
    ],
)
def test_a_count_means_the_same_in_every_providers_words(
    wire: WireServer, usage: dict[str, Any], expected: dict[str, int]
) -> None:
    answer = counted(wire, usage, WireFormat.OPENAI)
    whole = {"input": SENT, "output": SAID, **expected}
    assert answer.usage == TokenUsage(**whole)


@claim("models:usage")
def test_what_anthropic_keeps_for_an_hour_is_counted_apart(wire: WireServer) -> None:
    usage = {
        "input_tokens": 100,
        "output_tokens": SAID,
        "cache_read_input_tokens": 500,
        "cache_creation_input_tokens": 300,
        "cache_creation": {
            "ephemeral_5m_input_tokens": 100,
            "ephemeral_1h_input_tokens": 200,
        },
    }
    answer = counted(wire, usage, WireFormat.ANTHROPIC)
    assert answer.usage == TokenUsage(
        input=SENT, output=SAID, cached=500, written=300, kept=200
    )


@claim("budget:cost")
@pytest.mark.parametrize(
    ("usage", "micro"),
    [
        (TokenUsage(input=1000, output=100), 4_500),
        (TokenUsage(input=1000, output=100, written=400, kept=400), 5_700),
        (TokenUsage(input=1000, output=100, written=400, kept=100), 5_025),
        (TokenUsage(input=1000, output=100, media=40), 6_300),
    ],
)
def test_an_hour_in_the_cache_and_what_is_no_text_have_prices_of_their_own(
    usage: TokenUsage, micro: int
) -> None:
    rates = TokenRates(
        input=3_000_000, output=15_000_000, written=3_750_000, media=60_000_000
    )
    assert call_cost(rates, usage) == micro


@claim("models:table")
def test_a_price_may_rise_more_than_once_with_the_prompt() -> None:
    ranges = [
        {
            "range": [0, 32_000.0],
            "input_cost_per_token": 1e-6,
            "output_cost_per_token": 4e-6,
        },
        {
            "range": [32_000.0, 128_000.0],
            "input_cost_per_token": 2e-6,
            "output_cost_per_token": 8e-6,
        },
        {
            "range": [128_000.0, 252_000.0],
            "input_cost_per_token": 3e-6,
            "output_cost_per_token": 9e-6,
        },
    ]
    listed = {"litellm_provider": "dashscope", "mode": "chat", "tiered_pricing": ranges}
    named = {
        "litellm_provider": "dashscope",
        "mode": "chat",
        "input_cost_per_token": 1e-6,
        "output_cost_per_token": 4e-6,
        "input_cost_per_token_above_128k_tokens": 3e-6,
        "output_cost_per_token_above_128k_tokens": 9e-6,
        "input_cost_per_token_above_32k_tokens": 2e-6,
        "output_cost_per_token_above_32k_tokens": 8e-6,
    }
    for entry in (listed, named):
        found = parse_table_entry(json.dumps(entry).encode(), "dashscope")
        assert found
        at = [found.rates.for_prompt(n) for n in (32_000, 32_001, 128_001)]
        assert [(r.input, r.output) for r in at] == [
            (1_000_000, 4_000_000),
            (2_000_000, 8_000_000),
            (3_000_000, 9_000_000),
        ]


@claim("models:table")
@pytest.mark.parametrize(
    "odd",
    [
        [],
        "dear",
        [1],
        [{}],
        [{"range": [0]}],
        [{"range": [-1, 9]}],
        [{"range": [0, 9]}],
    ],
)
def test_ranges_of_prices_that_cannot_be_read_are_unknown(odd: Any) -> None:
    entry = {"litellm_provider": "dashscope", "mode": "chat", "tiered_pricing": odd}
    assert parse_table_entry(json.dumps(entry).encode(), "dashscope") is None


@claim("models:table")
def test_the_installed_table_prices_models_whose_price_rises_in_ranges() -> None:
    found = litellm_price("dashscope/qwen3-max")
    assert found
    assert found.rates.for_prompt(1).input < found.rates.for_prompt(200_000).input


@claim("models:prices")
@pytest.mark.parametrize(
    ("price", "rates"),
    [
        (
            "{input: 3, output: 15, cached: 0.3, written: 3.75}",
            TokenRates(
                input=3_000_000, output=15_000_000, cached=300_000, written=3_750_000
            ),
        ),
        ("{input: 3, output: 15}", TokenRates(input=3_000_000, output=15_000_000)),
        ("{cached: 0.3}", None),
    ],
)
def test_the_founder_prices_the_cache_too(price: str, rates: TokenRates | None) -> None:
    name = "openrouter/anthropic/claude"
    settings = read_settings(f"prices: {{{name}: {price}}}").require_valid()
    [offer] = offers_for_tier(settings, {}, tier=Tier.MEDIUM, pin=name)
    assert offer.rates == rates


@claim("models:cost")
@pytest.mark.parametrize(
    ("usage", "micro"),
    [
        ({"cost": 0.0123}, 12_300),
        ({"cost": 0}, 0),
        ({"cost": 0.001, "cost_details": {"upstream_inference_cost": 0.02}}, 1_000),
        (
            {
                "cost": 0.001,
                "is_byok": True,
                "cost_details": {"upstream_inference_cost": 0.02},
            },
            21_000,
        ),
        ({"cost": {"total_cost": 0.006, "request_cost": 0.005}}, 6_000),
        ({"estimated_cost": 0.0002}, 200),
        ({"cost_in_usd_ticks": 37_756_000}, 3_776),
        ({}, None),
        ({"cost": None}, None),
        ({"cost": "much"}, None),
        ({"cost": -1}, None),
        ({"cost": True}, None),
        ({"cost": 1e9}, None),
        (None, None),
        ([], None),
    ],
)
def test_the_cost_that_an_answer_states_is_read_in_every_form(
    usage: Any, micro: int | None
) -> None:
    assert stated_cost(usage) == micro


@claim("models:cost")
@pytest.mark.parametrize(
    ("stated", "booked", "differs"),
    [
        (None, 9_100, False),
        (9_100, 9_100, False),
        (9_000, 9_100, False),
        (15_100, 9_100, True),
        (9_100, 15_100, True),
        (5, 0, False),
        (0, 9_100, True),
    ],
)
def test_a_cost_that_hardly_differs_is_not_told(
    stated: int | None, booked: int, differs: bool
) -> None:
    assert bool(cost_difference(stated, booked)) is differs


@claim("models:cost")
@pytest.mark.parametrize(("stated", "told"), [(0.02, True), (None, False)])
def test_a_founder_is_told_what_an_answer_says_that_it_cost(
    place: Place, wire: WireServer, do: Do, stated: float | None, told: bool
) -> None:
    place.settings(company_line(orchestrator="writer") + models_at(wire.url))
    place.agent("writer", "---\ndescription: Writes.\ntools: [Read]\n---\nI write.\n")
    place.trust()
    usage = {"prompt_tokens": 1000, "completion_tokens": 4, "cost": stated}
    wire.script({"m": [Say(text="The post.", usage=usage)]})
    said = do("ask", "writer", "draft", "--quick")
    words = "its answer says that it cost $0.02, and $0.001008 is booked"
    assert said.out == "The post.\n"
    assert (words in " ".join(said.err.split())) is told
    assert do("costs", "--json").document["total_usd"] == 0.001008
