"""Which models a tier offers, where they may be asked, and what they cost."""

import pytest
from claims import claim
from msgspec.structs import replace

from agentco.adapters.models import shipped_prices
from agentco.company import (
    DEFAULT_CONTEXT,
    ModelOffer,
    ShippedModel,
    Tier,
    TokenRates,
    WireFormat,
    is_allowed_address,
    is_loopback,
    offers_for_tier,
    parse_address,
    read_settings,
)
from agentco.kernel import CompanyBroken

SHIPPED = {
    "openai/big": ShippedModel(
        rates=TokenRates(input=2_000_000, output=8_000_000, cached=500_000),
        context=1_000_000,
    )
}


def offered(
    text: str, tier: Tier = Tier.MEDIUM, pin: str = ""
) -> tuple[ModelOffer, ...]:
    return offers_for_tier(
        read_settings(text).require_valid(), SHIPPED, tier=tier, pin=pin
    )


def only(text: str, pin: str) -> ModelOffer:
    [offer] = offered(text, pin=pin)
    return offer


@claim("models:offers")
def test_a_tier_is_the_founders_list_in_its_order() -> None:
    text = "models: {medium: [openai/big, ollama/qwen3:8b, openai/big], light: [openai/small]}"
    assert [o.name for o in offered(text)] == ["openai/big", "ollama/qwen3:8b"]
    assert [o.name for o in offered(text, Tier.LIGHT)] == ["openai/small"]
    assert offered(text, Tier.HEAVY) == ()
    assert [o.name for o in offered(text, pin="vllm/x")] == ["vllm/x"]


@claim("models:offers")
@pytest.mark.parametrize(
    ("name", "api_base", "key", "local"),
    [
        ("openai/big", "https://api.openai.com/v1", "OPENAI_API_KEY", False),
        ("ollama/qwen3:8b", "http://127.0.0.1:11434/v1", None, True),
        ("lmstudio/org/model", "http://127.0.0.1:1234/v1", None, True),
        ("llamacpp/m", "http://127.0.0.1:8080/v1", None, True),
        ("vllm/m", "http://127.0.0.1:8000/v1", None, True),
    ],
)
def test_known_providers_need_no_settings(
    name: str, api_base: str, key: str | None, local: bool
) -> None:
    offer = only("", name)
    assert (
        offer.api_base,
        offer.api_key_env,
        offer.local,
        offer.wire,
        offer.unable,
    ) == (api_base, key, local, WireFormat.OPENAI, "")
    assert f"{offer.provider}/{offer.model}" == name


@claim("models:offers")
@pytest.mark.parametrize(
    ("text", "name", "key", "api_base"),
    [
        ("", "cohere/command-a", "COHERE_API_KEY", ""),
        ("", "bedrock/anthropic.claude-3-5-sonnet", None, ""),
        ("", "perplexity/sonar:online", "PERPLEXITY_API_KEY", ""),
        (
            "providers: {azure: {api_base: 'https://x.example', api_key_env: K}}",
            "azure/m",
            "K",
            "https://x.example",
        ),
        (
            "providers: {mistral: {kind: litellm, api_base: 'https://x.example'}}",
            "mistral/m",
            None,
            "https://x.example",
        ),
        (
            "providers: {huggingface: {kind: litellm, api_key_env: HF}}",
            "huggingface/org/m",
            "HF",
            "",
        ),
    ],
)
def test_what_is_not_spoken_to_directly_is_asked_through_litellm(
    text: str, name: str, key: str | None, api_base: str
) -> None:
    offer = only(text, name)
    assert (offer.wire, offer.unable, offer.api_key_env, offer.api_base) == (
        WireFormat.LITELLM,
        "",
        key,
        api_base,
    )


@claim("models:offers")
def test_a_provider_of_litellms_may_be_spoken_to_directly_where_the_founder_says_so() -> (
    None
):
    text = "providers: {mistral: {kind: openai, api_base: 'https://api.mistral.example/v1', api_key_env: K}}"
    assert only(text, "mistral/m").wire is WireFormat.OPENAI


@claim("models:offers")
def test_a_server_of_the_founders_has_its_own_address_and_key() -> None:
    text = "providers: {workshop: {kind: openai, api_base: 'https://w.example/v1/', api_key_env: WORKSHOP_KEY}}"
    offer = only(text, "workshop/qwen")
    assert (offer.api_base, offer.api_key_env, offer.local) == (
        "https://w.example/v1",
        "WORKSHOP_KEY",
        False,
    )
    assert offer.rates is None


@claim("models:offers")
@pytest.mark.parametrize(
    ("text", "name", "api_base", "key"),
    [
        ("", "anthropic/big", "https://api.anthropic.com", "ANTHROPIC_API_KEY"),
        (
            "providers: {anthropic: {api_base: 'https://w.example'}}",
            "anthropic/big",
            "https://w.example",
            None,
        ),
        (
            "providers: {w: {kind: anthropic, api_base: 'http://127.0.0.1:1'}}",
            "w/m",
            "http://127.0.0.1:1",
            None,
        ),
    ],
)
def test_anthropics_protocol_is_for_anthropic_and_whoever_is_said_to_speak_it(
    text: str, name: str, api_base: str, key: str | None
) -> None:
    offer = only(text, name)
    assert (offer.wire, offer.api_base, offer.api_key_env, offer.unable) == (
        WireFormat.ANTHROPIC,
        api_base,
        key,
        "",
    )


