"""How long an answer may be and how much a model thinks before it: by the settings, the role, and each wire."""

from pathlib import Path
from typing import Any

import pytest
from asking import REQUEST, ask, failing, offer_at
from claims import claim
from msgspec.structs import replace
from wire.server import Say, WireServer

from agentco.company import (
    ModelOffer,
    Reasoning,
    ShippedModel,
    Tier,
    TokenRates,
    WireFormat,
    offers_for_tier,
    read_settings,
)
from agentco.kernel import Trouble
from agentco.runs import ChatMessage, MessageRole, ModelRequest

ROOT = Path()
LEVELS = [Reasoning.LOW, Reasoning.MEDIUM, Reasoning.HIGH]
LONG = replace(REQUEST, max_tokens=10_000)
OK = Say(text="Done.")
TOO_LONG = [
    "max_tokens is too large: 16000. This model supports at most 4096 completion tokens, whereas you provided 16000.",
    "max_tokens: 16000 > 4096, which is the maximum allowed number of output tokens for m",
    "`max_tokens` must be less than or equal to `4096`, the maximum value for `max_tokens` is less than the window",
    "Invalid max_tokens value, the valid range of max_tokens is [1, 4096]",
    "<400> InternalError.Algo.InvalidParameter: Range of max_tokens should be [1, 4096]",
]


def refused(words: str) -> Say:
    return Say(status=400, kind="invalid_request_error", error=words)


def offered(settings: str, tier: Tier = Tier.MEDIUM, **more: Any) -> ModelOffer:
    shipped = {
        "openai/short": ShippedModel(
            rates=TokenRates(input=1, output=1), context=99, output=4096
        )
    }
    found = read_settings(settings)
    assert not found.diagnostics
    [offer] = offers_for_tier(found.settings, shipped, tier=tier, **more)
    return offer


@claim("models:max-output")
@pytest.mark.parametrize(
    ("settings", "pin", "tier", "own", "longest"),
    [
        ("", "openai/m", Tier.LIGHT, 0, 4_000),
        ("", "openai/m", Tier.MEDIUM, 0, 8_000),
        ("", "openai/m", Tier.HEAVY, 0, 16_000),
        ("", "openai/m", Tier.LOCAL, 0, 4_000),
        ("max_output: {medium: 2000}", "openai/m", Tier.MEDIUM, 0, 2_000),
        ("max_output: {medium: 2000}", "openai/m", Tier.HEAVY, 0, 16_000),
        # an agent's word counts before its tier's
        ("max_output: {medium: 2000}", "openai/m", Tier.MEDIUM, 12_000, 12_000),
        ("", "openai/m", Tier.HEAVY, 500, 500),
        # what a model writes at most counts before both
        ("", "openai/short", Tier.MEDIUM, 0, 4_096),
        ("", "openai/short", Tier.MEDIUM, 12_000, 4_096),
        (
            "model_options: {openai/m: {max_output: 3000}}",
            "openai/m",
            Tier.MEDIUM,
            12_000,
            3_000,
        ),
        (
            "model_options: {openai/m: {max_output: 30000}}",
            "openai/m",
            Tier.LIGHT,
            0,
            30_000,
        ),
        # the founder knows better than a table
        (
            "model_options: {openai/short: {max_output: 9000}}",
            "openai/short",
            Tier.MEDIUM,
            0,
            9_000,
        ),
    ],
)
def test_the_longest_answer_is_the_agents_the_models_or_the_tiers(
    settings: str, pin: str, tier: Tier, own: int, longest: int
) -> None:
    offer = offered(settings, tier, pin=pin, max_output=own)
    assert offer.max_output == longest


@claim("models:reasoning")
def test_an_agents_word_on_reasoning_counts_before_its_models() -> None:
    said = "model_options: {openai/m: {reasoning: off}}"
    assert offered("", pin="openai/m").reasoning is None
    assert offered(said, pin="openai/m").reasoning is Reasoning.OFF
    high = offered(said, pin="openai/m", reasoning=Reasoning.HIGH)
    assert high.reasoning is Reasoning.HIGH


@claim("models:reasoning")
@pytest.mark.parametrize(
    "text",
    [
        "model_options: {openai/m: {reasoning: some}}",
        "model_options: {openai/m: {max_output: 10}}",
        "max_output: {medium: lots}",
        "max_output: {middle: 4000}",
    ],
)
def test_a_wrong_word_is_an_error_that_says_what_is_right(text: str) -> None:
    [mistake] = read_settings(text).diagnostics
    assert mistake.line == 1
    assert any(
        word in mistake.hint for word in ("off, low, medium, high", "256", "medium")
    )


