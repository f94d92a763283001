"""Estimates of tokens, against counts that real tokenizers gave.

The counts in `token_counts.json` were recorded with tiktoken and the `tokenizer.json` of each model.
"""

import json
from pathlib import Path
from typing import NamedTuple

import pytest
from claims import claim
from hypothesis import given, strategies as st

from agentco.kernel import count_tokens, fewest_tokens
from agentco.rules import prompt_tokens_to_reserve


class Sample(NamedTuple):
    kind: str
    text: str
    counts: dict[str, int]


SAMPLES = [
    Sample(**each)
    for each in json.loads(Path(__file__).with_name("token_counts.json").read_text())
]
ORDINARY = [sample for sample in SAMPLES if sample.kind != "other"]


@claim("tokens:estimate")
@pytest.mark.parametrize("sample", ORDINARY, ids=lambda each: each.kind)
def test_an_estimate_is_within_a_quarter_of_every_count(sample: Sample) -> None:
    estimate = count_tokens(sample.text)
    wrong = {
        name: count
        for name, count in sample.counts.items()
        if not 0.75 * count <= estimate <= 1.25 * count
    }
    assert not wrong


@claim("tokens:estimate")
@pytest.mark.parametrize("sample", SAMPLES, ids=lambda each: each.kind)
def test_what_is_reserved_before_the_first_count_is_never_too_little(
    sample: Sample,
) -> None:
    reserved = prompt_tokens_to_reserve(count_tokens(sample.text), None)
    assert reserved >= max(sample.counts.values())


@claim("tokens:estimate")
@given(st.text(), st.text())
def test_a_longer_text_is_never_estimated_at_less(text: str, more: str) -> None:
    assert count_tokens(text + "\n" + more) >= count_tokens(text)
    assert (count_tokens(text) == 0) == (not text)


@claim("tokens:estimate")
@pytest.mark.parametrize("text", ["x" * 8000, " " * 8000, "=" * 8000, "\ud800" * 8])
def test_no_text_is_estimated_at_nothing(text: str) -> None:
    assert count_tokens(text) >= len(text) // 8


@claim("tokens:estimate")
@pytest.mark.parametrize("sample", SAMPLES, ids=lambda each: each.kind)
def test_no_tokenizer_makes_fewer_tokens_than_the_fewest(sample: Sample) -> None:
    fewest = fewest_tokens(sample.text)
    assert fewest <= min(sample.counts.values())
    if sample.kind.endswith("prose"):
        assert fewest > count_tokens(sample.text) / 2


@claim("tokens:estimate")
@pytest.mark.parametrize(
    "text", ["x" * 8000, " " * 8000, "=" * 8000, ("-" * 80 + "\n") * 99]
)
def test_ruled_lines_may_be_hardly_any_tokens(text: str) -> None:
    assert fewest_tokens(text) < len(text) // 64
