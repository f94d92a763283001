"""What an answer says of its own tokens and its cost, in the words of every provider.

What was thought counts as answered, also where only the total shows it. A count that cannot be is
none: what was reserved is charged then.
"""

from collections.abc import Iterator
from typing import Annotated, Any, cast

import msgspec
from msgspec import Meta, Struct

from agentco.kernel.money import MICROS_PER_USD
from agentco.runs.model_messages import TokenUsage

TokenCount = Annotated[int, Meta(ge=0, le=10_000_000)]
MAX_COST_USD = 1_000.0
"""No single answer costs more; what claims to is no cost."""
_XAI_TICKS_PER_USD = 10_000_000_000
_OTHER_NAMES = {
    "input_tokens": "prompt_tokens",
    "output_tokens": "completion_tokens",
    "input_tokens_details": "prompt_tokens_details",
    "output_tokens_details": "completion_tokens_details",
}
"""Gateways that speak of chats as OpenAI speaks of responses."""


class _PromptDetails(Struct):
    cached_tokens: TokenCount | None = None
    cache_write_tokens: TokenCount | None = None
    cache_creation_tokens: TokenCount | None = None


class _AnswerDetails(Struct):
    reasoning_tokens: TokenCount | None = None
    audio_tokens: TokenCount | None = None
    image_tokens: TokenCount | None = None


class _ChatUsage(Struct):
    """OpenAI's names, beside them those of DeepSeek, Moonshot and Anthropic for the cache."""

    prompt_tokens: TokenCount
    completion_tokens: TokenCount
    total_tokens: TokenCount | None = None
    prompt_tokens_details: _PromptDetails | None = None
    completion_tokens_details: _AnswerDetails | None = None
    prompt_cache_hit_tokens: TokenCount | None = None
    cached_tokens: TokenCount | None = None
    cache_read_input_tokens: TokenCount | None = None
    cache_creation_input_tokens: TokenCount | None = None


class _HourlyWrites(Struct):
    ephemeral_1h_input_tokens: TokenCount = 0


class _ClaudeUsage(Struct):
    input_tokens: TokenCount
    output_tokens: TokenCount
    cache_read_input_tokens: TokenCount = 0
    cache_creation_input_tokens: TokenCount = 0
    cache_creation: _HourlyWrites | None = None


def chat_usage(counts: Any) -> TokenUsage | None:
    """The tokens of a chat completion; None if they are missing, or cannot be."""
    try:
        usage = msgspec.convert(_with_usual_names(counts), _ChatUsage)
    except msgspec.ValidationError:
        return None
    prompt = usage.prompt_tokens_details or _PromptDetails()
    answer = usage.completion_tokens_details or _AnswerDetails()
    cached = _first(
        prompt.cached_tokens,
        usage.prompt_cache_hit_tokens,
        usage.cached_tokens,
        usage.cache_read_input_tokens,
    )
    written = _first(
        prompt.cache_write_tokens,
        prompt.cache_creation_tokens,
        usage.cache_creation_input_tokens,
    )
    sent = usage.prompt_tokens
    if _is_counted_apart(usage, prompt):
        sent += cached + written
    said = max(usage.completion_tokens, (usage.total_tokens or 0) - sent)
    thought = answer.reasoning_tokens or 0
    if thought > said:
        said += thought
    media = (answer.audio_tokens or 0) + (answer.image_tokens or 0)
    return TokenUsage(
        input=sent, output=said, cached=cached, written=written, media=min(media, said)
    )


def claude_usage(counts: Any) -> TokenUsage | None:
    """The tokens of a message of Anthropic's; None if they are missing, or cannot be."""
    try:
        usage = msgspec.convert(counts, _ClaudeUsage)
    except msgspec.ValidationError:
        return None
    cached = usage.cache_read_input_tokens
    written = usage.cache_creation_input_tokens
    hourly = usage.cache_creation or _HourlyWrites()
    return TokenUsage(
        input=usage.input_tokens + cached + written,
        output=usage.output_tokens,
        cached=cached,
        written=written,
        kept=min(hourly.ephemeral_1h_input_tokens, written),
    )


def stated_cost(counts: Any) -> int | None:
    """What an answer says it cost, in micro-dollars; None where it says nothing of it."""
    if not isinstance(counts, dict):
        return None
    amounts = list(_stated_amounts(cast("dict[str, Any]", counts)))
    usd = sum(amounts)
    return round(usd * MICROS_PER_USD) if amounts and usd <= MAX_COST_USD else None


def _stated_amounts(counts: dict[str, Any]) -> Iterator[float]:
    """The parts of a cost in dollars, as OpenRouter, Perplexity, DeepInfra and xAI tell it."""
    cost = counts.get("cost")
    if isinstance(cost, dict):
        cost = cast("dict[str, Any]", cost).get("total_cost")
    details = counts.get("cost_details")
    if counts.get("is_byok") and isinstance(details, dict):
        # with a key of the founder's own the provider bills beside the router
        yield from _amount(
            cast("dict[str, Any]", details).get("upstream_inference_cost")
        )
    ticks = counts.get("cost_in_usd_ticks")
    if isinstance(ticks, int) and ticks > 0:
        yield ticks / _XAI_TICKS_PER_USD
    else:
        yield from _amount(counts.get("estimated_cost") if cost is None else cost)


def _amount(value: Any) -> Iterator[float]:
    if isinstance(value, int | float) and not isinstance(value, bool) and value >= 0:
        yield float(value)


def _with_usual_names(counts: Any) -> Any:
    fields = cast("dict[str, Any]", counts) if isinstance(counts, dict) else {}
    if "prompt_tokens" in fields:
        return fields
    return {_OTHER_NAMES.get(name, name): value for name, value in fields.items()}


def _is_counted_apart(usage: _ChatUsage, prompt: _PromptDetails) -> bool:
    """Whether the cache is counted beside the prompt, as Anthropic does under its own names."""
    if prompt.cached_tokens is not None:
        return False
    apart = _first(usage.cache_read_input_tokens) + _first(
        usage.cache_creation_input_tokens
    )
    return apart > usage.prompt_tokens


def _first(*counts: int | None) -> int:
    """The first count that says anything, else 0."""
    return next((count for count in counts if count), 0)
