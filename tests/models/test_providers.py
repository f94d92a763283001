"""The table of providers: where each is asked, and what is odd about it on the wire."""

import json
from typing import Any
from urllib.parse import urlsplit

import pytest
from asking import REQUEST, ask, failing, offer_at
from claims import claim
from msgspec.structs import replace
from test_dialects import asked_twice
from wire.server import Say, WireServer

from agentco.adapters.models import parse_reset, wanted_pause
from agentco.company import (
    PROVIDERS,
    ModelOffer,
    ShippedModel,
    Tier,
    TokenRates,
    WireFormat,
    is_allowed_address,
    is_loopback,
    offers_for_tier,
    read_settings,
)
from agentco.kernel import Trouble
from agentco.runs import ChatMessage, MessageRole, ModelRequest, StopReason, ToolCall

DIRECT = {
    "openai": "https://api.openai.com/v1",
    "cerebras": "https://api.cerebras.ai/v1",
    "deepseek": "https://api.deepseek.com/v1",
    "fireworks_ai": "https://api.fireworks.ai/inference/v1",
    "gemini": "https://generativelanguage.googleapis.com/v1beta/openai",
    "groq": "https://api.groq.com/openai/v1",
    "mistral": "https://api.mistral.ai/v1",
    "moonshot": "https://api.moonshot.ai/v1",
    "openrouter": "https://openrouter.ai/api/v1",
    "together_ai": "https://api.together.xyz/v1",
    "xai": "https://api.x.ai/v1",
}
ALSO = {
    "kimi": "moonshot",
    "together": "together_ai",
    "fireworks": "fireworks_ai",
    "google": "gemini",
    "lm_studio": "lmstudio",
}
CALL = ToolCall(id="a", name="Read", arguments="{}")
TALK = (
    *REQUEST.messages,
    ChatMessage(role=MessageRole.ASSISTANT, calls=(CALL,)),
    ChatMessage(role=MessageRole.TOOL, text="VAT: Wednesday", call="a"),
)


def only(text: str, pin: str, **shipped: ShippedModel) -> ModelOffer:
    settings = read_settings(text).require_valid()
    [offer] = offers_for_tier(settings, shipped, tier=Tier.MEDIUM, pin=pin)
    return offer


def offer_of(provider: str, url: str, model: str = "m", **more: Any) -> ModelOffer:
    """A model of a known provider, whose address is the test's server."""
    name = f"{provider}/{model}"
    return offer_at(url, name=name, provider=provider, model=model, **more)


@claim("models:offers")
@pytest.mark.parametrize(("provider", "address"), DIRECT.items())
def test_a_provider_with_a_plain_address_is_asked_there_with_its_usual_key(
    provider: str, address: str
) -> None:
    offer = only("", f"{provider}/some/model")
    assert (offer.wire, offer.api_base) == (WireFormat.OPENAI, address)
    assert offer.api_key_env == f"{provider.removesuffix('_ai').upper()}_API_KEY"
    assert (offer.model, offer.unable, offer.local) == ("some/model", "", False)


@claim("models:offers")
@pytest.mark.parametrize("name", PROVIDERS)
def test_every_entry_of_the_table_can_be_asked(name: str) -> None:
    known = PROVIDERS[name]
    offer = only("", f"{name}/m")
    assert not offer.unable
    assert offer.wire == known.kind
    for address in (known.api_base, *known.addresses.values()):
        assert not address or (is_allowed_address(address) and address[-1] != "/")
    is_local = bool(known.api_base and is_loopback(known.api_base))
    is_keyless = known.kind not in {"openai", "anthropic"}
    assert is_local or known.api_key_env or is_keyless
    assert known.models.startswith("/")
    if known.context:
        assert urlsplit(known.context.path).path.startswith("/")
        assert known.context.field.isidentifier()


