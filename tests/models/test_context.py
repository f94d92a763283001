"""How much a model reads: by the settings, by what its server says, by a refusal that names it."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from asking import ENV, REQUEST, failing, offer_at
from claims import claim
from wire.server import Say, WireServer

from agentco.adapters.models import ModelClients
from agentco.company import (
    DEFAULT_CONTEXT,
    ModelOffer,
    ShippedModel,
    Tier,
    TokenRates,
    WireFormat,
    offers_for_tier,
    read_settings,
)
from agentco.kernel import Trouble
from agentco.ports import ServedContext

About = dict[str, Any]
ROOT = Path()
OLLAMA: About = {"/api/ps": {"models": [{"name": "m:latest", "context_length": 4096}]}}
OTHERS: About = {"/api/ps": {"models": [{"name": "other", "context_length": 8192}]}}
EMPTY: About = {"/api/ps": {"models": []}}
OLD: About = {"/api/ps": {"models": [{"name": "m", "size": 5137025024}]}}
LLAMACPP: About = {
    "/props?model=m": {
        "default_generation_settings": {"id": 0, "n_ctx": 8192, "params": {"seed": 1}},
        "total_slots": 1,
    }
}
VLLM: About = {
    "/v1/models": {
        "object": "list",
        "data": [
            {"id": "other", "max_model_len": 1},
            {"id": "m", "max_model_len": 2048},
        ],
    }
}
TABBY: About = {
    "/v1/models": {"data": [{"id": "m", "parameters": {"max_seq_len": 16384}}]}
}
KOBOLD: About = {"/api/extra/true_max_context_length": {"value": 12288}}
LM_STUDIO: About = {
    "/api/v0/models": {
        "data": [
            {"id": "m", "max_context_length": 131072, "loaded_context_length": 6144}
        ]
    }
}
NOT_LOADED: About = {
    "/api/v0/models": {"data": [{"id": "m", "max_context_length": 131072}]}
}


def told(
    offer: ModelOffer, *, load: bool = True, times: int = 1
) -> ServedContext | None:
    async def asking() -> ServedContext | None:
        models = ModelClients(ROOT, ENV)
        try:
            found = [
                await models.served_context(offer, load=load) for _ in range(times)
            ]
            assert len({repr(each) for each in found}) == 1
            return found[0]
        finally:
            await models.aclose()

    return asyncio.run(asking())


@claim("models:context")
@pytest.mark.parametrize(
    ("provider", "about", "tokens", "word"),
    [
        ("ollama", OLLAMA, 4096, "OLLAMA_CONTEXT_LENGTH"),
        ("ollama", OLD, 4096, "OLLAMA_CONTEXT_LENGTH"),
        ("llamacpp", LLAMACPP, 8192, "--ctx-size"),
        ("lmstudio", LM_STUDIO, 6144, "lms load m"),
        ("lmstudio", NOT_LOADED, 4096, "lms load m"),
        ("vllm", VLLM, 2048, "--max-model-len"),
        ("sglang", VLLM, 2048, "--context-length"),
        ("koboldcpp", KOBOLD, 12288, "--contextsize"),
        ("tabby", TABBY, 16384, "max_seq_len"),
        ("workshop", OLLAMA, 4096, "OLLAMA_CONTEXT_LENGTH"),
        ("workshop", LLAMACPP, 8192, "--ctx-size"),
        ("workshop", LM_STUDIO, 6144, "lms load"),
        ("workshop", VLLM, 2048, "--max-model-len"),
        ("workshop", KOBOLD, 12288, "--contextsize"),
        ("workshop", TABBY, 16384, "max_seq_len"),
        ("mistral", VLLM, 2048, "--max-model-len"),
    ],
)
@pytest.mark.parametrize("wire_format", [WireFormat.OPENAI, WireFormat.ANTHROPIC])
def test_a_server_of_the_founders_says_what_its_model_reads(
    provider: str,
    about: dict[str, Any],
    tokens: int,
    word: str,
    wire_format: WireFormat,
) -> None:
    with WireServer(about=about) as server:
        offer = offer_at(
            server.url, provider=provider, wire=wire_format, asks_context=True
        )
        found = told(offer)
    assert found
    assert found.tokens == tokens
    assert word in found.setting


@claim("models:context")
@pytest.mark.parametrize("about", [EMPTY, OTHERS])
@pytest.mark.parametrize("provider", ["ollama", "workshop"])
def test_a_model_that_is_not_loaded_is_loaded_to_hear_what_it_reads(
    about: dict[str, Any], provider: str
) -> None:
    with WireServer(about=dict(about), loaded=OLLAMA) as server:
        offer = offer_at(server.url, provider=provider, asks_context=True)
        assert told(offer, load=False) is None
        assert "/api/generate" not in server.looked_at
        assert told(offer) == told(offer, load=False)
        assert server.looked_at.count("/api/generate") == 1


@claim("models:context")
@pytest.mark.parametrize("about", [EMPTY, OTHERS, OLD])
@pytest.mark.parametrize("load", [True, False])
def test_what_a_modelfile_says_is_known_before_the_model_is_loaded(
    about: dict[str, Any], *, load: bool
) -> None:
    shown: About = {
        "/api/show": {
            "parameters": 'stop "<|im_end|>"\nnum_ctx                        12288',
            "model_info": {"qwen2.context_length": 32768},
        }
    }
    with WireServer(about=about | shown) as server:
        found = told(
            offer_at(server.url, provider="ollama", asks_context=True), load=load
        )
        assert "/api/generate" not in server.looked_at
    assert found
    assert found.tokens == 12288


@claim("models:context")
@pytest.mark.parametrize(
    "about",
    [
        {},
        {"/props?model=m": {"n_ctx": "many"}},
        {"/v1/models": {"data": [{"id": "other", "max_model_len": 2048}, "m", None]}},
        {"/v1/models": {"data": {"m": 2048}}},
        {"/api/ps": {"data": [{"id": "m"}]}},
        {"/props?model=m": [8192]},
    ],
)
def test_what_nobody_tells_is_not_known(about: dict[str, Any]) -> None:
    with WireServer(about=about) as server:
        assert told(offer_at(server.url, asks_context=True)) is None
    assert told(offer_at(server.url, asks_context=True)) is None


@claim("models:context")
def test_a_server_is_asked_once_and_only_one_of_the_founders() -> None:
    with WireServer(about=OLLAMA) as server:
        assert told(offer_at(server.url, asks_context=True), times=3)
        assert server.looked_at == ["/api/ps"]
        assert told(offer_at(server.url)) is None
        assert server.looked_at == ["/api/ps"]


def only(text: str, pin: str) -> ModelOffer:
    shipped = {
        name: ShippedModel(rates=TokenRates(input=1, output=1), context=200_000)
        for name in ("ollama/m", "openai/m")
    }
    settings = read_settings(text).require_valid()
    [offer] = offers_for_tier(settings, shipped, tier=Tier.MEDIUM, pin=pin)
    return offer


@claim("models:context")
@pytest.mark.parametrize(
    ("text", "pin", "context", "asks"),
    [
        ("{}", "ollama/m", 200_000, True),
        ("{}", "ollama/other", DEFAULT_CONTEXT, True),
        ("model_options: {ollama/m: {context: 8192}}", "ollama/m", 8192, False),
        ("model_options: {openai/m: {context: 8192}}", "openai/m", 8192, False),
        (
            "model_options: {openai/m: {context: 8192}}",
            "openai/n",
            DEFAULT_CONTEXT,
            False,
        ),
        ("{}", "openai/m", 200_000, False),
        (
            "{providers: {box: {kind: openai, api_base: 'https://box.example/v1'}}, models: {local: [box/m]}}",
            "box/m",
            DEFAULT_CONTEXT,
            True,
        ),
        (
            "providers: {box: {kind: openai, api_base: 'https://box.example/v1'}}",
            "box/m",
            DEFAULT_CONTEXT,
            False,
        ),
        ("{}", "scripted/s.yml", DEFAULT_CONTEXT, False),
    ],
)
def test_the_founders_word_comes_before_the_server_and_that_before_the_table(
    text: str, pin: str, context: int, *, asks: bool
) -> None:
    offer = only(text, pin)
    assert (offer.context, offer.asks_context) == (context, asks)


@claim("models:context")
def test_a_context_that_no_prompt_fits_into_is_a_mistake_of_the_settings() -> None:
    found = read_settings("model_options: {ollama/m: {context: 512}}").diagnostics
    assert [each.line for each in found] == [1]


REFUSALS = [
    (
        (
            "This model's maximum context length is 8192 tokens. However, you requested 10912 tokens"
            " (6912 in the messages, 4000 in the completion)."
        ),
        8192,
        6912,
    ),
    (
        (
            "This endpoint's maximum context length is 8192 tokens. However, you requested about 10912"
            " tokens (6912 of text input, 4000 in the output)."
        ),
        8192,
        6912,
    ),
    (
        (
            "Requested token count exceeds the model's maximum context length of 8192 tokens. You"
            " requested a total of 10912 tokens: 6912 tokens from the input messages and 4000 tokens"
            " for the completion."
        ),
        8192,
        6912,
    ),
    (
        (
            "This model's maximum context length is 4096 tokens. However, your request has 9012 input"
            " tokens. Please reduce the length of the input messages."
        ),
        4096,
        9012,
    ),
    (
        "request (7025 tokens) exceeds the available context size (4096 tokens), try increasing it",
        4096,
        7025,
    ),
    (
        (
            "Trying to keep the first 7025 tokens when context the overflows. However, the model is"
            " loaded with context length of only 4096 tokens, which is not enough."
        ),
        4096,
        7025,
    ),
    ("prompt is too long: 208,310 tokens > 200,000 maximum", 200_000, 208_310),
    (
        (
            "input length and `max_tokens` exceed context limit: 188240 + 21333 > 200000, decrease"
            " input length or `max_tokens` and try again"
        ),
        200_000,
        188_240,
    ),
    (
        "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
        1_048_576,
        1_200_000,
    ),
    (
        (
            "Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum"
            " context length"
        ),
        32_768,
        40_000,
    ),
    (
        "This model's maximum prompt length is 131072 but the request contains 140000 tokens.",
        131_072,
        140_000,
    ),
    (
        (
            "`inputs` tokens + `max_new_tokens` must be <= 8193. Given: 7000 `inputs` tokens and 4000"
            " `max_new_tokens`"
        ),
        8193,
        7000,
    ),
    (
        "too many tokens: total number of tokens in the prompt cannot exceed 4081 - received 5000.",
        4081,
        5000,
    ),
]


@claim("models:context")
@pytest.mark.parametrize(("words", "context", "prompt"), REFUSALS)
def test_a_refusal_says_how_much_the_model_takes(
    words: str, context: int, prompt: int
) -> None:
    with WireServer({"m": [Say(status=400, error=words)]}) as server:
        failure = failing(offer_at(server.url))
        sent = [seen.body["max_tokens"] for seen in server.requests]
    assert failure.trouble is Trouble.REFUSED
    assert failure.context == context
    room = context - prompt
    assert sent == ([500, room] if 256 <= room < 500 else [500])


@claim("models:context")
@pytest.mark.parametrize(
    "words",
    [
        "max_tokens must be at most 8192 for this model",
        "the messages are too long",
        "the input exceeds the context window by 300 tokens",
        "Rate limit: 8192 tokens a minute",
    ],
)
def test_another_number_is_no_context(words: str) -> None:
    with WireServer({"m": [Say(status=400, error=words)]}) as server:
        assert failing(offer_at(server.url)).context == 0


@claim("models:context")
def test_what_a_refusal_said_is_remembered() -> None:
    async def asking(offer: ModelOffer) -> ServedContext | None:
        models = ModelClients(ROOT, ENV)
        try:
            with pytest.raises(Exception, match="too long"):
                await models.ask(offer, REQUEST, lambda _: None)
            return await models.served_context(offer)
        finally:
            await models.aclose()

    words = "prompt is too long: 9000 tokens > 8192 maximum"
    with WireServer({"m": [Say(status=400, error=words)]}) as server:
        found = asyncio.run(asking(offer_at(server.url)))
    assert found == ServedContext(tokens=8192)