@claim("models:offers")
def test_anthropics_usual_address_may_be_asked_as_openai_is() -> None:
    assert (
        only("providers: {anthropic: {kind: openai}}", "anthropic/big").wire
        is WireFormat.OPENAI
    )


@claim("models:offers")
def test_a_server_with_an_address_is_taken_to_speak_like_openai() -> None:
    assert only("providers: {w: {api_base: 'https://x.example'}}", "w/m").unable == ""


@claim("models:offers")
def test_a_providers_usual_key_goes_to_its_usual_address_only() -> None:
    moved = "providers: {openai: {api_base: 'https://elsewhere.example/v1'}}"
    named = "providers: {openai: {api_base: 'https://elsewhere.example/v1', api_key_env: OPENAI_API_KEY}}"
    assert only(moved, "openai/big").api_key_env is None
    assert only(named, "openai/big").api_key_env == "OPENAI_API_KEY"


@claim("models:scripted")
def test_a_script_is_named_by_its_path() -> None:
    offer = only("", "scripted/demo/talk.yml")
    assert (offer.wire, offer.model, offer.local) == (
        WireFormat.SCRIPTED,
        "demo/talk.yml",
        True,
    )
    assert offer.rates == TokenRates(input=0, output=0)


@claim("models:unable")
@pytest.mark.parametrize(
    ("text", "name", "words"),
    [
        ("providers: {w: {kind: anthropic}}", "w/m", "describe it under providers"),
        ("", "opnai/big", "unknown provider 'opnai': did you mean 'openai'?"),
        ("", "zzz/big", "describe it under providers in .github/agentco.yml"),
        ("providers: {w: {kind: openai}}", "w/m", "describe it under providers"),
        ("", "gpt-5", "'gpt-5' does not name a model: write provider/model"),
        ("", "openai/", "write provider/model"),
        ("", "scripted/", "write provider/model"),
    ],
)
def test_fault_54_what_cannot_be_spoken_to_says_why(
    text: str, name: str, words: str
) -> None:
    assert words in only(text, name).unable


@claim("models:prices")
@pytest.mark.parametrize(
    ("text", "name", "rates"),
    [
        (
            "",
            "openai/big",
            TokenRates(input=2_000_000, output=8_000_000, cached=500_000),
        ),
        ("", "openai/unheard-of", None),
        (
            "prices: {openai/big: {input: 3, output: 9.5}}",
            "openai/big",
            TokenRates(input=3_000_000, output=9_500_000),
        ),
        (
            "prices: {openai/big: {output: 1}}",
            "openai/big",
            TokenRates(input=2_000_000, output=1_000_000, cached=500_000),
        ),
        ("prices: {openai/new: {output: 1}}", "openai/new", None),
        (
            "prices: {openai/big: {input: 0, output: 0}}",
            "openai/big",
            TokenRates(input=0, output=0),
        ),
        ("", "ollama/m", TokenRates(input=0, output=0)),
        (
            "prices: {ollama/m: {output: 1}}",
            "ollama/m",
            TokenRates(input=0, output=1_000_000),
        ),
        ("providers: {ollama: {api_base: 'https://far.example/v1'}}", "ollama/m", None),
        (
            "models: {local: [openai/mine]}",
            "openai/mine",
            TokenRates(input=0, output=0),
        ),
        (
            "models: {local: [openai/big]}",
            "openai/big",
            TokenRates(input=2_000_000, output=8_000_000, cached=500_000),
        ),
    ],
)
def test_fault_60_the_founders_price_then_the_shipped_then_nothing(
    text: str, name: str, rates: TokenRates | None
) -> None:
    assert only(text, name).rates == rates


@claim("models:prices")
def test_the_shipped_prices_hold_the_current_names_of_openai() -> None:
    prices = shipped_prices()
    assert prices["openai/gpt-4o"].rates == TokenRates(
        input=2_500_000, output=10_000_000, cached=1_250_000
    )
    assert {
        "openai/gpt-6.1-sol",
        "openai/gpt-5-mini",
        "openai/gpt-4.1",
    } <= prices.keys()
    assert all(
        p.context >= 100_000 and p.rates.output >= p.rates.input > 0
        for p in prices.values()
    )


@claim("models:prices")
def test_the_shipped_prices_hold_what_anthropics_cache_and_long_prompts_cost() -> None:
    prices = shipped_prices()
    assert {"anthropic/claude-sonnet-5-5", "anthropic/claude-opus-5-5"} <= prices.keys()
    haiku = prices["anthropic/claude-haiku-5-5"]
    long = TokenRates(input=500_000, output=2_500_000, cached=50_000, written=625_000)
    short = TokenRates(
        input=100_000,
        output=500_000,
        cached=10_000,
        written=125_000,
        long_from=100_000,
        long=long,
    )
    assert (haiku.rates, haiku.context) == (short, 1_000_000)
    written = [p.rates for name, p in prices.items() if name.startswith("anthropic/")]
    assert all(
        rates.written and rates.written * 4 == rates.input * 5 for rates in written
    )