@claim("models:offers")
@pytest.mark.parametrize(("also", "name"), ALSO.items())
def test_a_provider_is_known_by_its_other_names_with_the_same_prices(
    also: str, name: str
) -> None:
    price = ShippedModel(rates=TokenRates(input=1, output=2), context=9)
    offer = only("", f"{also}/m", **{f"{name}/m": price})
    usual = only("", f"{name}/m", **{f"{name}/m": price})
    assert (offer.api_base, offer.api_key_env) == (usual.api_base, usual.api_key_env)
    assert (offer.rates, offer.context, offer.name) == (price.rates, 9, f"{also}/m")


@claim("models:offers")
def test_no_two_providers_share_a_name_or_an_address() -> None:
    names = [*PROVIDERS, *(also for known in PROVIDERS.values() for also in known.also)]
    addresses = [known.api_base for known in PROVIDERS.values() if known.api_base]
    assert len(names) == len(set(names))
    assert len(addresses) == len(set(addresses))


@claim("models:offers")
def test_litellm_may_be_chosen_and_uses_its_own_address() -> None:
    offer = only("providers: {groq: {kind: litellm}}", "groq/m")
    assert (offer.wire, offer.api_base) == (WireFormat.LITELLM, "")
    assert offer.api_key_env == "GROQ_API_KEY"


@claim("models:offers")
def test_another_wire_of_a_provider_has_its_own_address() -> None:
    claude = only("providers: {anthropic: {kind: openai}}", "anthropic/m")
    assert claude.api_base == "https://api.anthropic.com/v1"
    deepseek = only("providers: {deepseek: {kind: anthropic}}", "deepseek/m")
    assert deepseek.api_base == "https://api.deepseek.com/anthropic"
    assert deepseek.api_key_env == "DEEPSEEK_API_KEY"
    unknown = only("providers: {groq: {kind: anthropic}}", "groq/m")
    assert unknown.unable


@claim("models:offers")
def test_a_server_described_by_a_known_address_has_that_providers_quirks() -> None:
    address = DIRECT["fireworks_ai"]
    own = only(f"providers: {{w: {{api_base: '{address}', api_key_env: K}}}}", "w/m")
    assert own.quirks == PROVIDERS["fireworks_ai"].quirks
    assert own.api_key_env == "K"


@claim("models:speaks")
@pytest.mark.parametrize(
    ("model", "sent"),
    [
        ("qwen3-8b", "accounts/fireworks/models/qwen3-8b"),
        ("accounts/me/deployments/mine", "accounts/me/deployments/mine"),
    ],
)
def test_fireworks_hears_the_whole_name_of_a_model(
    wire: WireServer, model: str, sent: str
) -> None:
    wire.script({"*": [Say(text="ok")]})
    ask(offer_of("fireworks_ai", wire.url, model))
    assert wire.requests[0].body["model"] == sent


SILENT = (
    'data: {"choices": [{"index": 0, "delta": {"role": "assistant", "tool_calls": [{"id": "c1",'
    ' "function": {"name": "Read", "arguments": "{}"}}]}, "finish_reason": ""}]}\n\n'
)


@claim("models:speaks")
def test_a_call_of_xai_that_ends_without_a_reason_is_a_call(wire: WireServer) -> None:
    wire.script({"m": [Say(body=f"{SILENT}data: [DONE]\n\n")]})
    answer = ask(offer_of("xai", wire.url)).answer
    assert (answer.stop, answer.calls[0].name) == (StopReason.TOOLS, "Read")


@claim("models:whole")
@pytest.mark.parametrize(
    ("provider", "body"), [("xai", SILENT), ("groq", f"{SILENT}data: [DONE]\n\n")]
)
def test_without_the_end_of_the_stream_or_of_others_it_is_none(
    wire: WireServer, provider: str, body: str
) -> None:
    wire.script({"m": [Say(body=body)]})
    assert failing(offer_of(provider, wire.url)).trouble is Trouble.LOST


