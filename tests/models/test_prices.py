"""What a model costs where nobody wrote it down: LiteLLM's own table, read as data and never believed blindly."""

import json
import subprocess
import sys
from typing import Any

import msgspec
import pytest
from claims import claim
from hypothesis import given, strategies as st

from agentco.adapters.models import (
    PriceTable,
    litellm_price,
    parse_table_entry,
    shipped_prices,
)
from agentco.company import DEFAULT_CONTEXT, ShippedModel, TokenRates

pytestmark = claim("models:table")
ENTRY = {
    "litellm_provider": "gemini",
    "mode": "chat",
    "input_cost_per_token": 1.25e-06,
    "output_cost_per_token": 1e-05,
    "max_input_tokens": 1_048_576,
}


def read(provider: str = "gemini", **more: Any) -> ShippedModel | None:
    return parse_table_entry(json.dumps(ENTRY | more).encode(), provider)


def test_a_price_is_micro_dollars_for_a_million_tokens() -> None:
    assert read() == ShippedModel(
        rates=TokenRates(input=1_250_000, output=10_000_000), context=1_048_576
    )


def test_cached_written_long_and_thought_tokens_have_prices_of_their_own() -> None:
    found = read(
        cache_read_input_token_cost=1.25e-07,
        cache_creation_input_token_cost=2e-06,
        output_cost_per_reasoning_token=2e-05,
        input_cost_per_token_above_200k_tokens=2.5e-06,
        output_cost_per_token_above_200k_tokens=1.5e-05,
        cache_read_input_token_cost_above_200k_tokens=2.5e-07,
        input_cost_per_token_above_200k_tokens_priority=9,
    )
    long = TokenRates(
        input=2_500_000, output=20_000_000, cached=250_000, written=2_000_000
    )
    assert found
    assert found.rates == TokenRates(
        input=1_250_000,
        output=20_000_000,
        cached=125_000,
        written=2_000_000,
        long_from=200_000,
        long=long,
    )


@pytest.mark.parametrize(
    "odd",
    [
        {"input_cost_per_token": -1e-06},
        {"input_cost_per_token": "1e-06"},
        {"output_cost_per_token": None},
        {"output_cost_per_token": 12},
        {"output_cost_per_token": True},
        {"output_cost_per_token": float("nan")},
        {"output_cost_per_token": float("inf")},
        {"cache_read_input_token_cost": -1},
        {"input_cost_per_token_above_200k_tokens": "dear"},
        {"input_cost_per_token": 0, "output_cost_per_token": 0},
        {"mode": "embedding"},
        {"litellm_provider": "vertex_ai"},
        {"max_input_tokens": "many"},
    ],
)
def test_what_cannot_be_a_price_is_unknown(odd: dict[str, Any]) -> None:
    assert read(**odd) is None


@pytest.mark.parametrize("data", [b"", b"null", b"[]", b"{}", b"[" * 100_000])
def test_what_is_no_entry_is_unknown(data: bytes) -> None:
    assert parse_table_entry(data, "gemini") is None


@given(
    st.dictionaries(
        st.sampled_from(sorted(ENTRY)),
        st.none() | st.text() | st.floats() | st.integers() | st.booleans(),
    )
)
def test_no_table_brings_a_price_below_nothing_or_crashes(odd: dict[str, Any]) -> None:
    if found := read(**odd):
        assert min(found.rates.input, found.rates.output, found.context) >= 0
        assert found.rates.input + found.rates.output > 0


def test_a_model_that_says_nothing_of_its_size_is_taken_to_read_little() -> None:
    assert parse_table_entry(
        json.dumps(
            {k: v for k, v in ENTRY.items() if k != "max_input_tokens"}
        ).encode(),
        "gemini",
    ) == ShippedModel(
        rates=TokenRates(input=1_250_000, output=10_000_000), context=DEFAULT_CONTEXT
    )


def test_the_installed_table_prices_what_the_design_names_and_knows_whose_each_is() -> (
    None
):
    found = litellm_price("gemini/gemini-2.5-flash-lite")
    assert found
    assert found.rates == TokenRates(input=100_000, output=400_000, cached=10_000)
    pro = litellm_price("gemini/gemini-2.5-pro")
    assert pro
    assert pro.rates.for_prompt(200_000).input < pro.rates.for_prompt(200_001).input
    assert litellm_price("bedrock/anthropic.claude-3-5-sonnet-20241022-v2:0")
    assert litellm_price("vertex_ai/gemini-2.5-pro")
    assert litellm_price("gemini/gpt-4o") is None
    assert litellm_price("ollama/llama3") is None
    assert litellm_price("gemini") is None


def test_the_shipped_price_stands_before_the_table() -> None:
    assert PriceTable()["openai/gpt-4o"] is shipped_prices()["openai/gpt-4o"]
    assert PriceTable().get("nobody/m") is None
    assert msgspec.json.encode(PriceTable()["xai/grok-4.5"])
    assert set(PriceTable()) == set(shipped_prices())


def test_no_price_imports_litellm_and_the_table_is_opened_only_for_what_nothing_else_prices() -> (
    None
):
    script = """
import sys
opened = []
sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event == "open" else None)
from agentco.adapters.models.prices import PriceTable
def table(): return any("model_prices" in path for path in opened)
assert PriceTable().get("openai/gpt-4o") and not table()
assert PriceTable().get("gemini/gemini-2.5-pro") and table()
assert "litellm" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)