@claim("models:prices")
def test_a_price_of_the_founders_holds_for_long_prompts_too() -> None:
    long = TokenRates(input=4_000_000, output=16_000_000)
    both = TokenRates(
        input=2_000_000,
        output=8_000_000,
        cached=500_000,
        written=2_500_000,
        long_from=9,
        long=long,
    )
    known = {"openai/big": ShippedModel(rates=both, context=1_000_000)}

    def rates(text: str) -> TokenRates | None:
        [offer] = offers_for_tier(
            read_settings(text).require_valid(),
            known,
            tier=Tier.MEDIUM,
            pin="openai/big",
        )
        return offer.rates

    assert rates("") == both
    assert rates("prices: {openai/big: {output: 1}}") == replace(
        both, output=1_000_000, long=replace(long, output=1_000_000)
    )
    assert rates("prices: {openai/big: {input: 1, output: 1}}") == TokenRates(
        input=1_000_000, output=1_000_000
    )


@claim("models:prices")
def test_no_price_is_odd() -> None:
    prices = shipped_prices()
    assert all(
        p.rates.cached is None or p.rates.cached < p.rates.input
        for p in prices.values()
    )


@claim("models:offers")
def test_how_much_a_model_reads_is_shipped_or_taken_as_little() -> None:
    assert only("", "openai/big").context == 1_000_000
    assert only("", "ollama/m").context == DEFAULT_CONTEXT


HERE = [
    "http://127.0.0.1",
    "http://127.0.0.1:8080/v1",
    "http://127.9.8.7/",
    "http://localhost:1234/v1",
    "http://LOCALHOST",
    "http://[::1]:8080/v1",
    "HTTP://127.0.0.1/",
]
FAR = [
    "https://api.openai.com/v1",
    "https://a.b-c.example:8443/x/y",
    "https://10.0.0.1/v1",
]
NEVER = [
    "http://127.0.0.1.evil.example",
    "http://localhost@evil.example",
    "http://127.0.0.1:80@evil.example/",
    "http://localhost.evil.example",
    "http://evil.example#127.0.0.1",
    "http://evil.example/?127.0.0.1",
    "http://evil.example\\@127.0.0.1",
    "http://127.0.0.1\\.evil.example",
    "http://10.0.0.1/v1",
    "http://0.0.0.0:8080",
    "http://2130706433",
    "http://0x7f.1",
    "http://127.1",
    "http://0177.0.0.1",
    "http://[::ffff:10.0.0.1]",
    "http://[::1%25eth0]",
    "http://[::1",
    "http://api.openai.com/v1",
    "http://127.0.0.1:99999/v1",
    "https://api.openai.com:65536",
    "https://api.openai.com:",
    "ftp://127.0.0.1",
    "file:///etc/passwd",
    "//127.0.0.1",
    "127.0.0.1:8080",
    "localhost",
    "https://",
    "https:///v1",
    "https://user:secret@api.example/v1",
    "https://evil.example\n.openai.com",
    " https://api.openai.com",
    "https://api.openai.com\t",
    "https://ａpi.openai.com",
    "http://ⓛocalhost",
    "",
]


@claim("models:addresses")
@pytest.mark.parametrize("url", HERE)
def test_this_machine_is_asked_without_tls(url: str) -> None:
    assert is_loopback(url)
    assert is_allowed_address(url)


@claim("models:addresses")
@pytest.mark.parametrize("url", FAR)
def test_others_are_asked_over_https(url: str) -> None:
    assert not is_loopback(url)
    assert is_allowed_address(url)


@claim("models:addresses")
@pytest.mark.parametrize("url", NEVER)
def test_fault_85_no_spelling_hides_another_machine(url: str) -> None:
    assert not is_loopback(url)
    assert not is_allowed_address(url)
    with pytest.raises(ValueError, match="an https address, or one of this machine"):
        parse_address(url)


@claim("models:addresses")
@pytest.mark.parametrize(
    "url", ["https://a.example/v1?key=1", "https://a.example/#x", "http://127.0.0.1/?"]
)
def test_an_address_has_nothing_behind_its_path(url: str) -> None:
    with pytest.raises(ValueError, match="an https address"):
        parse_address(url)


@claim("models:addresses")
def test_fault_85_the_settings_refuse_it_with_file_and_line() -> None:
    text = "providers:\n  ollama:\n    api_base: http://127.0.0.1.evil.example/v1\n"
    with pytest.raises(CompanyBroken) as caught:
        read_settings(text).require_valid()
    assert caught.value.what == (
        ".github/agentco.yml:3: providers.ollama.api_base: 'http://127.0.0.1.evil.example/v1' is not "
        "an https address, or one of this machine such as http://127.0.0.1:8080/v1"
    )