MISSED = [
    "The `reasoning_content` in the thinking mode must be passed back to the API.",
    "thinking is enabled but reasoning_content is missing in assistant tool call message at index 2",
]


@claim("models:speaks")
@pytest.mark.parametrize("words", MISSED)
def test_a_turn_of_another_model_gets_the_reasoning_that_a_server_misses(
    wire: WireServer, words: str
) -> None:
    follow_up = ChatMessage(role=MessageRole.USER, text="And now?")
    request = replace(REQUEST, messages=(*TALK, follow_up))
    assert asked_twice(wire, words, request).text == "ok"
    first, second = [seen.body["messages"] for seen in wire.requests]
    assert "reasoning_content" not in str(first)
    said = [turn for turn in second if turn["role"] == "assistant"]
    assert [turn["reasoning_content"] for turn in said] == [" ", " "]


@claim("models:speaks")
def test_a_call_of_another_model_gets_the_signature_that_gemini_misses(
    wire: WireServer,
) -> None:
    words = "Function call is missing a thought_signature in functionCall parts."
    assert asked_twice(wire, words, replace(REQUEST, messages=TALK)).text == "ok"
    call = wire.requests[1].body["messages"][2]["tool_calls"][0]
    signature = call["extra_content"]["google"]["thought_signature"]
    assert signature == "skip_thought_signature_validator"


@claim("models:speaks")
def test_what_is_missed_however_often_is_asked_for_once(wire: WireServer) -> None:
    wire.script({"m": [Say(status=400, error=MISSED[0])]})
    failed = failing(offer_at(wire.url), replace(REQUEST, messages=TALK))
    assert failed.trouble is Trouble.REFUSED
    assert wire.bill.requests == 2


SIGNED = ToolCall(
    id="a",
    name="Read",
    arguments="{}",
    echo='{"provider":"workshop","calls":[{"extra_content":{"google":{"thought_signature":"QUJD"}}}]}',
)


@claim("models:speaks")
def test_a_signature_goes_back_also_where_nothing_else_does(wire: WireServer) -> None:
    wire.script({"m": [Say(text="ok")]})
    turn = ChatMessage(role=MessageRole.ASSISTANT, calls=(SIGNED,))
    ask(offer_at(wire.url), replace(REQUEST, messages=(*TALK[:2], turn, TALK[3])))
    call = wire.requests[0].body["messages"][2]["tool_calls"][0]
    assert call["extra_content"] == {"google": {"thought_signature": "QUJD"}}


NESTED = """{"type": "object", "additionalProperties": false, "required": ["items"], "properties": {
  "kind": {"enum": ["a", "b"], "title": "Kind"},
  "items": {"type": "array", "maxItems": 3, "items": {"type": "object", "additionalProperties": false,
    "properties": {"name": {"type": "string", "minLength": 1, "default": "x"}}}}}}"""
PLAIN = {
    "type": "object",
    "required": ["items"],
    "properties": {
        "kind": {"enum": ["a", "b"], "type": "string"},
        "items": {
            "type": "array",
            "items": {"type": "object", "properties": {"name": {"type": "string"}}},
        },
    },
}


@claim("models:speaks")
@pytest.mark.parametrize("kind", [WireFormat.OPENAI, WireFormat.ANTHROPIC])
@pytest.mark.parametrize(
    "words",
    [
        (
            'Invalid JSON payload received. Unknown name "additionalProperties" at'
            " 'tools[0].function_declarations[0].parameters': Cannot find field."
        ),
        "tools.0.custom.input_schema: JSON schema is invalid",
        "Unsupported JSON schema fields: {'maxItems'}",
    ],
)
def test_a_schema_that_is_refused_is_sent_plain(
    wire: WireServer, words: str, kind: WireFormat
) -> None:
    wire.script({"m": [Say(status=400, error=words), Say(text="ok")]})
    tool = replace(REQUEST.tools[0], parameters=NESTED)
    request: ModelRequest = replace(REQUEST, tools=(tool,))
    assert ask(offer_at(wire.url, wire=kind), request).answer.text == "ok"
    [sent] = wire.requests[1].body["tools"]
    schema = sent.get("input_schema") or sent["function"]["parameters"]
    assert schema == PLAIN