def asked_with(
    provider: str, level: Reasoning | None, *says: Say, request: ModelRequest = LONG
) -> list[dict[str, Any]]:
    """The bodies that a provider of chat completions was sent until it answered."""
    with WireServer({"m": list(says) or [OK]}) as server:
        name = f"{provider}/m"
        offer = offer_at(server.url, name=name, provider=provider, reasoning=level)
        assert ask(offer, request).answer.text == "Done."
        return [seen.body for seen in server.requests]


EFFORT = {"low": {"reasoning_effort": "low"}, "off": {"reasoning_effort": "none"}}
STYLES: dict[str, dict[str, Any]] = {
    "workshop": EFFORT,
    "openai": EFFORT,
    "gemini": EFFORT,
    "ollama": EFFORT,
    "openrouter": {
        "low": {"reasoning": {"effort": "low"}},
        "off": {"reasoning": {"enabled": False}},
    },
    "deepseek": {
        "low": {"thinking": {"type": "enabled"}},
        "off": {"thinking": {"type": "disabled"}},
    },
    "moonshot": {
        "low": {"thinking": {"type": "enabled"}},
        "off": {"thinking": {"type": "disabled"}},
    },
    "dashscope": {
        "low": {"enable_thinking": True, "thinking_budget": 2000},
        "off": {"enable_thinking": False},
    },
    "vllm": {
        "low": {
            "chat_template_kwargs": {"enable_thinking": True, "reasoning_effort": "low"}
        },
        "off": {"chat_template_kwargs": {"enable_thinking": False}},
    },
}
FIELDS = {
    "reasoning_effort",
    "reasoning",
    "thinking",
    "enable_thinking",
    "thinking_budget",
    "chat_template_kwargs",
}


@claim("models:reasoning")
@pytest.mark.parametrize("provider", STYLES)
@pytest.mark.parametrize("level", [Reasoning.LOW, Reasoning.OFF])
def test_each_provider_is_told_in_its_own_words(
    provider: str, level: Reasoning
) -> None:
    [body] = asked_with(provider, level)
    said = {name: body[name] for name in FIELDS & body.keys()}
    assert said == STYLES[provider][level]
    assert body.get("max_tokens", body.get("max_completion_tokens")) == 10_000


@claim("models:reasoning")
@pytest.mark.parametrize("provider", STYLES)
def test_without_a_word_of_the_founders_the_provider_has_its_own_way(
    provider: str,
) -> None:
    [body] = asked_with(provider, None)
    assert not FIELDS & body.keys()


@claim("models:refused")
@pytest.mark.parametrize(
    "words",
    [
        "Unrecognized request argument supplied: reasoning_effort",
        "Model grok-4 does not support parameter reasoningEffort.",
        "Unsupported parameter: 'reasoning_effort' is not supported with this model.",
    ],
)
@pytest.mark.parametrize("level", [*LEVELS, Reasoning.OFF])
def test_a_model_that_takes_no_effort_is_asked_without(
    words: str, level: Reasoning
) -> None:
    first, second = asked_with("workshop", level, refused(words), OK)
    assert "reasoning_effort" in first
    assert not FIELDS & second.keys()


@claim("models:refused")
def test_a_model_that_must_think_thinks_as_little_as_it_may() -> None:
    words = "Unsupported value: 'reasoning_effort' does not support '{}' with this model. Supported values are: 'low', 'medium', and 'high'."
    says = (refused(words.format("none")), refused(words.format("minimal")), OK)
    bodies = asked_with("workshop", Reasoning.OFF, *says)
    sent = [body["reasoning_effort"] for body in bodies]
    assert sent == ["none", "minimal", "low"]


@claim("models:refused")
@pytest.mark.parametrize(
    ("provider", "words"),
    [
        ("openrouter", "unknown field: reasoning"),
        ("deepseek", "Extra inputs are not permitted: thinking"),
        ("dashscope", "parameter.enable_thinking must be set to false"),
        ("vllm", "chat_template is not supported for this tokenizer"),
    ],
)
def test_any_words_for_thinking_that_are_refused_are_left_out(
    provider: str, words: str
) -> None:
    _, second = asked_with(provider, Reasoning.HIGH, refused(words), OK)
    assert not FIELDS & second.keys()


def claude_asked(
    level: Reasoning | None, *says: Say, request: ModelRequest = LONG
) -> list[dict[str, Any]]:
    with WireServer({"m": list(says) or [OK]}) as server:
        offer = offer_at(server.url, wire=WireFormat.ANTHROPIC, reasoning=level)
        assert ask(offer, request).answer.text == "Done."
        return [seen.body for seen in server.requests]