@claim("models:refused")
@pytest.mark.parametrize(
    "error",
    [
        (
            '[{"error": {"code": 400, "message": "API key not valid. Please pass a valid API key.",'
            ' "status": "INVALID_ARGUMENT"}}]'
        ),
        '{"code": "Client specified an invalid argument", "error": "Incorrect API key provided: k"}',
    ],
)
def test_a_key_that_a_400_refuses_is_said_to_be_refused(
    wire: WireServer, error: str
) -> None:
    wire.script({"m": [Say(status=400, body=error)]})
    failed = failing(offer_of("gemini", wire.url))
    assert failed.trouble is Trouble.CLOSED
    assert failed.what == "gemini/m refused the key (400)"


@claim("models:refused")
def test_gemini_says_in_its_words_how_long_to_wait(wire: WireServer) -> None:
    detail = (
        '{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "34s"}'
    )
    error = f'[{{"error": {{"code": 429, "message": "Quota", "details": [{detail}]}}}}]'
    wire.script({"m": [Say(status=429, body=error)]})
    failed = failing(offer_of("gemini", wire.url))
    assert (failed.trouble, failed.retry_after) == (Trouble.BUSY, 34.0)


@claim("models:refused")
@pytest.mark.parametrize(
    "raw",
    [
        '"z-ai/glm-5 is rate-limited upstream"',
        '"{\\"error\\": {\\"message\\": \\"z-ai/glm-5 is rate-limited upstream\\"}}"',
    ],
)
def test_a_router_says_what_its_provider_said(wire: WireServer, raw: str) -> None:
    error = (
        '{"error": {"message": "Provider returned error", "code": 429,'
        f' "metadata": {{"raw": {raw}, "provider_name": "BaseTen"}}}}}}'
    )
    wire.script({"m": [Say(status=429, body=error)]})
    failed = failing(offer_of("openrouter", wire.url))
    assert failed.what.endswith("z-ai/glm-5 is rate-limited upstream")


@claim("models:refused")
@pytest.mark.parametrize(
    ("error", "trouble"),
    [
        ('{"message": "Rate limited", "code": 429}', Trouble.BUSY),
        ('{"message": "Failed to call", "code": "tool_use_failed"}', Trouble.BUSY),
        ('{"message": "Something broke", "code": 500}', Trouble.LOST),
    ],
)
def test_an_error_in_place_of_the_first_word_costs_nothing_where_it_says_so(
    wire: WireServer, error: str, trouble: Trouble
) -> None:
    wire.script({"m": [Say(body=f'data: {{"error": {error}, "choices": []}}\n\n')]})
    assert failing(offer_of("openrouter", wire.url)).trouble is trouble


@claim("models:speaks")
@pytest.mark.parametrize(
    ("provider", "model", "written", "tools", "marked"),
    [
        ("openrouter", "anthropic/claude", 1_250_000, 2, True),
        ("openrouter", "anthropic/claude", None, 2, False),
        ("openrouter", "anthropic/claude", 1_250_000, 1, False),
        ("openrouter", "openai/gpt", 1_250_000, 2, False),
        ("groq", "anthropic/claude", 1_250_000, 2, False),
    ],
)
def test_a_model_that_keeps_only_what_is_marked_is_told_to_where_its_price_is_known(
    wire: WireServer,
    provider: str,
    model: str,
    written: int | None,
    tools: int,
    marked: bool,
) -> None:
    wire.script({"*": [Say(text="ok")]})
    rates = TokenRates(input=1_000_000, output=5_000_000, written=written)
    request = replace(REQUEST, tools=REQUEST.tools * tools)
    ask(offer_of(provider, wire.url, model, rates=rates), request)
    mark = wire.requests[0].body.get("cache_control")
    assert mark == ({"type": "ephemeral"} if marked else None)


def tail(usage: str) -> str:
    return f'data: {{"choices": [], {usage}}}\n\ndata: [DONE]\n\n'


COUNT = '"usage": {"prompt_tokens": 900, "completion_tokens": 2, "total_tokens": 902}'
SAID = 'data: {"choices": [{"delta": {"content": "ok"}, "finish_reason": "stop"}]}\n\n'


@claim("models:usage")
@pytest.mark.parametrize(
    "body",
    [
        SAID + tail(f'"x_groq": {{"id": "req_1", {COUNT}}}'),
        f'data: {{"choices": [{{"delta": {{"content": "ok"}}, "finish_reason": "stop", {COUNT}}}]}}\n\n',
        SAID + tail(COUNT),
    ],
)
def test_a_count_is_found_wherever_a_provider_puts_it(
    wire: WireServer, body: str
) -> None:
    wire.script({"m": [Say(body=body)]})
    usage = ask(offer_at(wire.url)).answer.usage
    assert usage
    assert (usage.input, usage.output) == (900, 2)


@claim("models:whole")
@pytest.mark.parametrize(
    "error",
    [
        'error: {"code": 500, "message": "the slot broke"}\n\n',
        'data: {"object": "error", "message": "the slot broke", "code": 500}\n\n',
        'event: error\ndata: {"error": {"message": "the slot broke"}}\n\n',
        'data: {"error": "the slot broke"}\n\n',
    ],
)
def test_an_error_is_told_in_every_form_that_local_servers_have(
    wire: WireServer, error: str
) -> None:
    begun = 'data: {"choices": [{"delta": {"content": "Half a"}}]}\n\n'
    wire.script({"m": [Say(body=begun + error)]})
    failed = failing(offer_at(wire.url))
    assert failed.trouble is Trouble.LOST
    assert "broke off with an error: the slot broke" in failed.what


@claim("models:refused")
@pytest.mark.parametrize(
    ("words", "headers", "seconds"),
    [
        ("Please try again in 5.289s. Visit the console.", {}, 5.289),
        ("Please try again in 6m0s.", {}, 360.0),
        ("Please try again in 20ms.", {}, 0.02),
        ("Please retry after 20 seconds.", {}, 20.0),
        ("Please try again in 1 hour, 2 minutes", {}, 3720.0),
        ("Please try again in 5s", {"retry-after-ms": "1340"}, 1.34),
        ("Please try again in 5s", {"retry-after": "7", "retry-after-ms": "1"}, 7.0),
        ("Please try again later, after 3 more", {}, None),
        ("Slow down", {"retry-after-ms": "250.5"}, 0.2505),
        ("Slow down", {"x-ratelimit-reset-requests": "6m0s"}, 360.0),
        ("Slow down", {"x-ratelimit-reset-tokens": "20ms"}, 0.02),
        ("Slow down", {"x-ratelimit-reset": "90"}, 90.0),
        ("Slow down", {"x-ratelimit-reset": "soon"}, None),
        ("Slow down", {"x-ratelimit-reset": "999999999999"}, 86_400.0),
        (
            "Slow down",
            {"anthropic-ratelimit-requests-reset": "2001-01-01T00:00:00Z"},
            0.0,
        ),
        ("Slow down", {"anthropic-ratelimit-tokens-reset": "1/2/3"}, None),
        (
            "Slow down",
            {
                "x-ratelimit-remaining-requests": "0",
                "x-ratelimit-reset-requests": "7s",
                "x-ratelimit-remaining-tokens": "90",
                "x-ratelimit-reset-tokens": "2s",
            },
            7.0,
        ),
        (
            "Slow down",
            {"x-ratelimit-reset-requests": "7s", "x-ratelimit-reset-tokens": "2s"},
            2.0,
        ),
        ("Please try again in 3s", {"x-ratelimit-reset-tokens": "2s"}, 3.0),
    ],
)
def test_a_busy_server_says_in_a_header_or_in_words_how_long_to_wait(
    wire: WireServer, words: str, headers: dict[str, str], seconds: float | None
) -> None:
    wire.script({"m": [Say(status=429, error=words, headers=headers)]})
    assert failing(offer_at(wire.url)).retry_after == seconds