@claim("models:reasoning")
@pytest.mark.parametrize("level", LEVELS)
def test_claude_sees_itself_how_much_within_an_effort(level: Reasoning) -> None:
    [body] = claude_asked(level)
    assert body["output_config"] == {"effort": level}
    assert body["thinking"] == {"type": "adaptive"}


@claim("models:reasoning")
def test_claude_is_told_not_to_think() -> None:
    [body] = claude_asked(Reasoning.OFF)
    assert body["output_config"] == {"effort": "low"}
    assert body["thinking"] == {"type": "disabled"}


@claim("models:reasoning")
@pytest.mark.parametrize(
    ("level", "budget"),
    [(Reasoning.LOW, 2_000), (Reasoning.MEDIUM, 5_000), (Reasoning.HIGH, 8_000)],
)
def test_an_older_claude_gets_a_budget_that_is_a_part_of_its_answer(
    level: Reasoning, budget: int
) -> None:
    words = "adaptive thinking is not supported on this model"
    _, second = claude_asked(level, refused(words), OK)
    assert second["thinking"] == {"type": "enabled", "budget_tokens": budget}
    assert second["max_tokens"] == 10_000


@claim("models:reasoning")
def test_a_budget_for_thoughts_always_leaves_room_for_an_answer() -> None:
    words = "adaptive thinking is not supported on this model"
    says = refused(words), OK
    _, second = claude_asked(Reasoning.HIGH, *says, request=REQUEST)
    assert "thinking" not in second


@claim("models:refused")
def test_a_claude_that_knows_no_thinking_is_asked_without() -> None:
    words = "adaptive thinking is not supported on this model"
    says = refused(words), refused("thinking: Extra inputs are not permitted"), OK
    *_, last = claude_asked(Reasoning.HIGH, *says)
    assert "thinking" not in last
    assert last["output_config"] == {"effort": "high"}


@claim("models:reasoning")
def test_a_tool_that_is_demanded_leaves_no_thinking() -> None:
    [body] = claude_asked(Reasoning.HIGH, request=replace(LONG, must="Read"))
    assert "thinking" not in body


@claim("models:max-output")
@pytest.mark.parametrize("words", TOO_LONG)
@pytest.mark.parametrize("wire", [WireFormat.OPENAI, WireFormat.ANTHROPIC])
def test_a_longer_answer_than_a_model_writes_is_asked_for_once(
    words: str, wire: WireFormat
) -> None:
    with WireServer({"m": [refused(words), OK]}) as server:
        offer = offer_at(server.url, wire=wire)
        ask(offer, replace(REQUEST, max_tokens=16_000))
        sent = [seen.body["max_tokens"] for seen in server.requests]
    assert sent == [16_000, 4_096]


@claim("models:max-output")
def test_a_refusal_of_what_was_not_asked_for_is_a_refusal() -> None:
    with WireServer({"m": [refused(TOO_LONG[0])]}) as server:
        failure = failing(offer_at(server.url), REQUEST)
        assert len(server.requests) == 1
    assert failure.trouble is Trouble.REFUSED


@claim("models:goes-on")
@pytest.mark.parametrize("wire", [WireFormat.OPENAI, WireFormat.ANTHROPIC])
@pytest.mark.parametrize(
    ("begun", "text", "said"),
    [
        ("It is due", " on Friday.", " on Friday."),
        ("It is due", "<think>So.</think>\n\non Friday.", "on Friday."),
        # what stands in a block that is open is an example, and no thought
        ("```xml\n<a>", "</a>\n<think>x</think>\n```", "</a>\n<think>x</think>\n```"),
        ("```xml\n<a/>\n", "```\n<think>x</think>Done.", "```\nDone."),
    ],
)
def test_a_piece_is_read_as_what_it_goes_on_with(
    wire: WireFormat, begun: str, text: str, said: str
) -> None:
    turns = (
        ChatMessage(role=MessageRole.ASSISTANT, text=begun),
        ChatMessage(role=MessageRole.USER, text="Go on."),
    )
    request = replace(REQUEST, messages=(*REQUEST.messages, *turns), begun=begun)
    with WireServer({"m": [Say(text=text)]}) as server:
        answer = ask(offer_at(server.url, wire=wire), request).answer
        [seen] = server.requests
    assert answer.text == said
    assert [turn["role"] for turn in seen.body["messages"]][-2:] == [
        "assistant",
        "user",
    ]