@claim("models:refused")
@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1800000060000", 60.0),
        ("1800000060", 60.0),
        ("1799999000000", 0.0),
        ("2027-01-15T08:01:00Z", 60.0),
        ("2027-01-15T09:01:00+01:00", 60.0),
        ("1m2.5s", 62.5),
        ("", None),
        ("-5", None),
        ("1s and more", None),
    ],
)
def test_when_a_limit_is_full_again_is_read_in_each_form(
    text: str, seconds: float | None
) -> None:
    assert parse_reset(text, 1_800_000_000.0) == seconds


@claim("models:refused")
def test_a_router_repeats_in_its_error_when_the_limit_is_full_again() -> None:
    body = (
        b'{"error": {"metadata": {"headers": {"X-RateLimit-Reset": "1800000060000"}}}}'
    )
    assert wanted_pause(429, {}, body, 1_800_000_000.0) == 60.0
    # the limits of who is only overloaded say nothing of when it is not
    assert wanted_pause(529, {"x-ratelimit-reset": "90"}, b"", 0.0) is None


BAD_SAMPLES = [
    ("MALFORMED_FUNCTION_CALL", None),
    ("malformed_function_call", None),
    ("UNEXPECTED_TOOL_CALL", None),
    ("function_call_filter: MALFORMED_FUNCTION_CALL", None),
    ("stop", "MALFORMED_FUNCTION_CALL"),
    ("error", "UNEXPECTED_TOOL_CALL"),
]


@claim("models:refused")
@pytest.mark.parametrize(("end", "native"), BAD_SAMPLES)
def test_an_end_at_a_call_that_could_not_be_read_is_worth_another_try_at_once(
    wire: WireServer, end: str, native: str | None
) -> None:
    choice: dict[str, Any] = {
        "delta": {},
        "finish_reason": end,
        "native_finish_reason": native,
    }
    usage = {"prompt_tokens": 40, "completion_tokens": 0}
    event = json.dumps({"choices": [choice], "usage": usage})
    wire.script({"m": [Say(body=f"data: {event}\n\ndata: [DONE]\n\n")]})
    failed = failing(offer_of("openrouter", wire.url))
    assert (failed.trouble, failed.retry_after) == (Trouble.BUSY, 0.0)
    assert failed.counted == (40, 0)
    assert "wrote a tool call that its server cannot read" in failed.what


@claim("models:refused")
def test_a_call_that_the_server_could_not_read_is_worth_another_try_after_thoughts(
    wire: WireServer,
) -> None:
    thought = 'data: {"choices": [{"delta": {"reasoning": "I read."}}]}\n\n'
    error = 'data: {"error": {"message": "no", "code": "tool_use_failed"}}\n\n'
    wire.script({"m": [Say(body=thought + error)]})
    assert failing(offer_of("groq", wire.url)).trouble is Trouble.BUSY


@claim("models:refused")
def test_an_error_after_thoughts_may_be_billed(wire: WireServer) -> None:
    thought = 'data: {"choices": [{"delta": {"reasoning": "I read."}}]}\n\n'
    error = 'data: {"error": {"message": "Rate limited", "code": 429}}\n\n'
    wire.script({"m": [Say(body=thought + error)]})
    assert failing(offer_of("openrouter", wire.url)).trouble is Trouble.LOST
